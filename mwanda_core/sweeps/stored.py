"""The sweeps that are kept: which there are, how far each is, and their results while they are still coming in."""

import contextlib
import dataclasses
import datetime
import functools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from mwanda_core.errors import RunError
from mwanda_core.store.format import REPORT_FILE, table_file
from mwanda_core.store.integrity import check_files, read_json
from mwanda_core.store.report import RunReport, read_facts, read_table
from mwanda_core.store.run_store import SAFE, RunStore
from mwanda_core.sweeps.sweep import FOLDER, result_row, table_of

LONG = ("language", "name", "role", "increase", "increase_low", "increase_high", "pruned_perplexity")
"""Columns of a run's languages that a sweep's table by language repeats, where the run has them."""


@dataclasses.dataclass(frozen=True)
class KeptSweep:
    """A sweep's plan. changed: UTC. keys: one a run that is wanted. done: key -> id of its run. refused: title -> why."""

    name: str
    changed: str
    keys: tuple[str, ...]
    done: dict[str, str]
    refused: dict[str, str]

    @property
    def left(self) -> int:
        """Runs that were neither finished nor refused."""
        return max(0, len(self.keys) - len(self.done) - len(self.refused))


@dataclasses.dataclass(frozen=True)
class SweepTables:
    """runs: one row a run (`results_table`); languages: one row a run and language, with 95 % intervals."""

    runs: pd.DataFrame
    languages: pd.DataFrame


def known_runs(store: RunStore) -> Iterator[RunReport]:
    """The reports of all runs that can be read, newest first."""
    for entry in store.entries():
        with contextlib.suppress(RunError, KeyError, OSError):
            yield store.load(entry.id)


def sweeps(store: RunStore) -> list[KeptSweep]:
    """Every sweep that can be read, the one that was changed last first."""
    place = store.folder / FOLDER
    found = [(path.stat().st_mtime, path.stem) for path in (place.glob("*.json") if place.is_dir() else [])]
    return list(_readable(store, [name for _, name in sorted(found, reverse=True)]))


def _readable(store: RunStore, names: Sequence[str]) -> Iterator[KeptSweep]:
    for name in names:
        with contextlib.suppress(RunError):
            yield kept_sweep(store, name)


def kept_sweep(store: RunStore, name: str) -> KeptSweep:
    """One sweep, as far as it is.

    Raises RunError when there is none of this name or its file is damaged.
    """
    if not SAFE.fullmatch(name):
        raise RunError(f"{name[:60]!r} is not the name of a sweep.")
    path = store.folder / FOLDER / f"{name}.json"
    try:
        data = read_json(path)
        keys = tuple(str(key) for key, _ in data["runs"].items())
        refused = {str(title): str(why) for title, why in dict(data.get("refused", {})).items()}
        changed = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunError(f"There is no sweep {name!r} here, or its file is damaged.") from error
    return KeptSweep(name, changed, keys, store.newest(keys), refused)


def forget_sweep(store: RunStore, name: str) -> None:
    """Drop a sweep's plan; its runs stay.

    Raises RunError as `kept_sweep`.
    """
    kept_sweep(store, name)
    (store.folder / FOLDER / f"{name}.json").unlink(missing_ok=True)


def tables_of(store: RunStore, ids: Sequence[str]) -> SweepTables:
    """The results of runs; one that cannot be read is left out. What was read once is remembered: runs do not change."""
    found = [lines for id in ids if (lines := _lines(store, id)) is not None]
    long = [{"id": row["id"], **line} for row, lines in found for line in lines]
    names = ["id", "method", "sparsity", "languages", "seed"]
    runs = table_of([row for row, _ in found])
    if not long:
        return SweepTables(runs, pd.DataFrame(columns=[*names, *LONG]))
    settings = runs[names].rename(columns={"languages": "mix"})
    return SweepTables(runs, settings.merge(pd.DataFrame(long), on="id", validate="one_to_many"))


def _lines(store: RunStore, id: str) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
    with contextlib.suppress(RunError, KeyError, OSError):
        return _read(store.path(id))
    return None


@functools.lru_cache(maxsize=4096)
def _read(folder: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    facts, name = read_facts(folder), table_file("languages")
    check_files(folder, [REPORT_FILE, name])
    languages = read_table(folder / name)
    report = RunReport(facts, {"languages": languages})
    rows = languages[[name for name in LONG if name in languages]].to_dict(orient="records")
    return result_row(report), [{str(name): value for name, value in row.items()} for row in rows]
