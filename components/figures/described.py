"""A table of a study as its `TableSpec` says it is drawn: a study of another package has its figure without a line of the page.

bars (drawn as dots, which carry intervals better), lines, points: x against value, one series a group; heat-map: x by y, coloured by value. Several rows at one place are
averaged over what the figure does not show (the table beside it has them all).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from components.figures.base import BLUE, GREEN, ORANGE, SEQUENTIAL, axis, colour_bar, figure, height_of, message, rows_axis
from components.i18n import words
from components.i18n.names import language_name
from mwanda_core.studies.base import TableSpec

COLOURS = (BLUE, ORANGE, GREEN, "#a855a0", "#8c6d1f", "#5b6470")
SHAPES = ("circle", "square", "diamond", "cross", "x", "triangle-up")
"""Series differ in shape, too: colour alone does not tell them apart for everybody."""


def described(spec: TableSpec, table: pd.DataFrame) -> go.Figure:
    """The figure of a table; a sentence where there is nothing to draw or it is not meant to be drawn."""
    if spec.drawn == "table" or table.empty or table[spec.value].isna().all():
        return message(words.PROFILE_NONE)
    if spec.drawn == "heat-map":
        return _heat_map(spec, table)
    return _series(spec, table)


def _heat_map(spec: TableSpec, table: pd.DataFrame) -> go.Figure:
    wide = table.pivot_table(index=spec.y, columns=spec.x, values=spec.value, sort=False, dropna=False)
    rows, columns = _labels(spec.y, wide.index), _labels(spec.x, wide.columns)
    trace = go.Heatmap(
        z=wide.to_numpy(float), x=list(range(len(columns))), y=list(range(len(rows))), colorscale=SEQUENTIAL, xgap=1, ygap=1,
        customdata=[[f"{row} · {column}" for column in columns] for row in rows],
        hovertemplate="%{customdata}: %{z:.3g}<extra></extra>", colorbar=colour_bar(spec.value),
    )  # fmt: skip
    step = -(-len(columns) // 16)  # A phone has room for about sixteen labels.
    fig = figure(height_of(len(rows)), [trace])
    ticks = {"tickvals": list(range(0, len(columns), step)), "ticktext": columns[::step], "showgrid": False}
    return fig.update_layout(xaxis=axis(spec.x) | ticks, yaxis=rows_axis(rows, spec.y) | {"showgrid": False})


def _series(spec: TableSpec, table: pd.DataFrame) -> go.Figure:
    fig = figure(340)
    for place, (name, part) in enumerate(_groups(spec, table)):
        y = part[spec.value].astype(float)
        reach = {"array": part[spec.high] - y, "arrayminus": y - part[spec.low], "thickness": 1} if spec.low else None
        fig.add_scatter(
            x=_labels(spec.x, part[spec.x]), y=y, name=name, showlegend=bool(spec.group), error_y=reach if spec.drawn != "points" else None,
            mode="lines+markers" if spec.drawn == "lines" else "markers",
            marker={"color": COLOURS[place % len(COLOURS)], "symbol": SHAPES[place % len(SHAPES)], "size": 8},
        )  # fmt: skip
    return fig.update_layout(xaxis=axis(spec.x, showgrid=False), yaxis=axis(spec.value))


def _groups(spec: TableSpec, table: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Name and rows of each series, one row a place on x; points stay as they are."""
    parts = table.groupby(spec.group, sort=False) if spec.group else [("", table)]
    wanted = [column for column in (spec.value, spec.low, spec.high) if column]
    for key, part in parts:
        mean = part if spec.drawn == "points" else part.groupby(spec.x, sort=False)[wanted].mean().reset_index()
        yield _labels(spec.group, [key])[0], mean


def _labels(column: str, values: Sequence[Any] | pd.Index | pd.Series) -> list[Any]:
    """Languages by the visitor's names for them; anything else as it is."""
    if column in ("language", "other", "found_in", "on"):
        return [language_name(str(value)) for value in values]
    return [
        value if isinstance(value, int | float) else str(value)
        for value in (getattr(v, "item", lambda v=v: v)() for v in values)
    ]
