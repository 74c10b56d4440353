"""Writing into a model so that it can be undone: a failed or cancelled prune leaves every weight bit-identical."""

import torch
from torch import Tensor

from mwanda_core.models import LanguageModel, PrunableLinear
from mwanda_core.solvers import Solution


class DenseCopy:
    """Copies each weight the first time it is written, and puts all of them back on `restore`."""

    def __init__(self) -> None:
        self._copies: dict[str, tuple[PrunableLinear, Tensor]] = {}

    @torch.no_grad()
    def write(self, name: str, linear: PrunableLinear, solution: Solution) -> None:
        """Zero what is not kept, or take the solver's new weights where it kept."""
        weight = linear.weight
        if name not in self._copies:
            self._copies[name] = (linear, weight.clone())
        if solution.weight is not None:
            weight.copy_(solution.weight)
        # masked_fill, not multiplication: -0.0 and NaN times 0 are not 0.
        weight.masked_fill_(~solution.keep, 0)

    @torch.no_grad()
    def restore(self) -> None:
        """The weights as they were before the first write, bit for bit."""
        for linear, copy in self._copies.values():
            linear.weight.copy_(copy)
        self._copies.clear()


def natural_zeros(weight: Tensor) -> int:
    """Exact zeros of a dense weight. Weights expanded from a 4-bit file hold many, which is why sparsity is counted
    from masks and never from zeros."""
    return weight.numel() - int(torch.count_nonzero(weight))


def zeros_in(model: LanguageModel) -> int:
    """Exact zeros in all prunable weights of a model."""
    return sum(natural_zeros(linear.weight) for block in model.blocks for linear in block.linears)
