"""The job that makes a run of the states that another run kept, at another sparsity, pattern or mix of languages: without its walk."""

from typing import TYPE_CHECKING

from components.engine import importing
from components.environment import shared_server
from components.form.form import is_local
from components.i18n import words
from components.jobs.kind import LENT, Kind, Request, RunSaved, Workplace
from components.scratch import Recent
from components.store import RunStore
from mwanda_core.errors import InputError
from mwanda_core.progress import Monitor

if TYPE_CHECKING:
    from mwanda_core.engine.mirror import Mirror
    from mwanda_core.store.report import RunReport

STATES: "Recent[tuple[RunReport, Mirror]]" = Recent(1)
"""The states that were read last, by the run's folder and when it was written: hundreds of megabytes, so one."""


def states_of(place: RunStore, run: str) -> "tuple[RunReport, Mirror]":
    """A run and its states.

    Raises RunError for a run without states, or damaged ones.
    """
    with importing():
        from mwanda_core.after.another_sparsity import kept_states

    folder = place.path(run)
    try:
        key = str(folder), folder.stat().st_mtime_ns
    except OSError:
        key = str(folder), 0
    return STATES.get(key) or STATES.put(key, kept_states(folder))


def work(request: Request, monitor: Monitor, place: Workplace) -> RunSaved:
    """Prune from the states, and measure as the run did.

    Raises InputError for what the states do not allow.
    """
    with importing():
        from mwanda_core.after.another_sparsity import parse_mix, settings_at
        from mwanda_core.parts.patterns import parse_pattern
        from mwanda_core.run.settings import settings_from

    report, mirror = states_of(place.store, str(request["run"]))
    pattern, mix = parse_pattern(str(request["pattern"])), parse_mix(str(request["mix"]))
    settings = settings_from(settings_at(report, mirror, float(request["sparsity"]), pattern, mix))
    if shared_server() and is_local(settings.model):
        raise InputError(words.SHARED_FOLDER)
    with place.store.started(settings, title(request)):
        found = place.bench.run(settings, monitor, mirror)
        place.store.kept.save(found)
    return RunSaved(str(found.report.id))


def title(request: Request) -> str:
    """One line for the job."""
    return words.ANEW_JOB.format(run=request["run"])


KIND = Kind("anew", title, work, lambda request: LENT)
