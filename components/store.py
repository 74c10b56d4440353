"""Finished runs on disk (`mwanda_core.store.run_store`), as the page lists and links them, and the example runs that ship with it."""

import contextlib
import datetime
import functools
import logging
import re
import time
from collections.abc import Iterator
from pathlib import Path

from components import run_names
from components.engine import importing
from components.environment import ASSETS, opens_by_name, shared_server
from components.i18n import words
from mwanda_core.errors import InputError, RunError
from mwanda_core.run.settings import Settings
from mwanda_core.store import run_store as kept
from mwanda_core.store.format import BASELINE, EXAMPLE, EXAMPLES, REPORT_FILE
from mwanda_core.store.report import RunReport, load_report

__all__ = ["ASSETS", "BASELINE", "EXAMPLE", "EXAMPLES", "EXAMPLE_FOLDER", "MOST", "RunStore"]

log = logging.getLogger(__name__)

EXAMPLE_FOLDER = ASSETS / f"{EXAMPLE}-run"
"""An example lies under a name that a run of one's own may have, too, so that it can be packed as one."""
STRANGERS = ".strangers"
"""Folder with an empty file for every run of a stranger, by the run's id."""
DAYS, QUOTA = 30, 20 * 2**30
"""How long runs of strangers are kept, and how many bytes of them."""
MOST = 50
"""Runs listed; older ones stay on disk and open through their link."""


class Kept(kept.RunStore):
    """The runs of a folder. Those of strangers go again: the oldest first, once they are `DAYS` old or take more than `QUOTA` together."""

    def save(self, run: kept.FinishedRun) -> Path:
        """Keep a finished run; its folder."""
        path = super().save(run)
        if shared_server():
            self.make_room(run.report.id)
        return path

    def make_room(self, newest: str) -> None:
        """Note that a run is a stranger's, and delete what has had its time."""
        marks, total, now = self.folder / STRANGERS, 0, time.time()
        marks.mkdir(exist_ok=True)
        (marks / newest).touch()
        for mark in sorted(marks.iterdir(), key=lambda one: one.stat().st_mtime_ns, reverse=True):
            total += sum(file.stat().st_size for file in (self.folder / mark.name).rglob("*") if file.is_file())
            if mark.name == newest or (total <= QUOTA and now - mark.stat().st_mtime <= DAYS * 86_400):
                continue
            with contextlib.suppress(RunError):  # Deleted by its owner meanwhile.
                self.delete(mark.name)
                log.info("The run %s of a stranger was deleted: %d days and %d bytes are kept of them", mark.name, DAYS, QUOTA)
            mark.unlink(missing_ok=True)


class RunStore:
    """Runs by id. `folder` None: `MWANDA_RUNS`, else "runs" in the cache folder."""

    def __init__(self, folder: Path | None = None, examples: Path = ASSETS) -> None:
        self._given, self._assets = folder, examples
        self._read = functools.lru_cache(maxsize=16)(load_report)

    @functools.cached_property
    def kept(self) -> kept.RunStore:
        """The runs themselves, without the example. What killed processes left behind is tidied at the first use."""
        found = Kept(kept.default_folder(_cache()) if self._given is None else self._given)
        with contextlib.suppress(OSError):  # A folder that cannot be tidied may still be read.
            found.tidy()
        return found

    @property
    def folder(self) -> Path:
        """Where runs are kept."""
        return self.kept.folder

    def path(self, run_id: str) -> Path:
        """The folder of a run.

        Raises RunError for an id that could not be a run's (ids come from links, and become paths), and to strangers for one that
        could be guessed.
        """
        if run_id not in EXAMPLES and not opens_by_name(run_id):
            raise RunError(f"{run_id[:60]!r} is not the name of a run.")
        return self._assets / f"{run_id}-run" if run_id in EXAMPLES else self.kept.path(run_id)

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

        Raises RunError when there is no such run, InputError for an example.
        """
        if run_id in EXAMPLES:
            raise InputError(words.TAKE_DELETE_EXAMPLE)
        self.kept.delete(run_id)
        self._read.cache_clear()

    def has_example(self) -> bool:
        """Whether the example came with this installation."""
        return EXAMPLE in self.examples()

    def examples(self) -> list[str]:
        """Those that came with this installation."""
        return [name for name in EXAMPLES if (self._assets / f"{name}-run" / REPORT_FILE).is_file()]

    def example_choices(self) -> list[tuple[str, str]]:
        """(title, id) of them."""
        titles = {EXAMPLE: words.EXAMPLE, BASELINE: words.EXAMPLE_BASELINE}
        return [(titles[name], name) for name in self.examples()]

    def recent(self, count: int) -> list[RunReport]:
        """The newest runs kept, the example left out; what cannot be read is left out too."""
        found = []
        for entry in self.kept.entries(count):
            with contextlib.suppress(RunError):
                found.append(self._read(self.kept.path(entry.id)))
        return found

    def choices(self) -> list[tuple[str, str]]:
        """(title, id) of the runs kept, newest first, and the examples; what cannot be read is left out."""
        own = run_names.read(self.folder)
        found = [
            (f"{own[entry.id]}: {entry.title}" if entry.id in own else f"{_when(entry.id)}{entry.title}", entry.id)
            for entry in self.kept.entries(MOST)
        ]
        return [*found, *self.example_choices()]


def _when(run_id: str) -> str:
    """ "2026-11-23 04:55: " on this machine's clock, from an id that starts with its time in UTC."""
    stamp = re.match(r"\d{8}-\d{6}", run_id)
    if stamp is None:
        return ""
    with contextlib.suppress(ValueError):  # Digits that are no time.
        made = datetime.datetime.strptime(stamp[0], "%Y%m%d-%H%M%S").replace(tzinfo=datetime.UTC)
        return f"{made.astimezone():%Y-%m-%d %H:%M}: "
    return ""


def _cache() -> Path:
    with importing():
        from mwanda_core.models import cache_folder

    return cache_folder()
