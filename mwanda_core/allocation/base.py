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
from mwanda_core.evidence import BlockEvidence
from mwanda_core.parts import Part

MAX_SPARSITY = 0.99
"""No block may lose more than this: an empty block is another model, not a sparse one."""


class Allocation(Part):
    """Sets each block's sparsity around the target."""

    reads_evidence: bool = True
    """False when `importance` needs neither statistics nor weights (uniform): then no dense pass is made for it."""

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
    if float(span) <= 0:
        return torch.full_like(sizes, target)
    keep = (importance - importance.min()) / span * (2.0 * strength)
    return recentre(-keep, sizes, target)


def recentre(raw: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float) -> Float[Tensor, " blocks"]:
    """Shift `raw` by one constant so that, clipped to [0, 0.99], its parameter-weighted mean is the target.

    Raises InputError when the target lies outside [0, 0.99], or an importance is not finite.
    """
    if not bool(torch.isfinite(raw).all()):
        raise InputError("The importance of a block is not finite: its weights or calibration activations are infinite or NaN.")
    if not 0.0 <= target <= MAX_SPARSITY:
        raise InputError(f"Sparsity must lie between 0 and {MAX_SPARSITY}; it was given {target}.")
    share = sizes / sizes.sum()
    low, high = -float(raw.max()), 1.0 - float(raw.min())
    for _ in range(100):  # The clipped mean grows with the shift: bisection to the last bit of a double.
        middle = (low + high) / 2
        mean = float(((raw + middle).clamp(0.0, MAX_SPARSITY) * share).sum())
        low, high = (middle, high) if mean < target else (low, middle)
    return (raw + high).clamp(0.0, MAX_SPARSITY)
