"""Masks of runs against each other: two runs matrix by matrix, and all runs in one square."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from components.figures.base import DIVERGING, SEQUENTIAL, axis, block_axis, colour_bar, figure, height_of, message, rows_axis
from components.i18n import words


def mask_map(table: pd.DataFrame, view: str = "corrected") -> go.Figure:
    """Block x matrix: what the masks of two runs have in common. `view`: "corrected" or "kept_share" (shown in %)."""
    modules = list(dict.fromkeys(table["module"]))
    labels = _short(modules)
    blocks = sorted({int(block) for block in table["block"]})
    at = {(str(row["module"]), int(row["block"])): row for row in table.to_dict("records")}
    scale = 100.0 if view == "kept_share" else 1.0
    cells = [[at.get((module, block)) for block in blocks] for module in modules]
    z = [[None if row is None or math.isnan(row[view]) else scale * float(row[view]) for row in line] for line in cells]
    known = [value for line in z for value in line if value is not None]
    if not known:
        return message(words.COMPARE_NOT)
    low = min(known)
    shown: dict[str, Any] = {"colorscale": SEQUENTIAL, "zmin": min(0.0, low), "zmax": scale}
    if view == "corrected" and low < -0.05:
        shown = {"colorscale": DIVERGING, "zmin": -1.0, "zmax": 1.0}
    trace = go.Heatmap(
        z=z, x=blocks, y=list(range(len(modules))), xgap=1, ygap=1, customdata=[[_cell(row) for row in line] for line in cells],
        hovertemplate="%{customdata}<extra></extra>",
        colorbar=colour_bar(words.COMPARE_BAR_KEPT if view == "kept_share" else words.COMPARE_BAR_CORRECTED), **shown,
    )  # fmt: skip
    fig = figure(max(260, 30 * len(modules) + 110), [trace])
    fig.update_layout(
        xaxis=block_axis(len(blocks)), yaxis=rows_axis(labels, words.AXIS_MODULE) | {"showgrid": False}, showlegend=False
    )
    return fig


def _short(modules: Sequence[str]) -> list[str]:
    """Last parts of the names where they tell the matrices apart, else the names."""
    last = [name.rpartition(".")[2] for name in modules]
    return last if len(set(last)) == len(last) else list(modules)


def _cell(row: Mapping[Any, Any] | None) -> str:
    if row is None:
        return ""
    return words.COMPARE_HOVER_MASKS.format(
        block=row["block"], module=row["module"], corrected=row["corrected"], kept=100 * row["kept_share"]
    )


def mask_matrix(table: pd.DataFrame, runs: Sequence[str]) -> go.Figure:
    """Run x run: corrected overlap of whole masks. table: one row a pair, with the labels in name and other."""
    letters = [run.partition(":")[0] for run in runs]
    found = {(row["name"], row["other"]): float(row["corrected"]) for row in table.to_dict("records")}
    values = [[1.0 if a == b else found.get((a, b), found.get((b, a), math.nan)) for b in runs] for a in runs]
    trace = go.Heatmap(
        z=[[None if math.isnan(v) else v for v in line] for line in values], x=list(range(len(runs))), y=list(range(len(runs))),
        colorscale=SEQUENTIAL, zmin=min(0.0, *(v for line in values for v in line if not math.isnan(v))), zmax=1.0, texttemplate="%{z:.2f}",
        xgap=2, ygap=2, hovertemplate="%{customdata}<extra></extra>", colorbar=colour_bar(words.COMPARE_BAR_CORRECTED),
        customdata=[
            [words.COMPARE_HOVER_PAIR.format(a=a, b=b, corrected=values[i][j]) for j, b in enumerate(runs)] for i, a in enumerate(runs)
        ],
    )  # fmt: skip
    fig = figure(height_of(len(runs), extra=150, least=260), [trace])
    fig.update_layout(
        xaxis=axis(words.COMPARE_AXIS_OTHER_RUN, tickvals=list(range(len(runs))), ticktext=letters, showgrid=False),
        yaxis=rows_axis(list(runs), words.COMPARE_AXIS_RUN) | {"showgrid": False},
        showlegend=False,
    )
    return fig
