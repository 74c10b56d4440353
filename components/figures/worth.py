"""What each method is worth: processor seconds against what the languages lose, one point a method."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from components.figures.base import BLUE, FAINT, ORANGE, axis, figure, message, neat_ticks
from components.figures.languages import short
from components.i18n import words
from components.i18n.names import language_name

COLUMN = {"mean": "flores_mean_increase", "worst": "flores_worst_increase"}
LEAST_SECONDS = 0.01
"""A time on a logarithmic axis cannot be 0."""


def front(seconds: Sequence[float], loss: Sequence[float]) -> list[int]:
    """Positions of the points that no other beats in both, from fast to slow; of equal points the first."""
    found: list[int] = []
    for i in sorted(range(len(seconds)), key=lambda i: (seconds[i], loss[i], i)):
        if not found or loss[i] < loss[found[-1]]:
            found.append(i)
    return found


def labels(names: Sequence[str], seconds: Sequence[float], times: Sequence[float], wide: float, tall: float) -> list[str]:
    """Names of points that have room for one, "" for the others; the best point comes first, then the fastest.

    wide, tall: spans of the axes, as logarithms.
    """
    shown: list[int] = []
    for n in sorted(range(len(names)), key=lambda n: (n != len(names) - 1, n)):
        beside = [abs(math.log(seconds[n] / seconds[m])) > 0.4 * wide for m in shown]
        below = [abs(math.log(times[n] / times[m])) > 0.08 * tall for m in shown]
        if all(x or y for x, y in zip(beside, below, strict=True)):
            shown.append(n)
    return [name if n in shown else "" for n, name in enumerate(names)]


def worth_scatter(part: pd.DataFrame, measure: str = "mean") -> go.Figure:
    """The methods of one setting. `measure`: "mean" or "worst"."""
    if part.empty:
        return message(words.WORTH_NOTHING)
    seconds = [max(LEAST_SECONDS, float(v)) for v in part["cpu_seconds"]]
    loss = [float(v) for v in part[COLUMN[measure]]]
    times = [math.exp(v) for v in loss]
    best = front(seconds, loss)
    low, high = min(times) / 1.15, _top(times) * 1.1
    wide = math.log(max(seconds) / min(seconds))
    told = [_hover(row) for row in part.to_dict("records")]
    others = [i for i in range(len(part)) if i not in best]
    fig = figure(420)
    fig.add_scatter(
        x=[seconds[i] for i in others],
        y=[times[i] for i in others],
        mode="markers",
        name=words.WORTH_LEGEND,
        marker={"color": FAINT, "size": 10},
        customdata=[told[i] for i in others],
        hovertemplate="%{customdata}<extra></extra>",
    )
    fig.add_scatter(
        x=[seconds[i] for i in best],
        y=[times[i] for i in best],
        mode="lines+markers+text",
        name=words.WORTH_FRONT,
        marker={"color": BLUE, "size": 12, "symbol": "diamond"},
        line={"color": ORANGE, "width": 1, "dash": "dot"},
        text=labels(
            [str(part["method"].iloc[i]) for i in best],
            [seconds[i] for i in best],
            [times[i] for i in best],
            wide,
            math.log(high / low),
        ),
        textposition=[_beside(n, len(best), math.log(seconds[i] / min(seconds)) / (wide or 1.0)) for n, i in enumerate(best)],
        cliponaxis=False,
        customdata=[told[i] for i in best],
        hovertemplate="%{customdata}<extra></extra>",
    )
    ticks = neat_ticks(low, high)
    title = words.WORTH_AXIS_MEAN if measure == "mean" else words.WORTH_AXIS_WORST
    fig.update_layout(
        xaxis=axis(words.WORTH_AXIS_SECONDS, type="log", dtick=1),
        yaxis=axis(
            title,
            type="log",
            range=[math.log10(low), math.log10(high)],
            tickvals=ticks,
            ticktext=[words.number(t, "g") for t in ticks],
        ),
        showlegend=True,
        hovermode="closest",
    )
    return fig


def _beside(place: int, count: int, across: float) -> str:
    """Where a name stands: off the line through the best points, and inwards. across: from 0, left, to 1."""
    if place and place == count - 1:
        return "bottom left"
    return "top right" if across < 0.5 else "top left"


def _top(times: Sequence[float]) -> float:
    """The upper end of the axis: the highest point, unless a ruined model would press all others together."""
    ordered = sorted(times)
    middle = ordered[len(ordered) // 2]
    return max(value for value in ordered if value <= middle * 8)


def _hover(row: Mapping[Any, Any]) -> str:
    return words.WORTH_HOVER.format(
        method=row["method"],
        mean=short(math.exp(float(str(row["flores_mean_increase"])))),
        worst=short(math.exp(float(str(row["flores_worst_increase"])))),
        language=language_name(str(row["flores_worst_language"])),
        seconds=words.number(float(str(row["cpu_seconds"])), ".3g"),
        peak=row["peak_mib"],
    )
