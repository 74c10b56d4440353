"""What all figures share: colours that a colour-blind reader can tell apart, both themes, axes, and honest emptiness.

Figures are pure functions of a report. Paper and plot are transparent and the font is a neutral grey, so that the page's
light or dark background shows; the page's style sheet brightens the text in the dark theme.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import plotly.graph_objects as go

from components.i18n import words
from components.i18n.numbers import separators

INK = "#4b5563"
GRID = "rgba(128,128,128,0.25)"
FAINT = "#9ca3af"
# Okabe and Ito's palette, darkened where white paper needs it: told apart with any colour vision, on white and on black.
BLUE, ORANGE, GREEN = "#3b82c4", "#d9730d", "#0f9d76"
SEQUENTIAL, DIVERGING = "Viridis", "RdBu"
ROW_HEIGHT = 26
"""Pixels per language row: text stays readable with thirty languages."""


def figure(height: int, traces: Sequence[Any] = (), **layout: Any) -> go.Figure:
    """An empty figure in the house style, `height` in pixels."""
    # In one step, with a template: otherwise Plotly first copies its own, which takes longer than all the rest.
    plain = go.Layout(
        template=go.layout.Template(),
        height=height,
        autosize=True,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": INK, "size": 12, "family": "system-ui, sans-serif"},
        margin={"l": 8, "r": 8, "t": 34, "b": 8},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": FAINT, "activecolor": BLUE, "remove": ["lasso2d", "select2d"]},
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        dragmode=False,
    )
    if (signs := separators()) != ".,":  # In English, Plotly's own.
        plain.separators = signs
    return go.Figure(data=list(traces), layout=plain).update_layout(**layout)


LARGEST = 14.0
"""Nats beyond which an axis has no more ticks: a perplexity a million times as high."""


def axis(title: str, **more: Any) -> dict[str, Any]:
    """One axis: named, with room made for its labels."""
    return {
        "title": {"text": title, "standoff": 8}, "automargin": True, "gridcolor": GRID, "zeroline": False,
        "linecolor": GRID, "ticks": "outside", "tickcolor": GRID,
    } | more  # fmt: skip


def rows_axis(labels: Sequence[str], title: str = "") -> dict[str, Any]:
    """A vertical axis with one row per label, the first on top; positions are 0, 1, 2, ..."""
    return axis(
        title or words.AXIS_LANGUAGE,
        tickvals=list(range(len(labels))),
        ticktext=list(labels),
        range=[len(labels) - 0.4, -0.6],
        showgrid=True,
    )


NEAT_RATIOS = (0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.5, 2, 3, 5, 7, 10, 20, 50, 100, 300, 1e3, 1e4, 1e5, 1e6)
FINE_RATIOS = (0.1, 0.2, 0.3, 0.4, 0.6, 0.85, 0.95, 0.98, 0.99, 0.995, 1.005, 1.01, 1.02, 1.05, 1.15)
"""Taken, too, where the others are fewer than `FEW`."""
FEW = 4


def neat_ticks(low: float, high: float) -> list[float]:
    """Round ratios between the bounds, 1 always among them, no two nearer than a twelfth of the logarithmic axis."""
    apart = math.log10(high / low) / 12
    found = [1.0] if low <= 1.0 <= high else []
    for ratios in (NEAT_RATIOS, FINE_RATIOS):
        for tick in ratios if len(found) < FEW else ():
            if low <= tick <= high and all(abs(math.log10(tick / other)) >= apart for other in found):
                found.append(tick)
    return sorted(found)


def times_axis(title: str, values: Iterable[float], room: float = 0.05, **more: Any) -> dict[str, Any]:
    """An axis whose values are nats and whose ticks say how many times the perplexity that is: one unit for losses on the whole page.

    values: all that must be in view, NaN left out. room: beyond them, as a share of their span.
    """
    known = [float(value) for value in values if math.isfinite(float(value))] or [0.0]
    low, high = min(known), max(known)
    spare = room * (high - low) or 0.1
    low, high = low - spare, high + spare
    ticks = neat_ticks(math.exp(max(low, -LARGEST)), math.exp(min(high, LARGEST)))
    return axis(
        title, range=[low, high], tickvals=[math.log(t) for t in ticks], ticktext=[words.number(t, "g") for t in ticks], **more
    )


def height_of(rows: int, extra: int = 110, least: int = 220) -> int:
    """Height of a figure with this many rows."""
    return max(least, rows * ROW_HEIGHT + extra)


def colour_bar(title: str, **more: Any) -> dict[str, Any]:
    """A slim colour bar, so that a phone has room for the cells."""
    return {"title": {"text": title, "side": "top"}, "thickness": 10, "outlinewidth": 0, "xpad": 4, "len": 1.0} | more


def message(text: str, height: int = 180) -> go.Figure:
    """A figure that says why there is nothing to draw."""
    fig = figure(height)
    fig.update_xaxes(visible=False, title=words.AXIS_MEASURE)
    fig.update_yaxes(visible=False, title=words.AXIS_LANGUAGE)
    fig.add_annotation(text=text, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"size": 14})
    return fig


def block_axis(count: int) -> dict[str, Any]:
    """The decoder blocks, with as many labels as a phone can show."""
    return axis(
        words.AXIS_BLOCK, dtick=1 if count <= 12 else 2 if count <= 24 else 4 if count <= 48 else 10, tick0=0, showgrid=False
    )
