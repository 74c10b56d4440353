"""What a killed process left beside the runs of a folder: half-written runs, and runs that were about to be replaced.

`whole.save_whole` builds a run in `.<name>-<random>/run`, moves one that it replaces to `before` in the same place, and then moves
the new one out. Its `owner.json` is held by who is at work (`mwanda_core.holding`); nothing of a living process is touched.
"""

from pathlib import Path

from mwanda_core.holding import discard, nobodys
from mwanda_core.store.format import BEFORE, BUILT, MANIFEST


def recover(folder: Path) -> bool:
    """Put a run in its place whose replacement was killed between two renames; whether there was one.

    The old run steps aside only when the new one is whole, so the new one is put there. Raises OSError when the folder beside
    cannot be read or written.
    """
    for scratch in nobodys(folder.parent):
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
    for scratch in nobodys(parent):
        recover(parent / scratch.name[1:].rpartition("-")[0])
        discard(scratch)
        found += 1
    return found
