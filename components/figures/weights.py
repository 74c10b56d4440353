"""Pictures of one weight matrix, and of what the languages make of one weight. Pure functions of arrays and tables."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components.figures.base import BLUE, GRID, ORANGE, SEQUENTIAL, axis, colour_bar, figure, height_of, message, rows_axis
from components.figures.sparsity import layers_heatmap
from components.i18n import words
from components.i18n.names import renamed
from mwanda_core.store.report import RunReport

PALE = "rgba(217,115,13,0.18)"


def matrices_map(report: RunReport, block: int | None = None, label: str | None = None) -> go.Figure:
    """Block x matrix, as in the tab of sparsity, with the chosen matrix framed. Cells carry their labels."""
    fig = layers_heatmap(report)
    labels = list(fig.layout.yaxis.ticktext)
    if block is not None and label in labels:
        _frame(fig, block, labels.index(label))
    fig.update_xaxes(fixedrange=True)
    fig.update_yaxes(fixedrange=True)
    return fig


def _frame(fig: go.Figure, x: float, y: float) -> None:
    for width, colour in ((5, "white"), (2.5, "#c2410c")):
        fig.add_shape(type="rect", x0=x - 0.5, x1=x + 0.5, y0=y - 0.5, y1=y + 0.5, line={"color": colour, "width": width})


def density_map(share: np.ndarray, rows: Sequence[int], columns: Sequence[int]) -> go.Figure:
    """The mask from afar: per cent removed in each patch. Cells carry the middle of their patch and what they cover."""
    middles = [[(a + b - 1) / 2 for a, b in itertools.pairwise(e)] for e in (rows, columns)]
    spans = [[f"{a}–{b - 1}" if b - a > 1 else f"{a}" for a, b in itertools.pairwise(e)] for e in (rows, columns)]
    told = [
        [(int(y), int(x), words.HOVER_PATCH.format(rows=r, columns=c)) for x, c in zip(middles[1], spans[1], strict=True)]
        for y, r in zip(middles[0], spans[0], strict=True)
    ]
    values = 100 * np.asarray(share, dtype=np.float64)
    low, high = float(values.min()), float(values.max())
    room = max(0.0, 1.0 - (high - low)) / 2  # Rounding of whole weights should not look like a pattern.
    trace = go.Heatmap(
        z=values.round(3).tolist(), x=middles[1], y=middles[0], customdata=told, colorscale=SEQUENTIAL, zmin=low - room, zmax=high + room,
        hovertemplate=f"%{{customdata[2]}}: %{{z:.1f}} {words.BAR_PERCENT}<extra></extra>", colorbar=colour_bar(words.BAR_PERCENT),
    )  # fmt: skip
    fig = figure(420, [trace])
    _axes(fig, (0, rows[-1]), (0, columns[-1]))
    return fig


def window_map(keep: np.ndarray, row: int, column: int, chosen: tuple[int, int] | None = None) -> go.Figure:
    """Single weights from (row, column) on, kept or removed; the chosen one framed where it lies in the window."""
    down, across = keep.shape
    trace = go.Heatmap(
        z=keep.astype(int).tolist(), x=list(range(column, column + across)), y=list(range(row, row + down)), xgap=1, ygap=1,
        text=np.where(keep, words.HOVER_KEPT, words.HOVER_REMOVED).tolist(), hovertemplate=words.HOVER_CELL, zmin=0, zmax=1,
        colorscale=[[0, PALE], [1, BLUE]], showscale=False,
    )  # fmt: skip
    fig = figure(460, [trace])
    _axes(fig, (row, row + down), (column, column + across))
    if chosen is not None and row <= chosen[0] < row + down and column <= chosen[1] < column + across:
        _frame(fig, chosen[1], chosen[0])
    return fig


def _axes(fig: go.Figure, rows: tuple[int, int], columns: tuple[int, int]) -> None:
    fig.update_layout(
        xaxis=axis(words.AXIS_INPUT, range=[columns[0] - 0.5, columns[1] - 0.5], showgrid=False, fixedrange=True),
        yaxis=axis(words.AXIS_OUTPUT, range=[rows[1] - 0.5, rows[0] - 0.5], showgrid=False, fixedrange=True),
    )


def share_line(share: np.ndarray, by_row: bool, ordered: bool) -> go.Figure:
    """Per cent removed of each row or column, as they lie or the most removed first."""
    values = 100 * np.asarray(share, dtype=np.float64)
    if ordered:
        values = -np.sort(-values)
    titles = (words.AXIS_OUTPUT_SORTED, words.AXIS_INPUT_SORTED) if ordered else (words.AXIS_OUTPUT, words.AXIS_INPUT)
    line = {"color": BLUE if by_row else ORANGE, "width": 1.5}
    fig = figure(
        260,
        [
            go.Scatter(
                x=list(range(len(values))), y=values.round(3).tolist(), mode="lines", line=line, hovertemplate=words.HOVER_SHARE
            )
        ],
    )
    low, high = max(-1.0, float(values.min()) - 3), min(101.0, float(values.max()) + 3)
    fig.update_layout(
        xaxis=axis(titles[0 if by_row else 1], rangemode="tozero"),
        yaxis=axis(words.AXIS_REMOVED, range=[low, high]),
        showlegend=False,
    )
    return fig


def language_bars(views: pd.DataFrame) -> go.Figure:
    """Activation of one input channel by language (name, rms, score, keeps); blue languages alone would keep the weight."""
    if views.empty:
        return message(words.WHY_NO_STATISTICS)
    views = renamed(views)
    names = list(views["name"])
    told = [
        words.WHY_HOVER.format(
            name=n, rms=words.number(r, ".3g"), score=words.number(s, ".3g"), verdict=words.WHY_KEEPS if k else words.WHY_DROPS
        )
        for n, r, s, k in zip(names, views["rms"], views["score"], views["keeps"], strict=True)
    ]
    fig = figure(height_of(len(names), 90, 180))
    for keeps, colour, name in ((True, BLUE, words.WHY_KEEPS), (False, ORANGE, words.WHY_DROPS)):
        places = [i for i, k in enumerate(views["keeps"]) if bool(k) == keeps]
        if places:
            fig.add_bar(
                x=[float(views["rms"].iloc[i]) for i in places], y=places, orientation="h", name=name, marker={"color": colour},
                customdata=[told[i] for i in places], hovertemplate="%{customdata}<extra></extra>", width=0.7,
            )  # fmt: skip
    fig.update_layout(xaxis=axis(words.WHY_AXIS, rangemode="tozero", gridcolor=GRID), yaxis=rows_axis(names), showlegend=True)
    return fig
