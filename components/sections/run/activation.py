"""What the languages do inside the model."""

import dataclasses
from typing import Any

import gradio as gr

from components import figures
from components.i18n import words
from components.report import tables
from components.widgets.inputs import FigureAndTable, figure_and_table
from mwanda_core.store.report import RunReport


@dataclasses.dataclass(frozen=True)
class ActivationTab:
    """Widgets of the tab."""

    kind: gr.Dropdown
    measure: gr.Radio
    help: gr.Markdown
    variance: FigureAndTable
    similarity: FigureAndTable


def draw() -> ActivationTab:
    """Draw the tab where the caller stands."""
    gr.Markdown(words.ACTIVATION_HEADING)
    with gr.Row():
        kind = gr.Dropdown(
            [(words.KIND_ALL, figures.ALL_INPUTS)], value=figures.ALL_INPUTS, label=words.KIND, elem_id="kind", min_width=240
        )
        measure = gr.Radio(
            [(text, name) for name, text in words.MEASURES.items()],
            value="deviation",
            label=words.MEASURE,
            elem_id="measure",
            min_width=240,
        )
    help = gr.Markdown(words.ACTIVATION_HELP)
    variance = figure_and_table("variance", words.ACTIVATION_HEADING.strip("# "))
    gr.Markdown(f"{words.SIMILARITY_HEADING}\n{words.SIMILARITY_HELP}")
    similarity = figure_and_table("similarity", words.TABLE_TITLES["similarity"])
    return ActivationTab(kind, measure, help, variance, similarity)


def show(tab: ActivationTab, report: RunReport, files: dict[str, str]) -> dict[Any, Any]:
    """The tab's contents for a report; the kind of input goes back to all of them."""
    kinds = [(words.KIND_ALL, figures.ALL_INPUTS), *((name, name) for name in figures.inputs(report))]
    return {
        tab.kind: gr.update(choices=kinds, value=figures.ALL_INPUTS),
        tab.measure: "deviation",
        **change(tab, report, figures.ALL_INPUTS, "deviation"),
        tab.variance.download: gr.update(value=files["activations"], interactive=True),
        tab.similarity.plot: figures.similarity_matrix(report),
        tab.similarity.table: tables.similarity(report),
        tab.similarity.download: gr.update(value=files["similarity"], interactive=True),
    }


def change(tab: ActivationTab, report: RunReport, kind: str | None, measure: str) -> dict[Any, Any]:
    """Another kind of input or another measure."""
    kind = kind or figures.ALL_INPUTS
    return {
        tab.help: words.ACTIVATION_HELP if measure == "deviation" else words.RMS_HELP,
        tab.variance.plot: figures.variance_heatmap(report, kind, measure),
        tab.variance.table: tables.activations(figures.selected(report, kind)),
    }
