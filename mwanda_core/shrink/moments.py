"""Second moments of what enters a down projection, or an output projection of attention, mixed over languages.

    C = sum_l w_l E_l[z z^T],    m = sum_l w_l E_l[z],    z = act(gate x) * (up x)  [neurons],   sum_l w_l = 1

Every language counts by its weight and not by its number of tokens. Only the mixture is kept: 4 bytes times neurons squared a block.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mwanda_core.corpora import Packed
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.shrink.gated import DOWN, linear_of

BATCH = 8
"""Sequences at once."""


@dataclasses.dataclass(frozen=True, eq=False)
class Moments:
    """Of one block."""

    second: Float[Tensor, "neurons neurons"]
    first: Float[Tensor, " neurons"]


def scales(packed: Packed, weights: Mapping[str, float]) -> Float[Tensor, " sequences"]:
    """What each sequence counts: its language's weight over the language's tokens."""
    tokens = torch.bincount(packed.rows, minlength=len(packed.languages)) * packed.ids.shape[1]
    mass = torch.tensor([weights[code] for code in packed.languages], dtype=torch.float32)
    return (mass / mass.sum() / tokens)[packed.rows]


@torch.no_grad()
def moments(
    model: LanguageModel, packed: Packed, weights: Mapping[str, float], monitor: Monitor, name: str = DOWN
) -> tuple[Moments, ...]:
    """Of every block's linear layer of a name, in one pass over the tokens. Units of progress: sequences."""
    downs = [linear_of(block, name) for block in model.blocks]
    seconds = [torch.zeros(d.weight.shape[1], d.weight.shape[1], device=model.device) for d in downs]
    firsts = [torch.zeros(d.weight.shape[1], device=model.device) for d in downs]
    each = scales(packed, weights)
    now = each[:0]

    def hook(number: int) -> Any:
        def add(module: nn.Module, args: tuple[Tensor, ...]) -> None:
            z = args[0].float() * now.sqrt()[:, None, None]
            flat = z.flatten(0, 1)
            seconds[number].addmm_(flat.T, flat)
            firsts[number].add_((z * now.sqrt()[:, None, None]).sum(dim=(0, 1)))

        return add

    handles = [d.module.register_forward_pre_hook(hook(number)) for number, d in enumerate(downs)]
    try:
        for start in range(0, len(packed.ids), BATCH):
            now = each[start : start + BATCH].to(model.device)
            model.hidden(packed.ids[start : start + BATCH])
            monitor.advance(float(len(now)))
    finally:
        for handle in handles:
            handle.remove()
    return tuple(Moments(c, m) for c, m in zip(seconds, firsts, strict=True))


def equal_weights(languages: Sequence[str]) -> dict[str, float]:
    """Every language the same."""
    return {code: 1 / len(languages) for code in languages}
