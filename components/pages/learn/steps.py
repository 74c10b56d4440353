"""The eight steps: what each control may be set to, its figure, and the line that says the result in words.

A step is pure: (data, what the control says) -> figure and Markdown. The tab draws the widgets and nothing else.
"""

import dataclasses
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from components.i18n.numbers import number
from components.pages.learn import figures, toy
from components.pages.learn.data import Lesson, StoredRun
from components.pages.learn.numbers import ALONE_OR_ALL, SPARSITY, joined, megabytes, name, numbers, percent, times
from components.pages.learn.texts import FORMULAS, say

Choices = tuple[tuple[str, str], ...]
"""What a menu shows, and the value behind it."""


@dataclasses.dataclass(frozen=True)
class Slider:
    """A number between two others."""

    low: float
    high: float
    step: float
    start: float

    def values(self) -> tuple[float, ...]:
        """All it can be set to."""
        count = round((self.high - self.low) / self.step)
        whole = float(self.step).is_integer()
        return tuple(int(self.low + i * self.step) if whole else self.low + i * self.step for i in range(count + 1))


@dataclasses.dataclass(frozen=True)
class Radio:
    """One of a few."""

    choices: Choices
    start: str

    def values(self) -> tuple[str, ...]:
        """All it can be set to."""
        return tuple(value for _, value in self.choices)


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two of a menu; choosing the same twice is allowed."""

    choices: Choices
    start: tuple[str, str]

    def values(self) -> tuple[tuple[str, str], ...]:
        """All it can be set to."""
        codes = [value for _, value in self.choices]
        return tuple(itertools.product(codes, codes))


Control = Slider | Radio | Pair


@dataclasses.dataclass(frozen=True)
class Step:
    """`show(data, *values)` gives the figure and the line below it."""

    key: str
    control: Control
    show: Callable[..., tuple[go.Figure, str]]

    def start(self) -> tuple[Any, ...]:
        """What the control says at first."""
        return self.control.start if isinstance(self.control, Pair) else (self.control.start,)

    def all_values(self) -> tuple[tuple[Any, ...], ...]:
        """Everything that the control can say."""
        return tuple(value if isinstance(value, tuple) else (value,) for value in self.control.values())

    def title(self) -> str:
        """Its heading."""
        return say(f"{self.key}.title")

    def text(self, data: Lesson) -> str:
        """A few sentences, and the formula where there is one."""
        formula = FORMULAS.get(self.key)
        return say(f"{self.key}.text", **numbers(data)) + (f'\n\n<math display="block">{formula}</math>' if formula else "")

    def question(self, data: Lesson) -> str:
        """What to think about."""
        return say(f"{self.key}.question", **numbers(data))

    def answer(self, data: Lesson) -> str:
        """What the data say to it."""
        return say(f"{self.key}.answer", **numbers(data))


def steps(data: Lesson) -> tuple[Step, ...]:
    """The lesson."""
    languages = tuple((name(code), code) for code in data.scored)
    low, high = (round(100 * v) for v in (data.sweep[0], data.sweep[-1]))
    return (
        Step("1", Slider(data.weights.shares[0], data.weights.shares[-1], 5, 50), weight),
        Step("2", Slider(0.0, toy.STRONGEST, toy.STEP, toy.START), inputs),
        Step("3", Pair(languages, ("en", "ta")), channels),
        Step("4", Radio(_options("4", data.blocks.allocations), "wanda"), blocks),
        Step("5", Slider(low, high, 10, low), how_much),
        Step("6", Radio(_options("6", ALONE_OR_ALL), "english"), average),
        Step("7", Radio(_options("7", ("english", "four", "eight")), "english"), held_out),
        Step("8", Slider(0, 90, 10, 50), smaller),
    )


def _options(key: str, values: Sequence[str] | Any) -> Choices:
    return tuple((say(f"{key}.{value}"), value) for value in values)


def weight(data: Lesson, share: float) -> tuple[go.Figure, str]:
    """1: what goes when the smallest weights go."""
    percentage = round(share)
    place = data.weights.shares.index(percentage)
    threshold = data.weights.thresholds[place]
    text = say("1.none") if not percentage else say("1.zeros", share=percentage)
    if threshold:
        text = say(
            "1.reply", share=percentage, threshold=number(threshold, ".3f"), squares=percent(data.weights.squares[place])
        )
    return figures.weights(data, percentage), text


def inputs(data: Lesson, strength: float) -> tuple[go.Figure, str]:
    """2: Wanda beside magnitude on the worked example."""
    rows = toy.changed(toy.keep(toy.magnitude()), toy.keep(toy.wanda(toy.norms(strength))))
    text = say("2.reply", rows=joined([say("2.row", row=row + 1) for row in rows])) if rows else say("2.same")
    return figures.worked_example(strength), text


def channels(data: Lesson, one: str, other: str) -> tuple[go.Figure, str]:
    """3: how strong every channel is in two languages."""
    text = say("3.same")
    if one != other:
        found = data.channels
        far = int(figures.differs(np.array(found.rms[one]), np.array(found.rms[other])).sum())
        share = percent(found.disagree(one, other))
        text = say(
            "3.reply", **numbers(data) | {"far": number(far, ","), "one": name(one), "other": name(other), "share": share}
        )
    return figures.channels(data, one, other), text


def blocks(data: Lesson, allocation: str) -> tuple[go.Figure, str]:
    """4: damage and sparsity of every block, and what the allocation is worth."""
    run = data.run(allocation, "four", data.blocks.sparsity)
    text = say(
        "4.reply", choice=say(f"4.{allocation}"), mean=times(run.mean), languages=len(data.scored), **_worst(run)
    )  # fmt: skip
    return figures.allocation(data, allocation), text


def how_much(data: Lesson, sparsity: float) -> tuple[go.Figure, str]:
    """5: the loss of every language at a sparsity."""
    among = [data.run("wanda", "four", share) for share in data.sweep]
    run = data.run("wanda", "four", sparsity / 100)
    best = min(run.languages, key=lambda code: run.languages[code].increase)
    text = say(
        "5.reply", sparsity=round(sparsity), mean=times(run.mean), best=name(best), best_times=_times(run, best), **_worst(run)
    )
    return figures.losses(data, run, among), text


def average(data: Lesson, calibration: str) -> tuple[go.Figure, str]:
    """6: the same method on texts in another language."""
    among = {entry: data.run("wanda", entry, SPARSITY) for entry in ALONE_OR_ALL}
    run = among[calibration]
    one, other = "en", "sw"
    text = say(
        "6.reply", mean=times(run.mean), **_worst(run), one=name(one), one_times=_times(run, one),
        other=name(other), other_times=_times(run, other),
    )  # fmt: skip
    return figures.losses(data, run, list(among.values()), worst=True, mean=True), text


def held_out(data: Lesson, calibration: str) -> tuple[go.Figure, str]:
    """7: languages that were calibrated on, and the others."""
    among = {entry: data.run("wanda", entry, SPARSITY) for entry in ("english", "four", "eight")}
    run = among[calibration]
    used = [code for code in data.scored if code in data.calibrations[calibration]]
    others = [code for code in data.scored if code not in used]
    groups = {say("7.calibrated"): used, say("7.held"): others}
    text = say("7.reply", calibrated=times(run.mean_of(used)), held=times(run.mean_of(others)), **_worst(run))
    return figures.losses(data, run, list(among.values()), groups), text


def smaller(data: Lesson, sparsity: float) -> tuple[go.Figure, str]:
    """8: what zeros save, and what fewer numbers do."""
    sizes = {f"{way}_mb": megabytes(sum(parts)) for way, parts in data.small.sizes(sparsity / 100).items()}
    return figures.sizes(data, sparsity / 100), say("8.reply", share=round(sparsity), **sizes)


def _worst(run: StoredRun) -> dict[str, str]:
    return {"worst": name(run.worst), "worst_times": _times(run, run.worst)}


def _times(run: StoredRun, code: str) -> str:
    return times(run.languages[code].increase)
