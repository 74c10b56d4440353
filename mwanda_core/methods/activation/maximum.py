r"""The largest root mean square over languages: a channel counts as much as for the language that uses it most.

    c_j = max_l A_l[j],        A_l[j] = sqrt( sumsq_l[j] / tokens_l )

Lang-Prune takes the maximum over languages of a structured importance (neurons, heads), each language's scaled to [0, 1]
first; this is the same idea for single weights. Nothing is scaled here: A_l stays in the units of the activations, so a
language whose activations are larger all round decides more channels; one that weighs less than 1 (a guard) counts as sqrt(w_l) A_l[j]. A maximum is not a mixture, so a solver that
works from a Gram matrix sees the languages mixed by tokens (`Activation.weights`).
"""

import dataclasses

from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.activation.base import Activation
from mwanda_core.parts.statistics import InputStats


@dataclasses.dataclass(frozen=True)
class Maximum(Activation):
    """Each channel counts as for the language that uses it most, so that no language's channels are averaged away."""

    title = "Maximum over languages"
    formula = r"c_j = \max_l A_l[j]"
    source = "after Lang-Prune (maximum over languages of a structured importance), for single weights"
    origin = "own"

    def channels(self, stats: InputStats) -> Float[Tensor, " in"]:
        rms = stats.rms()
        if stats.weights is not None:
            rms = rms * stats.weights.to(rms).clamp(max=1.0).sqrt()[:, None]
        return rms.amax(dim=0).float()
