"""What SparseSwaps looks at: the rows that may still be bettered, and a window of each. Formulas in swaps.py."""

import dataclasses

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mwanda_core.methods.solvers.quadratic import removed

LEAST_GAIN = 1e-6
"""A swap must lower the row's starting error by this share of it: below lies the rounding of float32 sums."""

GROUP = 8
"""Values of a row of which the least is looked for first: topk is slow on wide rows."""


def swap_costs(
    weight: Float[Tensor, "rows n"], diagonal: Float[Tensor, "..."], keep: Bool[Tensor, "rows n"], pull: Float[Tensor, "rows n"]
) -> tuple[Float[Tensor, "rows n"], Float[Tensor, "rows n"]]:
    """a (cost of pruning a kept weight) and b (of bringing back a pruned one); infinite for weights of the other kind."""
    own, cross = weight.square() * diagonal, 2 * weight * pull
    return (own + cross).masked_fill_(~keep, torch.inf), (own - cross).masked_fill_(keep, torch.inf)


def lowest(values: Float[Tensor, "rows n"], number: int) -> tuple[Float[Tensor, "rows number"], Int[Tensor, "rows number"]]:
    """The `number` least values of every row and their places. They lie in the groups of least minimum, which are searched alone."""
    rows, width = values.shape
    if width % GROUP or width < 2 * GROUP * number:
        found = values.topk(number, dim=1, largest=False, sorted=False)
        return found.values, found.indices
    grouped = values.view(rows, -1, GROUP)
    groups = grouped.amin(dim=2).topk(number, dim=1, largest=False, sorted=False).indices
    near = grouped.gather(1, groups[:, :, None].expand(-1, -1, GROUP)).flatten(1)
    found = near.topk(number, dim=1, largest=False, sorted=False)
    return found.values, groups.gather(1, found.indices // GROUP) * GROUP + found.indices % GROUP


@dataclasses.dataclass
class Search:
    """Rows that may still be bettered. pull: c of swaps.py. least: the smallest gain of a swap that counts."""

    weight: Float[Tensor, "rows in"]
    gram: Float[Tensor, "in in"]
    keep: Bool[Tensor, "rows in"]
    pull: Float[Tensor, "rows in"]
    least: Float[Tensor, " rows"]

    @classmethod
    def begun(cls, weight: Float[Tensor, "rows in"], gram: Float[Tensor, "in in"], keep: Bool[Tensor, "rows in"]) -> "Search":
        """Nothing swapped yet."""
        gone = removed(weight, keep)
        pull = gone @ gram
        return cls(weight, gram, keep.clone(), pull, LEAST_GAIN * (gone * pull).sum(dim=1).clamp_min(0))

    def costs(self) -> tuple[Float[Tensor, "rows in"], Float[Tensor, "rows in"]]:
        """As `swap_costs`."""
        return swap_costs(self.weight, self.gram.diagonal(), self.keep, self.pull)

    def follow(self, window: "Window") -> None:
        """c after the swaps of a window: each adds w_p G_p - w_u G_u."""
        moved, changes = torch.stack(window.moved, dim=1), torch.stack(window.changes, dim=1)
        self.pull += torch.nn.functional.embedding_bag(moved, self.gram, mode="sum", per_sample_weights=changes)

    def only(self, rows: Bool[Tensor, " rows"]) -> "Search":
        """Of some rows."""
        return Search(self.weight[rows], self.gram, self.keep[rows], self.pull[rows], self.least[rows])


@dataclasses.dataclass
class Window:
    """Some kept weights of every row, then some pruned ones; two that are swapped change places.

    lock: infinite for entries that do not count. cross: -2 w_p w_u G_pu, infinite where a pair may not be swapped. moved, changes: for both
    ends of every swap made, the weights' places and what came to the removed part (rows that made none: 0 and 0). swapped: rows that made any.
    """

    index: Int[Tensor, "rows entries"]
    weight: Float[Tensor, "rows entries"]
    diagonal: Float[Tensor, "rows entries"]
    pull: Float[Tensor, "rows entries"]
    lock: Float[Tensor, "rows entries"]
    apart: Bool[Tensor, "kept pruned"]
    cross: Float[Tensor, "rows kept pruned"]
    moved: list[Int[Tensor, " rows"]]
    changes: list[Float[Tensor, " rows"]]
    swapped: Bool[Tensor, " rows"]

    @classmethod
    def on(
        cls,
        search: Search,
        kept: Int[Tensor, "rows kept"],
        pruned: Int[Tensor, "rows pruned"],
        usable: Bool[Tensor, "rows entries"],
        apart: Bool[Tensor, "kept pruned"],
    ) -> "Window":
        """The weights at these places of the rows."""
        index = torch.cat([kept, pruned], dim=1)
        weight, pull = search.weight.gather(1, index), search.pull.gather(1, index)
        lock = torch.zeros_like(weight).masked_fill_(~usable, torch.inf)
        first, second = weight.split((kept.shape[1], pruned.shape[1]), dim=1)
        cross = -2 * first[:, :, None] * second[:, None, :] * search.gram[kept[:, :, None], pruned[:, None, :]]
        cross.masked_fill_(apart, torch.inf)
        return cls(
            index, weight, search.gram.diagonal()[index], pull, lock, apart, cross, [], [], torch.zeros_like(usable[:, 0])
        )

    def swap(self, search: Search, most: int) -> int:
        """Make the best swaps in every row, one after another; how many the longest run has."""
        size, other = self.apart.shape
        sign = torch.ones(size + other, device=self.weight.device)
        sign[size:] = -1
        every = torch.arange(len(self.index), device=self.weight.device)
        for number in range(most):
            cost = self.weight.square() * self.diagonal + sign * (2 * self.weight * self.pull) + self.lock
            best = (self.cross + cost[:, :size, None] + cost[:, None, size:]).flatten(1).min(dim=1)
            rows = every[best.values < -search.least]
            if len(rows) == 0:
                return number
            self._exchange(search, rows, best.indices[rows] // other, best.indices[rows] % other)
        return most

    def _exchange(self, search: Search, rows: Int[Tensor, " some"], p: Int[Tensor, " some"], u: Int[Tensor, " some"]) -> None:
        """Prune the kept entry p and bring back the pruned entry u of some rows."""
        size, every = self.apart.shape[0], torch.arange(len(rows), device=rows.device)
        index, weight = self.index[rows], self.weight[rows]
        goes, comes = index[every, p], index[every, size + u]
        w_p, w_u = weight[every, p], weight[every, size + u]
        g_p, g_u = search.gram[goes[:, None], index], search.gram[comes[:, None], index]
        pull = self.pull[rows] + (w_p[:, None] * g_p - w_u[:, None] * g_u)
        tables = (index, weight, self.diagonal[rows], pull, g_p, g_u)
        for table in tables:
            table[every, p], table[every, size + u] = table[every, size + u], table[every, p]
        self.index[rows], self.weight[rows], self.diagonal[rows], self.pull[rows] = tables[:4]
        row = (-2 * w_u[:, None] * weight[:, size:] * g_u[:, size:]).masked_fill_(self.apart[p], torch.inf)
        column = (-2 * weight[:, :size] * w_p[:, None] * g_p[:, :size]).masked_fill_(self.apart[:, u].T, torch.inf)
        self.cross[rows, p], self.cross[rows, :, u] = row, column
        search.keep[rows, goes], search.keep[rows, comes], self.swapped[rows] = False, True, True
        for place, change in ((goes, w_p), (comes, -w_u)):
            self.moved.append(self.index.new_zeros(len(self.index)).index_copy_(0, rows, place))
            self.changes.append(self.weight.new_zeros(len(self.index)).index_copy_(0, rows, change))
