"""What goes along with the loss of a language: one figure against the loss increase, a point a language."""

import pandas as pd
import plotly.graph_objects as go

from components.figures.base import axis, figure, message, times_axis
from components.figures.languages import ROLE_STYLE
from components.i18n import words
from components.i18n.names import renamed


def known_predictors(table: pd.DataFrame) -> list[str]:
    """The figures that are known for at least one language, in the order of the menu."""
    return [name for name in words.PREDICTORS if name in table and table[name].notna().any()]


def predictor_scatter(table: pd.DataFrame, name: str) -> go.Figure:
    """One point a language, named; colour and shape tell calibrated from held-out."""
    known = renamed(table[table[name].notna()] if name in table else table.iloc[:0])
    if known.empty:
        return message(words.PREDICTOR_NONE)
    fig = figure(430)
    places = _places(known[name].astype(float), known["increase"].astype(float))
    for role, (colour, symbol) in ROLE_STYLE.items():
        part = known[known["role"] == role]
        if part.empty:
            continue
        told = [
            words.HOVER_PREDICTOR.format(
                name=row["name"], role=words.ROLES[role], what=words.PREDICTORS[name], value=float(row[name]), increase=float(row["increase"])
            )
            for _, row in part.iterrows()
        ]  # fmt: skip
        fig.add_scatter(
            x=[float(v) for v in part[name]], y=[float(v) for v in part["increase"]], mode="markers+text", name=words.ROLES[role],
            marker={"color": colour, "size": 11, "symbol": symbol}, text=list(part["name"]), textfont={"size": 11},
            textposition=[places[index] for index in part.index],
            customdata=told, hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    low, high = float(known[name].min()), float(known[name].max())
    room = 0.08 * (high - low) or max(0.01, 0.05 * abs(high))
    fig.update_layout(
        xaxis=axis(words.PREDICTOR_AXES.get(name, name), range=[low - room, high + room]), yaxis=times_axis(words.AXIS_RATIO, known["increase"]), showlegend=True,
        hovermode="closest",
    )  # fmt: skip
    return fig


def _places(x: pd.Series, y: pd.Series) -> dict[object, str]:
    """Where each name stands: inwards, so that none leaves the figure; of two points side by side, one above and one below."""
    wide, tall = float(x.max() - x.min()) or 1.0, float(y.max() - y.min()) or 1.0
    found: list[tuple[object, float, float, str]] = []
    middle = float(x.median())
    for index, a, b in sorted(zip(x.index, x.to_list(), y.to_list(), strict=True), key=lambda point: point[1]):
        crowded = [place for _, c, d, place in found if abs(a - c) < 0.2 * wide and abs(b - d) < 0.06 * tall]
        height = "middle" if not crowded else "bottom" if crowded[-1].startswith("top") else "top"
        found.append((index, a, b, f"{height} {'right' if a <= middle else 'left'}"))
    return {index: place for index, _, _, place in found}
