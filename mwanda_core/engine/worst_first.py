"""The rounds of `methods.activation.worst_first`: cut the dense model at some weights of its languages, look what each loses, weigh anew.

The cuts are those of the recipe's score under its pattern, at the same sparsity in every block, whatever its solver, allocation and
repair: to weigh languages, their order of losses is enough. Losses are of the first calibration tokens of every language. The weights
of the model are dense again after every round, whatever happens.
"""

import dataclasses
from collections.abc import Callable

from mwanda_core.corpora import Packed
from mwanda_core.engine import sensitivity
from mwanda_core.engine.dense import DenseJob, block_pruner
from mwanda_core.engine.plan import sampled
from mwanda_core.methods.activation.worst_first import WorstFirst, settled
from mwanda_core.methods.composition import Recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.needs import HEAD_PASSES, LOSS_ROUNDS, Need
from mwanda_core.progress import Monitor


def settle(job: DenseJob) -> Recipe:
    """The job's recipe with the weights of languages that were found in the place of the rule to find them."""
    rule = job.recipe.activation
    if not isinstance(rule, WorstFirst):
        return job.recipe
    assert job.stats is not None, "weights of languages are looked for on statistics"
    packed = sampled(job.calibration, Need.LANGUAGE_LOSSES.sample)
    weights = dict.fromkeys(job.calibration.languages, 1 / len(job.calibration.languages))
    dense = losses(job.model, packed, job.monitor)
    best, least = weights, float("inf")
    for turn in range(LOSS_ROUNDS):
        job.monitor.begin(f"Weighing languages: round {turn + 1} of {LOSS_ROUNDS}")
        tried = dataclasses.replace(job.recipe, activation=settled(weights))
        cut = block_pruner(tried, job.stats, job.sparsity, job.found, job.protect)
        pruned = _when_cut(job.model, cut, packed, job.monitor)
        increases = {code: pruned[code] - loss for code, loss in dense.items()}
        if max(increases.values()) < least:
            best, least = weights, max(increases.values())
        weights = rule.step(weights, increases)
    return dataclasses.replace(job.recipe, activation=settled(best))


def _when_cut(model: LanguageModel, cut: sensitivity.PruneBlock, packed: Packed, monitor: Monitor) -> dict[str, float]:
    """The losses of the model cut in all blocks."""
    undo: list[Callable[[], None]] = []
    try:
        for block in model.blocks:
            undo.append(cut(block))
        return losses(model, packed, monitor)
    finally:
        for back in undo:
            back()


def losses(model: LanguageModel, packed: Packed, monitor: Monitor) -> dict[str, float]:
    """Mean loss of each language, nats per token, of the model as it stands."""
    found = sensitivity.losses_of(model, packed)
    monitor.advance(packed.num_tokens * (len(model.blocks) + HEAD_PASSES))
    return found
