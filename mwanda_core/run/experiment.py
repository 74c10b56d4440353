"""The whole job, the same from Python, the command line and the page: load, calibrate, prune, score, report.

A `Workbench` keeps what the next run can use again: the loaded model, dense statistics of the same texts (another
sparsity or lambda then needs no calibration pass in one-pass mode), and dense scores (cached on disk by content).
"""

import contextlib
import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pandas as pd
from safetensors.torch import save_file

from mwanda_core.corpora import Corpus, Packed, Texts, builtin_languages, pack
from mwanda_core.corpora.choosing import texts_named
from mwanda_core.engine.check import check_settings
from mwanda_core.engine.measure import BlockStats, measure_model, with_weights
from mwanda_core.engine.mirror import Mirror
from mwanda_core.engine.outcome import Mode, PruneResult
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import InputError
from mwanda_core.evaluation import EvaluationSet, Measurement, compare, evaluation_set, measure_dense, summary
from mwanda_core.evaluation.looks import Stand, by_looks
from mwanda_core.insight import only, side_by_side
from mwanda_core.languages import language
from mwanda_core.methods.recipes import Recipe, recipe
from mwanda_core.methods.repair import Training
from mwanda_core.methods.scores import Score
from mwanda_core.models import LanguageModel, estimate, load, require
from mwanda_core.models.memory import available
from mwanda_core.models.watching import EXPANDING, LOADING, Step, watched
from mwanda_core.parts.needs import SUMS
from mwanda_core.progress import Monitor
from mwanda_core.run import run_studies as studies, tables
from mwanda_core.run.before import settled
from mwanda_core.run.guarding import guarded, learning_texts
from mwanda_core.run.run_studies import Studies
from mwanda_core.run.settings import DEFAULT_HELD_OUT, DEFAULT_LANGUAGES, Settings, settings_from
from mwanda_core.store.format import MASKS, STATISTICS, UPDATES, WALKED
from mwanda_core.store.report import RunReport, new_id, versions
from mwanda_core.store.statistics_file import save_stats
from mwanda_core.studies.base import Subject
from mwanda_core.studies.one_calibration.files import save_states

__all__ = [
    "DEFAULT_HELD_OUT", "DEFAULT_LANGUAGES", "Run", "Settings", "Workbench", "default_held_out", "model_facts",
    "settings_from", "stats_key", "title_of",
]  # fmt: skip

SCORING_COST = 3.0
"""Work of scoring one token, in units of that token passing all blocks (the output head is larger than the blocks in a
small multilingual model); only for the progress bar."""


class Workbench:
    """Holds one model and what was measured on it. Not thread-safe: `jobs` runs one job at a time on it."""

    def __init__(self) -> None:
        self._key: tuple[str, str, str] | None = None
        self._model: LanguageModel | None = None
        self._stats: dict[tuple[Any, ...], tuple[BlockStats, ...]] = {}
        self._walked: tuple[tuple[Any, ...], Mirror] | None = None
        self._pruned = False

    def model(self, source: str, device: str = "auto", dtype: str = "auto", monitor: Monitor | None = None) -> LanguageModel:
        """The model asked for, loaded unless it is the one in hand. A failed load leaves that one in place.

        Raises ModelError as `models.load` does, Cancelled between two tensors when the monitor says so.
        """
        key = (source, device, dtype)
        if self._model is None or key != self._key:
            with watched(_told(monitor)) if monitor is not None else contextlib.nullcontext():
                loaded = load(source, device, dtype)
            self._model, self._key = loaded, key
            self._stats.clear()
            self._walked = None
        return self._model

    def adopt(self, model: LanguageModel, source: str, device: str = "auto", dtype: str = "auto") -> None:
        """Use a model that is already in memory under a name."""
        self._model, self._key = model, (source, device, dtype)
        self._stats.clear()
        self._walked = None

    def unload(self) -> None:
        """Forget the model and its statistics."""
        self._model, self._key = None, None
        self._stats.clear()
        self._walked = None

    def run(self, settings: Settings, monitor: Monitor | None = None, mirror: Mirror | None = None) -> "Run":
        """The whole job. The model is dense again afterwards, whatever happened. mirror: UniPruning's states of an earlier run with these texts
        and this score, which spare its walk.

        Raises InputError for settings that cannot be carried out, Cancelled when stopped.
        """
        with self.pruned(settings, monitor, mirror) as run:
            return run

    @contextlib.contextmanager
    def pruned(self, settings: Settings, monitor: Monitor | None = None, mirror: Mirror | None = None) -> Iterator["Run"]:
        """As `run`, and the model stays pruned inside the `with`, to be saved or tried.

        Raises InputError, beside what `run` raises, inside the `with` of another run of this workbench.
        """
        if self._pruned:
            raise InputError(
                "The model of this workbench is pruned by a run that is still open, and another run would take it for the dense "
                "one: leave its `with` block first."
            )
        job = _Job(self, settings, monitor or Monitor(), mirror)
        self._pruned = True
        try:
            yield job.finish()
        finally:
            job.restore()
            self._pruned = False

    def dense_stats(self, model: LanguageModel, packed: Packed, monitor: Monitor) -> tuple[BlockStats, ...]:
        """Statistics of the dense model on these tokens, measured once; those of guards apart, for any calibration languages."""
        if packed.guards:
            mine, theirs = (self.dense_stats(model, part, monitor) for part in apart(packed))
            return with_weights(side_by_side(mine, theirs), packed.weights)
        key = stats_key(packed)
        if key not in self._stats:
            if len(self._stats) >= 4:  # A few megabytes each: keep the last few mixes of languages.
                self._stats.pop(next(iter(self._stats)))
            # All sums, so that any activation can be tried afterwards without another pass.
            self._stats[key] = measure_model(model, packed, SUMS, monitor)
        return self._stats[key]

    def walked(self, packed: Packed, score: Score) -> Mirror | None:
        """The states of the last walk, if it was over these texts with these settings: another sparsity then needs none."""
        return self._walked[1] if self._walked is not None and self._walked[0] == (stats_key(packed), score) else None

    def keep_walked(self, packed: Packed, score: Score, mirror: Mirror) -> None:
        """Keep the states for the next run, unless they are large for this machine."""
        size = sum(state.numel() * state.element_size() for state in mirror.states.values())
        some = next(iter(mirror.states.values())).device
        self._walked = ((stats_key(packed), score), mirror) if 4 * size <= available(some) else None

    def has_stats(self, packed: Packed) -> bool:
        """Whether `dense_stats` would cost nothing."""
        return all(stats_key(part) in self._stats for part in apart(packed))


def apart(packed: Packed) -> tuple[Packed, ...]:
    """The calibration languages, and the guards where there are any, each as plain calibration tokens."""
    if not packed.guards:
        return (packed,)
    return packed.chosen, dataclasses.replace(packed.only(packed.guards), guards=(), weights=None)


def _told(monitor: Monitor) -> Step:
    """Tensors as a stage and its detail: their number says nothing about the rest of the work."""

    def step(what: str, done: int, total: int) -> None:
        if what == EXPANDING and monitor.stage != EXPANDING:
            monitor.begin("Expanding the model; this is done once")
        elif what == LOADING and monitor.stage != LOADING:
            monitor.begin("Loading the model")
        monitor.advance(0.0, f"{done} / {total}" if total else "")

    return step


def stats_key(packed: Packed) -> tuple[Any, ...]:
    """What statistics depend on beside the model: the tokens, by language."""
    return packed.languages, packed.ids.shape, hash(packed.ids.numpy().tobytes()), hash(packed.rows.numpy().tobytes())


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished run: the report that is kept, and the masks and statistics behind it."""

    report: RunReport
    result: PruneResult
    stats: tuple[BlockStats, ...]

    def save(self, folder: Path) -> Path:
        """Report, tables, masks (`masks.safetensors`, bit-packed: see `masks.pack`), new weights where a solver made some
        (`updates.safetensors`), the dense statistics (`statistics.safetensors`), and those of a walk that pruned as it went
        (`walked.safetensors`: what the masks were cut from), UniPruning's states (`states.safetensors`), in one folder, whole or not at all.

        Raises RunError when the folder holds something else.
        """
        return self.report.save(folder, self._write_tensors)

    def _write_tensors(self, folder: Path) -> None:
        fingerprint = str(self.report.facts["model"]["fingerprint"])
        for name, tensors in ((MASKS, self.result.masks), (UPDATES, self.result.updates)):
            if tensors:
                save_file(dict(tensors), folder / name, metadata={"fingerprint": fingerprint})
        save_stats(folder / STATISTICS, self.stats, fingerprint)
        if self.result.mirror is not None:
            save_states(folder, self.result.mirror, fingerprint)
        if self.result.mode != "one-pass":
            save_stats(folder / WALKED, self.result.stats, fingerprint, lean=True)


class _Job:
    """One run in progress; `restore` is safe to call at any moment."""

    def __init__(self, bench: Workbench, settings: Settings, monitor: Monitor, mirror: Mirror | None = None) -> None:
        self.started = time.perf_counter()
        self.bench, self.monitor, self.mirror = bench, monitor, mirror
        self.timings: dict[str, float] = {}
        self.result: PruneResult | None = None
        # What can be wrong without a model is refused before one is loaded.
        self.settings = settled(settings)
        self.recipe = recipe(self.settings.method)

    def finish(self) -> Run:
        """Do all of it."""
        settings, monitor = self.settings, self.monitor
        texts, other = self._texts()
        wanted = studies.load_tasks(settings)
        monitor.begin("Loading the model")
        with self._timed("load"):
            model = self.bench.model(settings.model, settings.device, settings.dtype, monitor)
            subject = self._subject(model, texts, other)
            packed, scored = guarded(model, settings, subject.packed), subject.scored
        check_settings(model, self.recipe, settings.sparsity, settings.mode, settings.allocation_share, settings.languages)
        require(
            dataclasses.replace(estimate(model.shape, packed.num_tokens, len(packed.languages)), weights=0),
            model.device, settings.model,
        )  # fmt: skip
        fingerprint = model.fingerprint
        self._plan(model, packed, scored)
        with self._timed("dense scores"):
            dense = measure_dense(model, scored, self._scoring(model))
        with self._timed("statistics"):
            stats = self.bench.dense_stats(model, packed, monitor)
        chosen = only(stats, settings.languages) if packed.guards else stats
        found = Studies(dataclasses.replace(subject, stats=chosen), wanted, monitor)
        with self._timed("studies"):
            found.before()
            spare = settings.spare_neurons
            protect = studies.spared(model, spare, subject.packed, monitor) if spare else None
        learnt = (
            learning_texts(model, packed, settings.held_out, settings.seed)
            if isinstance(self.recipe.repair, Training)
            else None
        )
        with self._timed("pruning"):
            self.result = prune(
                model, packed, self.recipe, settings.sparsity, cast(Mode, settings.mode),
                stats=stats if settings.allocation_share == 1.0 or settings.mode == "one-pass" else None,
                allocation_share=settings.allocation_share, protect=protect, learn_from=learnt, monitor=monitor,
                mirror=self.mirror or self.bench.walked(packed, self.recipe.score),
            )  # fmt: skip
        if self.result.mirror is not None:
            self.bench.keep_walked(packed, self.recipe.score, self.result.mirror)
        shown = _Shown(model_facts(model, fingerprint), packed, dense, self._inside(model, chosen))
        with self._timed("pruned scores"):
            stand = self._scored(model, scored, shown)
        report = self._report(shown, stand)
        with self._timed("studies"):
            more = found.after(self.result, report.tables["languages"])
        self.timings["total"] = time.perf_counter() - self.started
        facts = {**report.facts, "notes": [*report.facts["notes"], *subject.notes]}
        return Run(RunReport(facts, {**report.tables, **more}), self.result, stats)

    def _scored(self, model: LanguageModel, scored: EvaluationSet, shown: "_Shown") -> Stand:
        """The pruned model's scores; what is known so far goes to whoever looks."""
        settings, monitor = self.settings, self.monitor
        stands = by_looks(model, scored, shown.dense, settings.precision, self._scoring(model), settings.stop_after)
        for stand in stands:
            if stand.last:
                if stand.ended and not settings.stop_after:
                    self.settings = dataclasses.replace(settings, stop_after=stand.steps)
                return stand
            if stand.left:
                monitor.show(self._report(shown, stand))
        raise AssertionError("scoring ends with its last piece")

    def restore(self) -> None:
        """The model's dense weights, bit for bit."""
        if self.result is not None:
            self.result.restore()

    def _texts(self) -> tuple[Texts, Corpus]:
        """Texts to calibrate on, and those to evaluate on."""
        settings = self.settings
        everyone = settings.languages + settings.held_out
        calibrates_all = studies.reads_unseen(settings) or not settings.evaluation_texts
        texts = texts_named(settings.texts, everyone if calibrates_all else settings.languages)
        other = texts_named(settings.evaluation_texts, everyone).evaluation if settings.evaluation_texts else texts.evaluation
        return texts, other.select(everyone)

    def _subject(self, model: LanguageModel, texts: Texts, other: Corpus) -> Subject:
        settings = self.settings
        unseen = studies.reads_unseen(settings)

        def packed(codes: tuple[str, ...]) -> Packed:
            return pack(
                texts.calibration.select(codes), model.encode, model.start, settings.sequence_length, settings.tokens_per_language,
                settings.seed,
            )  # fmt: skip

        scored = evaluation_set(
            model, other, max_texts=settings.eval_texts, sequence_length=settings.sequence_length, with_choices=settings.choices,
            seed=settings.seed,
        )  # fmt: skip
        return Subject(
            model, settings, self.recipe, packed(settings.languages),
            packed(settings.held_out) if unseen and settings.held_out else None, scored, other,
        )  # fmt: skip

    def _plan(self, model: LanguageModel, packed: Packed, scored: EvaluationSet) -> None:
        self.monitor.plan(2 * scored.num_tokens * SCORING_COST * len(model.blocks))
        if not self.bench.has_stats(packed):
            self.monitor.plan(packed.num_tokens * len(model.blocks))

    def _scoring(self, model: LanguageModel) -> Monitor:
        """Scoring counts tokens; the job counts tokens through one block."""
        return self.monitor.scaled(SCORING_COST * len(model.blocks))

    @contextlib.contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.timings[name] = self.timings.get(name, 0.0) + time.perf_counter() - started

    def _inside(self, model: LanguageModel, stats: tuple[BlockStats, ...]) -> dict[str, pd.DataFrame]:
        """The tables that scores do not change."""
        assert self.result is not None
        found = {
            "layers": tables.layers(self.result.linears),
            "allocation": tables.allocation(self.result.allocation, self.settings.sparsity),
            "activations": tables.activations(stats),
            "similarity": tables.similarity(stats),
        }
        return found | ({"experts": tables.experts(model.blocks, stats)} if model.routes else {})

    def _report(self, shown: "_Shown", stand: Stand) -> RunReport:
        """Of a run whose scores stand as they do; before the last piece its facts say that it is `interim`."""
        assert self.result is not None
        settings, result, packed, dense = self.settings, self.result, shown.packed, shown.dense
        pruned = stand.measured
        per_language = compare(dense, pruned, settings.languages, stand.levels)
        found = {
            "languages": per_language,
            **shown.inside,
            "texts": dense.losses.merge(
                pruned.losses, on=["language", "text", "tokens", "bytes"], suffixes=("_dense", "_pruned")
            ),
            "choices": dense.choices.merge(pruned.choices, on=["language", "item", "answer"], suffixes=("_dense", "_pruned")),
        }
        facts = {
            "id": new_id(f"{self.recipe.name}-{round(settings.sparsity * 100)}"),
            "settings": settings.to_dict(),
            "recipe": result.recipe.to_dict(),
            "model": shown.model,
            "calibration": {
                "corpus": packed.corpus,
                "languages": list(packed.chosen.languages),
                "guards": list(packed.guards),
                "tokens_per_language": packed.tokens_per_language,
                "sequence_length": settings.sequence_length,
                "passages": {
                    code: sorted({s for row, source in zip(packed.rows.tolist(), packed.sources, strict=True) if row == i for s in source})
                    for i, code in enumerate(packed.languages)
                },
            },
            "scoring": stand.facts(),
            "summary": summary(per_language) | {"achieved_sparsity": result.achieved},
            "timings": self.timings,
            "versions": versions(),
            "notes": [*packed.notes, *result.notes, *stand.notes(settings.precision)],
        }  # fmt: skip
        return RunReport(facts if stand.last else {**facts, "interim": True}, found)


@dataclasses.dataclass(frozen=True)
class _Shown:
    """What every report of a job has alike, before scoring has ended and after."""

    model: dict[str, Any]
    packed: Packed
    dense: Measurement
    inside: dict[str, pd.DataFrame]


def model_facts(model: LanguageModel, fingerprint: str) -> dict[str, Any]:
    """What identifies the dense model."""
    return {
        "source": model.source,
        "revision": model.revision,
        "fingerprint": fingerprint,
        "parameters": model.num_parameters,
        "prunable": model.shape.prunable,
        "blocks": len(model.blocks),
        "dtype": str(model.dtype).removeprefix("torch."),
        "device": model.device.type,
    }


def default_held_out(languages: tuple[str, ...]) -> tuple[str, ...]:
    """Two built-in languages that are not calibrated on, so that a run always shows whether it generalises."""
    order = (*DEFAULT_HELD_OUT, *(code for code in builtin_languages() if code not in DEFAULT_HELD_OUT))
    return tuple(code for code in order if code not in languages)[:2]


def title_of(settings: Settings) -> str:
    """One line for lists: method, sparsity, model, languages."""
    found: Recipe = recipe(settings.method)
    names = ", ".join(language(code).name for code in settings.languages)
    return f"{found.title} {settings.sparsity:.0%} on {settings.model} ({names})"
