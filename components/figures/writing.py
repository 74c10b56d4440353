"""What the models wrote, in figures: in the right language, and without repeating itself."""

import pandas as pd
import plotly.graph_objects as go

from components.figures.base import axis, figure, height_of, rows_axis
from components.figures.marks import before_after
from components.i18n import words
from components.i18n.names import renamed


def identified(table: pd.DataFrame) -> bool:
    """Whether the language of the texts was told by an identifier."""
    return bool((table["identifiable"] > 0).any())


def _sorted(table: pd.DataFrame, column: str, most_first: bool) -> pd.DataFrame:
    ordered = table.sort_values(f"{column}_pruned", ascending=not most_first, kind="stable", na_position="last")
    return renamed(ordered.reset_index(drop=True))


def on_language(table: pd.DataFrame) -> go.Figure:
    """Share of texts in the language of their opening with intervals; without an identifier, letters of its script."""
    column = "on_language" if identified(table) else "script_share"
    shown = _sorted(table, column, most_first=False)
    fig = figure(height_of(len(shown), extra=120))
    before_after(fig, shown, column, 100.0, words.per_cent("%{x:.0f}"), intervals=column == "on_language")
    title = words.AXIS_ON_LANGUAGE if column == "on_language" else words.AXIS_SCRIPT
    fig.update_layout(xaxis=axis(title, range=[-3, 103]), yaxis=rows_axis(list(shown["name"])), showlegend=True)
    return fig


def repetition(table: pd.DataFrame) -> go.Figure:
    """Share of repeated three-token sequences, before and after; the most repetitive on top."""
    shown = _sorted(table, "repetition", most_first=True)
    fig = figure(height_of(len(shown), extra=120))
    before_after(fig, shown, "repetition", 100.0, words.per_cent("%{x:.0f}"))
    fig.update_layout(xaxis=axis(words.AXIS_REPETITION, range=[-3, 103]), yaxis=rows_axis(list(shown["name"])), showlegend=True)
    return fig
