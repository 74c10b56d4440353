"""A run that was asked for in the library's own settings, through the API, rather than in the form."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.form.form import check
from components.i18n import words
from components.i18n.names import language_names
from components.store import RunStore
from mwanda_core.errors import InputError
from mwanda_core.progress import Monitor

if TYPE_CHECKING:
    from mwanda_core.run.experiment import Workbench
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


def run(request: Mapping[str, Any], monitor: Monitor, bench: "Workbench", store: RunStore) -> str:
    """Carry the run out; its id."""
    settings = settings_of(request["settings"])
    with store.started(settings, title(request)):
        found = bench.run(settings, monitor)
        found.save(store.path(found.report.id))
    return str(found.report.id)


def title(request: Mapping[str, Any]) -> str:
    """One line for the job."""
    with importing():
        from mwanda_core.methods.recipes import recipe
        from mwanda_core.run.settings import settings_from
    found = settings_from(request["settings"])
    model = found.model.rstrip("/").rpartition("/")[2]
    return words.job_title(words.library(recipe(found.method).title), found.sparsity, model, language_names(found.languages))


def seconds(request: Mapping[str, Any]) -> int:
    """Seconds to ask for where a GPU is lent."""
    return 110
