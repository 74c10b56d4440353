"""Scores to kept weights, with exact counts.

A mask is True where the weight is **kept**, everywhere in this project. Exactly `num_pruned(n, sparsity)` entries of
every comparison group of n are False. Among equal scores the one with the lower index is pruned first (what a stable
ascending sort does): weights expanded from a 4-bit file hold many exact zeros, so ties are the rule.
"""

import numpy
import torch
from jaxtyping import Bool, Float, Int, UInt8
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
    refuse_nan(score)
    n = score.shape[1]
    if pruned <= 0:
        return torch.ones_like(score, dtype=torch.bool)
    if pruned >= n:
        return torch.zeros_like(score, dtype=torch.bool)
    if n <= PAIRWISE:
        return _by_pairs(score, pruned)
    counts = torch.full((len(score), 1), n - pruned, device=score.device)
    return _above(score, _kth_lowest(score, pruned), counts)


def keep_top_per_row(score: Float[Tensor, "rows n"], pruned: Tensor) -> Bool[Tensor, "rows n"]:
    """As `keep_top` with a count of its own for every row (`pruned`: integers, one per row).

    Raises InputError when a score is not a number.
    """
    refuse_nan(score)
    n = score.shape[1]
    pruned = pruned.to(score.device).clamp(0, n)[:, None]
    # Sorting values alone is many times faster than sorting places.
    lowest = score.sort(dim=1).values.gather(1, (pruned - 1).clamp(min=0))
    keep = _above(score, lowest, n - pruned)
    return torch.where(pruned > 0, keep, True)


def _kth_lowest(score: Float[Tensor, "groups n"], k: int) -> Float[Tensor, "groups 1"]:
    """The k-th smallest value of every row, k from 1 to n.

    On a CPU numpy's partition selects with vector instructions; torch's kthvalue moves a place along with every value and took
    ten times as long. Both return a value of the row itself, so masks are the same.
    """
    if score.device.type != "cpu" or score.dtype not in (torch.float32, torch.float64):
        return torch.kthvalue(score, k, dim=1, keepdim=True).values
    chosen = numpy.partition(score.detach().numpy(), k - 1, axis=1)[:, k - 1 : k]
    return torch.from_numpy(chosen.copy())


def _above(
    score: Float[Tensor, "groups n"], threshold: Float[Tensor, "groups 1"], counts: Int[Tensor, "groups 1"]
) -> Bool[Tensor, "groups n"]:
    """What lies above the threshold, and of the scores equal to it the last ones by index until `counts` are kept."""
    keep = score > threshold
    missing = counts - torch.count_nonzero(keep, dim=1)[:, None]
    tied = (missing > 0).flatten()  # The threshold is itself pruned unless others equal it, so mostly nothing is missing.
    if bool(tied.any()):
        equal = score[tied] == threshold[tied]
        last = equal.sum(dim=1, keepdim=True) - equal.cumsum(dim=1) < missing[tied]
        keep[tied] |= equal & last
    return keep


PAIRWISE = 4
"""Groups up to this size (2:4) are ranked by comparing all pairs: selecting in rows this short costs mostly overhead."""


def _by_pairs(score: Float[Tensor, "groups n"], pruned: int) -> Bool[Tensor, "groups n"]:
    """Rank of a score = how many of its group are pruned before it: the lower ones, and equal ones with a lower index."""
    columns = score.T.contiguous()
    rank = torch.zeros(columns.shape, dtype=torch.uint8, device=score.device)
    for j in range(len(columns)):
        for i in range(j):
            before = columns[i] <= columns[j]
            rank[j] += before
            rank[i] += ~before
    return (rank >= pruned).T.contiguous()


def refuse_nan(score: Float[Tensor, "groups n"]) -> None:
    """Raises InputError when a score is not a number, before anything is ranked by it."""
    # A sum with a NaN in it is NaN (so may be one of infinities: then look closely), and costs a tenth of looking.
    if bool(torch.isnan(score.sum())) and bool(torch.isnan(score).any()):
        raise InputError("A score is not a number (NaN): the weights or the calibration activations are not finite.")


def num_zeros(weight: Float[Tensor, "..."]) -> int:
    """Exact zeros (of either sign). Comparing first is five times faster than `count_nonzero` of floats on a CPU."""
    return int(torch.count_nonzero(weight == 0))


_SAME_SIZE = {1: torch.int8, 2: torch.int16, 4: torch.int32, 8: torch.int64}


def cut_(weight: Float[Tensor, "out in"], keep: Bool[Tensor, "out in"]) -> None:
    """Zero, in place, what is not kept; what is kept stays bit for bit, and a pruned NaN becomes 0.

    The bits are multiplied as integers: `masked_fill_` is not vectorised on a CPU and took thirty times as long.
    """
    if weight.device.type == "cpu":
        weight.view(_SAME_SIZE[weight.itemsize]).mul_(keep)
    else:
        weight.masked_fill_(~keep, 0)


def pack(keep: Bool[Tensor, "..."]) -> UInt8[Tensor, " bytes"]:
    """One bit per weight, row-major, first weight in the highest bit; padded with zeros to whole bytes."""
    if keep.device.type == "cpu":
        return torch.from_numpy(numpy.packbits(keep.numpy()))
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


def lifted(score: Float[Tensor, "out in"], must: Bool[Tensor, "out in"]) -> Float[Tensor, "out in"]:
    """Scores, float64, whose order puts all weights that must be kept above all others and is that of `score` within both.

    An infinite score would do the same only until a comparison group has more protected weights than it keeps: then those with the
    lowest index would go, here those with the lowest score. float32 scores are compared as their bit patterns, whose order is
    theirs, so that nothing is rounded away; NaN stays NaN and is refused where scores are ranked.
    """
    bits = score.float().contiguous().view(torch.int32).long()
    order = torch.where(bits >= 0, bits, -(bits & 0x7FFFFFFF)).double()
    return torch.where(score.isnan(), torch.nan, order + must.to(score.device) * 2.0**33)
