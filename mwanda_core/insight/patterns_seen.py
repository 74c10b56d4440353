"""Where the zeros of one matrix lie, as a picture can show it: shares by row and by column, local density, a window of single weights.

Only the mask is needed. Everywhere a share is of PRUNED weights, while a mask is True where the weight is kept.
"""

import dataclasses
import itertools

import torch
from jaxtyping import Bool, Float
from torch import Tensor

CELLS = 96
"""Cells along the longer side of the density picture: what a screen can show."""

WINDOW = 64
"""Weights along a side of the window: single ones can still be told apart, and pointed at."""

LARGEST_GROUP = 64


@dataclasses.dataclass(frozen=True)
class Density:
    """Share pruned in each cell of a grid laid over the matrix. `rows` and `columns` are the cells' edges: one more than cells."""

    share: Float[Tensor, "down across"]
    rows: tuple[int, ...]
    columns: tuple[int, ...]


def pruned_by_row(keep: Bool[Tensor, "out in"]) -> Float[Tensor, " out"]:
    """Share of each output row that is pruned, float64."""
    return 1.0 - keep.sum(dim=1).double() / keep.shape[1]


def pruned_by_column(keep: Bool[Tensor, "out in"]) -> Float[Tensor, " in"]:
    """Share of each input channel that is pruned, float64; 1 is a channel that this matrix no longer reads."""
    return 1.0 - keep.sum(dim=0).double() / keep.shape[0]


def edges(size: int, cells: int) -> tuple[int, ...]:
    """Where at most `cells` cells of nearly equal width begin, and where the last ends."""
    cells = min(size, cells)
    return tuple(size * i // cells for i in range(cells + 1))


def density(keep: Bool[Tensor, "out in"], cells: int = CELLS) -> Density:
    """The mask from afar: at most `cells` by `cells` cells, each with the exact share of its weights that is pruned."""
    rows, columns = edges(keep.shape[0], cells), edges(keep.shape[1], cells)
    down = torch.stack([keep[a:b].sum(dim=0) for a, b in itertools.pairwise(rows)])
    total = torch.nn.functional.pad(down.cumsum(dim=1), (1, 0))
    kept = total[:, list(columns[1:])] - total[:, list(columns[:-1])]
    sizes = torch.tensor(rows).diff()[:, None] * torch.tensor(columns).diff()[None, :]
    return Density(1.0 - kept.double() / sizes, rows, columns)


def corner(size: int, middle: int, window: int = WINDOW) -> int:
    """Where a window begins that has `middle` in its middle and lies within the matrix."""
    return max(0, min(size - window, middle - window // 2))


def regular(keep: Bool[Tensor, "out in"]) -> tuple[int, int] | None:
    """(N, M) when every M neighbours of every row keep exactly N, for the smallest M of 2, 4, 8, ... up to 64; None otherwise.

    Whole rows that are kept or pruned make no pattern.
    """
    m = 2
    while m <= LARGEST_GROUP and keep.shape[1] % m == 0:
        counts = keep.reshape(-1, m).sum(dim=1)
        n = int(counts[0])
        if 0 < n < m and bool((counts == n).all()):
            return n, m
        m *= 2
    return None
