r"""LEAP: a gate for every weight, learned by gradient on the model's loss; kept are the weights whose gates are most open.

    g_ij ~ Bernoulli( sigmoid(phi_ij) ),   relaxed:  z = ( phi + logit(u) ) / temperature,  u uniform on (0, 1)
    forward:  W_ij 1[z_ij > 0]             backward: dL/dphi = dL/dw W_ij sigmoid'(z_ij) / temperature
    after each step phi of each group is shifted so that the gates are open at a share 1 - s on average

The start is any score's mask: phi = 6 tanh( certainty log(score / its threshold) / 6 ), so that without learning the mask is that score's. It
was meant as an upper reference for masks that are cheap: it costs a backward pass a sample and round. Gates that are unsure at the start cut by chance what
the score keeps, and what is then learned is how to make up for that (`python -m benchmarks.replicate --only one_calibration --stages certainty`).

Source: LEAP (2026, arXiv 2605.17289); only its abstract could be read (Bernoulli gates by Gumbel-sigmoid, trained on the language-model loss,
from any warm start), so thresholds, the shift, the optimiser (Adam) and all settings are this project's.
"""

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.scores.base import Score
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.knobs import choice, number, whole
from mwanda_core.parts.masks import keep_top
from mwanda_core.parts.needs import Need

MOST, TINY = 6.0, 1e-30
"""The surest gate at the start, and the least score."""


@dataclasses.dataclass(frozen=True)
class Leap(Score):
    """How open a weight's gate is, learned on the loss from the mask of another score on: slow."""

    title = "Learned gates"
    formula = r"S = \varphi,\quad g \sim \mathrm{Bernoulli}(\sigma(\varphi)),\quad \min_\varphi\ \mathbb{E}_g\, L(W \odot g)"
    source = "LEAP 2026 (arXiv 2605.17289), of which only the abstract could be read"
    origin = "reconstruction"
    needs = frozenset({Need.GATES})

    start: str = choice("wanda", ("wanda", "ria", "magnitude"), "Whose mask the gates start from.")
    rounds: int = whole(2, 1, 100, "Times that the samples are gone through.")
    rate: float = number(
        0.05, 0.0, 1.0, 0.01, "How far gates move a step (Adam's learning rate); 0 leaves the mask it started from."
    )
    temperature: float = number(0.5, 0.05, 5.0, 0.05, "Of the relaxed gates: the lower, the harder.")
    certainty: float = number(8.0, 0.1, 20.0, 0.1, "How sure gates are at the start, for a score e times its threshold.")

    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        return evidence.need("gates")


def opened(score: Float[Tensor, "groups n"], pruned: int, certainty: float) -> Float[Tensor, "groups n"]:
    """phi at the start: 0 between the last weight that goes and the first that stays, in the order of the score."""
    order = score.clamp_min(TINY).log()
    if not 0 < pruned < score.shape[1]:
        threshold = order.mean(dim=1, keepdim=True)
    else:
        stays = keep_top(order, pruned)
        last, first = order.masked_fill(stays, -torch.inf).amax(dim=1), order.masked_fill(~stays, torch.inf).amin(dim=1)
        threshold = ((last + first) / 2)[:, None]
    return MOST * torch.tanh(certainty * (order - threshold) / MOST)


def shifted(phi: Float[Tensor, "groups n"], share: float) -> Float[Tensor, "groups n"]:
    """One step of Newton's towards gates that are open at `share` on average, in every group."""
    open_ = phi.sigmoid()
    mean = open_.mean(dim=1, keepdim=True)
    slope = mean - torch.linalg.vecdot(open_, open_)[:, None] / phi.shape[1]
    return phi - (mean - share) / slope.clamp_min(1e-3)
