"""Many runs from one plan: sparsities x methods x mixes of languages x seeds, one after the other on one workbench.

A sweep is known by its name. `.sweeps/<name>.json` in the run folder lists what is wanted, by the key of the settings (see
`keys`), before the first run; every run is in the store as soon as it is finished. Started again after a cancel, a crash or a
kill, a sweep does what is not in the store yet. A plan that cannot be carried out in part says so for that part and goes on;
what was refused, and why, is kept beside the plan until the sweep is started again.
"""

import dataclasses
import itertools
import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float

from mwanda_core.errors import InputError, RunError
from mwanda_core.progress import Monitor, Progress
from mwanda_core.run.experiment import Workbench, title_of
from mwanda_core.run.settings import Settings, settings_from
from mwanda_core.store.integrity import read_json, write_atomically
from mwanda_core.store.keys import wanted_key
from mwanda_core.store.report import RunReport
from mwanda_core.store.run_store import SAFE, RunStore

FOLDER = ".sweeps"
MOST = 2000


@dataclasses.dataclass(frozen=True)
class SweepResult:
    """table: one row a run wanted, in the order of the plan (see `results_table`). refused: title -> why it cannot be run."""

    name: str
    runs: tuple[str, ...]
    skipped: int
    refused: Mapping[str, str]
    table: pd.DataFrame


def plan_sweep(
    base: Settings,
    *,
    sparsities: Sequence[float] = (),
    methods: Sequence[str | Mapping[str, Any]] = (),
    mixes: Sequence[Sequence[str]] = (),
    seeds: Sequence[int] = (),
) -> tuple[Settings, ...]:
    """Every combination, the settings of `base` where a list is empty; what would be the same run twice is there once.

    Runs of one mix of languages come one after the other, so that its statistics are measured once. Raises InputError for a method or a language that cannot be, or a plan of more than `MOST` runs.
    """
    sparsities, methods = list(sparsities) or [base.sparsity], list(methods) or [base.method]
    mixes, seeds = list(mixes) or [base.languages], list(seeds) or [base.seed]
    size = len(sparsities) * len(methods) * len(mixes) * len(seeds)
    if size > MOST:
        raise InputError(f"This plan has {size} runs; at most {MOST} are allowed: leave some out.")
    found: dict[str, Settings] = {}
    for mix, seed, method, sparsity in itertools.product(mixes, seeds, methods, sparsities):
        wanted = dataclasses.replace(base, sparsity=sparsity, method=method, languages=tuple(mix), seed=seed)
        found.setdefault(wanted_key(wanted), wanted)
    return tuple(found.values())


def save_sweep(store: RunStore, name: str, plan: Sequence[Settings], refused: Mapping[str, str] = MappingProxyType({})) -> None:
    """Write down what a sweep wants, and what of it could not be run (title -> why).

    Raises RunError for a name that is none, InputError for an empty plan.
    """
    if not SAFE.fullmatch(name):
        raise RunError(f"{name[:60]!r} cannot be the name of a sweep: use letters, digits, '.', '-' and '_'.")
    if not plan:
        raise InputError("The sweep is empty: name at least one run.")
    data = {"runs": {wanted_key(settings): settings.to_dict() for settings in plan}, "refused": dict(refused)}
    write_atomically(store.folder / FOLDER / f"{name}.json", json.dumps(data, ensure_ascii=False, indent=1))


def load_sweep(store: RunStore, name: str) -> tuple[Settings, ...]:
    """What a sweep wants.

    Raises RunError when there is no sweep of this name or its file is damaged.
    """
    if not SAFE.fullmatch(name):
        raise RunError(f"{name[:60]!r} is not the name of a sweep.")
    try:
        return tuple(settings_from(found) for found in read_json(store.folder / FOLDER / f"{name}.json")["runs"].values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunError(f"There is no sweep {name!r} here, or its file is damaged.") from error


def run_sweep(
    bench: Workbench, store: RunStore, plan: Sequence[Settings], name: str = "sweep", monitor: Monitor | None = None
) -> SweepResult:
    """Do what is not done yet, save every run, and give all results as one table.

    The progress counts runs. Raises Cancelled when stopped: runs that are finished are kept and are skipped the next time.
    """
    monitor = monitor or Monitor()
    save_sweep(store, name, plan)
    wanted = {wanted_key(settings): settings for settings in plan}
    done = store.newest(wanted)
    skipped = len(done)
    todo = {key: settings for key, settings in wanted.items() if key not in done}
    monitor.plan(float(len(todo)))
    refused: dict[str, str] = {}
    for place, (key, settings) in enumerate(todo.items()):
        title = title_of(settings)
        part = RunMonitor(monitor, f"Run {place + 1} of {len(todo)}: ")
        part.begin(title)
        try:
            with store.started(settings, title):
                run = bench.run(settings, part)
                store.save(run)
            done[key] = run.report.id
        except InputError as error:
            refused[title] = str(error)
            save_sweep(store, name, plan, refused)
        part.finish()
    reports = [store.load(done[key]) for key in wanted if key in done]
    return SweepResult(name, tuple(report.id for report in reports), skipped, refused, results_table(reports))


class RunMonitor(Monitor):
    """Progress of one of several equal parts of a job: it reports the whole part as one unit of work to the outer monitor."""

    def __init__(self, outer: Monitor, prefix: str) -> None:
        Monitor.__init__(self, on_progress=self._heard, is_cancelled=outer.is_cancelled)
        self._outer, self._prefix, self._told = outer, prefix, 0.0

    def _heard(self, progress: Progress) -> None:
        # Work is announced in pieces, so the share done can fall; what was reported is never taken back.
        self._tell(progress.stage, max(self._told, progress.fraction), progress.detail)

    def finish(self) -> None:
        """Report what is left of the part."""
        self._tell(self.stage, 1.0, "")

    def _tell(self, stage: str, share: float, detail: str) -> None:
        self._outer.stage = f"{self._prefix}{stage}"
        gained, self._told = share - self._told, share
        self._outer.advance(gained, detail)


def results_table(reports: Sequence[RunReport]) -> pd.DataFrame:
    """One row a run: id, method, sparsity, achieved, languages, mode, seed, mean_increase, worst_language, worst_increase,
    mean_accuracy_change, `front` (on the Pareto front of mean against worst), and `increase <code>` for every language."""
    return table_of([result_row(report) for report in reports])


def result_row(report: RunReport) -> dict[str, Any]:
    """The line of a run in `results_table`, without `front`, which depends on the others."""
    facts, found = report.facts, report.facts["summary"]
    settings, table = facts["settings"], report.tables["languages"]
    row: dict[str, Any] = {
        "id": report.id, "method": facts["recipe"]["title"], "sparsity": settings["sparsity"],
        "achieved": found.get("achieved_sparsity"), "languages": ",".join(settings["languages"]),
        "mode": settings.get("mode", ""), "seed": settings.get("seed", 0), "mean_increase": found.get("mean_increase"),
        "worst_language": found.get("worst_language"), "worst_increase": found.get("worst_increase"),
        "mean_accuracy_change": found.get("mean_accuracy_change"),
    }  # fmt: skip
    return row | {f"increase {code}": value for code, value in zip(table["language"], table["increase"], strict=True)}


def table_of(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Lines of runs (see `result_row`) as one table, with `front`."""
    table = pd.DataFrame([dict(row) for row in rows])
    if rows:
        points = table[["mean_increase", "worst_increase"]].astype(float).to_numpy()
        table.insert(list(table.columns).index("worst_increase") + 1, "front", front(points))
    return table


def front(points: Float[np.ndarray, "n goals"]) -> Bool[np.ndarray, " n"]:
    """Which points no other point beats: none is at least as good (low) in every goal and better in one.

    Equal points stand or fall together; a point that is not a number in some goal is never on the front.
    """
    known = ~np.isnan(points).any(axis=1)
    at_least = (points[None, :, :] <= points[:, None, :]).all(axis=2)
    better = (points[None, :, :] < points[:, None, :]).any(axis=2)
    beaten = (at_least & better & known[None, :]).any(axis=1)
    return known & ~beaten
