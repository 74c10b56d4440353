"""The cache of expanded GGUF files: written whole or not at all, checked at every use, safe with two writers."""

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from mwanda_core.models import cache_folder
from mwanda_core.models.cache import MANIFEST, cached, file_hash, is_intact

DIGEST = "0123456789abcdef" * 4
Converter = Callable[[Path, Path], None]


class FakeConverter:
    """Writes two small files and one in a folder below; counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, gguf: Path, target: Path) -> None:
        self.calls += 1
        (target / "config.json").write_text("{}")
        (target / "model.safetensors").write_bytes(gguf.read_bytes() * 2)
        (target / "templates").mkdir()
        (target / "templates" / "chat.txt").write_text("hello")


def source(scratch: Path) -> Path:
    path = scratch / "model.gguf"
    path.write_bytes(b"weights")
    return path


@pytest.fixture
def convert() -> FakeConverter:
    return FakeConverter()


def test_it_is_converted_once(cache: Path, convert: FakeConverter) -> None:
    first = cached("model", DIGEST, source, convert)
    second = cached("model", DIGEST, source, convert)
    assert first == second == cache / "model-0123456789abcdef"
    assert convert.calls == 1
    assert (first / "model.safetensors").read_bytes() == b"weightsweights"
    assert is_intact(first)
    assert [entry.name for entry in cache.iterdir()] == [first.name]


def damage_bytes(entry: Path) -> None:
    (entry / "model.safetensors").write_bytes(b"weightsWEIGHTS")


def damage_length(entry: Path) -> None:
    (entry / "model.safetensors").write_bytes(b"weights")


def damage_missing(entry: Path) -> None:
    (entry / "templates" / "chat.txt").unlink()


def damage_manifest(text: str) -> Callable[[Path], None]:
    return lambda entry: (entry / MANIFEST).write_text(text) and None


DAMAGES = {
    "bytes": damage_bytes, "length": damage_length, "missing": damage_missing,
    "no manifest": lambda entry: (entry / MANIFEST).unlink(), "half a manifest": damage_manifest('{"format": 1, "fil'),
    "a list": damage_manifest("[]"), "no files": damage_manifest('{"format": 1, "files": {}}'),
    "files as a list": damage_manifest('{"format": 1, "files": ["config.json"]}'),
    "files without hashes": damage_manifest('{"format": 1, "files": {"config.json": 2}}'),
    "another format": damage_manifest('{"format": 99, "files": {"config.json": [2, "0"]}}'),
}  # fmt: skip


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_entry_is_made_again(cache: Path, convert: FakeConverter, kind: str) -> None:
    entry = cached("model", DIGEST, source, convert)
    DAMAGES[kind](entry)
    assert not is_intact(entry)
    assert cached("model", DIGEST, source, convert) == entry
    assert convert.calls == 2
    assert is_intact(entry)
    assert [found.name for found in cache.iterdir()] == [entry.name]


def test_a_half_written_entry_is_never_seen(cache: Path, convert: FakeConverter) -> None:
    def fails(gguf: Path, target: Path) -> None:
        (target / "config.json").write_text("{}")
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        cached("model", DIGEST, source, fails)
    assert list(cache.iterdir()) == []
    assert is_intact(cached("model", DIGEST, source, convert))


def test_the_manifest_names_every_file(cache: Path, convert: FakeConverter) -> None:
    entry = cached("model", DIGEST, source, convert)
    manifest = json.loads((entry / MANIFEST).read_text())
    assert set(manifest["files"]) == {"config.json", "model.safetensors", "templates/chat.txt"}
    assert manifest["files"]["config.json"] == [2, file_hash(entry / "config.json")]
    assert manifest["gguf_sha256"] == DIGEST


def test_of_two_writers_the_first_one_stays(cache: Path, convert: FakeConverter) -> None:
    """The second finishes after the first; a reader may already have the first one's files open."""

    def slow(gguf: Path, target: Path) -> None:
        convert(gguf, target)
        winner = cached("model", DIGEST, source, convert)
        (winner / "in use").write_text("by a reader")

    entry = cached("model", DIGEST, source, slow)
    assert (entry / "in use").exists()
    assert convert.calls == 2
    assert is_intact(entry)
    assert [found.name for found in cache.iterdir()] == [entry.name]


@pytest.mark.parametrize("damaged", [False, True])
def test_two_threads_race(cache: Path, convert: FakeConverter, damaged: bool) -> None:
    if damaged:
        damage_bytes(cached("model", DIGEST, source, convert))
    together = threading.Barrier(2)
    found: list[Path] = []
    failed: list[BaseException] = []

    def waits(gguf: Path, target: Path) -> None:
        convert(gguf, target)
        together.wait(timeout=10)

    def work() -> None:
        try:
            found.append(cached("model", DIGEST, source, waits))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert found == [cache / "model-0123456789abcdef"] * 2
    assert is_intact(found[0])
    assert [entry.name for entry in cache.iterdir()] == [found[0].name]


def test_where_the_cache_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MWANDA_CACHE", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine"
    monkeypatch.delenv("MWANDA_CACHE")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder() == tmp_path / "xdg" / "mwanda-explorer"
    monkeypatch.setattr("sys.platform", "darwin")
    assert cache_folder().parts[-3:] == ("Library", "Caches", "mwanda-explorer")
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    assert cache_folder() == tmp_path / "local" / "mwanda-explorer"
