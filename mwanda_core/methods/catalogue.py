"""What there is to choose from: the parts by choice, the named methods by purpose, and methods put together freely.

The page's menus and the command line's lists follow from the tables here; neither names a part or a method itself.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from mwanda_core.errors import InputError
from mwanda_core.methods.activation import ACTIVATIONS
from mwanda_core.methods.advice import LEVELS
from mwanda_core.methods.allocation import ALLOCATIONS
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.recipes import RECIPES, recipe
from mwanda_core.methods.repair import REPAIRS
from mwanda_core.methods.rows import ROWS
from mwanda_core.methods.scores import SCORES
from mwanda_core.methods.solvers import SOLVERS
from mwanda_core.parts.knobs import Knob, knobs_of
from mwanda_core.parts.part import Part, build, describe, plain
from mwanda_core.parts.patterns import PATTERNS, Pattern

CHOICES: dict[str, Mapping[str, type[Any]]] = {
    "activation": ACTIVATIONS,
    "score": SCORES,
    "allocation": ALLOCATIONS,
    "rows": ROWS,
    "repair": REPAIRS,
    "solver": SOLVERS,
}
"""Choice -> its table. The pattern is a choice too, but is named by texts such as "2:4" (`patterns.parse_pattern`)."""

PURPOSES: dict[str, tuple[str, ...]] = {
    **{level.name: level.methods[:1] for level in LEVELS.values()},
    "simple": ("wanda", "magnitude", "ria", "stade", "optishear"),
    "languages": ("m-ria", "maximum", "worst-first", "worst-first-repair", "training-share", "target"),
    "layers": ("m-wanda-steady", "m-wanda-measured", "owl", "alpha-pruning", "dlp", "trim", "tplo", "swl"),
    "solvers": (
        "sparsegpt",
        "swaps",
        "sparsefw",
        "dsnot",
        "wanda-repair",
        "m-wanda-repair",
        "measured-repair",
        "swaps-repair",
        "swaps-repair-distil",
        "measured-swaps-repair",
        "worst-swaps",
    ),
    "gradients": ("wanda++", "gblm", "gradient", "relevance", "pruner-zero", "unipruning", "leap"),
    "other": (),
}
"""Purpose -> named methods, both in the order of menus. A method that no purpose names comes last, under "other"."""


def by_purpose() -> Iterator[tuple[str, Recipe]]:
    """(purpose, recipe) for every named method, in the order of menus."""
    placed = {name for names in PURPOSES.values() for name in names}
    for purpose, names in PURPOSES.items():
        others = tuple(name for name in RECIPES if name not in placed) if purpose == "other" else ()
        for name in (*names, *others):
            if name in RECIPES:
                yield purpose, RECIPES[name]


def parts_of(found: Recipe) -> dict[str, Part]:
    """Choice -> part of a recipe, the pattern left out."""
    return {choice: getattr(found, choice) for choice in CHOICES}


def name_of(choice: str, part: Part) -> str:
    """The name of a part in its table."""
    return str(plain(CHOICES[choice], part)["name"])


def differing(method: str, parts: Mapping[str, str]) -> dict[str, str]:
    """Those of the parts named, by choice, that are not the method's own.

    Raises UnknownName for a method that does not exist, InputError for a choice that does not.
    """
    own = parts_of(recipe(method))
    for choice in parts:
        if choice not in CHOICES:
            raise InputError(f"A method has no choice named {choice!r}; its choices are {', '.join(CHOICES)}.")
    return {choice: parts[choice] for choice in CHOICES if choice in parts and parts[choice] != name_of(choice, own[choice])}


def parts_with(method: str, parts: Mapping[str, str]) -> dict[str, Part]:
    """A method's parts, with those named in `parts` (at their default settings) in place of its own.

    Raises InputError as `differing`, UnknownName for a part that does not exist.
    """
    others = {choice: build(choice, CHOICES[choice], name) for choice, name in differing(method, parts).items()}
    return parts_of(recipe(method)) | others


def assembled(method: str, parts: Mapping[str, Part], pattern: Pattern | None = None) -> Recipe:
    """A recipe of these parts: the named method itself (with other knobs) where it has no others, else a combination. pattern: None for
    the method's own.

    Raises InputError for parts that exclude each other.
    """
    base = recipe(method)
    pattern = pattern or base.pattern
    others = [part for choice, part in parts.items() if type(part) is not type(getattr(base, choice))]
    if not others:
        return dataclasses.replace(base, **parts, pattern=pattern)  # type: ignore[arg-type]
    title = f"{base.title} with {', '.join(part.title for part in others)}"
    return Recipe("custom", title, f"Put together from {base.title}.", **parts, pattern=pattern)  # type: ignore[arg-type]


def method_lines(parts: bool = True, width: int = 10_000) -> Iterator[str]:
    """The named methods as text, a line each of at most `width` characters. parts: whether those that each is made of follow it."""
    last = ""
    for purpose, found in by_purpose():
        if purpose != last:
            yield f"[{purpose}]"
            last = purpose
        line = f"{found.name:<22}{found.title}: {found.summary}"
        yield line if len(line) <= width else f"{line[: width - 3].rstrip()}..."
        if not parts:
            continue
        data = found.to_dict()
        for choice in (*CHOICES, "pattern"):
            knobs = ", ".join(f"{key}={value}" for key, value in data[choice].items() if key != "name")
            yield f"{'':<22}  {choice:<11}{data[choice]['name']}{f' ({knobs})' if knobs else ''}"


def part_entries() -> list[dict[str, Any]]:
    """Every part of every choice with its knobs, what it needs measured, its source and origin; plain data. texts: names of the
    knobs that are free texts (a language, weights by language)."""
    found = []
    for choice, table in {**CHOICES, "pattern": PATTERNS}.items():
        for name, cls in table.items():
            told = describe(name, cls)
            texts = [knob.name for knob in told.knobs if knob.kind == "text"]
            found.append({"choice": choice, **dataclasses.asdict(told), "texts": texts})
    return found


def knob_list() -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Choice -> part -> its knobs, as plain data: what `methods.knob_list` reads without torch."""
    return {
        choice: {name: [_entry(knob) for knob in knobs_of(cls)] for name, cls in table.items()}
        for choice, table in CHOICES.items()
    }


def _entry(knob: Knob) -> dict[str, Any]:
    usual = {field.name: field.default for field in dataclasses.fields(Knob)}
    return {name: value for name, value in dataclasses.asdict(knob).items() if value != usual[name]}


def part_lines() -> Iterator[str]:
    """Every part of every choice, as text."""
    last = ""
    for entry in part_entries():
        if entry["choice"] != last:
            last = entry["choice"]
            yield f"[--{last}]"
        yield f"{entry['name']:<14}{entry['title']}: {entry['summary']}"
        for knob in entry["knobs"]:
            yield f"{'':<16}{knob_line(Knob(**knob))}"
        if entry["needs"]:
            yield f"{'':<16}needs: {', '.join(need.words for need in entry['needs'])}"
        yield f"{'':<16}source: {entry['source']} ({entry['origin']})"


def knob_line(knob: Knob) -> str:
    """A knob with its default and what it may be, as text."""
    if knob.kind == "text":
        return f"{knob.name}: {knob.allowed}. {knob.help}"
    return f"{knob.name}={knob.default} ({knob.allowed}): {knob.help}"
