"""What kills, many visits, thirty visitors at once and two processes on one store do: nothing lost, nothing left, nothing grown.

    python -m benchmarks.attack
    python -m benchmarks.attack --parts kills

Everything runs on a random model of two blocks, in a folder that is removed afterwards. Kills: `benchmarks/attack_kills.py`. Growth: a
served page is given a job, then opened by one visitor who looks at its run and goes, again and again; resident memory, descriptors,
threads and files are read after 30 rounds and at the end. Visitors: thirty at once, each with a job and a look at its run. Writers: two
processes save and delete runs of one store, tidying and listing it all the while. Parts may be measured one by one: those that are not
asked for keep their rows.
"""

import argparse
import concurrent.futures
import dataclasses
import json
import math
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pandas as pd
import psutil
import torch

from benchmarks.attack_kills import PATIENCE, SMALL, awaited, called, free_port, kills, left_over, surroundings
from benchmarks.common import RESULTS, ROOT, command_of, provenance, table_of, write
from benchmarks.random_llama import write_random_llama
from mwanda_core.store.report import load_report
from mwanda_core.store.run_store import RunStore

EARLY = 30
"""Rounds after which growth counts: caches of a fixed size are full then."""
GOAL = 0.05
"""Share by which resident memory may grow from there on."""
EXAMPLE = ROOT / "assets" / "example-run"
REST = 12.0
"""Seconds after which the threads of a pool that have nothing to do end with the next one that has."""


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=300, help="jobs and visits")
    parser.add_argument("--saves", type=int, default=100, help="runs that each of two processes saves")
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="of growth and kills; the same call goes on where they stopped"
    )
    parser.add_argument(
        "--parts", default="", help="of writers, visitors, growth and kills, those to measure, by commas; empty: all"
    )
    given = parser.parse_args()
    file = RESULTS / "attack.json"
    kept = json.loads(file.read_text()) if given.parts and file.is_file() else {"facts": {}, "rows": []}
    curve: list[dict[str, float]] = kept["facts"].get("curve", [])

    def measured(folder: Path, model: Path, part: str) -> list[dict[str, object]]:
        if part == "growth":
            curve[:] = growth(given.rounds, 60 * given.minutes)
            return grown(curve)
        parts: dict[str, Callable[[], list[dict[str, object]]]] = {
            "writers": lambda: writers(folder, given.saves),
            "visitors": lambda: visitors(folder, model, given.visitors),
            "kills": lambda: killed(kills(folder, model, given.kills, seconds=60 * given.minutes)),
        }
        return parts[part]()

    rows: list[dict[str, Any]] = kept["rows"]
    asked = given.parts.split(",") if given.parts else list(PARTS)
    with tempfile.TemporaryDirectory() as name:
        model = tiny_model(Path(name) / "model")
        for part in asked:
            found = measured(Path(name) / part, model, part)
            commit = provenance("")["commit"]
            rows = [one for one in rows if one["part"] != part] + [{"part": part, **one, "commit": commit} for one in found]
    if {one["part"] for one in rows} == set(PARTS):
        given.parts = ""
    given.minutes = math.inf
    sizes = {name: value for name, value in vars(given).items() if name not in ("parts", "minutes")}
    facts = provenance(command_of("attack", parser, given), **sizes, curve=curve)
    rows.sort(key=lambda one: PARTS.index(one["part"]))
    markdown = written(rows, curve)
    write("attack", pd.DataFrame(rows), facts, "Kills, visits, thirty visitors and two processes on one store", markdown)


PARTS = ("writers", "visitors", "growth", "kills")


def written(rows: list[dict[str, Any]], curve: list[dict[str, float]]) -> str:
    """Both tables to be read."""
    tables = [table_of(pd.DataFrame(rows))]
    if curve:
        tables.append("## The served page, round by round\n\nResident memory in MiB.")
        tables.append(table_of(pd.DataFrame([{**one, "resident": str(one["resident"])} for one in curve])))
    return "\n\n".join(tables)


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
        "reached": "" if reached is None else "yes" if reached else "no",
    }


# Growth


def begun(folder: Path) -> tuple["subprocess.Popen[bytes]", int]:
    """A page of its own, and its port."""
    port, quiet = free_port(), subprocess.DEVNULL
    command = [sys.executable, str(ROOT / "app.py"), "--port", str(port)]
    return subprocess.Popen(
        command, cwd=ROOT, env=surroundings(folder), stdout=quiet, stderr=quiet, start_new_session=True
    ), port


@contextmanager
def served(folder: Path) -> Iterator[tuple[httpx.Client, int]]:
    """A page of its own that runs; a client, and the number of its process."""
    app, port = begun(folder)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
            awaited(client)
            yield client, app.pid
    finally:
        app.terminate()
        app.wait(30)


KEPT = Path(tempfile.gettempdir()) / "mwanda-attack-growth.json"
"""Where growth that stopped says how to go on: the page's process and address, its folders, and the curve so far."""


def growth(rounds: int, seconds: float = math.inf) -> list[dict[str, float]]:
    """Jobs and visits of a served page; its size after every tenth round. After so many seconds it stops, for the next call to go on.

    Raises SystemExit when it stopped.
    """
    if not KEPT.exists():
        place = Path(tempfile.mkdtemp(prefix="mwanda-attack-"))
        app, port = begun(place)
        say({"process": app.pid, "port": port, "folder": str(place), "model": str(tiny_model(place / "model")), "curve": []})
    state = json.loads(KEPT.read_text())
    process, place, curve = psutil.Process(state["process"]), Path(state["folder"]), state["curve"]
    errors, until = (curve[-1]["errors"] if curve else 0), time.monotonic() + seconds
    with httpx.Client(base_url=f"http://127.0.0.1:{state['port']}", timeout=PATIENCE) as client:
        awaited(client)
        config = client.get("/config").json()
        for number in range(int(curve[-1]["round"]) + 1 if curve else 1, rounds + 1):
            errors += visit(client, config, one_job(client, Path(state["model"]), number), f"visitor{number}")
            if number % 10 == 0 or number == rounds:
                time.sleep(REST if number in (EARLY, rounds) else 1)
                client.get("/")
                curve.append({"round": number, **size(process.pid, place / "temporary"), "errors": errors})
                say(state)
                print(curve[-1], file=sys.stderr)
                if time.monotonic() > until and number < rounds:
                    raise SystemExit(f"{number} rounds are done; the same command goes on with them.")
    process.terminate()
    process.wait(30)
    KEPT.unlink()
    shutil.rmtree(place, ignore_errors=True)
    return list(curve)


def say(state: Mapping[str, Any]) -> None:
    """Write down how to go on."""
    KEPT.write_text(json.dumps(state))


def one_job(client: httpx.Client, model: Path, number: int) -> str:
    """A run of the model; its id.

    Raises RuntimeError when it fails.
    """
    job = called(client, "start", {"model": str(model), "seed": number, **SMALL})
    while (view := called(client, "status", job))["state"] in ("queued", "running"):
        time.sleep(0.05)
    if not view["run"]:
        raise RuntimeError(str(view["error"]))
    return str(view["run"])


def visit(client: httpx.Client, config: Mapping[str, Any], run: str, session: str) -> int:
    """What a browser asks for that opens a run, and goes: the page, the request that it holds open, its first events, the run in every
    section, the tables as files. How many of the events were answered with an error."""
    errors = 0
    client.get("/explore", params={"run": run})
    kinds = {item["id"]: item for item in config["components"]}
    asked = [one for one in config["dependencies"] if any(event == "load" for _, event in one["targets"])]
    shown = [
        one for one in config["dependencies"]
        if any(event == "change" and kinds.get(id, {}).get("type") == "state" for id, event in one["targets"])
    ]  # fmt: skip
    with client.stream("GET", f"/gradio_api/heartbeat/{session}") as open_page:
        next(open_page.iter_lines())
        for event in [*asked, *shown]:
            if not event["backend_fn"]:
                continue
            data = [kinds[id]["props"].get("value") for id in event["inputs"]]
            body = {"data": data, "fn_index": event["id"], "session_hash": session, "trigger_id": None, "event_data": None}
            client.post("/gradio_api/queue/join", params={"run": run}, json=body).raise_for_status()
            told = client.get("/gradio_api/queue/data", params={"session_hash": session}).text
            errors += '"success":true' not in told.replace(": ", ":")
        called(client, "tables_zip", run)
    return errors


def size(pid: int, temporary: Path) -> dict[str, float]:
    """How large a process is. resident: MiB."""
    process = psutil.Process(pid)
    with process.oneshot():
        return {
            "resident": round(process.memory_info().rss / 2**20, 1), "descriptors": process.num_fds(),
            "threads": process.num_threads(), "files": sum(file.is_file() for file in temporary.rglob("*")),
            "folders": sum(file.is_dir() for file in temporary.rglob("*")),
        }  # fmt: skip


def grown(curve: list[dict[str, float]]) -> list[dict[str, object]]:
    """How much more there is at the end than after `EARLY` rounds."""
    early, late = next((one for one in curve if one["round"] >= EARLY), curve[-1]), curve[-1]
    rounds = f"rounds {early['round']} to {late['round']}"
    share = late["resident"] / early["resident"] - 1
    lines = [row("growth: resident memory", rounds, f"<= {GOAL:.0%}", f"{share:+.1%} ({early['resident']} to {late['resident']} MiB)", share <= GOAL)]  # fmt: skip
    for what in ("descriptors", "threads", "files", "folders"):
        lines.append(row(f"growth: {what}", rounds, "no more", f"{early[what]:.0f} to {late[what]:.0f}", late[what] <= early[what]))  # fmt: skip
    lines.append(row("growth: events answered with an error", rounds, 0, late["errors"], not late["errors"]))
    return lines


# Visitors


def visitors(folder: Path, model: Path, count: int) -> list[dict[str, object]]:
    """Visitors who come at once, each with a job of its own and a look at its run."""
    with served(folder) as (client, _):
        base, config = client.base_url, client.get("/config").json()

        def visitor(number: int) -> tuple[int, float, float]:
            """Events that failed, or a run that is another's; seconds of the page, and to the end."""
            began = time.monotonic()
            with httpx.Client(base_url=base, timeout=PATIENCE) as mine:
                mine.get("/explore").raise_for_status()
                opened = time.monotonic() - began
                run = patient(lambda: one_job(mine, model, number))
                wrong = called(mine, "results", run, [])["facts"]["settings"]["seed"] != number
                return visit(mine, config, run, f"one-of-many-{number}") + wrong, opened, time.monotonic() - began

        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            found = list(pool.map(visitor, range(count)))
        runs = len(RunStore(folder / "runs").entries())
    wrong, opened, total = (list(column) for column in zip(*found, strict=True))
    return [
        row("visitors at once: events that failed, runs of another", f"{count} visitors", 0, sum(wrong), not any(wrong)),
        row("visitors at once: runs kept", f"{count} visitors", count, runs, runs == count),
        row("visitors at once: slowest to the page, to the end of its visit", f"{count} visitors", "", f"{max(opened):.1f} s, {max(total):.1f} s", None),
    ]  # fmt: skip


def patient(begin: Callable[[], str]) -> str:
    """Try until there is room in the queue.

    Raises RuntimeError when that takes too long, and for anything else.
    """
    deadline = time.monotonic() + 4 * PATIENCE
    while True:
        try:
            return begin()
        except RuntimeError as full:
            if "are waiting already" not in str(full) or time.monotonic() > deadline:
                raise
            time.sleep(0.3)


# Kills


def killed(found: list[dict[str, Any]]) -> list[dict[str, object]]:
    """A line for each command, and one for what was left."""
    lines = [
        row(f"kill -9 of `{some['what']}`: runs or files lost, damaged, half-written", f"{some['kills']} kills, {some['over']} over before", 0, len(some["lost"]), not some["lost"] if some["kills"] else None)
        for some in found
    ]  # fmt: skip
    total, left = sum(some["kills"] for some in found), [name for some in found for name in some["left"]]
    return [*lines, row("kills: half-written things after the next look or start", f"{total} kills", 0, len(left), not left)]


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
