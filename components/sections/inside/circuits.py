"""Which part of the model does a small task in each language, by size, and what the run shown did to it."""

import dataclasses
from collections.abc import AsyncIterator, Mapping
from typing import Any

import gradio as gr
import pandas as pd

from components.context import LATEST, UNCHECKED, Opening, Section, Updates
from components.figures import described
from components.form.choices import language_choices
from components.i18n import words
from components.i18n.names import language_name
from components.jobs.panel import JobPanel, buttons
from components.jobs.study import StudyAsked
from components.sections.inside import asking
from components.sections.inside.asking import labelled
from components.widgets.inputs import FigureAndTable, TitledPlot, figure_and_table, filled, titled_plot, widgets
from mwanda_core.corpora.words import words as lists
from mwanda_core.studies.base import TableSpec
from mwanda_core.studies.circuits.study import KEPT, LISTS, LOST, UNABLE, Circuits as Study
from mwanda_core.studies.options import shares_in

START = ("en", "de", "es", "zh")
PROMPTS = 12
METHODS = ("attnlrp", "wanda", "random")
"""Relevance, which the circuits are, beside two that need no gradient."""
TABLES = ("sizes", "curve")
"""What the slider reads."""


@dataclasses.dataclass(frozen=True)
class Widgets:
    """What the section is made of. found: the tables that the slider reads."""

    task: gr.Dropdown
    part: gr.Radio
    languages: gr.Dropdown
    prompts: gr.Slider
    job: JobPanel
    said: gr.Markdown
    after: gr.Column
    pruned: FigureAndTable
    share: gr.Slider
    blocks: TitledPlot
    ways: TitledPlot
    application: TitledPlot
    overlap: TitledPlot
    found: gr.State


class Circuits(Section):
    """Circuits of the dense model, and of the run shown."""

    id, title = "circuits", "TAB_CIRCUITS"
    widgets: Widgets

    @classmethod
    def draw(cls) -> Widgets:
        """Draw the section where the caller stands."""
        gr.Markdown(words.CIRCUITS_HELP)
        with gr.Row():
            task = gr.Dropdown(
                [(words.CIRCUIT_TASKS[name], name) for name in LISTS], value="giving", label=words.CIRCUITS_TASK, elem_id="circuits-task",
                min_width=220,
            )  # fmt: skip
            part = gr.Radio(
                [(name, key) for key, name in words.CIRCUIT_PARTS.items()], value="neurons", label=words.CIRCUITS_PART, elem_id="circuits-part",
                min_width=220,
            )  # fmt: skip
        languages = gr.Dropdown(
            _languages("giving"),
            value=list(START),
            multiselect=True,
            label=words.CIRCUITS_LANGUAGES,
            elem_id="circuits-languages",
        )
        prompts = gr.Slider(4, 64, value=PROMPTS, step=4, label=words.CIRCUITS_PROMPTS, elem_id="circuits-prompts")
        job = buttons("circuits", words.CIRCUITS_START, cancelled="TAKE_CANCELLED", log=words.LOG)
        said = gr.Markdown(elem_id="circuits-said")
        with gr.Column(visible=False, elem_id="circuits-after") as after:
            pruned = figure_and_table("circuits-pruned", words.CIRCUITS_PRUNED)
            share = gr.Slider(
                1, 50, value=5, step=1, label=words.CIRCUITS_SHARE, info=words.CIRCUITS_SHARE_INFO, elem_id="circuits-share"
            )
        blocks, ways, application, overlap = (titled_plot(f"circuits-{name}", getattr(words, key)) for name, key in (
            ("blocks", "CIRCUITS_BLOCKS"), ("ways", "CIRCUITS_WAYS"), ("application", "CIRCUITS_APPLICATION"), ("overlap", "CIRCUITS_OVERLAP"),
        ))  # fmt: skip
        return Widgets(
            task, part, languages, prompts, job, said, after, pruned, share, blocks, ways, application, overlap, gr.State(None)
        )

    def connect(self, opening: Opening) -> None:
        """A job, the slider, and the languages that a task has."""
        ours, context = self.widgets, self.context
        values = {*context.form.inputs, context.shown, ours.task, ours.part, ours.languages, ours.prompts, ours.share}
        results = [ours.said, ours.after, *widgets(ours.pruned), ours.found]
        plots = [one for part in (ours.blocks, ours.ways, ours.application, ours.overlap) for one in widgets(part)]
        ours.job.starts[0].click(self.start, values, ours.job.outputs, **UNCHECKED).then(
            self.follow, [ours.job.job, ours.share], [*ours.job.shown, *results, *plots], concurrency_limit=None, **UNCHECKED
        )
        ours.job.cancel.click(lambda job: ours.job.stop(context.compute, job), ours.job.job, ours.job.cancel, **UNCHECKED)
        by_size = [*widgets(ours.blocks), *widgets(ours.ways)]
        ours.share.change(self.resize, [ours.found, ours.share], by_size, **{**UNCHECKED, **LATEST})
        ours.task.input(self.choose, [ours.task, ours.languages], ours.languages, **UNCHECKED)
        context.redrawn.menus.append(
            ([ours.task, ours.languages], lambda given: self.choose(given[ours.task], given[ours.languages]))
        )

    def choose(self, task: str, given: list[str]) -> Updates:
        """Another task: its languages."""
        known = _languages(task)
        return {
            self.widgets.languages: gr.update(
                choices=known, value=[code for code in given or () if code in {c for _, c in known}]
            )
        }

    def start(self, values: Updates) -> Updates:
        """Look for circuits, and ask the run shown."""
        ours = self.widgets

        def request() -> dict[str, Any]:
            wanted = Study(
                tasks=str(values[ours.task]), languages=",".join(values[ours.languages] or ()), methods=",".join(METHODS),
                prompts=int(values[ours.prompts]), part=str(values[ours.part]),
            )  # fmt: skip
            return asking.request(self.context, wanted, values)

        return ours.job.begin(self.context.compute, request)

    async def follow(self, job: str, percent: float) -> AsyncIterator[Updates]:
        """Until the job ends; then what was found."""
        async for updates in self.widgets.job.follow(self.context.compute, job, lambda result: self.show(result, percent)):
            yield updates

    def show(self, result: StudyAsked, percent: float) -> Updates:
        """What became of the task in each language, and the circuits."""
        ours, tables = self.widgets, {name.removeprefix("circuits_"): table for name, table in result.found.tables.items()}
        found = {name: tables[name] for name in TABLES}
        accuracy = tables["pruned"].melt(["language"], ["dense_accuracy", "accuracy", "alone"], "run", "share")
        accuracy["run"] = accuracy["run"].map(words.CIRCUIT_MODELS)
        models = dataclasses.replace(_spec("pruned"), x="language", value="share", group="run")
        drawn = labelled(described(models, accuracy), words.AXIS_LANGUAGE, words.INSIDE_RIGHT)
        applied = described(_spec("application"), _named(tables["application"]))
        shared = described(_spec("overlap"), tables["overlap"])
        file = self.context.scratch.csv("circuits-pruned", tables["pruned"])
        return {
            ours.said: said(tables["pruned"]),
            ours.after: gr.update(visible=True),
            **filled(ours.pruned, drawn, readable(tables["pruned"]), file),
            ours.found: found,
            **ours.application.show(labelled(applied, words.INSIDE_ASKED, words.INSIDE_FOUND, words.INSIDE_RIGHT, 0.0, 1.0)),
            **ours.overlap.show(labelled(shared, words.AXIS_LANGUAGE, words.AXIS_OTHER, words.INSIDE_SHARE)),
            **self.resize(found, percent),
        }

    def resize(self, found: Mapping[str, pd.DataFrame] | None, percent: float) -> Updates:
        """The figures at the measured size that is nearest to the slider's."""
        ours = self.widgets
        if not found:
            return {**ours.blocks.show(None), **ours.ways.show(None)}
        at = {name: table[table["kept"] == nearest(percent / 100)] for name, table in found.items()}
        by_way = dataclasses.replace(_spec("curve"), drawn="bars", x="language", value="accuracy", group="method")
        ways = described(by_way, at["curve"].assign(method=at["curve"]["method"].map(words.CIRCUIT_WAYS)))
        blocks = labelled(described(_spec("blocks"), at["sizes"]), words.AXIS_BLOCK, words.AXIS_LANGUAGE, words.INSIDE_SHARE)
        return {**ours.blocks.show(blocks), **ours.ways.show(labelled(ways, words.AXIS_LANGUAGE, words.INSIDE_RIGHT))}


def nearest(share: float) -> float:
    """The size, of those that are measured, that a share is nearest to on a scale of ratios."""
    return min(shares_in(Study.shares), key=lambda one: max(one / share, share / one))


def said(pruned: pd.DataFrame) -> str:
    """Where the task is lost, where it is still done, and where the dense model cannot do it."""

    def listed(verdict: str) -> str:
        rows = pruned[pruned["verdict"] == verdict].to_dict(orient="records")
        return words.listed([
            words.CIRCUITS_FELL.format(
                name=language_name(row["language"]), before=words.percent(row["dense_accuracy"]), after=words.percent(row["accuracy"])
            )
            for row in rows
        ])  # fmt: skip

    verdicts = ((LOST, words.CIRCUITS_LOST), (KEPT, words.CIRCUITS_KEPT), (UNABLE, words.CIRCUITS_UNABLE))
    told = [template.format(names=listed(verdict)) for verdict, template in verdicts if (pruned["verdict"] == verdict).any()]
    return "\n".join([f"**{pruned['run'].iloc[0]}**\n", *(f"- {sentence}" for sentence in told)])


def readable(pruned: pd.DataFrame) -> pd.DataFrame:
    """The table under the visitor's headings."""
    shown = pruned[list(words.CIRCUIT_COLUMNS)].copy()
    shown["language"] = [language_name(str(code)) for code in shown["language"]]
    shown["verdict"] = shown["verdict"].map(words.CIRCUIT_VERDICTS)
    for column in shown.select_dtypes("float"):
        shown[column] = shown[column].map(lambda value: round(value, 3))
    return shown.rename(columns=words.CIRCUIT_COLUMNS)


def _named(application: pd.DataFrame) -> pd.DataFrame:
    """Controls by their names on the page. Complements are drawn apart, in the table of the study."""
    rows = application[~application["found_in"].str.startswith("without ")]
    return rows.assign(found_in=rows["found_in"].replace("random", words.CIRCUIT_WAYS["random"]))


def _languages(task: str) -> list[tuple[str, str]]:
    return language_choices(lists(LISTS[task]))


def _spec(name: str) -> TableSpec:
    return next(spec for spec in Study.tables if spec.name == f"circuits_{name}")
