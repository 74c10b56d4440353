"""Small multiples: every language in a panel of its own, its measured texts before and after pruning."""

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from components.figures.base import BLUE, FAINT, GRID, INK, ORANGE, figure, message
from components.figures.languages import short
from components.i18n import words

COLUMNS = 3
"""Panels side by side: a phone still has room for three."""
PANEL = 150
"""Pixels of a row of panels."""


def text_panels(languages: pd.DataFrame, texts: pd.DataFrame) -> go.Figure:
    """One panel a language, in the order of `languages`: a line a text from its loss before to its loss after, and the mean.

    languages: code, name, role and ratio, as `ordered` gives them. texts: a row a text with bytes and both losses in nats.
    """
    there = languages[languages["language"].isin(texts["language"])]
    if there.empty:
        return message(words.MULTIPLES_NONE)
    count = len(there)
    wide = min(COLUMNS, count)
    tall = math.ceil(count / wide)
    titles = [
        words.MULTIPLES_TITLE.format(name=row["name"], ratio=short(float(row["perplexity_ratio"])))
        for _, row in there.iterrows()
    ]
    fig = make_subplots(
        rows=tall, cols=wide, shared_yaxes="all", shared_xaxes="all", subplot_titles=titles, horizontal_spacing=0.04,
        vertical_spacing=min(0.12, 34 / (PANEL * tall)) if tall > 1 else 0.0,
    )  # fmt: skip
    for place, (_, row) in enumerate(there.iterrows()):
        part = texts[texts["language"] == row["language"]].reset_index(drop=True)
        for trace in _panel(row, part):
            fig.add_trace(trace, row=place // wide + 1, col=place % wide + 1)
    fig.update_layout(figure(60 + PANEL * tall).layout)
    fig.update_layout(margin={"l": 8, "r": 8, "t": 28, "b": 8}, showlegend=False, hovermode="closest")
    fig.update_annotations(font={"size": 12, "color": INK})
    fig.update_xaxes(
        range=[-0.25, 1.25], tickvals=[0, 1], ticktext=list(words.MULTIPLES_TICKS), showgrid=False, zeroline=False, automargin=True
    )  # fmt: skip
    top = max(float(v) for trace in fig.data for v in trace.y if v is not None and math.isfinite(v))
    fig.update_yaxes(gridcolor=GRID, zeroline=False, nticks=4, automargin=True, range=[0, 1.08 * top])
    fig.update_yaxes(title={"text": words.AXIS_BITS_SHORT, "standoff": 4}, row=(tall + 1) // 2, col=1)
    return fig


def _panel(row: pd.Series, part: pd.DataFrame) -> list[Any]:
    sizes = part["bytes"].to_numpy(np.float64) * math.log(2)
    before, after = (part[f"nll_{side}"].to_numpy(np.float64) for side in ("dense", "pruned"))
    lines: list[float | None] = []
    for a, b in zip(before / sizes, after / sizes, strict=True):
        lines += [float(a), float(b), None]
    told = [
        words.MULTIPLES_HOVER.format(name=row["name"], text=text, before=a, after=b)
        for text, a, b in zip(part["text"], before / sizes, after / sizes, strict=True)
        for _ in range(3)
    ]
    whole = [float(side.sum() / sizes.sum()) for side in (before, after)]
    everything = words.MULTIPLES_HOVER.format(name=row["name"], text=words.MULTIPLES_ALL, before=whole[0], after=whole[1])
    colour = BLUE if row["role"] == "calibration" else ORANGE
    return [
        go.Scatter(
            x=[0, 1, None] * len(part), y=lines, mode="lines+markers", line={"color": FAINT, "width": 1}, opacity=0.6,
            marker={"size": 3, "color": FAINT}, customdata=told, hovertemplate="%{customdata}<extra></extra>",
        ),
        go.Scatter(
            x=[0, 1], y=whole, mode="lines+markers", line={"color": colour, "width": 3}, marker={"size": 7, "color": colour},
            customdata=[everything] * 2, hovertemplate="%{customdata}<extra></extra>",
        ),
    ]  # fmt: skip
