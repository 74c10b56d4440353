r"""The layer-wise error that the Gram-based solvers lower. Arithmetic they share; not a part, and in no table.

With G = X X^T / tokens at the input of a linear of weight W [out, in], and a row w_i pruned to m_i:

    L(M) = || (W - M o W) X ||_F^2 / tokens = sum_i L_i,      L_i = ((1 - m_i) o w_i)^T G ((1 - m_i) o w_i)

`o` is the element-wise product. L has the units of a squared output. Rows do not touch each other, so whatever keeps a
row's count can be judged row by row.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.solvers.base import Solution
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.patterns import Groups

SPARSE_SHARE = 0.125
"""Below this share of nonzeros, a product of a sparse matrix with G is cheaper by gathering rows of G (on a CPU)."""


def weight_and_gram(evidence: LinearEvidence) -> tuple[Float[Tensor, "out in"], Float[Tensor, "in in"]]:
    """W and G, both float32, W in rows (some model families store it transposed).

    Raises InputError when G was not measured, or when either is not finite.
    """
    weight, gram = evidence.weight.float().contiguous(), evidence.need("gram").float()
    for what, values in (("weight", weight), ("Gram matrix of its inputs", gram)):
        if not bool(torch.isfinite(values).all()):
            raise InputError(f"{evidence.name}: the {what} holds infinite values or NaN, so no error can be minimised.")
    return weight, gram


def removed(weight: Float[Tensor, "out in"], keep: Bool[Tensor, "out in"]) -> Float[Tensor, "out in"]:
    """What a mask takes away: (1 - M) o W."""
    return weight.masked_fill(keep, 0)


def row_errors(change: Float[Tensor, "out in"], gram: Float[Tensor, "in in"]) -> Float[Tensor, " out"]:
    """d_i^T G d_i for every row d_i of a change of the weights (pruned and repaired alike).

    float64: masks that differ in a few weights are compared by it, and massive channels would drown the difference.
    """
    wide = change.double()
    return ((wide @ gram.double()) * wide).sum(dim=1)


def times_gram(left: Float[Tensor, "out in"], gram: Float[Tensor, "in in"]) -> Float[Tensor, "out in"]:
    """left @ gram, by gathering rows of G where `left` is mostly zero."""
    if left.device.type != "cpu":
        return left @ gram
    where = left.nonzero()
    if len(where) > SPARSE_SHARE * left.numel():
        return left @ gram
    rows, columns = where.unbind(dim=1)
    ends = torch.bincount(rows, minlength=len(left)).cumsum(dim=0)
    starts = torch.nn.functional.pad(ends[:-1], (1, 0))
    return torch.nn.functional.embedding_bag(columns, gram, starts, mode="sum", per_sample_weights=left[rows, columns])


def keep_better(
    weight: Float[Tensor, "out in"],
    gram: Float[Tensor, "in in"],
    start: Bool[Tensor, "out in"],
    found: Bool[Tensor, "out in"],
    groups: Groups,
) -> Solution:
    """The mask of lower error: chosen row by row, or whole where a group spans several rows.

    With this the result of a solver is never worse than the mask it started from.
    """
    before = row_errors(removed(weight, start), gram)
    after = row_errors(removed(weight, found), gram)
    better = after < before if groups.size <= weight.shape[1] else (after.sum() < before.sum()).expand_as(after)
    total = float(before.sum())
    ratio = float(torch.where(better, after, before).sum()) / total if total > 0 else 1.0
    return Solution(torch.where(better[:, None], found, start), note=f"error {ratio:.3f} of the starting mask's")
