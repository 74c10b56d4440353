"""Energy of a prediction: how much evidence the logits hold for any token at all (ACBench-style).

    E(z) = -T logsumexp(z / T)            E(z + c) = E(z) - c,    E(z) <= -max z

Liu et al. 2020 use it to tell inputs that a model knows (low energy) from others; Dong et al. 2025, arXiv 2505.19433,
compare it before and after compression. The softmax is blind to the constant c and the energy is not: a change of energy may
be an offset of the logits that harms nothing, and mean energies of two languages can lie far apart for no other reason. Free
of every offset, also of one that differs from position to position, is the centred energy

    E(z - mean z) = E(z) + mean z <= -T ln(size of the vocabulary)

Both are compared with those of the same tokens in random order, by the

    separation = P(E(shuffled) > E(text)) + P(equal) / 2       0.5: the energy does not tell a text from its shuffled tokens

(the area under the ROC curve). The reference is a text of its own, put through the model: permuting the vocabulary of
the same logits, as the released code does, changes no energy.
"""

import math
import random
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from scipy import stats as scipy_stats
from torch import Tensor


def energy(logits: Float[Tensor, "n vocabulary"], temperature: float = 1.0) -> Float[Tensor, " n"]:
    """-T logsumexp(z / T) of each row, in float32 (nats)."""
    return -temperature * (logits.float() / temperature).logsumexp(dim=1)


def centred_energy(logits: Float[Tensor, "n vocabulary"], temperature: float = 1.0) -> Float[Tensor, " n"]:
    """Energy of the logits less their mean, in float32 (nats)."""
    wide = logits.float()
    return energy(wide, temperature) + wide.mean(dim=1)


def separation(text: np.ndarray, shuffled: np.ndarray) -> float:
    """Share of pairs (position of a text, position of a shuffled text) in which the shuffled one has the higher energy.

    NaN where there are no pairs or an energy is not a number.
    """
    if len(text) == 0 or len(shuffled) == 0 or bool(np.isnan(text).any() or np.isnan(shuffled).any()):
        return math.nan
    ranks = scipy_stats.rankdata(np.concatenate([text, shuffled]))[len(text) :]
    lowest = len(shuffled) * (len(shuffled) + 1) / 2
    return float((ranks.sum() - lowest) / (len(text) * len(shuffled)))


def shuffled(ids: Sequence[int], num_start: int, seed: int) -> tuple[int, ...]:
    """The same tokens in random order, after the opening ones: the words of the text without its sense."""
    body = list(ids[num_start:])
    random.Random(f"{seed}:{len(body)}:{body}").shuffle(body)
    return (*ids[:num_start], *body)
