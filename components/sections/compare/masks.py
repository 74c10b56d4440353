"""The part of the Compare tab that compares masks: its button, its progress, and what was found."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import gradio as gr

from components import figures
from components.i18n import words
from components.jobs.masks import MasksCompared
from components.jobs.panel import JobPanel
from components.sections.compare import readable
from components.widgets import progress_bar
from components.widgets.inputs import FigureAndTable, figure_and_table, filled


@dataclasses.dataclass(frozen=True)
class MasksPart:
    """Widgets of the part that compares masks."""

    job: JobPanel
    body: gr.Column
    first: gr.Dropdown
    second: gr.Dropdown
    view: gr.Radio
    map: FigureAndTable
    matrix: FigureAndTable


def draw() -> MasksPart:
    """Draw the part where the caller stands."""
    gr.Markdown(f"{words.COMPARE_MASKS_HEADING}\n{words.COMPARE_MASKS_HELP}")
    with gr.Row():
        start = gr.Button(words.COMPARE_MASKS_START, size="sm", elem_id="compare-masks")
        stop = gr.Button(words.CANCEL, variant="stop", size="sm", interactive=False, elem_id="compare-masks-stop")
    status = gr.HTML(progress_bar.sentence(words.COMPARE_MASKS_IDLE), elem_id="compare-masks-status")
    with gr.Column(visible=False, elem_id="compare-masks-body") as body:
        with gr.Row():
            first = gr.Dropdown([], value=None, label=words.COMPARE_MASKS_FIRST, elem_id="compare-masks-first", min_width=220)
            second = gr.Dropdown(
                [], value=None, label=words.COMPARE_MASKS_SECOND, elem_id="compare-masks-second", min_width=220
            )
            view = gr.Radio(
                [(text, name) for name, text in words.COMPARE_MASKS_VIEWS.items()], value="corrected", label=words.COMPARE_MASKS_VIEW,
                elem_id="compare-masks-view", min_width=260,
            )  # fmt: skip
        gr.Markdown(words.COMPARE_MASKS_VIEWS_HELP)
        found = figure_and_table("compare-masks", words.COMPARE_MASKS_HEADING.strip("# "))
        gr.Markdown(words.COMPARE_MATRIX_HEADING)
        matrix = figure_and_table("compare-matrix", words.COMPARE_MATRIX_HEADING.strip("# "))
    return MasksPart(
        JobPanel(gr.State(""), (start,), stop, status, cancelled="COMPARE_MASKS_CANCELLED"),
        body,
        first,
        second,
        view,
        found,
        matrix,
    )


def show(part: MasksPart, found: MasksCompared, labels: Mapping[str, str], files: Mapping[str, str]) -> dict[Any, Any]:
    """What a job found about the masks of runs; `labels`: their names -> labels."""
    names = [name for name in found.names if name in labels]
    choices = [(labels[name], name) for name in names]
    whole = _labelled(found.whole, labels)
    lines = [words.COMPARE_MASKS_DONE.format(count=len(names))]
    if found.without:
        lines.append(words.COMPARE_MASKS_WITHOUT.format(runs=", ".join(labels.get(name, name) for name in found.without)))
    lines += [words.library(note) for note in found.notes]
    return {
        part.job.status: progress_bar.sentence(" ".join(lines), "good"),
        part.body: gr.update(visible=True),
        part.first: gr.update(choices=choices, value=names[0]),
        part.second: gr.update(choices=choices, value=names[1]),
        part.view: "corrected",
        **show_pair(part, found, (names[0], names[1]), "corrected"),
        part.map.download: gr.update(value=files["mask_layers"], interactive=True),
        **filled(
            part.matrix, figures.mask_matrix(whole, [labels[name] for name in names]), readable.masks(whole, ()), files["masks"]
        ),
    }


def show_pair(part: MasksPart, found: MasksCompared, pair: tuple[str | None, str | None], view: str) -> dict[Any, Any]:
    """The masks of two runs, matrix by matrix."""
    layers = found.layers
    either = layers["name"].isin(pair) & layers["other"].isin(pair)
    if not either.any():
        return {part.map.plot: figures.message(words.COMPARE_MASKS_TWO), part.map.table: readable.masks(layers[:0])}
    return {part.map.plot: figures.mask_map(layers[either], view), part.map.table: readable.masks(layers[either])}


def idle(part: MasksPart) -> dict[Any, Any]:
    """The part about masks before they are compared."""
    return {
        part.job.status: progress_bar.sentence(words.COMPARE_MASKS_IDLE),
        part.body: gr.update(visible=False),
        part.job.job: "",
    }


def _labelled(table: Any, labels: Mapping[str, str]) -> Any:
    known = table[table["name"].isin(list(labels)) & table["other"].isin(list(labels))]
    return known.assign(name=known["name"].map(labels), other=known["other"].map(labels))
