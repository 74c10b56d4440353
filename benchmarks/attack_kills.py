"""`kill -9` of every command, and of a served page that is at work, at a random moment of the time that each takes when it is left alone.

Commands are forked from a process that has imported everything, so that a kill falls into what they do and not into imports. After each,
what was finished before must be there to the byte, every run listed readable, no half-written thing in the store after the next look at
it, and what stands in the place that a command was told to write to must be whole.
"""

import json
import math
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import httpx
from safetensors import safe_open

from benchmarks.common import ROOT
from mwanda_core.holding import OWNER
from mwanda_core.store.archive import export_zip
from mwanda_core.store.run_store import RunStore

PATIENCE = 120
SEED = 5
SCRATCH = re.compile(r"\..+-[a-z0-9_]{8}")
SMALL = {"languages": ["en", "de"], "held_out": ["sw"], "tokens_per_language": 128, "sequence_length": 64, "eval_texts": 2, "choices": False}  # fmt: skip
FORKS = """
import json, os, sys
import torch, tqdm
torch.set_num_threads(1)
tqdm.tqdm.monitor_interval = 0  # A thread would not live on in the forked processes.
from components.app.page import launch
from mwanda_core.cli.app import main
import mwanda_core.after.costs, mwanda_core.after.export, mwanda_core.run.experiment, mwanda_core.shrink, mwanda_core.studies, mwanda_core.sweeps
from mwanda_core.models import load
load(sys.argv[1])
print("ready", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    child = os.fork()
    if child == 0:
        log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(log, stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        code = 1
        try:
            sys.argv = ["mwanda", *map(str, asked["given"])]
            launch(port=asked["port"]) if asked["port"] else main()
            code = 0
        except SystemExit as left:
            code = left.code or 0
        finally:
            sys.stdout.flush()
            os._exit(code)
    print(child, flush=True)
    sys.stdin.readline()  # Until then it stays a zombie: its number is nobody else's.
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Forks:
    """Commands and pages, each a fork of one process. folder: as `surroundings`."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.log, self.temporary = folder / "log.txt", folder / "temporary"
        self.process = subprocess.Popen(
            [sys.executable, "-c", FORKS, str(model)], cwd=ROOT, env=surroundings(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self._line() == "ready"

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def start(self, *given: object, port: int = 0) -> int:
        """Begin a command, or a page at a port; the number of its process."""
        assert self.process.stdin is not None
        self.process.stdin.write(
            json.dumps({"given": [str(word) for word in given], "log": str(self.log), "port": port}) + "\n"
        )
        self.process.stdin.flush()
        return int(self._line())

    def end(self) -> int:
        """Wait for it; its exit code."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self._line())

    def close(self) -> None:
        """End the process that is forked."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE)


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a process that finds its runs and temporary files below a folder."""
    temporary = folder / "temporary"
    temporary.mkdir(parents=True, exist_ok=True)
    return os.environ | {
        "MWANDA_RUNS": str(folder / "runs"), "TMPDIR": str(temporary), "GRADIO_TEMP_DIR": str(temporary / "gradio"),
        "HF_HUB_OFFLINE": "1", "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]), "OMP_NUM_THREADS": "1",
    }  # fmt: skip


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def awaited(client: httpx.Client) -> None:
    """Wait until the page is there.

    Raises httpx.HTTPError when it does not come.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            client.get("/").raise_for_status()
            return
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def called(client: httpx.Client, name: str, *given: object) -> Any:
    """What a public endpoint answers.

    Raises RuntimeError with what it says instead.
    """
    asked = client.post(f"/gradio_api/call/{name}", json={"data": list(given)})
    begun = asked.json().get("event_id") if asked.status_code == 200 else None
    if begun is None:
        raise RuntimeError(f"{name}: {asked.status_code} {asked.text[:200]}")
    event, _, data = client.get(f"/gradio_api/call/{name}/{begun}").text.strip().rpartition("data: ")
    if "complete" not in event:
        raise RuntimeError(f"{name}: {event} {data}")
    return json.loads(data)[0]


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def left_over(folder: Path) -> list[str]:
    """What is half-written in a store: parts of files, and scratch folders."""
    scratch = [
        path.name for path in folder.iterdir() if path.is_dir() and (SCRATCH.fullmatch(path.name) or (path / OWNER).exists())
    ]
    return [*scratch, *(path.name for path in folder.rglob("*.part"))]


def whole(path: Path) -> bool:
    """Whether what a command wrote can be read to its end."""
    if path.suffix == ".zip":
        return zipfile.ZipFile(path).testzip() is None
    if path.suffix in (".gguf", ".json"):
        return path.stat().st_size > 0
    for file in path.rglob("*.safetensors"):
        with safe_open(file, framework="pt") as weights:
            for name in weights.keys():  # noqa: SIM118 (no dictionary)
                weights.get_tensor(name)
    return all(json.loads(file.read_text()) is not None for file in path.rglob("*.json")) and any(path.iterdir())


def commands(store: RunStore, model: Path, out: Path) -> dict[str, Callable[[object], list[object]]]:
    """Every command that does more than print a list, by its name; each is told a number that nothing is named after yet."""
    where = ["--store", store.folder]
    some = ["--languages", "en,de", "--tokens", 128, "--sequence-length", 64, "--eval-texts", 2, "--no-choices", "--guard", 0]
    prune = ["prune", model, "--held-out", "none", *some]

    def copied(n: object) -> str:
        shutil.copytree(store.path("first"), store.path(f"copy-{n}"))
        facts = store.path(f"copy-{n}") / "report.json"
        facts.write_text(facts.read_text().replace('"id": "first"', f'"id": "copy-{n}"'))
        return f"copy-{n}"

    return {
        "prune": lambda n: [*prune, "--out", store.path(f"run-{n}")],
        "prune --save-model": lambda n: [*prune, "--out", store.path(f"model-{n}"), "--save-model"],
        "apply": lambda n: ["apply", "first", "--out", out / f"applied-{n}", *where],
        "push": lambda n: ["push", "first", "nobody/nothing", *where],
        "cost": lambda n: ["cost", "first", "--repeats", 2, *where],
        "sweep": lambda n: ["sweep", "--model", model, *some, "--held-out", "none", "--method", "wanda,magnitude", "--sparsity", f"0.{int(str(n)[-1]) + 1}5", *where],
        "protect": lambda n: ["protect", "de=5%", "--model", model, *some, "--held-out", "none", "--method", "wanda", "--tries", 2, *where],
        "prompt": lambda n: ["prompt", "A man went to the river to fetch water for his old mother.", "--model", model, "--tokens", 128],
        "study": lambda n: ["study", "profile", "--model", model, *some, "--held-out", "none", "--out", out / f"study-{n}"],
        "shrink": lambda n: ["shrink", model, "--languages", "en,de", "--layers", 1, "--out", out / f"small-{n}"],
        "shrink --save-plan": lambda n: ["shrink", model, "--languages", "en,de", "--layers", 1, "--save-plan", out / f"plan-{n}.json"],
        "runs list": lambda n: ["runs", "list", *where],
        "runs show": lambda n: ["runs", "show", "first", *where],
        "runs compare": lambda n: ["runs", "compare", "first", "states", "--masks", *where],
        "runs weight": lambda n: ["runs", "weight", "first", 0, "mlp.down_proj", 1, 1, *where],
        "runs anew": lambda n: ["runs", "anew", "states", "--sparsity", "0.6", "--out", store.path(f"anew-{n}"), *where],
        "runs delete": lambda n: ["runs", "delete", copied(n), "--yes", *where],
        "runs export": lambda n: ["runs", "export", "first", "--out", out / f"{n}.zip", *where],
        "runs import": lambda n: ["runs", "import", out / "packed.zip", *where],
        "runs resume": lambda n: ["runs", "resume", next((one.id for one in store.unfinished()), "none"), *where],
    }  # fmt: skip


PAGE = "page mid-job"
REFUSED = ("push", "runs resume")
"""Commands that may end with a sentence: nothing leaves this machine, and nothing may be unfinished."""


class Trial:
    """A store, what was finished there, and what kills were found to do to it."""

    def __init__(self, folder: Path, model: Path) -> None:
        self.folder, self.model, self.store = folder, model, RunStore(folder / "runs")
        self.out = folder / "out"
        self.out.mkdir(parents=True)
        self.forks = Forks(folder, model)
        self.all = commands(self.store, model, self.out)
        first = self.all["prune"]("x")[:-1]
        for id, more in {"first": (), "states": ("--method", "unipruning")}.items():
            self.alone("prune", [*first, self.store.path(id), *more])
        self.finished = {id: content(self.store.path(id)) for id in ("first", "states")}
        packed = export_zip(self.store, "first", self.out / "packed.zip")
        (self.out / "unpacked").mkdir()
        with zipfile.ZipFile(packed) as archive:
            archive.extractall(self.out / "unpacked")

    def alone(self, name: str, given: list[object]) -> float:
        """The seconds that a command takes when it is left alone.

        Raises RuntimeError when it fails.
        """
        began = time.monotonic()
        self.forks.start(*given)
        if self.forks.end() not in ((0, 2) if name in REFUSED else (0,)):
            raise RuntimeError(f"{name} alone: {self.forks.log.read_text()[-500:]}")
        return time.monotonic() - began

    def page(self) -> tuple[int, str]:
        """A page that has just been given a job; its process, and the job's id."""
        port = free_port()
        process = self.forks.start(port=port)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            awaited(client)
            return process, str(called(client, "start", {"model": str(self.model), **SMALL}))

    def kill(self, name: str, number: int, after: float) -> bool:
        """Kill one; whether it was still at work."""
        process = self.page()[0] if name == PAGE else self.forks.start(*self.all[name](number))
        time.sleep(after)
        os.kill(process, signal.SIGKILL)
        return self.forks.end() == -signal.SIGKILL

    def lost(self) -> list[str]:
        """What is not as it must be."""
        again = RunStore(self.store.folder)
        again.tidy()
        found = [f"{id} differs" for id, before in self.finished.items() if content(again.path(id)) != before]
        found += [f"{id} is damaged" for id in again.damaged()]
        for entry in again.entries():
            again.load(entry.id)
        for path in self.out.iterdir():
            if not path.name.startswith(".") and not whole(path):
                found.append(f"{path.name} is half-written")
        return found

    def tidied(self) -> None:
        """Remove what only takes room."""
        for path in self.out.iterdir():
            if path.name not in ("packed.zip", "unpacked"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        for entry in self.store.entries():
            if entry.id not in self.finished:
                self.store.delete(entry.id)


KEPT = Path(tempfile.gettempdir()) / "mwanda-attack-kills.json"
"""Where kills that stopped say what they found."""


def kills(
    folder: Path, model: Path, count: int, seed: int = SEED, only: Collection[str] = (), seconds: float = math.inf
) -> list[dict[str, Any]]:
    """Kill commands and pages (`only` those named) in turn; for each command its kills, those that came too late, what was lost and what was left.

    Raises SystemExit when it stopped after so many seconds, for the next call to go on.
    """
    trial, until = Trial(folder, model), time.monotonic() + seconds
    names = [name for name in (*trial.all, PAGE) if not only or name in only]
    found: dict[str, dict[str, Any]] = {
        name: {"what": name, "kills": 0, "over": 0, "lost": [], "left": []} for name in names[:count]
    }
    if seconds < math.inf and KEPT.exists():
        found = json.loads(KEPT.read_text())
    first = sum(some["kills"] + some["over"] for some in found.values())
    took: dict[str, float] = {PAGE: 1.5}
    try:
        for number in range(first, count):
            name, draw = names[number % len(names)], random.Random(f"{seed} {number}")
            if name not in took:
                took[name] = trial.alone(name, trial.all[name](f"alone-{number}"))
            at_work = trial.kill(name, number, draw.uniform(0.0, took[name]))
            found[name]["kills" if at_work else "over"] += 1
            found[name]["lost"] += trial.lost()
            found[name]["left"] += left_over(trial.store.folder)
            trial.tidied()
            print(number, name, at_work, found[name]["lost"], found[name]["left"], file=sys.stderr)
            if time.monotonic() > until and number + 1 < count:
                KEPT.write_text(json.dumps(found))
                raise SystemExit(f"{number + 1} kills are done; the same command goes on with them.")
        if PAGE in found:
            found[PAGE]["left"] += trial_of_files(trial)
    finally:
        trial.forks.close()
    if seconds < math.inf:
        KEPT.unlink(missing_ok=True)
    return list(found.values())


def trial_of_files(trial: Trial) -> list[str]:
    """Folders of killed pages that are still there once another page has started and ended."""
    process, _ = trial.page()
    os.kill(process, signal.SIGTERM)
    trial.forks.end()
    return [path.name for path in (trial.forks.temporary / "gradio").glob("mwanda-*")]
