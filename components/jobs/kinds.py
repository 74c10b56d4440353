"""What a job can be asked for: a run, and whatever else takes long. One `Kind` each; a request names its own.

A request without "kind" is a run. The work of every kind shares one workbench, so a model that was loaded stays for the next
job, and only one job is at it at a time (`mwanda_core.run.jobs`).
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from components.app import api_job
from components.engine import importing
from components.form.form import title_of, to_settings
from components.i18n import words
from components.jobs import export as taking, masks as masks_job, sweep as searching
from components.sections.weights import dense
from components.store import RunStore
from mwanda_core.errors import InputError
from mwanda_core.progress import Monitor

if TYPE_CHECKING:
    from mwanda_core.run.experiment import Workbench

Request = Mapping[str, Any]
Work = Callable[[Request, Monitor], str]
"""Carries out a request and returns the id of what it made: for a run, the one under which it was saved."""

RUN = "run"


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of job.

    work: does it, on the shared workbench, and returns an id or a path as plain text. title: one line for the status.
    seconds: GPU time to ask for where a GPU is lent by the second.
    """

    work: "Callable[[Request, Monitor, Workbench, RunStore], str]"
    title: Callable[[Request], str]
    seconds: Callable[[Request], int]


def seconds_needed(request: Request) -> int:
    """GPU seconds to ask for: a quota is checked against what is asked, so this stays near what a small model takes."""
    languages = len(request["languages"]) + len(request["held_out"])
    calibration = len(request["languages"]) * float(request["tokens_per_language"]) / 20_000
    measuring = languages * float(request["eval_texts"]) * (0.10 if request["choices"] else 0.03)
    walk = 2.0 if request["mode"] == "sequential" else 1.0
    return round(min(110.0, max(40.0, 30.0 + 4.0 * walk * calibration + measuring)))


def _run(request: Request, monitor: Monitor, bench: "Workbench", store: RunStore) -> str:
    settings = to_settings(request)
    with store.started(settings, title_of(request)):  # A run that dies with the process is listed as unfinished.
        run = bench.run(settings, monitor)
        run.save(store.path(run.report.id))
    return str(run.report.id)


KINDS: dict[str, Kind] = {
    RUN: Kind(_run, title_of, seconds_needed),
    "settings": Kind(api_job.run, api_job.title, api_job.seconds),
    "export": Kind(taking.export, taking.title, taking.seconds),
    "push": Kind(taking.push, taking.title, taking.seconds),
    "cost": Kind(taking.cost, taking.title, taking.seconds),
    searching.SWEEP: Kind(searching.sweep, searching.sweep_title, searching.seconds),
    searching.PROTECT: Kind(searching.protect, searching.protect_title, searching.seconds),
    masks_job.KIND: Kind(masks_job.work, masks_job.title, masks_job.seconds),
    dense.KIND: Kind(dense.fetch, dense.title, dense.seconds),
}


def kind_of(request: Request) -> Kind:
    """What a request asks for.

    Raises InputError for a kind that does not exist.
    """
    name = request.get("kind", RUN)
    if name not in KINDS:
        raise InputError(words.UNKNOWN_KIND.format(given=repr(name), known=", ".join(KINDS)))
    return KINDS[name]


def work_in(store: RunStore) -> Work:
    """Carries out requests of every kind on one workbench, which keeps the model for the next one."""
    benches: list[Any] = []

    def work(request: Request, monitor: Monitor) -> str:
        monitor.begin(words.STARTING)
        kind = kind_of(request)
        with importing():
            from mwanda_core.run.experiment import Workbench

        if not benches:
            benches.append(Workbench())
        return kind.work(request, monitor, benches[0], store)

    return work
