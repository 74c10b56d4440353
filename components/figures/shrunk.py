"""A model made small: what each step of the plan leaves on disk, and what each language lost."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from components.figures.base import BLUE, FAINT, ORANGE, axis, figure, height_of, rows_axis
from components.i18n import words
from components.i18n.names import language_names


def staircase(steps: Sequence[str], megabytes: Sequence[float]) -> go.Figure:
    """Megabytes before the first step and after each, one bar a step."""
    rows = list(range(len(steps)))
    bar = go.Bar(
        x=list(megabytes), y=rows, orientation="h", width=0.62, marker={"color": [FAINT, *[BLUE] * (len(rows) - 1)]},
        text=[words.number(value, ".1f") for value in megabytes], textposition="inside", insidetextanchor="start",
        textfont={"color": "white"}, customdata=list(steps), hovertemplate="%{customdata}: %{x:.1f} MB<extra></extra>",
    )  # fmt: skip
    fig = figure(height_of(len(rows)), [bar], showlegend=False)
    return fig.update_layout(xaxis=axis(words.SMALL_AXIS_MB, rangemode="tozero"), yaxis=rows_axis(steps, " "))


def losses(table: pd.DataFrame) -> go.Figure:
    """Change of bits per byte by language; `table`: the evidence's, columns language, role and change."""
    names, change = language_names(table["language"]), 100 * table["change"].astype(float)
    fig = figure(height_of(len(names)))
    for role, name, colour in (("kept", words.SMALL_KEPT, BLUE), ("dropped", words.SMALL_DROPPED, ORANGE)):
        rows = [i for i, one in enumerate(table["role"]) if one == role]
        fig.add_bar(
            x=[change.iloc[i] for i in rows], y=rows, orientation="h", width=0.62, name=name, marker={"color": colour},
            customdata=[names[i] for i in rows], hovertemplate="%{customdata}: %{x:+.1f} %<extra></extra>",
        )  # fmt: skip
    return fig.update_layout(xaxis=axis(words.SMALL_AXIS_CHANGE), yaxis=rows_axis(names), showlegend=True)
