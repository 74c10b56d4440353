"""One figure that is known of each language, against what it lost."""

import dataclasses
import math
from typing import Any

import gradio as gr

from components import figures
from components.i18n import words
from components.report import study_tables
from components.widgets.inputs import FigureAndTable, Section, figure_and_table, section
from mwanda_core.store.report import RunReport


@dataclasses.dataclass(frozen=True)
class PredictorsPart:
    """Widgets of the part."""

    section: Section
    which: gr.Dropdown
    told: gr.Markdown
    scatter: FigureAndTable


def draw() -> PredictorsPart:
    """Draw the part where the caller stands."""
    with section("predictors", words.ABSENT.format(study=words.STUDY_TITLES["predictors"])) as shown:
        gr.Markdown(f"{words.PREDICTORS_HEADING}\n{words.PREDICTORS_HELP}")
        which = gr.Dropdown(
            [(text, name) for name, text in words.PREDICTORS.items()], value="similarity", label=words.PREDICTOR_MENU, elem_id="predictor"
        )  # fmt: skip
        told = gr.Markdown(elem_id="correlation")
        scatter = figure_and_table("predictors", words.PREDICTORS_HEADING.strip("# "), beside=False)
    return PredictorsPart(shown, which, told, scatter)


def show(part: PredictorsPart, report: RunReport, files: dict[str, str]) -> dict[Any, Any]:
    """The part's contents for a report; the figures that nobody knows are not offered."""
    if "predictors" not in report.tables or "correlations" not in report.tables:
        return part.section.show(False)
    known = figures.known_predictors(report.tables["predictors"]) or ["similarity"]
    return {
        **part.section.show(True),
        part.which: gr.update(choices=[(words.PREDICTORS[name], name) for name in known], value=known[0]),
        **change(part, report, known[0]),
        part.scatter.table: study_tables.correlations(report.tables["correlations"]),
        part.scatter.download: gr.update(value=files["predictors"], interactive=True),
    }


def change(part: PredictorsPart, report: RunReport, name: str | None) -> dict[Any, Any]:
    """Another figure."""
    if "predictors" not in report.tables:
        return {}
    name = name or "similarity"
    return {part.scatter.plot: figures.predictor_scatter(report.tables["predictors"], name), part.told: sentence(report, name)}


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
