"""Every table of a run as it is stored, one at a time, and everything as one file."""

from typing import Any

import gradio as gr

from components.context import LATEST, Opening, Section, Updates
from components.i18n import words
from components.i18n.names import renamed
from components.report.tables import ARCHIVE, run_files
from components.widgets.inputs import csv_button, file_of, table
from mwanda_core.store.report import RunReport


def titles() -> dict[str, str]:
    """Table -> its name for a person."""
    return {**words.TABLE_TITLES, **words.STUDY_TABLE_TITLES}


class Tables(Section):
    """A menu of tables."""

    id, title = "tables", "TAB_TABLES"

    @classmethod
    def draw(cls) -> dict[str, Any]:
        """Draw the tab where the caller stands."""
        gr.Markdown(words.TABLES_HELP)
        menu = [(text, name) for name, text in words.TABLE_TITLES.items()]
        which = gr.Dropdown(menu, value="languages", label=words.TAB_TABLES, elem_id="which-table")
        shown = table("any", words.TAB_TABLES, 520)
        with gr.Row():
            csv = csv_button("any")
            everything = gr.DownloadButton(words.DOWNLOAD_ALL, size="sm", interactive=False, elem_id="zip")
        return {"which-table": which, "table-any": shown, "csv-any": csv, "zip": everything}

    def connect(self, opening: Opening) -> None:
        """The menu shows another table."""
        which, shown, csv, _ = self.widgets.values()
        outputs = [self.context.banner, shown, csv]
        which.input(self.context.of_shown(self.choose), [self.context.shown, which], outputs, **LATEST)

    def filled(self) -> list[Any]:
        """Everything."""
        return list(self.widgets.values())

    def fill(self, report: RunReport, *kept: Any) -> Updates:
        """The tables that a run has, the first of them, and the archive."""
        which, _, _, everything = self.widgets.values()
        names = [name for name in titles() if name in report.tables]
        archive = run_files(self.context.scratch, report)[ARCHIVE]
        return {
            which: gr.update(choices=[(titles()[name], name) for name in names], value=names[0]),
            **self.choose(report, names[0]),
            **file_of(everything, archive),
        }

    def choose(self, report: RunReport, name: str) -> Updates:
        """One table and its file; nothing for a table that the run has not."""
        _, shown, csv, _ = self.widgets.values()
        if name not in report.tables:
            return {}
        return {shown: rounded(report, name), **file_of(csv, run_files(self.context.scratch, report)[name])}


def rounded(report: RunReport, name: str) -> Any:
    """A stored table with five significant digits; the files have them all."""
    found = renamed(report.tables[name]).copy()
    for column in found.select_dtypes("boolean"):
        # Neither yes nor no (a task that says nothing): the browser's table knows no such value.
        found[column] = found[column].astype(object).where(found[column].notna(), "")
    for column in found.select_dtypes("float"):
        found[column] = found[column].map(lambda v: float(f"{v:.5g}"))
    return found
