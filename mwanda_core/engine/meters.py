"""What is measured at a linear input beside its sums, and too large to keep for all blocks: one meter a need of scope "block".

gram       G = sum_l w_l X_l X_l^T / tokens_l    [in, in]   float32
samples    x at the last token of each sequence  [in, n]    float32
"""

import abc

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.models import TokenBatch
from mwanda_core.parts.needs import Need


class InputMeter(abc.ABC):
    """Measures one distinct input, batch by batch.

    weights: of one token of each language in a mean over languages, w_l / tokens_l (None: no recipe asked).
    """

    def __init__(self, width: int, device: torch.device, weights: Float[Tensor, " languages"] | None) -> None:
        self.weights = weights

    @abc.abstractmethod
    def add(self, x: Float[Tensor, "batch time in"], batch: TokenBatch) -> None:
        """One batch of inputs; padding counts for nothing."""

    @abc.abstractmethod
    def result(self) -> Tensor:
        """What was measured so far."""


class GramMeter(InputMeter):
    """The weighted Gram matrix."""

    def __init__(self, width: int, device: torch.device, weights: Float[Tensor, " languages"] | None) -> None:
        assert weights is not None, "a Gram matrix over languages needs their weights"
        super().__init__(width, device, weights)
        self._roots = weights.to(device).sqrt()
        self._gram = torch.zeros(width, width, device=device)

    def add(self, x: Float[Tensor, "batch time in"], batch: TokenBatch) -> None:
        # The root on both sides of the product gives the weight once.
        weighted = x.float() * self._roots[batch.rows][:, None, None]
        if batch.keep is not None:
            weighted = weighted.masked_fill(~batch.keep[:, :, None], 0)
        flat = weighted.flatten(0, 1)
        self._gram.addmm_(flat.T, flat)

    def result(self) -> Float[Tensor, "in in"]:
        return self._gram


class LastTokenMeter(InputMeter):
    """The inputs at the last token of every sequence."""

    def __init__(self, width: int, device: torch.device, weights: Float[Tensor, " languages"] | None) -> None:
        super().__init__(width, device, weights)
        self._last: list[Tensor] = []

    def add(self, x: Float[Tensor, "batch time in"], batch: TokenBatch) -> None:
        end = -1 if batch.keep is None else batch.keep.sum(dim=1) - 1
        self._last.append(x[torch.arange(len(x), device=x.device), end].float())

    def result(self) -> Float[Tensor, "in n"]:
        return torch.cat(self._last).T.contiguous()


METERS: dict[Need, type[InputMeter]] = {Need.GRAM: GramMeter, Need.SAMPLES: LastTokenMeter}
