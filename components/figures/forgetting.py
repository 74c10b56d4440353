"""Who gains and who pays: languages between two runs, and what guarding costs the chosen languages and saves the others."""

import math
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from components.figures.base import BLUE, FAINT, GREEN, ORANGE, axis, figure, height_of, message, rows_axis
from components.i18n import words
from components.i18n.names import renamed

VERDICTS = {"gains": GREEN, "pays": ORANGE, "noise": FAINT}
ROLES = {"chosen": (BLUE, "circle"), "guarded": (GREEN, "diamond"), "neither": (ORANGE, "square")}


def run_gains(table: pd.DataFrame) -> go.Figure:
    """A bar a language and run, the one that gains most on top. table: name, run, role, change, low, high (per cent), verdict."""
    known = renamed(table[table["change"].notna()]).sort_values("change", kind="stable", ignore_index=True)
    if known.empty:
        return message(words.COMPARE_NOT)
    several = known["run"].nunique() > 1
    names = [f"{n} · {str(r).partition(':')[0]}" if several else n for n, r in zip(known["name"], known["run"], strict=True)]
    fig = figure(height_of(len(names), extra=150))
    for verdict, colour in VERDICTS.items():
        part = known[known["verdict"] == verdict]
        if part.empty:
            continue
        change, low, high = (part[column].astype(float) for column in ("change", "low", "high"))
        fig.add_bar(
            x=change.to_list(), y=part.index.to_list(), orientation="h", name=words.GAINS_VERDICTS[verdict], width=0.7,
            marker={"color": colour, "pattern": {"shape": ["/" if role == "held-out" else "" for role in part["role"]]}},
            error_x={
                "type": "data", "array": (high - change).fillna(0.0).to_list(), "arrayminus": (change - low).fillna(0.0).to_list(),
                "color": FAINT, "thickness": 1.5, "width": 3,
            },
            customdata=[_told(row) for row in part.to_dict("records")], hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    fig.add_vline(x=0, line={"color": FAINT, "dash": "dash", "width": 1})
    top = {"showlegend": True, "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"}, "barmode": "overlay"}
    fig.update_layout(xaxis=axis(words.GAINS_AXIS), yaxis=rows_axis(names), **top)
    return fig


def _told(row: dict[Any, Any]) -> str:
    interval = "" if math.isnan(row["low"]) else words.GAINS_INTERVAL.format(low=row["low"], high=row["high"])
    return words.GAINS_HOVER.format(name=row["name"], run=row["run"], value=row["change"], interval=interval)


def guard_curve(part: pd.DataFrame) -> go.Figure:
    """Change of the loss increase against no guards, by the weight of the guards; a line a role. part: share, role, change, low, high (per
    cent), of one text, method and number of languages."""
    if part.empty:
        return message(words.GUARD_ABSENT)
    fig = figure(380)
    for role, (colour, symbol) in ROLES.items():
        line = part[part["role"] == role].sort_values("share")
        if line.empty:
            continue
        share, change = (100 * line["share"]).to_list(), line["change"].astype(float)
        fig.add_scatter(
            x=share, y=change.to_list(), mode="lines+markers", name=words.GUARD_ROLES[role], line={"color": colour},
            marker={"symbol": symbol, "size": 9},
            error_y={
                "type": "data", "array": (line["high"] - change).fillna(0.0).to_list(),
                "arrayminus": (change - line["low"]).fillna(0.0).to_list(), "color": colour, "thickness": 1.5, "width": 3,
            },
            hovertemplate=f"{words.GUARD_ROLES[role]}: {words.per_cent('%{y:+.1f}')}<extra>{words.per_cent('%{x:.0f}')}</extra>",
        )  # fmt: skip
    fig.add_hline(y=0, line={"color": FAINT, "dash": "dash", "width": 1})
    top = {"showlegend": True, "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"}}
    fig.update_layout(xaxis=axis(words.GUARD_AXIS_SHARE), yaxis=axis(words.GAINS_AXIS_INCREASE), **top)
    return fig
