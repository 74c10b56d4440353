"""What each method costs and what it is worth, from the comparison that ships with the page; it belongs to no run."""

import dataclasses
from typing import Any

import gradio as gr

from components import figures
from components.i18n import words
from components.sections.methods import table as worth

WIDTHS = (180, 75, 105, 65, 105, 85, 80, 120, 80, 65)
"""Pixels of the columns of `words.WORTH_COLUMNS`: all of them fit beside the left column of a usual screen."""


@dataclasses.dataclass(frozen=True)
class WorthTab:
    """Widgets of the tab."""

    setting: gr.Radio
    measure: gr.Radio
    plot: gr.Plot
    table: gr.Dataframe


def draw() -> WorthTab:
    """Draw the tab where the caller stands, filled: the comparison is part of the installation."""
    facts, rows = worth.read(worth.METHODS_FILE)
    settings = worth.settings_of(rows)
    there = bool(settings)
    gr.Markdown(words.WORTH_HEADING)
    gr.Markdown(words.WORTH_HELP if there else words.WORTH_ABSENT, elem_id="worth-help")
    gr.Markdown(words.WORTH_PARTIAL, visible=bool(facts.get("partial")))
    first = settings[0] if there else None
    with gr.Row(visible=there):
        setting = gr.Radio(
            [(words.WORTH_SETTINGS.get(name, name), name) for name in settings], value=first, label=words.WORTH_SETTING,
            elem_id="worth-setting", min_width=260,
        )  # fmt: skip
        measure = gr.Radio(
            [(text, name) for name, text in words.WORTH_MEASURES.items()], value="mean", label=words.WORTH_MEASURE,
            elem_id="worth-measure", min_width=260,
        )  # fmt: skip
    part = worth.at(rows, first)
    plot = gr.Plot(
        figures.worth_scatter(part), label=words.plot_description(words.WORTH_HEADING.strip("# ")), show_label=False, container=False,
        visible=there, elem_id="plot-worth",
    )  # fmt: skip
    gr.Markdown(words.WORTH_FIGURE_HELP, visible=there)
    table = gr.Dataframe(
        worth.readable(part), interactive=False, max_height=620, show_label=False, label=words.WORTH_TABLE, visible=there,
        column_widths=list(WIDTHS), elem_id="table-worth", elem_classes=["mw-table"],
    )  # fmt: skip
    gr.Markdown(words.worth_facts(facts), visible=there, elem_id="worth-facts")
    return WorthTab(setting, measure, plot, table)


def change(tab: WorthTab, setting: str | None, measure: str) -> dict[Any, Any]:
    """Another setting, or another judge."""
    _, rows = worth.read(worth.METHODS_FILE)
    part = worth.at(rows, setting)
    return {tab.plot: figures.worth_scatter(part, measure), tab.table: worth.readable(part)}
