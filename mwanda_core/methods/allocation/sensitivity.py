r"""Measured sensitivity: blocks that hurt when pruned alone are pruned less (this project).

    d_k = mean or maximum over languages of ( loss with block k alone pruned  -  dense loss ),   nats per token
    keep_k grows linearly with ln( d_k / n_k ) over a span of 2 * strength around 1 - s,          n_k parameters

Why the logarithm. Suppose the damages of the blocks add up and each grows exponentially with its sparsity: block k costs
a_k (e^{b s} - 1), with a_k in proportion to the measured d_k. Minimising sum_k a_k e^{b s_k} at a given sum_k n_k s_k asks for
a_k b e^{b s_k} = mu n_k, so s_k = const - ln(a_k / n_k) / b: linear in the logarithm, whatever b. Where damage is a straight
line in sparsity no such optimum exists. The logarithm also tames the heavy tail: one block often costs more than all others
together, and would push them all to one end of a linear scale (the choice "none").

A measured increase may be negative, by noise; before the logarithm d_k is raised to at least a tenth of the median block's.
"mean" serves the average language, "worst" takes for each block the language that it hurts most, "weighted" weighs languages as the
recipe's activation does.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.allocation.base import Allocation, min_max_spread
from mwanda_core.parts.evidence import BlockEvidence
from mwanda_core.parts.knobs import choice, number
from mwanda_core.parts.needs import Need

FLOOR = 0.1
"""Share of the median damage below which blocks count as equally harmless: a few hundred tokens cannot tell them apart."""


@dataclasses.dataclass(frozen=True)
class Sensitivity(Allocation):
    """Blocks are protected by the loss they cost, over the languages, when they alone are pruned."""

    title = "Measured sensitivity"
    formula = (
        r"d_k = \operatorname{agg}_l\,\bigl(\mathcal L_l^{(k)} - \mathcal L_l\bigr),\quad "
        r"s_k = s - \Lambda\,\widehat{\ln (d_k / n_k)}"
    )
    source = "this project"
    origin = "own"
    needs = frozenset({Need.SENSITIVITY})

    strength: float = number(0.15, 0.0, 0.3, 0.01, "Half the span of sparsities around the target.")
    aggregate: str = choice(
        "mean",
        ("mean", "worst", "weighted"),
        "Over languages: the average damage, that of the one hurt most, or weighted as channels are.",
    )
    transform: str = choice("log", ("log", "none"), "Scale on which damage is compared: logarithm per weight, or nats.")

    def importance(self, blocks: Sequence[BlockEvidence]) -> Float[Tensor, " blocks"]:
        damage = torch.tensor([self._damage(block) for block in blocks], dtype=torch.float64)
        if self.transform == "none":
            return damage
        return log_damage(damage, torch.tensor([block.size for block in blocks], dtype=torch.float64))

    def _damage(self, block: BlockEvidence) -> float:
        if not block.sensitivity:
            raise InputError(f"Block {block.index}: this allocation needs 'sensitivity', which was not measured.")
        if self.aggregate == "weighted":
            item = next(iter(block.linears.values()))
            by_tokens = item.stats.tokens / item.stats.tokens.sum()
            shares = by_tokens if item.language_weights is None else item.language_weights
            weights = dict(zip(item.stats.languages, shares.tolist(), strict=True))
            return sum(sorted(weights[code] * increase for code, increase in block.sensitivity.items()))
        # Sorted, so that the order of languages does not matter, bit for bit.
        by_language = sorted(block.sensitivity.values())
        if block.language_weights is not None:
            return self._weighted_damage(block.sensitivity, block.weight_by_language)
        return by_language[-1] if self.aggregate == "worst" else sum(by_language) / len(by_language)

    def _weighted_damage(self, damage: Mapping[str, float], weights: Mapping[str, float]) -> float:
        """As above; a language that weighs less than 1 counts so much of its damage."""
        if self.aggregate == "worst":
            return max(min(1.0, weights[code]) * found for code, found in damage.items())
        return sum(sorted(weights[code] * found for code, found in damage.items())) / sum(
            sorted(weights[code] for code in damage)
        )

    def spread(
        self, importance: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float
    ) -> Float[Tensor, " blocks"]:
        return min_max_spread(importance, sizes, target, self.strength)


def log_damage(damage: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"]) -> Float[Tensor, " blocks"]:
    """ln( d_k / n_k ) with d_k raised to a tenth of the median positive damage; zeros where no block does any damage."""
    positive = damage[damage > 0]
    if not len(positive):
        return torch.zeros_like(damage)
    return (damage.clamp_min(FLOOR * float(positive.median())) / sizes).log()
