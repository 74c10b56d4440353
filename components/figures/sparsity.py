"""Where the zeros are: the allocation over blocks, and every weight matrix."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components.figures.base import (
    BLUE,
    DIVERGING,
    FAINT,
    GREEN,
    ORANGE,
    SEQUENTIAL,
    axis,
    block_axis,
    colour_bar,
    figure,
    rows_axis,
)
from components.i18n import words
from mwanda_core.store.report import RunReport


def allocation_lines(report: RunReport, preview: Sequence[float] | None = None, target: float | None = None) -> go.Figure:
    """Sparsity of each block: as allocated and as achieved in the run, uniform, and at another target when given."""
    table = report.tables["allocation"]
    ran = float(report.facts["settings"]["sparsity"])
    target = ran if target is None else target
    blocks = table["block"].to_list()
    show_preview = preview is not None and abs(target - ran) > 1e-9
    fig = figure(330)

    def line(y: Iterable[float], name: str, colour: str, **more: object) -> None:
        fig.add_scatter(
            x=blocks, y=[100 * float(v) for v in y], name=name, line={"color": colour, **more.pop("line", {})},  # type: ignore[dict-item]
            hovertemplate=f"{words.OVERLAP_BLOCK.format(block='%{x}')}: {words.per_cent('%{y:.2f}')}<extra>{name}</extra>", **more,
        )  # fmt: skip

    line([target] * len(blocks), words.LEGEND_UNIFORM, FAINT, mode="lines", line={"dash": "dash"})
    line(
        table["sparsity"],
        words.LEGEND_THIS_RUN,
        BLUE,
        mode="lines+markers",
        line={"shape": "hvh"},
        opacity=0.45 if show_preview else 1,
    )
    line(
        achieved_by_block(report)["achieved"], words.LEGEND_ACHIEVED, GREEN, mode="markers",
        marker={"symbol": "circle-open", "size": 10}, opacity=0.45 if show_preview else 1,
    )  # fmt: skip
    if show_preview:
        assert preview is not None
        line(
            preview, words.LEGEND_PREVIEW.format(value=100 * target), ORANGE, mode="lines+markers",
            line={"shape": "hvh"}, marker={"symbol": "diamond"},
        )  # fmt: skip
    values = [*table["sparsity"], ran, target, *(preview or [])]
    span = [100 * min(values) - 3, 100 * max(values) + 3]
    fig.update_layout(
        xaxis=block_axis(len(blocks)) | {"range": [-0.6, len(blocks) - 0.4]}, yaxis=axis(words.AXIS_SPARSITY, range=span)
    )
    return fig


def achieved_by_block(report: RunReport) -> pd.DataFrame:
    """block, achieved: share of a block's prunable weights that were removed."""
    sums = report.tables["layers"].groupby("block")[["pruned", "weights"]].sum()
    return pd.DataFrame({"block": sums.index.to_list(), "achieved": (sums["pruned"] / sums["weights"]).to_list()})


def layers_heatmap(report: RunReport, view: str = "achieved") -> go.Figure:
    """Block x weight matrix: sparsity as achieved or allocated (%), or the difference of achieved from uniform (points)."""
    table = report.tables["layers"].assign(label=matrix_labels(report.tables["layers"]))
    labels = list(dict.fromkeys(table["label"]))
    uniform = float(report.facts["settings"]["sparsity"])
    column = "allocated" if view == "allocated" else "achieved"
    wide = table.pivot(index="label", columns="block", values=column).loc[labels]
    values = 100 * (wide.to_numpy(np.float64) - (uniform if view == "difference" else 0.0))
    unit = words.BAR_POINTS if view == "difference" else words.BAR_PERCENT
    shown: dict[str, object] = {"colorscale": SEQUENTIAL}
    if view == "difference":
        # Symmetric about 0, and never so narrow that rounding of whole weights looks like a pattern.
        reach = max(1.0, float(np.nanmax(np.abs(values))))
        shown = {"colorscale": DIVERGING, "zmin": -reach, "zmax": reach, "reversescale": True}
    trace = go.Heatmap(
        z=[[None if np.isnan(v) else float(v) for v in row] for row in values],
        x=wide.columns.to_list(),
        y=list(range(len(labels))),
        customdata=[[label] * values.shape[1] for label in labels],
        hovertemplate=f"%{{customdata}}, {words.OVERLAP_BLOCK.format(block='%{x}')}: %{{z:.2f}} {unit}<extra></extra>",
        xgap=1,
        ygap=1,
        colorbar=colour_bar(unit),
        **shown,
    )
    fig = figure(max(260, 30 * len(labels) + 110), [trace])
    fig.update_layout(xaxis=block_axis(values.shape[1]), yaxis=rows_axis(labels, words.AXIS_MODULE) | {"showgrid": False})
    return fig


def matrix_labels(layers: pd.DataFrame) -> list[str]:
    """The short name of each matrix ("q_proj") where it is the only one of its block with that name, else the long one."""
    clash = layers.groupby(["block", "kind"])["module"].transform("count") > 1
    ambiguous = set(layers.loc[clash, "kind"])
    return [m if k in ambiguous else k for m, k in zip(layers["module"], layers["kind"], strict=True)]
