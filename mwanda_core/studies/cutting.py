"""A model cut from statistics at hand, for as long as a question is asked of it: no calibration pass, no run, no file."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence

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
