"""Benchmarks before and after pruning: the lower part of the Languages tab."""

import dataclasses
from typing import Any

import gradio as gr
import pandas as pd

from components import figures
from components.i18n import words
from components.report import study_tables
from components.widgets.inputs import FigureAndTable, Section, figure_and_table, section
from mwanda_core.store.report import RunReport


@dataclasses.dataclass(frozen=True)
class BenchmarksPart:
    """Widgets of the part."""

    section: Section
    which: gr.Dropdown
    reading: gr.Radio
    help: gr.Markdown
    dots: FigureAndTable
    map: gr.Plot


def draw() -> BenchmarksPart:
    """Draw the part where the caller stands."""
    gr.Markdown(words.TASKS_HEADING)
    with section("tasks", words.TASKS_ABSENT) as shown:
        with gr.Row():
            which = gr.Dropdown([], value=None, label=words.TASK_MENU, elem_id="task", min_width=220)
            reading = gr.Radio(
                [(text, name) for name, text in words.READINGS.items()], value=figures.CUSTOMARY, label=words.READING, elem_id="reading",
                min_width=220,
            )  # fmt: skip
        help = gr.Markdown(elem_id="task-help")
        dots = figure_and_table("tasks", words.TASKS_HEADING.strip("# "), beside=False)
        gr.Markdown(f"{words.TASK_MAP_HEADING}\n{words.TASK_MAP_HELP}")
        overview = gr.Plot(label=words.TASK_MAP_HEADING.strip("# "), show_label=False, container=False, elem_id="plot-task-map")
    return BenchmarksPart(shown, which, reading, help, dots, overview)


def show(part: BenchmarksPart, report: RunReport, files: dict[str, str]) -> dict[Any, Any]:
    """The part's contents for a report."""
    table = report.tables.get("tasks")
    if table is None or table.empty:
        return part.section.show(False)
    titles = {str(row["task"]): str(row["title"]) for _, row in table.drop_duplicates("task").iterrows()}
    first = next(iter(titles))
    return {
        **part.section.show(True),
        part.which: gr.update(choices=[(title, task) for task, title in titles.items()], value=first),
        part.reading: figures.CUSTOMARY,
        **change(part, report, first, figures.CUSTOMARY),
        part.dots.download: gr.update(value=files["tasks"], interactive=True),
        part.map: figures.task_map(table, list(figures.ordered(report)["language"])),
    }


def change(part: BenchmarksPart, report: RunReport, task: str | None, reading: str) -> dict[Any, Any]:
    """Another benchmark, or another reading of the answers."""
    table = report.tables.get("tasks")
    if table is None or not task:
        return {}
    rows = figures.ranked(table, task, reading, report.facts["settings"]["languages"])
    return {
        part.help: explained(rows),
        part.dots.plot: figures.task_dots(rows),
        part.dots.table: study_tables.benchmark(rows),
    }


def explained(rows: pd.DataFrame) -> str:
    """How to read the figure, and in which languages it says nothing."""
    if rows.empty:
        return words.TASKS_NOTHING
    items = words.questions(int(rows["items"].min()), int(rows["items"].max()))
    told = words.TASKS_HELP.format(title=rows["title"].iloc[0], items=items)
    silent = [str(name) for name in rows[rows["place"] == 2]["name"]]
    if not silent:
        return told
    if len(silent) == len(rows):
        return f"{told}\n\n{words.TASKS_ALL_UNINFORMATIVE}"
    return f"{told}\n\n{words.TASKS_UNINFORMATIVE.format(names=', '.join(silent))}"
