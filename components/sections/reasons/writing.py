"""What the dense and the pruned model write, side by side; texts of any script and direction, escaped."""

import dataclasses
import math
from collections.abc import Mapping
from html import escape
from typing import Any

import gradio as gr

from components import figures
from components.i18n import words
from components.i18n.names import language_name
from components.report import study_tables
from components.widgets.inputs import FigureAndTable, Section, figure_and_table, filled, section
from mwanda_core.store.report import RunReport


@dataclasses.dataclass(frozen=True)
class WritingPart:
    """Widgets of the part."""

    section: Section
    which: gr.Dropdown
    cards: gr.HTML
    on_language_help: gr.Markdown
    on_language: FigureAndTable
    repetition: gr.Plot


def draw() -> WritingPart:
    """Draw the part where the caller stands."""
    with section("generation", words.ABSENT.format(study=words.STUDY_TITLES["generation"])) as shown:
        gr.Markdown(f"{words.WRITING_HEADING}\n{words.WRITING_HELP}")
        which = gr.Dropdown([], value=None, label=words.WRITING_LANGUAGE, elem_id="written-language")
        cards = gr.HTML(elem_id="written")
        gr.Markdown(words.ON_LANGUAGE_HEADING)
        on_language_help = gr.Markdown()
        on_language = figure_and_table("on-language", words.ON_LANGUAGE_HEADING.strip("# "), beside=False)
        gr.Markdown(f"{words.REPETITION_HEADING}\n{words.REPETITION_HELP}")
        repetition = gr.Plot(
            label=words.REPETITION_HEADING.strip("# "), show_label=False, container=False, elem_id="plot-repetition"
        )
    return WritingPart(shown, which, cards, on_language_help, on_language, repetition)


def show(part: WritingPart, report: RunReport, files: dict[str, str]) -> dict[Any, Any]:
    """The part's contents for a report: the language that lost most first."""
    if "generated_texts" not in report.tables or "generated_languages" not in report.tables:
        return part.section.show(False)
    table = report.tables["generated_languages"]
    order = [str(code) for code in figures.ordered(report)["language"] if code in set(table["language"])]
    order += [str(code) for code in table["language"] if code not in order]
    first = order[0] if order else None
    return {
        **part.section.show(True),
        part.which: gr.update(choices=[(language_name(code), code) for code in order], value=first),
        **change(part, report, first),
        part.on_language_help: help_of(report),
        **filled(part.on_language, figures.on_language(table), study_tables.written(table), files["generated_languages"]),
        part.repetition: figures.repetition(table),
    }


def help_of(report: RunReport) -> str:
    """How it was told in which language a text is."""
    table = report.tables["generated_languages"]
    if not figures.identified(table):
        return words.SCRIPT_HELP
    return words.ON_LANGUAGE_HELP.format(count=int(table["prompts"].max()))


def change(part: WritingPart, report: RunReport, code: str | None) -> dict[Any, Any]:
    """Another language's texts."""
    if "generated_texts" not in report.tables:
        return {}
    table = report.tables["generated_texts"]
    rows = table[table["language"] == code].to_dict("records")
    return {part.cards: '<div class="mw-texts">' + "".join(card({str(k): v for k, v in r.items()}) for r in rows) + "</div>"}


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
