"""Uniform: every block gets the target."""

import dataclasses
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.allocation.base import Allocation, recentre
from mwanda_core.parts.evidence import BlockEvidence


@dataclasses.dataclass(frozen=True)
class Uniform(Allocation):
    """Every block is pruned to the same sparsity."""

    title = "Uniform"
    formula = r"s_k = s"
    source = "Sun et al. 2024 (Wanda)"
    origin = "paper"
    reads_evidence = False
    reads_statistics = False

    def importance(self, blocks: Sequence[BlockEvidence]) -> Float[Tensor, " blocks"]:
        return torch.zeros(len(blocks), dtype=torch.float64)

    def spread(
        self, importance: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float
    ) -> Float[Tensor, " blocks"]:
        return recentre(torch.zeros_like(sizes), sizes, target)
