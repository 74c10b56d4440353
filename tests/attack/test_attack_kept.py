"""Nothing lost: clocks that jump, two at one store, a disk that is full, names that are the store's own, what nothing can write."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import kept
import psutil
import pytest
import typer

from mwanda_core.cli.terminal import LOG, plain_errors
from mwanda_core.corpora.folder import folder
from mwanda_core.errors import InputError, RunError, TextError, sentence
from mwanda_core.files import forget_parts, replacing
from mwanda_core.holding import OWNER, held, hold, nobodys, scratch_folder
from mwanda_core.run.settings import Settings
from mwanda_core.store.archive import export_zip, import_zip
from mwanda_core.store.integrity import refuse_unsayable
from mwanda_core.store.run_store import RunStore

pytestmark = pytest.mark.attack
posix = pytest.mark.skipif(sys.platform == "win32", reason="locks, limits and signals of POSIX")

WRITER = """
import sys, time
from pathlib import Path
from mwanda_core.holding import scratch_folder
with scratch_folder(Path(sys.argv[1]), "run") as scratch:
    (scratch / "half").write_text("")
    print(scratch.name, flush=True)
    sys.stdin.read()
"""


@posix
def test_a_clock_that_jumps_kills_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        name = writer.stdout.readline().strip()
        monkeypatch.setattr(psutil.Process, "create_time", lambda self: 1.0)
        monkeypatch.setattr(time, "time", lambda: 4e9)
        store = RunStore(tmp_path)
        assert store.tidy() == 0
        assert (tmp_path / name / "half").exists()
        writer.kill()
        writer.wait()
        assert store.tidy() == 1
    assert list(tmp_path.iterdir()) == []


@posix
def test_two_jobs_of_one_process_keep_each_others_work(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    with scratch_folder(tmp_path, "run") as first, scratch_folder(tmp_path, "run") as second:
        assert store.tidy() == 0
        assert first.is_dir()
        assert second.is_dir()
    with store.started(Settings(model="tiny"), "one"):
        assert RunStore(tmp_path).unfinished() == []


@posix
def test_without_locks_the_process_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mwanda_core import holding

    monkeypatch.setattr(holding, "_lock", lambda handle: False)
    file = tmp_path / OWNER
    hold(file, {}).release()
    assert held(file)
    data = json.loads(file.read_text())
    for change in ({"pid": 2**22 + 1}, {"born": "another boot 1"}):
        file.write_text(json.dumps({"owner": data["owner"] | change}))
        assert not held(file)
    file.write_text(json.dumps({"owner": data["owner"] | {"host": "elsewhere"}}))
    assert held(file)
    file.write_text(json.dumps({"host": data["owner"]["host"], "pid": os.getpid(), "started": 1.0}))  # An older version's.
    assert held(file)


@posix
def test_what_a_killed_process_left_goes_with_the_next_of_its_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    left = tmp_path / ".model-abcdefgh"
    left.mkdir()
    hold(left / OWNER, {}).release()
    assert nobodys(tmp_path) == [left]
    with scratch_folder(tmp_path, "model"):
        assert not left.exists()
    assert left.name in caplog.text


FULL = """
import resource, signal, sys
from pathlib import Path
import kept
from mwanda_core.cli.terminal import plain_errors
from mwanda_core.store.archive import export_zip
from mwanda_core.store.run_store import RunStore
store = RunStore(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with plain_errors():
    if sys.argv[2] == "save":
        report = kept.report("late")
        report.save(store.path("late"))
    elif sys.argv[2] == "export":
        export_zip(store, "early", Path(sys.argv[1]) / "out.zip")
    else:
        with store.started(kept.SMALL, "x" * 5000):
            raise AssertionError
"""


@posix
@pytest.mark.parametrize("work", ["save", "export", "start"])
def test_a_full_disk_is_one_sentence_and_leaves_nothing(work: str, tmp_path: Path) -> None:
    kept.report("early").save(tmp_path / "early")
    before = kept.content(tmp_path)
    helpers = str(Path(__file__).parents[1] / "helpers")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([helpers, *sys.path])}
    script = f"import typer\ntry:\n{''.join(f'    {line}' for line in FULL.splitlines(True))}\nexcept typer.Exit as e:\n    sys.exit(e.exit_code)\n"
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), work], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("Error: The disk is full")
    assert len(done.stderr.splitlines()) == 1
    assert kept.content(tmp_path) == before
    assert RunStore(tmp_path).load("early").id == "early"


SMALL_DISK = """
import json, sys
from pathlib import Path
import kept, typer
from mwanda_core.cli.terminal import plain_errors
from mwanda_core.store.archive import export_zip
from mwanda_core.store.run_store import RunStore
folder = Path(sys.argv[1])
store, codes = RunStore(folder / "runs"), []
def full(work):
    try:
        with plain_errors():
            for number in range(1000):
                work(number)
    except typer.Exit as left:
        codes.append(left.exit_code)
full(lambda number: kept.report(f"run-{number}").save(store.path(f"run-{number}")))
full(lambda number: export_zip(store, "run-0", folder / f"{number}.zip"))
again = RunStore(store.folder)
names = [entry.id for entry in again.entries()]
print(json.dumps([codes, len(names), [again.load(name).id for name in names] == names, len(again.damaged()),
    [path.name for path in folder.rglob("*") if path.name.startswith(".") and path.is_dir() and path.name != ".started" or path.suffix == ".part"]]))
"""


@posix
def test_a_small_disk_that_fills_up_keeps_what_was_finished(tmp_path: Path) -> None:
    helpers = str(Path(__file__).parents[1] / "helpers")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([helpers, *sys.path])}
    mount = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=512k none "$0" && exec "$@"', str(tmp_path)]
    if not shutil.which("unshare") or subprocess.run([*mount, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no disk can be mounted here")
    done = subprocess.run(
        [*mount, sys.executable, "-c", SMALL_DISK, str(tmp_path)], capture_output=True, text=True, env=environment, check=False
    )
    codes, runs, readable, damaged, left = json.loads(done.stdout)
    assert codes == [2, 2], done.stderr
    assert runs > 2
    assert readable
    assert (damaged, left) == (0, [])
    assert [line[:23] for line in done.stderr.splitlines()] == ["Error: The disk is full"] * 2


def test_half_written_files_go_with_their_process(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError), replacing(tmp_path / "a.json") as part:
        part.write_text("half" * 100_000 + "\ud800", encoding="utf-8")
    assert list(tmp_path.iterdir()) == []
    with replacing(tmp_path / "a.json") as part:
        part.write_text("x")
        dead = part.name.replace(f"-{os.getpid()}-", f"-{2**22 + 1}-")
        (tmp_path / dead).write_text("half")
        assert forget_parts(tmp_path) == 1
        assert part.exists()
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    "name", ["names.json", "index.sqlite", "Index.SQLite-wal", "example", "con", "CON.txt", "lpt1", "A.", "nul.x"]
)
def test_names_of_the_store_and_of_devices_are_no_runs(name: str, tmp_path: Path) -> None:
    there = RunStore(tmp_path / "there")
    kept.report(name).save(tmp_path / "there" / "innocent")
    packed = export_zip(there, "innocent", tmp_path / "run.zip")
    store = RunStore(tmp_path / "store")
    with pytest.raises(RunError, match="not the name of a run"):
        import_zip(store, packed)
    assert store.entries() == []
    assert [file.name for file in store.folder.iterdir() if file.name != "index.sqlite"] == []


@pytest.mark.parametrize("value", [10**40, "\ud83d", {"a": ["\udc00"]}, {"\ud800": 1}, [-(2**63) - 1]])
def test_what_nothing_can_write_is_refused(value: object, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        refuse_unsayable(value)
    kept.report("fine").save(tmp_path / "fine")
    file = kept.report("odd").save(tmp_path / "odd") / "report.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"notes": [], "more": value}))
    store = RunStore(tmp_path)
    assert [entry.id for entry in store.entries()] == ["fine"]
    assert list(store.damaged()) == ["odd"]


def test_an_error_that_nobody_foresaw_has_a_code_and_its_traceback_is_kept(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as left, plain_errors():
        raise KeyError("\ud800")
    said = capsys.readouterr().err
    assert left.value.exit_code == 2
    assert "Traceback" not in said
    code = said.strip().rstrip(".").rpartition(" ")[2]
    log = (cache / LOG).read_text()
    assert code in log
    assert "Traceback" in log


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "disk is full"),
        (RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)"), "disk is full"),
        (PermissionError(13, "Permission denied", "/a/b"), "'b' cannot be read or written (Permission denied)"),
        (OSError(30, "Read-only file system", "/a/b"), "Read-only file system"),
        (MemoryError(), "memory"),
    ],
)
def test_errors_of_disk_and_memory_are_said_plainly(error: Exception, words: str) -> None:
    assert words in sentence(error)


@posix
@pytest.mark.parametrize("shared", [True, False])
def test_a_text_that_is_a_link_out_of_its_folder(shared: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "secret.txt").write_text("The first line of a text.\n\nAnd the second line of it.")
    (tmp_path / "texts" / "en.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "texts" / "kept.md").write_text("A line that lies in the folder.")
    (tmp_path / "texts" / "de.txt").symlink_to("kept.md")
    if shared:
        monkeypatch.setenv("MWANDA_SHARED", "1")
        with pytest.raises(TextError, match=r"^en\.txt is a link out of its folder"):
            folder(tmp_path / "texts", ["en"])
    else:
        assert len(folder(tmp_path / "texts", ["en"]).passages["en"]) == 2
    assert len(folder(tmp_path / "texts", ["de"]).passages["de"]) == 1
