r"""Pruner-Zero: the formula that a search over symbolic expressions found (Dong et al. 2024).

    S_ij = W_ij^2 ( G_ij - min G ) / ( max G - min G ),      G_ij = sqrt( 1/N sum_n ( d loss(x_n) / d W_ij )^2 )

minimum and maximum over the matrix. Channels play no part. The weight with the smallest gradient of a matrix scores exactly 0
whatever its size. Where all gradients are alike (min = max) they say nothing, and the score is W^2.
"""

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.scores.base import Score
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.needs import Need


@dataclasses.dataclass(frozen=True)
class PrunerZero(Score):
    """Squared weight times the loss gradient scaled to [0, 1] within the matrix."""

    title = "Pruner-Zero"
    formula = r"S_{ij} = W_{ij}^2 \cdot \frac{G_{ij} - \min G}{\max G - \min G}"
    source = "Dong et al. 2024 (Pruner-Zero), the expression found by its search"
    origin = "paper"
    needs = frozenset({Need.FULL_GRADIENT})

    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        return evidence.weight.float().square() * min_max(evidence.need("gradient"))


def min_max(x: Float[Tensor, "out in"]) -> Float[Tensor, "out in"]:
    """Scaled to [0, 1] over all entries; ones where all entries are equal."""
    low, high = x.min(), x.max()
    return torch.where(high > low, (x - low) / (high - low).clamp_min(torch.finfo(x.dtype).tiny), torch.ones_like(x))
