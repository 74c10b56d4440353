"""Heat-maps of what each language does inside the model: activation variance and similarity of languages."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components.figures.base import SEQUENTIAL, axis, block_axis, colour_bar, figure, height_of, message, rows_axis
from components.i18n import words
from components.i18n.names import renamed
from mwanda_core.languages import language
from mwanda_core.store.report import RunReport

ALL_INPUTS = ""
"""Stands for the mean over all distinct inputs of a block."""


def inputs(report: RunReport) -> list[str]:
    """The distinct inputs of the blocks, in the model's order."""
    return list(dict.fromkeys(report.tables["activations"]["input"]))


def selected(report: RunReport, kind: str = ALL_INPUTS) -> pd.DataFrame:
    """Language x block rows for one kind of input, or the mean over all kinds."""
    table = renamed(report.tables["activations"])
    if kind:
        return table[table["input"] == kind].reset_index(drop=True)
    mean = table.groupby(["language", "name", "block"], sort=False)[["rms", "deviation", "variance"]].mean()
    return mean.reset_index()


def variance_heatmap(report: RunReport, kind: str = ALL_INPUTS, measure: str = "deviation") -> go.Figure:
    """Language x block: distance from the average language (or strength), and the variance as the bottom row."""
    table = selected(report, kind)
    names = list(dict.fromkeys(table["name"]))
    if measure == "deviation" and len(names) < 2:
        return message(words.ONE_LANGUAGE)
    wide = table.pivot(index="name", columns="block", values=measure).loc[names]
    values = wide.to_numpy(np.float64)
    if measure == "deviation":
        mean = table.groupby("block")["variance"].first().to_numpy(np.float64)
        values, names = np.vstack([values, mean]), [*names, words.ALL_LANGUAGES]
    fig = figure(height_of(len(names)), [_logarithmic(values, wide.columns.to_list(), names, measure)])
    fig.update_layout(xaxis=block_axis(values.shape[1]), yaxis=rows_axis(names))
    if measure == "deviation":
        fig.add_hline(y=len(names) - 1.5, line={"color": "white", "width": 3})
    return fig


def _logarithmic(values: np.ndarray, blocks: list[Any], names: list[str], measure: str) -> go.Heatmap:
    """Colours on a logarithmic scale: a few blocks differ by a hundred times as much as the rest."""
    positive = values[values > 0]
    low, high = (float(positive.min()), float(positive.max())) if positive.size else (1.0, 1.0)
    ticks = [t for t in _round_numbers(low, high) if low <= t <= high] or [low]
    return go.Heatmap(
        z=np.log10(np.clip(values, low, None)).tolist(),
        x=blocks,
        y=list(range(len(names))),
        customdata=[[(float(v), name) for v in row] for row, name in zip(values, names, strict=True)],
        hovertemplate=f"%{{customdata[1]}}, {words.OVERLAP_BLOCK.format(block='%{x}')}<br>{words.MEASURES[measure]}: %{{customdata[0]:.3g}}<extra></extra>",
        colorscale=SEQUENTIAL,
        colorbar=colour_bar(
            words.BAR_DEVIATION if measure == "deviation" else words.BAR_RMS,
            tickvals=[float(np.log10(t)) for t in ticks],
            ticktext=[words.number(t, "g") for t in ticks],
        ),
    )


def _round_numbers(low: float, high: float) -> list[float]:
    """1, 2, 5 times powers of ten; only powers when the range is wide."""
    decades = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    steps = (1,) if len(decades) > 4 else (1, 2, 5) if len(decades) < 3 else (1, 3)
    return [step * 10.0**decade for decade in decades for step in steps]


def similarity_matrix(report: RunReport) -> go.Figure:
    """Language x language correlation. The diagonal is 1 by definition and left out, or it would take all the colours."""
    table = renamed(report.tables["similarity"])
    names = list(dict.fromkeys(table["name"]))
    if len(names) < 2:
        return message(words.ONE_LANGUAGE)
    wide = table.pivot(index="name", columns="other_name", values="correlation").loc[names, names]
    values = wide.to_numpy(np.float64).copy()
    np.fill_diagonal(values, np.nan)
    trace = go.Heatmap(
        z=[[None if np.isnan(v) else float(v) for v in row] for row in values],
        x=names,
        y=list(range(len(names))),
        customdata=[[name] * len(names) for name in names],
        texttemplate="%{z:.3f}" if len(names) <= 8 else None,
        hovertemplate=f"{words.listed(['%{customdata}', '%{x}'])}: %{{z:.4f}}<extra></extra>",
        colorscale=SEQUENTIAL,
        xgap=1,
        ygap=1,
        colorbar=colour_bar(
            words.BAR_CORRELATION, nticks=5, tickformat=".4f" if float(np.nanmax(values) - np.nanmin(values)) < 0.02 else ".2f"
        ),
    )
    fig = figure(height_of(len(names), extra=150, least=280), [trace])
    fig.update_layout(
        xaxis=axis(words.AXIS_OTHER, tickangle=-45 if len(names) > 3 else 0, showgrid=False),
        yaxis=rows_axis(names) | {"showgrid": False},
    )
    return fig


def blocks_with_experts(report: RunReport) -> list[int]:
    """Blocks in which a router sends tokens to experts, those first in which languages part most: by the largest share of any two
    languages' tokens that go different ways (total variation)."""
    if "experts" not in report.tables or report.tables["experts"].empty:
        return []
    apart = {}
    for block, part in report.tables["experts"].groupby("block"):
        rows = part.pivot(index="language", columns="expert", values="share").fillna(0.0).to_numpy(np.float64)
        apart[int(str(block))] = float((rows[:, None] - rows[None]).clip(min=0).sum(axis=-1).max())
    return sorted(apart, key=lambda block: -apart[block])


def of_block(report: RunReport, block: int) -> pd.DataFrame:
    """Languages x experts of one block: tokens and their share."""
    table = report.tables["experts"]
    table = table[table["block"] == block].reset_index(drop=True)
    return renamed(table.assign(name=[language(code).name for code in table["language"]]))


def expert_heatmap(report: RunReport, block: int) -> go.Figure:
    """Language x expert of one block: the share of the language's tokens that the router sends there."""
    table = of_block(report, block)
    names = list(dict.fromkeys(table["name"]))
    wide = table.pivot(index="name", columns="expert", values="share").loc[names]
    trace = go.Heatmap(
        z=(100 * wide.to_numpy(np.float64)).tolist(),
        x=wide.columns.to_list(),
        y=list(range(len(names))),
        customdata=[[name] * wide.shape[1] for name in names],
        hovertemplate=f"%{{customdata}}, {words.AXIS_EXPERT} %{{x}}: %{{z:.1f}} %<extra></extra>",
        colorscale=SEQUENTIAL,
        colorbar=colour_bar(words.BAR_EXPERTS),
    )
    fig = figure(height_of(len(names)), [trace])
    fig.update_layout(xaxis=axis(words.AXIS_EXPERT, showgrid=False), yaxis=rows_axis(names) | {"showgrid": False})
    return fig
