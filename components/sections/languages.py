"""What each language lost: perplexity, accuracy, text by text, benchmarks, and all of it at a glance."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from components import figures
from components.cards.export import plain_name
from components.cards.section import CardSection
from components.cards.spec import Card, Control, Group, Heading, Menu, Note, Row, filled, once
from components.i18n import words
from components.report import study_tables, tables
from mwanda_core.store.report import RunReport

NO_TEXTS = pd.DataFrame(columns=["language"])


def accuracy_help(report: RunReport) -> str:
    """How accuracy was measured, with this run's numbers."""
    if not figures.has_accuracy(report):
        return words.ACCURACY_NONE
    table = report.tables["languages"].dropna(subset=["items"])
    items = words.items_per_language(int(table["items"].min()), int(table["items"].max()))
    return words.ACCURACY_HELP.format(items=items, chance=words.percent(float(table["chance"].iloc[0])))


def texts(report: RunReport) -> Any:
    """Every language text by text."""
    return figures.text_panels(figures.ordered(report), report.tables.get("texts", NO_TEXTS))


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
            beside=False,
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


class Languages(CardSection):
    """One row a language in every figure."""

    id, title = "languages", "TAB_LANGUAGES"
    items = (
        Control("view", "VIEW", "VIEWS", "difference", menu=False),
        Heading(("LANGUAGES_HEADING", "LANGUAGES_HELP")),
        Card(
            "perplexity",
            "LANGUAGES_HEADING",
            figures.perplexity_dots,
            tables.loss,
            csv="languages",
            reads=("view",),
            exports=once("perplexity", perplexity_before_after=("both",)),
        ),
        Heading(("MULTIPLES_HEADING", "MULTIPLES_HELP")),
        Card("multiples", "MULTIPLES_HEADING", texts, exports=once("texts"), exported=filled("texts")),
        Heading(("ACCURACY_HEADING",)),
        Note("accuracy-help", accuracy_help),
        Card(
            "accuracy",
            "ACCURACY_HEADING",
            figures.accuracy_dots,
            tables.accuracy,
            csv=lambda report: "choices" if figures.has_accuracy(report) else "languages",
            reads=("view",),
            exports=once("accuracy", accuracy_before_after=("both",)),
            exported=figures.has_accuracy,
        ),
        Heading(("TASKS_HEADING",)),
        BENCHMARKS,
        Heading(("SUMMARY_HEADING", "SUMMARY_HELP")),
        Card("summary", "SUMMARY_HEADING", figures.summary_heatmap),
    )
