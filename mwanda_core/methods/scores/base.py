"""Weight and channel importance to a score per weight. Higher is kept."""

import abc

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.part import Part


class Score(Part):
    """S [out, in], float32, higher is kept."""

    @abc.abstractmethod
    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        """The score of every weight of one linear."""

    @property
    def moves_bias(self) -> bool:
        """Whether `bias_shift` is to be added to the bias of every linear that has one, after the cut."""
        return False

    def bias_shift(self, evidence: LinearEvidence, lost: Float[Tensor, "out in"]) -> Float[Tensor, " out"]:
        """What the bias gains, in units of the output, when the weight has lost `lost` (dense minus new)."""
        return torch.zeros(len(lost), device=lost.device)
