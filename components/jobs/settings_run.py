"""A run that was asked for in the library's own settings, through the API, rather than in the form."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.form.form import check
from components.i18n import words
from components.i18n.names import language_names
from components.jobs.kind import LENT, Kind, Request, RunSaved, Workplace
from mwanda_core.errors import InputError
from mwanda_core.progress import Monitor

if TYPE_CHECKING:
    from mwanda_core.run.settings import Settings


def settings_of(data: Mapping[str, Any]) -> "Settings":
    """Settings from plain data, refused as the page refuses them.

    Raises InputError in one sentence.
    """
    with importing():
        from mwanda_core.methods.recipes import recipe
        from mwanda_core.run import estimate
        from mwanda_core.run.settings import refuse_settings, settings_from
    if not isinstance(data, Mapping):
        raise InputError(words.API_NO_OBJECT.format(given=type(data).__name__))
    found = settings_from(data)
    check(vars(found))
    refuse_settings(found)
    estimate.refuse(recipe(found.method), found)
    return found


def work(request: Request, monitor: Monitor, place: Workplace) -> RunSaved:
    """Carry the run out."""
    settings = settings_of(request["settings"])
    with place.store.started(settings, title(request)):
        found = place.bench.run(settings, monitor)
        place.store.kept.save(found)
    return RunSaved(str(found.report.id))


def title(request: Request) -> str:
    """One line for the job."""
    with importing():
        from mwanda_core.methods.recipes import recipe
        from mwanda_core.run.settings import settings_from
    found = settings_from(request["settings"])
    model = found.model.rstrip("/").rpartition("/")[2]
    return words.job_title(words.library(recipe(found.method).title), found.sparsity, model, language_names(found.languages))


KIND = Kind("settings", title, work, lambda request: LENT)
