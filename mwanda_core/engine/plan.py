"""Before the first mask is cut: are the settings possible, how much work is it, and how sparse does each linear get?"""

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine import gradients
from mwanda_core.engine.measure import BlockStats
from mwanda_core.engine.outcome import MODES, LayerAllocation
from mwanda_core.errors import InputError
from mwanda_core.methods.allocation.base import MAX_SPARSITY, in_steps
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.rows import UniformRows
from mwanda_core.methods.solvers import KeepTop
from mwanda_core.models import DecoderBlock, LanguageModel
from mwanda_core.parts.evidence import BlockEvidence, LinearEvidence
from mwanda_core.parts.masks import num_pruned
from mwanda_core.parts.needs import SUMS, Need, Sample, Scope, within
from mwanda_core.parts.patterns import NtoM, Unstructured
from mwanda_core.parts.statistics import InputStats

REPAIR_COST = 3.0
"""A forward and a backward pass in float32, in forward passes; only for the progress bar."""

SINGLE = within(Scope.SEQUENCES)
"""Needs a few sequences sent through the blocks one by one."""

PER_BLOCK = within(Scope.BLOCK, Scope.SEQUENCES)
"""Measured block by block and dropped again: too large to keep for all blocks."""

OPENING_TOKENS = 128
"""Tokens per language of `Sample.OPENING`: what is measured on it takes time that grows with the square of the number of blocks."""

Measured = Mapping[Need, Mapping[str, Tensor]]
"""Need -> name of a linear within its block -> what was measured there."""
NOTHING: Mapping[Need, Any] = MappingProxyType({})


@dataclasses.dataclass(frozen=True)
class Passes:
    """Which passes of all tokens a job makes, decided once so that the progress bar and the loop agree."""

    dense_stats: bool
    own_walk: bool


def passes(recipe: Recipe, mode: str, has_stats: bool) -> Passes:
    """`dense_stats`: one dense pass before the walk; `own_walk`: the walk measures blocks itself."""
    own_walk = mode == "sequential" or bool(recipe.needs & PER_BLOCK)
    wants_all = recipe.allocation.reads_statistics or is_global(recipe) or not own_walk
    return Passes(wants_all and not has_stats, own_walk)


def is_global(recipe: Recipe) -> bool:
    """Whether weights of the whole model are compared with each other."""
    return isinstance(recipe.pattern, Unstructured) and recipe.pattern.scope == "global"


def planned_work(
    model: LanguageModel, calibration: Packed, recipe: Recipe, mode: str, has_stats: bool, allocation_share: float
) -> float:
    """Units of work (tokens through one block) that `prune` will report."""
    found = passes(recipe, mode, has_stats)
    share = recipe.solver.effort + found.own_walk * 1.0 + (mode == "sequential") * 1.0
    share += found.dense_stats * (allocation_share if mode == "sequential" else 1.0)
    blocks = len(model.blocks)
    work = share * calibration.num_tokens * blocks
    if recipe.needs & SINGLE:
        few = sampled(calibration, Sample.FEW)
        work += few.num_tokens * blocks
        work += REPAIR_COST * recipe.repair.steps(len(few.ids)) * calibration.ids.shape[1] * blocks
    return work + sum(sampled(calibration, need.sample).num_tokens * need.passes(blocks) for need in recipe.needs)


def sampled(calibration: Packed, sample: Sample) -> Packed:
    """The calibration tokens that a need is measured on."""
    if sample is Sample.FEW:
        return gradients.spread_sequences(calibration, gradients.NUM_SEQUENCES)
    if sample is Sample.OPENING:
        return calibration.part(min(1.0, OPENING_TOKENS / calibration.tokens_per_language))
    return calibration


def check_settings(
    model: LanguageModel,
    recipe: Recipe,
    sparsity: float,
    mode: str,
    allocation_share: float,
    languages: Sequence[str] = (),
) -> None:
    """Refuse, before any work, settings that cannot be carried out.

    languages: those to be calibrated on, which an activation may name or weigh; () where they are not known yet. Raises
    InputError in one sentence.
    """
    known = (*MODES, "per-linear")
    if mode not in known:
        raise InputError(f"The mode must be one of {', '.join(known)}; it was given {mode!r}.")
    if not 0.0 < allocation_share <= 1.0:
        raise InputError(f"The share of tokens for the allocation must lie in (0, 1]; it was given {allocation_share}.")
    if not 0.0 <= sparsity <= MAX_SPARSITY:
        raise InputError(f"Sparsity must lie between 0 and {MAX_SPARSITY}; it was given {sparsity}.")
    if isinstance(recipe.pattern, NtoM):
        _check_n_to_m(recipe, recipe.pattern, sparsity)
    if is_global(recipe):
        _check_global(recipe, mode)
    if languages:
        # The activation itself refuses languages that are not calibrated on; its weights need no measurement.
        recipe.activation.weights(token_counts(languages))
    for block in model.blocks:
        for linear in block.linears:
            recipe.pattern.check(linear.weight.shape[1], block.full_name(linear))


def token_counts(languages: Sequence[str]) -> InputStats:
    """Statistics that know nothing but that all languages have as many tokens: enough for an activation's weights."""
    nothing = torch.zeros(len(languages), 1, dtype=torch.float64)
    return InputStats(tuple(languages), nothing, nothing, nothing, torch.ones(len(languages), dtype=torch.float64))


def _check_global(recipe: Recipe, mode: str) -> None:
    if mode != "one-pass":
        raise InputError(
            "Comparing weights of the whole model needs all scores at once: choose the one-pass mode, or the row or layer scope."
        )
    if recipe.allocation.reads_evidence:
        raise InputError(
            f"The global scope sets every layer's sparsity itself, so it cannot follow {recipe.allocation.title!r}: choose the "
            "uniform allocation, or the row or layer scope."
        )
    if recipe.score.needs & PER_BLOCK:
        raise InputError(
            f"The score {recipe.score.title!r} is measured block by block and so has no scores of the whole model to compare: "
            "choose the row or layer scope, or another score."
        )


def _check_n_to_m(recipe: Recipe, pattern: NtoM, sparsity: float) -> None:
    if pattern.mixed:
        most = 1.0 - 1.0 / pattern.m
        if sparsity > most + 1e-9:
            raise InputError(
                f"Mixed N:{pattern.m} keeps at least one of {pattern.m} weights and so prunes at most {most:.4g} of them; the "
                f"sparsity was given as {sparsity:.4g}."
            )
        return
    if recipe.allocation.reads_evidence:
        raise InputError(
            f"{pattern.n}:{pattern.m} gives every layer the same sparsity, so it cannot follow the layerwise allocation "
            f"{recipe.allocation.title!r}: choose the uniform allocation, or mixed N:M (the pattern's setting 'mixed'), which "
            f"lets N differ from block to block."
        )
    exact = pattern.achievable(sparsity)
    if abs(exact - sparsity) > 1e-9:
        raise InputError(
            f"{pattern.n}:{pattern.m} prunes exactly {exact:.4g} of the weights; the sparsity was given as {sparsity:.4g}."
        )


def check_protection(recipe: Recipe) -> None:
    """Refuse protected weights where the highest scores are not simply what is kept.

    Raises InputError in one sentence.
    """
    if not isinstance(recipe.solver, KeepTop) or not isinstance(recipe.rows, UniformRows):
        raise InputError(
            f"Weights are protected by their rank, which {recipe.title} does not follow (its solver is {recipe.solver.title!r}, its "
            f"row allocation {recipe.rows.title!r}): choose the solver 'keep-top' and uniform rows."
        )
    if is_global(recipe):
        raise InputError("Weights are protected within a layer, not under the global scope: choose the row or layer scope.")


def check_stats(
    model: LanguageModel, calibration: Packed, stats: tuple[BlockStats, ...], needs: frozenset[Need] = frozenset()
) -> None:
    """Refuse statistics of another model or other languages, or without a sum that the recipe needs.

    Raises InputError in one sentence.
    """
    for block, by_name in zip(model.blocks, stats, strict=False):
        for linear in block.linears:
            found = by_name.get(linear.name)
            if found is None or found.width != linear.weight.shape[1] or found.languages != calibration.languages:
                raise InputError(
                    f"The statistics given do not belong to {block.full_name(linear)} and the languages "
                    f"{', '.join(calibration.languages)}: measure them on this model and these texts."
                )
    if len(stats) != len(model.blocks):
        raise InputError(f"The statistics given cover {len(stats)} blocks; the model has {len(model.blocks)}.")
    for need in sorted(needs & SUMS):
        # A sum that was not asked for is zero everywhere; one that was measured is not.
        if not any(bool(getattr(found, need.field).any()) for by_name in stats for found in by_name.values()):
            raise InputError(
                f"The statistics given were taken without {str(need)!r}, which this recipe reads: measure them with it."
            )


def evidence_of(
    recipe: Recipe,
    block: DecoderBlock,
    stats: BlockStats,
    measured: Measured = NOTHING,
    dense: Mapping[Need, Any] = NOTHING,
) -> BlockEvidence:
    """What the formulas see of one block: statistics, what was measured of this block, and what of the dense model."""
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
    sizes = tuple(block.size for block in blocks)
    importance = torch.zeros(len(sizes), dtype=torch.float64)
    if recipe.allocation.reads_evidence:
        if stats is None:
            evidence = [weights_only(block, dense) for block in blocks]
        else:
            evidence = [evidence_of(recipe, b, s, dense=dense) for b, s in zip(blocks, stats, strict=True)]
        importance = recipe.allocation.importance(evidence)
    spread = spread_over_blocks(recipe, importance, sizes, sparsity)
    return LayerAllocation(tuple(importance.tolist()), sizes, tuple(spread.tolist()))


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
