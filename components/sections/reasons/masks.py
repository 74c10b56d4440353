"""Agreement of the masks of single languages, in the whole model or a part of it."""

import dataclasses
from typing import Any

import gradio as gr
import pandas as pd

from components import figures
from components.i18n import words
from components.report import study_tables
from components.widgets.inputs import FigureAndTable, Section, figure_and_table, filled, section
from mwanda_core.store.report import RunReport

WHOLE = ""
"""The whole model, in the menu of parts; others are "module:<name>" and "block:<number>"."""


@dataclasses.dataclass(frozen=True)
class MasksPart:
    """Widgets of the part."""

    section: Section
    where: gr.Dropdown
    view: gr.Radio
    pairs: FigureAndTable
    blocks: FigureAndTable


def draw() -> MasksPart:
    """Draw the part where the caller stands."""
    with section("overlap", words.ABSENT.format(study=words.STUDY_TITLES["overlap"])) as shown:
        gr.Markdown(f"{words.OVERLAP_HEADING}\n{words.OVERLAP_HELP}")
        with gr.Row():
            where = gr.Dropdown(
                [(words.OVERLAP_WHOLE, WHOLE)], value=WHOLE, label=words.OVERLAP_WHERE, elem_id="overlap-where", min_width=220
            )
            view = gr.Radio(
                [(text, name) for name, text in words.OVERLAP_VIEWS.items()], value="corrected", label=words.OVERLAP_VIEW,
                elem_id="overlap-view", min_width=220,
            )  # fmt: skip
        pairs = figure_and_table("overlap", words.OVERLAP_HEADING.strip("# "))
        gr.Markdown(f"{words.OVERLAP_BLOCKS_HEADING}\n{words.OVERLAP_BLOCKS_HELP}")
        blocks = figure_and_table("overlap-blocks", words.OVERLAP_BLOCKS_HEADING.strip("# "))
    return MasksPart(shown, where, view, pairs, blocks)


def show(part: MasksPart, report: RunReport, files: dict[str, str]) -> dict[Any, Any]:
    """The part's contents for a report."""
    there = "overlap" in report.tables
    if not there:
        return part.section.show(False)
    by_block = report.tables.get("overlap_blocks")
    told = {} if by_block is None else filled(
        part.blocks, figures.overlap_by_block(by_block), study_tables.overlap_blocks(by_block), files.get("overlap_blocks")
    )  # fmt: skip
    return {
        **part.section.show(True),
        part.where: gr.update(choices=places(report), value=WHOLE),
        part.view: "corrected",
        **change(part, report, WHOLE, "corrected"),
        part.pairs.download: gr.update(value=files["overlap"], interactive=True),
        **told,
    }


def places(report: RunReport) -> list[tuple[str, str]]:
    """The parts of the model that the run tells apart."""
    found = [(words.OVERLAP_WHOLE, WHOLE)]
    for table, column, text in (
        ("overlap_modules", "module", words.OVERLAP_MODULE),
        ("overlap_blocks", "block", words.OVERLAP_BLOCK),
    ):
        if table in report.tables:
            values = dict.fromkeys(report.tables[table][column])
            found += [(text.format(name=str(v).rpartition(".")[2], block=v), f"{column}:{v}") for v in values]
    return found


def at(report: RunReport, where: str) -> pd.DataFrame:
    """The pairs of a part of the model; those of the whole where the part is none of the run's."""
    column, _, value = where.partition(":")
    table = report.tables.get(f"overlap_{column}s")
    part = None if table is None else table[table[column].astype(str) == value]
    return report.tables["overlap"] if part is None or part.empty else part


def change(part: MasksPart, report: RunReport, where: str | None, view: str) -> dict[Any, Any]:
    """Another part of the model, or another measure."""
    if "overlap" not in report.tables:
        return {}
    table = at(report, where or WHOLE)
    return {part.pairs.plot: figures.overlap_heatmap(table, view), part.pairs.table: study_tables.overlap(table)}
