"""Finished runs on disk, and the example run that ships with the page."""

import functools
import os
import re
from collections.abc import Iterator
from pathlib import Path

from components import words
from components.engine import importing
from mwanda_core.errors import RunError
from mwanda_core.report import REPORT_FILE, RunReport, load_report

EXAMPLE = "example"
EXAMPLE_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "example-run"
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
MOST = 50
"""Runs listed; older ones stay on disk and open through their link."""


class RunStore:
    """Runs by id. `folder` None: `MWANDA_RUNS`, else "runs" in the cache folder."""

    def __init__(self, folder: Path | None = None, example: Path = EXAMPLE_FOLDER) -> None:
        self._given, self._example = folder, example
        self._read = functools.lru_cache(maxsize=16)(load_report)

    @property
    def folder(self) -> Path:
        """Where runs are kept."""
        if self._given is None:
            named = os.environ.get("MWANDA_RUNS")
            self._given = Path(named).expanduser() if named else _cache() / "runs"
        return self._given

    def path(self, run_id: str) -> Path:
        """The folder of a run.

        Raises RunError for an id that could not be a run's (ids come from links, and become paths).
        """
        if run_id == EXAMPLE:
            return self._example
        if not _SAFE.fullmatch(run_id):
            raise RunError(f"{run_id[:60]!r} is not the name of a run.")
        return self.folder / run_id

    def load(self, run_id: str) -> RunReport:
        """A run.

        Raises RunError in one sentence when it is missing or damaged.
        """
        return self._read(self.path(run_id))

    def has_example(self) -> bool:
        """Whether the example came with this installation."""
        return (self._example / REPORT_FILE).is_file()

    def recent(self, count: int) -> list[RunReport]:
        """The newest runs kept, the example left out; what cannot be read is left out too."""
        return [report for _, report in self._listed(count)]

    def choices(self) -> list[tuple[str, str]]:
        """(title, id) of the runs kept, newest first, and the example; what cannot be read is left out."""
        found = [(f"{_when(id)}{report.title}", id) for id, report in self._listed(MOST)]
        return [*found, (words.EXAMPLE, EXAMPLE)] if self.has_example() else found

    def _listed(self, count: int) -> Iterator[tuple[str, RunReport]]:
        """(id, run), newest first."""
        folders = sorted(self.folder.glob("*/" + REPORT_FILE), reverse=True) if self.folder.is_dir() else []
        for file in folders[:count]:
            try:
                yield file.parent.name, self._read(file.parent)
            except RunError:
                continue


def _when(run_id: str) -> str:
    """ "2026-11-23 03:55 UTC: " from an id that starts with its time."""
    stamp = re.match(r"(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)", run_id)
    return "{}-{}-{} {}:{} UTC: ".format(*stamp.groups()) if stamp else ""


def _cache() -> Path:
    with importing():
        from mwanda_core.models import cache_folder

    return cache_folder()
