"""Many runs at once: loss against sparsity, for the mean, the worst and every language; and mean against worst with its front.

A line is a method with a mix of languages: the colour tells the method, dashes and the shape of the points tell the mix.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from components.figures.base import BLUE, FAINT, GREEN, GRID, INK, ORANGE, axis, figure, message, times_axis
from components.i18n import words
from components.i18n.names import language_name, language_names, renamed

COLOURS = (BLUE, ORANGE, GREEN, "#b455a0", "#a07800", "#c0392b", "#56a8d8", "#7c7c7c")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x")
PATTERNS = ("", "/", ".", "x")
"""What tells languages of one colour apart."""
COLUMNS, PANEL = 3, 165
"""Panels side by side (a phone has room for three), and pixels of a row of them."""
MOST_PANELS = 24
MEAN, WORST, STACKED = "mean", "worst", "stacked"
NAMED = 3
"""Languages of a mix that are named before "and 5 more"."""


@dataclasses.dataclass(frozen=True)
class Style:
    """How a line looks, and its name."""

    name: str
    colour: str
    dash: str
    symbol: str


Styles = Mapping[tuple[str, str], Style]
"""(method, mix as codes by commas) -> its look."""


def mix_name(codes: str) -> str:
    """ "English, Hindi" from "en,hi"; long mixes are cut."""
    names = language_names(codes.split(","))
    return words.first_of(names, len(names) if len(names) <= NAMED + 1 else NAMED)


def styles_of(runs: pd.DataFrame) -> Styles:
    """A look for every line, in the order of the plan; the name says only what differs."""
    if runs.empty:
        return {}
    methods, mixes = (list(dict.fromkeys(runs[column])) for column in ("method", "languages"))
    found = {}
    for method, mix in dict.fromkeys(zip(runs["method"], runs["languages"], strict=True)):
        name = words.SWEEP_LINE.format(method=method, mix=mix_name(mix)) if len(mixes) > 1 else method
        m, x = methods.index(method), mixes.index(mix)
        if len(methods) == 1 and len(mixes) > 1:  # One method: mixes have the colours to themselves.
            name, m = mix_name(mix), x
        found[method, mix] = Style(name, COLOURS[m % len(COLOURS)], DASHES[x % len(DASHES)], SYMBOLS[x % len(SYMBOLS)])
    return found


def stacked(languages: pd.DataFrame, styles: Styles) -> go.Figure:
    """Every language's perplexity on top of the others', a bar for each line and sparsity: how the paper's first figure reads."""
    rows = renamed(languages).rename(columns={"mix": "languages"})
    rows = rows.assign(line=[styles[key].name for key in zip(rows["method"], rows["languages"], strict=True)])
    rows = rows.groupby(["language", "name", "line", "sparsity"], sort=False)["pruned_perplexity"].mean().reset_index()
    rows = rows.sort_values("sparsity", kind="stable")
    one = rows["line"].nunique() == 1
    fig = figure(420, barmode="stack")
    for place, code in enumerate(dict.fromkeys(languages["language"])):
        part = rows[rows["language"] == code]
        shares = [words.percent(value) for value in part["sparsity"]]
        name = part["name"].iloc[0]
        fig.add_bar(
            x=shares if one else [shares, part["line"].to_list()], y=part["pruned_perplexity"].to_list(), name=name,
            marker={"color": COLOURS[place % len(COLOURS)], "pattern": {"shape": PATTERNS[place // len(COLOURS) % len(PATTERNS)]}},
            hovertemplate=f"{name}: %{{y:.4g}}<extra></extra>",
        )  # fmt: skip
    fig.update_layout(
        xaxis=axis(words.AXIS_SPARSITY, type="category" if one else "multicategory"), yaxis=axis(words.SWEEP_STACK_AXIS)
    )
    return fig


def values_of(runs: pd.DataFrame, languages: pd.DataFrame, which: str) -> pd.DataFrame:
    """One row a line and sparsity: value, low, high, runs and the language's name. which: "mean", "worst", or a code.

    With one seed, low and high are the 95 % interval where there is one; with several, the lowest and the highest of them.
    """
    if which == MEAN:
        rows = runs.assign(value=runs["mean_increase"], low=math.nan, high=math.nan, name=words.SWEEP_MEAN)
    else:
        rows = renamed(languages).rename(columns={"mix": "languages", "increase": "value"})
        if which == WORST:
            rows = rows.merge(runs[["id", "worst_language"]], on="id")
            rows = rows[rows["language"] == rows["worst_language"]]
        else:
            rows = rows[rows["language"] == which]
        rows = rows.assign(low=rows.get("increase_low", math.nan), high=rows.get("increase_high", math.nan))
    found = []
    for (method, mix, sparsity), part in rows.dropna(subset=["value"]).groupby(["method", "languages", "sparsity"], sort=False):
        value, several = part["value"].astype(float), len(part) > 1
        found.append(
            {
                "method": method, "languages": mix, "sparsity": float(str(sparsity)), "value": float(value.mean()),
                "low": float(value.min() if several else part["low"].iloc[0]),
                "high": float(value.max() if several else part["high"].iloc[0]), "runs": len(part),
                "name": ", ".join(dict.fromkeys(part["name"])),
            }
        )  # fmt: skip
    names = ["method", "languages", "sparsity", "value", "low", "high", "runs", "name"]
    return pd.DataFrame(found, columns=names).sort_values(["method", "languages", "sparsity"], kind="stable")


def curves(values: pd.DataFrame, styles: Styles) -> go.Figure:
    """Loss increase against sparsity, a line a method and mix."""
    if values.empty:
        return message(words.SWEEP_UNSCORED)
    lines = list(_lines(values, styles, bars=True))
    # The legend stands above the figure: room for a row of it for every two lines.
    fig = figure(360 + 20 * math.ceil(len(lines) / 2), lines)
    fig.update_layout(
        xaxis=_sparsities(values),
        yaxis=times_axis(words.AXIS_RATIO, [0.0, *values[["value", "low", "high"]].to_numpy(np.float64).flat]),
        showlegend=True,
        hovermode="closest",
    )
    return fig


def multiples(by_language: Mapping[str, pd.DataFrame], styles: Styles) -> go.Figure:
    """The same for every language, in panels on one scale. by_language: the name of a language -> its values."""
    there = {name: values for name, values in by_language.items() if len(values)}
    if not there:
        return message(words.SWEEP_UNSCORED)
    wide = min(COLUMNS, len(there))
    tall = math.ceil(len(there) / wide)
    fig = make_subplots(
        rows=tall, cols=wide, shared_yaxes="all", shared_xaxes="all", subplot_titles=list(there), horizontal_spacing=0.04,
        vertical_spacing=min(0.12, 34 / (PANEL * tall)) if tall > 1 else 0.0,
    )  # fmt: skip
    for place, values in enumerate(there.values()):
        for trace in _lines(values, styles, bars=False):
            fig.add_trace(trace.update(showlegend=False), row=place // wide + 1, col=place % wide + 1)
    fig.update_layout(figure(70 + PANEL * tall).layout)
    fig.update_layout(margin={"l": 8, "r": 8, "t": 28, "b": 8}, showlegend=False, hovermode="closest")
    fig.update_annotations(font={"size": 12, "color": INK})
    everything = pd.concat(list(there.values()))
    ticks = _sparsities(everything)
    fig.update_xaxes(tickvals=ticks["tickvals"][:: max(1, len(ticks["tickvals"]) // 3)], range=ticks["range"], showgrid=False, zeroline=False, automargin=True)  # fmt: skip
    scale = times_axis("", [0.0, *everything["value"]], 0.08, gridcolor=GRID, zeroline=False, automargin=True)
    fig.update_yaxes(scale | {"tickvals": scale["tickvals"][::2], "ticktext": scale["ticktext"][::2]})
    fig.update_yaxes(title={"text": words.AXIS_SWEEP_SHORT, "standoff": 4}, row=(tall + 1) // 2, col=1)
    fig.update_xaxes(title={"text": words.AXIS_SWEEP_SPARSITY, "standoff": 4}, row=tall, col=1)
    for place in range(max(0, len(there) - wide), len(there)):  # The last panel of each column says its sparsities.
        fig.update_xaxes(showticklabels=True, row=place // wide + 1, col=place % wide + 1)
    return fig


def mean_against_worst(runs: pd.DataFrame, styles: Styles) -> go.Figure:
    """One point a run; a line through those that no other beats in both."""
    known = runs.dropna(subset=["mean_increase", "worst_increase"]) if len(runs) else runs
    if known.empty:
        return message(words.SWEEP_UNSCORED)
    fig = figure(420)
    best = known[known["front"]].sort_values(["mean_increase", "worst_increase"])
    fig.add_scatter(
        x=best["mean_increase"].to_list(), y=best["worst_increase"].to_list(), mode="lines", name=words.SWEEP_LEGEND_FRONT,
        line={"color": FAINT, "width": 2, "dash": "dot"}, hoverinfo="skip",
    )  # fmt: skip
    several_seeds = known["seed"].nunique() > 1
    for key, style in styles.items():
        part = known[(known["method"] == key[0]) & (known["languages"] == key[1])]
        if part.empty:
            continue
        fig.add_scatter(
            x=part["mean_increase"].to_list(), y=part["worst_increase"].to_list(), mode="markers", name=style.name,
            marker={
                "color": style.colour, "size": [13 if on else 9 for on in part["front"]], "symbol": style.symbol,
                "line": {"width": [2 if on else 0 for on in part["front"]], "color": INK},
            },
            customdata=[_front_hover(row, style, several_seeds) for row in part.to_dict("records")],
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    fig.update_layout(
        xaxis=times_axis(words.WORTH_AXIS_MEAN, known["mean_increase"], 0.08), yaxis=times_axis(words.WORTH_AXIS_WORST, known["worst_increase"], 0.08),
        showlegend=True, hovermode="closest",
        height=400 + 20 * math.ceil((len(styles) + 1) / 2),
    )  # fmt: skip
    return fig


def _front_hover(row: Mapping[Any, Any], style: Style, several_seeds: bool) -> str:
    return words.HOVER_SWEEP_FRONT.format(
        line=style.name, sparsity=words.at_sparsity(float(row["sparsity"])), mean=float(row["mean_increase"]),
        seed=words.HOVER_SWEEP_SEED.format(seed=row["seed"]) if several_seeds else "", worst=float(row["worst_increase"]),
        language=language_name(str(row["worst_language"])),
    )  # fmt: skip


def _lines(values: pd.DataFrame, styles: Styles, bars: bool) -> Sequence[Any]:
    found = []
    for key, style in styles.items():
        part = values[(values["method"] == key[0]) & (values["languages"] == key[1])]
        if part.empty:
            continue
        value, low, high = (part[name].to_numpy(np.float64) for name in ("value", "low", "high"))
        known = ~(np.isnan(low) | np.isnan(high))
        error = {
            "type": "data", "array": np.where(known, high - value, 0.0).clip(0).tolist(), "color": style.colour, "thickness": 1,
            "arrayminus": np.where(known, value - low, 0.0).clip(0).tolist(), "width": 3, "visible": bool(bars and known.any()),
        }  # fmt: skip
        found.append(
            go.Scatter(
                x=(100 * part["sparsity"]).to_list(), y=value.tolist(), mode="lines+markers", name=style.name, error_y=error,
                line={"color": style.colour, "width": 2, "dash": style.dash},
                marker={"size": 8 if bars else 5, "symbol": style.symbol, "color": style.colour},
                customdata=[_hover(row, style) for row in part.to_dict("records")], hovertemplate="%{customdata}<extra></extra>",
            )
        )  # fmt: skip
    return found


def _hover(row: Mapping[Any, Any], style: Style) -> str:
    low, high, value = float(row["low"]), float(row["high"]), float(row["value"])
    bounds = "" if math.isnan(low) else words.HOVER_SWEEP_BOUNDS.format(low=low, high=high)
    return words.HOVER_SWEEP.format(
        line=style.name, language=row["name"], sparsity=words.at_sparsity(float(row["sparsity"])), value=value, bounds=bounds,
        times=math.exp(min(value, 700.0)),
    )  # fmt: skip


def _sparsities(values: pd.DataFrame) -> dict[str, Any]:
    """The axis of sparsity, with a tick at each that was run, where there is room."""
    found = sorted({round(100 * float(v), 4) for v in values["sparsity"]})
    apart = (found[-1] - found[0]) / 12
    ticks = found[:1]
    for value in found:
        ticks += [value] if value - ticks[-1] >= apart else []
    spare = max(2.0, 0.06 * (found[-1] - found[0]))
    return axis(words.AXIS_SWEEP_SPARSITY, tickvals=ticks, range=[found[0] - spare, found[-1] + spare], showgrid=False)
