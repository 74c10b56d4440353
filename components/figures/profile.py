"""Beyond perplexity: effective rank by block, order of the likeliest words, shift of the energy."""

import math

import pandas as pd
import plotly.graph_objects as go

from components.figures.base import BLUE, FAINT, GREEN, ORANGE, axis, block_axis, figure, height_of, message, rows_axis
from components.figures.marks import spread
from components.i18n import words
from components.i18n.names import renamed

EVERYONE = ""
"""Stands for the mean over languages."""
TOP_STYLE = ((BLUE, "circle"), (ORANGE, "diamond"), (GREEN, "square"))


def effective_rank(table: pd.DataFrame, code: str = EVERYONE) -> go.Figure:
    """Dense and pruned by block, for one language or the mean of all; the last point is after the final norm."""
    part = table[table["language"] == code] if code else table
    if part.empty:
        return message(words.PROFILE_NONE)
    mean = part.groupby(["block", "place"], sort=True)[["erank_dense", "erank_pruned"]].mean().reset_index()
    fig = figure(330)
    places = [
        f"block {b}" if place == "block" else words.FINAL_NORM for b, place in zip(mean["block"], mean["place"], strict=True)
    ]
    marks = ["circle" if place == "block" else "star" for place in mean["place"]]
    for side, name, colour, dash in (
        ("dense", words.LEGEND_DENSE, FAINT, "dash"),
        ("pruned", words.LEGEND_PRUNED, ORANGE, "solid"),
    ):
        value = [float(v) for v in mean[f"erank_{side}"]]
        told = [words.HOVER_ERANK.format(place=place, side=name, value=v) for place, v in zip(places, value, strict=True)]
        fig.add_scatter(
            x=[int(b) for b in mean["block"]], y=[None if math.isnan(v) else v for v in value], mode="lines+markers", name=name,
            line={"color": colour, "dash": dash}, marker={"size": 7, "symbol": marks}, customdata=told, hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    fig.update_layout(xaxis=block_axis(len(mean)), yaxis=axis(words.AXIS_ERANK, rangemode="tozero"), showlegend=True)
    return fig


def order_kept(table: pd.DataFrame) -> go.Figure:
    """One row a language: tau for each k with its interval; the least kept on top."""
    known = renamed(table[table["tau"].notna()])
    if known.empty:
        return message(words.PROFILE_NONE)
    tops = sorted(known["k"].unique())
    order = known[known["k"] == tops[-1]].sort_values("tau", kind="stable")
    rows = {code: i for i, code in enumerate(order["language"])}
    fig = figure(height_of(len(rows), extra=120))
    for place, k in enumerate(tops):
        colour, symbol = TOP_STYLE[place % len(TOP_STYLE)]
        part = known[(known["k"] == k) & known["language"].isin(list(rows))]
        told = [
            words.HOVER_TAU.format(
                name=row["name"], k=k, value=float(row["tau"]), low=float(row["tau_low"]), high=float(row["tau_high"]), positions=int(row["positions"])
            )
            for _, row in part.iterrows()
        ]  # fmt: skip
        shift = 0.22 * (place - (len(tops) - 1) / 2)
        fig.add_scatter(
            x=[float(v) for v in part["tau"]], y=[rows[code] + shift for code in part["language"]], mode="markers",
            name=words.LEGEND_TOP.format(k=k), marker={"color": colour, "size": 8, "symbol": symbol},
            error_x={**spread(part["tau"], part["tau_low"], part["tau_high"]), "color": colour},
            customdata=told, hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    fig.update_layout(
        xaxis=axis(words.AXIS_TAU, range=[max(-1.02, min(-0.05, float(known["tau_low"].min()))), 1.02]), yaxis=rows_axis(list(order["name"])), showlegend=True
    )  # fmt: skip
    return fig


def energy_shift(table: pd.DataFrame) -> go.Figure:
    """One row a language: shift of the centred energy with its interval; the largest on top."""
    part = renamed(table[(table["kind"] == "centred") & table["difference"].notna()])
    part = part.sort_values("difference", ascending=False, kind="stable").reset_index(drop=True)
    if part.empty:
        return message(words.PROFILE_NONE)
    fig = figure(height_of(len(part), extra=110))
    told = [
        words.HOVER_ENERGY.format(
            name=row["name"], value=float(row["difference"]), low=float(row["difference_low"]), high=float(row["difference_high"]),
            before=float(row["energy_dense"]), after=float(row["energy_pruned"]), sep_before=words.percent(float(row["separation_dense"])),
            sep_after=words.percent(float(row["separation_pruned"])),
        )
        for _, row in part.iterrows()
    ]  # fmt: skip
    fig.add_vline(x=0, line={"color": FAINT, "dash": "dash", "width": 1})
    fig.add_scatter(
        x=[float(v) for v in part["difference"]], y=part.index.to_list(), mode="markers", showlegend=False, marker={"color": ORANGE, "size": 10},
        error_x={**spread(part["difference"], part["difference_low"], part["difference_high"]), "color": ORANGE},
        customdata=told, hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    fig.update_layout(xaxis=axis(words.AXIS_ENERGY), yaxis=rows_axis(list(part["name"])))
    return fig
