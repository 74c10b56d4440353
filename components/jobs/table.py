"""Every kind of job by name. A request names its own; one without a name is a run of the form.

The work of every kind shares one workbench, so a model that was loaded stays for the next job, and only one job is at it at a
time (`mwanda_core.run.jobs`).
"""

import threading
from collections.abc import Callable

from components.engine import importing
from components.i18n import words
from components.jobs import anew, cost, export, forget, masks, protect, push, run, settings_run, small, study, sweep, weights
from components.jobs.kind import Kind, Request, Result, Workplace
from components.scratch import Scratch
from components.store import RunStore
from mwanda_core.errors import InputError
from mwanda_core.progress import Monitor

Work = Callable[[Request, Monitor], Result]

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        run.KIND,
        settings_run.KIND,
        export.KIND,
        push.KIND,
        cost.KIND,
        sweep.KIND,
        protect.KIND,
        masks.KIND,
        weights.KIND,
        study.KIND,
        small.KIND,
        forget.KIND,
        anew.KIND,
    )
}


def kind_of(request: Request) -> Kind:
    """What a request asks for.

    Raises InputError for a kind that does not exist.
    """
    name = request.get("kind", run.KIND.name)
    if name not in KINDS:
        raise InputError(words.UNKNOWN_KIND.format(given=repr(name), known=", ".join(KINDS)))
    return KINDS[name]


def work_in(store: RunStore, scratch: Scratch) -> Work:
    """Carries out requests of every kind on one workbench for each thread: a job that had to be abandoned keeps its own."""
    mine = threading.local()

    def work(request: Request, monitor: Monitor) -> Result:
        monitor.begin(words.STARTING)
        kind = kind_of(request)
        with importing():
            from mwanda_core.run.experiment import Workbench

        if not hasattr(mine, "bench"):
            mine.bench = Workbench()
        return kind.work(request, monitor, Workplace(mine.bench, store, scratch))

    return work
