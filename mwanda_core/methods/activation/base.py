"""Languages to channel importance: per-language statistics in, one number per input channel out."""

import abc

from jaxtyping import Float
from torch import Tensor

from mwanda_core.parts.part import Part
from mwanda_core.parts.statistics import InputStats


class Activation(Part):
    """c_j >= 0, one number per input channel, in units of the activations (root mean square)."""

    @abc.abstractmethod
    def channels(self, stats: InputStats) -> Float[Tensor, " in"]:
        """The importance of each input channel, float32."""

    def weights(self, stats: InputStats) -> Float[Tensor, " languages"]:
        """The weight of each language in a Gram matrix G = sum_l w_l G_l; sums to 1. Default: by tokens."""
        return stats.tokens / stats.tokens.sum()


def sum_over_languages(x: Float[Tensor, "languages in"]) -> Float[Tensor, " in"]:
    """Sum of rows that does not depend on their order, bit for bit: the rows are sorted per channel first."""
    return x.sort(dim=0).values.sum(dim=0)


def mean_over_languages(x: Float[Tensor, "languages in"], weights: Float[Tensor, " languages"] | None) -> Float[Tensor, " in"]:
    """Mean of rows, weighted where languages count differently (`InputStats.weights`)."""
    if weights is None:
        return sum_over_languages(x) / len(x)
    return sum_over_languages(x * weights.to(x)[:, None]) / weights.to(x).sort().values.sum()
