"""The one loop: every method, every pattern, both modes.

    sequential   block by block; a block's statistics are taken on the outputs of the already pruned blocks (Wanda's walk)
    one-pass     all statistics on the dense model; they can be kept, and then another sparsity costs no forward pass

Layerwise allocations that look at activations need statistics of all blocks before the first mask is cut: in sequential
mode that is one more dense pass, which may use a part of the calibration tokens (`allocation_share`).
"""

import dataclasses
import time
from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.errors import InputError
from mwanda_core.evidence import BlockEvidence, LinearEvidence
from mwanda_core.masks import pack
from mwanda_core.measuring import BlockStats, measure_block, measure_model, record_all, send_through
from mwanda_core.models import DecoderBlock, LanguageModel
from mwanda_core.patterns import NtoM, count_kept
from mwanda_core.progress import Monitor
from mwanda_core.recipes import Recipe
from mwanda_core.weights import DenseCopy, natural_zeros

Mode = Literal["sequential", "one-pass"]
MODES: tuple[Mode, ...] = ("sequential", "one-pass")

SOLVE_SHARE = 0.15
"""Scoring and selecting one block, as a share of one pass of the tokens through it; only for the progress bar."""


@dataclasses.dataclass(frozen=True)
class LinearOutcome:
    """What happened to one linear layer. `zeros_before` counts exact zeros of the dense weight."""

    block: int
    module: str
    kind: str
    outputs: int
    inputs: int
    allocated: float
    kept: int
    zeros_before: int
    note: str = ""

    @property
    def size(self) -> int:
        """Number of weights."""
        return self.outputs * self.inputs

    @property
    def achieved(self) -> float:
        """Share of weights that the mask removes."""
        return 1.0 - self.kept / self.size


@dataclasses.dataclass(frozen=True)
class LayerAllocation:
    """Importance and sparsity per block, and the block sizes they are weighted with."""

    importance: tuple[float, ...]
    sizes: tuple[int, ...]
    sparsity: tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class PruneResult:
    """A finished prune. `masks` are bit-packed (see `masks.pack`), `updates` are new weights where a solver made some.

    `stats` are the statistics the masks were cut from, one entry per block.
    """

    recipe: Recipe
    sparsity: float
    mode: Mode
    allocation: LayerAllocation
    linears: tuple[LinearOutcome, ...]
    masks: Mapping[str, Tensor]
    updates: Mapping[str, Tensor]
    stats: tuple[BlockStats, ...]
    dense: DenseCopy
    seconds: float
    notes: tuple[str, ...]

    @property
    def achieved(self) -> float:
        """Share of all prunable weights that the masks remove."""
        return 1.0 - sum(o.kept for o in self.linears) / sum(o.size for o in self.linears)

    def restore(self) -> None:
        """Give the model its dense weights back, bit for bit."""
        self.dense.restore()


def prune(
    model: LanguageModel,
    calibration: Packed,
    recipe: Recipe,
    sparsity: float,
    mode: Mode = "sequential",
    *,
    stats: tuple[BlockStats, ...] | None = None,
    allocation_share: float = 1.0,
    monitor: Monitor | None = None,
) -> PruneResult:
    """Prune the model in place; `result.restore()` undoes it.

    `stats` are dense statistics of the same tokens from an earlier run, which spare the dense pass. Raises InputError for
    settings that do not fit the model, Cancelled when stopped; in both cases the weights are as they were.
    """
    monitor = monitor or Monitor()
    started = time.perf_counter()
    check_settings(model, recipe, sparsity, mode, allocation_share)
    needs_dense = stats is None and (mode == "one-pass" or recipe.allocation.reads_evidence)
    share = allocation_share if mode == "sequential" else 1.0
    monitor.plan(planned_work(model, calibration, recipe, mode, stats is not None, share))
    dense = DenseCopy()
    try:
        if needs_dense:
            stats = measure_model(model, calibration.part(share), recipe.needs, monitor)
        allocation = allocate(recipe, model.blocks, stats, sparsity)
        walk = _Walk(model, calibration, recipe, stats if mode == "one-pass" else None, dense, monitor)
        for block, target in zip(model.blocks, allocation.sparsity, strict=True):
            walk.step(block, target)
    except BaseException:
        dense.restore()
        raise
    return PruneResult(
        recipe, sparsity, mode, allocation, tuple(walk.linears), walk.masks, walk.updates, tuple(walk.stats), dense,
        time.perf_counter() - started, model.skipped,
    )  # fmt: skip


def planned_work(
    model: LanguageModel, calibration: Packed, recipe: Recipe, mode: Mode, has_stats: bool, allocation_share: float
) -> float:
    """Units of work (tokens through one block) that `prune` will report."""
    passes = SOLVE_SHARE
    if mode == "sequential":
        passes += 2.0 + (allocation_share if recipe.allocation.reads_evidence and not has_stats else 0.0)
    elif not has_stats:
        passes += 1.0
    return passes * calibration.num_tokens * len(model.blocks)


def check_settings(model: LanguageModel, recipe: Recipe, sparsity: float, mode: str, allocation_share: float) -> None:
    """Refuse, before any work, settings that cannot be carried out.

    Raises InputError in one sentence.
    """
    if mode not in MODES:
        raise InputError(f"The mode must be one of {', '.join(MODES)}; it was given {mode!r}.")
    if not 0.0 < allocation_share <= 1.0:
        raise InputError(f"The share of tokens for the allocation must lie in (0, 1]; it was given {allocation_share}.")
    if not 0.0 <= sparsity < 1.0:
        raise InputError(f"Sparsity must lie between 0 and 0.99; it was given {sparsity}.")
    pattern = recipe.pattern
    if isinstance(pattern, NtoM):
        if not pattern.mixed and recipe.allocation.reads_evidence:
            raise InputError(
                f"{pattern.n}:{pattern.m} gives every layer the same sparsity, so it cannot follow the layerwise allocation "
                f"{recipe.allocation.title!r}: choose the uniform allocation, or mixed N:M."
            )
        if not pattern.mixed and abs(pattern.achievable(sparsity) - sparsity) > 1e-9:
            raise InputError(
                f"{pattern.n}:{pattern.m} prunes exactly {pattern.achievable(sparsity):.4g} of the weights; the sparsity was given as {sparsity:.4g}."
            )
    for block in model.blocks:
        for linear in block.linears:
            pattern.check(linear.weight.shape[1], block.full_name(linear))


def allocate(
    recipe: Recipe, blocks: Sequence[DecoderBlock], stats: tuple[BlockStats, ...] | None, sparsity: float
) -> LayerAllocation:
    """Sparsity per block at a target, from dense statistics (None: the allocation reads none). No forward pass."""
    sizes = tuple(block.size for block in blocks)
    evidence = [] if stats is None else [evidence_of(recipe, b, s) for b, s in zip(blocks, stats, strict=True)]
    if recipe.allocation.reads_evidence:
        importance = recipe.allocation.importance(evidence)
    else:
        importance = torch.zeros(len(sizes), dtype=torch.float64)
    spread = spread_over_blocks(recipe, importance, sizes, sparsity)
    return LayerAllocation(tuple(importance.tolist()), sizes, tuple(spread.tolist()))


def spread_over_blocks(
    recipe: Recipe, importance: Float[Tensor, " blocks"], sizes: Sequence[int], sparsity: float
) -> Float[Tensor, " blocks"]:
    """The arithmetic part of an allocation: what moves when only the slider moves."""
    return recipe.allocation.spread(importance, torch.tensor(sizes, dtype=torch.float64), sparsity)


def evidence_of(recipe: Recipe, block: DecoderBlock, stats: BlockStats) -> BlockEvidence:
    """What the formulas see of one block."""
    # Linears that read one input share its statistics, and so its channel importance.
    channels = {id(s): recipe.activation.channels(s) for s in stats.values()}
    linears = {
        linear.name: LinearEvidence(
            block.full_name(linear), linear.weight, stats[linear.name], channels[id(stats[linear.name])]
        )
        for linear in block.linears
    }
    return BlockEvidence(block.index, linears)


class _Walk:
    """The state of one walk over the blocks: hidden states on their way, and what was done so far."""

    def __init__(
        self,
        model: LanguageModel,
        calibration: Packed,
        recipe: Recipe,
        stats: tuple[BlockStats, ...] | None,
        dense: DenseCopy,
        monitor: Monitor,
    ) -> None:
        self.model, self.calibration, self.recipe = model, calibration, recipe
        self.given, self.dense, self.monitor = stats, dense, monitor
        self.linears: list[LinearOutcome] = []
        self.masks: dict[str, Tensor] = {}
        self.updates: dict[str, Tensor] = {}
        self.stats: list[BlockStats] = []
        self.recordings = [] if stats is not None else record_all(model, calibration)
        self.hidden = [recording.hidden for recording in self.recordings]

    def step(self, block: DecoderBlock, target: float) -> None:
        """Measure (unless statistics are given), prune, and send the tokens on through the pruned block."""
        self.monitor.begin(f"Pruning block {block.index + 1} of {len(self.model.blocks)}")
        if self.given is not None:
            stats = self.given[block.index]
        else:
            stats = measure_block(
                self.model, block, self.recordings, self.hidden, self.calibration.languages, self.recipe.needs, self.monitor
            ).stats
        self.stats.append(stats)
        self._prune_block(block, stats, target)
        if self.given is None:
            self.hidden = send_through(self.model, block, self.recordings, self.hidden, self.monitor)

    @torch.no_grad()
    def _prune_block(self, block: DecoderBlock, stats: BlockStats, target: float) -> None:
        evidence = evidence_of(self.recipe, block, stats)
        work = SOLVE_SHARE * self.calibration.num_tokens / max(1, len(block.linears))
        for linear in block.linears:
            item = evidence.linears[linear.name]
            score = self.recipe.score(item)
            solution = self.recipe.solver.solve(item, score, self.recipe.pattern, target)
            zeros = natural_zeros(linear.weight)
            self.dense.write(item.name, linear, solution)
            self.masks[item.name] = pack(solution.keep).cpu()
            if solution.weight is not None:
                self.updates[item.name] = linear.weight.clone().cpu()
            outputs, inputs = linear.weight.shape
            allocated = self.recipe.pattern.achievable(target)
            self.linears.append(
                LinearOutcome(
                    block.index,
                    linear.name,
                    linear.kind,
                    outputs,
                    inputs,
                    allocated,
                    count_kept(solution.keep),
                    zeros,
                    solution.note,
                )  # fmt: skip
            )
            self.monitor.advance(work)
