"""A model cut from statistics at hand, for as long as a question is asked of it: no calibration pass, no run, no file."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor

from mwanda_core.engine.measure import BlockStats
from mwanda_core.engine.plan import evidence_of
from mwanda_core.engine.weights import DenseCopy
from mwanda_core.methods.composition import Recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import pack, unpack


@contextlib.contextmanager
def cut_from(model: LanguageModel, recipe: Recipe, stats: Sequence[BlockStats], sparsity: float) -> Iterator[None]:
    """Inside, every linear keeps the highest scores of the recipe on these statistics; afterwards the weights are dense again."""
    with cut_to(model, masks_from(model, recipe, stats, sparsity)):
        yield


def masks_from(
    model: LanguageModel, recipe: Recipe, stats: Sequence[BlockStats], sparsity: float | Sequence[float]
) -> dict[str, Tensor]:
    """Packed masks by full name, of the dense model; one sparsity, or one a block."""
    each = [sparsity] * len(model.blocks) if isinstance(sparsity, int | float) else list(sparsity)
    found = {}
    for block, share in zip(model.blocks, each, strict=True):
        for item in evidence_of(recipe, block, stats[block.index]).linears.values():
            found[item.name] = pack(recipe.pattern.keep(recipe.score(item), share)).cpu()
    return found


@contextlib.contextmanager
def cut_to(model: LanguageModel, masks: Mapping[str, Tensor]) -> Iterator[None]:
    """Inside, the model's weights are cut to packed masks; linears without one stay dense."""
    dense = DenseCopy()
    try:
        for block in model.blocks:
            for linear in block.linears:
                name = block.full_name(linear)
                if name in masks:
                    dense.write(name, linear, unpack(masks[name], tuple(linear.weight.shape)).to(linear.weight.device))
        yield
    finally:
        dense.restore()


@contextlib.contextmanager
def rounded_to(model: LanguageModel, bits: int = 4, group: int = 32) -> Iterator[None]:
    """Inside, every linear's weights are rounded to the nearest of 2^bits - 1 steps, symmetric, with one scale for each `group` inputs of a row (the whole
    row where its width is no multiple); afterwards they are as they were, bit for bit.

    Plain round-to-nearest, not GPTQ or AWQ. A model whose weights were expanded from a 4-bit file is rounded a second time.
    """
    dense, top = DenseCopy(), 2 ** (bits - 1) - 1
    try:
        for block in model.blocks:
            for linear in block.linears:
                weight = linear.weight.float()
                parts = weight.reshape(-1, group if weight.shape[1] % group == 0 else weight.shape[1])
                scale = (parts.abs().amax(dim=1, keepdim=True) / top).clamp(min=torch.finfo(torch.float32).tiny)
                rounded = (parts / scale).round().clamp(-top, top).mul(scale).reshape(weight.shape)
                dense.write(block.full_name(linear), linear, torch.ones_like(weight, dtype=torch.bool), rounded)
        yield
    finally:
        dense.restore()
