r"""The worst language as the objective: languages weigh the more, the more they lose.

Wanted is the mixture of languages whose mask hurts the worst-off language least, min over masks of max_l increase_l. It is looked for by
mirror descent on the weights (Sagawa et al. 2020, group DRO; Freund & Schapire 1999 for the game behind it): from equal weights on,

    w_l <- w_l exp( rate * (increase_l / mean increase - 1) ),     then w <- (1 - floor) w / sum w + floor / L

where increase_l is the language's loss, pruned less dense, on the opening tokens when the whole model is cut by this recipe's score at
the weights of the round. Statistics are sums over languages, so a round costs a cut and a few tokens scored, no pass of calibration
text. Kept are the weights of the round whose worst language lost least, equal weights among them.

The weights then serve everything: c_j = sqrt( sum_l w_l A_l[j]^2 ), the Gram matrices of solvers and repair G = sum_l w_l G_l, and the
allocation by measured sensitivity ("weighted"). They do not need layers that differ, so N:M has them too.
"""

import dataclasses
from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.activation.base import Activation
from mwanda_core.methods.activation.weighted import Weighted
from mwanda_core.parts.knobs import number
from mwanda_core.parts.needs import Need
from mwanda_core.parts.statistics import InputStats

FLOOR = 0.2
"""Share of the weights that is spread evenly: no language is forgotten for the worst."""


@dataclasses.dataclass(frozen=True)
class WorstFirst(Activation):
    """Languages weigh the more, the more they lose, in a few rounds of cutting and looking; the round that is kindest to the worst-off
    language decides.

    rate: how fast weights follow the losses; 0 gives equal weights.
    """

    title = "Worst language first"
    formula = (
        r"w_l \leftarrow w_l\, e^{\eta\,(\Delta_l / \overline\Delta - 1)},\quad c_j = \sqrt{\textstyle\sum_l w_l\, A_l[j]^2}"
    )
    source = "this project, after Sagawa et al. 2020 (group DRO)"
    origin = "own"
    needs = frozenset({Need.LANGUAGE_LOSSES})

    rate: float = number(1.0, 0.0, 5.0, 0.1, "How fast the weights follow the losses; 0: all languages alike.")

    def channels(self, stats: InputStats) -> Float[Tensor, " in"]:
        """At equal weights: where nothing was measured yet."""
        return Weighted().channels(stats)

    def weights(self, stats: InputStats) -> Float[Tensor, " languages"]:
        return Weighted().weights(stats)

    def step(self, weights: Mapping[str, float], increases: Mapping[str, float]) -> dict[str, float]:
        """The weights after a round; those given where no language lost anything on average."""
        mean = sum(increases.values()) / len(increases)
        if mean <= 0:
            return dict(weights)
        grown = {code: w * float(torch.tensor(self.rate * (increases[code] / mean - 1)).exp()) for code, w in weights.items()}
        total, count = sum(grown.values()), len(grown)
        return {code: (1 - FLOOR) * w / total + FLOOR / count for code, w in grown.items()}


def settled(weights: Mapping[str, float]) -> Weighted:
    """The activation of weights that were found, as plain data."""
    return Weighted("custom", ", ".join(f"{code}={weight:.4f}" for code, weight in weights.items()))
