"""Which tokens to keep: the worst language first, always closed under merges.

    K grows by the token of largest f_l(t) of the language l whose share  c_l(K) = sum_{t in K} f_l(t)  is least at the moment,
    with everything that the token is built from, until |K| is the budget or min_l c_l(K) is the coverage asked for.

f_l are frequencies by language that sum to 1 (`counts.smoothed`). Greedy, and a choice of this project; ties go to the lower id.
"""

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from mwanda_core.errors import InputError
from mwanda_core.progress import Monitor
from mwanda_core.shrink.closure import closure
from mwanda_core.shrink.tokens import UNIGRAM, TokenTable

ROUND = 64
"""Vocabularies are filled up to a multiple of this with more real tokens: matrix products like it."""


@dataclasses.dataclass(frozen=True, eq=False)
class Chosen:
    """Kept ids in ascending order; `closing` of them only because others are built from them; `coverage`: c_l(K)."""

    ids: tuple[int, ...]
    closing: int
    coverage: tuple[float, ...]


def choose(
    table: TokenTable,
    frequencies: np.ndarray,
    named: Sequence[int],
    budget: int | None = None,
    coverage: float | None = None,
    monitor: Monitor | None = None,
) -> Chosen:
    """Choose tokens. `frequencies`: f_l(t), [languages, tokens]; `named`: ids that the model's files name.

    Exactly one of `budget` (tokens, rounded up to `ROUND`) and `coverage` (0 to 1) is given. Raises InputError for a budget below what
    no choice may drop, or a coverage that is no share.
    """
    if (budget is None) == (coverage is None):
        raise InputError("A vocabulary is chosen by its size or by the coverage of the worst language: give one of the two.")
    if coverage is not None and not 0 < coverage < 1:
        raise InputError(f"The coverage is a share between 0 and 1; it was given {coverage}.")
    growing = _Growing(table, frequencies)
    for number in sorted({*table.required, *named}):
        growing.add(number)
    least, most = len(growing.kept), len(table.pieces.keys() | table.added.keys())
    if budget is not None and budget < least:
        raise InputError(
            f"A vocabulary of {budget} tokens is too small: {least} are bytes, specials and what they are built from."
        )
    target = most if budget is None else min(most, -(-budget // ROUND) * ROUND)
    growing.grow(target, lambda: coverage is not None and growing.worst() >= coverage, monitor or Monitor())
    if coverage is not None:  # Up to a round number with more real tokens.
        growing.grow(min(most, -(-len(growing.kept) // ROUND) * ROUND), lambda: False, Monitor())
    shares = tuple(float(share) for share in growing.shares)
    return Chosen(tuple(sorted(growing.kept)), growing.closing, shares)


class _Growing:
    """The kept set while it grows."""

    def __init__(self, table: TokenTable, frequencies: np.ndarray) -> None:
        self._table, self._frequencies = table, frequencies
        self.kept: set[int] = set()
        self.closing = 0
        self.shares = np.zeros(len(frequencies))
        usable = np.zeros(frequencies.shape[1], dtype=bool)
        usable[list(table.pieces)] = True
        # Stable, so that ties go to the lower id.
        self._orders = [np.argsort(np.where(usable, -f, np.inf), kind="stable")[: int(usable.sum())] for f in frequencies]
        self._places = [0] * len(frequencies)

    def worst(self) -> float:
        """The least share."""
        return float(self.shares.min())

    def needs(self, number: int) -> set[int]:
        """A token and what it is built from, as far as it is not kept yet."""
        if number in self.kept:
            return set()
        piece = self._table.pieces.get(number)
        if piece is None or self._table.family == UNIGRAM or number in self._table.added:
            return {number}
        parts = {self._table.ids[symbol] for symbol in closure(piece, self._table.ranks) if symbol in self._table.ids}
        return (parts | {number}) - self.kept

    def add(self, number: int, needed: set[int] | None = None) -> None:
        """Keep a token and what it is built from."""
        found = self.needs(number) if needed is None else needed
        for one in found:
            self.shares += self._frequencies[:, one]
        self.kept |= found
        self.closing += max(0, len(found) - 1)

    def grow(self, target: int, enough: Callable[[], bool], monitor: Monitor) -> None:
        """Add the best token of the worst language until `target` tokens are kept or it is enough."""
        live = self.shares.copy()
        exhausted = np.zeros(len(live), dtype=bool)
        steps = 0
        while len(self.kept) < target and not exhausted.all() and not enough():
            live[:] = np.where(exhausted, np.inf, self.shares)
            row = int(live.argmin())
            room = target - len(self.kept)
            while (number := self._next(row)) is not None:
                needed = self.needs(number)
                if needed and len(needed) <= room:
                    self.add(number, needed)
                    break
            exhausted[row] = number is None
            steps += 1
            if steps % 512 == 0:
                monitor.advance(512.0)

    def _next(self, row: int) -> int | None:
        place = self._places[row]
        if place == len(self._orders[row]):
            return None
        self._places[row] = place + 1
        return int(self._orders[row][place])
