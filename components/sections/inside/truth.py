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
    """What the section is made of. plots: those of a sentence, then those of languages."""

    statement: gr.Textbox
    languages: gr.Dropdown
    probe: gr.Dropdown
    job: JobPanel
    said: gr.Markdown
    plots: tuple[TitledPlot, ...]


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
        return Widgets(
            statement,
            languages,
            probe,
            job,
            said,
            tuple(titled_plot(f"truth-{name}", getattr(words, key)) for name, key in PLOTS),
        )

    def connect(self, opening: Opening) -> None:
        """Two buttons, a job each."""
        ours, context = self.widgets, self.context
        values = {*context.form.inputs, context.shown, ours.statement, ours.languages, ours.probe}
        shown = [*ours.job.shown, ours.said, *(one for part in ours.plots for one in widgets(part))]
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
            drawn = [
                described(_spec(OneStatement, "statement_blocks"), blocks),
                described(_spec(OneStatement, "statement_accuracy"), blocks[~blocks["model"].eq(words.TRUTH_MODELS["old"])]),
            ]
            return {
                ours.said: said(tables["statement_blocks"], result.found.facts["knobs"]["statement"]),
                **_shown(ours.plots[:2], drawn),
            }
        apart = tables["truth_separability"]
        apart = apart[apart["kind"] == "standardised"]
        transfer = tables["truth_transfer"]
        models = list(dict.fromkeys(apart["model"]))
        by_block, between = _spec(Languages, "truth_separability"), _spec(Languages, "truth_transfer")
        across = transfer.rename(columns={"trained_on": "found_in", "tested_on": "on"})
        between = dataclasses.replace(between, x="on", y="found_in")
        drawn = [
            described(dataclasses.replace(by_block, value="separability"), apart[apart["model"] == model]) for model in models
        ]
        drawn += [described(between, across[across["model"] == model]) for model in models]
        told = words.TRUTH_COMPARED.format(run=models[-1], block=words.number(int(transfer["block"].iloc[0]) + 1))
        return {ours.said: told, **_shown(ours.plots[2:], drawn)}


def named(blocks: pd.DataFrame) -> pd.DataFrame:
    """Models by their names on the page, blocks counted from 1 as elsewhere on it."""
    dense, pruned, old = dict.fromkeys(blocks["model"])
    names = {dense: words.TRUTH_MODELS["dense"], pruned: pruned, old: words.TRUTH_MODELS["old"]}
    return blocks.assign(model=blocks["model"].map(names), block=blocks["block"] + 1)


def said(blocks: pd.DataFrame, statement: str) -> str:
    """What the block that is right most often says, dense and pruned."""
    dense, pruned, old = dict.fromkeys(blocks["model"])
    best = int(blocks[blocks["model"] == dense].set_index("block")["accuracy"].idxmax())
    at = blocks[blocks["block"] == best].set_index("model")
    verdict = {True: words.TRUTH_TRUE, False: words.TRUTH_FALSE}
    return words.TRUTH_SAID.format(
        statement=statement, block=words.number(best + 1), run=pruned, dense=verdict[bool(at.loc[dense, "true"])],
        dense_right=words.percent(float(at.loc[dense, "accuracy"])), pruned=verdict[bool(at.loc[pruned, "true"])],
        pruned_right=words.percent(float(at.loc[pruned, "accuracy"])), old=verdict[bool(at.loc[old, "true"])],
    )  # fmt: skip


def _shown(plots: tuple[TitledPlot, ...], drawn: list[Any]) -> Updates:
    return {widget: update for plot, figure in zip(plots, drawn, strict=True) for widget, update in plot.show(figure).items()}


def _languages() -> list[tuple[str, str]]:
    return language_choices(lists("statements"))


def _spec(study: type[Study], name: str) -> TableSpec:
    return next(spec for spec in study.tables if spec.name == name)
