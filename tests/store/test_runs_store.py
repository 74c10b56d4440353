"""Runs in a folder: saved, found, deleted; an index that is only an index; and what a kill leaves behind."""

import dataclasses
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import kept
import pytest

from mwanda_core.errors import Cancelled, InputError, RunError
from mwanda_core.holding import OWNER, hold, owner
from mwanda_core.run.settings import Settings
from mwanda_core.store.format import INDEX_FILE, MANIFEST, STARTED
from mwanda_core.store.keys import run_key, wanted_key
from mwanda_core.store.leftovers import discard
from mwanda_core.store.report import RunReport, load_report, new_id
from mwanda_core.store.run_store import RunStore, default_folder

IDS = ("20260101-000000-a", "20260102-000000-b", "20260103-000000-c")


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """Three runs: two methods, two sparsities, one in other languages."""
    found = RunStore(tmp_path / "runs")
    changes: list[dict[str, object]] = [{}, {"method": "m-wanda", "sparsity": 0.6}, {"languages": ("hi",), "model": "a_b%c"}]
    for id, change in zip(IDS, changes, strict=True):
        kept.report(id, **change).save(found.path(id))
    return found


def ids(store: RunStore, **conditions: object) -> list[str]:
    return [entry.id for entry in store.find(**conditions)]  # type: ignore[arg-type]


def test_a_list_by_hand(store: RunStore) -> None:
    first, second, third = reversed(store.entries())
    assert (first.id, second.id, third.id) == IDS
    assert (second.title, second.method, second.sparsity, second.made) == (
        "M-Wanda, 60%, tiny",
        "M-Wanda",
        0.6,
        "2026-01-02 00:00:00",
    )
    assert (first.languages, first.mean_increase, first.worst_language, first.worst_increase) == (("en", "sw"), 0.3, "sw", 0.4)
    assert first.bytes == sum(map(len, kept.content(store.path(first.id)).values()))
    assert first.key == run_key(store.load(first.id).facts)


@pytest.mark.parametrize(
    ("conditions", "wanted"),
    [
        ({"text": "wanda"}, IDS[::-1]), ({"text": "M-WANDA 60%"}, IDS[1:2]), ({"text": "hindi"}, IDS[2:]), ({"text": "%"}, IDS[::-1]),
        ({"text": "a_b%"}, IDS[2:]), ({"text": "'; DROP TABLE runs; --"}, ()), ({"method": "Wanda"}, (IDS[2], IDS[0])),
        ({"model": "tiny"}, (IDS[1], IDS[0])), ({"language": "sw"}, (IDS[1], IDS[0])), ({"language": "s"}, ()), ({"language": "_w"}, ()),
        ({"sparsity": (0.55, 1.0)}, IDS[1:2]), ({"order": "sparsity", "descending": False}, (IDS[0], IDS[2], IDS[1])),
        ({"method": "Wanda", "language": "hi"}, IDS[2:]), ({"key": "none"}, ()),
    ],
)  # fmt: skip
def test_finding(store: RunStore, conditions: dict[str, object], wanted: tuple[str, ...]) -> None:
    assert tuple(ids(store, **conditions)) == wanted


def test_an_order_that_does_not_exist(store: RunStore) -> None:
    with pytest.raises(InputError, match="ordered by one of made, id"):
        store.find(order="made; DROP TABLE runs")


def test_the_index_is_never_the_only_copy(store: RunStore) -> None:
    before = store.entries()
    file = store.folder / INDEX_FILE
    assert file.is_file()
    whole = file.read_bytes()
    damages = [b"", b"no database at all" * 100, whole[: len(whole) // 2], whole[:100] + b"\xff" * (len(whole) - 100)]
    for damage in damages:
        file.write_bytes(damage)
        assert store.entries() == before
    with sqlite3.connect(file) as table:
        table.execute("UPDATE runs SET entry = 'nonsense'")
    table.close()
    assert store.entries() == before
    with sqlite3.connect(file) as table:
        table.execute("PRAGMA user_version = 99")
    table.close()
    assert store.entries() == before
    file.unlink()
    file.mkdir()
    assert store.entries() == before


def test_the_index_follows_the_folders(store: RunStore) -> None:
    assert len(store.entries()) == 3
    kept.report(IDS[0], sparsity=0.9).save(store.path(IDS[0]))
    assert store.find(sparsity=(0.9, 0.9))[0].id == IDS[0]
    (store.path(IDS[1]) / "report.json").write_text("{")
    assert ids(store) == [IDS[2], IDS[0]]
    assert list(store.damaged()) == [IDS[1]]
    assert "missing or damaged" in store.damaged()[IDS[1]]
    store.delete(IDS[1])
    assert store.damaged() == {}
    assert RunStore(store.folder / "nowhere").entries() == []
    assert not (store.folder / "nowhere").exists()


def test_an_answer_costs_no_more_than_its_size(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no run came or went, the folders are not gone through; a run in the answer is still held against its file."""
    looked: list[str] = []
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda place: (looked.append(str(place)), real(place))[1])

    def long_ago(day: int) -> None:
        os.utime(store.folder, (day * 86_400, day * 86_400))

    keys = [entry.key for entry in store.entries()]
    long_ago(100)
    store.entries()  # Sees that the folder's time is another.
    looked.clear()
    assert [entry.id for entry in store.entries(2)] == [IDS[2], IDS[1]]
    assert store.newest([keys[1], "none", keys[2]]) == {keys[1]: IDS[1], keys[2]: IDS[0]}
    assert ids(store, text="hindi") == [IDS[2]]
    assert looked == []
    (store.path(IDS[2]) / "report.json").write_text("{")
    assert [entry.id for entry in store.entries(2)] == [IDS[1], IDS[0]]
    assert looked == [str(store.folder)]
    long_ago(101)
    store.entries()
    kept.report("20260104-000000-d").save(store.path("20260104-000000-d"))
    long_ago(102)
    assert store.newest(keys)[keys[2]] == "20260104-000000-d"
    looked.clear()
    assert list(store.damaged()) == [IDS[2]]
    assert looked == [str(store.folder)]
    # What changed a moment ago is looked at again: the next change may carry the same time.
    os.utime(store.folder)
    store.entries()
    looked.clear()
    store.entries()
    assert looked == [str(store.folder)]


def test_only_runs_are_deleted(store: RunStore, tmp_path: Path) -> None:
    (store.folder / "thesis").mkdir()
    (store.folder / "thesis" / "text").write_text("years of work")
    (store.folder / "link").symlink_to(store.path(IDS[0]))
    for id in ("thesis", "link", "nothing", "../runs", "", ".started", "a/b", INDEX_FILE):
        with pytest.raises(RunError, match=r"nothing was deleted|not the name of a run"):
            store.delete(id)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("stays")
    (store.path(IDS[0]) / "models").symlink_to(outside)
    store.delete(IDS[0])
    assert not store.path(IDS[0]).exists()
    assert (outside / "file").read_text() == "stays"
    assert sorted(f.name for f in store.folder.iterdir() if f.is_dir()) == sorted([*IDS[1:], "thesis"] + ["link"] * 0)


def test_equal_settings_have_one_key() -> None:
    one = Settings(method="wanda", sparsity=0.5, languages=("en", "de"), held_out=("fr",))
    key = wanted_key(one)
    same = [
        dataclasses.replace(one, method=kept.report(method="wanda").facts["recipe"]),
        dataclasses.replace(one, method={"name": "my own", "title": "Mine"}),
        dataclasses.replace(one, languages=("English", "de"), held_out=("fr", "en")),
    ]
    assert [wanted_key(other) for other in same] == [key] * 3
    other = [{"sparsity": 0.51}, {"seed": 1}, {"method": "m-wanda"}, {"languages": ("de", "en")}, {"choices": False}]
    assert len({key, *(wanted_key(dataclasses.replace(one, **change)) for change in other)}) == 6  # type: ignore[arg-type]
    assert run_key(json.loads(json.dumps(kept.report(sparsity=1).facts))) == wanted_key(
        Settings(model="tiny", languages=("en", "sw"), method="wanda", sparsity=1.0)
    )


def test_where_runs_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MWANDA_RUNS", raising=False)
    assert default_folder(tmp_path) == tmp_path / "runs"
    monkeypatch.setenv("MWANDA_RUNS", str(tmp_path / "elsewhere"))
    assert default_folder(tmp_path) == tmp_path / "elsewhere"


def test_the_store_needs_no_torch() -> None:
    lines = "import sys, mwanda_core.store.run_store, mwanda_core.store.index; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# --- What was started and not finished ---------------------------------------------------------------------------------


def test_a_run_at_work_is_not_unfinished(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    with store.started(Settings(), "title"):
        assert store.unfinished() == []
        assert len(list((store.folder / STARTED).iterdir())) == 1
    assert list((store.folder / STARTED).iterdir()) == []


@pytest.mark.parametrize("error", [Cancelled("stop"), InputError("no"), KeyboardInterrupt()])
def test_what_the_user_ended_is_not_unfinished(tmp_path: Path, error: BaseException) -> None:
    store = RunStore(tmp_path / "runs")
    with pytest.raises(type(error)), store.started(Settings()):
        raise error
    assert store.unfinished() == []


def test_a_crash_is_listed_with_its_settings(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    wanted = Settings(sparsity=0.7, method={"activation": "pooled"}, languages=("en", "sw"))
    with pytest.raises(MemoryError), store.started(wanted, "Wanda 70%"):
        raise MemoryError
    (entry,) = store.unfinished()
    assert (entry.title, entry.error, entry.running) == ("Wanda 70%", "MemoryError", False)
    assert entry.again() == wanted
    with pytest.raises(RunError, match="no unfinished run named"):
        store.forget("../../etc/passwd")
    store.forget(entry.id)
    assert store.unfinished() == []


def test_an_entry_whose_process_is_gone(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    wanted = Settings(model="tiny", languages=("en", "sw"), method="wanda")
    with pytest.raises(MemoryError), store.started(wanted):
        raise MemoryError
    file = next((store.folder / STARTED).iterdir())
    data = json.loads(file.read_text()) | {"error": ""}
    here = owner(locked=False)
    for gone in (owner(locked=True), {**here, "born": "1"}, {**here, "pid": 2**22 + 1}, {**here, "pid": "x"}, {}):
        file.write_text(json.dumps({**data, "owner": gone}))
        assert [entry.again() for entry in store.unfinished()] == [wanted]
    file.write_text(json.dumps({**data, "owner": {**here, "host": "elsewhere"}}))
    assert store.unfinished() == []  # On another machine that shares the folder: it may live.
    for damage in ("", "{", "[]", "{}", '{"settings": 1}', "[" * 100_000):
        file.write_text(damage)
        assert store.unfinished() == []
    file.write_text(json.dumps({**data, "owner": {}}))
    late = new_id("wanda")
    kept.report(late).save(store.path(late))
    assert store.unfinished() == []  # Killed between saving the run and dropping the entry.
    assert not file.exists()


# --- Killed while saving -----------------------------------------------------------------------------------------------


def test_a_kill_between_the_two_renames_loses_nothing(tmp_path: Path) -> None:
    folder = kept.report(seed=1).save(tmp_path / "one")
    other = kept.report(seed=2).save(tmp_path / "two")
    scratch = tmp_path / ".one-abcd"
    scratch.mkdir()
    (scratch / OWNER).write_text(json.dumps({"owner": owner(locked=True)}))  # And nobody has locked it.
    folder.rename(scratch / "before")
    other.rename(scratch / "run")
    assert load_report(folder).facts["settings"]["seed"] == 2
    assert [f.name for f in tmp_path.iterdir()] == ["one"]


def test_leftovers_of_the_living_are_left_alone(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    for name in ("alive", "dead"):
        (tmp_path / f".{name}-x" / "run").mkdir(parents=True)
    mine = hold(tmp_path / ".alive-x" / OWNER, {})
    (tmp_path / ".dead-x" / OWNER).write_text((tmp_path / ".alive-x" / OWNER).read_text())
    (tmp_path / ".deleted-1").mkdir()
    (tmp_path / ".mine").mkdir()
    assert store.tidy() == 2
    assert sorted(f.name for f in tmp_path.iterdir()) == [".alive-x", ".mine"]
    assert RunStore(tmp_path / "nowhere").tidy() == 0
    mine.release()
    assert store.tidy() == 1


def test_the_owners_name_is_the_last_to_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in between, a scratch folder without its owner's name would never be known as a leftover again."""
    scratch = tmp_path / ".one-01234567"
    for name in ("run", "before"):
        (scratch / name).mkdir(parents=True)
        (scratch / name / "report.json").write_text("{}")
    (scratch / "half").write_text("")
    (scratch / OWNER).write_text(json.dumps({"owner": owner(locked=True)}))
    seen, real = [], shutil.rmtree
    monkeypatch.setattr(
        shutil, "rmtree", lambda path, **how: (seen.append(sorted(f.name for f in scratch.iterdir())), real(path, **how))
    )
    discard(scratch)
    assert seen[-1] == [OWNER]
    assert all(OWNER in names for names in seen)
    assert not scratch.exists()
    monkeypatch.undo()
    discard(scratch)  # Another process was quicker: nothing happens.


KILLER = """
import os, random, signal, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import kept
from mwanda_core.store.report import load_report, new_id
from mwanda_core.store.run_store import RunStore
from mwanda_core.run.settings import Settings
store, draw = RunStore(Path(sys.argv[1])), random.Random(int(sys.argv[3]))
same, all_saved, killed_while_saving = store.path("same"), [], 0
kept.report("same", sparsity=0.9).save(same)
for round in range(int(sys.argv[4])):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        for number in range(10**6):
            wanted = Settings(model="tiny", languages=("en", "sw"), method="wanda", seed=1000 * round + number)
            with store.started(wanted, f"{round} {number}"):
                os.write(writer, f"started {wanted.seed}\\n".encode())
                id = new_id("wanda")
                kept.report(id, seed=wanted.seed).save(store.path(id))
                os.write(writer, f"saved {id} {wanted.seed}\\n".encode())
            kept.report("same", seed=wanted.seed, sparsity=0.9).save(same)
    os.read(reader, 1)
    time.sleep(draw.uniform(0.0, 0.25))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(writer)
    lines = [line.split() for line in ("s" + os.fdopen(reader).read()).splitlines()]
    begun = [int(line[1]) for line in lines if line[0] == "started"]
    saved = {int(line[2]): line[1] for line in lines if line[0] == "saved"}
    all_saved += saved.values()
    for id in all_saved:
        assert store.load(id).id == id
    assert load_report(same).id == "same"
    listed = {entry.id for entry in store.entries()}
    assert {*all_saved, "same"} <= listed, (all_saved, listed)
    assert store.damaged() == {}
    seeds = {entry.settings["seed"] for entry in store.unfinished()}
    wanted = {seed for seed in begun if seed not in saved}
    finished = {store.load(entry.id).facts["settings"]["seed"] for entry in store.entries() if entry.id != "same"}
    assert seeds == wanted - finished, (seeds, wanted, finished)
    for entry in store.unfinished():
        assert entry.again().seed == entry.settings["seed"]
        store.forget(entry.id)
    killed_while_saving += store.tidy()
    assert [f.name for f in store.folder.iterdir() if f.name.startswith(".") and f.name != ".started"] == []
print(len(all_saved), killed_while_saving)
"""


def test_a_kill_at_any_moment_leaves_every_finished_run(tmp_path: Path) -> None:
    here = str(Path(__file__).parents[1] / "helpers")
    done = subprocess.run(
        [sys.executable, "-c", KILLER, str(tmp_path / "runs"), here, "1", "6"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    saved, killed = map(int, done.stdout.split())
    assert saved > 0
    assert killed > 0


def test_a_manifest_names_every_file(tmp_path: Path) -> None:
    folder = kept.report().save(tmp_path / "one")
    named = json.loads((folder / MANIFEST).read_text())["files"]
    assert set(named) == set(kept.content(folder)) - {MANIFEST}
    assert isinstance(load_report(folder), RunReport)
    (folder / "notes.txt").write_text("of one's own, beside a run")
    assert load_report(folder).id
