"""Methods put together on the command line: a named one or a recipe file, other parts in place of its own, a pattern, knobs."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mwanda_core.errors import InputError

if TYPE_CHECKING:
    from mwanda_core.methods.recipes import Recipe

COMBINED = "combined"
"""Stands, in a list of methods, for the one that the options for parts put together."""


def combined(method: str, parts: Mapping[str, str], pattern: str = "", knobs: Sequence[str] = ()) -> "Recipe":
    """A method, other parts and the pattern in place of its own, then knobs of what is there by then.

    method: a named one, or a path that ends in .json. Raises InputError, or UnknownName, for what cannot be.
    """
    from mwanda_core.methods.catalogue import assembled, parts_with
    from mwanda_core.parts.patterns import parse_pattern

    settings = dict(_setting(item) for item in knobs)
    wanted = {choice: name for choice, name in parts.items() if name}
    given = parse_pattern(pattern) if pattern else None
    if is_file(method):
        from mwanda_core.methods.composition import from_dict
        from mwanda_core.methods.recipes import recipe

        # Parts and pattern are put in at once: each may exclude what the other is in place of.
        shape = {"pattern": recipe("wanda").replace(pattern=given).to_dict()["pattern"]} if given else {}
        found = from_dict({**read_recipe(method), **wanted, **shape})
    else:
        found = assembled(method, parts_with(method, wanted), given)
    return found.replace(**settings) if settings else found


def one_method(word: str) -> "str | dict[str, Any]":
    """A method of a list: a name, or the recipe in a file.

    Raises InputError for a file that holds no recipe.
    """
    if not is_file(word):
        return word
    from mwanda_core.methods.composition import from_dict

    return from_dict(read_recipe(word)).to_dict()


def is_file(word: str) -> bool:
    """Whether a method is given as a recipe file."""
    return word.strip().lower().endswith(".json")


def read_recipe(path: str) -> dict[str, Any]:
    """The plain data in a recipe file: one method of `mwanda methods --json`, or the "recipe" of a run's report.json.

    Raises InputError when the file cannot be read or holds no recipe.
    """
    from mwanda_core.store.integrity import read_json

    try:
        data = read_json(Path(path).expanduser())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"The recipe file {path!r} is missing or holds no JSON object.") from error
    inner = data.get("recipe", data)
    if not isinstance(inner, dict):
        raise InputError(f'The "recipe" in {path!r} is no JSON object.')
    return inner


def _setting(item: str) -> tuple[str, Any]:
    name, equals, text = item.partition("=")
    if not equals:
        raise InputError(f"--set takes name=value; it was given {item!r}.")
    try:  # As JSON where it is JSON (numbers, true, false), else the word itself.
        return name.strip(), json.loads(text.strip())
    except ValueError:
        return name.strip(), text.strip()
