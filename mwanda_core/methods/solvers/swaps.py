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
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.methods.solvers.base import Solution, Solver
from mwanda_core.methods.solvers.quadratic import keep_better, weight_and_gram
from mwanda_core.methods.solvers.swap_windows import Search, Window, lowest
from mwanda_core.methods.solvers.threads import side_by_side
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.knobs import whole
from mwanda_core.parts.needs import Need
from mwanda_core.parts.patterns import Pattern

CHUNK_ROWS = {"cpu": 256}
"""Rows refined together by device (elsewhere `MOST_ROWS`): on a CPU their windows stay in its cache; on a GPU every swap waits for a few
small kernels, however many rows they serve."""

MOST_ROWS = 8192
"""Bounds the memory of windows: 4 KiB a row and buffer with 16 candidates."""

GOING_ON = 0.75
"""Rows that are done are left out once no more than this share of the rows goes on."""


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
        pieces = list(zip(weight.split(rows_at_once), start.split(rows_at_once), strict=True))
        found = side_by_side(
            lambda piece: Refiner(piece[0], gram, cell, self.candidates).refine(piece[1], self.max_swaps), pieces, weight.device
        )
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
        found, rows = keep.clone(), torch.arange(len(keep), device=keep.device)
        search, left = Search.begun(self.weight, self.gram, keep), max_swaps
        while left > 0:
            window = self._window(search)
            swaps = window.swap(search, min(left, max(1, self.candidates // 2)))
            if swaps == 0:
                break
            left -= swaps
            search.follow(window)
            # A row without a swap in its window has the same window again: it is done.
            if window.swapped.sum() < GOING_ON * len(rows):
                found[rows] = search.keep
                search, rows = search.only(window.swapped), rows[window.swapped]
        found[rows] = search.keep
        return found

    def _window(self, search: Search) -> Window:
        """The weights of every row to be looked at.

        A row with few kept (or pruned) weights fills its list with weights of the other kind, which are locked.
        """
        prune, regrow = search.costs()
        width = prune.shape[1]
        if self.cell == width:
            number = min(self.candidates, width)
            (a, kept), (b, pruned) = lowest(prune, number), lowest(regrow, number)
            apart = torch.zeros(number, number, dtype=torch.bool, device=prune.device)
            return Window.on(search, kept, pruned, torch.cat([a, b], dim=1).isfinite(), apart)
        each = int(search.keep[0, : self.cell].sum())  # of every cell, as the pattern has it
        gains = self._best_in_cells(search, prune, regrow)
        cells = gains.topk(min(max(1, 2 * self.candidates // self.cell), gains.shape[1]), dim=1, largest=False).indices
        index = cells[:, :, None] * self.cell + torch.arange(self.cell, device=cells.device)
        stays = search.keep.gather(1, index.flatten(1)).view(index.shape)
        index = index.gather(2, stays.sort(dim=2, descending=True, stable=True).indices)
        places = torch.arange(cells.shape[1], device=cells.device)
        apart = places.repeat_interleave(each)[:, None] != places.repeat_interleave(self.cell - each)
        usable = torch.ones_like(index, dtype=torch.bool).flatten(1)
        return Window.on(search, index[:, :, :each].flatten(1), index[:, :, each:].flatten(1), usable, apart)

    def _best_in_cells(
        self, search: Search, prune: Float[Tensor, "rows in"], regrow: Float[Tensor, "rows in"]
    ) -> Float[Tensor, "rows cells"]:
        """The lowest D of every cell."""
        shape = (len(prune), -1, self.cell)
        prune, regrow, weight = prune.view(shape), regrow.view(shape), search.weight.view(shape)
        number = weight.shape[1]
        blocks = self.gram.view(number, self.cell, number, self.cell).diagonal(dim1=0, dim2=2).permute(2, 0, 1)
        best = torch.full_like(prune[:, :, 0], torch.inf)
        for p in range(self.cell):
            cross = -2 * weight[:, :, p, None] * weight * blocks[:, p]
            best = torch.minimum(best, (cross + regrow).amin(dim=2) + prune[:, :, p])
        return best
