r"""Pooled root mean square: what Wanda uses.

    c_j = ||X_j|| = sqrt( sum_l sumsq_l[j] / sum_l tokens_l )

Sun et al. 2024, equation 1, up to a constant factor (tokens instead of samples in the denominator).
"""

import dataclasses

from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.activation.base import Activation, sum_over_languages
from mwanda_core.parts.statistics import InputStats


@dataclasses.dataclass(frozen=True)
class Pooled(Activation):
    """All calibration tokens count alike, whatever their language."""

    title = "Pooled (Wanda)"
    formula = r"c_j = \sqrt{\textstyle\sum_l \sum_{t\in l} x_{tj}^2 \,/\, \sum_l n_l}"
    source = "Sun et al. 2024 (Wanda), equation 1"
    origin = "paper"

    def channels(self, stats: InputStats) -> Float[Tensor, " in"]:
        return (sum_over_languages(stats.sumsq) / stats.tokens.sum()).sqrt().float()
