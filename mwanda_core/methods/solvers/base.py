"""Score, sparsity and pattern to kept weights, and to new values of them where a solver repairs what it cut."""

import abc
import dataclasses
from typing import ClassVar

from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.part import Part
from mwanda_core.parts.patterns import Pattern


@dataclasses.dataclass(frozen=True)
class Solution:
    """Kept weights, and the new weight matrix where it differs from "old weight, zero where not kept" (else None)."""

    keep: Bool[Tensor, "out in"]
    weight: Float[Tensor, "out in"] | None = None
    note: str = ""


class Solver(Part):
    """Chooses the kept weights of one linear from its scores."""

    effort: ClassVar[float] = 0.15
    """Work on one block, in passes of the calibration tokens through it; only for the progress bar and its time left."""

    @abc.abstractmethod
    def solve(self, evidence: LinearEvidence, score: Float[Tensor, "out in"], pattern: Pattern, sparsity: float) -> Solution:
        """The kept weights at the given sparsity in [0, 1)."""
