"""What changes weights beside the cut: a block's before it, or the kept ones after it.

BlockRepair   between two cuts of a block: nudges its weights so that the pruned block does again what the dense one did
Refit         after the masks of all blocks: new values for the weights kept, linear by linear
Training      after that: steps of the whole model's kept weights together
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


@dataclasses.dataclass(frozen=True)
class TrainingTask:
    """A pruned model, to be trained towards the dense one. Sequences are numbered; all are equally long.

    weights: the live weights, zero where pruned, in the model's type. keeps: the masks. learnt[l]: sequences of language l that may be
    learnt from. judged[g]: sequences of group g (a language left out, or text of a language that is not learnt from). length: positions of a sequence.
    gradients(sequences, positions, temperature): of the mean divergence from the dense outputs there, one a weight, float32.
    divergences(): mean divergence of every group, nats a token. tick(): to be called once a step; raises Cancelled when the user asked
    to stop.
    """

    weights: Sequence[Tensor]
    keeps: Sequence[Tensor]
    learnt: Sequence[Sequence[int]]
    judged: Sequence[Sequence[int]]
    length: int
    gradients: Callable[[Sequence[int], Sequence[int], float], Sequence[Tensor]]
    divergences: Callable[[], tuple[float, ...]]
    tick: Callable[[], None]


@dataclasses.dataclass(frozen=True)
class Trained:
    """steps: after how many the weights stand as they do; 0: unchanged. before, after: divergence of every judged group, nats a token."""

    steps: int
    before: tuple[float, ...]
    after: tuple[float, ...]


class Repair(Part):
    """Changes weights beside the cut.

    scope: what it asks a walk to carry, as a need's scope; None where it asks for nothing.
    """

    scope: ClassVar[Scope | None] = None

    @property
    def refit(self) -> "Refit | None":
        """What gives the kept weights new values, linear by linear, when all masks are there."""
        return None


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

    @property
    def refit(self) -> "Refit":
        """Itself."""
        return self

    @abc.abstractmethod
    def fit(self, task: LinearTask) -> Fitted:
        """New values of the kept weights, or None."""


class Training(Repair):
    """Trains the kept weights of all linears, or of a window of them at a time, together, when all masks are there and `refit` has done its work."""

    scope = Scope.MODEL
    at_once: ClassVar[bool] = True
    """Whether all of the model is trained together, not a window of it at a time."""

    @abc.abstractmethod
    def train(self, task: TrainingTask) -> Trained:
        """Change `task.weights` in place, zero where pruned before and after."""

    @abc.abstractmethod
    def passes(self, texts: float, blocks: float, head: float) -> float:
        """Its work in passes of a token through a block, on `texts` tokens of a model of so many blocks whose head is worth `head` of them."""
