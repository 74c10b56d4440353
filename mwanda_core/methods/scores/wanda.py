r"""Wanda: S_ij = |W_ij| c_j, with c_j the norm of input channel j (Sun et al. 2024, equation 1).

With the pooled activation this is Wanda itself; with the variance activation it is M-Wanda's score.
"""

import dataclasses

from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.scores.base import Score
from mwanda_core.parts.evidence import LinearEvidence


@dataclasses.dataclass(frozen=True)
class Wanda(Score):
    """Weight magnitude times the importance of the channel it reads."""

    title = "Wanda"
    formula = r"S_{ij} = \lvert W_{ij}\rvert \cdot c_j"
    source = "Sun et al. 2024 (Wanda), equation 1"
    origin = "paper"

    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        # float32 channels promote a bfloat16 weight, so no rounded copy of the score is made.
        return evidence.weight.abs() * evidence.channels
