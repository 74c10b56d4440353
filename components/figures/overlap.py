"""Agreement of the masks that single languages would make: a map of pairs, and where in the model they part."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components.figures.base import (
    BLUE,
    FAINT,
    GREEN,
    INK,
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
from components.i18n.names import language_name, language_names


def overlap_heatmap(table: pd.DataFrame, view: str = "corrected") -> go.Figure:
    """Language x language, as `insight.between_halves` makes it. `view`: "corrected" (0 is chance, the framed diagonal the
    ceiling) or "of_ceiling"."""
    codes = list(dict.fromkeys(table["language"]))
    if len(codes) < 2:
        value = float(table["corrected"].iloc[0]) if len(table) else 0.0
        return message(words.OVERLAP_ONE.format(value=value))
    wide = table.pivot(index="language", columns="other", values=view).loc[codes, codes].to_numpy(np.float64)
    names = language_names(codes)
    rows = {(row["language"], row["other"]): row for row in table.to_dict("records")}
    z = [[None if np.isnan(v) else float(v) for v in line] for line in wide]
    top = max(0.05, float(np.nanmax(wide)))
    trace = go.Heatmap(
        z=z, x=list(range(len(codes))), y=list(range(len(codes))), colorscale=SEQUENTIAL, zmin=min(0.0, float(np.nanmin(wide))), zmax=top,
        texttemplate="%{z:.2f}" if len(codes) <= 10 else None, xgap=1, ygap=1,
        customdata=[[_hover(rows[a, b]) for b in codes] for a in codes], hovertemplate="%{customdata}<extra></extra>",
        colorbar=colour_bar(words.BAR_OVERLAP if view == "corrected" else words.BAR_OF_CEILING, nticks=6),
    )  # fmt: skip
    fig = figure(height_of(len(codes), extra=150, least=300), [trace])
    for i in range(len(codes)):
        fig.add_shape(type="rect", x0=i - 0.48, x1=i + 0.48, y0=i - 0.48, y1=i + 0.48, line={"color": "#f9fafb", "width": 2})
    fig.update_layout(
        xaxis=axis(
            words.AXIS_OTHER, tickvals=list(range(len(codes))), ticktext=names, tickangle=-45 if len(codes) > 4 else 0, showgrid=False
        ),
        yaxis=rows_axis(names) | {"showgrid": False},
    )  # fmt: skip
    return fig


def _hover(row: dict[str, object] | dict[object, object]) -> str:
    r = {str(key): value for key, value in row.items()}
    a, b = (language_name(str(r[side])) for side in ("language", "other"))
    numbers = {name: float(str(r[name])) for name in ("corrected", "ceiling", "iou", "expected")}
    return (words.HOVER_CEILING if a == b else words.HOVER_OVERLAP).format(a=a, b=b, **numbers)


def overlap_by_block(table: pd.DataFrame) -> go.Figure:
    """From the table by block: the mean over pairs of languages, the mean ceiling, and chance."""
    same = table["language"] == table["other"]
    blocks = sorted(table["block"].unique())
    fig = figure(320)
    for chosen, name, colour, symbol in (
        (table[same], words.LEGEND_CEILING, GREEN, "diamond"),
        (table[~same], words.LEGEND_PAIRS, BLUE, "circle"),
    ):
        if len(chosen):
            mean = chosen.groupby("block")["corrected"].mean().reindex(blocks)
            fig.add_scatter(
                x=[int(b) for b in blocks], y=[float(v) for v in mean], mode="lines+markers", name=name,
                line={"color": colour}, marker={"symbol": symbol, "size": 8}, hovertemplate=f"{words.OVERLAP_BLOCK.format(block='%{x}')}: %{{y:.3f}}<extra>{name}</extra>",
            )  # fmt: skip
    fig.add_hline(
        y=0, line={"color": FAINT, "dash": "dash", "width": 1}, annotation_text=words.LEGEND_RANDOM, annotation_font_color=INK
    )
    fig.update_layout(xaxis=block_axis(len(blocks)), yaxis=axis(words.AXIS_OVERLAP, rangemode="tozero"), showlegend=True)
    return fig
