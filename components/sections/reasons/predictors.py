"""One figure that is known of each language, against what it lost."""

import math
from collections.abc import Iterator
from typing import Any

from components import figures
from components.cards.export import plain_name
from components.cards.spec import Card, Control, Group, Heading, Menu, Note, of_table
from components.i18n import words
from components.report import study_tables
from mwanda_core.store.report import RunReport


def known(report: RunReport | None) -> Menu:
    """The figures that a run knows; what nobody knows is not offered."""
    names = list(words.PREDICTORS) if report is None else figures.known_predictors(report.tables["predictors"])
    return [(words.PREDICTORS[name], name) for name in names or ["similarity"]]


def _files(report: RunReport) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    for name in figures.known_predictors(report.tables["predictors"]):
        yield f"predictor-{plain_name(name)}", words.FIGURE_TITLES["predictors"].format(name=words.PREDICTORS[name]), (name,)


def sentence(report: RunReport, name: str) -> str:
    """The correlation over all languages in words, with how many figures were looked at."""
    table = report.tables["correlations"]
    rows = table[(table["predictor"] == name) & (table["languages"] == "all")]
    if rows.empty:
        return words.PREDICTOR_NONE
    row = rows.iloc[0]
    if math.isnan(row["pearson"]):
        return words.CORRELATION_FEW.format(n=int(row["n"]))
    bounds = words.CORRELATION_NO_INTERVAL
    if not math.isnan(row["pearson_low"]):
        bounds = words.CORRELATION_INTERVAL.format(low=row["pearson_low"], high=row["pearson_high"])
    told = words.CORRELATION.format(
        r=row["pearson"], n=int(row["n"]), interval=bounds, p=words.p_value(row["pearson_p"]), rho=row["spearman"],
        rho_p=words.p_value(row["spearman_p"]),
    )  # fmt: skip
    return f"{told} {words.CORRELATION_WARNING.format(tests=table['predictor'].nunique())}"


GROUP = Group(
    "predictors",
    ("predictors", "correlations"),
    lambda: words.ABSENT.format(study=words.STUDY_TITLES["predictors"]),
    (
        Heading(("PREDICTORS_HEADING", "PREDICTORS_HELP")),
        Control("predictor", "PREDICTOR_MENU", known),
        Note("correlation", sentence, reads=("predictor",)),
        Card(
            "predictors",
            "PREDICTORS_HEADING",
            of_table("predictors", figures.predictor_scatter),
            of_table("correlations", study_tables.correlations),
            csv="predictors",
            reads=("predictor",),
            needs=("predictors", "correlations"),
            exports=_files,
        ),
    ),
)
