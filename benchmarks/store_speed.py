"""What lists, searches, comparisons and sweeps cost with five runs in the store, and with thousands.

    python -m benchmarks.store_speed
    python -m benchmarks.store_speed --make FOLDER --runs 5000       only make such a store

Makes the stores (synthetic runs, a hundred in each sweep) in a temporary folder, then asks what the page asks: medians of milliseconds
of one processor core (which other programs disturb less than the clock), the two stores in turn. "After a new run" is the first list once the folder changed, which goes through all of it; everything else must not grow
with the store. The goal is 200 ms for each. "From nothing" makes the index anew, which happens once where it is missing or of another version.
"""

import argparse
import functools
import hashlib
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.common import command_of, provenance, table_of, write
from components.sections.compare import choice, tables
from components.sections.sweeps import sweep_results
from components.store import RunStore
from mwanda_core.methods.recipes import recipe
from mwanda_core.run.settings import Settings
from mwanda_core.store.format import INDEX_FILE, MANIFEST, REPORT_FILE
from mwanda_core.store.report import RunReport
from mwanda_core.sweeps import stored
from mwanda_core.sweeps.sweep import plan_sweep, save_sweep

GOAL = 200.0
SPARSITIES, METHODS, SEEDS = tuple(np.round(np.arange(0.3, 0.8, 0.05), 2).tolist()), ("wanda", "m-wanda"), 5
LANGUAGES = ("en", "de", "hi", "sw", "fr", "bn")


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--make", default="", help="only make a store there")
    given = parser.parse_args()
    if given.make:
        make(Path(given.make), given.runs)
        return
    with tempfile.TemporaryDirectory() as place:
        found: dict[str, dict[int, list[float]]] = {}
        stores = {}
        for size in (5, given.runs):
            make(Path(place) / str(size), size)
            stores[size] = RunStore(Path(place) / str(size))
            for what, seconds in once(stores[size]).items():
                found.setdefault(what, {}).setdefault(size, []).append(seconds)
        time.sleep(4)  # What changed within the last seconds is looked at anew each time.
        for number in range(given.rounds + 1):
            for size, store in stores.items():
                for what, way in ways(store).items():
                    started = time.process_time()
                    way()
                    if number:  # The first round reads what every later one remembers.
                        found.setdefault(what, {}).setdefault(size, []).append(time.process_time() - started)
        for size, store in stores.items():
            found.setdefault("after a new run: list", {})[size] = [after_a_new_run(store, n) for n in range(given.rounds)]
    frame = pd.DataFrame([row(what, times, given.runs) for what, times in found.items()])
    facts = provenance(
        command_of("store_speed", parser, given),
        runs=given.runs,
        cores=os.cpu_count(),
        load=[round(x, 1) for x in os.getloadavg()],
    )
    write(
        "store_speed",
        frame,
        facts,
        f"Lists, comparisons and sweeps with 5 runs in the store, and with {given.runs}",
        table_of(frame),
    )


def row(what: str, times: dict[int, list[float]], many: int) -> dict[str, object]:
    """One line of the table."""
    few, more = (1000 * statistics.median(times[size]) for size in (5, many))
    free = what.startswith("from nothing")
    return {"what": what, "5 runs, ms": few, f"{many} runs, ms": more, "goal": "" if free else "yes" if more <= GOAL else "no"}


def ways(store: RunStore) -> dict[str, Callable[[], object]]:
    """What the page asks of a store."""
    kept = store.kept
    newest = [entry.id for entry in kept.entries(6)]
    name = stored.sweeps(kept)[0].name

    def compare() -> object:
        return tables.compared(choice.read(store, newest[: min(6, len(newest))]), "")

    return {
        "list of runs": store.choices,
        "menu of the comparison": functools.partial(choice.menu, store, newest),
        "search by words": functools.partial(kept.find, "m-wanda 50%"),
        "compare six runs": compare,
        "list of sweeps": functools.partial(stored.sweeps, kept),
        "how far a sweep is": functools.partial(stored.kept_sweep, kept, name),
        "show a sweep": functools.partial(sweep_results.read, store, name),
        "unfinished runs": kept.unfinished,
    }


def once(store: RunStore) -> dict[str, float]:
    """What happens once: the index made from nothing, and a sweep that was never read."""
    found = {}
    (store.folder / INDEX_FILE).unlink(missing_ok=True)
    for what, way in {"from nothing: index": store.choices, "first time: show a sweep": None}.items():
        name = stored.sweeps(store.kept)[-1].name if way is None else ""
        started = time.process_time()
        (way or functools.partial(sweep_results.read, store, name))()
        found[what] = time.process_time() - started
    return found


def after_a_new_run(store: RunStore, number: int) -> float:
    """Seconds of the list once another run was kept."""
    make_run(
        store.folder,
        next(store.folder.glob("2*")),
        f"20270101-0000{number:02d}-new",
        Settings(languages=LANGUAGES[:4], seed=10**6 + number),
    )
    started = time.process_time()
    store.choices()
    return time.process_time() - started


def make(folder: Path, runs: int) -> None:
    """A store of synthetic runs, all but their descriptions alike, in sweeps of a hundred."""
    template = report(Settings(languages=LANGUAGES[:4], held_out=LANGUAGES[4:])).save(folder / ".template")
    store, made = RunStore(folder).kept, 0
    for number in range(-(-runs // (len(SPARSITIES) * len(METHODS) * SEEDS))):
        base = Settings(languages=LANGUAGES[:4], held_out=LANGUAGES[4:])
        seeds = range(SEEDS * number, SEEDS * (number + 1))
        plan = plan_sweep(base, sparsities=SPARSITIES, methods=METHODS, seeds=seeds)[: runs - made]
        save_sweep(store, f"sweep-{number:03d}", plan)
        for settings in plan:
            make_run(folder, template, f"2026{1 + made // 2800:02d}{1 + made // 100 % 28:02d}-{made % 100:06d}-made", settings)
            made += 1
    shutil.rmtree(template)


def make_run(folder: Path, template: Path, id: str, settings: Settings) -> None:
    """A run with the tables of another one, linked, and a description of its own."""
    place = folder / id
    place.mkdir()
    files = json.loads((template / MANIFEST).read_text())
    for name in files["files"]:
        if name != REPORT_FILE:
            os.link(template / name, place / name)
    facts = json.loads((template / REPORT_FILE).read_text())
    facts |= {"id": id, "settings": settings.to_dict(), "recipe": recipe(settings.method).to_dict()}
    text = json.dumps(facts)
    (place / REPORT_FILE).write_text(text)
    files["files"][REPORT_FILE] = [len(text), hashlib.sha256(text.encode()).hexdigest()]
    (place / MANIFEST).write_text(json.dumps(files))


def report(settings: Settings) -> RunReport:
    """A run of six languages, twelve texts each, and a model of eighteen blocks: random figures of the usual sizes."""
    draw = np.random.default_rng(0)
    codes = [*settings.languages, *settings.held_out]
    texts = pd.DataFrame(
        [(code, f"{code}:{n}", 100, 300, 300.0, 400.0 + 20 * draw.normal()) for code in codes for n in range(12)],
        columns=["language", "text", "tokens", "bytes", "nll_dense", "nll_pruned"],
    )
    items = [(code, f"{code}:{n}", 0, bool(draw.integers(2)), bool(draw.integers(2))) for code in codes for n in range(12)]
    figures = {
        "increase": 1.0,
        "increase_low": 0.9,
        "increase_high": 1.1,
        "perplexity_ratio": 2.7,
        "ratio_low": 2.5,
        "ratio_high": 3.0,
    }
    languages = pd.DataFrame(
        [{"language": c, "name": c, "role": "calibration", "dense_loss": 3.0, "pruned_loss": 4.0, **figures} for c in codes]
    )
    kinds = ("q", "k", "v", "o", "gate", "up", "down")
    layers = pd.DataFrame(
        [(block, f"layer.{kind}", kind, 0.5) for block in range(18) for kind in kinds],
        columns=["block", "module", "kind", "achieved"],
    )
    facts = {
        "id": "template", "settings": settings.to_dict(), "recipe": recipe(settings.method).to_dict(), "notes": ["Made up."],
        "timings": {"total": 60.0}, "model": {"source": settings.model, "fingerprint": "0" * 64, "dtype": "bfloat16", "device": "cpu"},
        "summary": {"mean_increase": 1.0, "worst_language": "sw", "worst_increase": 1.2, "achieved_sparsity": settings.sparsity},
        "versions": {}, "calibration": {"passages": {code: [f"{code}:{n}" for n in range(20)] for code in codes}},
    }  # fmt: skip
    named = pd.DataFrame(items, columns=["language", "item", "answer", "correct_dense", "correct_pruned"])
    return RunReport(facts, {"languages": languages, "layers": layers, "texts": texts, "choices": named})


if __name__ == "__main__":
    main()
