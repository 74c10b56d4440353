"""Before the first mask is cut: how much work is it, what do the formulas see, and how sparse does each linear get?"""

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine import experts, gradients, later
from mwanda_core.engine.experts import Measured
from mwanda_core.engine.ledger import REPAIR_COST
from mwanda_core.engine.measure import BlockStats
from mwanda_core.engine.outcome import LayerAllocation
from mwanda_core.methods.allocation.base import in_steps
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.repair import BlockRepair, Training
from mwanda_core.models import DecoderBlock, LanguageModel
from mwanda_core.parts.evidence import BlockEvidence, LinearEvidence
from mwanda_core.parts.masks import num_pruned
from mwanda_core.parts.needs import Need, Sample, Scope, within
from mwanda_core.parts.patterns import NtoM, Unstructured
from mwanda_core.parts.statistics import InputStats

SINGLE = within(Scope.SEQUENCES)
"""Needs a few sequences sent through the blocks one by one."""

PER_BLOCK = within(Scope.BLOCK, Scope.SEQUENCES)
"""Measured block by block and dropped again: too large to keep for all blocks."""

OPENING_TOKENS = 128
"""Tokens per language of `Sample.OPENING`: what is measured on it takes time that grows with the square of the number of blocks."""

REFIT_PASSES = 2
"""Through each block as it was, and as it is."""

MOST_GUARDS = 8
"""Guard languages of `Sample.OPENING`: the others are taken to be like these on average."""

NOTHING: Mapping[Need, Any] = MappingProxyType({})


@dataclasses.dataclass(frozen=True)
class Passes:
    """Which passes of all tokens a job makes, decided once so that the progress bar and the loop agree."""

    dense_stats: bool
    own_walk: bool


def passes(recipe: Recipe, mode: str, has_stats: bool) -> Passes:
    """`dense_stats`: one dense pass before the walk; `own_walk`: the walk measures blocks itself."""
    own_walk = mode != "one-pass" or bool(recipe.needs & PER_BLOCK)
    wants_all = Need.LANGUAGE_LOSSES in recipe.needs or recipe.allocation.reads_statistics or is_global(recipe) or not own_walk
    return Passes(wants_all and not has_stats, own_walk)


def is_global(recipe: Recipe) -> bool:
    """Whether weights of the whole model are compared with each other."""
    return isinstance(recipe.pattern, Unstructured) and recipe.pattern.scope == "global"


def planned_work(
    model: LanguageModel,
    calibration: Packed,
    recipe: Recipe,
    mode: str,
    has_stats: bool,
    allocation_share: float,
    done: int = 0,
    learnt_from: int = 0,
) -> float:
    """Units of work (tokens through one block) that a job will report; `done`: blocks that an earlier job has pruned; `learnt_from`: tokens
    of the texts that a repair learns from, where those are not the calibration tokens."""
    found = passes(recipe, mode, has_stats)
    blocks, tokens = len(model.blocks), calibration.num_tokens
    left = blocks - done
    work = tokens * left * (recipe.solver.effort + found.own_walk)
    work += tokens * later.reach(model.blocks) * found.own_walk
    work += tokens * (blocks - 1) * (mode == "sequential")  # Nothing reads what leaves the last block.
    work += calibration.part(allocation_share).num_tokens * blocks * found.dense_stats
    if recipe.needs & SINGLE:
        few = sampled(calibration, Sample.FEW)
        work += few.num_tokens * (blocks - 1)
        if isinstance(recipe.repair, BlockRepair):
            work += REPAIR_COST * recipe.repair.steps(len(few.ids)) * calibration.ids.shape[1] * left
    work += tokens * blocks * recipe.allocation.steady
    if recipe.repair.refit is not None:
        work += tokens * blocks * (REFIT_PASSES + recipe.repair.refit.effort)
    if isinstance(recipe.repair, Training):
        work += recipe.repair.passes(learnt_from or tokens, blocks, head_of(model))
    for need in recipe.needs:
        work += sampled(calibration, need.sample).num_tokens * need.passes(blocks if need.scope is Scope.MODEL else left)
    return work


def head_of(model: LanguageModel) -> float:
    """The output head's work on a token, in blocks."""
    return model.vocabulary * model.shape.hidden / model.blocks[0].size


def sampled(calibration: Packed, sample: Sample) -> Packed:
    """The calibration tokens that a need is measured on."""
    if sample is Sample.FEW:
        return gradients.spread_sequences(calibration.chosen, gradients.NUM_SEQUENCES)
    if sample is Sample.OPENING:
        return calibration.fewer_guards(MOST_GUARDS).opening(OPENING_TOKENS)
    return calibration


def token_counts(languages: Sequence[str], weights: Sequence[float] | None = None) -> InputStats:
    """Statistics that know nothing but that all languages have as many tokens, and what they weigh: enough for an activation's weights."""
    nothing = torch.zeros(len(languages), 1, dtype=torch.float64)
    tokens = torch.ones(len(languages), dtype=torch.float64)
    given = None if weights is None else torch.tensor(weights, dtype=torch.float64)
    return InputStats(tuple(languages), nothing, nothing, nothing, tokens, weights=given).weighed()


def evidence_of(
    recipe: Recipe,
    block: DecoderBlock,
    stats: BlockStats,
    measured: Measured = NOTHING,
    dense: Mapping[Need, Any] = NOTHING,
) -> BlockEvidence:
    """What the formulas see of one block: statistics, what was measured of this block, and what of the dense model."""
    if block.routes:
        stats, measured = experts.with_pooled(block, stats, measured)
    weighed = {id(found): found.weighed() for found in stats.values()}
    stats = {name: weighed[id(found)] for name, found in stats.items()}
    # Linears that read one input share its statistics, and so its channel importance.
    channels = {id(found): recipe.activation.channels(found) for found in stats.values()}
    linears = {}
    for linear in block.linears:
        name, full = linear.name, block.full_name(linear)
        linears[name] = LinearEvidence(
            full,
            linear.weight,
            stats[name],
            channels[id(stats[name])],
            language_weights=recipe.activation.weights(stats[name]),
            **{need.field: by_name[name] for need, by_name in measured.items()},
            **{need.field: found[full] for need, found in dense.items() if need.field not in OF_BLOCKS},
        )
    return BlockEvidence(block.index, linears, **_of_block(block, dense))


OF_BLOCKS = frozenset(field.name for field in dataclasses.fields(BlockEvidence)) - {"index", "linears"}
"""Fields of needs that have a value a block, not a matrix a linear."""


def _of_block(block: DecoderBlock, dense: Mapping[Need, Any]) -> dict[str, Any]:
    return {need.field: found[block.index] for need, found in dense.items() if need.field in OF_BLOCKS}


def weights_only(block: DecoderBlock, dense: Mapping[Need, Any] = NOTHING) -> BlockEvidence:
    """Evidence of a block of which nothing was measured. Channels are NaN, so that a formula that reads them is refused."""
    linears = {}
    for linear in block.linears:
        width = linear.weight.shape[1]
        nothing = torch.zeros(0, width, dtype=torch.float64)
        stats = InputStats((), nothing, nothing, nothing, torch.zeros(0, dtype=torch.float64), (linear.name,))
        channels = torch.full((width,), torch.nan, device=linear.weight.device)
        linears[linear.name] = LinearEvidence(block.full_name(linear), linear.weight, stats, channels)
    return BlockEvidence(block.index, linears, **_of_block(block, dense))


def allocate(
    recipe: Recipe,
    blocks: Sequence[DecoderBlock],
    stats: tuple[BlockStats, ...] | None,
    sparsity: float,
    dense: Mapping[Need, Any] = NOTHING,
) -> LayerAllocation:
    """Sparsity per block at a target, from dense statistics (None: the allocation reads none) and what else was measured of the
    dense model. No forward pass."""
    evidence: Sequence[BlockEvidence] = ()
    if recipe.allocation.reads_evidence and stats is None:
        evidence = [weights_only(block, dense) for block in blocks if block.linears]
    elif recipe.allocation.reads_evidence and stats is not None:
        evidence = [evidence_of(recipe, b, s, dense=dense) for b, s in zip(blocks, stats, strict=True) if b.linears]
    return allocate_by(recipe, evidence, tuple(block.size for block in blocks), sparsity)


def allocate_by(recipe: Recipe, evidence: Sequence[BlockEvidence], sizes: tuple[int, ...], sparsity: float) -> LayerAllocation:
    """As `allocate`, from evidence of all blocks that have linears, looked at one after the other (none where the allocation reads none).
    Others, all of whose linears have their home elsewhere, take the mean importance and the target: they weigh nothing."""
    held = torch.tensor(sizes) > 0
    importance = torch.zeros(int(held.sum()), dtype=torch.float64)
    if recipe.allocation.reads_evidence:
        importance = recipe.allocation.importance(evidence)
    spread = spread_over_blocks(recipe, importance, [size for size in sizes if size], sparsity)
    each = torch.full(held.shape, float(importance.mean()), dtype=torch.float64).masked_scatter_(held, importance.double())
    shares = torch.full(held.shape, sparsity, dtype=torch.float64).masked_scatter_(held, spread.double())
    return LayerAllocation(tuple(each.tolist()), sizes, tuple(shares.tolist()))


def spread_over_blocks(
    recipe: Recipe, importance: Float[Tensor, " blocks"], sizes: Sequence[int], sparsity: float
) -> Float[Tensor, " blocks"]:
    """The arithmetic part of an allocation: what moves when only the slider moves. In steps of 1/M under mixed N:M."""
    weights = torch.tensor(sizes, dtype=torch.float64)
    spread = recipe.allocation.spread(importance, weights, sparsity)
    if isinstance(recipe.pattern, NtoM) and recipe.pattern.mixed:
        return in_steps(spread, weights, sparsity, recipe.pattern.m)
    return spread


def global_targets(
    recipe: Recipe,
    blocks: Sequence[DecoderBlock],
    stats: tuple[BlockStats, ...],
    sparsity: float,
    dense: Mapping[Need, Any] = NOTHING,
) -> dict[str, float]:
    """Sparsity of every linear when all scores of the model share one threshold; counts are exact in all.

    Ties at the threshold go by order of linears. Needs all scores at once: 4 bytes a weight.
    """
    scores = {}
    for block, by_name in zip(blocks, stats, strict=True):
        for item in evidence_of(recipe, block, by_name, dense=dense).linears.values():
            scores[item.name] = recipe.score(item).flatten().cpu()
    everything = torch.cat(list(scores.values()))
    missing = num_pruned(everything.numel(), sparsity)
    threshold = everything.kthvalue(missing).values if missing else torch.tensor(-torch.inf)
    below = {name: int((score < threshold).sum()) for name, score in scores.items()}
    missing -= sum(below.values())
    found: dict[str, float] = {}
    for name, score in scores.items():
        equal = min(missing, int((score == threshold).sum()))
        missing -= equal
        found[name] = (below[name] + equal) / score.numel()
    return found
