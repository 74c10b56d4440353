r"""AlphaPruning: layerwise sparsity from the tails of the weight spectra (Lu et al. 2024).

    lambda_1 <= ... <= lambda_n    eigenvalues of W W^T (or W^T W, whichever is smaller), zeros left out
    alpha(W) = 1 + k / sum_{i > n-k} ln( lambda_i / lambda_min )            Hill estimator of the density's exponent
    a_k      = mean of alpha over the matrices of block k
    r_k      = 1 - eps + 2 eps (a_k - min a) / (max a - min a),    s_k = s r_k / mean r        (mean weighted by parameters)

A heavy tail (small alpha) is taken for a well trained block, which is pruned less. No text is read.

Defaults and direction are the published ones: eps 0.3 and the tail at the peak, beside a sparsity of 70 % on LLaMA. Whether a
heavy tail goes with damage is a property of the model. In Gemma 3 270M the first four blocks have light tails and are among those
that hurt most: over blocks the importance correlates with measured sensitivity by -0.57 (Spearman), and at 50 % the method is
better with its importance reversed (`benchmarks/results/allocations.md`). Compare with "sensitivity" before use.

tail "peak": lambda_min is the peak of the log-histogram of eigenvalues, as published ("Fix-finger"); tail "half": k = n/2. The
released code then searches the fit with the smallest Kolmogorov-Smirnov distance among candidates around the peak (where
it compares a logarithm with eigenvalues, so that its lower bound is rarely the one meant); here the peak itself is used. Its
100 bins need many eigenvalues, so small matrices get fewer: n / 8, at least 2.
"""

import dataclasses
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.allocation.base import Allocation, recentre
from mwanda_core.parts.evidence import BlockEvidence
from mwanda_core.parts.knobs import choice, number

MAX_BINS = 100

MAX_EXPONENT = 20.0
"""A spectrum with hardly any tail (all eigenvalues alike: infinite) would otherwise set the scale of the map alone."""


@dataclasses.dataclass(frozen=True)
class AlphaPruning(Allocation):
    """Blocks whose weight spectra have heavy tails, the better trained ones, are pruned less; no text is read."""

    title = "AlphaPruning"
    formula = (
        r"\alpha = 1 + \frac{k}{\sum_{i>n-k}\ln(\lambda_i/\lambda_{\min})},\quad "
        r"s_k = s\,\eta\,\bigl(1 - \epsilon + 2\epsilon\,\widehat{\alpha}_k\bigr)"
    )
    source = "Lu et al. 2024 (AlphaPruning), PL_Alpha_Hill and its linear assignment"
    origin = "paper"
    reads_statistics = False

    eps: float = number(0.3, 0.0, 0.5, 0.05, "Sparsities span s (1 - eps) to s (1 + eps) before the mean is set.")
    tail: str = choice("peak", ("peak", "half"), "Where the tail starts: at the histogram's peak, or at the median.")

    def importance(self, blocks: Sequence[BlockEvidence]) -> Float[Tensor, " blocks"]:
        return torch.tensor([-self._mean_exponent(block) for block in blocks], dtype=torch.float64)

    def _mean_exponent(self, block: BlockEvidence) -> float:
        exponents = [tail_exponent(spectrum(ev.weight), self.tail) for ev in block.linears.values()]
        return sum(exponents) / len(exponents)

    def spread(
        self, importance: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float
    ) -> Float[Tensor, " blocks"]:
        span = importance.max() - importance.min()
        if float(span) <= 0:
            return recentre(torch.zeros_like(sizes), sizes, target)
        ratio = 1.0 - self.eps + 2.0 * self.eps * (importance.max() - importance) / span
        scaled = target * ratio / ((ratio * sizes).sum() / sizes.sum())
        # Only where a block meets the bound of 0.99 are the others raised, by one constant.
        return recentre(scaled, sizes, target)


def spectrum(weight: Float[Tensor, "out in"]) -> Float[Tensor, " n"]:
    """Eigenvalues of the smaller of W W^T and W^T W, ascending, float64, without those that are zero to rounding.

    Raises InputError when a weight is not finite.
    """
    if not bool(torch.isfinite(weight).all()):
        raise InputError("A weight is not finite (infinite or NaN), so its matrix has no spectrum.")
    wide = weight.double()
    if wide.shape[0] > wide.shape[1]:
        wide = wide.T
    values = torch.linalg.eigvalsh(wide @ wide.T)
    return values[values > values[-1] * values.numel() * torch.finfo(torch.float64).eps]


def tail_exponent(values: Float[Tensor, " n"], tail: str) -> float:
    """Hill estimate of the exponent a of a density ~ lambda^-a from ascending positive eigenvalues, at most 20.

    A tail "peak" starts at the lower edge of the fullest bin of the log-histogram, a tail "half" at the median.
    """
    count = values.numel()
    if count < 2:
        return MAX_EXPONENT
    logs = values.log()
    if tail == "half":
        start = logs[count - count // 2 - 1]
        above = logs[count - count // 2 :]
    else:
        start = _peak(logs)
        above = logs[logs >= start]
    excess = float((above - start).sum())
    if excess <= 0.0:
        return MAX_EXPONENT
    return min(MAX_EXPONENT, 1.0 + above.numel() / excess)


def _peak(logs: Float[Tensor, " n"]) -> Float[Tensor, ""]:
    """Lower edge of the bin that holds most values; the first of several."""
    bins = min(MAX_BINS, max(2, logs.numel() // 8))
    low, high = logs[0], logs[-1]
    width = (high - low) / bins
    if float(width) <= 0:
        return low
    index = ((logs - low) / width).long().clamp_max(bins - 1)
    return low + width * torch.bincount(index, minlength=bins).argmax()
