"""kill -9, fifty times at random moments, while a run prunes and evaluates, while it is exported, while the index is rebuilt.

After every kill another process opens the store: every run that was reported as finished is there, listed and whole, masks included; no
half-written run or export is shown; what was cut off is listed as unfinished.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

KILLS = 50

SCRIPT = """
import json, os, random, signal, sys, time, zipfile
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import torch
torch.set_num_threads(1)
import kept, tiny
from safetensors import safe_open
from mwanda_core.progress import Monitor
from mwanda_core.store.report import load_report
from mwanda_core.store.archive import export_zip
from mwanda_core.after.export import export_model
from mwanda_core.after.reapply import apply_masks
from mwanda_core.store.run_store import RunStore

folder, draw = Path(sys.argv[1]), random.Random(5)
store = RunStore(folder / "runs")
model = tiny.language_model("llama")
bench = kept.bench_of(model)
first = bench.run(kept.SMALL)
first.save(store.path(first.report.id))
fingerprint = model.fingerprint


def say(pipe, word):
    os.write(pipe, (word + "\\n").encode())


def work(kind, pipe, number):
    # The child's work, over and over; it says what it is at, and what it has finished.
    for turn in range(10**6):
        if kind == "run":
            import dataclasses
            wanted = dataclasses.replace(kept.SMALL, seed=1000 * number + turn)
            stage = lambda progress: say(pipe, "at " + progress.stage.split(":")[0].replace(" ", "-"))
            with store.started(wanted, "run"):
                run = bench.run(wanted, Monitor(on_progress=stage))
                say(pipe, "at saving")
                run.save(store.path(run.report.id))
                say(pipe, "saved " + run.report.id)
        elif kind == "export":
            say(pipe, "at export")
            target = folder / f"export-{number}-{turn}"
            export_zip(store, first.report.id, target.with_suffix(".zip"))
            say(pipe, "exported " + target.name + ".zip")
            with apply_masks(model, store.path(first.report.id)) as applied:
                export_model(model, applied, applied.report, target)
            say(pipe, "exported " + target.name)
        else:
            say(pipe, "at index")
            for file in store.folder.glob("*.sqlite*"):
                file.unlink(missing_ok=True)
            assert store.entries()
            say(pipe, "indexed")


def one(kind, number, all_saved, all_exported):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            work(kind, writer, number)
        finally:
            os._exit(1)
    os.close(writer)
    os.read(reader, 1)
    time.sleep(draw.uniform(0.0, {"run": 0.5, "export": 0.12, "index": 0.03}[kind]))
    os.kill(child, signal.SIGKILL)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    lines = [line.split() for line in ("a" + os.fdopen(reader).read()).splitlines()]
    all_saved += [line[1] for line in lines if line[0] == "saved"]
    all_exported += [line[1] for line in lines if line[0] == "exported"]
    return next((line[1] for line in reversed(lines) if line[0] == "at"), "")


def check(all_saved, all_exported):
    again = RunStore(folder / "runs")
    again.tidy()
    listed = {entry.id for entry in again.entries()}
    assert set(all_saved) <= listed, set(all_saved) - listed
    assert again.damaged() == {}
    for id in listed:
        report = again.load(id)
        with safe_open(again.path(id) / "masks.safetensors", framework="pt") as masks:
            assert len(list(masks.keys())) == len(report.tables["layers"])
    for entry in again.unfinished():
        assert entry.id not in listed
        assert entry.again().model == "tiny"
        again.forget(entry.id)
    shown = {file.name for file in folder.iterdir() if file.name.startswith("export-")}
    assert set(all_exported) <= shown
    for name in shown:
        if name.endswith(".zip"):
            assert zipfile.ZipFile(folder / name).testzip() is None
        else:
            assert (folder / name / "config.json").is_file() and (folder / name / "README.md").is_file()
            with safe_open(folder / name / "model.safetensors", framework="pt") as weights:
                assert len(list(weights.keys())) > 0


saved, exported, killed_at = [first.report.id], [], []
for number in range(int(sys.argv[3])):
    killed_at.append(one(("run", "run", "export", "run", "index")[number % 5], number, saved, exported))
    check(saved, exported)
assert model.fingerprint == fingerprint
print(json.dumps({"killed_at": killed_at, "saved": len(saved), "exported": len(exported)}))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="fork and kill -9 are POSIX's")
def test_a_kill_at_any_moment_loses_nothing_that_was_finished(tmp_path: Path) -> None:
    script = [sys.executable, "-c", SCRIPT, str(tmp_path), str(Path(__file__).parents[1] / "helpers"), str(KILLS)]
    done = subprocess.run(script, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    where = Counter(told["killed_at"])
    assert sum(where.values()) == KILLS
    assert {"export", "index"} <= where.keys()
    # Random moments fell into more than one stage of a run: measuring, pruning, evaluating, saving.
    assert len(where.keys() - {"export", "index", ""}) >= 3, where
    assert told["saved"] > 1
    assert told["exported"] > 0
