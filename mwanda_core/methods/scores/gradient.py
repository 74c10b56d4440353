r"""Gradient: S_ij = |W_ij| G_ij, the first-order change of the loss when the weight goes.

    G_ij = sqrt( 1/N sum_n ( d loss(x_n) / d W_ij )^2 )       over N calibration sequences

The loss changes by about -W_ij d loss / d W_ij when W_ij becomes 0; over sequences the sign averages out, so the root mean
square is taken. Its square, W_ij^2 G_ij^2, is Optimal Brain Damage with the empirical Fisher information in place of the
second derivative, and ranks alike. Channels play no part.
"""

import dataclasses

from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.scores.base import Score
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.needs import Need


@dataclasses.dataclass(frozen=True)
class Gradient(Score):
    """How much the loss itself would move, to first order, if the weight were removed."""

    title = "Weight times gradient"
    formula = (
        r"S_{ij} = \lvert W_{ij}\rvert \cdot G_{ij},\quad "
        r"G_{ij} = \sqrt{\tfrac1N\textstyle\sum_n (\partial\mathcal L_n/\partial W_{ij})^2}"
    )
    source = "Molchanov et al. 2019, equation 7, for single weights; LeCun et al. 1990 with the empirical Fisher"
    origin = "paper"
    needs = frozenset({Need.FULL_GRADIENT})

    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        return evidence.weight.abs() * evidence.need("gradient")
