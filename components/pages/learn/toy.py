"""The worked example: four outputs, four inputs, two weights of every row stay. Made up, and said to be.

    magnitude  S_ij = |W_ij|           Wanda  S_ij = |W_ij| ||x_j||           two lowest of each row go, ties by index

The same arithmetic as `mwanda_core.methods.scores` and `mwanda_core.parts.masks`, which a test compares it with, on 16 plain numbers, so
that the figure needs no tensor library.
"""

from collections.abc import Sequence

WEIGHTS = (
    (0.9, -0.2, 0.5, -0.7),
    (-0.4, 1.1, -0.3, 0.8),
    (0.2, -0.9, 0.6, -0.5),
    (-0.7, 0.3, -1.2, 0.4),
)
INPUTS = ("x₁", "x₂", "x₃", "x₄")
KEPT = 2
"""Weights that stay in every row: half of four."""
MOVED = 2
"""The input (counted from 0) whose strength the reader sets; the others have strength 1."""
STRONGEST, STEP, START = 4.0, 0.25, 3.0

Matrix = tuple[tuple[float, ...], ...]
Mask = tuple[tuple[bool, ...], ...]


def norms(strength: float) -> tuple[float, ...]:
    """Norm of each input."""
    return tuple(float(strength) if column == MOVED else 1.0 for column in range(len(WEIGHTS[0])))


def magnitude() -> Matrix:
    """Score of every weight by its absolute value."""
    return tuple(tuple(abs(weight) for weight in row) for row in WEIGHTS)


def wanda(inputs: Sequence[float]) -> Matrix:
    """Score of every weight by its absolute value times the norm of its input."""
    return tuple(tuple(abs(weight) * norm for weight, norm in zip(row, inputs, strict=True)) for row in WEIGHTS)


def keep(scores: Matrix, kept: int = KEPT) -> Mask:
    """True where a weight stays: the `kept` highest scores of each row; of equal scores the one with the lower index goes."""
    found = []
    for row in scores:
        order = sorted(range(len(row)), key=lambda column: (row[column], column))
        found.append(tuple(column in order[len(row) - kept :] for column in range(len(row))))
    return tuple(found)


def changed(one: Mask, other: Mask) -> tuple[int, ...]:
    """Rows in which two masks differ."""
    return tuple(row for row, (a, b) in enumerate(zip(one, other, strict=True)) if a != b)
