r"""A model of which only a part still works, and how faithful that part is.

    zero     what is left out is 0: what pruning does
    mean     a neuron (or head) left out gives its mean over the reference prompts

    f(C) = ( m(C) - m(nothing) ) / ( m(whole) - m(nothing) )        m: mean margin; 1: as the whole model, 0: as with no part
    CPR  = area under f over the share kept,   CMD = area between f and 1           Mueller et al. 2025 (MIB), section 3

CPR and CMD are taken over the logarithm of the share here, with the trapezoid rule between the shares asked for: circuits are small,
and on a linear axis the shares above 10 % would decide alone. The first token of a prompt keeps its neurons and heads under "mean": every
attention head that has nothing to do looks at it, and without its large activations no part of the model works.
"""

import contextlib
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.engine.weights import DenseCopy
from mwanda_core.insight.mlps import Mlp
from mwanda_core.models import LanguageModel
from mwanda_core.studies.circuits.components import Units, downs, mlp_linears, watched

ABLATIONS = ("mean", "zero")


def top(scores: Float[Tensor, " n"], share: float) -> Bool[Tensor, " n"]:
    """The highest ceil(share n), ties by index."""
    count = math.ceil(share * len(scores) - 1e-9)
    kept = torch.zeros(len(scores), dtype=torch.bool)
    kept[scores.argsort(descending=True, stable=True)[:count]] = True
    return kept


@contextlib.contextmanager
def only_units(
    model: LanguageModel, parts: Sequence[Units], kept: Bool[Tensor, " units"], means: Float[Tensor, " entries"] | None = None
) -> Iterator[None]:
    """Inside, neurons (or heads) that are not kept give 0, or their means (all tokens but the first)."""
    keeps = [
        found.repeat_interleave(part.width).to(model.device)
        for found, part in zip(kept.split([part.units for part in parts]), parts, strict=True)
    ]
    others = (
        None if means is None else [found.to(model.device, model.dtype) for found in means.split([len(one) for one in keeps])]
    )

    def see(index: int, h: Tensor) -> Tensor:
        if others is None:
            return h * keeps[index]
        mixed = torch.where(keeps[index], h, others[index])
        return torch.cat([h[:, :1], mixed[:, 1:]], dim=1)

    with watched([linear.module for linear in downs(model, parts)], see):
        yield


@contextlib.contextmanager
def only_weights(model: LanguageModel, mlps: Sequence[Mlp], scores: Mapping[str, Tensor], share: float) -> Iterator[None]:
    """Inside, of all MLP weights together only the highest `share` are not 0; afterwards the weights are as before, bit for bit."""
    everything = torch.cat([score.flatten().cpu() for score in scores.values()])
    keep = top_flat(everything, share)
    dense, linears, start = DenseCopy(), mlp_linears(model, mlps), 0
    try:
        for name, score in scores.items():
            part = keep[start : start + score.numel()].view(score.shape)
            start += score.numel()
            dense.write(name, linears[name], part.to(model.device))
        yield
    finally:
        dense.restore()


def top_flat(scores: Float[Tensor, " n"], share: float) -> Bool[Tensor, " n"]:
    """As `top`, without sorting millions: all above the threshold, and of equal ones the first."""
    count = math.ceil(share * len(scores) - 1e-9)
    if count in (0, len(scores)):
        return torch.full((len(scores),), count > 0)
    threshold = scores.kthvalue(len(scores) - count + 1).values
    keep = scores > threshold
    equal = (scores == threshold).nonzero().flatten()[: count - int(keep.sum())]
    keep[equal] = True
    return keep


def faithfulness(part: float, nothing: float, whole: float) -> float:
    """f(C) of the module's docstring; NaN where the whole model does no better than nothing."""
    return (part - nothing) / (whole - nothing) if whole > nothing else math.nan


def areas(shares: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """(CPR, CMD) over the logarithm of the share, as means: a curve that is 1 everywhere has (1, 0)."""
    logs = [math.log(share) for share in shares]
    width = logs[-1] - logs[0]
    under = apart = 0.0
    for (a, v), (b, w) in itertools.pairwise(zip(logs, values, strict=True)):
        under += (v + w) / 2 * (b - a)
        apart += (abs(1 - v) + abs(1 - w)) / 2 * (b - a)
    return (under / width, apart / width) if width else (math.nan, math.nan)


def smallest(shares: Sequence[float], values: Sequence[float], wanted: float) -> float:
    """The least share from which on every larger one is at least `wanted` faithful; NaN where there is none."""
    found = math.nan
    for share, value in sorted(zip(shares, values, strict=True), reverse=True):
        if not value >= wanted:
            break
        found = share
    return found
