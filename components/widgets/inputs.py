"""Widgets that several tabs draw alike: a figure with its table and a CSV button folded below it; a part that may be missing. And what all
tabs are made of: dataclasses of widgets, which are walked through here."""

import dataclasses
from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import Any

import gradio as gr

from components.i18n import words


@dataclasses.dataclass(frozen=True)
class FigureAndTable:
    """A figure, the same numbers as a table, and the file."""

    plot: gr.Plot
    table: gr.Dataframe
    download: gr.DownloadButton


def figure_and_table(name: str, label: str) -> FigureAndTable:
    """The figure, and folded below it its numbers. `name` becomes the ids, `label` the accessible name."""
    drawn = plot(name, label)
    with gr.Accordion(words.AS_TABLE, open=False, elem_id=f"fold-{name}", elem_classes=["mw-fold"]):
        shown = table(name, label)
        return FigureAndTable(drawn, shown, csv_button(name))


def plot(name: str, label: str) -> gr.Plot:
    """A figure alone."""
    # A label shown as well as a title would push the figure down by 100 pixels; the label is for screen readers.
    return gr.Plot(label=words.plot_description(label), show_label=False, container=False, elem_id=f"plot-{name}")


@dataclasses.dataclass(frozen=True)
class TitledPlot:
    """A figure below its title, which is not there before there is something to draw."""

    body: gr.Column
    plot: gr.Plot

    def show(self, drawn: Any) -> dict[Any, Any]:
        """Updates that show a figure, or nothing (None)."""
        return {self.body: gr.update(visible=drawn is not None), self.plot: drawn}


def titled_plot(name: str, title: str) -> TitledPlot:
    """A figure with its title."""
    with gr.Column(visible=False) as body:
        gr.Markdown(f"**{title}**")
        return TitledPlot(body, plot(name, title))


def table(name: str, label: str, height: int = 320, **more: Any) -> gr.Dataframe:
    """A table alone, at most `height` pixels high."""
    return gr.Dataframe(
        interactive=False, max_height=height, show_label=False, label=label, elem_id=f"table-{name}", elem_classes=["mw-table"], **more
    )  # fmt: skip


def csv_button(name: str) -> gr.DownloadButton:
    """Downloads a table, once there is one."""
    return gr.DownloadButton(words.DOWNLOAD_CSV, size="sm", interactive=False, elem_id=f"csv-{name}")


def file_of(button: gr.DownloadButton, path: str | None) -> dict[Any, Any]:
    """Updates for a button and its file."""
    return {button: gr.update(value=path, interactive=path is not None)}


@dataclasses.dataclass(frozen=True)
class Absent:
    """A part of a tab that a run may not have: a sentence in its place until it has."""

    absent: gr.Markdown
    body: gr.Column

    def show(self, there: bool) -> dict[Any, Any]:
        """Updates that show the part, or the sentence."""
        return {self.absent: gr.update(visible=not there), self.body: gr.update(visible=there)}


@contextmanager
def absent(name: str, sentence: str) -> Iterator[Absent]:
    """Draw inside what a run may not have; `sentence` says how to get it."""
    instead = gr.Markdown(sentence, elem_id=f"absent-{name}", elem_classes=["mw-absent"])
    with gr.Column(visible=False, elem_id=f"part-of-{name}") as body:
        yield Absent(instead, body)


def filled(widgets: FigureAndTable, plot: Any, table: Any, file: str | None) -> dict[Any, Any]:
    """Updates for a figure, its table and its file."""
    return {widgets.plot: plot, widgets.table: table, **file_of(widgets.download, file)}


def widgets(part: Any, without: Container[str] = ()) -> list[Any]:
    """Every widget of a part of the page, those of its own parts included, each once.

    part: a dataclass of widgets, of tuples of widgets, and of such dataclasses. without: fields, at any depth, that are left out.
    """
    found: list[Any] = []
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        if field.name in without or value is None or isinstance(value, str):
            continue
        if isinstance(value, tuple):
            found += value
        else:
            found += widgets(value, without) if dataclasses.is_dataclass(value) else [value]
    return list(dict.fromkeys(found))
