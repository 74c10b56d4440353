"""The runs of one folder: save, list, find, load, delete, and what was left unfinished. The folders are the store; the index is
made from them (see `index`)."""

import contextlib
import logging
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from mwanda_core.errors import InputError, RunError
from mwanda_core.files import forget_parts
from mwanda_core.run.settings import Settings
from mwanda_core.store import journal
from mwanda_core.store.format import DELETED, EXAMPLES, INDEX_FILE, NAMES_FILE, REPORT_FILE, STARTED
from mwanda_core.store.index import ORDERS, Index, RunEntry
from mwanda_core.store.journal import REDONE, Unfinished
from mwanda_core.store.leftovers import clean
from mwanda_core.store.report import RunReport, load_report

__all__ = ["REDONE", "RunEntry", "RunStore", "Unfinished"]

log = logging.getLogger(__name__)

SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
RESERVED = frozenset({NAMES_FILE, INDEX_FILE, f"{INDEX_FILE}-journal", f"{INDEX_FILE}-wal", f"{INDEX_FILE}-shm", *EXAMPLES})
DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{kind}{number}" for kind in ("com", "lpt") for number in range(10))})
"""Names that the store has for itself, and those that Windows has for devices, whatever follows a dot; there a dot at the end is lost, too."""


@runtime_checkable
class FinishedRun(Protocol):
    """What can be saved: `experiment.Run`."""

    @property
    def report(self) -> RunReport: ...

    def save(self, folder: Path) -> Path: ...


class RunStore:
    """Runs by id in a folder, which is made when the first one is saved."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self._index = Index(self.folder)

    def path(self, id: str) -> Path:
        """The folder of a run.

        Raises RunError for an id that could not be a run's (ids come from links, and become paths).
        """
        if not SAFE.fullmatch(id) or id.endswith(".") or id.lower() in RESERVED or id.partition(".")[0].lower() in DEVICES:
            raise RunError(f"{id[:60]!r} is not the name of a run.")
        return self.folder / id

    def save(self, run: FinishedRun) -> Path:
        """Keep a finished run; its folder."""
        return run.save(self.path(run.report.id))

    def load(self, id: str) -> RunReport:
        """A run, with its tables.

        Raises RunError in one sentence when it is missing or damaged.
        """
        return load_report(self.path(id))

    def entries(self, limit: int = -1) -> list[RunEntry]:
        """All readable runs, or so many of them, newest first."""
        return self._index.find(limit=limit)

    def newest(self, keys: Iterable[str]) -> dict[str, str]:
        """Key (see `keys`) -> id of the newest run kept with these settings; keys without a run are left out."""
        wanted = list(dict.fromkeys(keys))
        found = self._index.newest(wanted)
        return {key: found[key] for key in wanted if key in found}

    def damaged(self) -> dict[str, str]:
        """Folder names of runs that cannot be read, and why, one sentence each."""
        return self._index.damaged()

    def find(
        self,
        text: str = "",
        *,
        model: str = "",
        method: str = "",
        language: str = "",
        sparsity: tuple[float, float] | None = None,
        key: str = "",
        order: str = "made",
        descending: bool = True,
    ) -> list[RunEntry]:
        """Readable runs that meet every condition given. text: words that title, id, model or languages contain; model and
        method (its title): exactly; language: a code; sparsity: lowest and highest; key: see `keys`.

        Raises InputError for an order that does not exist.
        """
        if order not in ORDERS:
            raise InputError(f"Runs are ordered by one of {', '.join(ORDERS)}; it was given {order!r}.")
        where, values = "", []
        for word in text.lower().split():
            where += " AND words LIKE ? ESCAPE '\\'"
            values.append(f"%{_literally(word)}%")
        for column, value in (("model", model), ("method", method), ("key", key)):
            if value:
                where += f" AND {column} = ?"
                values.append(value)
        if language:
            where += " AND languages LIKE ? ESCAPE '\\'"
            values.append(f"%,{_literally(language)},%")
        bounds: tuple[Any, ...] = ()
        if sparsity is not None:
            where += " AND sparsity BETWEEN ? AND ?"
            bounds = sparsity
        return self._index.find(where, (*values, *bounds), order, descending)

    def delete(self, id: str) -> None:
        """Remove a run for good: its folder is moved aside first, so that no reader meets half of one.

        Raises RunError when there is no run of this name; a folder that holds no run is never removed.
        """
        path = self.path(id)
        if path.is_symlink() or not path.is_dir() or not (path / REPORT_FILE).is_file():
            raise RunError(f"There is no run {id!r} in {str(self.folder)!r}, so nothing was deleted.")
        aside = self.folder / f"{DELETED}{secrets.token_hex(8)}"
        try:
            path.rename(aside)
        except OSError as error:
            raise RunError(f"The run {id!r} could not be deleted ({error.strerror}).") from error
        shutil.rmtree(aside, ignore_errors=True)

    @contextlib.contextmanager
    def started(self, settings: Settings, title: str = "") -> Iterator[str]:
        """Inside, the run counts as being worked on; see `journal`. Save the run before leaving."""
        with journal.started(self.folder, settings, title) as id:
            yield id

    def unfinished(self) -> list[Unfinished]:
        """Runs that were started and are neither finished nor being worked on, newest first."""
        found = []
        for entry in journal.entries(self.folder):
            if entry.running:
                continue
            if not entry.error and any(run.made >= entry.started for run in self.find(key=entry.key)):
                journal.forget(self.folder, entry.id)  # Killed after the run was saved, before the entry was dropped.
                continue
            found.append(entry)
        return found

    def forget(self, id: str) -> None:
        """Drop an unfinished run from the list.

        Raises RunError when there is none of this name.
        """
        journal.forget(self.folder, id)

    def tidy(self) -> int:
        """Put back what was being replaced and remove what was half-written or half-deleted when a process died.

        Returns how much there was. Work in progress of living processes is left alone.
        """
        found = clean(self.folder) + forget_parts(self.folder) + forget_parts(self.folder / STARTED)
        for path in sorted(self.folder.glob(f"{DELETED}*")) if self.folder.is_dir() else []:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
                found += 1
        if found:
            log.warning("Tidied %s: %d half-written or half-deleted of processes that ended.", self.folder, found)
        return found


def default_folder(cache: Path) -> Path:
    """`MWANDA_RUNS` if set, else "runs" in the cache folder."""
    named = os.environ.get("MWANDA_RUNS")
    return Path(named).expanduser() if named else cache / "runs"


def _literally(word: str) -> str:
    """A word for LIKE in which % and _ stand for themselves."""
    return re.sub(r"([\\%_])", r"\\\1", word)
