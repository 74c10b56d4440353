"""Between two cuts of a block: nudge its weights so that the pruned block does again what the dense one did."""

import abc
import dataclasses
from collections.abc import Callable, Sequence

from torch import Tensor, nn

from mwanda_core.parts.part import Part


@dataclasses.dataclass(frozen=True)
class BlockTask:
    """One block in float32, to be repaired.

    weights: its prunable weights, asking for gradients. forward(i): the block's output for sequence i as its weights are now.
    targets[i]: the dense block's output for the same input. cut(): zeroes what the recipe would prune of the weights as
    they are now. tick(): to be called once a step; raises Cancelled when the user asked to stop.
    """

    weights: Sequence[nn.Parameter]
    forward: Callable[[int], Tensor]
    targets: Sequence[Tensor]
    cut: Callable[[], None]
    tick: Callable[[], None]


class Repair(Part):
    """Changes a block's weights before the final cut."""

    @abc.abstractmethod
    def optimise(self, task: BlockTask) -> None:
        """Change `task.weights` in place. The engine makes the final cut itself, so sparsity is exact whatever this does."""

    @abc.abstractmethod
    def steps(self, sequences: int) -> int:
        """How often `task.tick` will be called for a block, for the progress bar."""
