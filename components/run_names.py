"""Names that a person gave to runs. They stand in one small file beside the runs and are no part of them: a run's own files are
hashed, and stay as they were written."""

import json
from pathlib import Path

from components.i18n import words
from mwanda_core.errors import InputError
from mwanda_core.store.format import NAMES_FILE
from mwanda_core.store.integrity import write_atomically

MOST = 80


def read(folder: Path) -> dict[str, str]:
    """Run -> its name; nothing where the file is missing or damaged."""
    try:
        found = json.loads((folder / NAMES_FILE).read_text(encoding="utf-8"))
        return {str(run): str(name) for run, name in found.items()}
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}


def save(folder: Path, run: str, name: str) -> None:
    """Give a run a name; an empty one takes it away.

    Raises InputError for a name that is too long.
    """
    plain = " ".join(name.split())
    if len(plain) > MOST:
        raise InputError(words.TAKE_NOTE_LONG.format(most=MOST, given=len(plain)))
    found = read(folder)
    found.pop(run, None)
    if plain:
        found[run] = plain
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / NAMES_FILE, json.dumps(found, ensure_ascii=False, indent=1))
