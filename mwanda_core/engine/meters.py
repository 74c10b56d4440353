"""What is measured at a linear input: its sums, and what is too large to keep for all blocks, one meter a need of scope "block".

gram       G = sum_l w_l X_l X_l^T / tokens_l    [in, in]   float32
samples    x at the last token of each sequence  [in, n]    float32
"""

import abc
import dataclasses
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.models import TokenBatch
from mwanda_core.parts.needs import Need
from mwanda_core.parts.statistics import Accumulator

Total = Callable[[Tensor], Tensor]
"""The sum of a vector over all processes."""


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

    @staticmethod
    @abc.abstractmethod
    def add_up(mine: Tensor, rank: int, size: int, total: Total) -> Tensor:
        """The result for the sequences of all `size` processes, of which this one had every size-th from `rank` on."""


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

    @staticmethod
    def add_up(mine: Tensor, rank: int, size: int, total: Total) -> Float[Tensor, "in in"]:
        return total(mine.flatten()).view(mine.shape)


class LastTokenMeter(InputMeter):
    """The inputs at the last token of every sequence."""

    def __init__(self, width: int, device: torch.device, weights: Float[Tensor, " languages"] | None) -> None:
        super().__init__(width, device, weights)
        self._width = width
        self._last: list[Tensor] = []

    def add(self, x: Float[Tensor, "batch time in"], batch: TokenBatch) -> None:
        end = -1 if batch.keep is None else batch.keep.sum(dim=1) - 1
        self._last.append(x[torch.arange(len(x), device=x.device), end].float())

    def result(self) -> Float[Tensor, "in n"]:
        return torch.cat(self._last).T.contiguous() if self._last else torch.zeros(self._width, 0)

    @staticmethod
    def add_up(mine: Tensor, rank: int, size: int, total: Total) -> Float[Tensor, "in all"]:
        count = int(total(torch.tensor([float(mine.shape[1])], device=mine.device)))
        whole = torch.zeros(len(mine), count, device=mine.device)
        whole[:, rank::size] = mine  # Everyone else has zeros there, so the sum is in the order of one process.
        return total(whole.flatten()).view(whole.shape)


METERS: dict[Need, type[InputMeter]] = {Need.GRAM: GramMeter, Need.SAMPLES: LastTokenMeter}


@dataclasses.dataclass(frozen=True)
class Wants:
    """What to measure beside sums of squares. weights: of one token of each language in means over languages,
    w_l / tokens_l, for needs that take such a mean (a Gram matrix). shares: what each language weighs (`InputStats.weights`)."""

    needs: frozenset[Need] = frozenset()
    weights: Float[Tensor, " languages"] | None = None
    shares: tuple[float, ...] | None = None


class InputMeters:
    """Everything measured at one distinct input of a block."""

    def __init__(self, languages: Sequence[str], width: int, device: torch.device, wants: Wants) -> None:
        shares = None if wants.shares is None else torch.tensor(wants.shares, dtype=torch.float64)
        self.sums = Accumulator(languages, width, device, wants.needs, shares)
        self.others = {need: meter(width, device, wants.weights) for need, meter in METERS.items() if need in wants.needs}

    def add(self, x: Float[Tensor, "batch time in"], batch: TokenBatch) -> None:
        """One batch."""
        self.sums.add(x, batch.rows, batch.keep)
        for meter in self.others.values():
            meter.add(x, batch)


def by_sequence(x: Tensor, ids: Int[Tensor, "batch time"]) -> Float[Tensor, "batch rows in"]:
    """Some families flatten batch and time before a linear (OPT), or send several states of every token through it (Gemma 3n before
    the batch, DeepSeek V4 behind the time): bring the rows of each sequence together.

    Raises InputError for an input in which they cannot be told apart.
    """
    batch, time = ids.shape
    if x.dim() == 3 and x.shape[0] == batch:
        return x
    if x.dim() == 2 and len(x) == batch * time:
        return x.view(batch, time, -1)
    if x.dim() > 3 and x.shape[0] == batch and (x.shape[1] == time or x.shape[1:3] != ids.shape):
        return x.flatten(1, -2)
    if x.dim() == 4 and x.shape[1] == batch:
        return x.transpose(0, 1).flatten(1, 2)
    if x.dim() < 4 and x.numel() % (batch * x.shape[-1]) == 0 and x.shape[0] % batch == 0:
        return x.reshape(batch, -1, x.shape[-1])
    raise InputError(
        f"A linear layer reads an input of shape {list(x.shape)} for {batch} sequences of {time} tokens, in which tokens cannot be told "
        "apart: choose another model."
    )


def routed_tokens(x: Tensor, batch: TokenBatch) -> tuple[Float[Tensor, "one some in"], TokenBatch]:
    """The tokens that a router chose from a batch of one language, as one sequence of it."""
    chosen = x.reshape(1, -1, x.shape[-1])
    return chosen, TokenBatch(batch.ids.new_zeros(chosen.shape[:2]), batch.rows[:1])
