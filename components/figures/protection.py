"""A search for protected languages: every setting tried, and what the one found does to each language."""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from components.figures.base import (
    BLUE,
    FAINT,
    GREEN,
    ORANGE,
    axis,
    figure,
    height_of,
    message,
    neat_ticks,
    rows_axis,
    times_axis,
)
from components.figures.marks import DODGE, spread
from components.i18n import words
from components.i18n.names import renamed

BESIDE = frozenset({"protected", "others", "over", "mean", "worst", "front", "taken", "activation", "method", "guard"})
"""Columns of the tries that are no knob and no language."""


def knobs_of(tries: pd.DataFrame) -> list[str]:
    """The columns of the tries that are knobs."""
    return [str(name) for name in tries if name not in BESIDE and not str(name).startswith("increase ")]


def tries(table: pd.DataFrame, limits: Mapping[str, float], found: int) -> go.Figure:
    """The worst protected language against the mean of the others, a point a try. found: the row of the one chosen.

    Where the limits differ, the axis is what is above them.
    """
    same = len(set(limits.values())) == 1
    column = "protected" if same else "over"
    known = table.dropna(subset=[column, "others"])
    if known.empty:
        return message(words.SWEEP_UNSCORED)
    fig = figure(400)
    told = {i: _told(row) for i, row in zip(known.index, known.to_dict("records"), strict=True)}
    best = known[known["front"]].sort_values([column, "others"])
    start = known.loc[known.index[:1]]
    kept = bool((known.loc[known.index == found, "over"] <= 0).all())
    layers: tuple[tuple[pd.DataFrame, str, dict[str, Any]], ...] = (
        (known, words.PROTECT_LEGEND_TRIES, {"mode": "markers", "marker": {"color": FAINT, "size": 9}}),
        (
            best, words.PROTECT_LEGEND_FRONT,
            {"mode": "lines+markers", "marker": {"color": BLUE, "size": 10}, "line": {"color": BLUE, "width": 1, "dash": "dot"}},
        ),
        (start, words.PROTECT_LEGEND_START, {"mode": "markers", "marker": {"color": ORANGE, "size": 13, "symbol": "square"}}),
        (
            known[known.index == found], words.PROTECT_LEGEND_FOUND if kept else words.PROTECT_LEGEND_NEAREST,
            {"mode": "markers", "marker": {"color": GREEN if kept else ORANGE, "size": 16, "symbol": "star" if kept else "star-open"}},
        ),
    )  # fmt: skip
    for part, name, look in layers:
        fig.add_scatter(
            x=part[column].to_list(), y=part["others"].to_list(), name=name, customdata=[told[i] for i in part.index],
            hovertemplate="%{customdata}<extra></extra>", **look,
        )  # fmt: skip
    limit = next(iter(limits.values())) if same else 0.0
    fig.add_vline(x=limit, line={"color": FAINT, "dash": "dash", "width": 1}, annotation_text=words.PROTECT_LIMIT_LINE)
    title = words.AXIS_PROTECTED if same else words.AXIS_PROTECTED_OVER
    fig.update_layout(
        xaxis=times_axis(title, [*known[column], limit]),
        yaxis=times_axis(words.AXIS_OTHERS, known["others"]),
        showlegend=True,
        hovermode="closest",
    )
    return fig


def _told(row: Mapping[Any, Any]) -> str:
    knobs = "".join(
        f"<br>{name}: {words.number(value, '.3g')}"
        for name, value in row.items()
        if isinstance(value, float) and name not in BESIDE and not str(name).startswith("increase ") and not math.isnan(value)
    )
    return words.HOVER_TRY.format(activation=row["activation"], knobs=knobs, protected=row["protected"], others=row["others"])


def cost_by_language(table: pd.DataFrame) -> go.Figure:
    """Perplexity ratio of every language with the setting on the left and with the one found; a mark where its limit is.

    Columns: language, name, limit (ratio, NaN for the others), and before, after each with _low and _high.
    """
    if table.empty:
        return message(words.SWEEP_UNSCORED)
    table = renamed(table).reset_index(drop=True)
    fig = figure(height_of(len(table), extra=145))
    for side, row, colour, symbol, name in (
        ("before", -DODGE, FAINT, "square", words.PROTECT_LEGEND_START),
        ("after", DODGE, GREEN, "circle", words.PROTECT_LEGEND_FOUND),
    ):
        low, high = table[f"{side}_low"], table[f"{side}_high"]
        fig.add_scatter(
            x=table[side].to_list(), y=[i + row for i in table.index], mode="markers", name=name,
            marker={"color": colour, "size": 9, "symbol": symbol}, error_x={**spread(table[side], low, high), "color": colour},
            customdata=[
                words.HOVER_PROTECTED.format(name=line["name"], which=name, value=line[side], low=line[f"{side}_low"], high=line[f"{side}_high"])
                for line in table.to_dict("records")
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    limited = table[table["limit"].notna()]
    fig.add_scatter(
        x=limited["limit"].to_list(), y=list(limited.index), mode="markers", name=words.PROTECT_LIMIT_LINE, hoverinfo="skip",
        marker={"symbol": "line-ns-open", "size": 22, "color": ORANGE, "line": {"width": 3, "color": ORANGE}},
    )  # fmt: skip
    columns = ["before_low", "after_low", "before_high", "after_high", "limit"]
    span = [min(0.95, float(table[columns].min().min()) * 0.97), float(table[columns].max().max()) * 1.05]
    ticks = neat_ticks(*span)
    fig.update_layout(
        xaxis=axis(
            words.AXIS_RATIO, type="log", range=[math.log10(s) for s in span], tickvals=ticks, ticktext=[words.number(t, "g") for t in ticks]
        ),
        yaxis=rows_axis(table["name"].to_list()), showlegend=True, hovermode="closest",
    )  # fmt: skip
    return fig
