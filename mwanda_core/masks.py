"""Scores to kept weights, with exact counts.

A mask is True where the weight is **kept**, everywhere in this project. Exactly `num_pruned(n, sparsity)` entries of
every comparison group of n are False. Among equal scores the one with the lower index is pruned first (what a stable
ascending sort does): weights expanded from a 4-bit file hold many exact zeros, so ties are the rule.
"""

import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from mwanda_core.errors import InputError


def num_pruned(n: int, sparsity: float) -> int:
    """floor(n * sparsity), the number of weights pruned in a group of n.

    The small term undoes rounding of the product: 100 * 0.29 is 28.999999999999996 in floating point.
    """
    return int(n * sparsity + 1e-6)


def keep_top(score: Float[Tensor, "groups n"], pruned: int) -> Bool[Tensor, "groups n"]:
    """Keep all but the `pruned` lowest scores of every row; ties by index.

    Raises InputError when a score is not a number.
    """
    if bool(torch.isnan(score).any()):
        raise InputError("A score is not a number (NaN): the weights or the calibration activations are not finite.")
    n = score.shape[1]
    if pruned <= 0:
        return torch.ones_like(score, dtype=torch.bool)
    if pruned >= n:
        return torch.zeros_like(score, dtype=torch.bool)
    # The pruned-th smallest score; everything below it goes, and of those equal to it the first few by index.
    threshold = torch.kthvalue(score, pruned, dim=1, keepdim=True).values
    prune = score < threshold
    equal = score == threshold
    missing = pruned - prune.sum(dim=1, keepdim=True)
    if bool((equal.sum(dim=1, keepdim=True) == missing).all()):
        return ~(prune | equal)
    return ~(prune | (equal & (equal.cumsum(dim=1) <= missing)))


def keep_top_per_row(score: Float[Tensor, "rows n"], pruned: Tensor) -> Bool[Tensor, "rows n"]:
    """As `keep_top` with a count of its own for every row (`pruned`: integers, one per row).

    Raises InputError when a score is not a number.
    """
    refuse_nan(score)
    order = score.argsort(dim=1, stable=True)
    ranks = torch.empty_like(order)
    ranks.scatter_(1, order, torch.arange(score.shape[1], device=score.device).expand_as(order).contiguous())
    return ranks >= pruned[:, None]


def refuse_nan(score: Float[Tensor, "groups n"]) -> None:
    """Raises InputError when a score is not a number, before anything is ranked by it."""
    if bool(torch.isnan(score).any()):
        raise InputError("A score is not a number (NaN): the weights or the calibration activations are not finite.")


def pack(keep: Bool[Tensor, "..."]) -> UInt8[Tensor, " bytes"]:
    """One bit per weight, row-major, first weight in the highest bit; padded with zeros to whole bytes."""
    flat = keep.flatten().to(torch.uint8)
    flat = torch.nn.functional.pad(flat, (0, -flat.numel() % 8)).view(-1, 8)
    weights = torch.tensor([128, 64, 32, 16, 8, 4, 2, 1], dtype=torch.uint8, device=flat.device)
    return (flat * weights).sum(dim=1, dtype=torch.uint8)


def unpack(packed: UInt8[Tensor, " bytes"], shape: tuple[int, ...]) -> Bool[Tensor, "..."]:
    """The inverse of `pack`.

    Raises InputError when the number of bytes does not belong to the shape.
    """
    numel = 1
    for size in shape:
        numel *= size
    if packed.numel() != (numel + 7) // 8:
        raise InputError(
            f"A packed mask of {packed.numel()} bytes cannot belong to a weight of shape {tuple(shape)}, "
            f"which needs {(numel + 7) // 8} bytes."
        )
    shifts = torch.tensor([7, 6, 5, 4, 3, 2, 1, 0], dtype=torch.uint8, device=packed.device)
    bits = (packed[:, None] >> shifts) & 1
    return bits.flatten()[:numel].bool().view(shape)
