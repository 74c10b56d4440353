"""Explore: groups of sections, the table of runs, copies for papers, uploaded texts, and the form that outlives a reload."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from pages import drawn_page, with_
from synthetic import report

from components import run_names
from components.app import address
from components.app.page import Page
from components.app.sections import GROUPS, SECTIONS
from components.form import memory, uploads
from components.form.form import check, new_form
from components.i18n import words
from components.report import paper
from components.sections.compare import listing
from components.sections.compare.section import Compare
from components.store import EXAMPLE, EXAMPLES, RunStore
from mwanda_core.errors import InputError


@pytest.fixture(scope="module")
def drawn() -> Iterator[Page]:
    page = drawn_page()
    yield page
    page.close()


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    found = RunStore(tmp_path)
    for id in ("20260101-120000-a", "20260102-130500-b"):
        report(2, id=id).save(found.path(id))
    return found


def test_at_most_seven_groups_lead_to_every_section() -> None:
    assert len(GROUPS) <= 7
    for section in SECTIONS:
        assert f'"{section.id}": ["group-' in address.script()
    assert len({section.id for section in SECTIONS}) == len(SECTIONS)


def test_the_table_lists_runs_with_what_is_said_of_them(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    run_names.save(store.folder, "20260101-120000-a", "first try", "note")
    run_names.save(store.folder, "20260101-120000-a", "baseline, sw", "tags")
    run_names.save(store.folder, "20260101-120000-a", "the first")
    table = json.loads(listing.value(store, ["20260101-120000-a"], EXAMPLE))
    rows = {row["id"]: row for row in table["rows"]}
    assert list(rows) == [*EXAMPLES, "20260102-130500-b", "20260101-120000-a"]
    told = rows["20260101-120000-a"]["cells"]
    assert (told["name"], told["tags"], told["note"]) == ("the first", "baseline, sw", "first try")
    assert told["made"] == "2026-01-01T12:00:00+00:00"
    assert set(told) == set(words.RUNS_COLUMNS)
    assert table["editable"]
    assert run_names.read(store.folder) == {"20260101-120000-a": "the first"}
    run_names.forget(store.folder, "20260101-120000-a")
    assert run_names.everything(store.folder) == {}
    monkeypatch.setenv("SPACE_ID", "someone/space")
    shared = json.loads(listing.value(store, []))
    assert [row["id"] for row in shared["rows"]] == [*EXAMPLES]
    assert not shared["editable"]


def test_a_file_of_names_alone_is_still_read(tmp_path: Path) -> None:
    (tmp_path / "names.json").write_text("{}", encoding="utf-8")
    run_names.save(tmp_path, "a", "old")
    file = next(file for file in tmp_path.iterdir() if "old" in file.read_text(encoding="utf-8"))
    file.write_text('{"a": "old"}', encoding="utf-8")
    assert run_names.read(tmp_path) == {"a": "old"}


def test_ticking_chooses_and_strangers_write_nothing(drawn: Page, store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    page = with_(drawn, store=store)
    compare = page.section(Compare)
    ticked = compare.tick(["20260102-130500-b", *(f"x{i}" for i in range(9))])
    assert len(ticked[compare.widgets.chosen]["value"]) == 6
    compare.write([], "", "20260102-130500-b", "tags", "mine")
    assert run_names.everything(store.folder) == {"20260102-130500-b": {"tags": "mine"}}
    warned: list[str] = []
    monkeypatch.setattr("gradio.Warning", warned.append)
    compare.write([], "", "../../etc", "tags", "theirs")
    compare.write([], "", "20260102-130500-b", "title", "theirs")
    monkeypatch.setenv("SPACE_ID", "someone/space")
    compare.write([], "", "20260102-130500-b", "tags", "theirs")
    assert len(warned) == 3
    assert run_names.everything(store.folder) == {"20260102-130500-b": {"tags": "mine"}}


def test_tables_are_copied_as_a_paper_has_them() -> None:
    table = pd.DataFrame({"a|b": ["x & y", "50%"], "n": [1.23456, float("nan")]})
    assert paper.written(table, "markdown") == "| a\\|b | n |\n|---|---:|\n| x & y | 1.235 |\n| 50% |  |"
    latex = paper.written(table, "latex").splitlines()
    assert latex[0] == r"\begin{tabular}{lr}"
    assert latex[4:6] == [r"x \& y & 1.235 \\", r"50\% &  \\"]


def test_texts_are_uploaded_as_files_archives_and_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sw.txt").write_text("Habari.\n\nNzuri.", encoding="utf-8")
    (tmp_path / "t.csv").write_text("Language,Text\nde,Eins\nde,Zwei\n", encoding="utf-8")
    (tmp_path / "t.jsonl").write_text('{"lang": "hi", "text": "\\u0928"}\n', encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("deep/../../yo.txt", "Bawo")
        archive.writestr("notes.md", "no text")
    names = ("sw.txt", "t.csv", "t.jsonl", "t.zip")
    folder, codes = uploads.take([tmp_path / name for name in names], tmp_path / "home")
    assert sorted(codes) == ["de", "hi", "sw", "yo"]
    assert (folder / "de.txt").read_text(encoding="utf-8") == "Eins\n\nZwei"
    assert {file.name for file in folder.iterdir()} == {"de.txt", "hi.txt", "sw.txt", "yo.txt"}
    # Strangers may use what they uploaded, and no other folder.
    monkeypatch.setenv("SPACE_ID", "someone/space")
    check({**new_form(), "texts": str(folder)})
    with pytest.raises(InputError, match="shared server"):
        check({**new_form(), "texts": str(tmp_path)})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("letter.txt", b"x", "names no language"), ("sw.txt", b"\xff\xfe\xfa", "not UTF-8"), ("a.zip", b"no archive", "damaged"),
        ("a.csv", b"x,y\n1,2\n", "lacks a column"), ("a.jsonl", b"{", "damaged"), ("a.pdf", b"x", "no kind of file"),
    ],
)  # fmt: skip
def test_an_upload_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said):
        uploads.take([tmp_path / name], tmp_path / "home")
    with pytest.raises(InputError, match="Nothing to read"):
        uploads.take([], tmp_path / "home")


def test_a_form_is_kept_by_the_browser_and_looked_at_when_it_comes_back() -> None:
    form = new_form(languages=("sw",), sparsity=0.7)
    assert memory.form_of(memory.told(form)) == form
    for text in ("", "{", "[]", "{}", json.dumps({**form, "languages": 3}), json.dumps({**form, "more": 1}), "[" * 3000):
        assert memory.form_of(text) is None
