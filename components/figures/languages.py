"""What each language lost: perplexity and choice accuracy, dense against pruned, with intervals."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components.figures.base import BLUE, DIVERGING, FAINT, ORANGE, SEQUENTIAL, axis, figure, height_of, message, rows_axis
from components.i18n import words
from components.i18n.names import renamed
from mwanda_core.store.report import RunReport

ROLE_STYLE = {"calibration": (BLUE, "circle"), "held-out": (ORANGE, "diamond")}
NEAT_RATIOS = (0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.5, 2, 3, 5, 7, 10, 20, 50, 100, 300, 1e3, 1e4, 1e5, 1e6)
DODGE = 0.17
"""Rows between the dense and the pruned marker of one language."""


def ordered(report: RunReport) -> pd.DataFrame:
    """Languages as every figure and table shows them: calibrated on first, then the others, the worst of each on top."""
    table = renamed(report.tables["languages"])
    table = table.assign(held=table["role"] != "calibration")
    return table.sort_values(["held", "perplexity_ratio"], ascending=[True, False], kind="stable").reset_index(drop=True)


def has_accuracy(report: RunReport) -> bool:
    """Whether choice accuracy was measured."""
    table = report.tables["languages"]
    return "dense_accuracy" in table and bool(table["dense_accuracy"].notna().any())


def informative(table: pd.DataFrame) -> pd.Series:
    """Whether the dense model is above guessing: only then does a change in accuracy mean anything."""
    return table["dense_low"] > table["chance"]


def within_noise(table: pd.DataFrame) -> pd.Series:
    """Languages whose change of accuracy says nothing: its 95% interval holds 0, or the dense model cannot be told from guessing."""
    return ((table["change_low"] <= 0) & (table["change_high"] >= 0)) | ~informative(table)


def worst(table: pd.DataFrame) -> int:
    """The row whose perplexity ratio is highest."""
    return int(table["perplexity_ratio"].to_numpy().argmax())


def labels_of(table: pd.DataFrame) -> list[str]:
    """Names of the languages; the worst one says so."""
    names = list(table["name"])
    if len(names) > 1:
        names[worst(table)] += f" ({words.WORST})"
    return names


def perplexity_dots(report: RunReport, view: str = "difference") -> go.Figure:
    """Per language: the ratio with its interval, or bits per byte before and after."""
    table = ordered(report)
    fig = figure(height_of(len(table), extra=145))
    if view == "both":
        for side, row in (("dense", -DODGE), ("pruned", DODGE)):
            # Two standard errors: about 95 % where a language has a dozen texts or more.
            _before_after(
                fig, table, side, row, f"{side}_bits_per_byte", 2 * table[f"{side}_bits_se"], 2 * table[f"{side}_bits_se"], 1.0
            )
        fig.update_layout(xaxis=axis(words.AXIS_BITS, rangemode="tozero"))
    else:
        _by_role(fig, table, "perplexity_ratio", "ratio_low", "ratio_high", 1.0, "%{x:.2f}")
        span = [min(0.9, float(table["ratio_low"].min())), float(table["ratio_high"].max()) * 1.05]
        ticks = neat_ticks(*span)
        fig.update_layout(
            xaxis=axis(
                words.AXIS_RATIO, type="log", range=[float(np.log10(s)) for s in span], tickvals=ticks,
                ticktext=[words.number(t, "g") for t in ticks],
            )
        )  # fmt: skip
        fig.add_vline(x=1, line={"color": FAINT, "dash": "dash", "width": 1})
    return _rows(fig, table)


def accuracy_dots(report: RunReport, view: str = "difference") -> go.Figure:
    """Per language: the paired change in points with its interval, or the share correct before and after."""
    if not has_accuracy(report):
        return message(words.ACCURACY_NONE)
    table = ordered(report)
    fig = figure(height_of(len(table), extra=145))
    if view == "both":
        for side, row in (("dense", -DODGE), ("pruned", DODGE)):
            value = table[f"{side}_accuracy"]
            low, high = value - table[f"{side}_low"], table[f"{side}_high"] - value
            _before_after(fig, table, side, row, f"{side}_accuracy", high, low, 100.0)
        chance = 100 * float(table["chance"].dropna().iloc[0])
        fig.add_scatter(
            x=[chance, chance], y=[-0.6, len(table) - 0.4], mode="lines", name=words.LEGEND_CHANCE, hoverinfo="skip",
            line={"color": FAINT, "dash": "dash"},
        )  # fmt: skip
        fig.update_layout(xaxis=axis(words.AXIS_ACCURACY, range=[-3, 103]))
    else:
        _by_role(
            fig, table, "accuracy_change", "change_low", "change_high", 100.0, words.HOVER_POINTS, hollow=~informative(table)
        )
        fig.add_vline(x=0, line={"color": FAINT, "dash": "dash", "width": 1})
        fig.update_layout(xaxis=axis(words.AXIS_CHANGE))
    return _rows(fig, table)


def neat_ticks(low: float, high: float) -> list[float]:
    """Round ratios between the bounds, 1 always among them, no two nearer than a twelfth of the logarithmic axis."""
    apart = float(np.log10(high / low)) / 12
    found = [1.0] if low <= 1.0 <= high else []
    for tick in NEAT_RATIOS:
        if low <= tick <= high and all(abs(np.log10(tick / other)) >= apart for other in found):
            found.append(tick)
    return sorted(found)


def _by_role(
    fig: go.Figure,
    table: pd.DataFrame,
    column: str,
    low: str,
    high: str,
    scale: float,
    text: str,
    hollow: pd.Series | None = None,
) -> None:
    """One marker with an interval per language; colour and shape tell calibrated from held-out."""
    for role, (colour, symbol) in ROLE_STYLE.items():
        part = table[table["role"] == role]
        if part.empty:
            continue
        empty = [False] * len(part) if hollow is None else hollow[part.index].to_list()
        fig.add_scatter(
            x=(scale * part[column]).to_list(),
            y=part.index.to_list(),
            mode="markers",
            name=words.ROLES[role],
            marker={"color": colour, "size": 10, "symbol": [f"{symbol}-open" if e else symbol for e in empty]},
            error_x={
                "type": "data", "array": (scale * (part[high] - part[column])).to_list(), "arrayminus": (scale * (part[column] - part[low])).to_list(),
                "color": colour, "thickness": 1.5, "width": 4,
            },
            customdata=list(zip(part["name"], scale * part[low], scale * part[high], strict=True)),
            hovertemplate=f"%{{customdata[0]}}: {text}<br>{words.HOVER_INTERVAL}<extra></extra>",
        )  # fmt: skip


def _before_after(
    fig: go.Figure, table: pd.DataFrame, side: str, row: float, column: str, above: pd.Series, below: pd.Series, scale: float
) -> None:
    colour, symbol = (FAINT, "square") if side == "dense" else (ORANGE, "circle")
    name = words.LEGEND_DENSE if side == "dense" else words.LEGEND_PRUNED
    fig.add_scatter(
        x=(scale * table[column]).to_list(),
        y=(table.index + row).to_list(),
        mode="markers",
        name=name,
        marker={"color": colour, "size": 9, "symbol": symbol},
        error_x={
            "type": "data", "array": (scale * above).to_list(), "arrayminus": (scale * below).to_list(), "color": colour, "thickness": 1.5, "width": 3,
        },
        customdata=table["name"].to_list(),
        hovertemplate=f"%{{customdata}}: %{{x:.3g}}<extra>{name}</extra>",
    )  # fmt: skip


def _rows(fig: go.Figure, table: pd.DataFrame) -> go.Figure:
    """The language axis, and a line between calibrated and held-out languages."""
    fig.update_layout(yaxis=rows_axis(labels_of(table)), showlegend=True)
    calibrated = int((~table["held"]).sum())
    if 0 < calibrated < len(table):
        fig.add_hline(y=calibrated - 0.5, line={"color": FAINT, "width": 1})
    return fig


def summary_heatmap(report: RunReport) -> go.Figure:
    """Language x measure: perplexity before, after, ratio; accuracy before, after, change. The numbers stand in the cells."""
    table = ordered(report)
    fig = figure(height_of(len(table), extra=120))
    columns = words.SUMMARY_COLUMNS if has_accuracy(report) else words.SUMMARY_COLUMNS[:3]
    perplexity = table[["dense_perplexity", "pruned_perplexity"]].to_numpy(np.float64)
    _cells(fig, [0, 1], np.log10(perplexity), _texts(perplexity, short), {"colorscale": SEQUENTIAL, "reversescale": True})
    ratio = table[["perplexity_ratio"]].to_numpy(np.float64)
    top = max(0.01, float(np.log(ratio).max()))
    # The scale ends above the worst language, so that its cell stays light enough for its number.
    _cells(fig, [2], np.log(ratio), _texts(ratio, short), {"colorscale": "Oranges", "zmin": 0.0, "zmax": 1.4 * top})
    if has_accuracy(report):
        share = 100 * table[["dense_accuracy", "pruned_accuracy"]].to_numpy(np.float64)
        _cells(
            fig,
            [3, 4],
            share,
            _texts(share, lambda v: words.percent(v / 100)),
            {"colorscale": SEQUENTIAL, "zmin": 0, "zmax": 100},
        )
        change = 100 * table[["accuracy_change"]].to_numpy(np.float64)
        noise = within_noise(table).to_numpy()[:, None]
        texts = [
            [f"({text})" if doubt else text for text in row]
            for row, doubt in zip(_texts(change, signed), noise[:, 0], strict=True)
        ]
        _cells(fig, [5], np.where(noise, 0.0, change), texts, {"colorscale": DIVERGING, "zmin": -60, "zmax": 60})
    fig.update_layout(
        xaxis=axis(
            words.AXIS_MEASURE,
            tickvals=list(range(len(columns))),
            ticktext=list(columns),
            side="top",
            tickfont={"size": 11},
            showgrid=False,
            tickangle=0,
        ),
        yaxis=rows_axis(labels_of(table)) | {"showgrid": False},
    )
    return fig


def short(value: float) -> str:
    """Three digits, whatever the size: 2.58, 61.0, 468, 1.2e+04."""
    return (
        words.number(value, ".2f")
        if value < 10
        else words.number(value, ".1f")
        if value < 100
        else words.number(value, ".0f")
        if value < 1e4
        else words.number(value, ".1e")
    )


def signed(points: float) -> str:
    """Whole points with a sign, and 0 without one."""
    return words.number(points, "+.0f") if round(points) else "0"


def _texts(values: np.ndarray, form: Callable[[float], str]) -> list[list[str]]:
    return [["" if np.isnan(v) else form(float(v)) for v in row] for row in values]


def _cells(fig: go.Figure, at: list[int], colour: np.ndarray, text: list[list[str]], scale: dict[str, object]) -> None:
    """Columns that share one colour scale; what is printed is the value itself."""
    fig.add_heatmap(
        z=[[None if np.isnan(v) else float(v) for v in row] for row in colour],
        x=at, y=list(range(len(text))), text=text, texttemplate="%{text}", showscale=False, xgap=2, ygap=2,
        hoverinfo="skip", **scale,
    )  # fmt: skip
