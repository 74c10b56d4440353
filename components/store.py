"""Finished runs on disk (`mwanda_core.store.run_store`), as the page lists and links them, and the example run that ships with it."""

import contextlib
import functools
import re
from collections.abc import Iterator
from pathlib import Path

from components import run_names
from components.engine import importing
from components.i18n import words
from mwanda_core.errors import InputError, RunError
from mwanda_core.run.settings import Settings
from mwanda_core.store import run_store as kept
from mwanda_core.store.format import EXAMPLE, REPORT_FILE
from mwanda_core.store.report import RunReport, load_report

__all__ = ["EXAMPLE", "EXAMPLE_FOLDER", "MOST", "RunStore"]

EXAMPLE_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "example-run"
MOST = 50
"""Runs listed; older ones stay on disk and open through their link."""


class RunStore:
    """Runs by id. `folder` None: `MWANDA_RUNS`, else "runs" in the cache folder."""

    def __init__(self, folder: Path | None = None, example: Path = EXAMPLE_FOLDER) -> None:
        self._given, self._example = folder, example
        self._read = functools.lru_cache(maxsize=16)(load_report)

    @functools.cached_property
    def kept(self) -> kept.RunStore:
        """The runs themselves, without the example. What killed processes left behind is tidied at the first use."""
        found = kept.RunStore(kept.default_folder(_cache()) if self._given is None else self._given)
        with contextlib.suppress(OSError):  # A folder that cannot be tidied may still be read.
            found.tidy()
        return found

    @property
    def folder(self) -> Path:
        """Where runs are kept."""
        return self.kept.folder

    def path(self, run_id: str) -> Path:
        """The folder of a run.

        Raises RunError for an id that could not be a run's (ids come from links, and become paths).
        """
        return self._example if run_id == EXAMPLE else self.kept.path(run_id)

    def load(self, run_id: str) -> RunReport:
        """A run.

        Raises RunError in one sentence when it is missing or damaged.
        """
        return self._read(self.path(run_id))

    @contextlib.contextmanager
    def started(self, settings: Settings, title: str = "") -> Iterator[str]:
        """Inside, the run counts as being worked on: killed, it is listed as unfinished. Save the run before leaving.

        Raises InputError for settings without a meaning.
        """
        with self.kept.started(settings, title) as id:
            yield id

    def delete(self, run_id: str) -> None:
        """Remove a run for good, also from memory.

        Raises RunError when there is no such run, InputError for the example.
        """
        if run_id == EXAMPLE:
            raise InputError(words.TAKE_DELETE_EXAMPLE)
        self.kept.delete(run_id)
        self._read.cache_clear()

    def has_example(self) -> bool:
        """Whether the example came with this installation."""
        return (self._example / REPORT_FILE).is_file()

    def recent(self, count: int) -> list[RunReport]:
        """The newest runs kept, the example left out; what cannot be read is left out too."""
        found = []
        for entry in self.kept.entries()[:count]:
            with contextlib.suppress(RunError):
                found.append(self._read(self.kept.path(entry.id)))
        return found

    def choices(self) -> list[tuple[str, str]]:
        """(title, id) of the runs kept, newest first, and the example; what cannot be read is left out."""
        own = run_names.read(self.folder)
        found = [
            (f"{own[entry.id]}: {entry.title}" if entry.id in own else f"{_when(entry.id)}{entry.title}", entry.id)
            for entry in self.kept.entries()[:MOST]
        ]
        return [*found, (words.EXAMPLE, EXAMPLE)] if self.has_example() else found


def _when(run_id: str) -> str:
    """ "2026-11-23 03:55 UTC: " from an id that starts with its time."""
    stamp = re.match(r"(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)", run_id)
    return "{}-{}-{} {}:{} UTC: ".format(*stamp.groups()) if stamp else ""


def _cache() -> Path:
    with importing():
        from mwanda_core.models import cache_folder

    return cache_folder()
