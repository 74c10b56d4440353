r"""Sparsities that were found elsewhere, block by block: by a search (`studies.metric_search`), or by hand.

    s_k = s + d_k - const          d_k given, const so that the parameter-weighted mean is s

Differences, not sparsities, are kept, so that what was found at one target can be tried at another.
"""

import dataclasses
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.allocation.base import Allocation, recentre
from mwanda_core.parts.evidence import BlockEvidence
from mwanda_core.parts.knobs import text
from mwanda_core.parts.part import Part


@dataclasses.dataclass(frozen=True)
class Given(Allocation):
    """Each block's sparsity differs from the target by what is given for it."""

    title = "Given block by block"
    formula = r"s_k = s + d_k - \text{const}"
    source = "whoever gives them: this project's search over block sparsities (after OptiShear and EvoPress) writes them"
    origin = "own"
    reads_statistics = False

    differences: str = text(
        "", "For example 0.05, -0.05, 0: what each block's sparsity differs by, the first block first; blocks not named by 0."
    )

    def __post_init__(self) -> None:
        Part.__post_init__(self)
        parse_differences(self.differences)

    def importance(self, blocks: Sequence[BlockEvidence]) -> Float[Tensor, " blocks"]:
        """What each block keeps more than the others. Raises InputError for more differences than blocks."""
        given = parse_differences(self.differences)
        if len(given) > len(blocks):
            raise InputError(f"Differences were given for {len(given)} blocks, and the model has {len(blocks)}.")
        return -torch.tensor([*given, *[0.0] * (len(blocks) - len(given))], dtype=torch.float64)

    def spread(
        self, importance: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float
    ) -> Float[Tensor, " blocks"]:
        return recentre(-importance, sizes, target)


def parse_differences(given: str) -> list[float]:
    """The numbers of a text such as "0.05, -0.05".

    Raises InputError for anything else, or a number outside -1 to 1.
    """
    try:
        found = [float(word) for word in given.split(",")] if given.strip() else []
    except ValueError:
        found = [2.0]
    if not all(-1.0 <= one <= 1.0 for one in found):
        raise InputError(f"Differences are numbers from -1 to 1 such as 0.05, -0.05; they were given as {given[:80]!r}.")
    return found
