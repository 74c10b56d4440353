"""The page under attack: events that fail in ways nobody foresaw, files that nobody fetches, pages that were killed."""

import asyncio
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import gradio as gr
import kept
import pytest

from components import scratch as scratches
from components.app.guard import guard, refuse_misfit
from components.app.sessions import MOST_LEFT, MOST_SESSIONS, Sessions
from components.jobs import table
from components.jobs.kind import Kind, Result
from components.report.tables import run_files
from components.scratch import Scratch, Shelf
from components.store import RunStore
from mwanda_core.errors import InputError, RunError
from mwanda_core.holding import OWNER
from mwanda_core.progress import Monitor

pytestmark = pytest.mark.attack


class PanicException(BaseException):
    """As pyo3's: no Exception."""


@pytest.mark.parametrize(
    ("given", "raised", "said"),
    [
        ("x", PanicException("index out of bounds"), "code"),
        ("x", KeyError("/home/someone/secret"), "code"),
        ("x", SystemExit(3), "code"),
        ("x", InputError("A sentence of ours."), "A sentence of ours."),
        ("half \ud800", None, "surrogate"),
        (10**40, None, "bits"),
    ],
)
def test_an_event_answers_with_a_sentence(given: Any, raised: BaseException | None, said: str) -> None:
    def event(value: Any) -> Any:
        if raised is not None:
            raise raised
        return value

    async def ask() -> Any:
        with gr.Blocks() as demo:
            box = gr.JSON()
            gr.Button().click(event, box, box)
        guard(demo)
        return await demo.process_api(next(iter(demo.fns)), [given])

    with pytest.raises(gr.Error) as refused:
        asyncio.run(ask())
    assert said in str(refused.value.message)
    assert "secret" not in str(refused.value.message)
    assert refused.value.print_exception is False


def test_tables_of_runs_that_were_looked_at_long_ago_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratches, "get_upload_folder", lambda: str(tmp_path))
    scratch = Scratch({"sets": Shelf(3, 3, 2**30)})
    counts = []
    for number in range(8):
        files = run_files(scratch, kept.report(f"run-{number}"))
        counts.append(sum(file.is_file() for file in tmp_path.rglob("*")))
        assert all(Path(file).is_file() for file in files.values())
    assert counts[3:] == counts[2:3] * 5
    scratch.close()
    assert list(tmp_path.iterdir()) == []


def test_files_of_a_page_that_was_killed_go_when_the_next_one_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scratches, "get_upload_folder", lambda: str(tmp_path))
    first = Scratch()
    second = Scratch()
    assert first.folder.is_dir()  # Its page lives.
    first._hold.release()  # As the system does when a process is killed.
    third = Scratch()
    assert not first.folder.exists()
    assert (second.folder / OWNER).is_file()
    second.close()
    third.close()


def test_a_job_after_one_that_was_left_behind_has_a_workbench_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    benches = []
    kind = Kind("note", lambda request: "note", lambda request, monitor, place: benches.append(place.bench) or Result())  # type: ignore[func-returns-value]
    monkeypatch.setitem(table.KINDS, "note", kind)
    work = table.work_in(RunStore(Path("nowhere")), None)  # type: ignore[arg-type]
    for _ in range(2):
        work({"kind": "note"}, Monitor())
    thread = threading.Thread(target=work, args=({"kind": "note"}, Monitor()))
    thread.start()
    thread.join()
    assert benches[0] is benches[1]
    assert benches[2] is not benches[0]


TERMINATED = """
import sys, time
from pathlib import Path
from mwanda_core.holding import ends_at_a_signal, scratch_folder
ends_at_a_signal()
with scratch_folder(Path(sys.argv[1]), "run") as scratch:
    (scratch / "half").write_text("")
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM is POSIX's")
def test_sigterm_leaves_nothing(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", TERMINATED, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "request_",
    [{"kind": "export"}, {"kind": "weights", "block": 0, "module": "a.q"}, {"kind": "masks"}],
    ids=str,
)
def test_a_run_that_was_deleted_while_it_is_shown_is_one_sentence(
    request_: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratches, "get_upload_folder", lambda: str(tmp_path / "scratch"))
    store, name = RunStore(tmp_path / "runs"), "20260101-000000-gone-1a2b"
    kept.report(name).save(store.path(name))
    assert store.load(name).id == name
    shutil.rmtree(store.path(name))
    scratch = Scratch()
    with pytest.raises(InputError) as refused:
        table.work_in(store, scratch)({"run": name, "runs": [name, name], **request_}, Monitor())
    assert len(str(refused.value).splitlines()) == 1
    assert [file for file in scratch.folder.rglob("*") if file.is_file() and file.name != OWNER] == []
    scratch.close()
    store.path(name).parent.mkdir(exist_ok=True)
    with pytest.raises(RunError, match=name):
        RunStore(tmp_path / "runs").load(name)


async def _drawn() -> tuple[gr.Blocks, gr.State, gr.Textbox]:
    with gr.Blocks() as demo:
        found = demo, gr.State("first"), gr.Textbox("text")
    demo.queue()
    return found


async def _visits(held: Sessions, names: Iterable[str], inside: Callable[[str], None]) -> None:
    """Pages that hold their request open for as long as `inside` lasts."""

    async def answered(scope: Any, receive: Any, send: Any) -> None:
        inside(scope["path"].rpartition("/")[2])

    for name in names:
        await held.watching(answered)({"type": "http", "path": f"/gradio_api/heartbeat/{name}"}, None, None)


def test_a_session_keeps_state_and_what_differs_from_everybodys() -> None:
    demo, state, box = asyncio.run(_drawn())
    held = Sessions(demo)
    mine, other = held["mine"], held["other"]
    mine[state._id] = "second"
    mine._update_value_in_config(box._id, "x" * 1000)
    mine[box._id] = gr.Textbox("mine", render=False)
    assert (held["mine"][state._id], other[state._id]) == ("second", "first")
    assert (mine[box._id].value, other[box._id].value, demo.blocks[box._id].value) == ("mine", "text", "text")
    assert len(mine.config_values) == 0
    assert mine.blocks_config.fns is demo.fns
    assert list(mine.blocks_config.blocks.maps[0]) == [box._id]
    assert list(mine.blocks_config.blocks) == list(demo.blocks)


def test_pages_that_were_left_make_room_and_open_ones_stay() -> None:
    demo, state, _ = asyncio.run(_drawn())
    held = Sessions(demo)
    queue = demo._queue

    def many(name: str) -> None:
        held[name][state._id] = "kept"
        for kind in ("left", "caller"):
            for number in range(3 * MOST_LEFT):
                queue.pending_messages_per_session[f"{kind}-{number}"] = asyncio.Queue()
                held[f"{kind}-{number}"].had_page = kind == "left"
                held._forget()
        assert len(held.session_data) == 2 * MOST_LEFT + 1
        assert held[name][state._id] == "kept"
        assert f"left-{3 * MOST_LEFT - 1}" in held
        assert set(queue.pending_messages_per_session) == set(held.session_data) - {name}

    asyncio.run(_visits(held, ["mine"], many))
    assert "mine" in held, "what was left last is kept"
    asyncio.run(_visits(held, [f"{number}" for number in range(MOST_LEFT)], lambda name: None))
    assert "mine" not in held
    assert held.session_data.keys() == held.time_last_used.keys()


def test_no_more_sessions_than_the_capacity() -> None:
    demo, _, _ = asyncio.run(_drawn())
    held = Sessions(demo)
    for number in range(MOST_SESSIONS + 9):
        held._open[f"{number}"] = 1
        held[f"{number}"]
    assert len(held.session_data) == MOST_SESSIONS
    assert "8" not in held


def test_a_widget_is_sent_what_it_can_hold() -> None:
    async def draw() -> list[Any]:
        with gr.Blocks():
            return [
                gr.Dropdown(["a"], multiselect=True, label="Several"),
                gr.Textbox(label="Text"),
                gr.Slider(label="Share"),
                gr.JSON(label="Data"),
            ]

    several, text, share, data = asyncio.run(draw())
    for block, fit in ((several, ["a"] * 204), (text, "x" * 100_000), (share, 0.5), (share, None), (data, {"a": [1, "b"]})):
        refuse_misfit(block, fit)
    for block, unfit in (
        (several, "aaa"), (several, ["a"] * 2000), (several, [["a"]]), (several, ["x" * 5000]), (text, ["a"]), (text, "x" * 10**6), (share, {}),
        (data, [0] * 10**6),
    ):  # fmt: skip
        with pytest.raises(InputError, match=r"Several|Text|Share|Data"):
            refuse_misfit(block, unfit)
