"""Sums over the processes that share one job: alone, nothing is added; in a group, every process gets the same total.

    sumsq = sum_r sumsq_r,  positive = sum_r positive_r,  tokens = sum_r tokens_r        (r over processes)

Statistics are sums over tokens, so nothing is lost by adding them up. In float64 the sum over processes differs from that of
one process in the last bits only, which float32 channel importances do not see except at a tie of two scores.
"""

import abc
import dataclasses
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine.measure import BlockPass, BlockStats
from mwanda_core.engine.meters import METERS
from mwanda_core.errors import InputError
from mwanda_core.parts.needs import Need
from mwanda_core.parts.statistics import InputStats


class Group(abc.ABC):
    """`size` processes, of which this one is `rank`."""

    rank: int
    size: int

    @abc.abstractmethod
    def sum(self, values: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        """The sum over all processes, the same bits in each of them."""


class Alone(Group):
    """One process."""

    rank, size = 0, 1

    def sum(self, values: Float[Tensor, " n"]) -> Float[Tensor, " n"]:
        return values


def share_of(packed: Packed, group: Group) -> Packed:
    """The sequences of this process: every `size`-th one, so that each has tokens of all languages where there are enough.

    Raises InputError when there are fewer sequences than processes.
    """
    if group.size == 1:
        return packed
    if len(packed.ids) < group.size:
        raise InputError(
            f"{group.size} processes cannot share {len(packed.ids)} sequences: calibrate on more tokens, or start fewer processes."
        )
    mine = slice(group.rank, None, group.size)
    return dataclasses.replace(packed, ids=packed.ids[mine], rows=packed.rows[mine], sources=packed.sources[mine])


def add_up(stats: InputStats, group: Group) -> InputStats:
    """The statistics of all processes' tokens."""
    if group.size == 1:
        return stats
    parts = (stats.sumsq, stats.total, stats.positive, stats.tokens)
    whole = group.sum(torch.cat([part.flatten() for part in parts]))
    pieces = whole.split([part.numel() for part in parts])
    sumsq, total, positive, tokens = (piece.view(part.shape) for piece, part in zip(pieces, parts, strict=True))
    return InputStats(stats.languages, sumsq, total, positive, tokens, stats.modules, stats.weights)


def add_up_block(stats: BlockStats, group: Group) -> BlockStats:
    """As `add_up` for every distinct input of a block, in the same order in every process."""
    added: dict[int, InputStats] = {}
    for found in stats.values():
        if id(found) not in added:
            added[id(found)] = add_up(found, group)
    return {name: added[id(found)] for name, found in stats.items()}


def add_up_pass(done: BlockPass, group: Group) -> BlockPass:
    """Statistics and what else was measured in one pass through a block, of all processes' tokens."""
    if group.size == 1:
        return done
    measured = {need: _added(need, by_name, group) for need, by_name in done.measured.items()}
    return BlockPass(add_up_block(done.stats, group), done.outputs, measured)


def _added(need: Need, by_name: Mapping[str, Tensor], group: Group) -> dict[str, Tensor]:
    added: dict[int, Tensor] = {}  # Linears that share an input share the tensor: it is sent once.
    for found in by_name.values():
        if id(found) not in added:
            added[id(found)] = METERS[need].add_up(found, group.rank, group.size, group.sum)
    return {name: added[id(found)] for name, found in by_name.items()}
