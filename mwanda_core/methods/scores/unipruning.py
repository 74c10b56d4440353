r"""UniPruning: the score is a state that follows a local saliency while the weights follow the task (Ding et al. 2025).

    min over W, Gamma:   L_task(W) + rho/2 ||Gamma - S(W, X)||^2 + lam ||Gamma||_1
    V <- V + k (S - Gamma),    Gamma = shrink(V, t),    kept: the largest |Gamma|, of the ORIGINAL weights

    wanda      S_ij = |W_ij| x2_j^{1/2}
    ria        S_ij = ( |W_ij| / sum_i |W_ij| + |W_ij| / sum_j |W_ij| ) x2_j^power
    stochria   as ria, each sum over a random share of its terms, drawn anew for every row and column

In the 2:4 run the weights are pulled as well, W <- prox(W) after every step (`engine/two_four.py`).

x2_j is the mean square of input j over the sample; S is divided by its mean over the matrix, so that S does not change when W is
multiplied by a number (hence <dS-coupling/dW, W> = 0, which a test checks). `engine/mirror.py` walks the samples and measures Gamma.

Sources. The paper's equations could not be read; the objective is as its reviewers state it. mode "released" does what the released code
does (gradients accumulate over all samples, no coupling gradient, t = the lam-quantile of |V|), mode "objective" what the objective
says. Nothing is copied from the released code, whose licence excludes use in the European Union; formulas are not subject to it.
Different here in both modes: V is float32 (bfloat16 keeps a thousand distinct values), terms of a sum are drawn with replacement.
"""

import dataclasses

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.scores.base import Score
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.knobs import choice, number
from mwanda_core.parts.needs import Need

_TINY = 1e-12


@dataclasses.dataclass(frozen=True)
class UniPruning(Score):
    """A state that smooths a local saliency over samples while the weights move along the task's gradient; one state serves every sparsity."""

    title = "UniPruning"
    formula = r"V \leftarrow V + k\,(S(W,X) - \Gamma),\quad \Gamma = \operatorname{shrink}(V, t),\quad S_{ij} = \lvert\Gamma_{ij}\rvert"
    source = "Ding et al. 2025 (UniPruning); objective as its reviewers state it, or as its released code does"
    origin = "reconstruction"
    needs = frozenset({Need.GAMMA})

    mode: str = choice("objective", ("objective", "released"), "The objective's own gradient, or what the released code does.")
    metric: str = choice("stochria", ("wanda", "ria", "stochria"), "The local saliency that the state follows.")
    learning_rate: float = number(1e-4, 0.0, 0.01, 0.0001, "Of AdamW on the weights; 0 leaves them alone: a smoothed saliency.")
    step: float = number(0.01, 0.0001, 1.0, 0.01, "k, how fast the state follows the saliency.")
    threshold: float = number(
        0.001, 0.0, 0.5, 0.001, "lam: released, the share of |V| below the threshold; objective, the threshold itself."
    )
    coupling: float = number(1e-5, 0.0, 1.0, 0.00001, "rho, how much the weights give way to the state; objective only.")
    power: float = number(0.35, 0.0, 1.0, 0.05, "Exponent of the mean square of an input in RIA.")
    share: float = number(0.2, 0.01, 1.0, 0.05, "Share of the terms in a random sum.")
    two_four: float = number(
        0.0,
        0.0,
        1.0,
        0.0005,
        "lambda2, how strongly the moving weights are pulled towards 2:4; the released code has 0.001 there.",
    )
    states: str = choice(
        "one", ("one", "each"), "One state for all languages, or one for each: then a mix can be chosen afterwards."
    )

    def __call__(self, evidence: LinearEvidence) -> Float[Tensor, "out in"]:
        return evidence.need("gamma").abs()


def saliency(
    weight: Float[Tensor, "out in"], mean_square: Float[Tensor, " in"], settings: UniPruning, draws: torch.Generator
) -> Float[Tensor, "out in"]:
    """S(W, X), mean 1; differentiable in the weight."""
    size = weight.abs()
    if settings.metric == "wanda":
        found = size * mean_square.sqrt()
    else:
        rows, columns = (_sums if settings.metric == "ria" else _random_sums)(size, settings.share, draws)
        found = (size / columns.clamp_min(_TINY) + size / rows.clamp_min(_TINY)) * mean_square**settings.power
    return found / found.mean().clamp_min(_TINY)


def _sums(size: Tensor, share: float, draws: torch.Generator) -> tuple[Tensor, Tensor]:
    """Sum of every row [out, 1] and every column [1, in]."""
    return size.sum(dim=1, keepdim=True), size.sum(dim=0, keepdim=True)


def _random_sums(size: Tensor, share: float, draws: torch.Generator) -> tuple[Tensor, Tensor]:
    """The same over `share` of min(out, in) random terms of each."""
    outputs, inputs = size.shape
    count = max(1, int(share * min(outputs, inputs)))
    columns = torch.randint(inputs, (outputs, count), generator=draws).to(size.device)
    rows = torch.randint(outputs, (count, inputs), generator=draws).to(size.device)
    return size.gather(1, columns).sum(dim=1, keepdim=True), size.gather(0, rows).sum(dim=0, keepdim=True)


def shrunk(state: Float[Tensor, "out in"], settings: UniPruning) -> Float[Tensor, "out in"]:
    """Gamma = sign(V) max(|V| - t, 0): t is the threshold itself, or (released) that quantile of |V|, of at most 100 000 of its entries."""
    size = state.abs()
    limit = torch.tensor(settings.threshold, device=state.device)
    if settings.mode == "released":
        flat = size.flatten()
        some = flat[:: max(1, len(flat) // 100_000)]
        limit = some.kthvalue(1 + int(settings.threshold * (len(some) - 1))).values if settings.threshold else limit * 0.0
    return state.sign() * (size - limit).clamp_min(0.0)
