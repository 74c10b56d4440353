"""One cheap try of a recipe: prune in one pass from statistics that were measured once, score a few texts, and undo it. And which
knobs of a recipe a search for protected languages turns."""

import contextlib
import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence

from mwanda_core.corpora import Corpus, Packed, pack
from mwanda_core.corpora.choosing import texts_named
from mwanda_core.engine.check import check_request, check_settings
from mwanda_core.engine.measure import BlockStats
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import InputError, TextError
from mwanda_core.evaluation import EvaluationSet, compare, evaluation_set, measure, measure_dense
from mwanda_core.methods.activation import Pooled, Weighted
from mwanda_core.methods.allocation import Uniform
from mwanda_core.methods.recipes import RECIPES, Recipe, recipe
from mwanda_core.methods.repair import LeastSquares, NoRepair
from mwanda_core.models import LanguageModel
from mwanda_core.parts.knobs import knobs_of
from mwanda_core.parts.needs import SUMS
from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.guarding import guarded
from mwanda_core.run.settings import GUARD, Settings, settings_from
from mwanda_core.store.report import RunReport
from mwanda_core.sweeps.search import Axis, Point

LARGEST_WEIGHT = 4.0
"""A language weighs at most 2^4 times as much as another, or as little."""

_STEPS = {"activation.lam": 0.5, "activation.gamma": 0.2, "allocation.strength": 0.05, "score.power": 0.25}
"""Knobs of parts that are searched where the recipe has them, and the first step; the ranges are the knobs' own."""


def families(start: Recipe, languages: Sequence[str]) -> tuple[Recipe, ...]:
    """The recipe, and the same with weighted languages where its channel importance cannot favour one language."""
    if isinstance(start.activation, Weighted | Pooled) or len(languages) < 2:
        return (start,)
    return start, start.replace(activation=Weighted())


CHEAP = ("wanda", "m-wanda", "m-ria", "maximum")
"""Methods that a search looks at beside the one it starts from: their tries need no measurement of their own."""


def starts(settings: Settings, start: Recipe, known: Iterable[RunReport]) -> Iterator[tuple[Recipe, float]]:
    """(recipe, weight of guards) to be tried once before knobs are turned: the recipe with the same sparsity in every block, with guards or
    without, the recipes of runs that were kept (newest first) of the same model, texts and sparsity, and `CHEAP` methods."""
    flipped = 0.0 if settings.guard else GUARD
    found = [(start.replace(allocation=Uniform()), settings.guard), (start, flipped)]
    for report in known:
        with contextlib.suppress(InputError, KeyError, TypeError):  # A run of another version.
            theirs = settings_from({**report.facts["settings"], "method": report.facts["recipe"]})
            if all(getattr(theirs, name) == getattr(settings, name) for name in SAME):
                found.append((recipe(theirs.method), theirs.guard))
    found += [(RECIPES[name].replace(pattern=start.pattern), settings.guard) for name in CHEAP]
    seen = [(start, settings.guard)]
    for wanted, guard in found:
        if not wanted.needs - SUMS and not any(same_parts(wanted, other) and guard == weight for other, weight in seen):
            with contextlib.suppress(InputError):
                check_request(wanted, settings.sparsity, "one-pass", 1.0, settings.languages)
                seen.append((wanted, guard))
                yield wanted, guard


def repaired(found: Recipe) -> Recipe:
    """The recipe with its kept weights fitted again.

    Raises InputError for one that has a repair, or that may have none.
    """
    if not isinstance(found.repair, NoRepair):
        raise InputError(f"{found.title} has a repair of its own.")
    return found.replace(repair=LeastSquares())


SAME = ("model", "languages", "texts", "sparsity", "tokens_per_language", "sequence_length", "seed")
"""Settings in which a kept run must agree with a search to be tried in it."""


def same_parts(left: Recipe, right: Recipe) -> bool:
    """Whether two recipes do the same, whatever they are called."""
    names = ("activation", "score", "allocation", "rows", "repair", "solver", "pattern")
    return all(getattr(left, name) == getattr(right, name) for name in names)


def axes_of(start: Recipe, languages: Sequence[str], limits: Mapping[str, float]) -> tuple[Axis, ...]:
    """The knobs that are searched: those of `_STEPS` that the recipe has, and for every protected language the factor on its
    weight (its logarithm to base 2) where the activation weighs languages or pools them; none for a recipe that has none."""
    found = []
    for name, step in _STEPS.items():
        part, _, wanted = name.partition(".")
        for knob in knobs_of(getattr(start, part)):
            if knob.name == wanted and knob.low is not None and knob.high is not None:
                found.append(Axis(name, knob.low, knob.high, float(getattr(getattr(start, part), wanted)), step))
    if isinstance(start.activation, Weighted | Pooled) and len(languages) > 1:
        found += [Axis(f"weight {code}", -LARGEST_WEIGHT, LARGEST_WEIGHT, 0.0, 1.0) for code in limits]
    return tuple(found)


def variant(start: Recipe, point: Point, languages: Sequence[str]) -> Recipe:
    """The recipe at a point of the search: knobs as they are, language weights times 2 to the number given."""
    knobs = {name: value for name, value in point.items() if not name.startswith("weight ")}
    factors = {code: 2.0 ** point.get(f"weight {code}", 0.0) for code in languages}
    found = start.replace(**knobs) if knobs else start
    if all(factor == 1.0 for factor in factors.values()):
        return found
    mixed = start.activation if isinstance(start.activation, Weighted) else Weighted()
    before = mixed.language_weights(languages).tolist()
    text = ", ".join(f"{code}={weight * factors[code]:.8g}" for code, weight in zip(languages, before, strict=True))
    return found.replace(activation=Weighted(mix="custom", weights_by_language=text))


class Probe:
    """What every try shares: the model, its dense statistics, and the dense losses of the texts that tries are scored on."""

    def __init__(self, bench: Workbench, settings: Settings, start: Recipe, texts: int, monitor: Monitor) -> None:
        self.settings = settings
        # Before the model is loaded: a folder that is not there is seen at once.
        corpus = texts_named(settings.texts, settings.languages).calibration.select(settings.languages)
        self.model = bench.model(settings.model, settings.device, settings.dtype)
        check_settings(self.model, start, settings.sparsity, settings.mode, settings.allocation_share, settings.languages)
        if start.needs - SUMS:
            raise InputError(
                f"{start.title} measures more than sums of squares, so every try would cost a whole run: choose a one-pass method "
                "such as M-Wanda or Wanda."
            )
        self._plain = _packed(self.model, corpus, settings)
        self._bench = bench
        self.scored = _scored(self.model, corpus, settings, texts)
        self.calibration(settings.guard, monitor)
        self.dense = measure_dense(self.model, self.scored, monitor)

    def calibration(self, guard: float, monitor: Monitor) -> tuple[Packed, tuple[BlockStats, ...]]:
        """The tokens with guards of so much weight, and their dense statistics; whatever the weight, measured once."""
        packed = guarded(self.model, dataclasses.replace(self.settings, guard=guard), self._plain)
        return packed, self._bench.dense_stats(self.model, packed, monitor)

    def probe(self, wanted: Recipe, guard: float, monitor: Monitor) -> dict[str, float]:
        """Increase of loss by language under a recipe and a weight of guards; the model is dense again afterwards."""
        monitor.plan(float(self.scored.num_tokens))
        packed, stats = self.calibration(guard, monitor)
        result = prune(self.model, packed, wanted, self.settings.sparsity, "one-pass", stats=stats, monitor=monitor)
        try:
            pruned = measure(self.model, self.scored, monitor, "pruned model")
        finally:
            result.restore()
        table = compare(self.dense, pruned, self.settings.languages)
        return dict(zip(table["language"], table["increase"], strict=True))


def _packed(model: LanguageModel, corpus: Corpus, settings: Settings) -> Packed:
    return pack(corpus, model.encode, model.start, settings.sequence_length, settings.tokens_per_language, settings.seed)


def _scored(model: LanguageModel, corpus: Corpus, settings: Settings, texts: int) -> EvaluationSet:
    """Passages from the second half of each language's: calibration draws in a shuffled order, and rarely needs all."""
    last = Corpus(
        corpus.name,
        {code: passages[-max(texts, len(passages) // 2) :] for code, passages in corpus.passages.items()},
        corpus.parallel,
    )
    found = evaluation_set(
        model, last, max_texts=texts, sequence_length=settings.sequence_length, with_choices=False, seed=settings.seed
    )
    silent = [code for code in settings.languages if code not in found.languages]
    if silent:
        raise TextError(f"There is no text to try recipes on in {', '.join(silent)}: give more calibration text.")
    return found
