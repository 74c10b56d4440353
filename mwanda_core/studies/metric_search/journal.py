"""What a search measured, in a file of one JSON object a line: {"metric": [...], "damage": {language: divergence}}.

A line is written when its trial is done, so a search that was cancelled, or killed, goes on from what is known; a last line that was cut off
is left out and written anew.
"""

import json
import os
from pathlib import Path
from typing import Any

from mwanda_core.errors import InputError
from mwanda_core.files import read_whole

Damage = dict[str, float]
MOST_BYTES = 64 * 2**20
"""Of a journal: a trial has a few hundred."""


def read_lines(path: Path | None, field: str) -> dict[Any, Damage]:
    """Point (a tuple) -> damage of every language; empty without a file.

    Raises InputError for a file that is not such a journal.
    """
    found: dict[Any, Damage] = {}
    if path is None or not os.path.lexists(path):
        return found
    text = read_whole(path, MOST_BYTES)
    whole = text[: text.rfind("\n") + 1]
    try:
        for line in whole.splitlines():
            entry = json.loads(line)
            found[tuple(entry[field])] = {str(key): float(value) for key, value in entry["damage"].items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(f"{path.name} is not a journal of a search: choose another file, or delete it.") from error
    if not found and text.strip():
        raise InputError(f"{path.name} is not a journal of a search: choose another file, or delete it.")
    if whole != text:
        path.write_text(whole, "utf-8")
    return found


def append_line(path: Path | None, field: str, point: tuple[Any, ...], damage: Damage) -> None:
    """Keep one trial."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({field: list(point), "damage": damage}) + "\n")
