"""What kills, many visits and two processes on one store do: nothing lost, nothing left, nothing grown.

    python -m benchmarks.attack

Everything runs on a random model of two blocks, in a folder that is removed afterwards. Kills: `kill -9` of commands at a random moment of
the time that the same command takes when it is left alone; then what was finished before must be there to the byte, every run
listed must be readable, and after the next look at the store nothing half-written may lie there. Growth: a served page is given a job,
then opened by one visitor who looks at its run, again and again; resident memory, descriptors, threads and files are read after 30
rounds and at the end. Writers: two processes save and delete runs of one store, tidying and listing it all the while.
"""

import argparse
import dataclasses
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import psutil
import torch

from benchmarks.common import ROOT, command_of, provenance, write
from benchmarks.random_llama import write_random_llama
from mwanda_core.store.format import STARTED
from mwanda_core.store.report import load_report
from mwanda_core.store.run_store import RunStore

EARLY = 30
"""Rounds after which growth counts: caches of a fixed size are full then."""
GOAL = 0.05
"""Share by which resident memory may grow from there on."""
PATIENCE = 120
SEED = 5
EXAMPLE = ROOT / "assets" / "example-run"
SMALL = {"languages": ["en", "de"], "held_out": ["sw"], "tokens_per_language": 128, "sequence_length": 64, "eval_texts": 2, "choices": False}  # fmt: skip


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=300, help="jobs and visits")
    parser.add_argument("--saves", type=int, default=100, help="runs that each of two processes saves")
    given = parser.parse_args()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = tiny_model(folder / "model")
        rows += writers(folder / "shared", given.saves)
        curve = growth(folder / "served", model, given.rounds)
        rows += grown(curve)
        rows += kills(folder / "killed", model, given.kills)
    facts = provenance(
        command_of("attack", parser, given), kills=given.kills, rounds=given.rounds, saves=given.saves, curve=curve
    )
    write("attack", pd.DataFrame(rows), facts, "Kills, visits and two processes on one store")


def tiny_model(folder: Path) -> Path:
    """A model of two blocks with random weights that reads bytes."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    write_random_llama(folder, "tiny", torch.float32)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    reader = Tokenizer(models.BPE({letter: number for number, letter in enumerate(["<s>", *letters])}, []))
    reader.pre_tokenizer, reader.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=reader, bos_token="<s>").save_pretrained(str(folder))
    return folder


def row(what: str, size: str, wanted: object, measured: object, reached: bool | None) -> dict[str, object]:
    """A line of the table."""
    return {
        "what": what,
        "size": size,
        "wanted": str(wanted),
        "measured": str(measured),
        "reached": "not tried" if reached is None else "yes" if reached else "no",
    }


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def left_over(folder: Path) -> list[str]:
    """What is half-written in a store: parts of files, and scratch folders."""
    return [path.name for path in folder.iterdir() if path.name.endswith(".part") or (path.name.startswith(".") and path.name != STARTED and path.is_dir())]  # fmt: skip


# Kills


def kills(folder: Path, model: Path, count: int) -> list[dict[str, object]]:
    """Kill commands in turn; a line for each command."""
    store, out, draw = RunStore(folder / "runs"), folder / "out", random.Random(SEED)
    out.mkdir(parents=True)
    environment = surroundings(folder)
    run = [
        "prune", str(model), "--languages", "en,de", "--held-out", "", "--tokens", "128", "--sequence-length", "64", "--eval-texts", "2", "--no-choices",
    ]  # fmt: skip
    first = store.path("first")
    subprocess.run([*MWANDA, *run, "--out", str(first)], env=environment, check=True, capture_output=True)
    commands = {
        "prune": lambda n: [*run, "--out", str(store.path(f"run-{n}"))],
        "prune --save-model": lambda n: [*run, "--out", str(store.path(f"model-{n}")), "--save-model"],
        "runs export": lambda n: ["runs", "export", "first", "--store", str(store.folder), "--out", str(out / f"{n}.zip")],
        "shrink": lambda n: ["shrink", str(model), "--languages", "en,de", "--layers", "1", "--out", str(out / f"small-{n}")],
    }
    before, found = content(first), {name: {"kills": 0, "early": 0, "lost": 0, "left": 0, "seconds": 0.0} for name in commands}
    for number, (name, command) in enumerate(commands.items()):
        started = time.monotonic()
        done = subprocess.run(
            [*MWANDA, *command(f"alone-{number}")], env=environment, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"{name} alone: {done.stderr[-500:]}")
        found[name]["seconds"] = time.monotonic() - started
    for number in range(count):
        name = list(commands)[number % len(commands)]
        process = subprocess.Popen(
            [*MWANDA, *commands[name](str(number))], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(draw.uniform(0.0, found[name]["seconds"]))
        process.kill()
        found[name]["kills" if process.wait() == -signal.SIGKILL else "early"] += 1
        again = RunStore(store.folder)
        again.tidy()
        readable = all(again.load(entry.id) for entry in again.entries()) and not again.damaged()
        found[name]["lost"] += content(first) != before or not readable
        found[name]["left"] += len(left_over(again.folder))
    return [
        row(f"kill -9 of `{name}`: runs lost or damaged", f"{some['kills']} kills, {some['early']} over before", 0, some["lost"], not some["lost"] if some["kills"] else None)
        for name, some in found.items()
    ] + [row("kills: half-written things in the store after the next look", f"{sum(int(some['kills']) for some in found.values())} kills", 0, sum(int(some["left"]) for some in found.values()), not any(some["left"] for some in found.values()))]  # fmt: skip


MWANDA = [sys.executable, "-c", "from mwanda_core.cli.app import main; main()"]


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a process that finds its runs and temporary files below a folder."""
    temporary = folder / "temporary"
    temporary.mkdir(parents=True, exist_ok=True)
    return os.environ | {
        "MWANDA_RUNS": str(folder / "runs"), "TMPDIR": str(temporary), "GRADIO_TEMP_DIR": str(temporary / "gradio"),
        "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT),
    }  # fmt: skip


# Growth


def growth(folder: Path, model: Path, rounds: int) -> list[dict[str, float]]:
    """Jobs and visits of a served page; its size after every tenth round."""
    environment = surroundings(folder)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, str(ROOT / "app.py"), "--port", str(port)]
    app = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    curve = []
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            answer(client)
            config, errors = client.get("/config").json(), 0
            for number in range(1, rounds + 1):
                errors += visit(client, config, one_job(client, model, number), f"visitor{number}")
                if number % 10 == 0 or number == rounds:
                    time.sleep(1)
                    curve.append({"round": number, **size(app.pid, folder / "temporary"), "errors": errors})
                    print(curve[-1], file=sys.stderr)
    finally:
        app.terminate()
        app.wait(30)
    return curve


def answer(client: httpx.Client) -> None:
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
            time.sleep(0.2)


def called(client: httpx.Client, name: str, *given: object) -> Any:
    """What a public endpoint answers."""
    begun = client.post(f"/gradio_api/call/{name}", json={"data": list(given)}).json()["event_id"]
    event, _, data = client.get(f"/gradio_api/call/{name}/{begun}").text.strip().rpartition("data: ")
    if "complete" not in event:
        raise RuntimeError(f"{name}: {event} {data}")
    return json.loads(data)[0]


def one_job(client: httpx.Client, model: Path, number: int) -> str:
    """A run of the model; its id."""
    job = called(client, "start", {"model": str(model), "seed": number, **SMALL})
    while (view := called(client, "status", job))["state"] in ("queued", "running"):
        time.sleep(0.05)
    if not view["run"]:
        raise RuntimeError(str(view["error"]))
    return str(view["run"])


def visit(client: httpx.Client, config: Mapping[str, Any], run: str, session: str) -> int:
    """What a browser asks for that opens a run: the page, its first events, the run in every section, the tables as files. How many of the
    events were answered with an error."""
    errors = 0
    client.get("/", params={"run": run})
    kinds = {item["id"]: item for item in config["components"]}
    asked = [one for one in config["dependencies"] if any(event == "load" for _, event in one["targets"])]
    shown = [
        one for one in config["dependencies"]
        if any(event == "change" and kinds.get(id, {}).get("type") == "state" for id, event in one["targets"])
    ]  # fmt: skip
    for event in [*asked, *shown]:
        if not event["backend_fn"]:
            continue
        data = [kinds[id]["props"].get("value") for id in event["inputs"]]
        body = {"data": data, "fn_index": event["id"], "session_hash": session, "trigger_id": None, "event_data": None}
        client.post("/gradio_api/queue/join", params={"run": run}, json=body).raise_for_status()
        with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as stream:
            for line in stream.iter_lines():
                errors += '"success":false' in line.replace(": ", ":")
                if "process_completed" in line or "close_stream" in line:
                    break
    called(client, "tables_zip", run)
    return errors


def size(pid: int, temporary: Path) -> dict[str, float]:
    """How large a process is. resident: MiB."""
    process = psutil.Process(pid)
    with process.oneshot():
        return {
            "resident": round(process.memory_info().rss / 2**20, 1), "descriptors": process.num_fds(),
            "threads": process.num_threads(), "files": sum(file.is_file() for file in temporary.rglob("*")),
        }  # fmt: skip


def grown(curve: list[dict[str, float]]) -> list[dict[str, object]]:
    """How much more there is at the end than after `EARLY` rounds."""
    early, late = next((one for one in curve if one["round"] >= EARLY), curve[-1]), curve[-1]
    rounds = f"rounds {early['round']} to {late['round']}"
    share = late["resident"] / early["resident"] - 1
    lines = [row("growth: resident memory", rounds, f"<= {GOAL:.0%}", f"{share:+.1%} ({early['resident']} to {late['resident']} MiB)", share <= GOAL)]  # fmt: skip
    for what in ("descriptors", "threads", "files"):
        lines.append(row(f"growth: {what}", rounds, "no more", f"{early[what]:.0f} to {late[what]:.0f}", late[what] <= early[what]))  # fmt: skip
    return lines


# Two processes

WRITER = """
import sys
from pathlib import Path
from benchmarks.attack import write_runs
write_runs(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
"""


def write_runs(folder: Path, name: str, count: int) -> None:
    """Save runs, delete every fifth again, and tidy and list the store after each."""
    store, example = RunStore(folder), load_report(EXAMPLE)
    for number in range(count):
        id = f"{name}-{number}"
        dataclasses.replace(example, facts={**example.facts, "id": id}).save(store.path(id))
        if number % 5 == 4:
            store.delete(id)
        store.tidy()
        if id not in {entry.id for entry in store.entries()} and number % 5 != 4:
            raise RuntimeError(f"{id} is not listed")


def writers(folder: Path, count: int) -> list[dict[str, object]]:
    """Two processes at one store."""
    folder.mkdir()
    both = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(folder), name, str(count)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for name in ("a", "b")
    ]  # fmt: skip
    errors = [process.communicate()[1][-300:] for process in both]
    store = RunStore(folder)
    wanted = {f"{name}-{number}" for name in "ab" for number in range(count) if number % 5 != 4}
    missing = wanted ^ {entry.id for entry in store.entries()}
    whole = [store.load(id).id for id in sorted(wanted - missing)]
    failed = [error for process, error in zip(both, errors, strict=True) if process.returncode]
    print(*failed, file=sys.stderr)
    return [
        row("two processes on one store: runs missing, damaged or back again", f"2 x {count} runs", 0, len(missing) + len(wanted - missing) - len(whole), not missing),
        row("two processes on one store: errors, things left", f"2 x {count} runs", 0, len(failed) + len(left_over(folder)), not failed and not left_over(folder)),
    ]  # fmt: skip


if __name__ == "__main__":
    main()
