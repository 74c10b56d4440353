r"""STADE: weight magnitude times the standard deviation of the input over tokens (Coello de Portugal Mecke et al. 2025).

    S_ij = |W_ij| sqrt( Var_t(x_tj) ),    Var_t(x_tj) = sum_t x_tj^2 / n  -  ( sum_t x_tj / n )^2

over the n tokens of all languages together. (The released code ranks W^2 Var, which is the same order.) What a channel
always adds is not lost when its weight goes: a bias can add it, b_i += sum_{j pruned} W_ij mean_t(x_tj). Only what varies
has to be kept. The argument holds as far as the bias really is adjusted; a score changes no bias, that is a solver's work.

The variance is over tokens, not over languages (for that see the activation "variance"); with languages pooled it is the
mean variance within a language plus the variance of the languages' means. The recipe's activation plays no part.
"""

import dataclasses

from jaxtyping import Float
from torch import Tensor

from mwanda_core.evidence import LinearEvidence
from mwanda_core.scores.base import Score
from mwanda_core.statistics import InputStats


@dataclasses.dataclass(frozen=True)
class Stade(Score):
    """Weight magnitude times how much its input varies from token to token; a constant input counts nothing."""

    title = "STADE"
    formula = r"S_{ij} = \lvert W_{ij}\rvert \cdot \sqrt{\mathrm{Var}_t(x_{tj})}"
    source = "Coello de Portugal Mecke et al. 2025 (STADE), without the bias it adjusts"
    origin = "paper"
    needs = frozenset({"mean"})

    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        return evidence.weight.abs() * token_deviation(evidence.stats)


def token_deviation(stats: InputStats) -> Float[Tensor, " in"]:
    """Standard deviation of each channel over the tokens of all languages, float32."""
    tokens = stats.tokens.sum()
    # Sorted per channel first, so that the order of languages does not matter, bit for bit.
    square = stats.sumsq.sort(dim=0).values.sum(dim=0) / tokens
    mean = stats.total.sort(dim=0).values.sum(dim=0) / tokens
    # Rounding may leave a constant channel just below zero.
    return (square - mean.square()).clamp_min(0.0).sqrt().float()
