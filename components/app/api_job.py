"""A run that was asked for in the library's own settings, through the API, rather than in the form."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.form.form import HUB_TEXTS, is_local, shared_server
from components.i18n import words
from components.i18n.names import language_names
from components.store import RunStore
from mwanda_core.errors import InputError
from mwanda_core.progress import Monitor

if TYPE_CHECKING:
    from mwanda_core.run.experiment import Workbench
    from mwanda_core.run.settings import Settings

LIMITS = {"tokens_per_language": 16_384, "sequence_length": 2048, "eval_texts": 100, "task_items": 1000}
"""The most that strangers may ask of a shared server, as the page's sliders have it."""


def settings_of(data: Mapping[str, Any]) -> "Settings":
    """Settings from plain data, refused as the page refuses them.

    Raises InputError in one sentence.
    """
    with importing():
        from mwanda_core.methods.recipes import recipe
        from mwanda_core.run import estimate
        from mwanda_core.run.settings import settings_from
    if not isinstance(data, Mapping):
        raise InputError(words.API_NO_OBJECT.format(given=type(data).__name__))
    found = settings_from(data)
    if not found.languages:
        raise InputError(words.EMPTY_LANGUAGES)
    if not 0.0 <= found.sparsity <= 0.99:
        raise InputError(words.SPARSITY_RANGE.format(given=f"{found.sparsity:.0%}"))
    if shared_server():
        _refuse_strangers(found)
    estimate.refuse(recipe(found.method), found)
    return found


def _refuse_strangers(settings: "Settings") -> None:
    own = {settings.texts, settings.evaluation_texts or "built-in"} - {"built-in", *HUB_TEXTS}
    if own or settings.task_texts != "hub" or is_local(settings.model):
        raise InputError(words.SHARED_FOLDER)
    for name, most in LIMITS.items():
        if getattr(settings, name) > most:
            raise InputError(words.API_LIMIT.format(name=name, most=most, given=getattr(settings, name)))


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
