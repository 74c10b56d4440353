"""Effective rank of a text's hidden states: in how many directions its tokens differ (ACBench-style).

    Z = rows of R minus their mean, each divided by its length                R: [tokens, hidden] of one text
    p = eigenvalues of Z'Z / trace       (those of ZZ' are the same but for zeros: the smaller of the two is taken)
    eRank = exp(-sum p ln p)             1 <= eRank <= min(tokens - 1, hidden)
    Diff-eRank = eRank(pruned) - eRank(dense)

Roy & Vetterli 2007 (effective rank); Wei et al. 2024 (Diff-eRank); Dong et al. 2025, arXiv 2505.19433 (compressed models).
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

NOTHING = 1e-12
"""A centred row shorter than this share of the longest row given is rounding: it points nowhere and counts as zero."""


def effective_rank(states: Float[Tensor, "tokens hidden"], centre: bool = True) -> float:
    """exp of the entropy of the spectrum, in float64; NaN where no row is left (one token, or all tokens alike)."""
    rows = states.detach().double()
    if not bool(torch.isfinite(rows).all()) or len(rows) == 0:
        return math.nan
    longest = rows.norm(dim=1).max()
    if centre:
        rows = rows - rows.mean(dim=0)
    length = rows.norm(dim=1, keepdim=True)
    unit = torch.where(length > NOTHING * longest, rows / length.clamp_min(torch.finfo(rows.dtype).tiny), 0.0)
    return rank_of_spectrum(unit @ unit.T if len(unit) <= unit.shape[1] else unit.T @ unit)


def rank_of_spectrum(product: Float[Tensor, "n n"]) -> float:
    """exp(-sum p ln p) of the eigenvalues of a positive semi-definite matrix; NaN for the zero matrix."""
    # Small matrices are quicker on the CPU, whatever the device.
    values = torch.linalg.eigvalsh(product.cpu()).clamp_min(0.0)
    total = values.sum()
    if float(total) == 0.0:
        return math.nan
    share = values / total
    return float(torch.special.entr(share).sum().exp())
