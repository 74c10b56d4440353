"""What a run may ask beside the losses: benchmarks, and why each language lost what it lost. Each study looks at the dense model,
then at the pruned one, and puts tables into the report.

    overlap      languages whose own masks agree (no forward pass beyond one for the ceiling)
    neurons      language neurons before and after, and how much of them was pruned
    predictors   what was known of a language beforehand against what it lost
    generation   what both models write
    profile      effective rank, order of the likeliest tokens, energy ("ACBench-style")

One unit of progress is one token through one block, as in `pruning.prune`.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor

from mwanda_core import insight, tasks
from mwanda_core.corpora import Packed
from mwanda_core.engine.measure import BlockStats, measure_model
from mwanda_core.engine.outcome import PruneResult
from mwanda_core.errors import InputError
from mwanda_core.evaluation import EvaluationSet
from mwanda_core.methods.recipes import Recipe, recipe
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import STUDIES, Settings
from mwanda_core.tasks import Task, TaskScores

__all__ = ["STUDIES", "Studies", "Subject"]

TOKEN_COST = 3.0
"""Writing one token costs a pass of it and of the head, one sequence at a time: passes of a token; for the progress bar."""

PROFILE_TEXTS = 4
"""Texts per language that the profile looks into: every position is kept for the comparison."""

PROMPTS = 3
"""Openings per language that both models go on with."""

_FROM_STATISTICS = frozenset({"positive", "mean"})

Tables = dict[str, pd.DataFrame]


@dataclasses.dataclass(frozen=True)
class Subject:
    """What is studied: the model, how it is to be pruned, on which texts. `unseen`: calibration text of the held-out languages,
    which only the predictors read. `prompts`: openings to go on with."""

    model: LanguageModel
    settings: Settings
    recipe: Recipe
    packed: Packed
    unseen: Packed | None
    scored: EvaluationSet
    prompts: tuple[insight.Prompt, ...] = ()
    tasks: tuple[Task, ...] = ()

    @property
    def sparsity(self) -> float:
        return self.settings.sparsity


def check(settings: Settings) -> None:
    """Refuse studies and benchmarks that there are not.

    Raises InputError in one sentence.
    """
    unknown = [name for name in settings.studies if name not in STUDIES]
    if unknown:
        raise InputError(f"There is no study named {unknown[0]!r}. Choose one of: {', '.join(STUDIES)}.")
    blind = [name for name in ("predictors", "profile") if name in settings.studies and not settings.eval_texts]
    if blind:
        raise InputError(f"The study {blind[0]!r} needs texts that are scored; eval_texts was given as 0.")
    if settings.task_items < 1:
        raise InputError(f"At least one item a language is needed; task_items was given as {settings.task_items}.")


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
    """The studies of one run. `before` on the dense model, `after` on the pruned one; the weights are never touched."""

    def __init__(self, subject: Subject, monitor: Monitor) -> None:
        self.subject, self.monitor = subject, monitor
        self.notes: list[str] = []
        self._after: list[Callable[[PruneResult, pd.DataFrame], Tables]] = []
        self._overlap: dict[str, float] = {}
        self._damage: pd.DataFrame | None = None

    def before(self, stats: tuple[BlockStats, ...]) -> None:
        """Everything that needs the dense model.

        Raises InputError or ModelError for a study that this model or text does not allow, Cancelled when stopped.
        """
        wanted = self.subject.settings.studies
        if self.subject.tasks:
            self._tasks()
        if "overlap" in wanted:
            self._masks()
        if "neurons" in wanted:
            self._neurons()
        if "generation" in wanted:
            self._generation()
        if "profile" in wanted:
            self._profile()
        # Last, because it takes in what the others found.
        if "predictors" in wanted:
            self._predictors(stats)

    def after(self, result: PruneResult, losses: pd.DataFrame) -> Tables:
        """Everything that needs the pruned model; `losses` is the run's table of languages."""
        found: Tables = {}
        for finish in self._after:
            found |= finish(result, losses)
        return found

    def _scaled(self, passes: float) -> Monitor:
        return self.monitor.scaled(passes * len(self.subject.model.blocks))

    def _tasks(self) -> None:
        model, wanted = self.subject.model, self.subject.tasks
        monitor = self._scaled(1.0)
        dense: list[TaskScores] = [tasks.score_dense_task(model, task, monitor) for task in wanted]

        def finish(result: PruneResult, losses: pd.DataFrame) -> Tables:
            pruned = [tasks.score_task(model, task, monitor, "pruned model") for task in wanted]
            found = tasks.compare_tasks(dense, pruned)
            return {"tasks": found.table, "task_means": found.means, "task_items": found.items}

        self._after.append(finish)

    def _masks(self) -> None:
        model, packed, sparsity = self.subject.model, self.subject.packed, self.subject.sparsity
        cutter = self.subject.recipe
        if not cutter.needs <= _FROM_STATISTICS:
            cutter = recipe("wanda", pattern=cutter.pattern)
            self.notes.append(
                f"Masks of single languages are Wanda's: those of {self.subject.recipe.title} are not cut from statistics alone."
            )
        split = insight.halves(packed)
        self.monitor.plan(split.num_tokens * len(model.blocks))
        stats = measure_model(model, split, _FROM_STATISTICS, self.monitor)
        found = insight.overlap(
            model, insight.by_language(stats, cutter, sparsity), self.monitor.scaled(packed.tokens_per_language)
        )
        whole = insight.with_mix(insight.joined(stats), packed.languages, cutter, sparsity)
        self._overlap = insight.to_mix(insight.overlap(model, whole, self.monitor.scaled(packed.tokens_per_language)))
        tables = {
            "overlap": insight.between_halves(found),
            "overlap_modules": insight.between_halves(found, ("module",)),
            "overlap_blocks": insight.between_halves(found, ("block",)),
        }
        self._after.append(lambda result, losses: tables)

    def _neurons(self) -> None:
        model, packed = self.subject.model, self.subject.packed
        mlps = insight.find_mlps(model)
        self.monitor.plan(2 * packed.num_tokens * len(model.blocks))
        dense = insight.language_neurons(insight.measure_firing(model, mlps, packed, self.monitor))

        def finish(result: PruneResult, losses: pd.DataFrame) -> Tables:
            shares = insight.pruned_shares(model, mlps, result.masks)
            self._damage = insight.pruned_table(dense, shares)
            pruned = insight.language_neurons(insight.measure_firing(model, mlps, packed, self.monitor))
            drift = insight.drift(dense, pruned)
            return {"neurons": self._damage, "neuron_blocks": dense.by_block(), "neuron_drift": drift}

        self._after.append(finish)

    def _generation(self) -> None:
        model, settings = self.subject.model, self.subject.settings
        wanted = insight.GenerationSettings(seed=settings.seed)
        prompts, monitor = self.subject.prompts, self._scaled(TOKEN_COST)
        monitor.plan(2 * insight.generation_work(prompts, wanted))
        dense = insight.generate(model, prompts, wanted, monitor, "dense model")

        def finish(result: PruneResult, losses: pd.DataFrame) -> Tables:
            found = insight.compare_generations(dense, insight.generate(model, prompts, wanted, monitor, "pruned model"))
            return {"generated_texts": found["texts"], "generated_languages": found["languages"]}

        self._after.append(finish)

    def _profile(self) -> None:
        model = self.subject.model
        few = first_texts(self.subject.scored, PROFILE_TEXTS)
        self.monitor.plan(2 * insight.profile_work(model, few))
        dense = insight.profile(model, few, self.monitor, label="dense model")

        def finish(result: PruneResult, losses: pd.DataFrame) -> Tables:
            pruned = insight.profile(model, few, self.monitor, dense=dense, label="pruned model")
            return {f"profile_{name}": table for name, table in insight.compare_profiles(dense, pruned).items()}

        self._after.append(finish)

    def _predictors(self, stats: tuple[BlockStats, ...]) -> None:
        model, unseen, calibrated = self.subject.model, self.subject.unseen, self.subject.packed.languages
        if unseen is not None:
            self.monitor.plan(unseen.num_tokens * len(model.blocks))
            stats = insight.side_by_side(stats, measure_model(model, unseen, _FROM_STATISTICS, self.monitor))
        similarity = insight.similarity_to_mix(stats, calibrated)

        def finish(result: PruneResult, losses: pd.DataFrame) -> Tables:
            pruned = {} if self._damage is None else dict(zip(self._damage["language"], self._damage["column"], strict=True))
            found = insight.predictors(losses, similarity, self._overlap, pruned)
            return {"predictors": found, "correlations": insight.correlations(found)}

        self._after.append(finish)


def first_texts(scored: EvaluationSet, count: int) -> EvaluationSet:
    """The first `count` texts of every language."""
    kept = [text for code in scored.languages for text in scored.only(code).texts[:count]]
    return dataclasses.replace(scored, texts=tuple(kept), choices=())


def spared(model: LanguageModel, codes: Sequence[str], packed: Packed, monitor: Monitor) -> Mapping[str, Tensor]:
    """What `pruning.prune` is to keep so that the language neurons of some languages are spared: their down columns.

    Raises InputError for a language that is not calibrated on, ModelError for a model whose neurons cannot be found.
    """
    missing = [code for code in codes if code not in packed.languages]
    if missing:
        raise InputError(
            f"Neurons of {', '.join(missing)} cannot be spared, because they are found on calibration text: calibrate on these "
            "languages, too."
        )
    mlps = insight.find_mlps(model)
    monitor.plan(packed.num_tokens * len(model.blocks))
    found = insight.language_neurons(insight.measure_firing(model, mlps, packed, monitor))
    chosen = torch.stack([found.of(code) for code in codes]).any(dim=0)
    return insight.protect(model, mlps, chosen)
