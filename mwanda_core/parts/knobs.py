"""A knob is a dataclass field that knows its range, step, unit and help line.

The page draws a slider from it, the command line an option or a `--set name=value`, and `refuse_value` turns a bad value down in one
sentence, so that a method states each hyperparameter, and a run each setting, exactly once.
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Literal

from mwanda_core.errors import InputError

Kind = Literal["number", "whole", "choice", "switch", "text", "list"]

MOST = 2**53
"""No number is larger, whatever its knob says: to JSON's readers, whole numbers beyond are not exact."""

_KEY, _MORE = "knob", "more"

_KINDS: dict[type, Kind] = {bool: "switch", int: "whole", float: "number", str: "text", tuple: "list"}
"""Type of the default -> kind of the knob, where it is none of a few words."""

_ACCEPTED: dict[str, tuple[tuple[type, ...], str]] = {
    "number": ((int, float), "a finite number"),
    "whole": ((int,), "a whole number"),
    "switch": ((bool,), "true or false"),
    "text": ((str,), "a text"),
    "list": ((tuple, list), "a list of texts"),
}
"""Kind -> the types that are taken, and their name in a sentence."""


@dataclasses.dataclass(frozen=True)
class Knob:
    """What a surface needs to draw one hyperparameter or setting.

    `choices` is empty unless it is one of a few words; `low` and `high` are inclusive and None where unbounded. only_with: another knob of
    the same owner, and the value at which alone this one counts. of: what a text names, where that is a thing of the run
    ("languages": one of its calibration languages; "path": a file or folder of this machine).
    """

    name: str
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    unit: str = ""
    choices: tuple[str, ...] = ()
    only_with: tuple[str, Any] | None = None
    of: str = ""

    @property
    def kind(self) -> Kind:
        """How it is drawn, written and checked."""
        return "choice" if self.choices else _KINDS[type(self.default)]

    @property
    def allowed(self) -> str:
        """What it may be, in a few words."""
        if self.choices:
            return " | ".join(self.choices)
        if self.low is None:
            return _ACCEPTED[self.kind][1]
        return f"{_short(self.low)} to {_short(self.high)}" if self.high is not None else f"{_short(self.low)} or more"

    def counts(self, values: Mapping[str, Any]) -> bool:
        """Whether it counts beside these values of its owner's other knobs; a wanted value of None means any that is not empty."""
        if self.only_with is None:
            return True
        name, wanted = self.only_with
        return bool(values.get(name)) if wanted is None else values.get(name) == wanted


def _short(bound: float) -> str:
    return str(bound) if isinstance(bound, int) else f"{bound:g}"


def _field(knob: Knob, more: Mapping[str, Any]) -> Any:
    of_knob = {name: more[name] for name in ("only_with", "of") if name in more}
    rest = {name: value for name, value in more.items() if name not in of_knob}
    return dataclasses.field(default=knob.default, metadata={_KEY: dataclasses.replace(knob, **of_knob), _MORE: rest})


def number(default: float, low: float, high: float, step: float, help: str, unit: str = "", **more: Any) -> Any:
    """A real-valued knob with inclusive bounds. more, here and below: the knob's `only_with` and `of`, and what its owner says beside it
    (`more_of`)."""
    return _field(Knob("", default, help, low, high, step, unit), more)


def whole(default: int, low: int, high: int | None, help: str, unit: str = "", **more: Any) -> Any:
    """An integer knob with inclusive bounds."""
    return _field(Knob("", default, help, low, high, 1, unit), more)


def choice(default: str, choices: tuple[str, ...], help: str, **more: Any) -> Any:
    """A knob that is one of a few words."""
    return _field(Knob("", default, help, choices=choices), more)


def switch(default: bool, help: str, **more: Any) -> Any:
    """A knob that is on or off."""
    return _field(Knob("", default, help), more)


def text(default: str, help: str, **more: Any) -> Any:
    """A knob that is a free text."""
    return _field(Knob("", default, help), more)


def several(default: tuple[str, ...], help: str, **more: Any) -> Any:
    """A knob that is a list of texts."""
    return _field(Knob("", default, help), more)


def knobs_of(part: Any) -> tuple[Knob, ...]:
    """The knobs of a part (class or instance), in the order of its fields."""
    return tuple(
        dataclasses.replace(field.metadata[_KEY], name=field.name)
        for field in dataclasses.fields(part)
        if _KEY in field.metadata
    )


def more_of(owner: Any) -> dict[str, Mapping[str, Any]]:
    """Name of each knob -> what its owner says beside it."""
    return {field.name: field.metadata[_MORE] for field in dataclasses.fields(owner) if _KEY in field.metadata}


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
        refuse_value(f"{type(part).__name__}.{knob.name}", knob, getattr(part, knob.name))


def refuse_value(where: str, knob: Knob, value: Any) -> None:
    """Turn down a value that its knob cannot have. where: how the sentence begins.

    Raises InputError saying what was given and what is allowed.
    """
    if not knob.choices:
        refuse_kind(where, knob, value)
    refuse_range(where, knob, value)


def refuse_kind(where: str, knob: Knob, value: Any) -> None:
    """Turn down a value of another kind than the knob's; one of a few words may be any text here.

    Raises InputError as `refuse_value`.
    """
    accepted, words = _ACCEPTED["text" if knob.choices else knob.kind]
    # True is an int to Python, and no number to anybody else.
    wrong: Any = value if not isinstance(value, accepted) or (isinstance(value, bool) and bool not in accepted) else None
    if wrong is None and isinstance(value, tuple | list):
        wrong = next((item for item in value if not isinstance(item, str)), None)
    if wrong is None and isinstance(value, float) and not math.isfinite(value):
        wrong = value
    if wrong is None and isinstance(value, int) and abs(value) > MOST:
        raise InputError(
            f"{where} must be a number of at most {len(str(MOST))} digits; it was given one of {value.bit_length()} bits."
        )
    if wrong is not None or value is None:
        raise InputError(f"{where} must be {words}; it was given {wrong!r}.")


def refuse_range(where: str, knob: Knob, value: Any) -> None:
    """Turn down a value, of the right kind, that is none of the choices or lies outside the range.

    Raises InputError as `refuse_value`.
    """
    if knob.choices and value not in knob.choices:
        raise InputError(f"{where} must be one of {', '.join(knob.choices)}; it was given {value!r}.")
    below, above = knob.low is not None and value < knob.low, knob.high is not None and value > knob.high
    if below and knob.high is None:
        raise InputError(f"{where} must be {knob.low} or more; it was given {value!r}.")
    if below or above:
        raise InputError(f"{where} must lie between {knob.low} and {knob.high}; it was given {value!r}.")
