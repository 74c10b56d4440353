"""The job that searches for settings under which languages lose no more than allowed."""

import dataclasses

from components.engine import importing
from components.i18n import words
from components.i18n.names import language_names
from components.jobs.kind import Kind, Request, Result, Workplace
from components.jobs.sweep import seconds
from mwanda_core.progress import Monitor


@dataclasses.dataclass(frozen=True)
class ProtectionKept(Result):
    """The search, with its two runs, was kept under this id."""

    id: str


def work(request: Request, monitor: Monitor, place: Workplace) -> ProtectionKept:
    """Search, and keep both runs and what was tried.

    Raises InputError for limits that cannot be, or a method without a knob to search.
    """
    with importing():
        from mwanda_core.run.settings import settings_from
        from mwanda_core.sweeps import protect, protections
        from mwanda_core.sweeps.stored import known_runs

    plan = protect.SearchPlan(**request["how"])
    found = protect.protect(
        place.bench, settings_from(request["settings"]), request["limits"], plan, monitor, known_runs(place.store.kept)
    )
    return ProtectionKept(protections.keep(place.store.kept, found))


def title(request: Request) -> str:
    """The languages, and how many settings are tried."""
    return words.protect_title(language_names(request["limits"]), int(request["how"]["tries"]))


KIND = Kind("protect", title, work, seconds)
