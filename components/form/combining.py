"""A method as the panel holds it: a named one, parts put in place of its own, and knobs on ready-made widgets.

The widgets are drawn once, before any method is known: so many sliders, menus and text boxes, labelled for the parts in force.
What they hold belongs to those parts only, which `key_of` names: values drawn for other parts are not used.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.i18n import words
from mwanda_core.errors import InputError
from mwanda_core.parts.knobs import Knob, knobs_of
from mwanda_core.parts.part import Part

if TYPE_CHECKING:
    from mwanda_core.methods.recipes import Recipe
    from mwanda_core.parts.patterns import Pattern

NUM_NUMBERS, NUM_WORDS, NUM_TEXTS = 16, 10, 1
"""Sliders, menus and text boxes kept ready for knobs; a test checks that every combination of parts fits."""

CHOICES = ("activation", "score", "allocation", "rows", "repair", "solver")
"""What a method chooses, known without torch; the pattern has controls of its own."""

LANGUAGE_SETTING = "activation.language"
"""The text that names one of the calibration languages: a menu of them."""
ONLY_WITH = {"activation.weights_by_language": ("activation.mix", "custom")}
"""A text that counts only while a menu stands at a value, and is shown only then."""

FIXED_PATTERNS = ("2:4", "4:8", "n:m")
OWN_PATTERNS = ("n:m", "mixed")
"""Patterns whose N and M (mixed: M alone) the visitor sets."""

Parts = Mapping[str, Part]


@dataclasses.dataclass(frozen=True)
class Slots:
    """Which setting of the parts is drawn by which ready-made widget; the last of each entry is what the parts themselves set.

    language: whether the menu of calibration languages is wanted. left_over: settings that found no widget.
    """

    numbers: tuple[tuple[str, Knob, Any], ...]
    words: tuple[tuple[str, Knob, Any], ...]
    texts: tuple[tuple[str, str], ...] = ()
    language: bool = False
    left_over: int = 0


@dataclasses.dataclass(frozen=True)
class Values:
    """What the ready-made widgets hold, in their order; None: nothing."""

    numbers: Sequence[float | None] = ()
    words: Sequence[str | None] = ()
    texts: Sequence[str | None] = ()
    language: str | None = None


def key_of(method: str, parts: Mapping[str, str]) -> str:
    """Names the parts that widgets are labelled for: the method, and the parts that are not its own.

    Raises UnknownName, or InputError for a choice that does not exist.
    """
    with importing():
        from mwanda_core.methods.catalogue import differing

    return " ".join([method, *(f"{choice}={name}" for choice, name in differing(method, parts).items())])


def read_key(key: str) -> tuple[str, dict[str, str]]:
    """The inverse of `key_of`."""
    method, *rest = key.split(" ")
    return method, dict(entry.split("=", 1) for entry in rest)


def parts_with(method: str, parts: Mapping[str, str]) -> Parts:
    """The parts in force, at the settings of the method.

    Raises UnknownName for a method or part that does not exist.
    """
    with importing():
        from mwanda_core.methods import catalogue

    return catalogue.parts_with(method, parts)


def slots_of(parts: Parts) -> Slots:
    """The settings of every part, in the order of the parts."""
    numbers: list[tuple[str, Knob, Any]] = []
    menus: list[tuple[str, Knob, Any]] = []
    texts: list[tuple[str, str]] = []
    drawn = 0
    for choice, part in parts.items():
        knobs = {knob.name: knob for knob in knobs_of(part)}
        for field in dataclasses.fields(part):  # type: ignore[arg-type]
            name, value = f"{choice}.{field.name}", getattr(part, field.name)
            if field.name in knobs:
                knob = knobs[field.name]
                (menus if knob.choices else numbers).append((name, knob, value))
            elif isinstance(value, str) and name != LANGUAGE_SETTING:
                texts.append((name, value))
    language = "language" in {field.name for field in dataclasses.fields(parts["activation"])}  # type: ignore[arg-type]
    total = sum(len(dataclasses.fields(part)) for part in parts.values())  # type: ignore[arg-type]
    drawn = min(len(numbers), NUM_NUMBERS) + min(len(menus), NUM_WORDS) + min(len(texts), NUM_TEXTS) + language
    return Slots(tuple(numbers[:NUM_NUMBERS]), tuple(menus[:NUM_WORDS]), tuple(texts[:NUM_TEXTS]), language, total - drawn)


def setting_values(slots: Slots, values: Values) -> dict[str, Any]:
    """ "activation.lam" -> value, for every slot that holds one; a slot without a value leaves the part's own."""
    found: dict[str, Any] = {}
    for (name, knob, _), value in [
        *zip(slots.numbers, values.numbers, strict=False),
        *zip(slots.words, values.words, strict=False),
    ]:
        if value is not None:
            # Sliders give 3.0 for 3; a whole knob takes whole numbers only.
            found[name] = int(value) if isinstance(knob.default, int) and not knob.choices else value
    for (name, _), text in zip(slots.texts, values.texts, strict=False):
        if text is not None and is_shown(name, found):
            found[name] = text
    if slots.language and values.language is not None:
        found[LANGUAGE_SETTING] = values.language
    return found


def is_shown(name: str, values: Mapping[str, Any]) -> bool:
    """Whether a text counts at these settings."""
    menu, wanted = ONLY_WITH.get(name, ("", None))
    return not menu or values.get(menu) == wanted


def with_values(parts: Parts, values: Mapping[str, Any]) -> Parts:
    """The parts with settings changed; settings of parts that are not there are left out.

    Raises InputError for a value outside its range.
    """
    changed = dict(parts)
    for choice, part in parts.items():
        own = {name.removeprefix(f"{choice}."): value for name, value in values.items() if name.startswith(f"{choice}.")}
        known = {field.name for field in dataclasses.fields(part)}  # type: ignore[arg-type]
        changed[choice] = dataclasses.replace(part, **{k: v for k, v in own.items() if k in known})  # type: ignore[type-var]
    return changed


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
    method: str, parts: Mapping[str, str], values: Values | None, pattern: str, n: float | None, m: float | None
) -> "Recipe":
    """The recipe that the panel stands at. `values` None: the parts keep their own settings.

    An N:M pattern that is the same everywhere cannot follow a layerwise allocation: a named method's own gives way to the
    uniform one; one that was chosen by hand stays, and is refused with its reason.

    Raises InputError for parts that exclude each other, or a setting out of range.
    """
    with importing():
        from mwanda_core.methods.allocation import Uniform
        from mwanda_core.methods.catalogue import assembled, differing

    found = parts_with(method, parts)
    if values is not None:
        found = with_values(found, setting_values(slots_of(found), values))
    zeros = pattern_of(pattern, n, m)
    whole = assembled(method, found)
    if pattern in FIXED_PATTERNS and "allocation" not in differing(method, parts) and whole.allocation.reads_evidence:
        whole = whole.replace(allocation=Uniform())
    return whole.replace(pattern=zeros)
