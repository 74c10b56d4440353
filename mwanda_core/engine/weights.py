"""Writing into a model so that it can be undone: a failed or cancelled prune leaves every weight bit-identical."""

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.models import LanguageModel, PrunableLinear
from mwanda_core.parts.masks import cut_, num_zeros


def bias_of(linear: PrunableLinear) -> Float[Tensor, " out"] | None:
    """The live bias, or None where the layer has none; writing into it changes the model."""
    bias = linear.module.bias
    return bias.data if isinstance(bias, Tensor) else None


class DenseCopy:
    """Copies each weight and bias the first time it is written, and puts all of them back on `restore`."""

    def __init__(self) -> None:
        self._copies: dict[str, tuple[PrunableLinear, Tensor]] = {}
        self._biases: dict[str, tuple[PrunableLinear, Tensor]] = {}

    @torch.no_grad()
    def save(self, name: str, linear: PrunableLinear, aside: bool = False) -> None:
        """Copy a weight that is about to change, unless it was copied before; `aside`: into the machine's memory, off a GPU."""
        if name not in self._copies:
            self._copies[name] = (linear, linear.weight.to("cpu", copy=True) if aside else linear.weight.clone())

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
        cut_(live, keep)

    def before(self, name: str, linear: PrunableLinear) -> Float[Tensor, "out in"]:
        """The weight as it was before its first write."""
        return self._copies[name][1] if name in self._copies else linear.weight

    @torch.no_grad()
    def lost(self, name: str, linear: PrunableLinear) -> Float[Tensor, "out in"]:
        """Dense weight minus the weight as it is now, float32; zeros if it was never written."""
        return self.before(name, linear).float() - linear.weight.float()

    @torch.no_grad()
    def write_bias(self, name: str, linear: PrunableLinear, new: Float[Tensor, " out"]) -> None:
        """Replace the bias of a layer that has one, rounded to the model's type."""
        bias = bias_of(linear)
        assert bias is not None, f"{name} has no bias"
        if name not in self._biases:
            self._biases[name] = (linear, bias.clone())
        bias.copy_(new)

    @torch.no_grad()
    def shift_bias(self, name: str, linear: PrunableLinear, shift: Float[Tensor, " out"]) -> None:
        """Add to the bias of a layer that has one, in float32."""
        bias = bias_of(linear)
        assert bias is not None, f"{name} has no bias"
        self.write_bias(name, linear, bias.float() + shift)

    @torch.no_grad()
    def restore(self) -> None:
        """The weights and biases as they were before the first write, bit for bit."""
        for linear, copy in self._copies.values():
            linear.weight.copy_(copy)
        for linear, copy in self._biases.values():
            bias = bias_of(linear)
            assert bias is not None
            bias.copy_(copy)
        self._copies.clear()
        self._biases.clear()


def natural_zeros(weight: Tensor) -> int:
    """Exact zeros of a dense weight. Weights expanded from a 4-bit file hold many, which is why sparsity is counted
    from masks and never from zeros."""
    return num_zeros(weight)


def zeros_in(model: LanguageModel) -> int:
    """Exact zeros in all prunable weights of a model."""
    return sum(natural_zeros(linear.weight) for block in model.blocks for linear in block.linears)
