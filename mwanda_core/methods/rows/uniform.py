"""Uniform rows: every output row gets the linear's sparsity, which is what comparing within rows does by itself."""

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.rows.base import RowAllocation
from mwanda_core.parts.evidence import LinearEvidence


@dataclasses.dataclass(frozen=True)
class UniformRows(RowAllocation):
    """Every output row of a linear is pruned to the same sparsity."""

    title = "Uniform rows"
    formula = r"s_i = s"
    source = "Sun et al. 2024 (Wanda), section 3"
    origin = "paper"

    def rows(self, evidence: LinearEvidence, score: Float[Tensor, "out in"], sparsity: float) -> Float[Tensor, " out"]:
        return torch.full((score.shape[0],), sparsity, dtype=torch.float64, device=score.device)
