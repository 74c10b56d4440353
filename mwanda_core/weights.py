"""Writing into a model so that it can be undone: a failed or cancelled prune leaves every weight bit-identical."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.models import LanguageModel, PrunableLinear


class DenseCopy:
    """Copies each weight the first time it is written, and puts all of them back on `restore`."""

    def __init__(self) -> None:
        self._copies: dict[str, tuple[PrunableLinear, Tensor]] = {}

    @torch.no_grad()
    def save(self, name: str, linear: PrunableLinear) -> None:
        """Copy a weight that is about to change, unless it was copied before."""
        if name not in self._copies:
            self._copies[name] = (linear, linear.weight.clone())

    @torch.no_grad()
    def write(
        self,
        name: str,
        linear: PrunableLinear,
        keep: Bool[Tensor, "out in"],
        weight: Float[Tensor, "out in"] | None = None,
    ) -> None:
        """Zero what is not kept; `weight` holds a solver's new values (None: the old ones stay)."""
        self.save(name, linear)
        live = linear.weight
        if weight is not None:
            live.copy_(weight)
        # masked_fill, not multiplication: NaN times 0 is not 0.
        live.masked_fill_(~keep, 0)

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
