r"""SparseGPT: prune column by column, and let the remaining weights make up for what went (Frantar and Alistarh 2023).

With H = G + lambda I, lambda = damping * mean of G_jj, and U the upper Cholesky factor of H^-1 = U^T U, the columns j
are visited from left to right. Row j of U holds the inverse of the Hessian of the columns j, j+1, ... :

    error of pruning w_j   e_j = w_j^2 / U_jj^2
    repair                 w_k <- w_k - (w_j / U_jj) U_jk      for k >= j   (Optimal Brain Surgeon; w_j itself becomes 0)

Which weights go is decided by e_j when the walk reaches them, for a block of `blocksize` columns at once; under N:M for
every m columns. The counts are exact in every comparison group:

    budget "even"   a block of columns [a, b) gives up floor(p b / n) - floor(p a / n) of the p weights to be pruned of n,
                    in every row; with scope "layer", of all rows together, which is what the released code does
    budget "free"   a block gives up those of its weights that are among the lowest e_j of all columns still to come, as
                    many as are still to be pruned there. Own addition: where some columns matter far more than others
                    (attention heads in front of an output projection), an even budget cuts into them.

The score of the recipe is not used, unless `criterion` says so: then the mask is the score's, and only the repair is
SparseGPT's.

A Cholesky factor that does not exist, or that rests on pivots below float32 rounding (G is measured in float32), makes
the damping rise in steps of ten; the solution's note says so. Inputs that were zero throughout calibration count as
free to prune; of their weights, those that the count spares keep their value.
"""

import dataclasses

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.methods.solvers.base import Solution, Solver
from mwanda_core.methods.solvers.quadratic import weight_and_gram
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.knobs import choice, number, whole
from mwanda_core.parts.masks import keep_top, keep_top_per_row
from mwanda_core.parts.needs import Need
from mwanda_core.parts.patterns import Groups, Pattern

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
    needs = frozenset({Need.GRAM})
    effort = 1.0

    damping: float = number(0.01, 0.0, 1.0, 0.005, "Ridge on the Gram matrix.", "mean diagonal")
    blocksize: int = whole(128, 1, 4096, "Columns for which the mask is chosen at once.")
    budget: str = choice("even", ("even", "free"), "Weights to prune per block of columns: all alike, or by their errors.")
    criterion: str = choice("error", ("error", "score"), "Choose the mask by SparseGPT's error or by the recipe's score.")

    def solve(self, evidence: LinearEvidence, score: Float[Tensor, "out in"], pattern: Pattern, sparsity: float) -> Solution:
        weight, gram = weight_and_gram(evidence)
        pattern.check(weight.shape[1], evidence.name)
        groups = pattern.groups(weight.shape, sparsity)
        if groups.pruned == 0:
            return Solution(torch.ones_like(weight, dtype=torch.bool))
        factor, damping = inverse_factor(gram, self.damping)
        walk = Walk(weight, factor, gram.diagonal() > 0)
        if self.criterion == "score":
            walk.prune_given(pattern.keep(score, sparsity), self.blocksize)
        elif self.budget == "free" and groups.size >= weight.shape[1]:
            walk.prune_freely(groups, self.blocksize)
        else:
            walk.prune_windows(windows(groups, weight.shape[1], self.blocksize))
        note = "" if damping == self.damping else f"damping raised from {self.damping:g} to {damping:g}"
        return Solution(walk.keep.T.contiguous(), walk.repaired().to(evidence.weight.dtype), note)


@dataclasses.dataclass(frozen=True)
class Window:
    """Columns [first, last) for which the mask is chosen at once; `pruned` of each row, or of all rows together."""

    first: int
    last: int
    pruned: int
    per_row: bool


def blocks(inputs: int, blocksize: int) -> list[tuple[int, int]]:
    """First and last (exclusive) column of every block."""
    return [(start, min(start + blocksize, inputs)) for start in range(0, inputs, blocksize)]


def windows(groups: Groups, inputs: int, blocksize: int) -> tuple[Window, ...]:
    """Windows from left to right whose counts add up to what every comparison group must lose."""
    if groups.size < inputs:
        return tuple(Window(a, a + groups.size, groups.pruned, True) for a in range(0, inputs, groups.size))
    # Integer arithmetic: the last floor is exactly groups.pruned.
    return tuple(
        Window(a, b, groups.pruned * b // inputs - groups.pruned * a // inputs, groups.size == inputs)
        for a, b in blocks(inputs, blocksize)
    )


def inverse_factor(gram: Float[Tensor, "in in"], damping: float) -> tuple[Float[Tensor, "in in"], float]:
    """U, upper triangular with U^T U = (G + lambda I)^-1, float32; and the damping that was needed.

    The factor comes from one Cholesky factorisation of H read backwards, H = R R^T with R upper triangular, so that
    U = R^-1: float64, half the work of inverting H, and no factor of an inverse.
    """
    alive = gram.diagonal() > 0
    wide = gram.double().mul_(alive[:, None] & alive)
    mean = wide.diagonal().sum() / alive.sum().clamp_min(1)
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

    def __init__(self, weight: Float[Tensor, "out in"], factor: Float[Tensor, "in in"], alive: Bool[Tensor, " in"]) -> None:
        # clone, not contiguous(): the transpose of a single row is already in order, and repairing would write into it.
        self.columns = weight.T.clone(memory_format=torch.contiguous_format)
        self.keep = torch.ones_like(self.columns, dtype=torch.bool)
        self.factor, self.alive = factor, alive

    def repaired(self) -> Float[Tensor, "out in"]:
        """The weights as they are now, zero where pruned."""
        return self.columns.masked_fill(~self.keep, 0).T.contiguous()

    def prune_given(self, keep: Bool[Tensor, "out in"], blocksize: int) -> None:
        """Repair for a mask that is already known."""
        self.keep = keep.T.contiguous()
        for first, last in blocks(len(self.columns), blocksize):
            self._repair(first, last)

    def prune_windows(self, windows: tuple[Window, ...]) -> None:
        """Choose and repair window by window, with the count that each window has."""
        for window in windows:
            errors = self._errors(window.first, window.last)
            groups = errors if window.per_row else errors.reshape(1, -1)
            self.keep[window.first : window.last] = keep_top(groups, window.pruned).view(errors.shape).T
            self._repair(window.first, window.last)

    def prune_freely(self, groups: Groups, blocksize: int) -> None:
        """Choose among all columns that are left, and let go those of them that lie in the next block."""
        width, outputs = self.columns.shape
        per_row = groups.size == width
        left = torch.full((outputs if per_row else 1,), groups.pruned, device=self.columns.device)
        for first, last in blocks(width, blocksize):
            errors = self._errors(first, width)
            if per_row:
                keep = keep_top_per_row(errors, left)[:, : last - first]
                left = left - (~keep).sum(dim=1)
            else:
                keep = keep_top(errors.reshape(1, -1), int(left)).view(errors.shape)[:, : last - first]
                left = left - (~keep).sum()
            self.keep[first:last] = keep.T
            self._repair(first, last)

    def _errors(self, first: int, last: int) -> Float[Tensor, "out columns"]:
        """e_j of the columns [first, last); zero for inputs that never were active."""
        pivots = self.factor.diagonal()[first:last, None]
        return (self.columns[first:last] / pivots).square().masked_fill_(~self.alive[first:last, None], 0).T.contiguous()

    def _repair(self, first: int, last: int) -> None:
        """Prune the columns of a window one by one, each repaired within the window at once and beyond it at the end."""
        block, keep = self.columns[first:last], self.keep[first:last]
        scaled = torch.zeros_like(block)
        for j in range(last - first):
            row = self.factor[first + j]
            scaled[j] = block[j].masked_fill(keep[j], 0) / row[first + j]
            block[j + 1 :].addr_(row[first + j + 1 : last], scaled[j], alpha=-1)
        self.columns[last:].addmm_(self.factor[first:last, last:].T, scaled, alpha=-1)
