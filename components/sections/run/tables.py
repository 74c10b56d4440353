"""Every table of a run as it is stored, one at a time, and everything as one file."""

import dataclasses
from typing import Any

import gradio as gr

from components.i18n import words
from components.i18n.names import renamed
from mwanda_core.store.report import RunReport


def titles() -> dict[str, str]:
    """Table -> its name for a person."""
    return {**words.TABLE_TITLES, **words.STUDY_TABLE_TITLES}


@dataclasses.dataclass(frozen=True)
class TablesTab:
    """Widgets of the tab."""

    which: gr.Dropdown
    table: gr.Dataframe
    csv: gr.DownloadButton
    everything: gr.DownloadButton


def draw() -> TablesTab:
    """Draw the tab where the caller stands."""
    gr.Markdown(words.TABLES_HELP)
    menu = [(text, name) for name, text in words.TABLE_TITLES.items()]
    which = gr.Dropdown(menu, value="languages", label=words.TAB_TABLES, elem_id="which-table")
    table = gr.Dataframe(
        interactive=False,
        max_height=520,
        show_label=False,
        label=words.TAB_TABLES,
        elem_id="table-any",
        elem_classes=["mw-table"],
    )
    with gr.Row():
        csv = gr.DownloadButton(words.DOWNLOAD_CSV, size="sm", interactive=False, elem_id="csv-any")
        everything = gr.DownloadButton(words.DOWNLOAD_ALL, size="sm", interactive=False, elem_id="zip")
    return TablesTab(which, table, csv, everything)


def show(tab: TablesTab, report: RunReport, files: dict[str, str], archive: str) -> dict[Any, Any]:
    """The tab's contents for a report: the tables it has, the first of them, and the archive."""
    names = [name for name in titles() if name in report.tables]
    return {
        tab.which: gr.update(choices=[(titles()[name], name) for name in names], value=names[0]),
        tab.table: rounded(report, names[0]),
        tab.csv: gr.update(value=files[names[0]], interactive=True),
        tab.everything: gr.update(value=archive, interactive=True),
    }


def rounded(report: RunReport, name: str) -> Any:
    """A stored table with five significant digits; the files have them all."""
    table = renamed(report.tables[name]).copy()
    for column in table.select_dtypes("boolean"):
        # Neither yes nor no (a task that says nothing): the browser's table knows no such value.
        table[column] = table[column].astype(object).where(table[column].notna(), "")
    for column in table.select_dtypes("float"):
        table[column] = table[column].map(lambda v: float(f"{v:.5g}"))
    return table
