"""The folder with the safetensors of a model, and whether it is on this disk already; nothing is loaded."""

import importlib
from pathlib import Path

from huggingface_hub import snapshot_download

from mwanda_core.models import cache
from mwanda_core.models.inspect import check_gguf
from mwanda_core.models.loading import _expand, _folder, _said_plainly

_WANTED = ["*.json", "*.safetensors"]
_INTACT: set[Path] = set()
_DIGESTS: dict[tuple[Path, int, int], str] = {}
"""Entries of the cache that were found intact, and hashes of GGUF files by path, time and size: hashing takes seconds."""


def stored_folder(source: str, revision: str = "") -> Path:
    """The folder of a model; a GGUF file is expanded and a Hub model fetched first, where that was not done before.

    Raises ModelError in one sentence when it cannot be had.
    """
    with _said_plainly(source):
        ready = ready_folder(source, revision)
        if ready is not None:
            return ready
        if source == cache.EMBEDDED:
            return cache.embedded_folder(_expand)
        if source.lower().endswith(".gguf"):
            return cache.gguf_folder(Path(source).expanduser(), _expand)
        return Path(snapshot_download(_folder(source), revision=revision or None, allow_patterns=_WANTED))


def ready_folder(source: str, revision: str = "") -> Path | None:
    """The folder of a model that is on this disk whole and expanded; None where it is not.

    Raises ModelError for a name that no model can have.
    """
    if source == cache.EMBEDDED:
        if not cache.embedded_available():
            return None
        return _intact(cache.EMBEDDED, importlib.import_module(cache.EMBEDDED_PACKAGE).EXPECTED_SHA256)
    path = Path(source).expanduser()
    if path.suffix.lower() == ".gguf":
        check_gguf(path)
        return _intact(path.stem, _digest(path))
    folder = _folder(source)
    if Path(folder).is_dir():
        return Path(folder)
    try:
        found = Path(snapshot_download(folder, revision=revision or None, allow_patterns=_WANTED, local_files_only=True))
    except OSError:  # What the Hub's client raises when it would have to fetch something.
        return None
    return found if any(found.glob("*.safetensors")) else None


def _digest(path: Path) -> str:
    found = path.stat()
    key = path.resolve(), found.st_mtime_ns, found.st_size
    if key not in _DIGESTS:
        _DIGESTS[key] = cache.file_hash(path)
    return _DIGESTS[key]


def _intact(name: str, digest: str) -> Path | None:
    entry = cache.cache_folder() / f"{name}-{digest[:16]}"
    if entry not in _INTACT or not entry.is_dir():
        if not cache.is_intact(entry):
            return None
        _INTACT.add(entry)
    return entry
