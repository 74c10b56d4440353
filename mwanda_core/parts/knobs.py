"""A knob is a dataclass field that knows its range, step, unit and help line.

The page draws a slider from it, the command line a `--set name=value`, and `check_knobs` refuses a bad value in one
sentence, so that a method states each hyperparameter exactly once.
"""

import dataclasses
import math
from typing import Any

from mwanda_core.errors import InputError

_KEY = "knob"


@dataclasses.dataclass(frozen=True)
class Knob:
    """What a surface needs to draw one hyperparameter.

    `choices` is empty for a number; `low` and `high` are inclusive and None where unbounded.
    """

    name: str
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()


def number(default: float, low: float, high: float, step: float, help: str, unit: str = "") -> Any:
    """A real-valued knob with inclusive bounds."""
    return dataclasses.field(default=default, metadata={_KEY: (low, high, step, unit, help, ())})


def whole(default: int, low: int, high: int, help: str, unit: str = "") -> Any:
    """An integer knob with inclusive bounds."""
    return dataclasses.field(default=default, metadata={_KEY: (low, high, 1, unit, help, ())})


def choice(default: str, choices: tuple[str, ...], help: str) -> Any:
    """A knob that is one of a few words."""
    return dataclasses.field(default=default, metadata={_KEY: (None, None, None, "", help, choices)})


def knobs_of(part: Any) -> tuple[Knob, ...]:
    """The knobs of a part (class or instance), in the order of its fields."""
    found = []
    for field in dataclasses.fields(part):
        if _KEY in field.metadata:
            low, high, step, unit, help, choices = field.metadata[_KEY]
            found.append(Knob(field.name, field.default, help, low, high, step, unit, choices))
    return tuple(found)


def check_knobs(part: Any) -> None:
    """Refuse a value outside its knob's range, or a switch or text that is none.

    Raises InputError naming the knob, the value and what is allowed.
    """
    for field in dataclasses.fields(part):
        value = getattr(part, field.name)
        for kind, words in ((bool, "true or false"), (str, "a text")):
            if _KEY not in field.metadata and isinstance(field.default, kind) and not isinstance(value, kind):
                raise InputError(f"{type(part).__name__}.{field.name} must be {words}; it was given {value!r}.")
    for knob in knobs_of(part):
        value = getattr(part, knob.name)
        where = f"{type(part).__name__}.{knob.name}"
        if knob.choices:
            if value not in knob.choices:
                raise InputError(f"{where} must be one of {', '.join(knob.choices)}; it was given {value!r}.")
            continue
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise InputError(f"{where} must be a finite number; it was given {value!r}.")
        if isinstance(knob.default, int) and not isinstance(value, int):
            raise InputError(f"{where} must be a whole number; it was given {value!r}.")
        if (knob.low is not None and value < knob.low) or (knob.high is not None and value > knob.high):
            raise InputError(f"{where} must lie between {knob.low} and {knob.high}; it was given {value!r}.")
