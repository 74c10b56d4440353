"""What a run asks beside the losses: benchmarks, and the studies of `mwanda_core.studies`, each on the dense model, then on the
pruned one. Their tables go into the report.

One unit of progress is one token through one block, as in `pruning.prune`.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from mwanda_core import insight, tasks
from mwanda_core.corpora import Packed
from mwanda_core.engine.outcome import PruneResult
from mwanda_core.errors import InputError
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies import Beside, studies_of
from mwanda_core.studies.base import Finish, Subject, Tables
from mwanda_core.tasks import Task, TaskScores


def check(settings: Settings) -> None:
    """Refuse studies and benchmarks that there are not, or that these settings do not allow.

    Raises InputError in one sentence.
    """
    for study in studies_of(settings.studies):
        if not isinstance(study, Beside):
            raise InputError(f"The study {study.name!r} is not part of a run; ask for it alone: mwanda study {study.name}.")
        study.check(settings)
    if settings.task_items < 1:
        raise InputError(f"At least one item a language is needed; task_items was given as {settings.task_items}.")


def reads_unseen(settings: Settings) -> bool:
    """Whether a study reads calibration text of the held-out languages."""
    return any(study.reads_unseen for study in studies_of(settings.studies))


def load_tasks(settings: Settings) -> tuple[Task, ...]:
    """The benchmarks asked for, in those of the run's languages that they have.

    Raises TextError or InputError as `tasks.load_task`, and when a benchmark has none of the languages.
    """
    return tuple(_load_task(name, settings) for name in settings.tasks)


def _load_task(name: str, settings: Settings) -> Task:
    everyone = settings.languages + settings.held_out
    source, count, seed = settings.task_texts, settings.task_items, settings.seed
    if name not in tasks.TASKS:
        own = tasks.load_task(name, None, source, count, seed)
        has = own.languages
        task = dataclasses.replace(own, items=tuple(item for item in own.items if item.language in everyone))
    else:
        adapter = tasks.TASKS[name]
        hub = [code for code in adapter.languages if code not in adapter.local_only]
        has = tuple(hub) if source == tasks.HUB else adapter.local_languages(Path(source).expanduser())
        wanted = [code for code in everyone if code in has]
        # A folder without the set says so itself.
        task = (
            tasks.load_task(name, wanted or None, source, count, seed) if wanted or not has else Task(name, adapter.title, ())
        )
    if not task.items:
        raise InputError(f"{task.title} has none of the languages of this run; it has {', '.join(has)}.")
    return task


class Studies:
    """The benchmarks and studies of one run. `before` on the dense model, `after` on the pruned one; the weights are never touched."""

    def __init__(self, subject: Subject, wanted: Sequence[Task], monitor: Monitor) -> None:
        self.subject, self.tasks, self.monitor = subject, tuple(wanted), monitor
        self._finish: list[Finish] = []

    def before(self) -> None:
        """Everything that needs the dense model.

        Raises InputError or ModelError for a study that this model or text does not allow, Cancelled when stopped.
        """
        if self.tasks:
            self._finish.append(self._answer_tasks())
        for study in studies_of(self.subject.settings.studies):
            assert isinstance(study, Beside), "check refused it"
            self._finish.append(study.start(self.subject, self.monitor))

    def after(self, result: PruneResult, losses: pd.DataFrame) -> Tables:
        """Everything that needs the pruned model; `losses` is the run's table of languages."""
        tables: Tables = {}
        for finish in self._finish:
            tables |= finish(result, losses)
        return tables

    def _answer_tasks(self) -> Finish:
        model, wanted = self.subject.model, self.tasks
        monitor = self.monitor.scaled(len(model.blocks))
        dense: list[TaskScores] = [tasks.score_dense_task(model, task, monitor) for task in wanted]

        def finish(result: PruneResult, losses: pd.DataFrame) -> Tables:
            pruned = [tasks.score_task(model, task, monitor, "pruned model") for task in wanted]
            compared = tasks.compare_tasks(dense, pruned)
            return {"tasks": compared.table, "task_means": compared.means, "task_items": compared.items}

        return finish


def check_spared(codes: Sequence[str], languages: Sequence[str]) -> None:
    """Refuse to spare neurons of a language that is not calibrated on.

    Raises InputError in one sentence.
    """
    missing = [code for code in codes if code not in languages]
    if missing:
        raise InputError(
            f"Neurons of {', '.join(missing)} cannot be spared, because they are found on calibration text: calibrate on these "
            "languages, too."
        )


def spared(model: LanguageModel, codes: Sequence[str], packed: Packed, monitor: Monitor) -> Mapping[str, Tensor]:
    """What `pruning.prune` is to keep so that the language neurons of some languages are spared: their down columns.

    Raises InputError for a language that is not calibrated on, ModelError for a model whose neurons cannot be found.
    """
    check_spared(codes, packed.languages)
    mlps = insight.find_mlps(model)
    monitor.plan(packed.num_tokens * len(model.blocks))
    found = insight.language_neurons(insight.measure_firing(model, mlps, packed, monitor))
    chosen = torch.stack([found.of(code) for code in codes]).any(dim=0)
    return insight.protect(model, mlps, chosen)
