r"""Relevance: S_ij = |R_ij|, how much of what the model says goes through a weight (SparC3, Hatefi et al. 2025).

    R_ij = sum_l w_l mean_n in l  W_ij d ln p(x_n) / d W_ij,      the derivative under the rules of AttnLRP (`attribution.rules`)

Equations 1 and 8. The mean over sequences is signed, and its magnitude ranks, as the paper says of compression within rows. The relevance starts at the
log-probability of the text itself, per sequence the mean over its tokens; the paper does not say which logit it starts at. w_l are the weights of
languages of the activation choices `weighted` and `target`, else equal (this project's).
"""

import dataclasses

from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.scores.base import Score
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.needs import Need


@dataclasses.dataclass(frozen=True)
class Relevance(Score):
    """How much of the prediction passes through a weight, by layer-wise relevance propagation."""

    title = "Relevance (LRP)"
    formula = r"S_{ij} = \Bigl\lvert \tfrac1N \textstyle\sum_n W_{ij}\, \partial^{\mathrm{LRP}} \ln p(x_n) / \partial W_{ij} \Bigr\rvert"
    source = "Hatefi et al. 2025 (SparC3), equations 1 and 8"
    origin = "paper"
    needs = frozenset({Need.RELEVANCE})

    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        return (evidence.weight * evidence.need("relevance")).abs()
