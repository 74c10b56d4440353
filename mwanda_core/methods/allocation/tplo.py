r"""TPLO, truthful pruning by layer-wise outliers (Fu et al. 2025, EMNLP Findings; the released code).

    v_dk = between_dk / within_dk                 how far true and false statements of set d lie apart after block k
    p_k  = mean over sets of v_dk / sum_j v_dj    a distribution over blocks
    SWL      keep_k = (1 - s) + c (K p_k - 1)
    OWL      keep_k = (1 - s) + 2 strength (D_k - min D) / (max D - min D), less its mean
    TPLO     keep_k = OWL before the pivot, SWL from it on, less one constant so that the mean is 1 - s

Outliers protect the first blocks, which build the features, and separability the later ones, which hold them. The pivot is a number
per model in the released code (10 to 13 of 32 or 40 blocks, a little before the peak of p); here it is two blocks before the peak
unless given. Pivot 0 is SWL, which the paper shows to lose; pivot K is OWL.

"published" v is a mean over raw dimensions, which a few massive ones decide (`engine.separability`); "standardised" divides each
dimension by its spread first. Several languages: p is the mean of theirs, weighed by how much each language counts where that differs, or by
its tokens ("weighted"), or the largest in each block ("protect the truth of the language that has it there"); all are this project's.
"""

import dataclasses
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.allocation.base import Allocation, outlier_share, recentre
from mwanda_core.parts.evidence import BlockEvidence
from mwanda_core.parts.knobs import choice, number, whole
from mwanda_core.parts.needs import Need

BEFORE_PEAK = 2
"""Blocks that the automatic pivot lies before the peak of p."""


@dataclasses.dataclass(frozen=True)
class TPLO(Allocation):
    """Early blocks keep more where scores have outliers, later ones where true and false statements lie apart."""

    title = "TPLO"
    formula = (
        r"k_b = (1-s) + \begin{cases}\Lambda\,\widehat D_b & b < \text{pivot}\\ c\,(K p_b - 1) & b \ge \text{pivot}\end{cases}"
        r" - \text{const},\quad p_b \propto v_b"
    )
    source = "Fu et al. 2025 (TPLO) and its code; automatic pivot, standardised v and languages by this project"
    origin = "reconstruction"
    needs = frozenset({Need.SEPARABILITY})

    strength: float = number(0.08, 0.0, 0.3, 0.01, "Half the span of OWL's part.")
    outlier: float = number(5.0, 1.0, 20.0, 0.5, "A score is an outlier above this multiple of the block's mean.")
    scale: float = number(0.04, 0.0, 0.5, 0.01, "How far a block's share of separability moves its sparsity.")
    pivot: int = whole(-1, -1, 200, "Blocks that follow OWL; -1: up to two before the peak of separability.", "blocks")
    separability: str = choice(
        "published", ("published", "standardised"), "Mean over raw dimensions, or over standardised ones."
    )
    aggregate: str = choice(
        "mean",
        ("mean", "weighted", "worst"),
        "Over languages: the mean share, the mean with the languages' weights (or tokens), or the largest in each block.",
    )

    def importance(self, blocks: Sequence[BlockEvidence]) -> Float[Tensor, " blocks"]:
        shares = self._shares(blocks)
        pivot = max(1, int(shares.argmax()) - BEFORE_PEAK) if self.pivot < 0 else min(self.pivot, len(blocks))
        offsets = self.scale * (len(blocks) * shares - 1)
        if pivot:
            outliers = torch.tensor([outlier_share(block, self.outlier) for block in blocks], dtype=torch.float64)
            span = outliers.max() - outliers.min()
            owl = 2 * self.strength * (outliers - outliers.min()) / span if span > 0 else torch.zeros_like(outliers)
            offsets[:pivot] = (owl - owl.mean())[:pivot]
        return offsets

    def _shares(self, blocks: Sequence[BlockEvidence]) -> Float[Tensor, " blocks"]:
        """p, which sums to 1."""
        missing = [block.index for block in blocks if not block.separability]
        if missing:
            raise InputError(f"Block {missing[0]}: this allocation needs 'separability', which was not measured.")
        by_language: dict[str, list[Tensor]] = {}
        for key in sorted(blocks[0].separability or {}):
            values = torch.tensor([(block.separability or {})[key][self.separability] for block in blocks], dtype=torch.float64)
            by_language.setdefault(key.partition("/")[0], []).append(values / values.sum())
        languages = torch.stack([torch.stack(found).mean(dim=0) for found in by_language.values()])
        if self.aggregate == "worst":
            found = languages.amax(dim=0)
        elif self.aggregate == "weighted":
            stats = next(iter(blocks[0].linears.values())).stats
            counts = stats.tokens if stats.weights is None else stats.weights
            weights = dict(zip(stats.languages, counts.tolist(), strict=True))
            found = torch.tensor([weights[code] for code in by_language], dtype=torch.float64) @ languages
        else:
            found = languages.mean(dim=0)
        return found / found.sum()

    def spread(
        self, importance: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float
    ) -> Float[Tensor, " blocks"]:
        return recentre(-importance, sizes, target)
