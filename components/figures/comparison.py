"""Runs side by side: losses, differences from a baseline, sparsity by block, mean against worst.

Every run has a letter; the letter, a colour and a marker of its own tell it apart in all figures of a comparison. Tables come
from `comparing.tables`; a column `run` holds the label of the run ("B: M-Wanda 60%").
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components.figures.base import (
    BLUE,
    FAINT,
    GREEN,
    ORANGE,
    axis,
    block_axis,
    figure,
    height_of,
    message,
    rows_axis,
    times_axis,
)
from components.i18n import words
from components.i18n.names import renamed

COLOURS = (BLUE, ORANGE, GREEN, "#b65a93", "#a98600", "#6b7d8c")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "star", "pentagon")
DODGE = 0.62
"""Rows over which the markers of one language are spread."""


def style(runs: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Label -> colour and marker, the same in every figure."""
    return {run: (COLOURS[place % len(COLOURS)], SYMBOLS[place % len(SYMBOLS)]) for place, run in enumerate(runs)}


def run_losses(table: pd.DataFrame, runs: Sequence[str]) -> go.Figure:
    """Loss increase of every language in every run. table: language, name, run, increase, increase_low, increase_high."""
    return _dots(table, runs, runs, ("increase", "increase_low", "increase_high"), words.COMPARE_HOVER_TIMES, words.AXIS_RATIO)


def run_differences(table: pd.DataFrame, runs: Sequence[str], baseline: str) -> go.Figure:
    """Loss minus the baseline's. table: language, name, run, loss_difference, loss_low, loss_high."""
    columns = ("loss_difference", "loss_low", "loss_high")
    others = [run for run in runs if run != baseline]
    return _dots(table, runs, others, columns, words.COMPARE_HOVER_TIMES, words.COMPARE_AXIS_DIFFERENCE, hollow=True)


def run_accuracies(table: pd.DataFrame, runs: Sequence[str], baseline: str) -> go.Figure:
    """Accuracy minus the baseline's, in points. table: language, name, run, accuracy_difference, accuracy_low, accuracy_high."""
    columns = ("accuracy_difference", "accuracy_low", "accuracy_high")
    points = table.assign(**{column: 100 * table[column].astype(float) for column in columns})
    others = [run for run in runs if run != baseline]
    return _dots(points, runs, others, columns, words.COMPARE_HOVER_POINTS, words.COMPARE_AXIS_POINTS, hollow=True, points=True)


def _dots(
    table: pd.DataFrame,
    runs: Sequence[str],
    drawn: Sequence[str],
    columns: tuple[str, str, str],
    hover: str,
    title: str,
    hollow: bool = False,
    points: bool = False,
) -> go.Figure:
    """One row a language in the order of the table, one marker with its interval a run; open where the interval holds 0. points: percentage
    points, otherwise nats."""
    table = renamed(table)
    names = list(dict.fromkeys(table["name"]))
    rows = {name: row for row, name in enumerate(names)}
    known = table[table[columns[0]].notna() & table["run"].isin(list(drawn))]
    if known.empty:
        return message(words.COMPARE_NOT)
    fig = figure(max(height_of(len(names), extra=150), len(names) * 12 * len(drawn) + 150))
    styles = style(runs)
    for place, run in enumerate(drawn):
        part = known[known["run"] == run]
        if part.empty:
            continue
        value, low, high = (part[column].astype(float) for column in columns)
        colour, symbol = styles[run]
        noise = ((low <= 0) & (high >= 0)).to_list() if hollow else [False] * len(part)
        offset = DODGE * ((place + 0.5) / len(drawn) - 0.5)
        fig.add_scatter(
            x=value.to_list(), y=[rows[name] + offset for name in part["name"]], mode="markers", name=run,
            marker={"color": colour, "size": 9, "symbol": [f"{symbol}-open" if open_ else symbol for open_ in noise]},
            error_x={
                "type": "data", "array": (high - value).clip(lower=0).fillna(0.0).to_list(),
                "arrayminus": (value - low).clip(lower=0).fillna(0.0).to_list(), "color": colour, "thickness": 1.5, "width": 3,
            },
            customdata=[
                hover.format(run=run, name=n, value=v, times=math.exp(min(v, 700.0)), interval=_interval(a, b))
                for n, v, a, b in zip(part["name"], value, low, high, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    fig.add_vline(x=0, line={"color": FAINT, "dash": "dash", "width": 1})
    for row in range(1, len(names)):
        fig.add_hline(y=row - 0.5, line={"color": "rgba(128,128,128,0.15)", "width": 1})
    scale = axis(title) if points else times_axis(title, [0.0, *known[list(columns)].to_numpy(np.float64).flat])
    fig.update_layout(xaxis=scale, yaxis=rows_axis(names) | {"showgrid": False}, **_legend(len(drawn)))
    return fig


def _interval(low: float, high: float) -> str:
    return "" if math.isnan(low) or math.isnan(high) else words.COMPARE_HOVER_INTERVAL.format(low=low, high=high)


def _legend(count: int) -> dict[str, Any]:
    """One entry a line above the figure, so that names of any length fit a phone."""
    return {
        "showlegend": True,
        "legend": {"orientation": "v", "x": 0, "y": 1, "yanchor": "bottom", "xanchor": "left", "bgcolor": "rgba(0,0,0,0)"},
        "margin": {"l": 8, "r": 8, "t": 34 + 19 * max(0, count - 1), "b": 8},
    }


def run_blocks(table: pd.DataFrame, runs: Sequence[str]) -> go.Figure:
    """Sparsity of every block in every run. table: block, then one column a run, shares."""
    if table.empty:
        return message(words.COMPARE_NOT)
    blocks = [int(block) for block in table["block"]]
    fig = figure(330 + 19 * len(runs))
    for run, (colour, symbol) in style(runs).items():
        values = table[run].astype(float)
        fig.add_scatter(
            x=blocks, y=[None if math.isnan(v) else 100 * v for v in values], mode="lines+markers", name=run, line={"color": colour, "shape": "hvh"},
            marker={"symbol": symbol, "size": 7}, hovertemplate=f"{words.OVERLAP_BLOCK.format(block='%{x}')}: {words.per_cent('%{y:.2f}')}<extra>{run}</extra>",
        )  # fmt: skip
    everything = table[list(runs)].to_numpy(np.float64)
    span = [100 * float(np.nanmin(everything)) - 3, 100 * float(np.nanmax(everything)) + 3]
    fig.update_layout(xaxis=block_axis(len(blocks)), yaxis=axis(words.AXIS_SPARSITY, range=span), **_legend(len(runs)))
    return fig


def run_front(table: pd.DataFrame, runs: Sequence[str]) -> go.Figure:
    """Mean against worst language. table: run, mean, worst, worst_language, worst_name, front."""
    if table.empty:
        return message(words.COMPARE_FRONT_NONE)
    styles = style(runs)
    best = table[table["front"]].sort_values("mean")
    fig = figure(380 + 19 * (len(runs) + 1))
    fig.add_scatter(
        x=best["mean"].to_list(), y=best["worst"].to_list(), mode="lines", name=words.COMPARE_FRONT_LEGEND, hoverinfo="skip",
        line={"color": FAINT, "dash": "dot", "width": 2, "shape": "hv"},
    )  # fmt: skip
    for row in renamed(table).to_dict("records"):
        colour, symbol = styles[row["run"]]
        told = words.COMPARE_HOVER_FRONT.format(run=row["run"], mean=row["mean"], worst=row["worst"], name=row["worst_name"])
        fig.add_scatter(
            x=[row["mean"]], y=[row["worst"]], mode="markers+text", name=row["run"], text=[str(row["run"]).partition(":")[0]],
            textposition="top right", textfont={"size": 13}, cliponaxis=False, customdata=[told], hovertemplate="%{customdata}<extra></extra>",
            marker={"color": colour, "size": 12, "symbol": symbol if row["front"] else f"{symbol}-open", "line": {"width": 2}},
        )  # fmt: skip
    fig.update_layout(
        xaxis=times_axis(words.WORTH_AXIS_MEAN, table["mean"], 0.12),
        yaxis=times_axis(words.WORTH_AXIS_WORST, table["worst"], 0.12),
        **_legend(len(runs) + 1),
    )
    return fig
