"""What a person gave to runs: a name, tags, a note. They stand in one small file beside the runs and are no part of them: a run's own
files are hashed, and stay as they were written."""

import json
from pathlib import Path

from components.i18n import words
from mwanda_core.errors import InputError
from mwanda_core.files import read_whole
from mwanda_core.store.format import NAMES_FILE
from mwanda_core.store.integrity import LARGEST_JSON, write_atomically

MOST = 80
FIELDS = {"name": MOST, "tags": MOST, "note": 400}
"""What may be said of a run, and in how many characters."""

Said = dict[str, str]
"""Field -> text; a field that is empty is left out."""


def everything(folder: Path) -> dict[str, Said]:
    """Run -> what is said of it; nothing where the file is missing or damaged."""
    try:
        found = json.loads(read_whole(folder / NAMES_FILE, LARGEST_JSON))
        # A text alone is a name: so the file was written before runs had tags and notes.
        return {
            str(run): {"name": said} if isinstance(said, str) else {key: str(said[key]) for key in FIELDS if said.get(key)}
            for run, said in found.items()
        }
    except (OSError, ValueError, AttributeError, RecursionError):
        return {}


def read(folder: Path) -> dict[str, str]:
    """Run -> its name, for those that have one."""
    return {run: said["name"] for run, said in everything(folder).items() if "name" in said}


def save(folder: Path, run: str, text: str, field: str = "name") -> None:
    """Say something of a run; an empty text takes it back.

    Raises InputError for a text that is too long.
    """
    plain = " ".join(text.split())
    if len(plain) > FIELDS[field]:
        raise InputError(words.TAKE_NOTE_LONG.format(most=FIELDS[field], given=len(plain)))
    found = everything(folder)
    said = {**found.pop(run, {}), field: plain}
    if said := {key: value for key, value in said.items() if value}:
        found[run] = said
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / NAMES_FILE, json.dumps(found, ensure_ascii=False, indent=1))


def forget(folder: Path, run: str) -> None:
    """Take back all that is said of a run."""
    for field in everything(folder).get(run, {}):
        save(folder, run, "", field)
