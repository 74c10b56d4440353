"""What every interchangeable part (activation, score, allocation, solver, pattern) has in common.

A part is a frozen dataclass: its fields are its knobs, its docstring is its help text, and three class attributes say
what the page shows beside it. Tables of parts are literal dicts in each folder's `__init__`.
"""

import abc
import dataclasses
import inspect
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

from mwanda_core.errors import InputError, UnknownName
from mwanda_core.parts.knobs import Knob, check_knobs, knobs_of
from mwanda_core.parts.needs import Need

Origin = Literal["paper", "reconstruction", "own"]


class Part(abc.ABC):
    """Base of all parts. Subclasses are frozen dataclasses and set the class attributes below."""

    title: ClassVar[str]
    """Name as a person would say it, for example "RIA, row scope"."""
    formula: ClassVar[str]
    """LaTeX, without dollar signs."""
    source: ClassVar[str]
    """Paper and equation, or "this project"."""
    origin: ClassVar[Origin]
    """"paper": the published formula; "reconstruction": our reading of a paper we could not fully see; "own": ours."""
    alone: ClassVar[str] = ""
    """A sentence on what is left of it with a single language, where that is nothing."""
    needs: ClassVar[frozenset[Need]] = frozenset()
    """What must be measured beside the sums of squares."""

    def __post_init__(self) -> None:
        check_knobs(self)


@dataclasses.dataclass(frozen=True)
class Description:
    """A part as the page and the command line show it."""

    name: str
    title: str
    summary: str
    formula: str
    source: str
    origin: Origin
    needs: tuple[Need, ...]
    knobs: tuple[Knob, ...]


def describe(name: str, part: type[Part]) -> Description:
    """The description of one entry of a table; the summary is the first paragraph of the docstring."""
    summary = " ".join((inspect.getdoc(part) or "").split("\n\n")[0].split())
    return Description(
        name, part.title, summary, part.formula, part.source, part.origin, tuple(sorted(part.needs)), knobs_of(part)
    )


P = TypeVar("P", bound=Part)


def build(what: str, table: Mapping[str, type[P]], data: Mapping[str, Any] | str) -> P:
    """A part from plain data: `"wanda"` or `{"name": "ria", "power": 0.5}`.

    Raises UnknownName for a name outside the table, InputError for a knob the part does not have.
    """
    if not isinstance(data, str | Mapping):
        raise InputError(f"The {what} must be a name or its settings as a mapping; it was given {data!r}.")
    fields = {"name": data} if isinstance(data, str) else dict(data)
    name = fields.pop("name", None)
    if not isinstance(name, str) or name not in table:
        raise UnknownName(what, name, table)
    cls = table[name]
    known = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    extra = sorted(set(fields) - known)
    if extra:
        allowed = ", ".join(sorted(known)) or "none"
        raise InputError(f"The {what} {name!r} has no setting named {', '.join(extra)}. Its settings are: {allowed}.")
    return cls(**fields)


def plain(table: Mapping[str, type[P]], part: P) -> dict[str, Any]:
    """The inverse of `build`: the part's name in its table, then its knobs."""
    name = next(key for key, cls in table.items() if cls is type(part))
    return {"name": name, **dataclasses.asdict(part)}  # type: ignore[call-overload]
