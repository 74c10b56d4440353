"""Language neurons: where they are, what pruning took of them, and whether they are the same afterwards."""

import math

import pandas as pd
import plotly.graph_objects as go

from components.figures.base import (
    BLUE,
    FAINT,
    GREEN,
    ORANGE,
    SEQUENTIAL,
    axis,
    block_axis,
    colour_bar,
    figure,
    height_of,
    message,
    rows_axis,
)
from components.i18n import words
from components.i18n.names import renamed


def neurons_by_block(table: pd.DataFrame) -> go.Figure:
    """Language x block: how many neurons."""
    if table.empty or not int(table["neurons"].sum()):
        return message(words.NEURONS_NONE)
    table = renamed(table)
    names = list(dict.fromkeys(table["name"]))
    wide = table.pivot(index="name", columns="block", values="neurons").loc[names]
    share = table.pivot(index="name", columns="block", values="share").loc[names]
    told = [
        [
            words.HOVER_NEURONS.format(name=name, block=block, neurons=int(wide.loc[name, block]), share=words.percent(float(share.loc[name, block]), 1))
            for block in wide.columns
        ]
        for name in names
    ]  # fmt: skip
    trace = go.Heatmap(
        z=[[int(v) for v in row] for row in wide.to_numpy()], x=[int(b) for b in wide.columns], y=list(range(len(names))), colorscale=SEQUENTIAL, zmin=0, zmax=int(table["neurons"].max()),
        xgap=1, ygap=1, customdata=told, hovertemplate="%{customdata}<extra></extra>", colorbar=colour_bar(words.BAR_NEURONS),
    )  # fmt: skip
    fig = figure(height_of(len(names)), [trace])
    fig.update_layout(xaxis=block_axis(len(wide.columns)), yaxis=rows_axis(names) | {"showgrid": False})
    return fig


def verdict(column: float, low: float, high: float) -> str:
    """What the random control says of a share."""
    return words.NEURONS_ABOVE if column > high else words.NEURONS_BELOW if column < low else words.NEURONS_INSIDE


def neurons_pruned(table: pd.DataFrame) -> go.Figure:
    """One row a language: the share removed of its neurons' columns, over the bar of the random control."""
    known = renamed(table[table["column"].notna()]).sort_values("column", ascending=False, kind="stable").reset_index(drop=True)
    if known.empty:
        return message(words.NEURONS_NONE)
    fig = figure(height_of(len(known), extra=120))
    x: list[float | None] = []
    y: list[float | None] = []
    for i, row in known.iterrows():
        x += [100 * float(row["random_low"]), 100 * float(row["random_high"]), None]
        y += [float(str(i))] * 2 + [None]
    fig.add_scatter(
        x=x, y=y, mode="lines", name=words.LEGEND_CONTROL, hoverinfo="skip", line={"color": FAINT, "width": 12}, opacity=0.55
    )
    told = [
        words.HOVER_NEURONS_PRUNED.format(
            name=row["name"], neurons=row["neurons"], column=100 * float(row["column"]), random=100 * float(row["random_column"]),
            low=100 * float(row["random_low"]), high=100 * float(row["random_high"]),
            verdict=verdict(float(row["column"]), float(row["random_low"]), float(row["random_high"])),
        )
        for _, row in known.iterrows()
    ]  # fmt: skip
    fig.add_scatter(
        x=(100 * known["column"]).to_list(), y=known.index.to_list(), mode="markers", name=words.LEGEND_OWN,
        marker={"color": BLUE, "size": 11}, customdata=told, hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    fig.update_layout(xaxis=axis(words.AXIS_COLUMN), yaxis=rows_axis(list(known["name"])), showlegend=True)
    return fig


def neurons_drift(table: pd.DataFrame) -> go.Figure:
    """One bar a language: neurons that are still there, lost, and new."""
    if table.empty:
        return message(words.NEURONS_NONE)
    table = (
        renamed(table)
        .assign(same=[0.0 if math.isnan(v) else v for v in table["jaccard"]])
        .sort_values("same", kind="stable")
        .reset_index(drop=True)
    )
    fig = figure(height_of(len(table), extra=120), barmode="stack")
    fig.update_layout(legend={"traceorder": "normal"})
    for column, name, colour in (
        ("shared", words.LEGEND_SHARED, GREEN),
        ("lost", words.LEGEND_LOST, FAINT),
        ("new", words.LEGEND_NEW, ORANGE),
    ):
        fig.add_bar(
            x=[int(v) for v in table[column]], y=table.index.to_list(), orientation="h", name=name, marker={"color": colour}, width=0.7,
            customdata=list(table["name"]), hovertemplate=f"%{{customdata}}: %{{x}} {name}<extra></extra>",
        )  # fmt: skip
    fig.update_layout(xaxis=axis(words.AXIS_NEURONS), yaxis=rows_axis(list(table["name"])), showlegend=True)
    return fig
