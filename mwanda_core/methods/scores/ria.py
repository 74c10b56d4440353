r"""RIA, relative importance and activations (Zhang et al. 2024, equations 3 and 4).

    S_ij = ( |W_ij| / sum_i |W_ij|  +  |W_ij| / sum_j |W_ij| ) * c_j^power,     power = 1/2

The first sum runs over outputs (the column of input j), the second over inputs (row i). The released code thresholds the
whole matrix by default; which weights are compared is the pattern's business here ("row" or "layer" scope).
"""

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.scores.base import Score
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.knobs import number


@dataclasses.dataclass(frozen=True)
class RIA(Score):
    """A weight counts relative to its row and its column, so that no channel is cut off entirely."""

    title = "RIA"
    formula = (
        r"S_{ij} = \Bigl(\tfrac{\lvert W_{ij}\rvert}{\sum_i \lvert W_{ij}\rvert} + "
        r"\tfrac{\lvert W_{ij}\rvert}{\sum_j \lvert W_{ij}\rvert}\Bigr)\, c_j^{\,a}"
    )
    source = "Zhang et al. 2024 (Plug-and-Play), equations 3-4"
    origin = "paper"

    power: float = number(0.5, 0.0, 2.0, 0.05, "Exponent a of the channel importance.")

    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        weight = evidence.weight.abs().float()
        tiny = torch.finfo(torch.float32).tiny
        columns = weight.sum(dim=0, keepdim=True).clamp_min(tiny)
        rows = weight.sum(dim=1, keepdim=True).clamp_min(tiny)
        return (weight / columns + weight / rows) * evidence.channels**self.power
