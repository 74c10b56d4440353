"""Keep the top: the highest scores of every comparison group stay, with their values unchanged."""

import dataclasses

from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.solvers.base import Solution, Solver
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.patterns import Pattern


@dataclasses.dataclass(frozen=True)
class KeepTop(Solver):
    """Keeps the highest scores and leaves their weights as they are."""

    title = "Keep the top"
    formula = r"M_{ij} = 1 \iff S_{ij} \text{ is among the highest of its group}"
    source = "Sun et al. 2024 (Wanda)"
    origin = "paper"

    def solve(self, evidence: LinearEvidence, score: Float[Tensor, "out in"], pattern: Pattern, sparsity: float) -> Solution:
        return Solution(pattern.keep(score, sparsity))
