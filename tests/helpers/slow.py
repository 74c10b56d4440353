"""Pruning by its definition: no recorded calls, no shared statistics, float64, a full sort. Knows nothing of the library
but where a model's blocks are."""

import tiny
import torch
from torch import Tensor, nn

from mwanda_core.models import LanguageModel


@torch.no_grad()
def squares_at_inputs(model: LanguageModel, block: nn.Module, ids: Tensor) -> dict[str, Tensor]:
    """Run the whole model and add up, in float64, the squares of what every linear of a block reads."""
    sums: dict[str, Tensor] = {}

    def note(name: str):  # type: ignore[no-untyped-def]
        def hook(module: nn.Module, args: tuple[Tensor, ...]) -> None:
            sums[name] = args[0].double().reshape(-1, args[0].shape[-1]).square().sum(dim=0)

        return hook

    handles = [m.register_forward_pre_hook(note(name)) for name, m in tiny.linear_modules(block).items()]
    try:
        model.hf(input_ids=ids)
    finally:
        for handle in handles:
            handle.remove()
    return sums


def wanda_mask(weight: Tensor, sumsq: Tensor, sparsity: float) -> Tensor:
    """|W| times the norm of its input; of every row the floor(n * sparsity) lowest go, the first by index among equals."""
    score = weight.double().abs() * sumsq.sqrt()
    keep = torch.ones_like(weight, dtype=torch.bool)
    pruned = int(weight.shape[1] * sparsity + 1e-9)
    for row in range(len(weight)):
        order = sorted(range(weight.shape[1]), key=lambda j: float(score[row, j]))
        keep[row, order[:pruned]] = False
    return keep


@torch.no_grad()
def write(module: nn.Module, keep: Tensor) -> None:
    """Zero what is not kept."""
    stored = keep if isinstance(module, nn.Linear) else keep.T
    module.weight[~stored] = 0.0


def wanda(model: LanguageModel, ids: Tensor, sparsity: float, sequential: bool) -> dict[str, Tensor]:
    """Wanda's masks by full name. Sequential: for each block, run the whole model as it stands, measure, prune. Otherwise
    everything is measured before anything is pruned."""
    masks: dict[str, Tensor] = {}
    before = [squares_at_inputs(model, block.module, ids) for block in model.blocks]
    for block in model.blocks:
        sums = squares_at_inputs(model, block.module, ids) if sequential else before[block.index]
        for name, module in tiny.linear_modules(block.module).items():
            keep = wanda_mask(tiny.oriented(module), sums[name], sparsity)
            masks[f"{block.path}.{name}"] = keep
            write(module, keep)
    return masks
