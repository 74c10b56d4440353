r"""M-Wanda's channel importance: pooled norm plus cross-lingual spread, times activation probability.

With A_l[j] the root mean square of channel j in language l, p_l[j] the share of tokens of l on which it is positive:

    c_j = ( ||X_j|| + lam * Spread_l A_l[j] ) * ( mean_l p_l[j] )^gamma

Spread is the variance, the standard deviation, or the coefficient of variation (which has no unit, so lambda then carries it). Choenni & Titov (2025)
name these components ("cross-lingual activation variance", "activation probability"); how the paper combines and
normalises them could not be checked, so this formula is our reconstruction. Variance has squared units, so a lambda
chosen for one normalisation does not carry over to another; the standard deviation has the units of the norm.
"""

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.activation.base import Activation, mean_over_languages
from mwanda_core.methods.activation.pooled import Pooled
from mwanda_core.parts.knobs import choice, number
from mwanda_core.parts.needs import Need
from mwanda_core.parts.statistics import InputStats


@dataclasses.dataclass(frozen=True)
class Variance(Activation):
    """Channels whose activity differs between languages are lifted, so that what only some languages use is kept."""

    title = "Cross-lingual variance (M-Wanda)"
    formula = (
        r"c_j = \bigl(\lVert X_j\rVert + \lambda\,\mathrm{Spread}_l\,A_l[j]\bigr)\,\bigl(\tfrac1L\sum_l p_l[j]\bigr)^\gamma"
    )
    source = "after Choenni & Titov 2025 (M-Wanda)"
    origin = "reconstruction"
    alone = "With one language there is no spread over languages: channels count as in Wanda."
    needs = frozenset({Need.POSITIVE})

    lam: float = number(0.5, 0.0, 10.0, 0.1, "Weight of the cross-lingual spread; 0 gives Wanda.")
    gamma: float = number(0.0, 0.0, 2.0, 0.1, "Exponent of the activation probability; 0 switches it off.")
    spread: str = choice("std", ("std", "variance", "cv"), "How the spread over languages is measured.")

    def channels(self, stats: InputStats) -> Float[Tensor, " in"]:
        norm = Pooled().channels(stats).double()
        channels = norm + self.lam * spread_over_languages(stats.rms(), self.spread, stats.weights)
        if self.gamma > 0:
            mean = mean_over_languages(stats.probability(), stats.weights)
            channels = channels * mean**self.gamma
        return channels.float()


def spread_over_languages(
    rms: Float[Tensor, "languages in"], kind: str, weights: Float[Tensor, " languages"] | None = None
) -> Float[Tensor, " in"]:
    """Population variance, standard deviation, or coefficient of variation of A_l[j] over languages, weighted where they are."""
    mean = mean_over_languages(rms, weights)
    variance = mean_over_languages((rms - mean).square(), weights)
    if kind == "variance":
        return variance
    if kind == "std":
        return variance.sqrt()
    return variance.sqrt() / mean.clamp_min(torch.finfo(torch.float64).tiny)
