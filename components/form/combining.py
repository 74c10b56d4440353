"""A method as the form holds it: a named one, parts put in place of its own, their knobs, and a pattern."""

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.i18n import words
from mwanda_core.errors import InputError
from mwanda_core.methods.knob_list import knob_list
from mwanda_core.parts.knobs import Knob, knobs_of
from mwanda_core.parts.part import Part

if TYPE_CHECKING:
    from mwanda_core.methods.recipes import Recipe
    from mwanda_core.parts.patterns import Pattern

CHOICES = tuple(dict.fromkeys(choice for choice, _ in knob_list()))
"""What a method chooses, known without torch; the pattern has controls of its own."""

FIXED_PATTERNS = ("2:4", "4:8", "n:m")
OWN_PATTERNS = ("n:m", "mixed")
"""Patterns whose N and M (mixed: M alone) the visitor sets."""

Parts = Mapping[str, Part]


def parts_with(method: str, parts: Mapping[str, str]) -> Parts:
    """The parts in force, at the settings of the method.

    Raises UnknownName for a method or part that does not exist.
    """
    with importing():
        from mwanda_core.methods import catalogue

    return catalogue.parts_with(method, parts)


def knobs_in(parts: Parts) -> dict[str, Any]:
    """ "activation.lam" -> value, for every knob of the parts."""
    return {f"{choice}.{knob.name}": getattr(part, knob.name) for choice, part in parts.items() for knob in knobs_of(part)}


def with_knobs(parts: Parts, values: Mapping[str, Any]) -> Parts:
    """The parts with knobs changed. Knobs of parts that are not there, and those that do not count, are left out.

    Raises InputError for a value outside its range.
    """
    changed = dict(parts)
    for choice, part in parts.items():
        own = {knob.name: values[f"{choice}.{knob.name}"] for knob in knobs_of(part) if f"{choice}.{knob.name}" in values}
        standing = dataclasses.asdict(part) | own  # type: ignore[call-overload]
        kept = {
            knob.name: _plain(knob, own[knob.name]) for knob in knobs_of(part) if knob.name in own and knob.counts(standing)
        }
        changed[choice] = dataclasses.replace(part, **kept)  # type: ignore[type-var]
    return changed


def _plain(knob: Knob, value: Any) -> Any:
    # Sliders give 3.0 for 3; a whole knob takes whole numbers only.
    return int(value) if knob.kind == "whole" and isinstance(value, float) and value == int(value) else value


def pattern_of(name: str, n: float | None, m: float | None) -> "Pattern":
    """The pattern that the controls stand at.

    Raises InputError for an N and M that are none.
    """
    with importing():
        from mwanda_core.parts.patterns import NtoM, parse_pattern

    if name not in OWN_PATTERNS:
        return parse_pattern(name)
    if n is None or m is None or n != int(n) or m != int(m):
        raise InputError(words.PATTERN_WHOLE.format(n=n, m=m))
    # Mixed N:M takes N from each block's sparsity, so that only M counts.
    return NtoM(int(n), int(m)) if name == "n:m" else NtoM(max(1, int(m) // 2), int(m), mixed=True)


def pattern_name(pattern: "Pattern") -> tuple[str, int, int]:
    """The inverse of `pattern_of`: what the controls stand at for a recipe's own pattern."""
    with importing():
        from mwanda_core.parts.patterns import NtoM

    if isinstance(pattern, NtoM):
        name = "mixed" if pattern.mixed else f"{pattern.n}:{pattern.m}"
        return (name if name in ("mixed", *FIXED_PATTERNS) else "n:m"), pattern.n, pattern.m
    scope = str(getattr(pattern, "scope", "row"))
    return ("unstructured" if scope == "row" else scope), 2, 4


def recipe_of(
    method: str, parts: Mapping[str, str], knobs: Mapping[str, Any], pattern: str, n: float | None, m: float | None
) -> "Recipe":
    """The recipe of a form; parts without knobs keep their own.

    An N:M pattern that is the same everywhere cannot follow a layerwise allocation: a named method's own gives way to the
    uniform one; one that was chosen by hand stays, and is refused with its reason.

    Raises InputError for parts that exclude each other, or a knob out of range.
    """
    with importing():
        from mwanda_core.methods.allocation import Uniform
        from mwanda_core.methods.catalogue import assembled, differing

    zeros = pattern_of(pattern, n, m)
    chosen = with_knobs(parts_with(method, parts), knobs)
    if pattern in FIXED_PATTERNS and "allocation" not in differing(method, parts):
        whole = assembled(method, chosen)
        return whole.replace(pattern=zeros, **({"allocation": Uniform()} if whole.allocation.reads_evidence else {}))
    return assembled(method, chosen, zeros)
