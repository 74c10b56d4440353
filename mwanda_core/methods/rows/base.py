"""One linear's sparsity to a sparsity per output row.

The last of three steps: an allocation gives every block its sparsity, all linears of the block take it, and a row
allocation shares it out over the rows of each. Contract: the mean over rows equals the linear's sparsity to 1e-6 and
each lies in [0, 1). `row_counts` turns sparsities into whole numbers that remove exactly as many weights as equal rows
would. Rows of different counts rule out N:M and comparison over more than a row.
"""

import abc

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.masks import keep_top_per_row, num_pruned
from mwanda_core.parts.part import Part

MAX_ROW_SPARSITY = 0.95
"""No row may lose more than this, unless the whole linear does."""


class RowAllocation(Part):
    """Sets each output row's sparsity around the linear's."""

    @abc.abstractmethod
    def rows(self, evidence: LinearEvidence, score: Float[Tensor, "out in"], sparsity: float) -> Float[Tensor, " out"]:
        """Sparsity per row, float64; the mean is `sparsity`, which lies in [0, 1)."""


def recentre_rows(raw: Float[Tensor, " out"], sparsity: float) -> Float[Tensor, " out"]:
    """Shift `raw` by one constant so that, clipped to [0, 0.95], its mean is `sparsity`."""
    cap = max(MAX_ROW_SPARSITY, sparsity)
    shifted = raw + (sparsity - raw.mean())
    if float(shifted.min()) >= 0.0 and float(shifted.max()) <= cap:
        return shifted
    low, high = -float(raw.max()), cap - float(raw.min())
    for _ in range(60):  # The clipped mean grows with the shift: bisection to rounding.
        middle = (low + high) / 2
        low, high = (middle, high) if float((raw + middle).clamp(0.0, cap).mean()) < sparsity else (low, middle)
    return (raw + high).clamp(0.0, cap)


def row_counts(rows: Float[Tensor, " out"], width: int) -> Int[Tensor, " out"]:
    """How many of `width` weights each row loses. All rows together lose exactly what equal rows would.

    A width of 11 at 50 % gives equal rows floor(5.5) = 5 each: shares are scaled to that total, cut to whole numbers,
    and the rows with the largest remainders lose one more (ties by index).
    """
    mean = float(rows.mean())
    each = num_pruned(width, mean)
    if each == 0:
        return torch.zeros(len(rows), dtype=torch.long, device=rows.device)
    exact = rows * (each / mean)
    counts = (exact + 1e-6).floor().long()
    missing = each * len(rows) - int(counts.sum())
    counts[(exact - counts).argsort(descending=True, stable=True)[:missing]] += 1
    return counts


def keep_by_row(score: Float[Tensor, "out in"], rows: Float[Tensor, " out"]) -> Bool[Tensor, "out in"]:
    """The kept weights when every row loses its lowest scores at a sparsity of its own."""
    return keep_top_per_row(score, row_counts(rows, score.shape[1]))
