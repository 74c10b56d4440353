r"""What the circuits of several languages have in common.

    IoU = |A & B| / |A | B|,    expected of unrelated circuits of one size k of n:  k / (2n - k),    corrected = (IoU - E) / (1 - E)

The ceiling is the overlap of circuits that two halves of one language's prompts give; it stands where a language meets itself.
"""

import itertools
from collections.abc import Mapping, Sequence

from jaxtyping import Bool
from torch import Tensor

from mwanda_core.studies.circuits.components import Units

Rows = list[dict[str, object]]


def iou(left: Bool[Tensor, " n"], right: Bool[Tensor, " n"]) -> tuple[float, float, float]:
    """(IoU, expected, corrected); sizes may differ, then the expected one is that of independent sets."""
    n, both = len(left), int((left & right).sum())
    sizes = int(left.sum()), int(right.sum())
    chance = sizes[0] * sizes[1] / n
    value, expected = both / (sum(sizes) - both), chance / (sum(sizes) - chance)
    return value, expected, (value - expected) / (1 - expected) if expected < 1 else 1.0


def overlaps(
    circuits: Mapping[str, Bool[Tensor, " n"]], halves: Mapping[str, tuple[Bool[Tensor, " n"], Bool[Tensor, " n"]]]
) -> Rows:
    """Every ordered pair of languages; a language with itself is its ceiling."""
    rows: Rows = []
    for code, other in itertools.product(circuits, circuits):
        pair = halves[code] if code == other else (circuits[code], circuits[other])
        value, expected, corrected = iou(*pair)
        rows.append(
            {
                "language": code,
                "other": other,
                "ceiling": code == other,
                "iou": value,
                "expected": expected,
                "corrected": corrected,
            }
        )
    return rows


def by_block(circuits: Mapping[str, Bool[Tensor, " n"]], parts: Sequence[Units]) -> Rows:
    """Language x block: neurons or heads in the circuit, and the share of the block's."""
    rows: Rows = []
    for code, kept in circuits.items():
        for part, chosen in zip(parts, kept.split([part.units for part in parts]), strict=True):
            count = int(chosen.sum())
            rows.append({"language": code, "block": part.block, "units": count, "share": count / part.units})
    return rows
