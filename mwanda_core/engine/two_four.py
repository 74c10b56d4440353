r"""A pull towards 2:4, by its proximal operator (Kuebler et al. 2025; UniPruning's walk takes it).

    R(w) = |w1 w2 w3| + |w2 w3 w4| + |w3 w4 w1| + |w4 w1 w2|        of four neighbours in a row: 0 exactly where two or fewer are not 0
    prox(z) = argmin_w  1/2 ||w - z||^2 + strength R(w)

Signs and the order of sizes stay, so z may be taken as z1 >= z2 >= z3 >= z4 >= 0. A minimum has two, three or four entries that are not
0. The first is (z1, z2, 0, 0); for the others each entry in turn is set to its best value given the rest,

    w_i = max( z_i - strength * sum of products of pairs of the others, 0 ),

the smallest first, until nothing moves. The least of the three values decides. The problem is not convex, so the last two are stationary
points, not certainly the least ones; a test compares with a search.
"""

import torch
from jaxtyping import Float
from torch import Tensor

SWEEPS, CHUNK = 100, 2**20
"""At most so many rounds over the four entries; groups that are worked on at once."""


def pull(four: Float[Tensor, "n 4"]) -> Float[Tensor, " n"]:
    """R of every group."""
    a, b, c, d = four.abs().unbind(dim=1)
    return a * b * (c + d) + c * d * (a + b)


def prox(weight: Float[Tensor, "out in"], strength: float) -> Float[Tensor, "out in"]:
    """The proximal operator, group by group of four neighbours in a row; the width must be a multiple of 4."""
    if not strength:
        return weight
    groups = weight.reshape(-1, 4)
    return torch.cat([_prox(part, strength) for part in groups.split(CHUNK)]).reshape(weight.shape)


def _prox(groups: Float[Tensor, "n 4"], strength: float) -> Float[Tensor, "n 4"]:
    size, order = groups.abs().sort(dim=1, descending=True)
    tried = [size * torch.tensor([1.0, 1.0, 0.0, 0.0], dtype=size.dtype, device=size.device)]
    for count in (3, 4):
        tried.append(_settled(size, strength, count))
    worth = torch.stack([(w - size).square().sum(dim=1) / 2 + strength * pull(w) for w in tried])
    best = torch.stack(tried)[worth.argmin(dim=0), torch.arange(len(size), device=size.device)]
    return torch.empty_like(groups).scatter_(1, order, best) * groups.sign()


def _settled(size: Float[Tensor, "n 4"], strength: float, count: int) -> Float[Tensor, "n 4"]:
    """A stationary point with at most `count` entries, reached from the sizes themselves."""
    found = size.clone()
    found[:, count:] = 0.0
    for _ in range(SWEEPS):
        before = found.clone()
        for place in reversed(range(count)):
            one, two, three = (found[:, other] for other in range(4) if other != place)
            found[:, place] = (size[:, place] - strength * (one * two + two * three + three * one)).clamp_min(0.0)
        if torch.allclose(before, found, rtol=1e-6, atol=0.0):
            break
    return found
