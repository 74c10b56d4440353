"""Wanda as a plain reader of the paper writes it, to compare speeds with: one sample at a time, a statistic at each linear,
two forwards a block, and a full sort of every row.

    S_ij = |W_ij| ||X_j||_2,  the floor(n s) lowest of every row go        (Sun et al. 2024, equation 1)
"""

from typing import Any

import torch
from torch import Tensor, nn

from mwanda_core.corpora import Packed
from mwanda_core.models import LanguageModel, TokenBatch


class _Norm:
    """The running mean over samples of the squared norm of each input channel of one linear."""

    def __init__(self, width: int) -> None:
        self.squares = torch.zeros(width)
        self.samples = 0

    def __call__(self, module: nn.Module, args: Any) -> None:
        x = args[0].detach().reshape(-1, args[0].shape[-1]).float()
        self.samples += 1
        self.squares = self.squares.to(x.device) * ((self.samples - 1) / self.samples) + x.norm(dim=0) ** 2 / self.samples


@torch.no_grad()
def plain_wanda(model: LanguageModel, packed: Packed, sparsity: float) -> dict[str, Tensor]:
    """Prune in place; the masks of all linears by full name."""
    samples = [model.record(TokenBatch(packed.ids[i : i + 1], packed.rows[i : i + 1])) for i in range(len(packed.ids))]
    hidden = [sample.hidden for sample in samples]
    masks = {}
    for block in model.blocks:
        norms = {linear.name: _Norm(linear.weight.shape[1]) for linear in block.linears}
        handles = [linear.module.register_forward_pre_hook(norms[linear.name]) for linear in block.linears]
        for sample, entering in zip(samples, hidden, strict=True):
            model.replay(block, sample, entering)
        for handle in handles:
            handle.remove()
        for linear in block.linears:
            weight = linear.weight
            score = weight.abs() * norms[linear.name].squares.sqrt()
            lowest = score.sort(dim=-1, stable=True).indices[:, : int(weight.shape[1] * sparsity)]
            keep = torch.ones_like(weight, dtype=torch.bool).scatter_(1, lowest, False)
            weight[~keep] = 0
            masks[block.full_name(linear)] = keep
        hidden = [model.replay(block, sample, entering) for sample, entering in zip(samples, hidden, strict=True)]
    return masks
