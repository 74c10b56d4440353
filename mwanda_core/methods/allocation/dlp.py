r"""DLP, dynamic layerwise pruning (Chen et al. 2025).

    R_k = median of all scores |W| c of block k,      I_k = 1 - R_k / sum_k R_k
    keep_k grows linearly with I_k over a span of 2 * strength around 1 - s          (OWL's mapping)

A block whose typical score is high is the less important one: in LLaMA scores grow with depth, and late blocks have much to
spare. The paper argues for the median, which outliers do not move; its released code uses the mean. Both are offered. R_k has
the units of the activations, so blocks are compared by size and not by shape.

Defaults and direction are the published ones: strength 0.15 beside a sparsity of 70 %, where the shares that the authors keep
of Llama-2-7B fall from 0.47 in the first block to 0.17 in the last two, a span of 0.30. That scores grow with depth is a
property of the model, though. In Gemma 3 270M the first block has by far the highest median, so it loses most, and it is one
of those that hurt most: over blocks the importance correlates with measured sensitivity by -0.39 (Spearman), and at 50 % the
method is better with its importance reversed (`benchmarks/results/allocations.md`). Compare with "sensitivity" before use.
"""

import dataclasses
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.allocation.base import Allocation, min_max_spread
from mwanda_core.parts.evidence import BlockEvidence
from mwanda_core.parts.knobs import choice, number


@dataclasses.dataclass(frozen=True)
class DLP(Allocation):
    """Blocks whose typical score is high are pruned more."""

    title = "DLP"
    formula = (
        r"I_k = 1 - \frac{R_k}{\sum_m R_m},\quad R_k = \mathrm{median}\,\lvert W\rvert c,\quad s_k = s - \Lambda\,\widehat{I}_k"
    )
    source = "Chen et al. 2025 (DLP): relative importance from the median"
    origin = "paper"

    strength: float = number(0.15, 0.0, 0.3, 0.01, "Half the span of sparsities around the target.")
    statistic: str = choice("median", ("median", "mean"), "The typical score of a block: as in the paper, or in its code.")

    def importance(self, blocks: Sequence[BlockEvidence]) -> Float[Tensor, " blocks"]:
        typical = torch.tensor([self._typical(block) for block in blocks], dtype=torch.float64)
        total = typical.sum()
        return 1.0 - typical / total if float(total) > 0 else torch.zeros_like(typical)

    def _typical(self, block: BlockEvidence) -> float:
        scores = [(ev.weight.abs() * ev.channels).flatten() for ev in block.linears.values()]
        if self.statistic == "mean":
            return sum(float(score.sum(dtype=torch.float64)) for score in scores) / sum(score.numel() for score in scores)
        return float(torch.cat(scores).median())

    def spread(
        self, importance: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float
    ) -> Float[Tensor, " blocks"]:
        return min_max_spread(importance, sizes, target, self.strength)
