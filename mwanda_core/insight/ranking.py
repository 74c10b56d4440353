"""Do two models put the dense model's likeliest tokens in the same order? (ACBench-style top-k ranking correlation)

At one position, with x the dense and y the pruned logits at the dense model's k largest, and S_ij = sgn(x_i - x_j), T likewise:

    tau-b = sum S_ij T_ij / sqrt(sum S_ij^2 sum T_ij^2)                    Kendall 1945
    rho   = sum r_i q_i / sqrt(sum r_i^2 sum q_i^2)                        Spearman, ranks averaged over ties

r_i = sum_j S_ij / 2 is the rank of x_i less the mean rank, ties averaged, so both come from the same signs. Both are
exact in float64. Where all k values of one side are equal there is no order, and both are NaN. Dong et al. 2025, arXiv 2505.19433.
"""

import torch
from jaxtyping import Float
from torch import Tensor

CHUNK = 4096
"""Positions whose pairs are held at once."""


def rank_correlations(
    dense: Float[Tensor, "n k"], pruned: Float[Tensor, "n k"]
) -> tuple[Float[Tensor, " n"], Float[Tensor, " n"]]:
    """Kendall's tau-b and Spearman's rho of each row (float64, in [-1, 1]); NaN where a row has no order or is not a number."""
    taus, rhos = [], []
    for x, y in zip(dense.split(CHUNK), pruned.split(CHUNK), strict=True):
        left, right = _signs(x), _signs(y)
        taus.append(_cosine(left.flatten(1), right.flatten(1)))
        rhos.append(_cosine(left.sum(dim=2), right.sum(dim=2)))
    return torch.cat(taus), torch.cat(rhos)


def has_ties(values: Float[Tensor, "n k"]) -> Tensor:
    """[n], True where two of a row's values are equal (in a 16-bit model, logits often are)."""
    ordered = values.sort(dim=1).values
    return (ordered[:, 1:] == ordered[:, :-1]).any(dim=1)


def _signs(values: Float[Tensor, "n k"]) -> Float[Tensor, "n k k"]:
    wide = values.double()
    # Compared, not subtracted: inf - inf is not a number.
    signs = (wide[:, :, None] > wide[:, None, :]).double() - (wide[:, :, None] < wide[:, None, :]).double()
    return torch.where(wide.isnan().any(dim=1)[:, None, None], torch.nan, signs)


def _cosine(x: Float[Tensor, "n m"], y: Float[Tensor, "n m"]) -> Float[Tensor, " n"]:
    # The sums are whole numbers (of quarters at most), so equal rows give exactly 1.
    return (x * y).sum(dim=1) / (x.square().sum(dim=1) * y.square().sum(dim=1)).sqrt()
