r"""SparseGPT: prune column by column, and let the remaining weights make up for what went (Frantar and Alistarh 2023).

With H = G + lambda I, lambda = damping * mean of G_jj, and U the upper Cholesky factor of H^-1 = U^T U, the columns j
are visited from left to right. Row j of U holds the inverse of the Hessian of the columns j, j+1, ... :

    error of pruning w_j   e_j = w_j^2 / U_jj^2
    repair                 w_k <- w_k - (w_j / U_jj) U_jk      for k >= j   (Optimal Brain Surgeon; w_j itself becomes 0)

Which weights go is decided by e_j when the walk reaches them, for a block of `blocksize` columns at once; under N:M for
every m columns. The counts are exact in every comparison group: a block of columns [a, b) gives up
floor(n b s) - floor(n a s) weights, of every row (n = 1), or of all rows together with scope "layer" (n = rows), which is
what the paper's released code does. The score of the recipe is not used, unless `criterion` says so: then the mask is the
score's, and only the repair is SparseGPT's.

A Cholesky factor that does not exist, or that rests on pivots below float32 rounding (G is measured in float32), makes
the damping rise in steps of ten; the solution's note says so. Inputs that were zero throughout calibration count as
free to prune; of their weights, those that the count spares keep their value.
"""

import dataclasses

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.evidence import LinearEvidence
from mwanda_core.knobs import choice, number, whole
from mwanda_core.masks import keep_top
from mwanda_core.patterns import Groups, Pattern
from mwanda_core.solvers.base import Solution, Solver
from mwanda_core.solvers.quadratic import gram_of

LEAST_PIVOT = torch.finfo(torch.float32).eps
"""Smallest share of its own diagonal entry that a pivot of H may have."""

FIRST_DAMPING = 1e-6
"""Where raising starts from when the damping was set to 0."""


@dataclasses.dataclass(frozen=True)
class SparseGPT(Solver):
    """Prunes by the error that remains after the other weights are adjusted, and adjusts them."""

    title = "SparseGPT"
    formula = (
        r"e_{ij} = \frac{W_{ij}^2}{U_{jj}^2},\quad W_{i,k \ge j} \leftarrow W_{ik} - \frac{W_{ij}}{U_{jj}}\,U_{jk},\quad "
        r"U^\top U = (G + \lambda I)^{-1}"
    )
    source = "Frantar and Alistarh 2023 (SparseGPT), algorithm 1"
    origin = "paper"
    needs = frozenset({"gram"})

    damping: float = number(0.01, 0.0, 1.0, 0.005, "Ridge on the Gram matrix.", "mean diagonal")
    blocksize: int = whole(128, 1, 4096, "Columns for which the mask is chosen at once.")
    criterion: str = choice("error", ("error", "score"), "Choose the mask by SparseGPT's error or by the recipe's score.")

    def solve(self, evidence: LinearEvidence, score: Float[Tensor, "out in"], pattern: Pattern, sparsity: float) -> Solution:
        weight, gram = evidence.weight.float(), gram_of(evidence)
        pattern.check(weight.shape[1], evidence.name)
        groups = pattern.groups(*weight.shape, sparsity)
        if groups.pruned == 0:
            return Solution(torch.ones_like(weight, dtype=torch.bool))
        factor, damping = inverse_factor(gram, self.damping)
        given = pattern.keep(score, sparsity) if self.criterion == "score" else None
        walk = Walk(weight, factor, gram.diagonal() > 0, given)
        keep, repaired = walk.prune(budget(groups, *weight.shape, self.blocksize))
        note = "" if damping == self.damping else f"damping raised from {self.damping:g} to {damping:g}"
        return Solution(keep, repaired.to(evidence.weight.dtype), note)


@dataclasses.dataclass(frozen=True)
class Window:
    """Columns [first, last) for which the mask is chosen at once; `pruned` of each row, or of all rows together."""

    first: int
    last: int
    pruned: int
    per_row: bool


def budget(groups: Groups, outputs: int, inputs: int, blocksize: int) -> tuple[Window, ...]:
    """Windows from left to right whose counts add up to what every comparison group must lose."""
    width = groups.size if groups.size < inputs else blocksize
    per_row = groups.size <= inputs
    starts = range(0, inputs, width)
    ends = [min(start + width, inputs) for start in starts]
    # Integer arithmetic: the floors of the docstring, and the last one is exactly groups.pruned.
    gone = [0] + [groups.pruned * end // inputs for end in ends]
    if groups.size < inputs:
        return tuple(Window(start, end, groups.pruned, True) for start, end in zip(starts, ends, strict=True))
    counts = (after - before for before, after in zip(gone[:-1], gone[1:], strict=True))
    return tuple(Window(start, end, count, per_row) for start, end, count in zip(starts, ends, counts, strict=True))


def inverse_factor(gram: Float[Tensor, "in in"], damping: float) -> tuple[Float[Tensor, "in in"], float]:
    """U, upper triangular with U^T U = (G + lambda I)^-1, float32; and the damping that was needed.

    The factor comes from one Cholesky factorisation of H read backwards, H = R R^T with R upper triangular, so that
    U = R^-1: float64, half the work of inverting H, and no factor of an inverse.
    """
    wide = gram.double()
    diagonal = wide.diagonal().clamp_min(0)
    alive = diagonal > 0
    mean = diagonal.sum() / alive.sum().clamp_min(1)
    while True:
        # An input without any activation has an empty row in G: a unit pivot keeps it out of every repair.
        shifted = wide + torch.diag(torch.where(alive, damping * mean, 1.0))
        lower, info = torch.linalg.cholesky_ex(shifted.flip(0, 1))
        pivots = lower.diagonal().square() / shifted.diagonal().flip(0)
        if int(info) == 0 and bool((pivots > LEAST_PIVOT).all()):
            break
        damping = max(10 * damping, FIRST_DAMPING)
    identity = torch.eye(len(wide), dtype=wide.dtype, device=wide.device)
    return torch.linalg.solve_triangular(lower, identity, upper=False).flip(0, 1).float(), damping


class Walk:
    """The visit of all columns. Columns are rows here, so that each lies in one piece of memory."""

    def __init__(
        self,
        weight: Float[Tensor, "out in"],
        factor: Float[Tensor, "in in"],
        alive: Bool[Tensor, " in"],
        given: Bool[Tensor, "out in"] | None,
    ) -> None:
        self.columns = weight.T.contiguous()
        self.keep = torch.ones_like(self.columns, dtype=torch.bool) if given is None else given.T.contiguous()
        self.factor, self.alive, self.given = factor, alive, given is not None

    def prune(self, windows: tuple[Window, ...]) -> tuple[Bool[Tensor, "out in"], Float[Tensor, "out in"]]:
        """Kept weights and their repaired values."""
        for window in windows:
            if not self.given:
                self._choose(window)
            self._repair(window.first, window.last)
        return self.keep.T.contiguous(), self.columns.masked_fill(~self.keep, 0).T.contiguous()

    def _choose(self, window: Window) -> None:
        part = slice(window.first, window.last)
        pivots = self.factor.diagonal()[part, None]
        error = (self.columns[part] / pivots).square().masked_fill_(~self.alive[part, None], 0)
        groups = error.T if window.per_row else error.T.reshape(1, -1)
        self.keep[part] = keep_top(groups, window.pruned).view(-1, window.last - window.first).T

    def _repair(self, first: int, last: int) -> None:
        """Prune the columns of a window one by one, each repaired within the window at once and beyond it at the end."""
        block, keep = self.columns[first:last], self.keep[first:last]
        scaled = torch.zeros_like(block)
        for j in range(last - first):
            row = self.factor[first + j]
            scaled[j] = block[j].masked_fill(keep[j], 0) / row[first + j]
            block[j + 1 :].addr_(row[first + j + 1 : last], scaled[j], alpha=-1)
        self.columns[last:].addmm_(self.factor[first:last, last:].T, scaled, alpha=-1)
