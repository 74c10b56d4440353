"""The job that asks a study of the model, by itself."""

import dataclasses
from typing import TYPE_CHECKING

from components.engine import importing
from components.environment import shared_server
from components.form.form import is_local
from components.i18n import words
from components.jobs import pruned
from components.jobs.kind import LENT, Kind, Request, Result, Workplace
from mwanda_core.errors import InputError
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings, settings_from
from mwanda_core.studies import Study, paths_of, study

if TYPE_CHECKING:
    from mwanda_core.models import LanguageModel
    from mwanda_core.studies.result import StudyResult


@dataclasses.dataclass(frozen=True)
class StudyAsked(Result):
    """What a study found."""

    name: str
    found: "StudyResult"


def work(request: Request, monitor: Monitor, place: Workplace) -> StudyAsked:
    """Ask it.

    Raises InputError for settings that the study cannot be asked with.
    """
    with importing():
        from mwanda_core.run.study_alone import run_study

    settings, wanted = settings_from(request["settings"]), study(str(request["study"]))
    if shared_server() and (is_local(settings.model) or paths_of(wanted)):
        raise InputError(words.SHARED_FOLDER)
    if run := str(request.get("run", "")):
        return StudyAsked(wanted.name, asked_of(run, wanted, monitor, place))
    say_how_long(wanted, settings, place.bench.model(settings.model, settings.device, settings.dtype), monitor)
    return StudyAsked(wanted.name, run_study(wanted, place.bench, settings, monitor))


def asked_of(run: str, wanted: Study, monitor: Monitor, place: Workplace) -> "StudyResult":
    """Ask it of a kept run, from its masks.

    Raises InputError where the run's model cannot be made from it.
    """
    with importing():
        from mwanda_core.after.asking import ask_run

    if problem := pruned.why_not(place.store.load(run), run, place.store):
        raise InputError(problem)
    folder = place.store.path(run)
    monitor.begin(words.TAKE_STAGE_LOAD)
    model = pruned.dense(place.bench, folder)
    say_how_long(wanted, settings_from(place.store.load(run).facts["settings"]), model, monitor)
    return ask_run(wanted, folder, model, place.bench, monitor)


def say_how_long(wanted: Study, settings: Settings, model: "LanguageModel", monitor: Monitor) -> None:
    """As a stage of the job, before its work begins."""
    with importing():
        from mwanda_core.run.study_alone import seconds
    expected = seconds(wanted, settings, model)
    monitor.begin(words.STUDY_ABOUT.format(time=words.between(expected / 2, 2 * expected)))


KIND = Kind("study", lambda request: words.library(study(str(request["study"])).title), work, lambda request: LENT)
