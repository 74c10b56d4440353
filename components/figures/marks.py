"""Marks that several figures share: dots with intervals before and after, in rows of languages."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from components.figures.base import FAINT, ORANGE
from components.i18n import words

DODGE = 0.17
"""Rows between the dense and the pruned marker of one language."""


def spread(value: pd.Series, low: pd.Series, high: pd.Series, scale: float = 1.0) -> dict[str, object]:
    """Plotly's error bars from an interval; where it is not known there is no bar."""
    above, below = (scale * (high - value)).clip(lower=0), (scale * (value - low)).clip(lower=0)
    return {
        "type": "data", "array": above.fillna(0.0).to_list(), "arrayminus": below.fillna(0.0).to_list(), "thickness": 1.5, "width": 3,
    }  # fmt: skip


def before_after(
    fig: go.Figure, table: pd.DataFrame, column: str, scale: float, form: str = "%{x:.3g}", intervals: bool = False
) -> None:
    """Two traces over the rows of a table: `<column>_dense` and `<column>_pruned`, with `_low` and `_high` where asked for."""
    for side, row in (("dense", -DODGE), ("pruned", DODGE)):
        colour, symbol = (FAINT, "square") if side == "dense" else (ORANGE, "circle")
        name = words.LEGEND_DENSE if side == "dense" else words.LEGEND_PRUNED
        known = table[table[f"{column}_{side}"].notna()]
        value = known[f"{column}_{side}"].astype(float)
        bars = {}
        if intervals:
            low, high = (known[f"{column}_{side}_{end}"].astype(float) for end in ("low", "high"))
            bars = {"error_x": {**spread(value, low, high, scale), "color": colour}}
        fig.add_scatter(
            x=(scale * value).to_list(), y=[float(i) + row for i in known.index], mode="markers", name=name,
            marker={"color": colour, "size": 9, "symbol": symbol}, customdata=known["name"].to_list(),
            hovertemplate=f"%{{customdata}}: {form}<extra>{name}</extra>", **bars,
        )  # fmt: skip


def told(fig: go.Figure, texts: Sequence[str]) -> None:
    """Give the last trace its explanations, one a mark."""
    fig.data[-1].update(customdata=list(texts), hovertemplate="%{customdata}<extra></extra>")
