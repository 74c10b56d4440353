r"""STADE: weight magnitude times the standard deviation of the input over tokens (Coello de Portugal Mecke et al. 2025).

    S_ij = |W_ij| sqrt( Var_t(x_tj) ),    Var_t(x_tj) = sum_t x_tj^2 / n  -  ( sum_t x_tj / n )^2

over the n tokens of all languages together. (The released code ranks W^2 Var, which is the same order.) What a channel
always adds is not lost when its weight goes, since the bias can add it, and only what varies has to be kept:

    b_i <- b_i + sum_j (W_ij - W'_ij) mean_t(x_tj),    W' the weights after the cut

With a solver that leaves the kept weights alone this is the published sum over the pruned j of W_ij mean_t(x_tj); where a
solver or a repair changed kept weights too, it still leaves the mean output of the linear over the tokens as it was. The
means come from the statistics that the scores come from: in sequential mode those of the already pruned blocks' outputs. A
linear without a bias gets none, because the pruned model would then no longer load as the dense one does: there (Llama and
Gemma have no biases at all) the score's argument does not hold, and Wanda's does.

The variance is over tokens, not over languages (for that see the activation "variance"); with languages pooled it is the
mean variance within a language plus the variance of the languages' means. The recipe's activation plays no part.
"""

import dataclasses

from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.scores.base import Score
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.knobs import choice
from mwanda_core.parts.needs import Need
from mwanda_core.parts.statistics import InputStats


@dataclasses.dataclass(frozen=True)
class Stade(Score):
    """Weight magnitude times how much its input varies from token to token; a constant input counts nothing."""

    title = "STADE"
    formula = r"S_{ij} = \lvert W_{ij}\rvert \cdot \sqrt{\mathrm{Var}_t(x_{tj})}"
    source = "Coello de Portugal Mecke et al. 2025 (STADE)"
    origin = "paper"
    needs = frozenset({Need.MEAN})

    compensate: str = choice(
        "bias", ("bias", "none"), "Whether the bias, where a layer has one, takes up the mean of what was cut."
    )

    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        return evidence.weight.abs() * token_deviation(evidence.stats)

    @property
    def moves_bias(self) -> bool:
        return self.compensate == "bias"

    def bias_shift(self, evidence: LinearEvidence, lost: Float[Tensor, "out in"]) -> Float[Tensor, " out"]:
        return (lost.double() @ token_mean(evidence.stats)).float()


def token_mean(stats: InputStats) -> Float[Tensor, " in"]:
    """Mean of each channel over the tokens of all languages, float64."""
    # Sorted per channel first, so that the order of languages does not matter, bit for bit.
    return stats.total.sort(dim=0).values.sum(dim=0) / stats.tokens.sum()


def token_deviation(stats: InputStats) -> Float[Tensor, " in"]:
    """Standard deviation of each channel over the tokens of all languages, float32."""
    square = stats.sumsq.sort(dim=0).values.sum(dim=0) / stats.tokens.sum()
    # Rounding may leave a constant channel just below zero.
    return (square - token_mean(stats).square()).clamp_min(0.0).sqrt().float()
