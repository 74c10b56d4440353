"""Does it still know what is true? A sentence asked of probes in every block, dense and pruned; and where languages tell true from false."""

import dataclasses
import functools
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
import pandas as pd

from components.context import UNCHECKED, Opening, Section, Updates
from components.figures import described
from components.form.choices import language_choices
from components.i18n import words
from components.jobs.panel import JobPanel, two_acts
from components.jobs.study import StudyAsked
from components.sections.inside import asking
from components.sections.inside.asking import labelled
from components.widgets.inputs import TitledPlot, titled_plot, widgets
from mwanda_core.corpora.words import words as lists
from mwanda_core.studies import Study
from mwanda_core.studies.base import TableSpec
from mwanda_core.studies.truth.statement import OneStatement
from mwanda_core.studies.truth.study import PROBES, RUN, Truth as Languages

START = ("en", "de", "es", "zh")
TOPICS = "capitals,words"
DEALS = 3
PLOTS = (
    ("leaning", "TRUTH_LEANING"), ("accuracy", "TRUTH_ACCURACY"), ("dense-blocks", "TRUTH_BLOCKS_DENSE"), ("pruned-blocks", "TRUTH_BLOCKS_PRUNED"),
    ("dense-transfer", "TRUTH_TRANSFER_DENSE"), ("pruned-transfer", "TRUTH_TRANSFER_PRUNED"),
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Widgets:
    """What the section is made of: what is said of a sentence with its figures, then of languages with theirs."""

    statement: gr.Textbox
    languages: gr.Dropdown
    probe: gr.Dropdown
    job: JobPanel
    said: gr.Markdown
    sentence: tuple[TitledPlot, ...]
    compared: gr.Markdown
    between: tuple[TitledPlot, ...]


class Truth(Section):
    """A sentence by block, and languages against each other."""

    id, title = "truth", "TAB_TRUTH"
    widgets: Widgets

    @classmethod
    def draw(cls) -> Widgets:
        """Draw the section where the caller stands."""
        gr.Markdown(words.TRUTH_HELP)
        statement = gr.Textbox(
            OneStatement.statement,
            label=words.TRUTH_STATEMENT,
            info=words.TRUTH_STATEMENT_INFO,
            max_lines=3,
            elem_id="truth-statement",
        )
        with gr.Row():
            languages = gr.Dropdown(
                _languages(),
                value=list(START),
                multiselect=True,
                label=words.TRUTH_LANGUAGES,
                elem_id="truth-languages",
                min_width=260,
            )
            probe = gr.Dropdown(
                [(words.PROBES[name], name) for name in PROBES],
                value="ttpd",
                label=words.TRUTH_PROBE,
                elem_id="truth-probe",
                min_width=220,
            )
        job = two_acts("truth", words.TRUTH_ASK, words.TRUTH_COMPARE)
        said = gr.Markdown(elem_id="truth-said")
        sentence = _plots(PLOTS[:2])
        compared = gr.Markdown(elem_id="truth-compared")
        between = _plots(PLOTS[2:])
        return Widgets(statement, languages, probe, job, said, sentence, compared, between)

    def connect(self, opening: Opening) -> None:
        """Two buttons, a job each."""
        ours, context = self.widgets, self.context
        values = {*context.form.inputs, context.shown, ours.statement, ours.languages, ours.probe}
        shown = [
            *ours.job.shown,
            ours.said,
            ours.compared,
            *(one for part in (*ours.sentence, *ours.between) for one in widgets(part)),
        ]
        for button, study in zip(ours.job.starts, (self.sentence, self.comparison), strict=True):
            button.click(functools.partial(self.start, study), values, ours.job.outputs, **UNCHECKED).then(
                self.follow, ours.job.job, shown, concurrency_limit=None, **UNCHECKED
            )
        ours.job.cancel.click(lambda job: ours.job.stop(context.compute, job), ours.job.job, ours.job.cancel, **UNCHECKED)
        context.redrawn.menus.append(
            ([ours.languages], lambda given: {ours.languages: gr.update(choices=_languages(), value=given[ours.languages])})
        )

    def sentence(self, values: Updates) -> Study:
        """The study of one sentence."""
        ours = self.widgets
        codes = ",".join(values[ours.languages] or ())
        return OneStatement(
            statement=str(values[ours.statement] or ""), languages=codes, topics=TOPICS, probe=str(values[ours.probe])
        )

    def comparison(self, values: Updates) -> Study:
        """The study of languages: the probe of the menu across them, and a logistic one that chooses the block."""
        ours = self.widgets
        probes = ",".join(dict.fromkeys(("logistic", str(values[ours.probe]))))
        codes = ",".join(values[ours.languages] or ())
        return Languages(languages=codes, topics=TOPICS, methods=RUN, probes=probes, resamples=DEALS)

    def start(self, study: Any, values: Updates) -> Updates:
        """Ask the run shown."""
        return self.widgets.job.begin(self.context.compute, lambda: asking.request(self.context, study(values), values))

    async def follow(self, job: str) -> AsyncIterator[Updates]:
        """Until the job ends; then what was found."""
        async for updates in self.widgets.job.follow(self.context.compute, job, self.show):
            yield updates

    def show(self, result: StudyAsked) -> Updates:
        """Figures of what was asked; those of the other question stay."""
        ours, tables = self.widgets, result.found.tables
        if result.name == OneStatement.name:
            blocks = named(tables["statement_blocks"])
            leaning = described(_spec(OneStatement, "statement_blocks"), blocks)
            right = described(_spec(OneStatement, "statement_accuracy"), blocks[blocks["model"] != words.TRUTH_MODELS["old"]])
            drawn = [
                labelled(leaning, words.AXIS_BLOCK, words.INSIDE_LEANING), labelled(right, words.AXIS_BLOCK, words.INSIDE_RIGHT),
            ]  # fmt: skip
            told = said(tables["statement_blocks"], result.found.facts["knobs"]["statement"])
            return {ours.said: told, **_shown(ours.sentence, drawn)}
        apart, between = tables["truth_separability"], tables["truth_transfer"]
        # Averaged over topics and polarities by the figure; on one scale, so that both models compare.
        by = apart[apart["kind"] == "standardised"].groupby(["model", "language", "block"], sort=False)
        apart = by["separability"].mean().reset_index()
        between = between.rename(columns={"trained_on": "found_in", "tested_on": "on"})
        models, most = list(dict.fromkeys(apart["model"])), float(apart["separability"].max())
        by_block = dataclasses.replace(_spec(Languages, "truth_separability"), value="separability")
        across = dataclasses.replace(_spec(Languages, "truth_transfer"), x="on", y="found_in")
        drawn = [
            labelled(
                described(by_block, apart[apart["model"] == model]),
                words.AXIS_BLOCK,
                words.AXIS_LANGUAGE,
                words.INSIDE_APART,
                0.0,
                most,
            )
            for model in models
        ]
        drawn += [
            labelled(
                described(across, between[between["model"] == model]),
                words.INSIDE_ASKED,
                words.INSIDE_FOUND,
                words.INSIDE_RIGHT,
                0.0,
                1.0,
            )
            for model in models
        ]
        told = words.TRUTH_COMPARED.format(run=models[-1], block=words.number(int(between["block"].iloc[0])))
        return {ours.compared: told, **_shown(ours.between, drawn)}


def named(blocks: pd.DataFrame) -> pd.DataFrame:
    """Models by their names on the page."""
    dense, pruned, old = dict.fromkeys(blocks["model"])
    names = {dense: words.TRUTH_MODELS["dense"], pruned: pruned, old: words.TRUTH_MODELS["old"]}
    return blocks.assign(model=blocks["model"].map(names))


def said(blocks: pd.DataFrame, statement: str) -> str:
    """What the block that is right most often says, dense and pruned."""
    dense, pruned, old = dict.fromkeys(blocks["model"])
    best = int(blocks[blocks["model"] == dense].set_index("block")["accuracy"].idxmax())
    at = blocks[blocks["block"] == best].set_index("model")
    verdict = {True: words.TRUTH_TRUE, False: words.TRUTH_FALSE}
    return words.TRUTH_SAID.format(
        statement=statement, block=words.number(best), run=pruned, dense=verdict[bool(at.loc[dense, "true"])],
        dense_right=words.percent(float(at.loc[dense, "accuracy"])), pruned=verdict[bool(at.loc[pruned, "true"])],
        pruned_right=words.percent(float(at.loc[pruned, "accuracy"])), old=verdict[bool(at.loc[old, "true"])],
    )  # fmt: skip


def _shown(plots: tuple[TitledPlot, ...], drawn: list[Any]) -> Updates:
    return {widget: update for plot, figure in zip(plots, drawn, strict=True) for widget, update in plot.show(figure).items()}


def _plots(named: tuple[tuple[str, str], ...]) -> tuple[TitledPlot, ...]:
    return tuple(titled_plot(f"truth-{name}", getattr(words, key)) for name, key in named)


def _languages() -> list[tuple[str, str]]:
    return language_choices(lists("statements"))


def _spec(study: type[Study], name: str) -> TableSpec:
    return next(spec for spec in study.tables if spec.name == name)
