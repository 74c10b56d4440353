"""What a prune leaves behind: masks, outcomes per linear, sparsity per block, and the way back."""

import dataclasses
from collections.abc import Mapping
from typing import Literal

from torch import Tensor

from mwanda_core.engine.measure import BlockStats
from mwanda_core.engine.mirror import Mirror
from mwanda_core.engine.weights import DenseCopy
from mwanda_core.methods.composition import Recipe

Mode = Literal["sequential", "one-pass", "per-linear"]
MODES: tuple[Mode, ...] = ("sequential", "one-pass", "per-linear")


@dataclasses.dataclass(frozen=True)
class LinearOutcome:
    """What happened to one linear layer. `zeros_before` counts exact zeros of the dense weight."""

    block: int
    module: str
    kind: str
    outputs: int
    inputs: int
    allocated: float
    kept: int
    zeros_before: int
    note: str = ""

    @property
    def size(self) -> int:
        """Number of weights."""
        return self.outputs * self.inputs

    @property
    def achieved(self) -> float:
        """Share of weights that the mask removes."""
        return 1.0 - self.kept / self.size


@dataclasses.dataclass(frozen=True)
class LayerAllocation:
    """Importance and sparsity per block, and the block sizes they are weighted with."""

    importance: tuple[float, ...]
    sizes: tuple[int, ...]
    sparsity: tuple[float, ...]


@dataclasses.dataclass(frozen=True)
class PruneResult:
    """A finished prune. `masks` are bit-packed (see `masks.pack`), by the full name of the linear.

    updates: new weights [out, in] where a solver or a repair made some, under the full name of the linear, and new biases
    [out] where the score moved some, under that name and ".bias". stats: what the masks were cut from, one entry per
    block. recipe: as carried out, with the weights of languages where it looked for some. notes: one sentence each, for the reader of a report. mirror: the states of UniPruning, where masks were cut from them.
    """

    recipe: Recipe
    sparsity: float
    mode: Mode
    allocation: LayerAllocation
    linears: tuple[LinearOutcome, ...]
    masks: Mapping[str, Tensor]
    updates: Mapping[str, Tensor]
    stats: tuple[BlockStats, ...]
    dense: DenseCopy
    seconds: float
    notes: tuple[str, ...]
    mirror: Mirror | None = None

    @property
    def achieved(self) -> float:
        """Share of all prunable weights that the masks remove."""
        return 1.0 - sum(o.kept for o in self.linears) / sum(o.size for o in self.linears)

    def restore(self) -> None:
        """Give the model its dense weights back, bit for bit."""
        self.dense.restore()
