"""Data-parallel calibration: every process measures a part of the sequences, the sums are added up, and all prune alike.

    sumsq = sum_r sumsq_r,  positive = sum_r positive_r,  tokens = sum_r tokens_r        (r over processes)

Statistics are sums over tokens, so nothing is lost by adding them up; the weights are in every process, and after each sum
each cuts the same masks. In float64 the sum over processes differs from that of one process in the last bits only, which
float32 channel importances do not see except at a tie of two scores.
"""

import dataclasses
import time

import torch
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine.distributed.group import Group
from mwanda_core.engine.ledger import Ledger, refuse_beyond_statistics, targets_of
from mwanda_core.engine.measure import BlockStats, Wants, measure_block, measure_model, record_lean, send_through
from mwanda_core.engine.outcome import Mode, PruneResult
from mwanda_core.engine.per_linear import walk_per_linear
from mwanda_core.engine.plan import allocate, check_settings, evidence_of
from mwanda_core.engine.pruning import prune
from mwanda_core.engine.weights import DenseCopy
from mwanda_core.errors import InputError
from mwanda_core.methods.composition import Recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.needs import SUMS
from mwanda_core.parts.statistics import InputStats
from mwanda_core.progress import Monitor


def share_of(packed: Packed, group: Group) -> Packed:
    """The sequences of this process: every `size`-th one, so that each has tokens of all languages where there are enough.

    Raises InputError when there are fewer sequences than processes.
    """
    if len(packed.ids) < group.size:
        raise InputError(
            f"{group.size} processes cannot share {len(packed.ids)} sequences: calibrate on more tokens, or start fewer processes."
        )
    mine = slice(group.rank, None, group.size)
    return dataclasses.replace(packed, ids=packed.ids[mine], rows=packed.rows[mine], sources=packed.sources[mine])


def add_up(stats: InputStats, group: Group) -> InputStats:
    """The statistics of all processes' tokens."""
    parts = (stats.sumsq, stats.total, stats.positive, stats.tokens)
    whole = group.sum(torch.cat([part.flatten() for part in parts]))
    pieces = whole.split([part.numel() for part in parts])
    sumsq, total, positive, tokens = (piece.view(part.shape) for piece, part in zip(pieces, parts, strict=True))
    return InputStats(stats.languages, sumsq, total, positive, tokens, stats.modules)


def add_up_block(stats: BlockStats, group: Group) -> BlockStats:
    """As `add_up` for every distinct input of a block, in the same order in every process."""
    added: dict[int, InputStats] = {}
    for found in stats.values():
        if id(found) not in added:
            added[id(found)] = add_up(found, group)
    return {name: added[id(found)] for name, found in stats.items()}


def prune_distributed(
    model: LanguageModel,
    calibration: Packed,
    recipe: Recipe,
    sparsity: float,
    mode: Mode = "sequential",
    *,
    group: Group,
    allocation_share: float = 1.0,
    monitor: Monitor | None = None,
) -> PruneResult:
    """As `prune`, in every process of a group at once, with the same model and the same calibration set given to each.

    Raises InputError for settings that do not fit, a recipe that needs more than sums over inputs, or too few sequences. All
    processes must be stopped together.
    """
    monitor = monitor or Monitor()
    started = time.perf_counter()
    refuse_beyond_statistics(recipe, "distributed")
    checked = "sequential" if mode == "per-linear" else mode
    check_settings(model, recipe, sparsity, checked, allocation_share, calibration.languages)
    mine = share_of(calibration, group)
    stats = None
    if mode == "one-pass" or recipe.allocation.reads_statistics:
        part = mine if mode == "one-pass" else share_of(calibration.part(allocation_share), group)
        own = measure_model(model, part, recipe.needs & SUMS, monitor)
        stats = tuple(add_up_block(by_name, group) for by_name in own)
    if mode == "one-pass":
        return prune(model, calibration, recipe, sparsity, mode, stats=stats, monitor=monitor)
    dense = DenseCopy()
    try:
        allocation = allocate(recipe, model.blocks, stats, sparsity)
        ledger = Ledger(recipe, dense)
        targets = targets_of(model, allocation)
        if mode == "per-linear":
            found = walk_per_linear(model, mine, ledger, targets, monitor, lambda sums: add_up(sums, group))
        else:
            found = _walk_blocks(model, mine, ledger, targets, group, monitor)
    except BaseException:
        dense.restore()
        raise
    return PruneResult(
        recipe, sparsity, mode, allocation, tuple(ledger.linears), ledger.masks, ledger.updates, found, dense,
        time.perf_counter() - started, (*model.skipped, *ledger.notes()),
    )  # fmt: skip


@torch.no_grad()
def _walk_blocks(
    model: LanguageModel, mine: Packed, ledger: Ledger, targets: dict[str, float], group: Group, monitor: Monitor
) -> tuple[BlockStats, ...]:
    """The sequential walk over this process's sequences, with the sums of all."""
    pairs = list(record_lean(model, mine))
    recordings = [recording for recording, _ in pairs]
    hidden: list[Tensor] = [entering for _, entering in pairs]
    found = []
    for block in model.blocks:
        monitor.begin(f"Pruning block {block.index + 1} of {len(model.blocks)}")
        wants = Wants(ledger.recipe.needs & SUMS)
        own = measure_block(model, block, recordings, hidden, mine.languages, wants, monitor, lambda index, output: None)
        stats = add_up_block(own.stats, group)
        evidence = evidence_of(ledger.recipe, block, stats)
        for linear in block.linears:
            item = evidence.linears[linear.name]
            ledger.cut(block, linear, item, targets[item.name])
        hidden = send_through(model, block, recordings, hidden, monitor)
        found.append(stats)
    return tuple(found)
