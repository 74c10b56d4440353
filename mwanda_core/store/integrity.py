"""Is a folder what was written? A manifest of sizes and hashes, and bounded reading.

A run may come from a disk that lost bytes, or from somebody else. Every reader of run files goes through here first: only
plain files of a bounded size are opened (a link or a pipe could lead anywhere, or never end), and a file that the manifest
names must have the size and SHA-256 that it names.
"""

import hashlib
import json
import math
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mwanda_core.errors import InputError, RunError
from mwanda_core.files import replacing
from mwanda_core.store.format import MANIFEST

LARGEST_JSON = 16 * 2**20
"""Bytes of a JSON file that is read at all; a report has a few kilobytes, and a few hundred with many passages."""

_FORMAT = 1


def refuse_special(path: Path, limit: int | None = None) -> int:
    """The size of a plain file in bytes.

    Raises RunError for a link, a pipe, a device, a missing file, or one larger than `limit`.
    """
    try:
        found = path.lstat()
    except (OSError, ValueError) as error:
        raise RunError(f"The file {path.name!r} of the run in {str(path.parent)!r} is missing or damaged.") from error
    if not stat.S_ISREG(found.st_mode):
        raise RunError(f"{path.name!r} in {str(path.parent)!r} is not a plain file, so this run is damaged and is not read.")
    if limit is not None and found.st_size > limit:
        raise RunError(
            f"{path.name!r} in {str(path.parent)!r} is damaged: it has {found.st_size} bytes, and at most {limit} make sense."
        )
    return found.st_size


def read_json(path: Path, limit: int = LARGEST_JSON) -> dict[str, Any]:
    """A JSON object from a plain file.

    Raises RunError when the file is missing or too large, ValueError or RecursionError when it holds no JSON object.
    """
    refuse_special(path, limit)
    data = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(data, dict):
        raise ValueError("not a JSON object")
    return data


def write_atomically(path: Path, text: str) -> None:
    """A small text file, whole or not at all, on the disk when this returns."""
    with replacing(path) as part, part.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_manifest(folder: Path) -> None:
    """Name, size and hash of every file of a folder, and all of them on the disk when this returns."""
    files = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name != MANIFEST:
            with path.open("rb+") as stream:
                os.fsync(stream.fileno())
            files[path.name] = [path.stat().st_size, file_hash(path)]
    write_atomically(folder / MANIFEST, json.dumps({"format": _FORMAT, "files": files}, indent=1))


def manifest(folder: Path) -> dict[str, tuple[int, str]] | None:
    """Name -> size and hash; None for a run without a manifest (one that was written before there were any).

    Raises RunError when it cannot be read.
    """
    path = folder / MANIFEST
    if not os.path.lexists(path):
        return None
    try:
        data = read_json(path)
        if data["format"] != _FORMAT:
            raise ValueError("another format")
        return {str(name): (int(size), str(digest)) for name, (size, digest) in data["files"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        if isinstance(error, RunError):
            raise
        raise RunError(f"The run in {str(folder)!r} is damaged and cannot be read: its {MANIFEST} is not readable.") from error


def check_files(folder: Path, names: Iterable[str]) -> bool:
    """Whether there is a manifest; if so, every file named is as it says.

    Raises RunError for a file that differs or that the manifest does not name.
    """
    known = manifest(folder)
    if known is None:
        return False
    for name in names:
        size = refuse_special(folder / name)
        if name not in known or size != known[name][0] or file_hash(folder / name) != known[name][1]:
            raise RunError(
                f"The run in {str(folder)!r} is missing or damaged and cannot be read: {name!r} is not as it was written."
            )
    return True


def finite(value: Any) -> float:
    """A real number that is neither NaN nor infinite.

    Raises ValueError otherwise.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"not a finite number: {value!r}")
    return float(value)


def refuse_unsayable(value: Any) -> None:
    """Refuse what Python reads from JSON and nothing can write again: half of a surrogate pair, whole numbers beyond 64 bits.

    Raises InputError in one sentence.
    """
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise InputError(
                "A text holds half of a character (a lone surrogate), which nothing can write: type it again."
            ) from error
    elif isinstance(value, int) and value.bit_length() > 63:
        raise InputError(f"A whole number of {value.bit_length()} bits was given: at most 63 can be kept.")
    elif isinstance(value, dict | list | tuple):
        for item in (*value, *value.values()) if isinstance(value, dict) else value:
            refuse_unsayable(item)
