r"""How much do the masks of two languages, two methods or two runs have in common?

For the sets A and B of PRUNED weights among the same n weights, with shares pA = |A| / n and pB = |B| / n:

    IoU       = |A & B| / |A | B|
    E         = pA pB / (pA + pB - pA pB)       two independent masks; p / (2 - p) where pA = pB = p: 1/3 at 50 %
    corrected = (IoU - E) / (1 - E)             0: like independent masks, 1: the same mask, below 0: they avoid each other

Over several linears the counts add up, and the expected |A & B| is the sum of pA pB n over the linears at their own shares, so
that two masks which agree only in how sparse each layer is still have a corrected overlap of 0. Where neither prunes anything,
or both everything, the figures that would be 0 / 0 are NaN.

A language's mask is the recipe's cut on that language's statistics alone. Masks of two languages differ for two reasons: the
languages, and the sample of text. Two halves of one language's text differ for the second reason only: their overlap is the
ceiling that an overlap between languages is to be read against (`halves`, `between_halves`). Overlap between languages was
measured by Foroutan et al. 2022 (sub-networks of mBERT) and Kurz et al. 2024 (Wanda and SparseGPT masks); chance correction and
the cross-half comparison are this project's.

Masks are made linear by linear and held as one bit a weight: never is a mask of the whole model, or of all languages, dense.
"""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd
import torch
from jaxtyping import Float, Int, UInt8
from safetensors import SafetensorError, safe_open
from torch import Tensor

from mwanda_core.errors import InputError, RunError

COLUMNS = ("name", "other", "weights", "pruned", "other_pruned", "both", "only", "only_other", "iou", "expected", "corrected")
"""Of `Overlap.table`, after the columns it is grouped by. `only` is pruned in `name` and kept in `other`."""

_CHUNK_BYTES = 2**14
"""Packed bytes unpacked at once: counts up to 2^17 are exact in float32, and the pieces stay in the cache."""


@dataclasses.dataclass(frozen=True)
class Unit:
    """One linear layer whose masks are compared: its name in the whole model, its place, and its number of weights."""

    name: str
    block: int
    module: str
    size: int


@dataclasses.dataclass(frozen=True)
class Overlap:
    """`both[u, i, j]`: weights of unit u that masks i and j both prune, int64; the diagonal is what each prunes."""

    names: tuple[str, ...]
    units: tuple[Unit, ...]
    both: Int[Tensor, "units names names"]

    def expected(self) -> Float[Tensor, "units names names"]:
        """|A & B| of independent masks with the same shares, float64."""
        pruned = self.both.diagonal(dim1=1, dim2=2).double()
        sizes = torch.tensor([unit.size for unit in self.units], dtype=torch.float64)
        return pruned[:, :, None] * pruned[:, None, :] / sizes[:, None, None]

    def matrix(self, figure: str = "corrected") -> Float[Tensor, "names names"]:
        """The whole model's "iou", "expected" or "corrected" for every pair, float64."""
        return _figures(self.both.sum(dim=0), self.expected().sum(dim=0))[figure]

    def table(self, by: Sequence[str] = ()) -> pd.DataFrame:
        """One row an ordered pair (each with itself, too), in total or for each value of `by`: "block", "module" or both."""
        frames = []
        expected = self.expected()
        groups: dict[tuple[int | str, ...], list[int]] = {}
        for index, unit in enumerate(self.units):
            groups.setdefault(tuple(getattr(unit, field) for field in by), []).append(index)
        for key, members in groups.items():
            weights = sum(self.units[i].size for i in members)
            frame = _pairs(self.names, weights, self.both[members].sum(dim=0), expected[members].sum(dim=0))
            for position, (field, value) in enumerate(zip(by, key, strict=True)):
                frame.insert(position, field, value)
            frames.append(frame)
        return pd.concat(frames, ignore_index=True)


def _figures(both: Int[Tensor, "n n"], expected: Float[Tensor, "n n"]) -> dict[str, Tensor]:
    pruned = both.diagonal().double()
    sum_of_sizes = pruned[:, None] + pruned[None, :]
    iou = both / (sum_of_sizes - both)
    chance = expected / (sum_of_sizes - expected)
    return {"iou": iou, "expected": chance, "corrected": (iou - chance) / (1 - chance)}


def _pairs(names: Sequence[str], weights: int, both: Int[Tensor, "n n"], expected: Float[Tensor, "n n"]) -> pd.DataFrame:
    figures = _figures(both, expected)
    pruned = both.diagonal().tolist()
    rows = [
        (
            name, other, weights, pruned[i], pruned[j], int(both[i, j]), pruned[i] - int(both[i, j]), pruned[j] - int(both[i, j]),
            *(float(figures[figure][i, j]) for figure in ("iou", "expected", "corrected")),
        )
        for i, name in enumerate(names)
        for j, other in enumerate(names)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def expected_iou(share: float, other: float) -> float:
    """E[IoU] of two independent masks that prune these shares (NaN where both are 0)."""
    union = share + other - share * other
    return share * other / union if union else float("nan")


def pruned_together(kept: UInt8[Tensor, "names bytes"], size: int) -> Int[Tensor, "names names"]:
    """|A & B| over pruned weights, for masks of one linear packed by `masks.pack` (a set bit is a KEPT weight).

    Counted over kept weights first, |A & B| = n - kept_A - kept_B + kept_both: the padding bits of the last byte are 0 and
    would else count as pruned.
    """
    shifts = torch.arange(8, dtype=torch.uint8, device=kept.device)
    both = torch.zeros(len(kept), len(kept), dtype=torch.int64, device=kept.device)
    for part in kept.split(_CHUNK_BYTES, dim=1):
        bits = ((part[:, :, None] >> shifts) & 1).flatten(1).float()
        both += (bits @ bits.T).long()
    each = both.diagonal()
    return (size - each[:, None] - each[None, :] + both).cpu()


def overlap_of_masks(masks: Mapping[str, Mapping[str, Tensor]], layers: pd.DataFrame) -> Overlap:
    """Overlap of finished prunes: label -> full name -> packed mask (`PruneResult.masks`, or `stored_masks` of a saved run).

    `layers` is the table of the linears (`tables.layers`, or a saved run's): block, module, weights. Raises InputError when the
    runs do not cover the same linears.
    """
    names = tuple(masks)
    first = masks[names[0]]
    for label, found in masks.items():
        if set(found) != set(first):
            raise InputError(
                f"The masks of {label!r} and {names[0]!r} do not cover the same linear layers: compare runs of one model."
            )
    units = _units(list(first), layers)
    counts = []
    for unit in units:
        packed = [masks[label][unit.name] for label in names]
        if any(mask.numel() != (unit.size + 7) // 8 for mask in packed):
            raise InputError(f"A mask of {unit.name} does not have one bit for each of its {unit.size} weights.")
        counts.append(pruned_together(torch.stack(packed), unit.size))
    return Overlap(names, units, torch.stack(counts))


def _units(names: Sequence[str], layers: pd.DataFrame) -> tuple[Unit, ...]:
    """The units in the order of the table, which need not be that of the names (a file has its own)."""
    rows = list(layers[["block", "module", "weights"]].itertuples(index=False, name=None))
    places = {f"{block}.{module}": place for place, (block, module, _) in enumerate(rows)}
    units = {}
    for name in names:
        parts = name.split(".")
        key = next((tail for i in range(len(parts)) if (tail := ".".join(parts[i:])) in places), None)
        if key is None:
            raise InputError(f"The table of layers has no row for {name}: give the table of the run whose masks these are.")
        block, module, weights = rows[places[key]]
        units[places[key]] = Unit(name, int(block), str(module), int(weights))
    return tuple(units[place] for place in sorted(units))


def diff(left: Mapping[str, Tensor], right: Mapping[str, Tensor], layers: pd.DataFrame) -> pd.DataFrame:
    """Two runs' masks, one row a linear: block, module and `COLUMNS` with name "A" (left) and other "B" (right).

    Raises InputError as `overlap_of_masks` does.
    """
    table = overlap_of_masks({"A": left, "B": right}, layers).table(("block", "module"))
    return table[(table["name"] == "A") & (table["other"] == "B")].reset_index(drop=True)


class _Stored(Mapping[str, Tensor]):
    """Reads one mask at a time."""

    def __init__(self, opened: "safe_open") -> None:
        self._opened = opened
        self._names = tuple(opened.keys())

    def __getitem__(self, name: str) -> Tensor:
        if name not in self._names:
            raise KeyError(name)
        return self._opened.get_tensor(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@contextlib.contextmanager
def stored_masks(path: Path) -> Iterator[Mapping[str, Tensor]]:
    """A saved run's `masks.safetensors`, read linear by linear.

    Raises RunError when the file is missing or damaged.
    """
    try:
        opened = safe_open(path, framework="pt")
    except (OSError, SafetensorError) as error:
        raise RunError(f"The masks in {str(path)!r} are missing or damaged and cannot be read.") from error
    with opened as inside:
        yield _Stored(inside)
