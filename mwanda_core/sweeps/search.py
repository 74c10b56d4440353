"""Search over a few knobs with few tries. Every try costs a prune and a scoring, so there are dozens, not thousands.

coordinate   from the start, one knob a step up or down; a better point is the new start, after a round without one the
             steps are halved; seeded, so that a search repeats
random       points drawn evenly over the ranges
optuna       the tree-structured Parzen estimator of the optional package optuna
"""

import dataclasses
import importlib
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mwanda_core.errors import InputError

SEARCHES = ("coordinate", "random", "optuna")

Point = Mapping[str, float]
Objective = Callable[[Point], tuple[float, ...]]
"""A point to its worth, lower is better, compared in order: the second number decides where the first are equal."""


@dataclasses.dataclass(frozen=True)
class Axis:
    """A knob and the range it is searched in."""

    name: str
    low: float
    high: float
    start: float
    step: float

    def clip(self, value: float) -> float:
        """The nearest value of the range, rounded so that equal points are seen to be equal."""
        return round(min(self.high, max(self.low, value)), 6)


def check_search(kind: str, tries: int) -> None:
    """Refuse what can be refused before anything is tried.

    Raises InputError for an unknown search or fewer than one try.
    """
    if kind not in SEARCHES:
        raise InputError(f"The search must be one of {', '.join(SEARCHES)}; it was given {kind!r}.")
    if tries < 1:
        raise InputError(f"A search needs at least one try; it was given {tries}.")


def search(kind: str, axes: Sequence[Axis], objective: Objective, tries: int, seed: int) -> None:
    """Call the objective at `tries` different points at most, the start among them; who calls keeps what it saw.

    Raises InputError for an unknown search, no knob or fewer than one try, and whatever the objective raises.
    """
    check_search(kind, tries)
    if not axes:
        raise InputError("There is no knob to search over: name at least one.")
    seen: dict[tuple[float, ...], tuple[float, ...]] = {}

    def worth(values: tuple[float, ...]) -> tuple[float, ...] | None:
        point = tuple(axis.clip(value) for axis, value in zip(axes, values, strict=True))
        if point not in seen:
            if len(seen) >= tries:
                return None
            seen[point] = objective({axis.name: value for axis, value in zip(axes, point, strict=True)})
        return seen[point]

    {"coordinate": _coordinate, "random": _random, "optuna": _optuna}[kind](axes, worth, tries, seed)


Worth = Callable[[tuple[float, ...]], tuple[float, ...] | None]
"""None when no try is left."""


def _coordinate(axes: Sequence[Axis], worth: Worth, tries: int, seed: int) -> None:
    draw = random.Random(seed)
    here = tuple(axis.start for axis in axes)
    best, scale = worth(here), 1.0
    while best is not None and scale > 1 / 64:
        moved = False
        moves = [(place, sign) for place in range(len(axes)) for sign in (1.0, -1.0)]
        draw.shuffle(moves)
        for place, sign in moves:
            step = sign * scale * axes[place].step
            there = (*here[:place], axes[place].clip(here[place] + step), *here[place + 1 :])
            found = worth(there)
            if found is None:
                return
            if found < best:
                here, best, moved = there, found, True
        if not moved:
            scale /= 2


def _random(axes: Sequence[Axis], worth: Worth, tries: int, seed: int) -> None:
    draw = random.Random(seed)
    point: tuple[float, ...] = tuple(axis.start for axis in axes)
    for _ in range(10 * tries):  # A range of one value gives no second point.
        if worth(point) is None:
            return
        point = tuple(draw.uniform(axis.low, axis.high) for axis in axes)


def _optuna(axes: Sequence[Axis], worth: Worth, tries: int, seed: int) -> None:
    try:
        optuna = importlib.import_module("optuna")
    except ImportError as error:
        raise InputError(
            'The search "optuna" needs the package optuna: run pip install "mwanda-explorer[search]", or choose "coordinate".'
        ) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.enqueue_trial({axis.name: axis.start for axis in axes})

    def value(trial: Any) -> float:
        found = worth(tuple(trial.suggest_float(axis.name, axis.low, axis.high) for axis in axes))
        if found is None:
            trial.study.stop()
            return float("inf")
        # One number for the sampler: a broken limit weighs far more than any loss in nats.
        return sum(part * weight for part, weight in zip(found, (1000.0, 1.0, 0.001), strict=False))

    study.optimize(value, n_trials=tries)
