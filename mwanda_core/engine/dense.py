"""What is measured on the whole dense model before the first cut: one function a need of scope "model".

full_gradient    full name of a linear -> [out, in]
relevance        the same
separability     block -> "<language>/<set>" -> kind -> v
gamma            full name of a linear -> [out, in]
gates            the same
sensitivity      block -> language -> nats per token
"""

import dataclasses
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine import gates, gradients, mirror, sensitivity, separability
from mwanda_core.engine.measure import BlockStats
from mwanda_core.engine.mirror import Mirror
from mwanda_core.engine.plan import evidence_of, sampled
from mwanda_core.engine.weights import DenseCopy
from mwanda_core.methods.activation import Target, Weighted
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.scores.leap import Leap
from mwanda_core.methods.scores.unipruning import UniPruning
from mwanda_core.models import DecoderBlock, LanguageModel
from mwanda_core.parts.masks import lifted
from mwanda_core.parts.needs import Need
from mwanda_core.progress import Monitor


@dataclasses.dataclass(frozen=True)
class DenseJob:
    """What a measurement may read; `found` holds what was measured before it, in the order of `Need`. mirror: UniPruning's states, where
    they are there already."""

    model: LanguageModel
    calibration: Packed
    recipe: Recipe
    sparsity: float
    stats: tuple[BlockStats, ...] | None
    protect: Mapping[str, Tensor]
    monitor: Monitor
    mirror: Mirror | None = None
    found: dict[Need, Any] = dataclasses.field(default_factory=dict)


def _full_gradient(job: DenseJob) -> dict[str, Tensor]:
    return gradients.full(job.model, sampled(job.calibration, Need.FULL_GRADIENT.sample), job.monitor)


def _relevance(job: DenseJob) -> dict[str, Tensor]:
    packed, activation = sampled(job.calibration, Need.RELEVANCE.sample), job.recipe.activation
    weights = activation.language_weights(packed.languages) if isinstance(activation, Weighted | Target) else None
    return gradients.relevance(job.model, packed, job.monitor, weights=weights)


def _separability(job: DenseJob) -> tuple[Mapping[str, Mapping[str, float]], ...]:
    need, languages = Need.SEPARABILITY, job.calibration.chosen.languages
    planned = sampled(job.calibration, need.sample).num_tokens * need.passes(len(job.model.blocks))
    # Its statements are no calibration tokens: what they really cost is told in units of what was planned for them.
    monitor = job.monitor.scaled(planned / separability.work(job.model, languages))
    return separability.measure(job.model, languages, monitor)


def _gamma(job: DenseJob) -> mirror.Gammas:
    score, packed = job.recipe.score, sampled(job.calibration, Need.GAMMA.sample)
    assert isinstance(score, UniPruning)
    each = score.states == "each"
    if job.mirror is None:
        found = mirror.descend(job.model, packed, score, job.monitor, by_language=each)
    else:
        found = mirror.fitting(job.mirror, job.model, score, packed.languages if each else ("",))
        job.monitor.advance(packed.num_tokens * Need.GAMMA.passes(len(job.model.blocks)))
    return mirror.Gammas(found, job.model.device, mirror.mix_of(job.recipe.activation, found.languages) if each else None)


def _gates(job: DenseJob) -> dict[str, Tensor]:
    score, packed = job.recipe.score, sampled(job.calibration, Need.GATES.sample)
    assert isinstance(score, Leap)
    return gates.learn(job.model, packed, score, job.sparsity, job.monitor, pattern=job.recipe.pattern).phi


def _sensitivity(job: DenseJob) -> tuple[dict[str, float], ...]:
    assert job.stats is not None, "an allocation by sensitivity reads statistics"
    one_block = block_pruner(job.recipe, job.stats, job.sparsity, job.found, job.protect)
    packed = sampled(job.calibration, Need.SENSITIVITY.sample)
    found = sensitivity.measure(job.model, packed, one_block, job.monitor)
    if packed.languages == job.calibration.languages:
        return found
    # Guards that were not measured are taken to lose what those that were lose on average.
    likely = [sum(by_language[code] for code in packed.guards) / len(packed.guards) for by_language in found]
    everyone = job.calibration.languages
    return tuple(
        {code: by_language.get(code, mean) for code in everyone} for by_language, mean in zip(found, likely, strict=True)
    )


BY_MODEL: dict[Need, Callable[[DenseJob], Any]] = {
    Need.FULL_GRADIENT: _full_gradient,
    Need.RELEVANCE: _relevance,
    Need.SEPARABILITY: _separability,
    Need.GAMMA: _gamma,
    Need.GATES: _gates,
    Need.SENSITIVITY: _sensitivity,
}


def measure_dense(job: DenseJob) -> dict[Need, Any]:
    """Everything of scope "model" that the recipe needs (losses of languages settle the recipe itself, see `engine.worst_first`)."""
    for need in Need:
        if need in BY_MODEL and need in job.recipe.needs:
            job.found[need] = BY_MODEL[need](job)
    return job.found


def block_pruner(
    recipe: Recipe,
    stats: tuple[BlockStats, ...],
    sparsity: float,
    dense: Mapping[Need, Any],
    protect: Mapping[str, Tensor] = MappingProxyType({}),
) -> sensitivity.PruneBlock:
    """Prunes one block of the dense model at the target, for measured sensitivity: by the recipe's score where that needs
    nothing beyond sums of squares, else by weight times channel importance.

    The highest scores are kept whatever the recipe's solver: ranking blocks does not need the repair.
    """

    def prune_block(block: DecoderBlock) -> Callable[[], None]:
        copy = DenseCopy()
        evidence = evidence_of(recipe, block, stats[block.index], dense=dense)
        for linear in block.linears:
            item = evidence.linears[linear.name]
            score = item.weight.abs() * item.channels if recipe.score.needs else recipe.score(item)
            ranked = lifted(score, protect[item.name]) if item.name in protect else score
            copy.write(item.name, linear, recipe.pattern.keep(ranked, sparsity), None)
        return copy.restore

    return prune_block
