"""The per-linear walk: each linear is scored and pruned at the moment its input arrives.

    for each block, for each linear in the order in which the block calls them:
        its input, computed through every pruned linear before it, is measured over all calibration tokens; it is pruned;
        the tokens go on through it

The published walk sends the tokens through a block twice: once to measure the dense block, once through the pruned one.
Here every weight is multiplied once, and a linear is fitted to the input it will really see, as in GPTQ's "true
sequential" order. The calibration set goes through in cache-sized chunks (one batch of everything is half as fast on a
CPU); chunks wait at each linear for each other (`relay`). Linears that read one tensor are measured once.

The price is memory: while chunks wait, what their block has computed so far is alive for all tokens.
"""

import dataclasses
import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from mwanda_core.corpora import Packed
from mwanda_core.engine.ledger import Ledger, refuse_beyond_statistics, targets_of
from mwanda_core.engine.measure import BATCH_TOKENS, BlockStats, by_sequence, measure_model, record_lean
from mwanda_core.engine.outcome import PruneResult
from mwanda_core.engine.plan import allocate, check_settings, check_stats, evidence_of
from mwanda_core.engine.relay import Relay
from mwanda_core.engine.weights import DenseCopy
from mwanda_core.errors import InputError
from mwanda_core.methods.composition import Recipe
from mwanda_core.models import DecoderBlock, LanguageModel, PrunableLinear, Recording
from mwanda_core.parts.needs import SUMS
from mwanda_core.parts.statistics import Accumulator, InputStats
from mwanda_core.progress import Monitor

MAX_CHUNKS = 256
"""A thread each; with more tokens than fit, chunks grow."""

Combine = Callable[[InputStats], InputStats]
"""What happens to the sums of an input before it is used: nothing, or the addition of other processes' sums."""


def alone(stats: InputStats) -> InputStats:
    """No other process takes part."""
    return stats


def check_per_linear(recipe: Recipe, protects: bool) -> None:
    """Everything about the walk that can be refused before a model is there. protects: whether weights are to be spared.

    Raises InputError in one sentence.
    """
    if protects:
        raise InputError("Weights are protected in the modes sequential and one-pass only; the mode was given as per-linear.")
    refuse_beyond_statistics(recipe, "per-linear")


def prune_per_linear(
    model: LanguageModel,
    calibration: Packed,
    recipe: Recipe,
    sparsity: float,
    *,
    stats: tuple[BlockStats, ...] | None = None,
    allocation_share: float = 1.0,
    monitor: Monitor | None = None,
) -> PruneResult:
    """Prune the model in place, one forward pass in all; `result.restore()` undoes it.

    An allocation that reads statistics takes them from `stats` or from a dense pass of a share of the tokens first. Raises
    InputError for settings that do not fit the model and for a recipe that needs more than sums over inputs, Cancelled
    when stopped; in both cases the weights are as they were.
    """
    monitor = monitor or Monitor()
    started = time.perf_counter()
    check_settings(model, recipe, sparsity, "sequential", allocation_share, calibration.languages)
    refuse_beyond_statistics(recipe, "per-linear")
    if stats is not None:
        check_stats(model, calibration, stats, recipe.activation.needs | recipe.allocation.needs)
    measures = recipe.allocation.reads_statistics and stats is None
    first = calibration.part(allocation_share)
    effort = 1.0 + recipe.solver.effort
    monitor.plan(len(model.blocks) * (effort * calibration.num_tokens + measures * first.num_tokens))
    dense = DenseCopy()
    try:
        if measures:
            stats = measure_model(model, first, recipe.needs & SUMS, monitor)
        allocation = allocate(recipe, model.blocks, stats, sparsity)
        ledger = Ledger(recipe, dense)
        found = walk_per_linear(model, calibration, ledger, targets_of(model, allocation), monitor)
    except BaseException:
        dense.restore()
        raise
    return PruneResult(
        recipe, sparsity, "per-linear", allocation, tuple(ledger.linears), ledger.masks, ledger.updates, found, dense,
        time.perf_counter() - started, (*model.skipped, *ledger.notes()),
    )  # fmt: skip


@torch.no_grad()
def walk_per_linear(
    model: LanguageModel,
    calibration: Packed,
    ledger: Ledger,
    targets: Mapping[str, float],
    monitor: Monitor,
    combine: Combine = alone,
) -> tuple[BlockStats, ...]:
    """The walk itself: everything is cut when it returns. `targets` holds the sparsity of every linear by full name.

    Raises InputError when tokens take different ways through a block (experts chosen by a router).
    """
    recordings, hidden = map(list, zip(*record_lean(model, calibration, chunk_tokens(calibration)), strict=True))
    found = []
    with Relay(len(recordings)) as relay:
        for block in model.blocks:
            monitor.begin(f"Pruning block {block.index + 1} of {len(model.blocks)}")
            visit = _Visit(model, block, recordings, calibration.languages, ledger, targets, relay, combine, monitor)
            hidden = visit.walk(hidden)
            found.append(visit.stats)
    return tuple(found)


def chunk_tokens(calibration: Packed) -> int:
    """Tokens of a chunk: what a core's cache likes, unless that would make too many threads."""
    return max(BATCH_TOKENS, -(-calibration.num_tokens // MAX_CHUNKS))


@dataclasses.dataclass
class _Visit:
    """One block. Chunk 0 goes first: where it meets a linear whose input is new, it waits and so will all others; where
    it meets one whose input was measured before (k after q), it prunes that one at once and nobody waits."""

    model: LanguageModel
    block: DecoderBlock
    recordings: list[Recording]
    languages: tuple[str, ...]
    ledger: Ledger
    targets: Mapping[str, float]
    relay: Relay
    combine: Combine
    monitor: Monitor

    def __post_init__(self) -> None:
        self.stats: BlockStats = {}
        self._done: set[str] = set()
        self._waiting: list[str] = []
        self._meter: Accumulator | None = None
        self._read: list[tuple[weakref.ref[Tensor], int, str]] = []
        self._groups: dict[str, list[str]] = {}
        self._begun = len(self.ledger.linears)

    def walk(self, hidden: list[Tensor]) -> list[Tensor]:
        """The hidden states that leave the pruned block; `hidden` is emptied on the way."""
        outputs = list(hidden)

        def work(index: int) -> None:
            outputs[index] = self.model.replay(self.block, self.recordings[index], hidden[index])
            hidden[index] = outputs[index]
            self.monitor.advance(self.recordings[index].batch.num_tokens)

        handles = [linear.module.register_forward_pre_hook(self._hook(linear)) for linear in self.block.linears]
        try:
            self.relay.run(work, self._cut_waiting)
        finally:
            for handle in handles:
                handle.remove()
        if len(self._done) < len(self.block.linears):
            missing = next(linear for linear in self.block.linears if linear.name not in self._done)
            raise InputError(
                f"No calibration token reached {self.block.full_name(missing)}, so the per-linear walk cannot prune it: choose the "
                "sequential mode."
            )
        self._settle()
        return outputs

    def _hook(self, linear: PrunableLinear) -> Callable[[nn.Module, Any], None]:
        def arrive(module: nn.Module, args: tuple[Tensor, ...]) -> None:
            if linear.name in self._done:
                return
            index = self.relay.current
            leader = self._leader(args[0]) if index == 0 else None
            if leader is not None:
                self._cut(linear, leader)
                return
            if index == 0:
                self._read.append((weakref.ref(args[0]), args[0]._version, linear.name))
                self._meter = Accumulator(self.languages, args[0].shape[-1], args[0].device, self.ledger.recipe.needs & SUMS)
            batch = self.recordings[index].batch
            assert self._meter is not None
            self._waiting.append(linear.name)
            if self._waiting[0] == linear.name:
                self._meter.add(by_sequence(args[0], batch.ids), batch.rows, batch.keep)
            self.relay.pause()

        return arrive

    def _leader(self, x: Tensor) -> str | None:
        """The linear that was measured on this very tensor, which nothing has written into since."""
        for reference, version, name in self._read:
            known = reference()
            if known is None or known._version != version:
                continue
            same_place = known.data_ptr() == x.data_ptr() and known.shape == x.shape and known.stride() == x.stride()
            if known is x or same_place:
                return name
        return None

    def _cut_waiting(self) -> None:
        """Every chunk has arrived: the sums are complete."""
        names, self._waiting = self._waiting, []
        if set(names) != {names[0]} or len(names) != len(self.recordings):
            raise InputError(
                f"Tokens take different ways through {self.block.path} (experts chosen by a router?), so the per-linear walk "
                "cannot measure all of them at one point: choose the sequential mode."
            )
        assert self._meter is not None
        linear = next(linear for linear in self.block.linears if linear.name == names[0])
        self.stats[linear.name] = self.combine(self._meter.stats((linear.name,)))
        self._cut(linear, linear.name)

    def _cut(self, linear: PrunableLinear, leader: str) -> None:
        stats = self.stats[leader]
        self.stats[linear.name] = stats
        self._groups.setdefault(leader, []).append(linear.name)
        alone_in_block = dataclasses.replace(self.block, linears=(linear,))
        item = evidence_of(self.ledger.recipe, alone_in_block, {linear.name: stats}).linears[linear.name]
        self.ledger.cut(self.block, linear, item, self.targets[item.name])
        self._done.add(linear.name)
        work = self.ledger.recipe.solver.effort * sum(recording.batch.num_tokens for recording in self.recordings)
        self.monitor.advance(work / len(self.block.linears))

    def _settle(self) -> None:
        """Statistics that name all their linears, and outcomes in the order of the other walks."""
        for leader, names in self._groups.items():
            shared = dataclasses.replace(self.stats[leader], modules=tuple(names))
            self.stats |= dict.fromkeys(names, shared)
        places = {linear.name: place for place, linear in enumerate(self.block.linears)}
        mine = self.ledger.linears[self._begun :]
        self.ledger.linears[self._begun :] = sorted(mine, key=lambda outcome: places[outcome.module])
