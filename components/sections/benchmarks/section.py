"""Benchmarks in many languages, and abilities: what can the pruned model still do?"""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from components import figures
from components.cards.export import plain_name
from components.cards.section import CardSection
from components.cards.spec import Card, Control, Group, Heading, Menu, Note, Row
from components.i18n import words
from components.report import study_tables
from components.sections.benchmarks import abilities
from mwanda_core.store.report import RunReport


def asked(report: RunReport | None) -> Menu:
    """The benchmarks that a run was asked."""
    table = None if report is None else report.tables.get("tasks")
    if table is None:
        return []
    return [(str(row["title"]), str(row["task"])) for _, row in table.drop_duplicates("task").iterrows()]


def answers(report: RunReport, task: str | None, reading: str) -> pd.DataFrame:
    """The languages of one benchmark, in the order of the figure."""
    return figures.ranked(report.tables["tasks"], task or "", reading, report.facts["settings"]["languages"])


def _files(report: RunReport) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    for title, task in asked(report):
        yield f"task-{plain_name(task)}", words.FIGURE_TITLES["task"].format(name=title), (task, figures.CUSTOMARY)


def explained(report: RunReport, task: str | None, reading: str) -> str:
    """How to read the figure, and in which languages it says nothing."""
    rows = answers(report, task, reading)
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


BENCHMARKS = Group(
    "tasks",
    ("tasks",),
    lambda: words.TASKS_ABSENT,
    (
        Row((Control("task", "TASK_MENU", asked), Control("reading", "READING", "READINGS", figures.CUSTOMARY, menu=False))),
        Note("task-help", explained, reads=("task", "reading")),
        Card(
            "tasks",
            "TASKS_HEADING",
            lambda report, *chosen: figures.task_dots(answers(report, *chosen)),
            lambda report, *chosen: study_tables.benchmark(answers(report, *chosen)),
            csv="tasks",
            reads=("task", "reading"),
            table_reads=True,
            needs=("tasks",),
            exports=_files,
        ),
        Heading(("TASK_MAP_HEADING", "TASK_MAP_HELP")),
        Card(
            "task-map",
            "TASK_MAP_HEADING",
            lambda report: figures.task_map(report.tables["tasks"], list(figures.ordered(report)["language"])),
            needs=("tasks",),
        ),
    ),
)


class Benchmarks(CardSection):
    """What was asked beside the losses."""

    id, title = "benchmarks", "TAB_BENCHMARKS"
    items = (Heading(("TASKS_HEADING",)), BENCHMARKS, abilities.GROUP)
