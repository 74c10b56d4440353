"""The part of the Compare tab that compares masks: its button, its progress, and what was found."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import gradio as gr

from components import figures
from components.i18n import words
from components.sections.compare import readable
from components.widgets import progress_bar as watching
from components.widgets.inputs import FigureAndTable, figure_and_table, filled


@dataclasses.dataclass(frozen=True)
class MasksPart:
    """Widgets of the part that compares masks."""

    job: gr.State
    start: gr.Button
    stop: gr.Button
    status: gr.HTML
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
    status = gr.HTML(watching.sentence(words.COMPARE_MASKS_IDLE), elem_id="compare-masks-status")
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
    return MasksPart(gr.State(""), start, stop, status, body, first, second, view, found, matrix)


def show(part: MasksPart, found: Mapping[str, Any], labels: Mapping[str, str], files: Mapping[str, str]) -> dict[Any, Any]:
    """What a job found about the masks of runs; `labels`: their names -> labels."""
    names = [name for name in found["names"] if name in labels]
    choices = [(labels[name], name) for name in names]
    whole = _labelled(found["whole"], labels)
    said = [words.COMPARE_MASKS_DONE.format(count=len(names))]
    if found["without"]:
        said.append(words.COMPARE_MASKS_WITHOUT.format(runs=", ".join(labels.get(name, name) for name in found["without"])))
    return {
        part.status: watching.sentence(" ".join(said), "good"),
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


def show_pair(part: MasksPart, found: Mapping[str, Any], pair: tuple[str | None, str | None], view: str) -> dict[Any, Any]:
    """The masks of two runs, matrix by matrix."""
    layers = found["layers"]
    either = layers["name"].isin(pair) & layers["other"].isin(pair)
    if not either.any():
        return {part.map.plot: figures.message(words.COMPARE_MASKS_TWO), part.map.table: readable.masks(layers[:0])}
    return {part.map.plot: figures.mask_map(layers[either], view), part.map.table: readable.masks(layers[either])}


def idle(part: MasksPart) -> dict[Any, Any]:
    """The part about masks before they are compared."""
    return {part.status: watching.sentence(words.COMPARE_MASKS_IDLE), part.body: gr.update(visible=False), part.job: ""}


def _labelled(table: Any, labels: Mapping[str, str]) -> Any:
    known = table[table["name"].isin(list(labels)) & table["other"].isin(list(labels))]
    return known.assign(name=known["name"].map(labels), other=known["other"].map(labels))
