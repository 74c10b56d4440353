"""What changes weights beside the cut: a block's before it, or the kept ones after it.

BlockRepair   between two cuts of a block: nudges its weights so that the pruned block does again what the dense one did
Refit         after the masks of all blocks: new values for the weights kept, linear by linear
"""

import abc
import dataclasses
from collections.abc import Callable, Sequence
from typing import ClassVar

from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from mwanda_core.parts.needs import Scope
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


@dataclasses.dataclass(frozen=True)
class LinearTask:
    """One linear whose mask is final. X are its inputs in the pruned model, Z the same tokens' inputs in the dense one; sums are
    over the tokens of a group (a language, or a part of the text), every language weighted as the recipe weighs it.

    dense: W. weight: the weights as they are, zero where pruned. keep: the mask. gram[g]: X X^T. cross[g]: Z X^T. folds[f]: the
    groups that are left out together. rows: the outputs that groups are judged by; energy[g]: the sum of squares of each of those
    rows' dense outputs, W Z.
    """

    dense: Float[Tensor, "out in"]
    weight: Float[Tensor, "out in"]
    keep: Bool[Tensor, "out in"]
    gram: Float[Tensor, "groups in in"]
    cross: Float[Tensor, "groups in in"]
    folds: tuple[tuple[int, ...], ...]
    rows: Int[Tensor, " rows"]
    energy: Float[Tensor, "groups rows"]


@dataclasses.dataclass(frozen=True)
class Fitted:
    """weight: zero where pruned; None where the weights had better stay as they are. ratios: error of each group's outputs against
    that without repair, by a repair that did not see the group. note: a few words for the table of layers."""

    weight: Float[Tensor, "out in"] | None
    ratios: tuple[float, ...]
    note: str


class Repair(Part):
    """Changes weights beside the cut.

    scope: what it asks a walk to carry, as a need's scope; None where it asks for nothing.
    """

    scope: ClassVar[Scope | None] = None


class BlockRepair(Repair):
    """Changes a block's weights before the final cut."""

    scope: ClassVar[Scope | None] = Scope.SEQUENCES

    @abc.abstractmethod
    def optimise(self, task: BlockTask) -> None:
        """Change `task.weights` in place. The engine makes the final cut itself, so sparsity is exact whatever this does."""

    @abc.abstractmethod
    def steps(self, sequences: int) -> int:
        """How often `task.tick` will be called for a block, for the progress bar."""


class Refit(Repair):
    """Gives the kept weights of one linear after the other new values, when all masks are there."""

    scope = Scope.MODEL

    effort: ClassVar[float] = 1.0
    """Work on one block beside the passes, in passes of the calibration tokens through it; only for the progress bar."""

    @abc.abstractmethod
    def fit(self, task: LinearTask) -> Fitted:
        """New values of the kept weights, or None."""
