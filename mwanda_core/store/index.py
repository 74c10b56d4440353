"""A table of the runs of a folder in SQLite, so that a list of thousands needs one query. It is made from the folders, kept
beside them, made again whenever it is missing, damaged or of another version, and never the only copy of anything.
"""

import contextlib
import dataclasses
import datetime
import json
import math
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from mwanda_core.errors import RunError
from mwanda_core.languages import language
from mwanda_core.store.format import INDEX_FILE, REPORT_FILE
from mwanda_core.store.keys import run_key
from mwanda_core.store.report import RunReport, read_facts

VERSION = 2
T = TypeVar("T")
ORDERS = ("made", "id", "title", "model", "method", "sparsity", "mean_increase", "worst_increase")

RECENT = 3 * 10**9
"""Nanoseconds within which a change of the folder may not show in its time: no file system has longer steps than two seconds."""
AT_ONCE = 500
"""Keys in one query."""

_TABLE = (
    """CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, stamp TEXT, error TEXT, entry TEXT, made TEXT, title TEXT,
model TEXT, method TEXT, sparsity REAL, mean_increase REAL, worst_increase REAL, key TEXT, fingerprint TEXT, languages TEXT,
words TEXT)""",
    "CREATE INDEX IF NOT EXISTS newest ON runs (error, made IS NULL, made DESC, id)",
    "CREATE INDEX IF NOT EXISTS keys ON runs (key)",
)


@dataclasses.dataclass(frozen=True)
class RunEntry:
    """A run in a list. `id` is the folder's name; increases in nats per token; `bytes` of all its files; `made` is UTC."""

    id: str
    title: str
    made: str
    model: str
    method: str
    sparsity: float
    achieved: float | None
    mode: str
    seed: int
    languages: tuple[str, ...]
    held_out: tuple[str, ...]
    mean_increase: float | None
    worst_language: str | None
    worst_increase: float | None
    fingerprint: str
    key: str
    bytes: int


def entry_of(folder: Path) -> RunEntry:
    """The line of a run.

    Raises RunError when its description is missing or damaged.
    """
    facts = read_facts(folder)
    settings, found = facts["settings"], facts.get("summary", {})
    try:
        size = sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())
        worst = found.get("worst_language")
        return RunEntry(
            folder.name, RunReport(facts, {}).title, _made(folder), str(facts["model"]["source"]),
            str(facts["recipe"]["title"]), float(settings["sparsity"]), _number(found.get("achieved_sparsity")),
            str(settings.get("mode", "")), int(settings.get("seed", 0)), tuple(settings.get("languages", ())),
            tuple(settings.get("held_out", ())), _number(found.get("mean_increase")), None if worst is None else str(worst),
            _number(found.get("worst_increase")), str(facts["model"].get("fingerprint", "")), run_key(facts), size,
        )  # fmt: skip
    except (OSError, KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise RunError(f"The run in {str(folder)!r} is missing or damaged and cannot be listed.") from error


def _number(value: Any) -> float | None:
    if value is None:
        return None
    number = float(value)
    return None if math.isnan(number) else number


def _made(folder: Path) -> str:
    stamp = re.match(r"(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)", folder.name)
    if stamp:
        return "{}-{}-{} {}:{}:{}".format(*stamp.groups())
    changed = datetime.datetime.fromtimestamp((folder / REPORT_FILE).stat().st_mtime, datetime.UTC)
    return changed.strftime("%Y-%m-%d %H:%M:%S")


class Index:
    """Queries over the runs of one folder. No answer costs more than its own size where nothing came or went.

    A run that comes, goes or is replaced changes the time of the folder above it: where that is as it was, the folders are not gone through, and
    only the runs in the answer are held against their files. `damaged`, and every answer of a folder that changed within `RECENT`, looks at all.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: int | None = None

    def find(
        self,
        where: str = "",
        values: tuple[Any, ...] = (),
        order: str = "made",
        descending: bool = True,
        limit: int = -1,
    ) -> list[RunEntry]:
        """Readable runs that meet a condition in SQL, at most `limit` of them (-1: all); `where` and `order` come from this library, `values`
        from anyone."""
        assert order in ORDERS
        query = f"SELECT id, stamp, entry FROM runs WHERE error = '' {where} {_ordered(order, descending)} LIMIT ?"
        return self._rows(query, (*values, limit), lambda row: _entry(json.loads(row[2])))

    def newest(self, keys: Sequence[str]) -> dict[str, str]:
        """Key (see `keys`) -> id of the newest readable run that has it."""
        found: dict[str, str] = {}
        for start in range(0, len(keys), AT_ONCE):
            some = tuple(keys[start : start + AT_ONCE])
            places = ", ".join("?" * len(some))
            # Named, or SQLite goes through all runs in the order asked for.
            where = f"INDEXED BY keys WHERE error = '' AND key IN ({places})"
            query = f"SELECT id, stamp, key FROM runs {where} {_ordered('made', True)}"
            for id, key in self._rows(query, some, lambda row: (row[0], row[2])):
                found.setdefault(key, id)
        return found

    def damaged(self) -> dict[str, str]:
        """Folder names whose run cannot be read, and why."""
        self._seen = None
        return self._ask(
            lambda table, fresh: dict(table.execute("SELECT id, error FROM runs WHERE error != '' ORDER BY id").fetchall())
        )

    def _rows(self, query: str, values: tuple[Any, ...], read: Callable[[tuple[str, str, str]], T]) -> list[T]:
        """What is read of rows that begin with a run's id and stamp, as its file is now."""

        def asked(table: sqlite3.Connection, fresh: bool) -> list[T]:
            while True:
                rows = table.execute(query, values).fetchall()
                stale = [] if fresh else [id for id, stamp, _ in rows if _stamp(f"{self.folder}/{id}") != stamp]
                if not stale:
                    return [read(row) for row in rows]
                self._refresh(table)
                fresh = True

        return self._ask(asked)

    def _ask(self, question: Callable[[sqlite3.Connection, bool], T]) -> T:
        """The answer of an index that is as the folders are now: the one on disk, a new one where that is damaged, one in memory
        where no file can be written. The question is told whether all folders were looked at."""
        file = self.folder / INDEX_FILE
        for place in [str(file)] * 2 if self.folder.is_dir() else []:
            try:
                with contextlib.closing(sqlite3.connect(place, timeout=10)) as table:
                    return question(table, self._followed(table))
            except (sqlite3.Error, ValueError, TypeError, KeyError):
                self._seen = None
                with contextlib.suppress(OSError):
                    file.unlink()
        with contextlib.closing(sqlite3.connect(":memory:")) as table:
            self._refresh(table)
            return question(table, True)

    def _followed(self, table: sqlite3.Connection) -> bool:
        """Whether the folders had to be gone through, which then was done."""
        changed = self.folder.stat().st_mtime_ns
        if changed == self._seen and table.execute("PRAGMA user_version").fetchone()[0] == VERSION:
            return False
        self._refresh(table)
        # A folder's time has steps: of what changed just now, more may follow within the same one.
        self._seen = changed if time.time_ns() - changed > RECENT else None
        return True

    def _refresh(self, table: sqlite3.Connection) -> None:
        if table.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            table.execute("DROP TABLE IF EXISTS runs")
            for statement in _TABLE:
                table.execute(statement)
            table.execute(f"PRAGMA user_version = {VERSION}")
        known = dict(table.execute("SELECT id, stamp FROM runs").fetchall())
        there = dict(self._stamps())
        gone = [(id,) for id in known if id not in there]
        new = [(id, stamp) for id, stamp in there.items() if known.get(id) != stamp]
        if gone or new:  # An empty transaction would change the folder, too.
            with table:
                table.executemany("DELETE FROM runs WHERE id = ?", gone)
                for id, stamp in new:
                    table.execute(f"INSERT OR REPLACE INTO runs VALUES ({', '.join('?' * 15)})", _row(self.folder / id, stamp))

    def _stamps(self) -> Iterator[tuple[str, str]]:
        if not self.folder.is_dir():
            return
        with os.scandir(self.folder) as places:
            for place in places:
                if not place.name.startswith(".") and not place.is_symlink() and (stamp := _stamp(place.path)):
                    yield place.name, stamp


def _stamp(folder: str) -> str:
    """Changes with the description of a run; empty where there is none."""
    try:
        found = os.lstat(f"{folder}/{REPORT_FILE}")
    except OSError:
        return ""
    return f"{found.st_mtime_ns}:{found.st_size}:{found.st_ino}"


def _ordered(order: str, descending: bool) -> str:
    return f"ORDER BY {order} IS NULL, {order} {'DESC' if descending else 'ASC'}, id"


def _row(folder: Path, stamp: str) -> tuple[Any, ...]:
    try:
        found = entry_of(folder)
    except RunError as error:
        return (folder.name, stamp, str(error), "", *[None] * 11)
    codes = (*found.languages, *found.held_out)
    words = " ".join([found.id, found.title, found.model, *codes, *(language(code).name for code in codes)]).lower()
    return (
        found.id, stamp, "", json.dumps(dataclasses.asdict(found)), found.made, found.title, found.model, found.method,
        found.sparsity, found.mean_increase, found.worst_increase, found.key, found.fingerprint, f",{','.join(codes)},", words,
    )  # fmt: skip


def _entry(data: Mapping[str, Any]) -> RunEntry:
    return RunEntry(**{**data, "languages": tuple(data["languages"]), "held_out": tuple(data["held_out"])})
