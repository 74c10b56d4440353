"""Files that wait for a visitor to fetch them: one folder of the page, which goes when the page is closed.

The folder lies inside Gradio's own cache, so that serving a file of gigabytes does not copy it first. It holds shelves, a shelf
holds places, a place holds the files of one making. A shelf keeps its newest places, so many and so many bytes, and drops those
of yesterday; nothing is begun that the disk has no room for. The folder is the only record of what is there: a job on a lent GPU
runs in a forked process, whose memory is gone afterwards. Names are random: whoever does not know a run's link cannot guess the
address of its files.
"""

import collections
import contextlib
import dataclasses
import hashlib
import logging
import os
import secrets
import shutil
import threading
import time
import weakref
from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path
from typing import Generic, TypeVar

import pandas as pd
from gradio.utils import get_upload_folder

from components.environment import shared_server, visitor
from components.i18n import words
from mwanda_core.errors import InputError
from mwanda_core.holding import OWNER, Hold, held, hold
from mwanda_core.spreadsheet import write_csv

log = logging.getLogger(__name__)

GIB = 2**30
SPARE = 256 * 2**20
"""Bytes of disk that are left alone whatever is asked for."""
DAY = 86_400.0
_KEY = secrets.token_bytes(16)

Files = Mapping[str, str]
"""What a file holds -> its path."""
T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Shelf:
    """How much is kept: at most so many places, fewer where strangers share the server, and so many bytes beside the newest."""

    most: int
    most_shared: int
    most_bytes: int

    @property
    def kept(self) -> int:
        """How many places are kept."""
        return self.most_shared if shared_server() else self.most


SHELVES = {
    "models": Shelf(3, 2, 24 * GIB),  # pruned models
    "files": Shelf(48, 24, 4 * GIB),  # whole runs, pages of figures, cards
    "tables": Shelf(128, 128, GIB),  # CSV files below tables that are asked for one by one
    "sets": Shelf(24, 24, 4 * GIB),  # all tables of a run as CSV files, and an archive of them
}


class Recent(Generic[T]):
    """The last few of something by key; threads may share it."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._held: collections.OrderedDict[Hashable, T] = collections.OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> T | None:
        """What is held under a key, which counts as used now; None where nothing is."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: Hashable, value: T) -> T:
        """Hold a value; the one that was not used for longest makes room."""
        with self._lock:
            self._held[key] = value
            self._held.move_to_end(key)
            while len(self._held) > self.most:
                self._held.popitem(last=False)
        return value

    def clear(self) -> None:
        """Hold nothing."""
        with self._lock:
            self._held.clear()

    def __len__(self) -> int:
        return len(self._held)


class Scratch:
    """The folder, made at once: processes that are forked later share it."""

    def __init__(self, shelves: Mapping[str, Shelf] = SHELVES) -> None:
        self.shelves = shelves
        parent = Path(get_upload_folder())
        self.folder = parent / f"mwanda-{secrets.token_hex(8)}"
        for left in parent.glob("mwanda-*"):
            if (left / OWNER).is_file() and not held(left / OWNER):
                log.warning("Removed the files of a page that ended without closing: %s", left.name)
                shutil.rmtree(left, ignore_errors=True)
        for name in shelves:
            (self.folder / name).mkdir(parents=True, mode=0o700)
        self._hold = hold(self.folder / OWNER, {})
        self._made: Recent[Files] = Recent(shelves["sets"].most if "sets" in shelves else 1)
        self._lock = threading.RLock()
        self.close = weakref.finalize(self, _remove, self.folder, os.getpid(), self._hold)
        """Remove the folder and all that is in it."""

    def place(self, shelf: str, name: str, size: int = 0) -> Path:
        """An empty folder; older ones of the shelf make room.

        Raises InputError when the disk has no room for `size` bytes.
        """
        with self._lock:
            mine = _mark() if shared_server() else ""
            if mine:  # A stranger's own places make room first: a quarter of a shelf, and one at least.
                own = [place for place in self._places(shelf) if place.name.rpartition(".")[2].startswith(mine)]
                for place in own[max(1, self.shelves[shelf].kept // 4) - 1 :]:
                    shutil.rmtree(place, ignore_errors=True)
            self._drop(shelf, self.shelves[shelf].kept - 1)
            room(self.folder, size)
            made = self.folder / shelf / f"{_plain(name)}.{mine}{secrets.token_hex(16)}"
            made.mkdir(mode=0o700)
            return made

    def put(self, shelf: str, name: str, file: str, size: int, write: Callable[[Path], object]) -> Path:
        """One file, written by `write` in a place of its own; nothing is left of one that could not be written."""
        place = self.place(shelf, name, size)
        try:
            write(place / file)
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            raise
        return place / file

    @contextlib.contextmanager
    def passing(self, shelf: str, name: str, size: int) -> Iterator[Path]:
        """A place that is gone after the `with`."""
        place = self.place(shelf, name, size)
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)

    def find(self, shelf: str, name: str) -> Path | None:
        """The newest finished file of that name that is still there."""
        for place in self._places(shelf):
            if place.name.rpartition(".")[0] == _plain(name):
                for file in sorted(place.iterdir()):
                    if file.is_file() and not file.name.startswith("."):
                        return file
        return None

    def csv(self, name: str, table: pd.DataFrame | None) -> str | None:
        """The path of `<name>.csv` with every digit of a table; None for an empty one."""
        if table is None or table.empty:
            return None
        return str(self.put("tables", name, f"{_plain(name)}.csv", 0, lambda path: write_csv(table, path)))

    def files(self, key: Hashable, write: Callable[[Path], Files]) -> Files:
        """What `write` puts into a place of its own, done once for a key for as long as the files are there."""
        with self._lock:
            made = self._made.get(key)
            if made is None or not all(Path(path).is_file() for path in made.values()):
                made = self._made.put(key, write(self.place("sets", "set")))
            return made

    def _places(self, shelf: str) -> list[Path]:
        """Newest first."""
        found = [(place.stat().st_mtime_ns, place) for place in (self.folder / shelf).iterdir() if place.is_dir()]
        return [place for _, place in sorted(found, reverse=True)]

    def _drop(self, shelf: str, keep: int) -> None:
        total = 0
        for rank, place in enumerate(self._places(shelf)):
            total += sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
            if rank >= keep or total > self.shelves[shelf].most_bytes or time.time() - place.stat().st_mtime > DAY:
                shutil.rmtree(place, ignore_errors=True)


def _mark() -> str:
    """What the places of one stranger begin with, as letters that tell nobody the address."""
    return f"{hashlib.blake2b(visitor().address.encode(), digest_size=6, key=_KEY).hexdigest()}-"


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in name)[:80]


def _remove(folder: Path, owner: int, mine: Hold) -> None:
    if os.getpid() == owner:  # A forked process must not take the files of its parent with it.
        shutil.rmtree(folder, ignore_errors=True)
        mine.release()


def room(folder: Path, size: int) -> None:
    """Raises InputError when the disk under a folder cannot take so many more bytes."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free - SPARE
    if size and size > free:
        raise InputError(words.TAKE_DISK.format(size=words.take_size(size), free=words.take_size(max(0, free))))
