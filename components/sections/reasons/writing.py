"""What the dense and the pruned model write, side by side; texts of any script and direction, escaped."""

import math
from collections.abc import Mapping
from html import escape
from typing import Any

from components import figures
from components.cards.spec import Card, Control, Group, Heading, Menu, Note, of_table
from components.i18n import words
from components.i18n.names import language_name
from components.report import study_tables
from mwanda_core.store.report import RunReport


def written(report: RunReport | None) -> Menu:
    """The languages that texts were written in, the one that lost most first."""
    if report is None:
        return []
    there = [str(code) for code in report.tables["generated_languages"]["language"]]
    order = [str(code) for code in figures.ordered(report)["language"] if code in there]
    return [(language_name(code), code) for code in dict.fromkeys([*order, *there])]


def help_of(report: RunReport) -> str:
    """How it was told in which language a text is."""
    table = report.tables["generated_languages"]
    if not figures.identified(table):
        return words.SCRIPT_HELP
    return words.ON_LANGUAGE_HELP.format(count=int(table["prompts"].max()))


def texts(report: RunReport, code: str | None) -> str:
    """Every text of one language."""
    table = report.tables["generated_texts"]
    rows = table[table["language"] == code].to_dict("records")
    return '<div class="mw-texts">' + "".join(card({str(k): v for k, v in row.items()}) for row in rows) + "</div>"


def card(row: Mapping[str, Any]) -> str:
    """One opening and both continuations."""
    said = words.WRITING_SAME if bool(row["same"]) else words.agreement(int(row["agreement"]))
    return (
        f'<article class="mw-text"><div class="mw-opening"><span class="label">{escape(words.WRITING_OPENING)}</span>'
        f"{_quoted(row['prompt'], row['language'])}</div>"
        f'<div class="mw-pair">{_side(row, "dense", words.WRITING_BEFORE)}{_side(row, "pruned", words.WRITING_AFTER)}</div>'
        f'<div class="more">{escape(said)}</div></article>'
    )


def _side(row: Mapping[str, Any], side: str, title: str) -> str:
    text = str(row[f"text_{side}"] or "")
    shown = _quoted(text, row["language"]) if text.strip() else f"<p><em>{escape(words.WRITING_EMPTY)}</em></p>"
    return (
        f'<div class="mw-side {side}"><span class="label">{escape(title)}</span>{shown}'
        f'<div class="more">{escape(" · ".join(facts(row, side)))}</div></div>'
    )


def _quoted(text: str, code: str) -> str:
    """The first strong letter decides the direction, so that Arabic and Hebrew read from the right."""
    return f'<p dir="auto" lang="{escape(str(code), quote=True)}">{escape(str(text))}</p>'


def facts(row: Mapping[str, Any], side: str) -> list[str]:
    """What was measured of a text, in few words; what is not known is left out."""
    found = []
    identified, probability = row.get(f"identified_{side}"), row.get(f"probability_{side}")
    if isinstance(identified, str) and identified:
        found.append(words.WRITING_IN.format(name=language_name(identified), share=words.percent(float(probability or 0.0))))
    elif not math.isnan(float(row[f"script_share_{side}"])):
        found.append(words.WRITING_SCRIPT.format(share=words.percent(float(row[f"script_share_{side}"]))))
    repeated = float(row[f"repetition_3_{side}"])
    if not math.isnan(repeated):
        found.append(words.WRITING_REPEATED.format(share=words.percent(repeated)))
    if int(row[f"loop_{side}"]):
        found.append(words.WRITING_LOOP.format(count=int(row[f"loop_{side}"])))
    if bool(row[f"ended_{side}"]):
        found.append(words.WRITING_ENDED)
    return found


GROUP = Group(
    "generation",
    ("generated_texts", "generated_languages"),
    lambda: words.ABSENT.format(study=words.STUDY_TITLES["generation"]),
    (
        Heading(("WRITING_HEADING", "WRITING_HELP")),
        Control("written-language", "WRITING_LANGUAGE", written),
        Note("written", texts, reads=("written-language",), kind="html"),
        Heading(("ON_LANGUAGE_HEADING",)),
        Note("on-language-help", help_of),
        Card(
            "on-language",
            "ON_LANGUAGE_HEADING",
            of_table("generated_languages", figures.on_language),
            of_table("generated_languages", study_tables.written),
            csv="generated_languages",
            needs=("generated_languages",),
        ),
        Heading(("REPETITION_HEADING", "REPETITION_HELP")),
        Card(
            "repetition",
            "REPETITION_HEADING",
            of_table("generated_languages", figures.repetition),
            needs=("generated_languages",),
        ),
    ),
)
