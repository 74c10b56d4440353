"""What a killed process left beside the runs of a folder: half-written runs, and runs that were about to be replaced.

`whole.save_whole` builds a run in `.<name>-<random>/run`, moves one that it replaces to `before` in the same place, and then moves
the new one out. Its `owner.json` says who is at work; nothing of a living process is touched.
"""

import contextlib
import re
import shutil
import time
from pathlib import Path

from mwanda_core.store.format import BEFORE, BUILT, MANIFEST, OWNER
from mwanda_core.store.integrity import owner_lives, read_json

HOUR = 3600.0


def recover(folder: Path) -> bool:
    """Put a run in its place whose replacement was killed between two renames; whether there was one.

    The old run steps aside only when the new one is whole, so the new one is put there. Raises OSError when the folder beside
    cannot be read or written.
    """
    for scratch in _scratches(folder.parent):
        mine = scratch.name.startswith(f".{folder.name}-") and not folder.exists()
        if mine and (scratch / BEFORE).is_dir() and (scratch / BUILT / MANIFEST).is_file():
            (scratch / BUILT).rename(folder)
            discard(scratch)
            return True
    return False


def clean(parent: Path) -> int:
    """Remove what killed processes left half-written among the runs of a folder; how many there were.

    Runs that were being replaced are put in their places first. Raises OSError when the folder cannot be read.
    """
    found = 0
    for scratch in _scratches(parent):
        recover(parent / scratch.name[1:].rpartition("-")[0])
        discard(scratch)
        found += 1
    return found


def discard(scratch: Path) -> None:
    """Remove a scratch folder, its owner's name last: what a process that is killed here leaves is still known as a leftover."""
    with contextlib.suppress(OSError):  # Another process may remove the same leftover.
        for path in sorted(scratch.iterdir()):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != OWNER:
                path.unlink()
    shutil.rmtree(scratch, ignore_errors=True)


def _scratches(parent: Path) -> list[Path]:
    """Scratch folders whose writers are gone."""
    found = []
    for path in sorted(parent.iterdir()) if parent.is_dir() else []:
        if not path.name.startswith(".") or path.is_symlink():
            continue
        if not (path / OWNER).is_file():
            found += [path] if _stillborn(path) else []
            continue
        try:
            lives = owner_lives(read_json(path / OWNER, 4096))
        except (OSError, ValueError, RecursionError):
            lives = False
        if not lives:
            found.append(path)
    return found


def _stillborn(path: Path) -> bool:
    """Whether a process died in the moment between making a scratch folder and writing its name into it, a while ago."""
    if not re.fullmatch(r"\..+-[a-z0-9_]{8}", path.name) or not path.is_dir():
        return False
    empty = all(file.name.startswith(f".{OWNER}.") for file in path.iterdir())
    return empty and time.time() - path.stat().st_mtime > HOUR
