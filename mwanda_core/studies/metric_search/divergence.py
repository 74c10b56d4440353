r"""How far two models' predictions are apart, per position, in nats.

    KL = sum_v p_v (log p_v - log q_v)                 p the dense model's, q the pruned one's
    JS = ( KL(p || m) + KL(q || m) ) / 2,   m = (p + q) / 2        at most log 2
    norm = || z_p - z_q ||_2                            raw logits, what OptiShear's released code minimises

The norm sees what no prediction does (a constant added to all logits) and grows with a language's scale of logits; KL and JS do not.
"""

import torch
from jaxtyping import Float
from torch import Tensor

MEASURES = ("kl", "js", "norm")

ROWS = 16
"""Positions taken at once: a row of a large vocabulary is a megabyte."""


def divergences(dense: Float[Tensor, "n vocabulary"], pruned: Float[Tensor, "n vocabulary"]) -> Float[Tensor, "n 3"]:
    """`MEASURES` of every position, float32; the logits may be of any floating type."""
    found = [_piece(p.float(), q.float()) for p, q in zip(dense.split(ROWS), pruned.split(ROWS), strict=True)]
    return torch.cat(found) if found else dense.new_zeros(0, len(MEASURES), dtype=torch.float32)


def _piece(dense: Tensor, pruned: Tensor) -> Tensor:
    norm = (dense - pruned).norm(dim=1)
    p, q = dense.log_softmax(dim=1), pruned.log_softmax(dim=1)
    kl = (p.exp() * (p - q)).sum(dim=1)
    middle = torch.logaddexp(p, q) - torch.log(torch.tensor(2.0))
    js = ((p.exp() * (p - middle)).sum(dim=1) + (q.exp() * (q - middle)).sum(dim=1)) / 2
    # Rounding may leave a divergence of equal predictions just below zero.
    return torch.stack([kl.clamp_min(0.0), js.clamp_min(0.0), norm], dim=1)
