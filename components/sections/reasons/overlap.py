"""Agreement of the masks of single languages, in the whole model or a part of it."""

import pandas as pd

from components import figures
from components.cards.spec import Card, Control, Group, Heading, Menu, Row, of_table
from components.i18n import words
from components.report import study_tables
from mwanda_core.store.report import RunReport

WHOLE = ""
"""The whole model, in the menu of parts; others are "module:<name>" and "block:<number>"."""


def places(report: RunReport | None) -> Menu:
    """The parts of the model that the run tells apart."""
    found: Menu = [(words.OVERLAP_WHOLE, WHOLE)]
    for table, column, text in (
        ("overlap_modules", "module", words.OVERLAP_MODULE),
        ("overlap_blocks", "block", words.OVERLAP_BLOCK),
    ):
        if report is not None and table in report.tables:
            values = dict.fromkeys(report.tables[table][column])
            found += [(text.format(name=str(v).rpartition(".")[2], block=v), f"{column}:{v}") for v in values]
    return found


def at(report: RunReport, where: str) -> pd.DataFrame:
    """The pairs of a part of the model; those of the whole where the part is none of the run's."""
    column, _, value = where.partition(":")
    table = report.tables.get(f"overlap_{column}s")
    part = None if table is None else table[table[column].astype(str) == value]
    return report.tables["overlap"] if part is None or part.empty else part


GROUP = Group(
    "overlap",
    ("overlap",),
    lambda: words.ABSENT.format(study=words.STUDY_TITLES["overlap"]),
    (
        Heading(("OVERLAP_HEADING", "OVERLAP_HELP")),
        Row(
            (
                Control("overlap-where", "OVERLAP_WHERE", places),
                Control("overlap-view", "OVERLAP_VIEW", "OVERLAP_VIEWS", "corrected", menu=False),
            )
        ),
        Card(
            "overlap",
            "OVERLAP_HEADING",
            lambda report, where, view: figures.overlap_heatmap(at(report, where), view),
            lambda report, where, view: study_tables.overlap(at(report, where)),
            csv="overlap",
            reads=("overlap-where", "overlap-view"),
            table_reads=True,
            needs=("overlap",),
        ),
        Heading(("OVERLAP_BLOCKS_HEADING", "OVERLAP_BLOCKS_HELP")),
        Card(
            "overlap-blocks",
            "OVERLAP_BLOCKS_HEADING",
            of_table("overlap_blocks", figures.overlap_by_block),
            of_table("overlap_blocks", study_tables.overlap_blocks),
            csv="overlap_blocks",
            needs=("overlap_blocks",),
        ),
    ),
)
