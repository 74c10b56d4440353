"""What stands in the place of a file and is none: pipes, sockets, devices, links that lead to themselves. Every reader says so at once."""

import json
import os
import shutil
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kept
import pytest
from test_attack_stuck import LONG, within

from components import run_names
from components.form.uploads import take
from mwanda_core.errors import InputError
from mwanda_core.models.inspect import check_folder
from mwanda_core.run.estimate import sizes_of_folder
from mwanda_core.shrink.folders import model_folder
from mwanda_core.shrink.renumber import named_ids
from mwanda_core.shrink.tokens import token_table
from mwanda_core.store.archive import import_zip
from mwanda_core.store.format import STARTED
from mwanda_core.store.report import load_report
from mwanda_core.store.run_store import RunStore
from mwanda_core.studies.abilities import bfcl
from mwanda_core.studies.metric_search.journal import read_lines

pytestmark = [pytest.mark.attack, pytest.mark.skipif(sys.platform == "win32", reason="special files of POSIX")]


def pipe(path: Path) -> None:
    os.mkfifo(path)


def door(path: Path) -> None:
    here = os.getcwd()
    os.chdir(path.parent)  # A socket's whole path may have no more than 108 characters.
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(here)


def device(path: Path) -> None:
    path.symlink_to("/dev/null")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


SPECIAL = (pipe, door, device, loop)


def put(special: Callable[[Path], None], path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    special(path)
    return path


def refused(work: Callable[[], Any]) -> str:
    """The one sentence with which something is refused."""
    error = within(LONG, work)
    assert isinstance(error, InputError), repr(error)
    assert len(str(error).splitlines()) == 1
    return str(error)


@pytest.mark.parametrize("special", SPECIAL)
@pytest.mark.parametrize("name", ["report.json", "languages.parquet", "manifest.json"])
def test_a_run_with_something_else_in_it(name: str, special: Callable[[Path], None], tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    for id in ("fine", "odd"):
        kept.report(id).save(tmp_path / id)
    put(special, tmp_path / "odd" / name)
    refused(lambda: load_report(tmp_path / "odd"))
    assert within(LONG, lambda: [entry.id for entry in store.entries()].index("fine")) is None
    assert within(LONG, store.tidy) is None
    assert load_report(tmp_path / "fine").id == "fine"


@pytest.mark.parametrize("special", SPECIAL)
@pytest.mark.parametrize(
    "name", ["index.sqlite", "names.json", f"{STARTED}/20260101-000000-x.json", "odd", ".model-abcdefgh/owner.json"]
)
def test_a_store_with_something_else_in_it(name: str, special: Callable[[Path], None], tmp_path: Path) -> None:
    kept.report("fine").save(tmp_path / "fine")
    put(special, tmp_path / name)
    store, found = RunStore(tmp_path), []

    def look() -> None:
        found.append((store.tidy(), [entry.id for entry in store.entries()], store.unfinished(), run_names.read(tmp_path)))

    assert within(LONG, look) is None
    assert found[0][1:] == (["fine"], [], {})


@pytest.mark.parametrize("special", SPECIAL)
@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("run.zip", lambda file: import_zip(RunStore(file.parent / "store"), file)),
        ("sw.txt", lambda file: take([file], file.parent)),
        ("texts.csv", lambda file: take([file], file.parent)),
        ("trials.jsonl", lambda file: read_lines(file, "point")),
        ("BFCL_v3_simple.json", lambda file: list(bfcl._lines(file))),
    ],
)
def test_a_file_that_is_something_else(
    name: str, read: Callable[[Path], Any], special: Callable[[Path], None], tmp_path: Path
) -> None:
    assert name in refused(lambda: read(put(special, tmp_path / name)))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import tiny

    folder = tmp_path_factory.mktemp("model")
    tiny.hf_model("llama").save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    return folder


@pytest.mark.parametrize("special", SPECIAL)
@pytest.mark.parametrize(
    "name",
    [
        "config.json",
        "generation_config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "chat_template.jinja",
        "model.safetensors",
    ],
)
def test_a_model_with_something_else_in_it(name: str, special: Callable[[Path], None], model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model, folder)
    put(special, folder / name)
    assert name in refused(lambda: check_folder(folder))
    assert within(LONG, lambda: sizes_of_folder(folder, 2)) is None

    def smaller() -> None:
        found = model_folder(folder)
        named_ids(found, token_table(found))
        assert found.tensors

    error = within(LONG, smaller)
    assert error is None or (isinstance(error, InputError) and len(str(error).splitlines()) == 1), repr(error)


def _database(path: Path, script: str) -> None:
    import contextlib
    import sqlite3

    with contextlib.closing(sqlite3.connect(path)) as table:
        table.executescript(script)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(b"not a database" * 500),
        lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
        lambda file: file.write_bytes(file.read_bytes()[:100] + os.urandom(file.stat().st_size - 100)),
        lambda file: _database(file, "DROP TABLE runs; CREATE TABLE runs (id)"),
        lambda file: _database(file, "UPDATE runs SET entry = '{}'"),
        lambda file: _database(file, "UPDATE runs SET entry = '[]'"),
        lambda file: _database(file, "UPDATE runs SET entry = x'00ff'"),
        lambda file: _database(file, "UPDATE runs SET id = id || '-else'"),
        lambda file: _database(file, "PRAGMA user_version = 99"),
        lambda file: _database(file, "DELETE FROM runs"),
        lambda file: (file.unlink(), file.mkdir()),
        lambda file: (file.unlink(), file.symlink_to("elsewhere")),
        lambda file: file.with_name("index.sqlite-journal").write_bytes(os.urandom(4000)),
        lambda file: file.with_name("index.sqlite-wal").write_bytes(os.urandom(4000)),
    ],
)
def test_an_index_that_is_damaged_is_made_anew(damage: Callable[[Path], Any], tmp_path: Path) -> None:
    for id in ("one", "two"):
        kept.report(id).save(tmp_path / id)
    assert len(RunStore(tmp_path).entries()) == 2
    damage(tmp_path / "index.sqlite")
    for _ in range(2):
        again = RunStore(tmp_path)
        assert {entry.id for entry in again.entries()} == {"one", "two"}
        assert again.damaged() == {}
        assert [entry.id for entry in again.find("two")] in (["two"], ["one", "two"], ["two", "one"])
        assert json.loads((tmp_path / "one" / "report.json").read_text())["id"] == "one"
