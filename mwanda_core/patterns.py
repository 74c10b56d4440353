"""Where zeros may lie: anywhere within a comparison group, or N kept of every M neighbours."""

import abc
import dataclasses

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.knobs import choice, whole
from mwanda_core.masks import keep_top, num_pruned
from mwanda_core.parts import Part


class Pattern(Part):
    """Turns scores and a sparsity into kept weights."""

    @abc.abstractmethod
    def keep(self, score: Float[Tensor, "out in"], sparsity: float) -> Bool[Tensor, "out in"]:
        """The kept weights of one matrix at the given sparsity in [0, 1)."""

    def check(self, width: int, where: str) -> None:
        """Refuse a matrix whose input width the pattern cannot divide."""

    @abc.abstractmethod
    def achievable(self, sparsity: float) -> float:
        """The nearest sparsity that the pattern can give."""


@dataclasses.dataclass(frozen=True)
class Unstructured(Pattern):
    """Any weight may go.

    Scope "row" compares weights within one output row (Wanda's choice), "layer" within one matrix.
    """

    title = "Unstructured"
    formula = r"\text{prune the } \lfloor n\,s \rfloor \text{ lowest scores of each group}"
    source = "Sun et al. 2024 (Wanda), section 3: per-output comparison"
    origin = "paper"

    scope: str = choice("row", ("row", "layer"), "The weights that are compared with each other.")

    def keep(self, score: Float[Tensor, "out in"], sparsity: float) -> Bool[Tensor, "out in"]:
        groups = score if self.scope == "row" else score.reshape(1, -1)
        return keep_top(groups, num_pruned(groups.shape[1], sparsity)).view(score.shape)

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

    def keep(self, score: Float[Tensor, "out in"], sparsity: float) -> Bool[Tensor, "out in"]:
        self.check(score.shape[1], "A matrix")
        groups = score.reshape(-1, self.m)
        return keep_top(groups, self.m - self.kept(sparsity)).view(score.shape)

    def achievable(self, sparsity: float) -> float:
        return 1.0 - self.kept(sparsity) / self.m


PATTERNS: dict[str, type[Pattern]] = {"unstructured": Unstructured, "n:m": NtoM}


def parse_pattern(given: str) -> Pattern:
    """`"unstructured"`, `"layer"`, or `"2:4"`, `"4:8"`, any N:M.

    Raises InputError for anything else.
    """
    if given in ("unstructured", "row"):
        return Unstructured()
    if given == "layer":
        return Unstructured(scope="layer")
    left, colon, right = given.partition(":")
    if colon and left.isdigit() and right.isdigit():
        return NtoM(int(left), int(right))
    raise InputError(f"A pattern is 'unstructured', 'layer', or N:M such as 2:4; it was given {given!r}.")


def count_kept(keep: Bool[Tensor, "..."]) -> int:
    """Number of kept weights."""
    return int(torch.count_nonzero(keep))
