r"""Magnitude: S_ij = |W_ij|. The oldest criterion; it never looks at a text."""

import dataclasses

from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.scores.base import Score
from mwanda_core.parts.evidence import LinearEvidence


@dataclasses.dataclass(frozen=True)
class Magnitude(Score):
    """The absolute value of the weight; calibration text plays no part."""

    title = "Magnitude"
    formula = r"S_{ij} = \lvert W_{ij}\rvert"
    source = "Han et al. 2015; compared per row here, as Wanda does"
    origin = "paper"

    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        return evidence.weight.abs().float()
