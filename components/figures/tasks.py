"""Benchmarks: accuracy before and after with intervals, ranked; what is noise and what says nothing is seen at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from components.figures.base import BLUE, DIVERGING, FAINT, INK, ORANGE, axis, colour_bar, figure, height_of, message, rows_axis
from components.figures.languages import signed
from components.figures.marks import DODGE, spread
from components.i18n import words
from components.i18n.names import renamed

CUSTOMARY = "customary"
ROOM = 126.0
"""Right end of the axis of per cent: the changes stand beyond 100."""
STRONG = "#6b7280"
"""Seen on white and on black."""
ROLE_COLOURS = {"calibration": BLUE, "held-out": ORANGE}


def ranked(table: pd.DataFrame, task: str, reading: str, calibrated: Sequence[str]) -> pd.DataFrame:
    """The rows of a benchmark and reading as every figure and table shows them, with `role` and `place` (0: calibrated on, 1: not, 2:
    the dense model is at chance); the largest loss of each place on top."""
    part = renamed(table[table["task"] == task])
    part = part[part["customary"].astype(bool)] if reading == CUSTOMARY else part[part["reading"] == reading]
    held = ~part["language"].isin(list(calibrated))
    place = np.where(~part["informative"].astype(bool), 2, held.astype(int))
    part = part.assign(role=np.where(held, "held-out", "calibration"), place=place)
    return part.sort_values(["place", "change"], kind="stable").reset_index(drop=True)


def task_dots(part: pd.DataFrame) -> go.Figure:
    """Rows of `ranked`: grey squares before, coloured marks after, a line between, guessing, the verdict in words."""
    if part.empty:
        return message(words.TASKS_NOTHING)
    # The legend has up to six entries: lines of their own on a phone.
    fig = figure(height_of(len(part), extra=200))
    _guessing(fig, part)
    _differences(fig, part)
    for side, row in (("dense", -DODGE), ("pruned", DODGE)):
        for role, symbol in (("calibration", "circle"), ("held-out", "diamond"), ("none", "circle-open")):
            chosen = part[part["place"] == 2] if role == "none" else part[(part["role"] == role) & (part["place"] < 2)]
            if len(chosen):
                _side(fig, chosen, side, row, role, symbol)
    fig.add_scatter(
        x=[ROOM - 1] * len(part), y=part.index.to_list(), mode="text", textposition="middle left", showlegend=False, hoverinfo="skip",
        text=[_points(verdict, change) for verdict, change in zip(part["verdict"], part["change"], strict=True)],
        textfont={"size": 11, "color": INK},
    )  # fmt: skip
    for place in (0, 1):
        above = int((part["place"] <= place).sum())
        if 0 < above < len(part):
            fig.add_hline(y=above - 0.5, line={"color": FAINT, "width": 1})
    fig.update_layout(
        xaxis=axis(words.AXIS_TASK_ACCURACY, range=[-3, ROOM], tickvals=[0, 25, 50, 75, 100]), yaxis=rows_axis(labels(part)),
        showlegend=True, hovermode="closest",
    )  # fmt: skip
    return fig


def _points(verdict: str, change: float) -> str:
    """The change as it stands beside a row: bold beyond noise, in brackets within, a dash where it says nothing."""
    if verdict == "uninformative":
        return words.MAP_NONE
    return words.MAP_NOISE.format(value=signed(100 * change)) if verdict == "within noise" else f"<b>{signed(100 * change)}</b>"


def labels(part: pd.DataFrame) -> list[str]:
    """Names of the languages; one where the benchmark says nothing says so."""
    return [
        words.NOT_INFORMATIVE_TICK.format(name=name) if place == 2 else str(name)
        for name, place in zip(part["name"], part["place"], strict=True)
    ]


def _guessing(fig: go.Figure, part: pd.DataFrame) -> None:
    """A short upright line in every row: languages may differ in how well guessing does."""
    x: list[float | None] = []
    y: list[float | None] = []
    for i, chance in zip(part.index, part["chance"], strict=True):
        x += [100 * float(chance)] * 2 + [None]
        y += [i - 0.42, i + 0.42, None]
    fig.add_scatter(
        x=x, y=y, mode="lines", name=words.LEGEND_CHANCE, hoverinfo="skip", line={"color": FAINT, "width": 2, "dash": "dot"}
    )


def _differences(fig: go.Figure, part: pd.DataFrame) -> None:
    """Lines from before to after: solid beyond noise, dotted within."""
    told = part[part["place"] < 2]
    noise = told["verdict"] == "within noise"
    for chosen, name, line in (
        (told[~noise], words.LEGEND_BEYOND, {"color": STRONG, "width": 4}),
        (told[noise], words.LEGEND_NOISE, {"color": FAINT, "width": 2, "dash": "dot"}),
    ):
        if chosen.empty:
            continue
        x: list[float | None] = []
        y: list[float | None] = []
        for i, row in chosen.iterrows():
            x += [100 * float(row["dense_accuracy"]), 100 * float(row["pruned_accuracy"]), None]
            y += [float(str(i)) - DODGE, float(str(i)) + DODGE, None]
        fig.add_scatter(x=x, y=y, mode="lines", name=name, hoverinfo="skip", line=line)


def _side(fig: go.Figure, part: pd.DataFrame, side: str, row: float, role: str, symbol: str) -> None:
    dense, nothing = side == "dense", role == "none"
    colour = FAINT if dense or nothing else ROLE_COLOURS[role]
    mark = ("square-open" if nothing else "square") if dense else symbol
    name = (
        words.LEGEND_UNINFORMATIVE
        if nothing
        else words.LEGEND_DENSE
        if dense
        else f"{words.LEGEND_PRUNED}, {words.ROLES[role]}"
    )
    value = part[f"{side}_accuracy"].astype(float)
    fig.add_scatter(
        x=(100 * value).to_list(), y=[float(i) + row for i in part.index], mode="markers", name=name,
        # One entry for the grey squares, and one for the hollow marks.
        legendgroup=name, showlegend=name not in {trace.name for trace in fig.data},
        marker={"color": colour, "size": 9, "symbol": mark},
        error_x={**spread(value, part[f"{side}_low"], part[f"{side}_high"], 100.0), "color": colour},
        customdata=[hover(r) for r in part.to_dict("records")], hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def hover(row: dict[str, object] | dict[object, object]) -> str:
    """Everything about one row, and what it means."""
    r = {str(key): value for key, value in row.items()}

    def percent(name: str) -> float:
        return 100 * float(str(r[name]))

    return words.HOVER_TASK.format(
        name=r["name"], items=r["items"], before=percent("dense_accuracy"), before_low=percent("dense_low"),
        before_high=percent("dense_high"), after=percent("pruned_accuracy"), after_low=percent("pruned_low"),
        after_high=percent("pruned_high"), change=percent("change"), low=percent("change_low"), high=percent("change_high"),
        lost=r["lost"], gained=r["gained"], p=words.p_value(float(str(r["p"]))), p_holm=words.p_value(float(str(r["p_holm"]))),
        chance=percent("chance"), verdict=words.VERDICT_SENTENCES.get(str(r["verdict"]), str(r["verdict"])),
    )  # fmt: skip


def task_map(table: pd.DataFrame, languages: Sequence[str]) -> go.Figure:
    """Language x benchmark, customary readings: the change in points. Coloured only where it is beyond noise."""
    part = renamed(table[table["customary"].astype(bool)])
    codes = [code for code in languages if code in set(part["language"])]
    tasks = list(dict.fromkeys(part["task"]))
    if not codes:
        return message(words.TASKS_NOTHING)
    rows = {(r["language"], r["task"]): r for r in part.to_dict("records")}
    z: list[list[float | None]] = []
    text, told = [], []
    for code in codes:
        found = [rows.get((code, task)) for task in tasks]
        z.append([_colour(row) for row in found])
        text.append([_cell(row) for row in found])
        told.append(["" if row is None else f"{row['title']}: {hover(row)}" for row in found])
    titles = [str(part[part["task"] == task]["title"].iloc[0]) for task in tasks]
    names = [str(part[part["language"] == code]["name"].iloc[0]) for code in codes]
    reach = max(10.0, *(abs(v) for line in z for v in line if v is not None))
    silent: list[list[float | None]] = [[1.0 if cell == words.MAP_NONE else None for cell in line] for line in text]
    dashes = [[cell if cell == words.MAP_NONE else "" for cell in line] for line in text]
    changes = [["" if cell == words.MAP_NONE else cell for cell in line] for line in text]
    shared: dict[str, Any] = {
        "x": titles, "y": list(range(len(codes))), "texttemplate": "%{text}", "customdata": told, "hoverongaps": False,
        "hovertemplate": "%{customdata}<extra></extra>", "xgap": 2, "ygap": 2,
    }  # fmt: skip
    traces = [
        go.Heatmap(
            z=z,
            text=changes,
            colorscale=DIVERGING,
            zmin=-1.6 * reach,
            zmax=1.6 * reach,
            colorbar=colour_bar(words.BAR_CHANGE),
            **shared,
        ),
        # Grey cells, not holes: a hole is a language that the benchmark does not have.
        go.Heatmap(z=silent, text=dashes, colorscale=[[0, FAINT], [1, FAINT]], showscale=False, **shared),
    ]
    fig = figure(height_of(len(codes), extra=130), traces)
    fig.update_layout(
        xaxis=axis(words.AXIS_BENCHMARK, side="top", showgrid=False, tickangle=0 if len(tasks) < 4 else -30),
        yaxis=rows_axis(names) | {"showgrid": False},
    )
    return fig


def _colour(row: dict[str, object] | dict[object, object] | None) -> float | None:
    """Points; 0 within noise, so that no colour claims what the figures do not; nothing where nothing was asked or told."""
    if row is None:
        return None
    verdict = {str(key): value for key, value in row.items()}
    if verdict["verdict"] == "uninformative":
        return None
    return 0.0 if verdict["verdict"] == "within noise" else 100 * float(str(verdict["change"]))


def _cell(row: dict[str, object] | dict[object, object] | None) -> str:
    if row is None:
        return ""
    found = {str(key): value for key, value in row.items()}
    points = signed(100 * float(str(found["change"])))
    verdict = found["verdict"]
    return (
        words.MAP_NONE
        if verdict == "uninformative"
        else words.MAP_NOISE.format(value=points)
        if verdict == "within noise"
        else points
    )
