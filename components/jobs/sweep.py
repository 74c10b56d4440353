"""The jobs of the tab: carry out a sweep that was written down, and search for protected languages. Both end with JSON."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.i18n import words
from components.i18n.names import language_names
from components.store import RunStore
from mwanda_core.progress import Monitor

if TYPE_CHECKING:
    from mwanda_core.run.experiment import Workbench

SWEEP, PROTECT = "sweep", "protect"
LENT = 110
"""The most seconds that are asked for where a GPU is lent: what is not done by then is done after Resume."""
Request = Mapping[str, Any]


def sweep_request(name: str, runs: int, seconds: float | None) -> dict[str, Any]:
    """What `sweep` takes; the plan itself is in the store."""
    return {"kind": SWEEP, "name": name, "runs": runs, "seconds": seconds}


def sweep(request: Request, monitor: Monitor, bench: "Workbench", store: RunStore) -> str:
    """Do what of the sweep is not done yet.

    Raises RunError when its plan is gone.
    """
    with importing():
        from mwanda_core.sweeps.sweep import load_sweep, run_sweep

    name = str(request["name"])
    run_sweep(bench, store.kept, load_sweep(store.kept, name), name, monitor)
    return json.dumps({SWEEP: name})


def sweep_title(request: Request) -> str:
    """One line for the status."""
    return words.sweep_title(str(request["name"]), int(request["runs"]))


def protect(request: Request, monitor: Monitor, bench: "Workbench", store: RunStore) -> str:
    """Search, and keep both runs and what was tried.

    Raises InputError for limits that cannot be, or a method without a knob to search.
    """
    with importing():
        from mwanda_core.run.settings import settings_from
        from mwanda_core.sweeps import protect as protecting, protections

    settings = settings_from(request["settings"])
    found = protecting.protect(bench, settings, request["limits"], protecting.SearchPlan(**request["how"]), monitor)
    return json.dumps({PROTECT: protections.keep(store.kept, found)})


def protect_title(request: Request) -> str:
    """One line for the status."""
    return words.protect_title(language_names(request["limits"]), int(request["how"]["tries"]))


def seconds(request: Request) -> int:
    """GPU seconds to ask for: a quota is checked against what is asked."""
    told = request.get("seconds")
    return round(min(float(LENT), max(40.0, 30.0 + float(told)))) if told is not None else LENT


def result_of(text: Any, kind: str) -> str:
    """The name of the sweep, or the id of the search, that a job's result names; "" when it names none."""
    try:
        return str(json.loads(str(text)).get(kind, ""))
    except (ValueError, AttributeError):
        return ""
