"""Weight and channel importance to a score per weight. Higher is kept."""

import abc

from jaxtyping import Float
from torch import Tensor

from mwanda_core.evidence import LinearEvidence
from mwanda_core.parts import Part


class Score(Part):
    """S [out, in], float32, higher is kept."""

    @abc.abstractmethod
    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        """The score of every weight of one linear."""
