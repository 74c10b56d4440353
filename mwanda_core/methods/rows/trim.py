r"""TRIM, targeted row-wise iterative metric-driven pruning (Beck et al. 2025).

    A [in, n]    inputs at the last token of n calibration sequences,    Y = W A,    Yhat = (W . M(s)) A
    q_i = cos(Y_i, Yhat_i)                                               how well row i survives at its sparsity s_i
    s_i <- s_i + z_i - mean z,    z_i = 2 eta (q_i - min q) / (max q - min q)        then clipped and recentred to mean s

M(s) keeps the highest scores of each row. With eta > 0 rows that survive well give up more, so that others give up less. The
step is repeated; of all vectors seen the one with the best cosine between the whole of Y and Yhat is kept, with uniform rows
among them, so by that measure the result is never worse than uniform. Learning rates are tried upwards until one is no
better than the one before; if none beats uniform, negative ones are tried in the same way.

Different from the released code: clipping and recentring are one step, so that the mean is exact; whole numbers of weights
are shared out over the rows (`row_counts`) instead of cut off row by row; rows that differ only by rounding do not move.
"""

import dataclasses
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.rows.base import RowAllocation, recentre_rows, row_counts
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.knobs import number, whole
from mwanda_core.parts.needs import Need

UPWARD = (0.01, 0.02, 0.04, 0.08, 0.12, 0.16)
DOWNWARD = (-0.01, -0.02, -0.04)

ALIKE = 1e-6
"""Qualities closer than this differ by rounding only."""

Outputs = Callable[[Float[Tensor, " out"]], Float[Tensor, "out n"]]
"""Row sparsities to the outputs of the linear so pruned."""


@dataclasses.dataclass(frozen=True)
class Trim(RowAllocation):
    """Output rows that survive pruning well lose more weights, rows that do not lose fewer."""

    title = "TRIM"
    formula = (
        r"s_i \leftarrow s_i + 2\eta\,\widehat{q}_i - \overline{2\eta\,\widehat{q}},\quad "
        r"q_i = \cos\bigl((WA)_i,\,(W^{\text{pruned}}A)_i\bigr)"
    )
    source = "Beck et al. 2025 (TRIM), cosine quality"
    origin = "paper"
    needs = frozenset({Need.SAMPLES})

    iterations: int = whole(10, 0, 50, "Steps at each learning rate.")
    max_rate: float = number(0.16, 0.0, 0.16, 0.01, "Largest learning rate tried; 0 leaves rows uniform.")

    def rows(self, evidence: LinearEvidence, score: Float[Tensor, "out in"], sparsity: float) -> Float[Tensor, " out"]:
        samples = evidence.need("samples")
        weight = evidence.weight.float()
        # Ranks within rows, found once: a step then costs one comparison and one product.
        ranks = score.argsort(dim=1, stable=True).argsort(dim=1).int()
        uniform = torch.full((score.shape[0],), sparsity, dtype=torch.float64, device=score.device)

        def outputs(rows: Float[Tensor, " out"]) -> Float[Tensor, "out n"]:
            return weight.masked_fill(ranks < row_counts(rows, score.shape[1])[:, None], 0.0) @ samples

        dense = weight @ samples
        best, found = quality(dense, outputs(uniform)), uniform
        for rates in (UPWARD, DOWNWARD):
            previous = best
            for rate in (r for r in rates if abs(r) <= self.max_rate):
                reached, rows = search(dense, outputs, sparsity, uniform, rate, self.iterations)
                if reached <= previous:
                    break
                previous = best = reached
                found = rows
            if found is not uniform:
                break
        return found


def search(
    dense: Float[Tensor, "out n"],
    outputs: Outputs,
    sparsity: float,
    start: Float[Tensor, " out"],
    rate: float,
    iterations: int,
) -> tuple[float, Float[Tensor, " out"]]:
    """The best whole-matrix quality met in `iterations` steps from `start`, and the row sparsities that gave it."""
    rows, pruned = start, outputs(start)
    best, found = quality(dense, pruned), start
    for _ in range(iterations):
        rows = step(rows, row_quality(dense, pruned), rate, sparsity)
        pruned = outputs(rows)
        reached = quality(dense, pruned)
        if reached > best:
            best, found = reached, rows
    return best, found


def step(rows: Float[Tensor, " out"], survived: Float[Tensor, " out"], rate: float, sparsity: float) -> Float[Tensor, " out"]:
    """One move of the row sparsities by the rows' qualities, with the mean kept."""
    span = survived.max() - survived.min()
    if rate == 0 or float(span) <= ALIKE:
        return rows
    return recentre_rows(rows + 2.0 * rate * (survived - survived.min()) / span, sparsity)


def row_quality(dense: Float[Tensor, "out n"], pruned: Float[Tensor, "out n"]) -> Float[Tensor, " out"]:
    """Cosine between each row's outputs before and after pruning, float64; 1 for a row that was zero and still is."""
    left, right = dense.double(), pruned.double()
    norms = left.norm(dim=1) * right.norm(dim=1)
    cosine = (left * right).sum(dim=1) / norms.clamp_min(torch.finfo(torch.float64).tiny)
    return torch.where((left == right).all(dim=1), torch.ones_like(cosine), cosine)


def quality(dense: Float[Tensor, "out n"], pruned: Float[Tensor, "out n"]) -> float:
    """Cosine between all outputs before and after pruning, as one long vector."""
    return float(row_quality(dense.reshape(1, -1), pruned.reshape(1, -1)))
