"""One cheap try of a recipe: prune in one pass from statistics that were measured once, score a few texts, and undo it. And which
knobs of a recipe a search for protected languages turns."""

from collections.abc import Mapping, Sequence

from mwanda_core.corpora import Corpus, Packed, pack
from mwanda_core.engine.check import check_settings
from mwanda_core.engine.measure import BlockStats
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import InputError, TextError
from mwanda_core.evaluation import EvaluationSet, compare, evaluation_set, measure, measure_dense
from mwanda_core.methods.activation import Pooled, Weighted
from mwanda_core.methods.recipes import Recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.knobs import knobs_of
from mwanda_core.parts.needs import SUMS
from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Workbench, texts_for
from mwanda_core.run.guarding import guarded
from mwanda_core.run.settings import Settings
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
        self.model = bench.model(settings.model, settings.device, settings.dtype)
        check_settings(self.model, start, settings.sparsity, settings.mode, settings.allocation_share, settings.languages)
        if start.needs - SUMS:
            raise InputError(
                f"{start.title} measures more than sums of squares, so every try would cost a whole run: choose a one-pass method "
                "such as M-Wanda or Wanda."
            )
        corpus = texts_for(settings.texts, settings.languages).calibration.select(settings.languages)
        self.packed = guarded(self.model, settings, _packed(self.model, corpus, settings))
        self.scored = _scored(self.model, corpus, settings, texts)
        self.stats: tuple[BlockStats, ...] = bench.dense_stats(self.model, self.packed, monitor)
        self.dense = measure_dense(self.model, self.scored, monitor)

    def probe(self, wanted: Recipe, monitor: Monitor) -> dict[str, float]:
        """Increase of loss by language under a recipe; the model is dense again afterwards."""
        monitor.plan(float(self.scored.num_tokens))
        result = prune(self.model, self.packed, wanted, self.settings.sparsity, "one-pass", stats=self.stats, monitor=monitor)
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
