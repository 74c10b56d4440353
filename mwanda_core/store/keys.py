"""Two runs with the same key were asked for with the same settings: what a sweep skips and an interrupted run is known by.

The key is a hash of plain data in one form: a method counts by its parts (a name, or the same parts written out, is one
method), whole numbers equal real ones, and languages that are calibrated on are not held out.
"""

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from mwanda_core.languages import parse_codes
from mwanda_core.run.settings import Settings

_WORDS = ("name", "title", "summary")


def run_key(facts: Mapping[str, Any]) -> str:
    """The key of a finished run's description.

    Raises KeyError, TypeError or ValueError for a description that has no settings or recipe.
    """
    return _key(facts["settings"], facts["recipe"])


def wanted_key(settings: Settings) -> str:
    """The key that a run with these settings will have.

    Raises InputError for a method or a language that cannot be.
    """
    from mwanda_core.methods.recipes import recipe  # Torch comes with it, and listing runs does without.

    languages = parse_codes(settings.languages)
    held_out = parse_codes(settings.held_out) if settings.held_out else ()
    fixed = dataclasses.replace(
        settings, languages=languages, held_out=tuple(code for code in held_out if code not in languages)
    )
    return _key(fixed.to_dict(), recipe(settings.method).to_dict())


def _key(settings: Mapping[str, Any], recipe: Mapping[str, Any]) -> str:
    parts = {name: value for name, value in recipe.items() if name not in _WORDS}
    plain = _plain({**Settings().to_dict(), **settings, "method": parts})
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value
