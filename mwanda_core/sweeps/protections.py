"""Searches for protected languages, kept: `.protections/<id>.json` beside the runs says what was wanted and tried, and which two
runs it ended in. The runs themselves are runs like any other."""

import contextlib
import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from mwanda_core.errors import RunError
from mwanda_core.store.integrity import read_json, write_atomically
from mwanda_core.store.report import new_id
from mwanda_core.store.run_store import SAFE, RunStore
from mwanda_core.sweeps.protect import Protection

FOLDER = ".protections"
_WORDS = ("activation", "front", "taken")
"""Columns of the tries that are no numbers; "method" is another, which searches of earlier versions lack."""


@dataclasses.dataclass(frozen=True)
class KeptProtection:
    """A search that was kept. limits: language -> nats per token. probes: as `Protection.probes`. before, after: ids of its runs.
    kept: whether `after` keeps every limit on texts that the search never saw."""

    id: str
    title: str
    limits: Mapping[str, float]
    probes: pd.DataFrame
    before: str
    after: str
    kept: bool


def keep(store: RunStore, found: Protection) -> str:
    """Save both runs of a search, and what it tried; the id it is found under."""
    for run in (found.before, found.after):
        store.save(run)
    id = new_id("protect")
    rows = [{str(name): _plain(value) for name, value in row.items()} for row in found.probes.to_dict(orient="records")]
    data = {
        "title": found.before.report.title, "limits": dict(found.limits), "before": found.before.report.id,
        "after": found.after.report.id, "kept": found.kept, "probes": rows,
    }  # fmt: skip
    write_atomically(store.folder / FOLDER / f"{id}.json", json.dumps(data, ensure_ascii=False, allow_nan=False))
    return id


def _plain(value: Any) -> Any:
    """JSON has no number that is none."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def load_protection(store: RunStore, id: str) -> KeptProtection:
    """A search that was kept.

    Raises RunError when there is none of this name or its file is damaged.
    """
    if not SAFE.fullmatch(id):
        raise RunError(f"{id[:60]!r} is not the name of a search.")
    try:
        data = read_json(store.folder / FOLDER / f"{id}.json")
        limits = {str(code): float(value) for code, value in data["limits"].items()}
        probes = pd.DataFrame(data["probes"])
        if not {"protected", "others", "over", *_WORDS} <= set(probes):
            raise ValueError("columns")
        probes = probes.astype({name: float for name in probes if name not in (*_WORDS, "method")})
        return KeptProtection(
            id, str(data["title"]), limits, probes, str(data["before"]), str(data["after"]), bool(data["kept"])
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise RunError(f"There is no search {id[:60]!r} here, or its file is damaged.") from error


def protections(store: RunStore) -> list[KeptProtection]:
    """Every search that can be read, newest first."""
    place, found = store.folder / FOLDER, []
    for path in sorted(place.glob("*.json"), reverse=True) if place.is_dir() else []:
        with contextlib.suppress(RunError):
            found.append(load_protection(store, path.stem))
    return found
