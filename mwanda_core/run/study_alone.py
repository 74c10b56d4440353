"""One study by itself: how long it is expected to take, and its result to be kept. A study that is part of runs is asked in a run of
its own, on the dense model and on the one pruned as the settings say."""

import dataclasses
import time

from mwanda_core.corpora.choosing import texts_named
from mwanda_core.languages import parse_codes
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.run import estimate
from mwanda_core.run.before import settled, settled_alone
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.settings import Settings
from mwanda_core.studies import Alone, Study, text_of
from mwanda_core.studies.base import Bench
from mwanda_core.studies.result import StudyResult


def seconds(study: Study, settings: Settings, model: LanguageModel) -> float:
    """Expected on a machine of which nothing was measured, loading the model left out; a factor of two off is common.

    Raises InputError when the study cannot be asked with these settings.
    """
    study.check(settings)
    method, sizes = recipe(settings.method), estimate.sizes_of_model(model)
    rate = estimate.rate_of((), method, model.device.type)
    if not isinstance(study, Alone):
        return estimate.cost(method, _with(study, settings), sizes, rate).total
    units = study.estimate(settings, estimate.scale_of(method, settings, sizes))
    return units * sizes.block / rate.by_stage["measuring"]


def check_study(study: Study, settings: Settings) -> None:
    """Refuse, before a model is loaded, what can be seen to be wrong without one.

    Raises InputError in one sentence, TextError for texts that cannot be had.
    """
    if isinstance(study, Alone):
        settled_alone(study, settings)
    else:
        settled(_with(study, settings))
        texts_named(settings.texts, parse_codes([*settings.languages, *settings.held_out]))


def run_study(study: Study, bench: Bench, settings: Settings, monitor: Monitor) -> StudyResult:
    """The study's tables and notes; a study that is part of runs needs a `Workbench` itself. facts: study, knobs, settings and seconds, then what the study itself says.

    Raises InputError or ModelError for what cannot be carried out, Cancelled when stopped.
    """
    if isinstance(study, Alone):
        settings = settled_alone(study, settings)
    started = time.perf_counter()
    if isinstance(study, Alone):
        found = study.run(bench, settings, monitor)
    else:
        assert isinstance(bench, Workbench)
        found = _in_a_run(study, bench, settings, monitor)
    facts = {
        "study": study.name,
        "title": study.title,
        "knobs": dataclasses.asdict(study),  # type: ignore[call-overload]
        "settings": settings.to_dict(),
        **found.facts,
        "seconds": time.perf_counter() - started,
    }
    return dataclasses.replace(found, facts=facts)


def _with(study: Study, settings: Settings) -> Settings:
    return dataclasses.replace(settings, studies=(text_of(study),))


def _in_a_run(study: Study, bench: Workbench, settings: Settings, monitor: Monitor) -> StudyResult:
    report = bench.run(_with(study, settings), monitor).report
    tables = {name: report.tables[name] for name in ("languages", *(spec.name for spec in study.tables))}
    facts = {name: report.facts[name] for name in ("settings", "recipe", "model", "summary")}
    return StudyResult(tables, facts, tuple(report.facts["notes"]))
