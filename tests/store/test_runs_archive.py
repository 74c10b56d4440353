"""A run as a zip file: out, in, and whatever else calls itself one."""

import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import kept
import pytest

from mwanda_core.errors import RunError
from mwanda_core.store.archive import export_zip, import_zip
from mwanda_core.store.format import MANIFEST
from mwanda_core.store.integrity import write_manifest
from mwanda_core.store.run_store import RunStore
from mwanda_core.store.tensors import read_header

ID = "20260101-000000-wanda-50-0000"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    """A real run of a tiny model, with masks and statistics."""
    found = RunStore(tmp_path_factory.mktemp("runs"))
    kept.run_of("wanda")[0].save(found.path(ID))
    return found


@pytest.fixture
def other(tmp_path: Path) -> RunStore:
    """An empty store to take runs in."""
    return RunStore(tmp_path / "other")


def test_there_and_back(store: RunStore, other: RunStore, tmp_path: Path) -> None:
    target = export_zip(store, ID, tmp_path / "deep" / "run.zip")
    id = import_zip(other, target)
    assert id == store.load(ID).id
    assert kept.content(other.path(id)).keys() == kept.content(store.path(ID)).keys()
    for name, data in kept.content(store.path(ID)).items():
        if name != MANIFEST:
            assert kept.content(other.path(id))[name] == data
    assert import_zip(other, target) == id
    small = export_zip(store, ID, tmp_path / "small.zip", tensors=False)
    assert small.stat().st_size < target.stat().st_size
    assert import_zip(other, small) == id  # The same run, with more of it here already.
    assert "masks.safetensors" in kept.content(other.path(import_zip(RunStore(tmp_path / "third"), small)).parent / id)
    assert "statistics.safetensors" not in kept.content(tmp_path / "third" / id)


def test_another_run_of_that_name_is_kept(store: RunStore, other: RunStore, tmp_path: Path) -> None:
    target = export_zip(store, ID, tmp_path / "run.zip")
    id = store.load(ID).id
    kept.report(id).save(other.path(id))
    with pytest.raises(RunError, match="another run named"):
        import_zip(other, target)


def test_only_whole_runs_go_out(store: RunStore, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="missing or damaged"):
        export_zip(store, "nothing", tmp_path / "x.zip")
    kept.report("20260101-old").save(store.path("20260101-old"))
    (store.path("20260101-old") / "layers.parquet").write_bytes(b"PAR1")
    with pytest.raises(RunError, match="damaged"):
        export_zip(store, "20260101-old", tmp_path / "x.zip")
    assert list(tmp_path.iterdir()) == []


Files = dict[str, bytes]


def packed(tmp_path: Path, files: Files, **how: object) -> Path:
    target = tmp_path / "made.zip"
    with zipfile.ZipFile(target, "w", **how) as archive:  # type: ignore[arg-type]
        for name, data in files.items():
            archive.writestr(name, data)
    return target


def whole(tmp_path: Path, change: Callable[[Path], None] = lambda folder: None, **settings: object) -> Files:
    """The files of a good run, changed, under a manifest that agrees with them."""
    folder = kept.report(ID, **settings).save(tmp_path / "made")
    change(folder)
    (folder / MANIFEST).unlink(missing_ok=True)
    write_manifest(folder)
    return {f"{ID}/{name}": data for name, data in kept.content(folder).items()}


def refused(other: RunStore, source: Path, **how: int) -> str:
    with pytest.raises(RunError) as caught:
        import_zip(other, source, **how)
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith((".", ")."))
    assert [f.name for f in other.folder.iterdir()] == []
    return said


@pytest.mark.parametrize(
    "name",
    ["../report.json", "/etc/report.json", "a/../report.json", "..\\report.json", "a/b/report.json", "run/evil.py", "run/.hidden",
     "run/model.bin", "run/report.json/x", "../../report.json", "run/owner.json", "C:/report.json/.."],
)  # fmt: skip
def test_names_never_become_paths(other: RunStore, tmp_path: Path, name: str) -> None:
    files = whole(tmp_path)
    assert "which no run has" in refused(other, packed(tmp_path, files | {name: b"{}"}))
    assert not (tmp_path / "report.json").exists()


def test_two_folders_or_two_files_of_one_name(other: RunStore, tmp_path: Path) -> None:
    files = whole(tmp_path)
    assert "no run has" in refused(other, packed(tmp_path, files | {"elsewhere/report.json": b"{}"}))
    split = {name.replace(ID, "b") if "layers" in name else name: data for name, data in files.items()}
    assert "in one folder" in refused(other, packed(tmp_path, split))


def test_links_and_locked_files(other: RunStore, tmp_path: Path) -> None:
    files = whole(tmp_path)
    target = packed(tmp_path, files)
    link = zipfile.ZipInfo(f"{ID}/masks.safetensors")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "which no run has" in refused(other, target)
    assert "packed in a way" in refused(other, packed(tmp_path, files, compression=zipfile.ZIP_LZMA))
    data = bytearray(packed(tmp_path, files).read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    (tmp_path / "locked.zip").write_bytes(data)
    assert "encrypted" in refused(other, tmp_path / "locked.zip")


def test_bombs_are_not_unpacked(other: RunStore, tmp_path: Path) -> None:
    files = whole(tmp_path) | {f"{ID}/masks.safetensors": bytes(30_000_000)}
    target = packed(tmp_path, files, compression=zipfile.ZIP_DEFLATED)
    assert target.stat().st_size < 200_000
    assert "would unpack to" in refused(other, target, largest=10_000_000)
    # A member that claims to be small, and is not.
    data = bytearray(target.read_bytes())
    place = data.rindex(b"masks.safetensors")
    struct.pack_into("<I", data, place - len(ID) - 1 - 22, 10)
    (tmp_path / "liar.zip").write_bytes(data)
    refused(other, tmp_path / "liar.zip")


def test_headers_that_mislead(other: RunStore, tmp_path: Path) -> None:
    def masks(data: bytes) -> Callable[[Path], None]:
        return lambda folder: (folder / "masks.safetensors").write_bytes(data) and None

    def header(text: str, rest: bytes = b"") -> bytes:
        return struct.pack("<Q", len(text)) + text.encode() + rest

    bad = [
        b"", b"\0" * 7, struct.pack("<Q", 2**63), struct.pack("<Q", 10**8) + b"{}", header("[]"), header("{"), header("[" * 90_000),
        header('{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}', b"abc"),
        header('{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,4]}}', b"abcd"),
        header('{"a":{"dtype":"U8","shape":[1e3],"data_offsets":[0,1000]}}', bytes(1000)),
        header('{"a":{"dtype":"U8","shape":[-1,-4],"data_offsets":[0,4]}}', b"abcd"),
        header('{"a":{"dtype":"Q","shape":[4],"data_offsets":[0,4]}}', b"abcd"),
        header('{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}', b"abcd"),
        header('{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}'),
        header('{"a":{"dtype":"U8","shape":null,"data_offsets":[0,4]}}', b"abcd"), header('{"a":3}'), header('{"__metadata__":[1]}'),
        header('{"__metadata__":{"a":1}}'),
    ]  # fmt: skip
    for data in bad:
        files = whole(tmp_path, masks(data))
        assert "missing or damaged" in refused(other, packed(tmp_path, files)), data[:60]
        with pytest.raises(RunError):
            read_header(tmp_path / "made" / "masks.safetensors")


def fact(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        data = json.loads((folder / "report.json").read_text())
        for name, value in changes.items():
            if value is ...:
                del data[name]
            elif isinstance(value, dict) and isinstance(data[name], dict):
                data[name] |= value
            else:
                data[name] = value
        (folder / "report.json").write_text(json.dumps(data))

    return change


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": {"sparsity": float("nan")}}, {"settings": {"sparsity": 1e400}}, {"settings": {"sparsity": True}},
        {"settings": {"sparsity": None}}, {"settings": {"languages": 3}}, {"settings": {"languages": [1]}}, {"settings": ...},
        {"recipe": {"title": 5}}, {"recipe": ...}, {"model": []}, {"id": 5}, {"id": "../../x"}, {"id": ""}, {"id": "."},
        {"notes": "one"}, {"notes": [{}]}, {"tables": ["languages"]}, {"tables": {}}, {"id": "\ud800"}, {"summary": 1},
    ],
)  # fmt: skip
def test_numbers_and_fields_that_are_none(other: RunStore, tmp_path: Path, changes: dict[str, object]) -> None:
    refused(other, packed(tmp_path, whole(tmp_path, fact(**changes))))


def test_other_files(other: RunStore, tmp_path: Path) -> None:
    files = whole(tmp_path)
    good = packed(tmp_path, files).read_bytes()
    for data in (b"", b"text", good[:100], good[: len(good) // 2], good[200:], b"PK\x05\x06" + bytes(18)):
        (tmp_path / "bad.zip").write_bytes(data)
        refused(other, tmp_path / "bad.zip")
    refused(other, tmp_path / "nowhere.zip")
    refused(other, tmp_path)
    for left_out in (MANIFEST, "report.json", "layers.parquet"):
        refused(other, packed(tmp_path, {name: data for name, data in files.items() if not name.endswith(left_out)}))
    changed = bytearray(files[f"{ID}/texts.parquet"])
    changed[len(changed) // 2] ^= 1
    assert "not as it was written" in refused(other, packed(tmp_path, files | {f"{ID}/texts.parquet": bytes(changed)}))
