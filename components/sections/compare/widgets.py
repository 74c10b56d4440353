"""The tab that puts two to six kept runs side by side; what its controls do stands in `comparing`."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import gradio as gr

from components import figures
from components.i18n import words
from components.sections.compare import listing, masks as masks_part, readable
from components.sections.compare.choice import MOST, menu
from components.sections.compare.tables import Compared
from components.store import RunStore
from components.widgets.inputs import FigureAndTable, csv_button, figure_and_table, filled, table
from components.widgets.run_table import run_table


@dataclasses.dataclass(frozen=True)
class ClonePart:
    """Widgets that put the settings of a run into the form."""

    source: gr.Dropdown
    use: gr.Button
    text: gr.Markdown


@dataclasses.dataclass(frozen=True)
class Widgets:
    """Widgets of the tab."""

    runs: gr.HTML
    chosen: gr.Dropdown
    baseline: gr.Dropdown
    add_shown: gr.Button
    paste: gr.Textbox
    add: gr.Button
    text: gr.Markdown
    body: gr.Column
    notes: gr.Markdown
    settings_text: gr.Markdown
    settings: gr.Dataframe
    settings_csv: gr.DownloadButton
    losses: FigureAndTable
    difference_heading: gr.Markdown
    differences: FigureAndTable
    gains_text: gr.Markdown
    gains: FigureAndTable
    accuracy_body: gr.Column
    accuracy_heading: gr.Markdown
    accuracies: FigureAndTable
    blocks: FigureAndTable
    front_help: gr.Markdown
    front: FigureAndTable
    masks: masks_part.MasksPart
    link: gr.Textbox
    everything: gr.DownloadButton
    clone: ClonePart


def draw() -> Widgets:
    """Draw the tab where the caller stands."""
    gr.Markdown(words.COMPARE_HELP)
    runs = run_table("runs-table", words.GROUP_RUNS)
    chosen = gr.Dropdown(
        [], value=[], multiselect=True, max_choices=MOST, label=words.COMPARE_RUNS, info=words.COMPARE_RUNS_INFO, elem_id="compare-runs"
    )  # fmt: skip
    with gr.Row(equal_height=True):
        baseline = gr.Dropdown(
            [], value=None, label=words.COMPARE_BASELINE, info=words.COMPARE_BASELINE_INFO, elem_id="compare-baseline", min_width=260, scale=3
        )  # fmt: skip
        paste = gr.Textbox(
            label=words.COMPARE_PASTE,
            info=words.COMPARE_PASTE_INFO,
            max_lines=1,
            elem_id="compare-paste",
            min_width=260,
            scale=3,
        )
    with gr.Row():
        add_shown = gr.Button(words.COMPARE_ADD_SHOWN, size="sm", elem_id="compare-add-shown")
        add = gr.Button(words.COMPARE_ADD, size="sm", elem_id="compare-add")
    text = gr.Markdown(words.COMPARE_NONE, elem_id="compare-told")
    with gr.Column(visible=False, elem_id="compare-body") as body:
        parts = _draw_body()
    clone = _draw_clone()
    drawn: tuple[Any, ...] = (runs, chosen, baseline, add_shown, paste, add, text, body, *parts, clone)
    return Widgets(*drawn)


def _draw_body() -> tuple[Any, ...]:
    notes = gr.Markdown(elem_id="compare-notes")
    gr.Markdown(words.COMPARE_LOSS_HEADING)
    gr.Markdown(words.COMPARE_LOSS_HELP)
    losses = figure_and_table("compare-losses", _plain(words.COMPARE_LOSS_HEADING))
    heading = gr.Markdown(elem_id="compare-difference-heading")
    differences = figure_and_table("compare-differences", words.COMPARE_COLUMNS["difference"])
    gains_text = gr.Markdown(elem_id="compare-gains-text")
    gains = figure_and_table("compare-gains", words.GAINS_COLUMN)
    with gr.Column(visible=False) as accuracy_body:
        accuracy_heading = gr.Markdown()
        accuracies = figure_and_table("compare-accuracies", words.COMPARE_COLUMNS["points"])
    gr.Markdown(f"{words.COMPARE_BLOCKS_HEADING}\n{words.COMPARE_BLOCKS_HELP}")
    blocks = figure_and_table("compare-blocks", _plain(words.COMPARE_BLOCKS_HEADING))
    front_help = gr.Markdown()
    front = figure_and_table("compare-front", _plain(words.COMPARE_FRONT_HEADING))
    settings_text = gr.Markdown(words.COMPARE_SETTINGS_HEADING)
    settings = table("compare-settings", _plain(words.COMPARE_SETTINGS_HEADING), wrap=True)
    settings_csv = csv_button("compare-settings")
    masks = masks_part.draw()
    link = gr.Textbox(
        label=words.COMPARE_LINK,
        info=words.COMPARE_LINK_INFO,
        interactive=False,
        max_lines=1,
        buttons=["copy"],
        elem_id="compare-link",
    )
    everything = gr.DownloadButton(words.COMPARE_DOWNLOAD, size="sm", interactive=False, elem_id="compare-zip")
    return (
        notes, settings_text, settings, settings_csv, losses, heading, differences, gains_text, gains, accuracy_body, accuracy_heading, accuracies, blocks,
        front_help, front, masks, link, everything,
    )  # fmt: skip


def _draw_clone() -> ClonePart:
    gr.Markdown(f"{words.CLONE_HEADING}\n{words.CLONE_HELP}")
    with gr.Row(equal_height=True):
        source = gr.Dropdown([], value=None, label=words.CLONE_FROM, elem_id="clone-from", min_width=260, scale=3)
        use = gr.Button(words.CLONE_USE, elem_id="clone-use", min_width=160, scale=1)
    return ClonePart(source, use, gr.Markdown(elem_id="clone-told"))


def _plain(heading: str) -> str:
    return heading.strip("# ")


def refreshed(tab: Widgets, store: RunStore, ids: list[str], shown: str = "") -> dict[Any, Any]:
    """The menu and the table of runs, as they are kept now."""
    return {tab.chosen: gr.update(choices=menu(store, ids)), tab.runs: listing.value(store, ids, shown)}


def show(tab: Widgets, compared: Compared, files: Mapping[str, str], problems: tuple[str, ...]) -> dict[Any, Any]:
    """Everything but the masks, for a comparison."""
    labels, baseline, losses = compared.labels, compared.baseline, compared.languages
    nothing_set = compared.found.settings.empty
    said = words.COMPARE_SETTINGS_SAME if nothing_set else words.COMPARE_SETTINGS_HELP
    front = words.COMPARE_FRONT_HELP.format(count=compared.common) if compared.common else words.COMPARE_FRONT_NONE
    name = baseline.partition(": ")[2]
    updates = {
        tab.text: "\n\n".join(problems),
        tab.body: gr.update(visible=True),
        tab.settings_text: f"{words.COMPARE_SETTINGS_HEADING}\n{said}",
        tab.settings: gr.update(value=readable.settings(compared), visible=not nothing_set),
        tab.settings_csv: gr.update(value=files["settings"], interactive=True, visible=not nothing_set),
        tab.difference_heading: f"{words.COMPARE_DIFFERENCE_HEADING.format(baseline=name)}\n{words.COMPARE_DIFFERENCE_HELP}",
        tab.gains_text: f"{words.GAINS_HEADING.format(baseline=name)}\n{words.GAINS_HELP}\n\n{readable.gainers(compared)}",
        tab.accuracy_body: gr.update(visible=compared.has_accuracy),
        tab.accuracy_heading: f"{words.COMPARE_ACCURACY_HEADING.format(baseline=name)}\n{words.COMPARE_ACCURACY_HELP}",
        tab.front_help: f"{words.COMPARE_FRONT_HEADING}\n{front}",
        tab.everything: gr.update(value=files["zip"], interactive=True),
    }
    for widgets, figure, shown, file in (
        (tab.losses, figures.run_losses(losses, labels), readable.losses(compared), "languages"),
        (tab.differences, figures.run_differences(losses, labels, baseline), readable.differences(compared), "languages"),
        (tab.gains, figures.run_gains(compared.gains), readable.gains(compared), "gains"),
        (tab.accuracies, figures.run_accuracies(losses, labels, baseline), readable.accuracies(compared), "languages"),
        (tab.blocks, figures.run_blocks(compared.blocks, labels), readable.blocks(compared), "blocks"),
        (tab.front, figures.run_front(compared.front, labels), readable.front(compared), "front"),
    ):
        updates |= filled(widgets, figure, shown, files[file])
    return updates
