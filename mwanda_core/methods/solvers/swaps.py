r"""SparseSwaps: exchange one kept and one pruned weight of a row while that lowers the error (Zimmer et al. 2025).

For a row w with removed part r (w where pruned, 0 where kept), c = G r and the error L = r^T G r (see quadratic.py),
pruning the kept weight p and bringing back the pruned weight u changes L by exactly

    D(p, u) = a_p + b_u - 2 w_p w_u G_pu,     a_p = 2 w_p c_p + w_p^2 G_pp,     b_u = -2 w_u c_u + w_u^2 G_uu

and afterwards c <- c + w_p G_p - w_u G_u. Only swaps with D < 0 are made, so L falls at every swap; the counts of the row
stay, and so do those of a matrix. Under N:M both ends of a swap lie in one group of M.

All pairs of a row of width n would be n^2 / 4 values of D per swap. This implementation looks at a window of the row:
the `candidates` kept weights of lowest a and as many pruned weights of lowest b (under N:M, the groups with the best
swap), makes the best swaps inside it one after another, and then chooses a new window. Every D is exact; the search is
exhaustive where the window covers the row. On rows of a small language model this search, run to its end with 16
candidates, left an error within 1 % of what the exhaustive one left.
"""

import dataclasses

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mwanda_core.methods.solvers.base import Solution, Solver
from mwanda_core.methods.solvers.quadratic import keep_better, removed, times_gram, weight_and_gram
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.knobs import whole
from mwanda_core.parts.needs import Need
from mwanda_core.parts.patterns import Pattern

CHUNK_ROWS = {"cpu": 256}
"""Rows refined together by device (elsewhere `MOST_ROWS`): on a CPU their windows stay in its cache; on a GPU every swap waits for a few
small kernels, however many rows they serve."""

MOST_ROWS = 8192
"""Bounds the memory of windows: 4 KiB a row and buffer with 16 candidates."""

LEAST_GAIN = 1e-6
"""A swap must lower the row's starting error by this share of it: below lies the rounding of float32 sums."""


@dataclasses.dataclass(frozen=True)
class Swaps(Solver):
    """Starts from the mask of the scores and swaps a kept for a pruned weight as long as the output error falls."""

    title = "SparseSwaps"
    formula = (
        r"\Delta(p,u) = 2 w_p c_p + w_p^2 G_{pp} - 2 w_u c_u + w_u^2 G_{uu} - 2 w_p w_u G_{pu} < 0,\quad "
        r"c = G\,\bigl((1-m) \odot w\bigr)"
    )
    source = "Zimmer et al. 2025 (SparseSwaps)"
    origin = "reconstruction"
    needs = frozenset({Need.GRAM})
    effort = 8.0

    max_swaps: int = whole(100, 1, 10000, "Most swaps in one output row.")
    candidates: int = whole(16, 1, 4096, "Kept and pruned weights of a row that are weighed against each other at a time.")

    def solve(self, evidence: LinearEvidence, score: Float[Tensor, "out in"], pattern: Pattern, sparsity: float) -> Solution:
        start = pattern.keep(score, sparsity)
        groups = pattern.groups(score.shape, sparsity)
        if groups.pruned == 0 or groups.kept == 0:
            return Solution(start)
        weight, gram = weight_and_gram(evidence)
        # Groups of a whole matrix need no more than groups of a row: swaps within rows keep either count.
        cell = min(groups.size, weight.shape[1])
        rows_at_once = CHUNK_ROWS.get(weight.device.type, MOST_ROWS)
        pieces = zip(weight.split(rows_at_once), start.split(rows_at_once), strict=True)
        found = [Refiner(rows, gram, cell, self.candidates).refine(keep, self.max_swaps) for rows, keep in pieces]
        return keep_better(weight, gram, start, torch.cat(found), groups)


@dataclasses.dataclass(frozen=True)
class Refiner:
    """Swaps within some rows; `cell` is the width within which both ends of a swap must lie (M, or the row)."""

    weight: Float[Tensor, "rows in"]
    gram: Float[Tensor, "in in"]
    cell: int
    candidates: int

    def refine(self, keep: Bool[Tensor, "rows in"], max_swaps: int) -> Bool[Tensor, "rows in"]:
        """The mask after at most `max_swaps` swaps in every row."""
        gone = removed(self.weight, keep)
        pull = gone @ self.gram  # c of the module docstring
        least = LEAST_GAIN * (gone * pull).sum(dim=1).clamp_min(0)
        left = max_swaps
        while left > 0:
            index, usable = self._window(keep, pull)
            flipped, swaps = self._swap_within(index, usable, keep, pull, least, min(left, max(1, self.candidates // 2)))
            if swaps == 0:
                break
            left -= swaps
            change = torch.where(keep, self.weight, -self.weight).mul_(flipped)
            pull = pull + times_gram(change, self.gram)
            keep = keep ^ flipped
        return keep

    def _window(
        self, keep: Bool[Tensor, "rows in"], pull: Float[Tensor, "rows in"]
    ) -> tuple[Int[Tensor, "rows window"], Bool[Tensor, "rows window"]]:
        """The weights to be looked at, and which entries of that list count.

        A row with few kept (or pruned) weights fills its list with weights of the other kind, which stand there twice.
        """
        prune, regrow = swap_costs(self.weight, self.gram.diagonal(), keep, pull)
        width = keep.shape[1]
        if self.cell == width:
            number = min(self.candidates, width)
            first = prune.topk(number, dim=1, largest=False, sorted=False)
            second = regrow.topk(number, dim=1, largest=False, sorted=False)
            values = torch.cat([first.values, second.values], dim=1)
            return torch.cat([first.indices, second.indices], dim=1), values.isfinite()
        gains = self._best_in_cells(prune, regrow)
        cells = gains.topk(min(max(1, 2 * self.candidates // self.cell), gains.shape[1]), dim=1, largest=False).indices
        index = (cells[:, :, None] * self.cell + torch.arange(self.cell, device=cells.device)).flatten(1)
        return index, torch.ones_like(index, dtype=torch.bool)

    def _best_in_cells(self, prune: Float[Tensor, "rows in"], regrow: Float[Tensor, "rows in"]) -> Float[Tensor, "rows cells"]:
        """The lowest D of every cell."""
        shape = (len(prune), -1, self.cell)
        prune, regrow, weight = prune.view(shape), regrow.view(shape), self.weight.view(shape)
        number = weight.shape[1]
        blocks = self.gram.view(number, self.cell, number, self.cell).diagonal(dim1=0, dim2=2).permute(2, 0, 1)
        best = torch.full_like(prune[:, :, 0], torch.inf)
        for p in range(self.cell):
            cross = -2 * weight[:, :, p, None] * weight * blocks[:, p]
            best = torch.minimum(best, (cross + regrow).amin(dim=2) + prune[:, :, p])
        return best

    def _swap_within(
        self,
        index: Int[Tensor, "rows window"],
        usable: Bool[Tensor, "rows window"],
        keep: Bool[Tensor, "rows in"],
        pull: Float[Tensor, "rows in"],
        least: Float[Tensor, " rows"],
        most: int,
    ) -> tuple[Bool[Tensor, "rows in"], int]:
        """The best swaps inside a window, one after another: which weights changed sides, and the longest run of swaps."""
        weight, kept, pull = self.weight.gather(1, index), keep.gather(1, index), pull.gather(1, index)
        gram = self.gram[index[:, :, None], index[:, None, :]]
        before, every, size = kept.clone(), torch.arange(len(index), device=index.device), index.shape[1]
        cross = (-2 * weight[:, :, None] * weight[:, None, :] * gram).masked_fill_(~self._together(usable, size), torch.inf)
        swaps = 0
        for _ in range(most):
            prune, regrow = swap_costs(weight, gram.diagonal(dim1=1, dim2=2), kept, pull)
            best = (cross + prune[:, :, None] + regrow[:, None, :]).flatten(1).min(dim=1)
            rows = every[best.values < -least]
            if len(rows) == 0:
                break
            p, u = best.indices[rows] // size, best.indices[rows] % size
            kept[rows, p], kept[rows, u] = False, True
            pull[rows] += weight[rows, p, None] * gram[rows, p] - weight[rows, u, None] * gram[rows, u]
            swaps += 1
        flipped = torch.zeros_like(self.weight).scatter_add_(1, index, (before != kept).float()) > 0
        return flipped, swaps

    def _together(self, usable: Bool[Tensor, "rows window"], size: int) -> Bool[Tensor, "rows window window"]:
        """Pairs of window entries that may be swapped: both count, and both lie in one cell."""
        pairs = usable[:, :, None] & usable[:, None, :]
        if self.cell == self.weight.shape[1]:
            return pairs
        cells = torch.arange(size, device=usable.device) // self.cell
        return pairs & (cells[:, None] == cells)


def swap_costs(
    weight: Float[Tensor, "rows n"], diagonal: Float[Tensor, "..."], keep: Bool[Tensor, "rows n"], pull: Float[Tensor, "rows n"]
) -> tuple[Float[Tensor, "rows n"], Float[Tensor, "rows n"]]:
    """a (cost of pruning a kept weight) and b (of bringing back a pruned one); infinite for weights of the other kind."""
    own, cross = weight.square() * diagonal, 2 * weight * pull
    return (own + cross).masked_fill_(~keep, torch.inf), (own - cross).masked_fill_(keep, torch.inf)
