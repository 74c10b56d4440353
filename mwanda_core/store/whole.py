"""A folder that is written whole or not at all, with a manifest of hashes.

Writing goes through a scratch folder beside it, `.<name>-<random>/`: the new one is built whole in `run/`, one that it
replaces steps aside to `before/`, and the new one takes its place. A process killed at any moment leaves the old one, the new
one, or (between the last two renames) both in the scratch folder, from where `leftovers.recover` puts the new one in its place.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from mwanda_core.errors import RunError
from mwanda_core.holding import scratch_folder
from mwanda_core.store.format import BEFORE, BUILT
from mwanda_core.store.integrity import write_manifest


def refuse_occupied(folder: Path | None, marker: str = "", what: str = "") -> None:
    """Refuse a folder to write to that holds something else, or that cannot be made; asked before hours of work, too.

    folder: None for nowhere. marker, what: as for `save_whole`; without them the folder must be empty. Raises RunError in one sentence.
    """
    if folder is None:
        return
    if folder.is_file() or (folder.exists() and any(folder.iterdir()) and not (marker and (folder / marker).is_file())):
        raise RunError(f"{str(folder)!r} is not empty{f' and holds no {what}' if what else ''}: choose another folder.")
    place = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        # Tried, not asked: the administrator may write everywhere, and yet not into the system's own folders.
        tempfile.TemporaryDirectory(dir=place).cleanup()
    except OSError as error:
        raise RunError(
            f"{str(folder)!r} cannot be made, since {str(place)!r} is no folder that can be written to: choose another."
        ) from error


def save_whole(folder: Path, marker: str, what: str, write: Callable[[Path], None]) -> Path:
    """The folder, with the files that `write` puts into the one it is given, and their manifest.

    marker: the file by which a folder is known to hold a `what` ("run") that may be replaced. `write` must not make folders.
    Raises RunError when the folder already holds something else.
    """
    refuse_occupied(folder, marker, what)
    with scratch_folder(folder.parent, folder.name) as scratch:
        built, before = scratch / BUILT, scratch / BEFORE
        built.mkdir()
        write(built)
        write_manifest(built)
        if folder.exists():
            folder.rename(before)
        try:
            built.rename(folder)
        except OSError:
            if before.exists():
                before.rename(folder)
            raise
    return folder
