"""What the dense and the pruned model can still do: language x ability, and items with their choices and both answers."""

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from components import figures
from components.cards.spec import Card, Control, Group, Heading, Menu, Note, Row
from components.i18n import words
from components.i18n.names import language_name
from components.report import study_tables
from mwanda_core.store.report import RunReport

SHOWN = 6
"""Items at a time: those first whose answer changed."""
SEEN = 600
"""Characters of a context, from its end, where the question is."""


def titled(table: pd.DataFrame) -> pd.DataFrame:
    """Abilities by their names on the page; one that is unknown as it is."""
    return table.assign(title=[words.ABILITIES.get(str(task), str(task)) for task in table["task"]])


def at_a_glance(report: RunReport) -> go.Figure:
    """Language x ability, noise marked."""
    table = titled(report.tables["abilities"])
    there = [str(code) for code in figures.ordered(report)["language"]]
    return figures.task_map(table, [*dict.fromkeys([*there, *map(str, table["language"])])])


def rows(report: RunReport) -> pd.DataFrame:
    """The table beside it."""
    table = titled(report.tables["abilities"])
    return study_tables.abilities(table.sort_values("change", kind="stable"))


def kinds(report: RunReport | None) -> Menu:
    """The abilities that were asked for."""
    asked = [] if report is None else dict.fromkeys(report.tables["abilities_items"]["task"])
    return [(words.ABILITIES.get(str(kind), str(kind)), str(kind)) for kind in asked]


def codes(report: RunReport | None) -> Menu:
    """The languages that they were asked in."""
    asked = [] if report is None else dict.fromkeys(report.tables["abilities_items"]["language"])
    return [(language_name(str(code)), str(code)) for code in asked]


def items(report: RunReport, kind: str | None, code: str | None) -> str:
    """A few items of an ability in a language, the ones whose answers differ first."""
    table = report.tables["abilities_items"]
    part = table[(table["task"] == kind) & (table["language"] == code)]
    if part.empty:
        return f"<p>{escape(words.ABILITY_NONE)}</p>"
    part = part.assign(same=part["dense_choice"] == part["pruned_choice"]).sort_values("same", kind="stable").head(SHOWN)
    return (
        '<div class="mw-texts">'
        + "".join(item({str(k): v for k, v in row.items()}) for row in part.to_dict("records"))
        + "</div>"
    )


def item(row: Mapping[str, Any]) -> str:
    """One item: what is asked, every choice, who chose it."""
    context, code = str(row["context"]), escape(str(row["language"]), quote=True)
    shown = ("… " if len(context) > SEEN else "") + context[-SEEN:]
    listed = "".join(
        f'<li dir="auto" lang="{code}">{escape(str(row[f"choice_{i}"]).strip())}{_marks(row, i)}</li>'
        for i in range(4) if str(row[f"choice_{i}"]).strip()
    )  # fmt: skip
    question = "<br>".join(escape(line) for line in shown.split("\n"))
    return (
        f'<article class="mw-text"><div class="mw-opening"><span class="label">{escape(words.ABILITY_ASKED)}</span>'
        f'<p dir="auto" lang="{code}">{question}</p></div><ul>{listed}</ul></article>'
    )


def _marks(row: Mapping[str, Any], place: int) -> str:
    marks = [words.ABILITY_RIGHT] if place == 0 else []
    marks += [words.WRITING_BEFORE] if int(row["dense_choice"]) == place else []
    marks += [words.WRITING_AFTER] if int(row["pruned_choice"]) == place else []
    return "".join(f' <strong dir="auto">[{escape(mark)}]</strong>' for mark in marks)


GROUP = Group(
    "abilities",
    ("abilities", "abilities_items"),
    lambda: words.ABSENT.format(study=words.STUDY_TITLES["abilities"]),
    (
        Heading(("ABILITIES_HEADING", "ABILITIES_HELP")),
        Card(
            "abilities",
            "ABILITIES_HEADING",
            at_a_glance,
            rows,
            csv="abilities",
            needs=("abilities",),
        ),
        Heading(("ABILITY_ITEMS_HEADING", "ABILITY_ITEMS_HELP")),
        Row((Control("ability-kind", "ABILITY_KIND", kinds), Control("ability-language", "WRITING_LANGUAGE", codes))),
        Note("ability-items", items, reads=("ability-kind", "ability-language"), kind="html"),
    ),
)
