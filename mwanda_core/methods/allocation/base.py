"""Blocks to a sparsity each. Two steps, so that moving a slider needs no forward pass:

    importance   evidence -> one number per block, higher is pruned less     (once, from stored statistics)
    spread       importance, sizes, target -> sparsity per block             (arithmetic on a few dozen numbers)

Contract: the parameter-weighted mean of the sparsities equals the target to 1e-6 and each lies in [0, 1).
"""

import abc
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.parts.evidence import BlockEvidence
from mwanda_core.parts.part import Part

MAX_SPARSITY = 0.99
"""No block may lose more than this: an empty block is another model, not a sparse one."""

ALIKE = 1e-12
"""Importances that differ by less than this share of the largest differ by rounding only, and are not stretched to a span."""


class Allocation(Part):
    """Sets each block's sparsity around the target."""

    reads_evidence: bool = True
    """False when `importance` needs neither statistics nor weights (uniform): no layerwise allocation at all."""

    reads_statistics: bool = True
    """False when `importance` needs at most weights: then no dense pass is made for it, and channels may be NaN."""

    steady: bool = False
    """Whether it is to be `steadied` by the reliability of its own importance before it is used."""

    def steadied(self, reliability: float) -> "Allocation":
        """The same with so much of its strength, between 0 and 1."""
        raise NotImplementedError(f"{self.title} has no strength to be taken from.")

    @abc.abstractmethod
    def importance(self, blocks: Sequence[BlockEvidence]) -> Float[Tensor, " blocks"]:
        """One number per block, float64; higher is pruned less. Only differences and their ratios matter."""

    @abc.abstractmethod
    def spread(
        self, importance: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float
    ) -> Float[Tensor, " blocks"]:
        """Sparsity per block, float64."""


def min_max_spread(
    importance: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float, strength: float
) -> Float[Tensor, " blocks"]:
    """OWL's mapping (Yin et al. 2024, section 3.2; released code): importance to [-strength, +strength], recentred.

    The span of the sparsities is exactly 2 * strength unless a bound of [0, 0.99] is met; the parameter-weighted mean
    is the target in every case. Equal importances give the target everywhere.
    """
    span = importance.max() - importance.min()
    if bool(torch.isfinite(span)) and float(span) <= ALIKE * float(importance.abs().max()):
        return torch.full_like(sizes, target)
    keep = (importance - importance.min()) / span * (2.0 * strength)
    return recentre(-keep, sizes, target)


def reliability(first: Float[Tensor, " blocks"], second: Float[Tensor, " blocks"]) -> float:
    """Of an importance that was measured on each half of a text: what a measurement on all of it would share with another, between 0 and 1.

    Spearman (1910) and Brown (1910): 2 r / (1 + r) for the correlation r of the halves; 0 where they do not agree at all or are constant.
    """
    one, two = (half.double() - half.double().mean() for half in (first, second))
    norm = float(one.norm() * two.norm())
    r = float(one @ two) / norm if norm > 0 else 0.0
    return min(1.0, max(0.0, 2 * r / (1 + r))) if r > -1 else 0.0


def outlier_share(block: BlockEvidence, outlier: float) -> float:
    """OWL's D: share of a block's scores |W| c, of all its linears together, above `outlier` times their mean."""
    # Two passes over the matrices instead of one concatenated copy of all scores.
    scores = [ev.weight.abs() * ev.channels for ev in block.linears.values()]
    count = sum(score.numel() for score in scores)
    mean = sum(float(score.sum(dtype=torch.float64)) for score in scores) / count
    return sum(int((score > outlier * mean).sum()) for score in scores) / count


def recentre(raw: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float) -> Float[Tensor, " blocks"]:
    """Shift `raw` by one constant so that, clipped to [0, 0.99], its parameter-weighted mean is the target.

    Raises InputError when the target lies outside [0, 0.99], or an importance is not finite.
    """
    if not bool(torch.isfinite(raw).all()):
        raise InputError("The importance of a block is not finite: its weights or calibration activations are infinite or NaN.")
    if not 0.0 <= target <= MAX_SPARSITY:
        raise InputError(f"Sparsity must lie between 0 and {MAX_SPARSITY}; it was given {target}.")
    return _shifted(raw, sizes, target, MAX_SPARSITY)


def _shifted(
    raw: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float, cap: float
) -> Float[Tensor, " blocks"]:
    """`raw` plus the constant that gives it the mean `target` when clipped to [0, cap]."""
    share = sizes / sizes.sum()
    low, high = -float(raw.max()), 1.0 - float(raw.min())
    for _ in range(100):  # The clipped mean grows with the shift: bisection to the last bit of a double.
        middle = (low + high) / 2
        mean = float(((raw + middle).clamp(0.0, cap) * share).sum())
        low, high = (middle, high) if mean < target else (low, middle)
    return (raw + high).clamp(0.0, cap)


def in_steps(
    sparsity: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float, steps: int
) -> Float[Tensor, " blocks"]:
    """Sparsities in multiples of 1/steps, at most 1 - 1/steps, whose parameter-weighted mean is as near the target as
    rounding whole blocks allows: no further than half a step of the largest block, max(sizes) / (2 steps sum(sizes)).

    Every block is rounded down, and then the blocks with the largest remainders (the first of equal ones) are rounded up
    until the mean is nearest. The order of the blocks stays, and no block moves by a whole step. Rounding each block to its
    nearest step would miss a target of 60 % under N:4 by ten points wherever all blocks are alike.
    """
    cap = 1.0 - 1.0 / steps
    inside = sparsity if float(sparsity.max()) <= cap else _shifted(sparsity, sizes, min(target, cap), cap)
    exact = inside * steps
    whole = (exact + 1e-9).floor()
    order = (exact - whole).argsort(descending=True, stable=True)
    # Share of all weights that goes when the first 0, 1, 2, ... blocks of that order are rounded up.
    gained = torch.cat([torch.zeros(1, dtype=sizes.dtype), sizes[order].cumsum(dim=0)])
    able = int((exact - whole > 1e-9).sum())
    mean = ((whole * sizes).sum() + gained[: able + 1]) / (steps * sizes.sum())
    whole[order[: int((mean - target).abs().argmin())]] += 1
    return whole / steps
