"""What is being worked on, written down before the work: a run that a crash or a kill ended is listed as unfinished, with its
settings, and can be started again.

One small file a run in `.started/` of the run folder. It goes when the run is saved, when the user cancels, and when the
settings could not be carried out; it stays, with the reason where there is one, after anything else.
"""

import contextlib
import dataclasses
import datetime
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mwanda_core.errors import Cancelled, InputError, RunError
from mwanda_core.holding import held, hold
from mwanda_core.run.settings import Settings, settings_from
from mwanda_core.store.format import STARTED
from mwanda_core.store.integrity import read_json, write_atomically
from mwanda_core.store.keys import wanted_key
from mwanda_core.store.report import new_id

REDONE = (
    "Starting it again loads the model, measures the statistics and prunes anew, and scores the pruned model in every language; "
    "the dense scores of languages that were finished are taken from the cache."
)
"""What is done twice when an unfinished run is started again."""


@dataclasses.dataclass(frozen=True)
class Unfinished:
    """A run that was started and is not in the store. running: by a process that still lives. error: why it ended, if known."""

    id: str
    title: str
    started: str
    running: bool
    error: str
    settings: Mapping[str, Any]
    key: str

    def again(self) -> Settings:
        """The settings to start it with.

        Raises InputError when this version knows them no more.
        """
        return settings_from(self.settings)


@contextlib.contextmanager
def started(folder: Path, settings: Settings, title: str = "") -> Iterator[str]:
    """Inside, the run counts as being worked on; yields the id of its entry.

    Raises InputError for settings without a meaning (an unknown method, no language).
    """
    id = new_id("started")
    path = folder / STARTED / f"{id}.json"
    data = {"title": title, "key": wanted_key(settings), "settings": settings.to_dict(), "error": ""}
    path.parent.mkdir(parents=True, exist_ok=True)
    found = hold(path, data)
    try:
        yield id
    except (Cancelled, InputError, KeyboardInterrupt, GeneratorExit):
        path.unlink(missing_ok=True)
        raise
    except BaseException as error:
        with contextlib.suppress(OSError):  # A full disk may be the error itself.
            write_atomically(path, json.dumps({**data, "owner": None, "error": type(error).__name__}, ensure_ascii=False))
        raise
    else:
        path.unlink(missing_ok=True)
    finally:
        found.release()


def entries(folder: Path) -> list[Unfinished]:
    """Everything that was started and not ended, newest first; what cannot be read is left out."""
    place, found = folder / STARTED, []
    for path in sorted(place.glob("*.json"), reverse=True) if place.is_dir() else []:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, RecursionError):
            data = read_json(path)
            if not isinstance(data["settings"], dict):
                raise TypeError("settings")
            when = datetime.datetime.strptime(path.name[:15], "%Y%m%d-%H%M%S").strftime("%Y-%m-%d %H:%M:%S")
            lives = data["owner"] is not None and held(path)
            found.append(
                Unfinished(path.stem, str(data["title"]), when, lives, str(data["error"]), data["settings"], str(data["key"]))
            )
    return found


def forget(folder: Path, id: str) -> None:
    """Drop an entry.

    Raises RunError when there is none of this name.
    """
    known = {entry.id for entry in entries(folder)}
    if id not in known:
        raise RunError(f"There is no unfinished run named {id[:60]!r}.")
    (folder / STARTED / f"{id}.json").unlink(missing_ok=True)
