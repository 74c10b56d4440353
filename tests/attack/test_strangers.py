"""What strangers may do once they are in: jobs, places, runs, and what they read. Without a server."""

import csv
import io
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kept
import pandas as pd
import pytest

from components import store as stores
from components.environment import SHARED, Visitor, acting_for, opens_by_name, shared_server, without_paths
from components.jobs.compute import MOST_EACH, Local
from components.scratch import Scratch, Shelf
from components.store import RunStore
from components.widgets.harmless import harmless, harmless_plot
from mwanda_core.errors import InputError, RunError
from mwanda_core.spreadsheet import to_csv
from mwanda_core.store.report import new_id

pytestmark = pytest.mark.attack

ONE, OTHER, OWNER = Visitor(False, "203.0.113.9"), Visitor(False, "198.51.100.1"), Visitor(True, "192.0.2.1")
LOCKED, GUESSED = "20260101-000000-m-wanda-0123456789abcdef", "20260101-000000-m-wanda-1a2b"


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SHARED, "1")


@pytest.mark.usefixtures("shared")
def test_the_owner_is_no_stranger() -> None:
    assert shared_server()
    with acting_for(OWNER):
        assert not shared_server()
    with acting_for(ONE):
        assert shared_server()


@pytest.fixture
def place() -> Iterator[Local]:
    def work(request: Any, monitor: Any) -> bool:
        while not request.get("quick"):
            monitor.advance(0.0)
            time.sleep(0.01)
        return shared_server()

    found = Local(work)
    yield found
    found.close()


def job(**more: Any) -> dict[str, Any]:
    return {"kind": "export", "run": "x", **more}


@pytest.mark.usefixtures("shared")
def test_one_stranger_leaves_places_for_others(place: Local) -> None:
    with acting_for(ONE):
        mine = [place.submit(job()) for _ in range(MOST_EACH)]
        with pytest.raises(InputError, match=f"{MOST_EACH} jobs of yours"):
            place.submit(job())
    with acting_for(OTHER):
        place.submit(job())
    with acting_for(OWNER):
        assert len([place.submit(job()) for _ in range(MOST_EACH + 1)]) > MOST_EACH
    with acting_for(ONE):
        place.cancel(mine[-1])
        assert place.submit(job()), "one that is over is not counted"


@pytest.mark.usefixtures("shared")
def test_a_job_is_done_with_the_rights_of_who_asked(place: Local) -> None:
    for who, stranger in ((ONE, True), (OWNER, False)):
        with acting_for(who):
            id = place.submit(job(quick=True))
        assert place.jobs.wait(id, 5).result is stranger


@pytest.mark.usefixtures("shared")
def test_one_stranger_does_not_push_others_off_the_shelf() -> None:
    scratch = Scratch({"files": Shelf(48, 8, 2**30)})
    try:
        with acting_for(OTHER):
            theirs = scratch.place("files", "theirs")
        with acting_for(ONE):
            mine = [scratch.place("files", "mine") for _ in range(20)]
        assert theirs.is_dir()
        assert [place for place in mine if place.is_dir()] == mine[-2:]
        assert "203.0.113.9" not in str(mine[-1])
        assert all(len(place.name.rpartition("-")[2]) >= 16 for place in mine)
    finally:
        scratch.close()


def test_ids_that_are_locks_have_64_random_bits(place: Local) -> None:
    assert len({new_id("m-wanda") for _ in range(50)}) == 50
    assert re.fullmatch(r".*-[0-9a-f]{16}", new_id("m-wanda"))
    assert len(place.submit(job(quick=True))) >= 16


@pytest.mark.usefixtures("shared")
def test_a_run_that_could_be_guessed_is_closed_to_strangers(tmp_path: Path) -> None:
    runs = RunStore(tmp_path)
    for id in (LOCKED, GUESSED, "first"):
        kept.report(id).save(tmp_path / id)
    assert runs.load(LOCKED).id == LOCKED
    for id in (GUESSED, "first", "../first"):
        assert not opens_by_name(id)
        with pytest.raises(RunError, match="is not the name of a run"):
            runs.load(id)
    with acting_for(OWNER):
        assert runs.load("first").id == "first"


class Finished:
    """A run that is done."""

    def __init__(self, id: str) -> None:
        self.report = kept.report(id)

    def save(self, folder: Path) -> Path:
        self.report.save(folder)
        return folder


@pytest.mark.usefixtures("shared")
def test_runs_of_strangers_go_oldest_first_and_those_of_the_owner_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"20260101-00000{number}-x-{number:016x}" for number in range(5)]
    runs = RunStore(tmp_path).kept
    with acting_for(OWNER):
        runs.save(Finished(ids[0]))
    with acting_for(ONE):
        for id in ids[1:4]:
            runs.save(Finished(id))
            time.sleep(0.01)
        size = sum(file.stat().st_size for file in (tmp_path / ids[1]).iterdir())
        monkeypatch.setattr(stores, "QUOTA", int(2.5 * size))
        runs.save(Finished(ids[4]))
        assert {entry.id for entry in runs.entries()} == {ids[0], ids[3], ids[4]}
        old = time.time() - 31 * 86_400
        os.utime(tmp_path / stores.STRANGERS / ids[3], (old, old))
        runs.save(Finished(ids[1]))
    assert {entry.id for entry in runs.entries()} == {ids[0], ids[4], ids[1]}
    assert {mark.name for mark in (tmp_path / stores.STRANGERS).iterdir()} == {ids[4], ids[1]}


@pytest.mark.usefixtures("shared")
def test_no_path_of_the_server_is_told_to_strangers() -> None:
    told = "The table 'a.parquet' in '/srv/me/.cache/runs/x' is missing; see https://example.org/a/b, org/model and C:\\me\\runs\\y."
    assert without_paths(told) == "The table 'a.parquet' in 'x' is missing; see https://example.org/a/b, org/model and y."
    with acting_for(OWNER):
        assert without_paths(told) == told


HOSTILE = (
    "![x](http://evil.example/p.png)", "[x](http://evil.example)", "[x][1]\n\n[1]: http://evil.example", "<img src=http://evil.example>",
    "<a href='//evil.example'>x</a>", "<http://evil.example>", "http://evil.example", "www.evil.example", "[x](javascript:alert(1))",
    "[![x](a)](b)", "[x]\n\n > [x]: //evil.example", "<IMG SRC=x>", "[x](<//evil.example>)", "<svg/onload=x>",
)  # fmt: skip


def rendered(text: str) -> str:
    """HTML of Markdown by an independent reader, with links that stand bare."""
    reader = pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
    return str(reader.MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("around", ["{}", "Shown: **{}**.", "`{}`", "| a |\n|---|\n| {} |", "\\{}", "`` {} `"])
def test_markdown_of_runs_holds_no_picture_and_no_link(text: str, around: str) -> None:
    found = rendered(harmless(around.format(text)))
    assert not re.search(r"<(a|img|svg)\b", found, re.IGNORECASE), found
    assert not re.search(r"(?:https?://|www\.)evil", harmless(text)), "nor one that a reader of bare addresses makes"


def test_what_the_page_says_itself_stays_as_it_is() -> None:
    from components.i18n import words

    said = words.RUN_BANNER.format(title="M-Wanda 50 %, a < b, $x^2$", link="?run=20260101-000000-x-1a2b")
    assert harmless(said) == said
    own = "[Gemma Terms of Use](https://ai.google.dev/gemma/terms)"
    assert harmless(own) == own
    assert harmless_plot('{"t":"\\u003ca href=x>k","u":"a\\u003cbr>b"}') == '{"t":"&lt;a href=x>k","u":"a\\u003cbr>b"}'


def test_no_cell_is_a_formula() -> None:
    table = pd.DataFrame(
        {
            "text": ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "a=1", ""],
            "number": [-1.5] * 8,
            "=name": [None, -2, "=x", 3, 4, 5, 6, 7],
        }
    )
    head, *rows = csv.reader(io.StringIO(to_csv(table), newline=""))
    assert head == ["text", "number", "'=name"]
    assert [row[0] for row in rows] == ["'=1+1", "'+1", "'-1", "'@x", "'\t=1", "'\n=1", "a=1", ""]
    assert {row[1] for row in rows} == {"-1.5"}, "numbers are none"
    assert [row[2] for row in rows][:3] == ["", "-2", "'=x"]
