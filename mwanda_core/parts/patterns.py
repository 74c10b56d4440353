"""Where zeros may lie: anywhere within a comparison group, or N kept of every M neighbours."""

import abc
import dataclasses
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.parts.knobs import choice, whole
from mwanda_core.parts.masks import keep_top, num_pruned
from mwanda_core.parts.part import Part


@dataclasses.dataclass(frozen=True)
class Groups:
    """The comparison groups of one matrix: `score.reshape(-1, size)`, with `kept` weights staying in every row of that.

    Every pattern is of this form: a group is a whole matrix, a row, or M neighbours of a row.
    """

    size: int
    kept: int

    @property
    def pruned(self) -> int:
        """How many weights of every group go."""
        return self.size - self.kept


class Pattern(Part):
    """Turns scores and a sparsity into kept weights."""

    @abc.abstractmethod
    def groups(self, shape: Sequence[int], sparsity: float) -> Groups:
        """The comparison groups of a matrix of shape (outputs, inputs) at the given sparsity in [0, 1)."""

    def keep(self, score: Float[Tensor, "out in"], sparsity: float) -> Bool[Tensor, "out in"]:
        """The kept weights of one matrix at the given sparsity in [0, 1): the highest scores of every group.

        Raises InputError for a matrix whose input width the pattern cannot divide.
        """
        self.check(score.shape[1], "A matrix")
        groups = self.groups(score.shape, sparsity)
        return keep_top(score.reshape(-1, groups.size), groups.pruned).view(score.shape)

    def check(self, width: int, where: str) -> None:
        """Refuse a matrix whose input width the pattern cannot divide."""

    @abc.abstractmethod
    def achievable(self, sparsity: float) -> float:
        """The nearest sparsity that the pattern can give."""


@dataclasses.dataclass(frozen=True)
class Unstructured(Pattern):
    """Any weight may go.

    Scope "row" compares weights within one output row (Wanda's choice), "layer" within one matrix, "global" within the
    whole model (one matrix at a time is then cut at the sparsity that the common threshold gives it).
    """

    title = "Unstructured"
    formula = r"\text{prune the } \lfloor n\,s \rfloor \text{ lowest scores of each group}"
    source = "Sun et al. 2024 (Wanda), section 3: per-output comparison"
    origin = "paper"

    scope: str = choice("row", ("row", "layer", "global"), "The weights that are compared with each other.")

    def groups(self, shape: Sequence[int], sparsity: float) -> Groups:
        outputs, inputs = shape
        size = inputs if self.scope == "row" else outputs * inputs
        return Groups(size, size - num_pruned(size, sparsity))

    def achievable(self, sparsity: float) -> float:
        return sparsity


@dataclasses.dataclass(frozen=True)
class NtoM(Pattern):
    """Of every `m` neighbouring inputs of a row, the `n` with the highest score are kept.

    2:4 is the pattern that recent GPUs can multiply faster. With `mixed` off every layer has the same n; with `mixed`
    on, a layer of sparsity s keeps round(m (1 - s)) of m, so that an allocation can be followed in steps of 1/m.
    """

    title = "N:M"
    formula = r"\text{keep the } n \text{ highest scores of each } m \text{ consecutive inputs}"
    source = "Zhou et al. 2021; Mishra et al. 2021"
    origin = "paper"

    n: int = whole(2, 1, 63, "Kept weights in each group.")
    m: int = whole(4, 2, 64, "Size of a group of neighbouring inputs.")
    mixed: bool = False

    def __post_init__(self) -> None:
        Part.__post_init__(self)
        if self.n >= self.m:
            raise InputError(f"N:M needs N smaller than M; it was given {self.n}:{self.m}.")

    def check(self, width: int, where: str) -> None:
        if width % self.m:
            raise InputError(
                f"{where} has {width} inputs, which {self.m} does not divide: choose another pattern than {self.n}:{self.m}."
            )

    def kept(self, sparsity: float) -> int:
        """How many of each group stay at this sparsity."""
        if not self.mixed:
            return self.n
        return min(self.m, max(1, round(self.m * (1.0 - sparsity))))

    def groups(self, shape: Sequence[int], sparsity: float) -> Groups:
        return Groups(self.m, self.kept(sparsity))

    def achievable(self, sparsity: float) -> float:
        return 1.0 - self.kept(sparsity) / self.m


PATTERNS: dict[str, type[Pattern]] = {"unstructured": Unstructured, "n:m": NtoM}


def parse_pattern(given: str) -> Pattern:
    """`"unstructured"`, `"layer"`, `"global"`, or `"2:4"`, `"4:8"`, any N:M.

    Raises InputError for anything else.
    """
    if given in ("unstructured", "row"):
        return Unstructured()
    if given in ("layer", "global"):
        return Unstructured(scope=given)
    left, colon, right = given.partition(":")
    if colon and left.isdecimal() and right.isdecimal():
        return NtoM(int(left), int(right))
    raise InputError(f"A pattern is 'unstructured', 'layer', 'global', or N:M such as 2:4; it was given {given!r}.")


def count_kept(keep: Bool[Tensor, "..."]) -> int:
    """Number of kept weights."""
    return int(torch.count_nonzero(keep))
