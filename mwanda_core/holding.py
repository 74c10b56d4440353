"""Who is at work on something, told by a lock that the system itself drops when the process ends, never by a clock.

A file that says who its owner is stays locked by an open handle (`flock`) for as long as the work lasts. Whoever can lock it
knows that its owner is gone. Where there are no such locks (Windows, some network disks) the file says so, and the process named
in it decides: by its number, the boot it runs in, and its start in ticks since then, which no set clock moves. A file from another machine
counts as held: its lock may not reach here.

A scratch folder `.<name>-<random>/` holds such a file, `OWNER`: what is built there is seen whole in its place, or not at all, and what a
killed process leaves is known as nobody's.
"""

import contextlib
import json
import logging
import os
import re
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from mwanda_core.files import read_regular, replacing

try:
    import fcntl
except ImportError:  # Windows.
    fcntl = None  # type: ignore[assignment]

log = logging.getLogger(__name__)

LARGEST = 2**20
"""Bytes of such a file that are read."""
OWNER, ASIDE = "owner.json", "before"
"""In a scratch folder: who builds there, and what is about to be replaced."""
_SCRATCH = re.compile(r"\..+-[a-z0-9_]{8}")


def ends_at_a_signal() -> None:
    """From now on SIGTERM ends the program as an exit does: what is half-written is removed, and temporary folders with it."""

    def leave(number: int, frame: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # Asked twice, it still tidies.
        raise SystemExit(128 + number)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, leave)


class Hold:
    """A file that is held by this process until `release`, or its end."""

    def __init__(self, path: Path, handle: int | None) -> None:
        self.path, self._handle = path, handle

    def release(self) -> None:
        """Hold it no longer; the file stays."""
        if self._handle is not None:
            with contextlib.suppress(OSError):
                os.close(self._handle)
            self._handle = None


def hold(path: Path, data: dict[str, Any]) -> Hold:
    """Write a small file of data and `owner`, whole or not at all, and hold it.

    Raises OSError when it cannot be written, FileNotFoundError when its folder went away meanwhile.
    """
    with replacing(path) as part:
        handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            text = json.dumps({**data, "owner": owner(_lock(handle))}, ensure_ascii=False)
            with os.fdopen(os.dup(handle), "w", encoding="utf-8") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
        except BaseException:
            os.close(handle)
            raise
        if fcntl is None:  # Windows renames no open file.
            os.close(handle)
    # The lock is on the file, not on its name.
    return Hold(path, None if fcntl is None else handle)


def held(path: Path) -> bool:
    """Whether somebody who lives holds the file; False for one that is missing or says nothing."""
    with contextlib.suppress(OSError):
        if fcntl is not None and _taken(path):
            return True
    with contextlib.suppress(ValueError, RecursionError, AttributeError):
        data = json.loads(read_regular(path, LARGEST))
        return owner_lives(data.get("owner", data))
    return False


def owner(locked: bool) -> dict[str, Any]:
    """This process. locked: whether the file that says so is."""
    return {"host": socket.gethostname(), "pid": os.getpid(), "locked": locked, "born": _born(os.getpid())}


def owner_lives(data: Any) -> bool:
    """Whether the process that `owner` described may still run, where no lock is in the way: True when it ran on another machine.

    A file of an older version says neither whether it was locked nor when its process began: then the process's number decides.
    """
    try:
        if data["host"] != socket.gethostname():
            return True
        if data.get("locked"):
            return False
        pid = int(data["pid"])
        return psutil.pid_exists(pid) and data.get("born", _born(pid)) == _born(pid)
    except (psutil.Error, KeyError, TypeError, ValueError, OverflowError, AttributeError):
        return False


def _born(pid: int) -> str:
    """Boot, and start in ticks since then; where the system does not say, its creation time."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return (
            f"{boot} {Path(f'/proc/{pid}/stat').read_text(encoding='utf-8', errors='replace').rpartition(')')[2].split()[19]}"
        )
    except (OSError, IndexError):
        return str(psutil.Process(pid).create_time()) if psutil.pid_exists(pid) else ""


def _lock(handle: int) -> bool:
    """Whether the file could be locked; nobody else has it at this moment."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # A disk without locks.
        return False
    return True


def _taken(path: Path) -> bool:
    """Whether another handle has locked a file."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


@contextlib.contextmanager
def scratch_folder(parent: Path, name: str) -> Iterator[Path]:
    """A folder `.<name>-<random>` that is held by this process, and gone afterwards with all that is still in it.

    What killed processes left of the same name is removed first, unless it holds what was moved aside. Raises OSError when it cannot be made.
    """
    parent.mkdir(parents=True, exist_ok=True)
    for left in nobodys(parent, name):
        if not (left / ASIDE).exists():
            log.warning("Removed what a process that ended had half-written: %s", left.name)
            discard(left)
    scratch, found = _held(parent, name)
    try:
        yield scratch
    finally:
        discard(scratch)
        found.release()


def _held(parent: Path, name: str) -> tuple[Path, Hold]:
    for attempt in range(5):
        scratch = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=parent))
        try:
            return scratch, hold(scratch / OWNER, {})
        except FileNotFoundError:  # Whoever tidies removes empty folders: it came in between.
            if attempt == 4:
                raise
        except BaseException:
            discard(scratch)
            raise
    raise AssertionError


def discard(scratch: Path) -> None:
    """Remove a scratch folder, its owner's name last: what a process that is killed here leaves is still known as a leftover."""
    with contextlib.suppress(OSError):  # Another process may remove the same leftover.
        for path in sorted(scratch.iterdir()):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != OWNER:
                path.unlink()
    shutil.rmtree(scratch, ignore_errors=True)


def nobodys(parent: Path, name: str = "") -> list[Path]:
    """Scratch folders whose writers are gone. name: only of what is built under this name.

    Raises OSError when the folder cannot be read.
    """
    found = []
    for path in sorted(parent.iterdir()) if parent.is_dir() else []:
        if not path.name.startswith(f".{name}-" if name else ".") or path.is_symlink():
            continue
        if (path / OWNER).is_file():
            found += [] if held(path / OWNER) else [path]
        elif _SCRATCH.fullmatch(path.name) and path.is_dir():
            found += [path] if _stillborn(path) else []
    return found


def _stillborn(path: Path) -> bool:
    """Whether a process died in the moment between making a scratch folder and writing its name into it: one that is empty is removed,
    whose writer, should it live, makes another."""
    with contextlib.suppress(OSError):
        for part in list(path.iterdir()):
            if not part.name.startswith(f".{OWNER}.") or held(part):
                return False
            part.unlink()
        path.rmdir()
        return True
    return False
