r"""GBLM-Pruner: Wanda plus weight times loss gradient (Das et al. 2023).

    S_ij = |W_ij| c_j + alpha |W_ij| G_ij,      G_ij = sqrt( 1/N sum_n ( d loss(x_n) / d W_ij )^2 )

Units. The released code adds |W| ||X_j|| and |W| G', where ||X_j||^2 is a mean over *sequences* of sums over their T tokens
and G' = 100 sqrt( sum_n g_n^2 ) is a sum over the N sequences. Here c_j is a root mean square over tokens and G one over
sequences: ||X_j|| = sqrt(T) c_j and G' = 100 sqrt(N) G. Divided by sqrt(T), the published score is
c_j + 100 sqrt(N / T) G, so the published alpha with its N = 128 and T = 2048 is 25 here, whatever text is used now.
"""

import dataclasses

from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.scores.base import Score
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.knobs import number
from mwanda_core.parts.needs import Need


@dataclasses.dataclass(frozen=True)
class GBLM(Score):
    """Wanda's score and the first-order change of the loss, added."""

    title = "GBLM-Pruner"
    formula = r"S_{ij} = \lvert W_{ij}\rvert \,(c_j + \alpha\, G_{ij})"
    source = "Das et al. 2023 (GBLM-Pruner), with gradients aggregated by their root mean square"
    origin = "paper"
    needs = frozenset({Need.FULL_GRADIENT})

    alpha: float = number(
        25.0,
        0.0,
        100000.0,
        5.0,
        "Weight of the loss gradient; 0 gives Wanda. 25 is the published setting.",
        "RMS input per gradient",
    )

    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        return evidence.weight.abs() * (evidence.channels + self.alpha * evidence.need("gradient"))
