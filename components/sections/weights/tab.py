"""Which weights stayed, and why: a matrix is chosen on the map, looked at as pictures, and asked about weight by weight."""

import dataclasses
from typing import Any

import gradio as gr

from components.figures.sparsity import matrix_labels
from components.figures.weights import matrices_map
from components.i18n import words
from components.report import tables
from components.sections.weights import pictures, story as telling
from components.widgets.clickable import clickable, value_of
from components.widgets.inputs import Section, section
from mwanda_core.store.report import RunReport


@dataclasses.dataclass(frozen=True)
class WeightsTab:
    """Widgets of the tab; `tab` is itself."""

    tab: gr.Tab
    map: gr.HTML
    table: gr.Dataframe
    csv: gr.DownloadButton
    section: Section
    block: gr.Dropdown
    module: gr.Dropdown
    pictures: pictures.PicturesPart
    story: telling.StoryPart
    shares: pictures.SharesPart


def draw(tab: gr.Tab) -> WeightsTab:
    """Draw the tab where the caller stands."""
    gr.Markdown(f"{words.WEIGHTS_HEADING}\n{words.WEIGHTS_HELP}")
    with gr.Row():
        with gr.Column(scale=5, min_width=320):
            found = clickable("matrices", words.WEIGHTS_MAP)
        with gr.Column(scale=4, min_width=320):
            table = gr.Dataframe(
                interactive=False, max_height=320, show_label=False, label=words.TABLE_TITLES["layers"], elem_id="table-matrices",
                elem_classes=["mw-table"],
            )  # fmt: skip
            csv = gr.DownloadButton(words.DOWNLOAD_CSV, size="sm", interactive=False, elem_id="csv-matrices")
    with section("masks-of-run", words.WEIGHTS_NO_MASKS) as shown:
        with gr.Row():
            block = gr.Dropdown([], label=words.WEIGHTS_BLOCK, elem_id="weights-block", min_width=140)
            module = gr.Dropdown([], label=words.WEIGHTS_MATRIX, elem_id="weights-module", min_width=180)
        seen = pictures.draw()
        story = telling.draw()
        shares = pictures.draw_shares()
    return WeightsTab(tab, found, table, csv, shown, block, module, seen, story, shares)


def show(tab: WeightsTab, report: RunReport, files: dict[str, str], has_masks: bool) -> dict[Any, Any]:
    """The map of a report and its menus. No matrix is opened yet: that needs the engine."""
    layers = report.tables["layers"]
    blocks = [(str(number), int(number)) for number in dict.fromkeys(layers["block"])]
    modules = menu_of(report)
    return {
        tab.map: value_of(matrices_map(report), words.WEIGHTS_MAP),
        tab.table: tables.layers(report),
        tab.csv: gr.update(value=files["layers"], interactive=True),
        **tab.section.show(has_masks),
        tab.block: gr.update(choices=blocks, value=blocks[0][1]),
        tab.module: gr.update(choices=modules, value=modules[0][1]),
        tab.pictures.title: words.WEIGHTS_OPENING if has_masks else "",
        **telling.empty(tab.story),
    }


def menu_of(report: RunReport) -> list[tuple[str, str]]:
    """(label, module) of every matrix that a block can have, in the model's order."""
    layers = report.tables["layers"]
    return list(dict.fromkeys(zip(matrix_labels(layers), map(str, layers["module"]), strict=True)))


def label_of(report: RunReport, module: str) -> str | None:
    """The label of a matrix on the map."""
    return next((label for label, name in menu_of(report) if name == module), None)
