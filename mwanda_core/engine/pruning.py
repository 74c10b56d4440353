"""The one loop: every method, every pattern, both modes.

    sequential   block by block; a block's statistics are taken on the outputs of the already pruned blocks (Wanda's walk)
    per-linear   linear by linear, each behind all pruned ones before it: another walk, `walks.prune_per_linear`
    one-pass     all statistics on the dense model; they can be kept, and then another sparsity costs no forward pass

Layerwise allocations that look at activations need statistics of all blocks before the first mask is cut: in sequential
mode that is one more dense pass, which may use a part of the calibration tokens (`allocation_share`).
"""

import functools
import time
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine import gradients
from mwanda_core.engine.dense import DenseJob, measure_dense
from mwanda_core.engine.measure import BlockPass, BlockStats, Wants, measure_block, measure_model, record_all, send_through
from mwanda_core.engine.outcome import LinearOutcome, Mode, PruneResult
from mwanda_core.engine.per_linear import check_per_linear, prune_per_linear
from mwanda_core.engine.plan import (
    REPAIR_COST,
    SINGLE,
    Passes,
    allocate,
    check_protection,
    check_settings,
    check_stats,
    evidence_of,
    global_targets,
    is_global,
    passes,
    planned_work,
    sampled,
    token_counts,
)
from mwanda_core.engine.weights import DenseCopy, bias_of, natural_zeros
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.repair import BlockTask, NoRepair
from mwanda_core.models import DecoderBlock, LanguageModel, PrunableLinear, Recording, block_in_float32, in_float32
from mwanda_core.parts.evidence import BlockEvidence, LinearEvidence
from mwanda_core.parts.masks import lifted, pack
from mwanda_core.parts.needs import Need, Sample
from mwanda_core.parts.patterns import count_kept
from mwanda_core.progress import Monitor


def prune(
    model: LanguageModel,
    calibration: Packed,
    recipe: Recipe,
    sparsity: float,
    mode: Mode = "sequential",
    *,
    stats: tuple[BlockStats, ...] | None = None,
    allocation_share: float = 1.0,
    protect: Mapping[str, Tensor] | None = None,
    monitor: Monitor | None = None,
) -> PruneResult:
    """Prune the model in place; `result.restore()` undoes it.

    `stats` are dense statistics of the same tokens from an earlier run, which spare the dense pass. `protect`: full name of a
    linear -> Bool [out, in] of weights to be kept before all others (language neurons, say); counts stay as they are. Raises InputError for
    settings that do not fit the model, Cancelled when stopped; in both cases the weights are as they were.
    """
    monitor = monitor or Monitor()
    if mode == "per-linear":
        check_per_linear(recipe, bool(protect))
        return prune_per_linear(
            model, calibration, recipe, sparsity, stats=stats, allocation_share=allocation_share, monitor=monitor
        )
    started = time.perf_counter()
    check_settings(model, recipe, sparsity, mode, allocation_share, calibration.languages)
    protect = protect or {}
    if protect:
        check_protection(recipe)
    todo = passes(recipe, mode, stats is not None)
    if stats is not None:
        # A walk that measures for itself leaves only the allocation to the statistics given.
        read = recipe.activation.needs | recipe.allocation.needs if todo.own_walk else recipe.needs
        check_stats(model, calibration, stats, read)
    share = allocation_share if mode == "sequential" else 1.0
    monitor.plan(planned_work(model, calibration, recipe, mode, stats is not None, share))
    dense = DenseCopy()
    try:
        if todo.dense_stats:
            stats = measure_model(model, calibration.part(share), recipe.needs, monitor)
        found = measure_dense(DenseJob(model, calibration, recipe, sparsity, stats, protect, monitor))
        allocation = allocate(recipe, model.blocks, stats, sparsity, found)
        targets = _targets(model, recipe, allocation.sparsity)
        if is_global(recipe) and stats is not None:
            targets = global_targets(recipe, model.blocks, stats, sparsity, found)
        walk = _Walk(model, calibration, recipe, mode, todo, monitor, protect)
        for block in model.blocks:
            walk.step(block, targets, stats, found, dense)
    except BaseException:
        dense.restore()
        raise
    return PruneResult(
        recipe, sparsity, mode, allocation, tuple(walk.linears), walk.masks, walk.updates, tuple(walk.stats), dense,
        time.perf_counter() - started, (*model.skipped, *walk.notes()),
    )  # fmt: skip


def _targets(model: LanguageModel, recipe: Recipe, by_block: tuple[float, ...]) -> dict[str, float]:
    return {
        block.full_name(linear): target
        for block, target in zip(model.blocks, by_block, strict=True)
        for linear in block.linears
    }


def _ranked(name: str, score: Tensor, protect: Mapping[str, Tensor]) -> Tensor:
    return lifted(score, protect[name]) if name in protect else score


class _Walk:
    """The state of one walk over the blocks: hidden states on their way, and what was done so far."""

    def __init__(
        self,
        model: LanguageModel,
        calibration: Packed,
        recipe: Recipe,
        mode: Mode,
        todo: Passes,
        monitor: Monitor,
        protect: Mapping[str, Tensor],
    ) -> None:
        self.model, self.calibration, self.recipe = model, calibration, recipe
        self.mode, self.todo, self.monitor, self.protect = mode, todo, monitor, protect
        self.linears: list[LinearOutcome] = []
        self.masks: dict[str, Tensor] = {}
        self.updates: dict[str, Tensor] = {}
        self.stats: list[BlockStats] = []
        self.num_moved = 0
        self.main = _Stream(model, record_all(model, calibration) if todo.own_walk else [])
        few = sampled(calibration, Sample.FEW)
        wanted = bool(recipe.needs & SINGLE)
        self.single = _Stream(model, gradients.one_by_one(model, few) if wanted else [])

    def step(
        self,
        block: DecoderBlock,
        targets: Mapping[str, float],
        stats: tuple[BlockStats, ...] | None,
        whole: Mapping[Need, Any],
        dense: DenseCopy,
    ) -> None:
        """Measure (unless statistics are given), prune, and send the tokens on through the pruned block."""
        self.monitor.begin(f"Pruning block {block.index + 1} of {len(self.model.blocks)}")
        measured: BlockPass | None = None
        if self.todo.own_walk:
            languages = self.calibration.languages
            measured = measure_block(
                self.model, block, self.main.recordings, self.main.hidden, languages, self._wants(), self.monitor
            )
            found = measured.stats
            own: dict[Need, Mapping[str, Tensor]] = dict(measured.measured)
        else:
            assert stats is not None
            found, own = stats[block.index], {}
        for need, measure in gradients.BY_BLOCK.items():
            if need in self.recipe.needs:
                own[need] = measure(self.model, block, self.single.recordings, self.single.hidden, self.monitor)
        self.stats.append(found)
        if self.mode == "one-pass" and measured is not None:
            self.main.hidden = measured.outputs
        evidence = functools.partial(evidence_of, self.recipe, block, found, own, whole)
        entering = self.single.hidden
        if self.mode == "one-pass":
            self.single.advance(block, self.monitor)
        self._repair(block, evidence, targets, dense, entering)
        self._prune_block(block, evidence(), targets, dense)
        if self.mode == "sequential":
            self.main.advance(block, self.monitor)
            self.single.advance(block, self.monitor)

    def _repair(
        self,
        block: DecoderBlock,
        evidence: Callable[[], BlockEvidence],
        targets: Mapping[str, float],
        dense: DenseCopy,
        entering: list[Tensor],
    ) -> None:
        """Let the recipe's repair change the block's weights, in float32; the final cut is still to come."""
        if isinstance(self.recipe.repair, NoRepair):
            return
        for linear in block.linears:
            dense.save(block.full_name(linear), linear)
        with block_in_float32(block):
            recordings = [in_float32(recording) for recording in self.single.recordings]
            inputs = [hidden.float() for hidden in entering]

            def forward(index: int) -> Tensor:
                return self.model.replay(block, recordings[index], inputs[index])

            def cut() -> None:
                for linear in block.linears:
                    item = evidence().linears[linear.name]
                    score = _ranked(item.name, self.recipe.score(item), self.protect)
                    keep = self.recipe.solve(item, score, targets[item.name]).keep
                    linear.weight.masked_fill_(~keep, 0)

            def tick() -> None:
                self.monitor.advance(REPAIR_COST * recordings[0].batch.num_tokens)

            with torch.no_grad():
                outputs = [forward(index) for index in range(len(inputs))]
            with gradients.wanting_gradients(block.linears) as weights:
                self.recipe.repair.optimise(BlockTask(weights, forward, outputs, cut, tick))

    def _wants(self) -> Wants:
        needs, packed = self.recipe.needs, self.calibration
        weights = None
        if Need.GRAM in needs:
            weights = self.recipe.activation.weights(token_counts(packed.languages)).float() / packed.tokens_per_language
        return Wants(needs, weights)

    @torch.no_grad()
    def _prune_block(
        self, block: DecoderBlock, evidence: BlockEvidence, targets: Mapping[str, float], dense: DenseCopy
    ) -> None:
        work = self.recipe.solver.effort * self.calibration.num_tokens / max(1, len(block.linears))
        pattern = self.recipe.pattern
        for linear in block.linears:
            item = evidence.linears[linear.name]
            target = targets[item.name]
            score = _ranked(item.name, self.recipe.score(item), self.protect)
            solution = self.recipe.solve(item, score, target)
            zeros = natural_zeros(linear.weight)
            dense.write(item.name, linear, solution.keep, solution.weight)
            self.masks[item.name] = pack(solution.keep).cpu()
            if solution.weight is not None or not isinstance(self.recipe.repair, NoRepair):
                self.updates[item.name] = linear.weight.clone(memory_format=torch.contiguous_format).cpu()
            self._move_bias(linear, item, dense)
            outputs, inputs = linear.weight.shape
            kept = count_kept(solution.keep)
            self.linears.append(
                LinearOutcome(
                    block=block.index,
                    module=linear.name,
                    kind=linear.kind,
                    outputs=outputs,
                    inputs=inputs,
                    allocated=pattern.achievable(target),
                    kept=kept,
                    zeros_before=zeros,
                    note=solution.note,
                )
            )
            self.monitor.advance(work)

    def _move_bias(self, linear: PrunableLinear, item: LinearEvidence, dense: DenseCopy) -> None:
        """Let the bias take up what the score says it should; a layer without one is left as it is."""
        if not self.recipe.score.moves_bias or (bias := bias_of(linear)) is None:
            return
        dense.shift_bias(item.name, linear, self.recipe.score.bias_shift(item, dense.lost(item.name, linear)))
        self.updates[f"{item.name}.bias"] = bias.clone().cpu()
        self.num_moved += 1

    def notes(self) -> tuple[str, ...]:
        """What a reader should know about this walk beside the figures, one sentence each."""
        if not self.recipe.score.moves_bias:
            return ()
        return (
            f"The mean of what {self.recipe.score.title} cut was added to the bias of {self.num_moved} linear layers; "
            f"{len(self.linears) - self.num_moved} have no bias and were not compensated.",
        )


class _Stream:
    """Batches on their way through the blocks."""

    def __init__(self, model: LanguageModel, recordings: list[Recording]) -> None:
        self.model, self.recordings = model, recordings
        self.hidden = [recording.hidden for recording in recordings]

    def advance(self, block: DecoderBlock, monitor: Monitor) -> None:
        """Through a block as it stands now."""
        if self.recordings:
            self.hidden = send_through(self.model, block, self.recordings, self.hidden, monitor)
