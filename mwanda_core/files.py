"""Every file that a user names is opened here: as a regular file, without waiting, up to a limit. And files are replaced here, whole or
not at all.

A named pipe or a device called `sw.txt` would otherwise block the one worker for good, where no cancel reaches it.
"""

import contextlib
import os
import re
import secrets
import socket
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import psutil

from mwanda_core.errors import InputError

LFS = b"version https://git-lfs.github.com/spec/"
"""How the small file begins that stands for a large one where git-lfs did not fetch it."""

SHARED = "MWANDA_SHARED"
"""Environment variable: strangers reach this server. Set when it is opened to them, and read by the processes that it starts."""


def opened() -> bool:
    """Whether strangers can reach this server: a Hugging Face Space, an address beyond this machine, a shared link, a proxy."""
    return bool(os.environ.get("SPACE_ID") or os.environ.get(SHARED))


def refuse_way_out(path: Path, error: type[InputError] = InputError) -> None:
    """Refuse a link that leads out of the folder that it lies in, where strangers reach the server.

    Raises `error` in one sentence.
    """
    if opened() and not path.resolve().is_relative_to(path.parent.resolve()):
        raise error(
            f"{path.name} is a link out of its folder, which a shared server does not follow: put the file itself there."
        )


@contextlib.contextmanager
def open_regular(path: Path, error: type[InputError] = InputError) -> Iterator[BinaryIO]:
    """A file to read from.

    Raises `error` in one sentence for what is no regular file or cannot be read.
    """
    try:
        # O_NONBLOCK: opening a pipe that nobody writes to returns at once.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise error(f"{path.name} is not a regular file: give a file that holds what its name says.")
            yield stream
    except (OSError, ValueError) as problem:
        if isinstance(problem, OSError) or "null" in str(problem):
            reason = getattr(problem, "strerror", None) or problem
            raise error(f"{path.name} cannot be read ({reason}): give a readable file.") from problem
        raise


def read_regular(path: Path, limit: int, error: type[InputError] = InputError) -> bytes:
    """The first `limit` bytes of a file, and one more where there are more.

    Raises `error` in one sentence for what is no regular file, cannot be read, or is a git-lfs pointer.
    """
    with open_regular(path, error) as stream:
        found = stream.read(limit + 1)
    refuse_pointer(path, found, error)
    return found


def read_whole(path: Path, limit: int, error: type[InputError] = InputError) -> str:
    """A text file of the user's in UTF-8, whole.

    Raises `error` as `read_regular` does, and for a file of more than `limit` bytes, or none in UTF-8.
    """
    raw = read_regular(path, limit, error)
    if len(raw) > limit:
        raise error(f"{path.name} has more than {limit} bytes, which no such file has: give another.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise error(f"{path.name} is not UTF-8 text (byte {problem.start}): save it as UTF-8.") from problem


def refuse_pointer(path: Path, head: bytes, error: type[InputError] = InputError) -> None:
    """Refuse a git-lfs pointer.

    Raises `error` in one sentence.
    """
    if head.startswith(LFS):
        raise error(
            f"{path.name} is a git-lfs pointer, not the file itself: run `git lfs pull` where it was cloned, or download the file."
        )


def refuse_special_files(folder: Path, error: type[InputError] = InputError) -> None:
    """Refuse a folder in which anything but a folder is no regular file, or is a git-lfs pointer: a pipe in the place of any of them would
    never end.

    Raises `error` in one sentence.
    """
    for file in sorted(folder.iterdir()):
        if not file.is_dir():
            with open_regular(file, error) as stream:
                refuse_pointer(file, stream.read(len(LFS)), error)


_MACHINE = f"{zlib.crc32(socket.gethostname().encode()):08x}"
_PART = re.compile(r"\..+\.([0-9a-f]{8})-(\d+)-[0-9a-f]{8}\.part")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new name beside a file, to write to; afterwards that file has the place, or nothing is left of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{_MACHINE}-{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        yield part
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def forget_parts(folder: Path) -> int:
    """Remove what `replacing` was writing in a folder when its process died on this machine; how many files.

    Raises OSError when the folder cannot be read.
    """
    found = 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        part = _PART.fullmatch(path.name)
        if part and part[1] == _MACHINE and not psutil.pid_exists(int(part[2])) and path.is_file():
            path.unlink(missing_ok=True)
            found += 1
    return found
