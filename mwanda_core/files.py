"""Every file that a user names is opened here: as a regular file, without waiting, up to a limit.

A named pipe or a device called `sw.txt` would otherwise block the one worker for good, where no cancel reaches it.
"""

import os
import stat
from pathlib import Path

from mwanda_core.errors import InputError

LFS = b"version https://git-lfs.github.com/spec/"
"""How the small file begins that stands for a large one where git-lfs did not fetch it."""


def read_regular(path: Path, limit: int, error: type[InputError] = InputError) -> bytes:
    """The first `limit` bytes of a file, and one more where there are more.

    Raises `error` in one sentence for what is no regular file, cannot be read, or is a git-lfs pointer.
    """
    try:
        # O_NONBLOCK: opening a pipe that nobody writes to returns at once.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise error(f"{path.name} is not a regular file: give a file that holds what its name says.")
            found = stream.read(limit + 1)
    except OSError as problem:
        raise error(f"{path.name} cannot be read ({problem.strerror or problem}): give a readable file.") from problem
    refuse_pointer(path, found, error)
    return found


def refuse_pointer(path: Path, head: bytes, error: type[InputError] = InputError) -> None:
    """Refuse a git-lfs pointer.

    Raises `error` in one sentence.
    """
    if head.startswith(LFS):
        raise error(
            f"{path.name} is a git-lfs pointer, not the file itself: run `git lfs pull` where it was cloned, or download the file."
        )
