r"""DSnoT, dynamic sparse no training: swaps that cancel a row's expected output error (Zhang et al. 2024).

With mu_j and v_j the mean and variance of input channel j over the calibration tokens, a pruned row misses on average

    eps_i = sum over pruned j of W_ij mu_j

Each cycle makes one swap in every row: it brings back the pruned weight g with the highest sign(eps) W_ig mu_g / v_g^power
(it explains most of the error and varies little), and prunes, of the kept weights whose loss moves eps towards zero, that is
sign(eps) W_ip mu_p < 0, the one with the lowest score. Then eps <- eps - W_ig mu_g + W_ip mu_p. The counts of a row stay;
under N:M both weights lie in one group. Languages are mixed with the weights that the recipe's activation gives them, as in
the Gram matrices of the other solvers: mu and v are those of one language for the activation "target", by tokens for most.

Two things are ours: a swap that would overshoot, |eps| growing, ends its row, so that |eps| never rises; and the threshold
is a share of the row's starting |eps| (an absolute one would depend on the units of the activations). The passed score
takes the place of Wanda's in choosing what to prune.
"""

import dataclasses

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from mwanda_core.methods.solvers.base import Solution, Solver
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.knobs import number, whole
from mwanda_core.parts.needs import Need
from mwanda_core.parts.patterns import Pattern
from mwanda_core.parts.statistics import InputStats


@dataclasses.dataclass(frozen=True)
class DSnoT(Solver):
    """Starts from the mask of the scores and swaps weights so that each row's average output error shrinks."""

    title = "DSnoT"
    formula = (
        r"\varepsilon_i = \textstyle\sum_{j \notin M_i} W_{ij}\mu_j,\quad "
        r"g = \arg\max_{j \notin M_i} \operatorname{sign}(\varepsilon_i)\,W_{ij}\mu_j / v_j^{\,a},\quad "
        r"p = \arg\min_{j \in M_i,\ \operatorname{sign}(\varepsilon_i) W_{ij}\mu_j < 0} S_{ij}"
    )
    source = "Zhang et al. 2024 (DSnoT), section 3.2"
    origin = "reconstruction"
    needs = frozenset({Need.MEAN})
    effort = 2.0

    cycles: int = whole(50, 1, 1000, "Most swaps in one output row.")
    threshold: float = number(0.1, 0.0, 1.0, 0.05, "A row is left alone below this share of its starting expected error.")
    power: float = number(1.0, 0.0, 2.0, 0.1, "Exponent a of the input variance when a weight is brought back.")

    def solve(self, evidence: LinearEvidence, score: Float[Tensor, "out in"], pattern: Pattern, sparsity: float) -> Solution:
        keep = pattern.keep(score, sparsity)
        groups = pattern.groups(score.shape, sparsity)
        mean, variance = moments(evidence.stats, evidence.language_weights)
        share = evidence.weight.float() * mean  # W_ij mu_j, what a weight adds to the expected output
        appeal = share / variance.clamp_min(torch.finfo(torch.float32).tiny) ** self.power
        missing = share.masked_fill(keep, 0).sum(dim=1)
        start = missing.abs()
        open_rows = start > 0
        for _ in range(self.cycles):
            swap = choose_swap(share, appeal, score, keep, missing, min(groups.size, score.shape[1]))
            open_rows = open_rows & (missing.abs() > self.threshold * start) & swap.possible
            after = missing - gather(share, swap.regrow) + gather(share, swap.prune)
            open_rows = open_rows & (after.abs() < missing.abs())
            if not bool(open_rows.any()):
                break
            rows = open_rows.nonzero().flatten()
            keep[rows, swap.regrow[rows]], keep[rows, swap.prune[rows]] = True, False
            missing = torch.where(open_rows, after, missing)
        ratio = float(missing.abs().sum() / start.sum()) if bool(start.any()) else 1.0
        return Solution(keep, note=f"expected error {ratio:.3f} of the starting mask's")


def moments(
    stats: InputStats, weights: Float[Tensor, " languages"] | None = None
) -> tuple[Float[Tensor, " in"], Float[Tensor, " in"]]:
    """Mean and variance of every input channel over the mixture of languages, float32 (computed in float64).

    mu_j = sum_l w_l mean_l[j], v_j = sum_l w_l meansq_l[j] - mu_j^2; without weights all tokens count alike.
    """
    by_token = (stats.tokens / stats.tokens.sum() if weights is None else weights.double()) / stats.tokens
    mean = (by_token[:, None] * stats.total).sum(dim=0)
    variance = (by_token[:, None] * stats.sumsq).sum(dim=0) - mean.square()
    return mean.float(), variance.clamp_min(0).float()


@dataclasses.dataclass(frozen=True)
class Swap:
    """One swap per row; `possible` is False where no weight qualifies."""

    regrow: Int[Tensor, " out"]
    prune: Int[Tensor, " out"]
    possible: Bool[Tensor, " out"]


def choose_swap(
    share: Float[Tensor, "out in"],
    appeal: Float[Tensor, "out in"],
    score: Float[Tensor, "out in"],
    keep: Bool[Tensor, "out in"],
    missing: Float[Tensor, " out"],
    cell: int,
) -> Swap:
    """The swap of every row by the two rules of the module docstring, both ends within `cell` neighbouring inputs."""
    sign = missing.sign()[:, None]
    regrow = (sign * appeal).masked_fill_(keep, -torch.inf).max(dim=1)
    helps = keep & (sign * share < 0)
    if cell < score.shape[1]:
        cells = torch.arange(score.shape[1], device=score.device) // cell
        helps &= cells == cells[regrow.indices][:, None]
    prune = score.float().masked_fill(~helps, torch.inf).min(dim=1)
    return Swap(regrow.indices, prune.indices, (regrow.values > 0) & helps.any(dim=1))


def gather(values: Float[Tensor, "out in"], index: Int[Tensor, " out"]) -> Float[Tensor, " out"]:
    """values[i, index[i]]."""
    return values.gather(1, index[:, None])[:, 0]
