"""The job that carries out a sweep: its plan is in the store, and what is done of it already is not done again."""

import dataclasses
from typing import Any

from components.engine import importing
from components.i18n import words
from components.jobs.kind import LENT, Kind, Request, Result, Workplace
from mwanda_core.progress import Monitor


@dataclasses.dataclass(frozen=True)
class SweepDone(Result):
    """The name of the sweep."""

    name: str


def request_for(name: str, runs: int, seconds: float | None) -> dict[str, Any]:
    """What the work takes."""
    return {"kind": KIND.name, "name": name, "runs": runs, "seconds": seconds}


def work(request: Request, monitor: Monitor, place: Workplace) -> SweepDone:
    """Do what of the sweep is not done yet.

    Raises RunError when its plan is gone.
    """
    with importing():
        from mwanda_core.sweeps.sweep import load_sweep, run_sweep

    name = str(request["name"])
    run_sweep(place.bench, place.store.kept, load_sweep(place.store.kept, name), name, monitor)
    return SweepDone(name)


def seconds(request: Request) -> int:
    """What was estimated, in bounds: what is not done by then is done after Resume."""
    known = request.get("seconds")
    return LENT if known is None else round(min(float(LENT), max(40.0, 30.0 + float(known))))


KIND = Kind("sweep", lambda request: words.sweep_title(str(request["name"]), int(request["runs"])), work, seconds)
