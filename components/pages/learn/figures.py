"""One figure for each step of the lesson: pure functions of the stored data and what the control says."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from components.figures.base import BLUE, FAINT, GREEN, INK, ORANGE, axis, block_axis, figure, height_of, neat_ticks, rows_axis
from components.i18n.names import language_name
from components.i18n.numbers import number, per_cent
from components.pages.learn import toy
from components.pages.learn.data import Lesson, StoredRun
from components.pages.learn.texts import say

FAR = 2.0
"""Channels at least so many times stronger in one language than in the other are drawn as different."""


def name(code: str) -> str:
    """A language as the reader calls it."""
    return language_name(code)


def weights(data: Lesson, percent: int) -> go.Figure:
    """Histogram of one real matrix; what goes at this share is orange."""
    found = data.weights
    edges = np.array(found.edges)
    middle, width = (edges[1:] + edges[:-1]) / 2, float(edges[1] - edges[0])
    gone = np.array(found.gone[found.shares.index(percent)])
    fig = figure(300)
    for count, label, colour in ((gone, say("1.gone"), ORANGE), (np.array(found.counts) - gone, say("1.kept"), BLUE)):
        fig.add_bar(
            x=middle.tolist(), y=(count / 1000).tolist(), name=label, marker={"color": colour}, width=width,
            hovertemplate=f"%{{x:.3f}}: %{{y:.1f}}<extra>{label}</extra>",
        )  # fmt: skip
    fig.update_layout(barmode="stack", bargap=0, xaxis=axis(say("1.x")), yaxis=axis(say("1.y"), rangemode="tozero"))
    return fig


def worked_example(strength: float) -> go.Figure:
    """Two tables of four by four scores: what stays is blue with its number, what goes is pale and crossed out."""
    inputs = toy.norms(strength)
    fig = figure(290)
    gap = len(toy.WEIGHTS[0]) + 1
    for place, (title, scores) in enumerate(((say("2.left"), toy.magnitude()), (say("2.right"), toy.wanda(inputs)))):
        kept = toy.keep(scores)
        fig.add_heatmap(
            z=[[int(stay) for stay in row] for row in kept],
            x=[place * gap + column for column in range(len(scores[0]))],
            y=list(range(len(scores))),
            text=[
                [f"<b>{number(score, '.2g')}</b>" if stay else f"<s>{number(score, '.2g')}</s>" for score, stay in zip(*rows, strict=True)]
                for rows in zip(scores, kept, strict=True)
            ],
            texttemplate="%{text}",
            # Opaque colours of their own, light in both themes, so that one dark ink can be read on all of them.
            textfont={"size": 14, "color": "#111827"}, colorscale=[[0, "#e5e7eb"], [1, "#93c5ee"]],
            zmin=0, zmax=1, showscale=False, xgap=3, ygap=3, hovertemplate=f"%{{text}}<extra>{title}</extra>",
        )  # fmt: skip
        fig.add_annotation(
            x=place * gap + 1.5, y=-0.85, text=f"<b>{title}</b>", showarrow=False, font={"size": 13, "color": INK}
        )
    _outline_changes(fig, toy.keep(toy.magnitude()), toy.keep(toy.wanda(inputs)), gap)
    labels = [*toy.INPUTS, *(f"{label}<br><b>{number(v, 'g')}</b>" for label, v in zip(toy.INPUTS, inputs, strict=True))]
    fig.update_layout(
        showlegend=False,
        xaxis=axis(
            say("2.x"), tickvals=[*range(4), *(gap + i for i in range(4))], ticktext=labels, showgrid=False,
            range=[-0.6, 2 * gap - 1.4],
        ),
        yaxis=rows_axis([say("2.row", row=row + 1) for row in range(4)], " ") | {"showgrid": False, "range": [3.6, -1.2]},
    )  # fmt: skip
    return fig


def _outline_changes(fig: go.Figure, before: toy.Mask, after: toy.Mask, gap: int) -> None:
    """An orange frame round every weight on which the two tables disagree."""
    for row in toy.changed(before, after):
        for column in range(len(before[row])):
            if before[row][column] != after[row][column]:
                x = gap + column
                fig.add_shape(
                    type="rect", x0=x - 0.47, x1=x + 0.47, y0=row - 0.47, y1=row + 0.47, line={"color": ORANGE, "width": 3}
                )


def channels(data: Lesson, one: str, other: str) -> go.Figure:
    """Every channel as a dot: its strength in one language against the other, both axes logarithmic and alike."""
    a, b = (np.array(data.channels.rms[code]) for code in (one, other))
    everything = np.concatenate([np.array(values) for values in data.channels.rms.values()])
    positive = everything[everything > 0]
    low, high = float(np.quantile(positive, 0.0005)), float(positive.max()) * 1.2
    far = differs(a, b)
    fig = figure(380)
    for chosen, label, colour, size in ((~far, say("3.near"), FAINT, 4), (far, say("3.far"), ORANGE, 5)):
        fig.add_scatter(
            x=np.clip(a[chosen], low, None).tolist(), y=np.clip(b[chosen], low, None).tolist(), mode="markers", name=label,
            marker={"color": colour, "size": size, "opacity": 0.7},
            hovertemplate=f"{name(one)}: %{{x:.3g}}<br>{name(other)}: %{{y:.3g}}<extra></extra>",
        )  # fmt: skip
    fig.add_scatter(
        x=[low, high], y=[low, high], mode="lines", name=say("3.equal"), line={"color": INK, "width": 1, "dash": "dash"},
        hoverinfo="skip",
    )  # fmt: skip
    span = [float(np.log10(low)), float(np.log10(high))]
    logarithmic: dict[str, Any] = {"type": "log", "range": span, "dtick": 1, "exponentformat": "none"}
    fig.update_layout(
        xaxis=axis(say("3.axis", language=name(one)), **logarithmic),
        yaxis=axis(say("3.axis", language=name(other)), **logarithmic),
    )
    return fig


def differs(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Which channels are at least `FAR` times stronger in one of two languages."""
    return np.maximum(one, other) >= FAR * np.minimum(one, other)


def allocation(data: Lesson, chosen: str) -> go.Figure:
    """Above: the damage of each block pruned alone. Below: the sparsity it gets."""
    found = data.blocks
    numbers = list(range(len(found.damage)))
    fig = figure(400)
    fig.add_bar(
        x=numbers, y=list(found.damage), yaxis="y2", name=say("4.damage"), marker={"color": ORANGE},
        hovertemplate="%{x}: %{y:.3f}<extra></extra>",
    )  # fmt: skip
    fig.add_bar(
        x=numbers, y=[100 * v for v in found.allocations[chosen]], name=say("4.sparsity"), marker={"color": BLUE},
        hovertemplate=f"%{{x}}: {per_cent('%{y:.0f}')}<extra></extra>",
    )  # fmt: skip
    fig.add_hline(y=100 * found.sparsity, line={"color": FAINT, "dash": "dash", "width": 1})
    fig.update_layout(
        showlegend=False,
        bargap=0.25,
        xaxis=block_axis(len(numbers)) | {"range": [-0.6, len(numbers) - 0.4]},
        yaxis=axis(say("4.sparsity"), domain=[0, 0.46], range=[0, 80], dtick=20),
        yaxis2=axis(say("4.damage"), domain=[0.56, 1], anchor="x", rangemode="tozero"),
    )
    return fig


def losses(
    data: Lesson,
    run: StoredRun,
    among: Sequence[StoredRun],
    groups: Mapping[str, Sequence[str]] | None = None,
    worst: bool = False,
    mean: bool = False,
) -> go.Figure:
    """One dot a language: perplexity after pruning divided by before. The axis is that of all runs in `among`, so that
    dots move and the axis does not.

    groups: legend -> languages, in two colours and shapes; without it all look alike. worst: the worst language stands out.
    """
    fig = figure(height_of(len(data.scored), extra=130))
    row_of = {code: row for row, code in enumerate(data.scored)}
    if groups is None:
        rest = [code for code in data.scored if not worst or code != run.worst]
        groups = {say("losses.language"): rest} | ({say("losses.worst"): [run.worst]} if worst else {})
    for (label, codes), (colour, symbol) in zip(groups.items(), ((BLUE, "circle"), (ORANGE, "diamond")), strict=False):
        if codes:
            fig.add_trace(_dots(run, codes, row_of, label, colour, symbol))
    if mean:
        fig.add_vline(x=float(np.exp(run.mean)), line={"color": GREEN, "dash": "dash", "width": 2})
        fig.add_scatter(x=[None], y=[None], mode="lines", name=say("losses.mean"), line={"color": GREEN, "dash": "dash"})
    lowest = min(loss.low for entry in among for loss in entry.languages.values())
    highest = max(loss.high for entry in among for loss in entry.languages.values())
    span = [min(0.9, float(np.exp(lowest)) * 0.97), float(np.exp(highest)) * 1.08]
    ticks = neat_ticks(*span)
    fig.add_vline(x=1, line={"color": FAINT, "dash": "dot", "width": 1})
    fig.update_layout(
        showlegend=len(groups) > 1,
        xaxis=axis(
            say("losses.axis"), type="log", range=[float(np.log10(v)) for v in span], tickvals=ticks,
            ticktext=[number(t, ",g") for t in ticks],
        ),
        yaxis=rows_axis([name(code) for code in data.scored], " "),
    )  # fmt: skip
    return fig


def sizes(data: Lesson, sparsity: float) -> go.Figure:
    """One bar for each way of storing the model, in megabytes: its table of tokens, and everything else."""
    found = data.small.sizes(sparsity)
    rows = list(range(len(found)))
    labels = [say(f"8.{way}") for way in found]
    fig = figure(height_of(len(rows), extra=150))
    for place, (label, colour) in enumerate(((say("8.table"), ORANGE), (say("8.rest"), BLUE))):
        fig.add_bar(
            x=[parts[place] / 1e6 for parts in found.values()], y=rows, orientation="h", width=0.62, name=label,
            marker={"color": colour}, customdata=labels, hovertemplate=f"%{{customdata}}: %{{x:.1f}}<extra>{label}</extra>",
        )  # fmt: skip
    totals = [sum(parts) / 1e6 for parts in found.values()]
    fig.add_scatter(
        x=totals, y=rows, mode="text", text=[f" {number(total, ',.0f')}" for total in totals], textposition="middle right",
        textfont={"color": INK}, showlegend=False, hoverinfo="skip",
    )  # fmt: skip
    # The axis is that of the dense model: bars shrink and the axis does not.
    return fig.update_layout(
        barmode="stack",
        legend_traceorder="normal",
        xaxis=axis(say("8.axis"), range=[0, 1.14 * totals[0]]),
        yaxis=rows_axis(labels, " "),
    )


def _dots(run: StoredRun, codes: Sequence[str], row_of: Mapping[str, int], label: str, colour: str, symbol: str) -> go.Scatter:
    found = [run.languages[code] for code in codes]
    low, high = ([float(np.exp(getattr(loss, side))) for loss in found] for side in ("low", "high"))
    ratios = [loss.ratio for loss in found]
    interval = say("losses.interval", low="%{customdata[1]:.2f}", high="%{customdata[2]:.2f}")
    return go.Scatter(
        x=ratios,
        y=[row_of[code] for code in codes],
        mode="markers",
        name=label,
        marker={"color": colour, "size": 10, "symbol": symbol},
        error_x={
            "type": "data", "array": [b - v for b, v in zip(high, ratios, strict=True)],
            "arrayminus": [v - a for a, v in zip(low, ratios, strict=True)], "color": colour, "thickness": 1.5, "width": 4,
        },
        customdata=[[name(code), a, b] for code, a, b in zip(codes, low, high, strict=True)],
        hovertemplate=f"%{{customdata[0]}}: %{{x:.2f}}<br>{interval}<extra></extra>",
    )  # fmt: skip
