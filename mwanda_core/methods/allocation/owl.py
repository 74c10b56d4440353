r"""OWL, outlier-weighed layerwise sparsity (Yin et al. 2024, equations 2-3).

    D_k = share of the block's scores |W| c that exceed M times their mean  (all linears of the block together)
    keep_k grows linearly with D_k over a span of 2 * strength around 1 - s

The paper names bounds [s - strength, s + strength]; the released code (and this file) guarantees the width and the mean.
"""

import dataclasses
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.allocation.base import Allocation, min_max_spread, outlier_share
from mwanda_core.parts.evidence import BlockEvidence
from mwanda_core.parts.knobs import number


@dataclasses.dataclass(frozen=True)
class OWL(Allocation):
    """Blocks with many outlying scores are pruned less."""

    title = "OWL"
    formula = (
        r"D_k = \Pr\bigl[\lvert W\rvert c > M\cdot\overline{\lvert W\rvert c}\bigr],\quad s_k = s - \Lambda\,\widehat{D}_k"
    )
    source = "Yin et al. 2024 (OWL), equations 2-3"
    origin = "paper"

    strength: float = number(0.08, 0.0, 0.3, 0.01, "Half the span of sparsities around the target.")
    outlier: float = number(5.0, 1.0, 20.0, 0.5, "A score is an outlier above this multiple of the block's mean.")

    def importance(self, blocks: Sequence[BlockEvidence]) -> Float[Tensor, " blocks"]:
        return torch.tensor([outlier_share(block, self.outlier) for block in blocks], dtype=torch.float64)

    def spread(
        self, importance: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float
    ) -> Float[Tensor, " blocks"]:
        return min_max_spread(importance, sizes, target, self.strength)
