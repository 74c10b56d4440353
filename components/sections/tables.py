"""Every table of a run as it is stored, one at a time, and everything as one file."""

from typing import Any

import gradio as gr

from components.context import LATEST, Opening, Section, Updates
from components.i18n import words
from components.i18n.names import renamed
from components.report import paper
from components.report.tables import ARCHIVE, loss, run_files
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
        forms = [(text, name) for name, text in words.COPY_FORMS.items()]
        form = gr.Radio(forms, value="markdown", label=words.COPY_AS, elem_id="copy-form")
        copied = gr.Textbox(
            lines=6, max_lines=6, label=words.COPY_TEXT, interactive=False, buttons=["copy"], elem_id="copy-text", elem_classes=["mw-log"]
        )  # fmt: skip
        with gr.Row():
            csv = csv_button("any")
            everything = gr.DownloadButton(words.DOWNLOAD_ALL, size="sm", interactive=False, elem_id="zip")
        return {
            "which-table": which,
            "table-any": shown,
            "csv-any": csv,
            "zip": everything,
            "copy-form": form,
            "copy-text": copied,
        }

    def connect(self, opening: Opening) -> None:
        """The menu shows another table."""
        which, shown, csv, _, form, copied = self.widgets.values()
        outputs, asked = [self.context.banner, shown, csv, copied], [self.context.shown, which, form]
        gr.on([which.input, form.input], self.context.of_shown(self.choose), asked, outputs, **LATEST)

    def filled(self) -> list[Any]:
        """Everything but the form to copy in, which stays as it was chosen."""
        return [widget for name, widget in self.widgets.items() if name != "copy-form"]

    def kept(self) -> list[Any]:
        """The form to copy in."""
        return [self.widgets["copy-form"]]

    def fill(self, report: RunReport, *kept: Any) -> Updates:
        """The tables that a run has, the first of them, and the archive."""
        which, everything = self.widgets["which-table"], self.widgets["zip"]
        names = [name for name in titles() if name in report.tables]
        archive = run_files(self.context.scratch, report)[ARCHIVE]
        return {
            which: gr.update(choices=[(titles()[name], name) for name in names], value=names[0]),
            **self.choose(report, names[0], *kept),
            **file_of(everything, archive),
        }

    def choose(self, report: RunReport, name: str, form: str = "markdown") -> Updates:
        """One table, its file, and its text to copy; nothing for a table that the run has not."""
        shown, csv, copied = self.widgets["table-any"], self.widgets["csv-any"], self.widgets["copy-text"]
        if name not in report.tables:
            return {}
        # Of the languages, what a paper shows: the stored table has thirty columns.
        text = paper.written(
            loss(report) if name == "languages" else rounded(report, name), form if form in paper.FORMS else "markdown"
        )
        return {shown: rounded(report, name), copied: text, **file_of(csv, run_files(self.context.scratch, report)[name])}


def rounded(report: RunReport, name: str) -> Any:
    """A stored table with five significant digits; the files have them all."""
    found = renamed(report.tables[name]).copy()
    for column in found.select_dtypes("boolean"):
        # Neither yes nor no (a task that says nothing): the browser's table knows no such value.
        found[column] = found[column].astype(object).where(found[column].notna(), "")
    for column in found.select_dtypes("float"):
        found[column] = found[column].map(lambda v: float(f"{v:.5g}"))
    return found
