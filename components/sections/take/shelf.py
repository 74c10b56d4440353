"""Where large files for visitors wait to be fetched: a scratch folder inside Gradio's own cache, so that serving a file of gigabytes
does not copy it first. Only the last few are kept, and nothing is begun that the disk has no room for.

The folder is the only record (a job on a lent GPU runs in a forked process, whose memory is gone afterwards). Names are random:
whoever does not know a run's link cannot guess the address of its files.
"""

import atexit
import dataclasses
import functools
import os
import secrets
import shutil
import tempfile
import time
from pathlib import Path

from gradio.utils import get_upload_folder

from components.form.form import shared_server
from components.i18n import words
from mwanda_core.errors import InputError

GIB = 2**30
SPARE = 256 * 2**20
"""Bytes of disk that are left alone whatever is asked for."""
DAY = 86_400.0


def room(folder: Path, size: int) -> None:
    """Raises InputError when the disk under a folder cannot take so many more bytes."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free - SPARE
    if size > free:
        raise InputError(words.TAKE_DISK.format(size=words.take_size(size), free=words.take_size(max(0, free))))


@dataclasses.dataclass(frozen=True)
class Shelf:
    """Folders of one file each, one a run and making. At most so many are kept, and so many bytes beside the newest; fewer of
    both where strangers share the server."""

    name: str
    most: int
    most_shared: int
    most_bytes: int

    @functools.cached_property
    def folder(self) -> Path:
        """The folder, made at its first use and removed when the program ends."""
        found = Path(get_upload_folder()) / f"mwanda-{self.name}-{secrets.token_hex(8)}"
        found.mkdir(parents=True)
        owner = os.getpid()
        atexit.register(lambda: shutil.rmtree(found, ignore_errors=True) if os.getpid() == owner else None)
        return found

    def new(self, run: str, size: int) -> Path:
        """An empty folder for a file of a run; older ones make room.

        Raises InputError when the disk has no room for `size` bytes.
        """
        self._drop(keep=self.kept - 1)
        room(self.folder, size)
        return Path(tempfile.mkdtemp(prefix=f"{run}.", dir=self.folder))

    @property
    def kept(self) -> int:
        """How many files are kept."""
        return self.most_shared if shared_server() else self.most

    def find(self, run: str) -> Path | None:
        """The newest finished file of a run that is still there."""
        for place in self._places():
            if place.name.rpartition(".")[0] == run:
                for file in sorted(place.iterdir()):
                    if file.is_file() and not file.name.startswith("."):
                        return file
        return None

    def clear(self) -> None:
        """Forget everything."""
        self._drop(keep=0)

    def _places(self) -> list[Path]:
        """Newest first."""
        return sorted((p for p in self.folder.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime_ns, reverse=True)

    def _drop(self, keep: int) -> None:
        total = 0
        for rank, place in enumerate(self._places()):
            total += sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
            if rank >= keep or total > self.most_bytes or time.time() - place.stat().st_mtime > DAY:
                shutil.rmtree(place, ignore_errors=True)


MODELS = Shelf("models", 3, 2, 24 * GIB)
FILES = Shelf("files", 48, 24, 4 * GIB)
