r"""Wanda++: Wanda plus weight times regional gradient (Yang et al. 2025, the score of regional gradient pruning).

    S_ij = |W_ij| ( alpha G_ij + c_j ),      G_ij = sqrt( 1/N sum_n ( d ||f(X_n)||_F / d W_ij )^2 ) / sqrt(T)

f is one decoder block, X_n the hidden states of the n-th of N sequences of T tokens that enter it; one backward pass through
the block a sequence. The regional optimisation that the paper alternates with this score is a solver's work.

Units. The paper sets alpha = 100 beside Wanda's ||X_j||, a sum over the tokens of a sequence: ||X_j|| = sqrt(T) c_j. The
gradient of the Frobenius norm grows with sqrt(T) as well (measured on Gemma 3 270M: by 0.4, 1, 2.2 for T = 32, 128, 512), so
with both per token, as here, alpha = 100 is the paper's balance for any T. The balance is still not the same from model
to model: G grows with the scale of the hidden states, c does not, since inputs are normalised. (In Gemma 3 270M the median
of |W| G over that of |W| c runs from 0.01 in the first block to 25 in the last; alpha = 100 there ranks by |W| G nearly
alone.) A released reimplementation takes ||X_j|| over all N sequences together, which divides alpha by sqrt(N).

balance "matched" (this project's) makes alpha a setting that means the same everywhere: G is scaled, matrix by matrix, until
alpha G at alpha = 100 has the mean of c; alpha is then the gradient's share in percent of the channels'.
"""

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.scores.base import Score
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.knobs import choice, number
from mwanda_core.parts.needs import Need


@dataclasses.dataclass(frozen=True)
class WandaPP(Score):
    """Wanda's score plus how much the output of the weight's own block would move."""

    title = "Wanda++ (regional gradient)"
    formula = r"S_{ij} = \lvert W_{ij}\rvert \,(\alpha\, G_{ij} + c_j)"
    source = "Yang et al. 2025 (Wanda++), regional gradient score"
    origin = "paper"
    needs = frozenset({Need.REGIONAL_GRADIENT})

    alpha: float = number(100.0, 0.0, 1000.0, 1.0, "Weight of the regional gradient; 0 gives Wanda.")
    balance: str = choice(
        "paper",
        ("paper", "matched"),
        "Gradient and channels as they are, or alpha as the gradient's percentage of the channels.",
    )

    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        gradient = self.alpha * evidence.need("regional")
        if self.balance == "matched":
            gradient = gradient * matching_factor(evidence.need("regional"), evidence.channels)
        return evidence.weight.abs() * (gradient + evidence.channels)


def matching_factor(gradient: Float[Tensor, "out in"], channels: Float[Tensor, " in"]) -> Float[Tensor, ""]:
    """What makes 100 times the mean gradient the mean channel; 0 where there is no gradient."""
    mean = gradient.mean()
    return torch.where(mean > 0, channels.mean() / (100.0 * mean).clamp_min(torch.finfo(mean.dtype).tiny), 0.0)
