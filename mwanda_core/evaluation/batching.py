"""Which items go through the model together. Token sequences in, positions out: no model is seen here.

Packed: items in rows of about equal length, rows in calls; see models/packing.py.

With keys and values kept, where a row cannot be used: items whose shared part is about equally long form a batch. A shared
part may be cut short to fit; nothing but time changes. Cost of a batch in tokens: S items sharing p tokens, S p; each part
of R choices of at most e further tokens, R e; and every call of the model. Items are put together while one batch costs less
than two.
"""

import heapq
from collections.abc import Sequence
from typing import NamedTuple

BATCH_TOKENS = 2048
"""Most tokens that go through the model at once, padding included."""

CALL_TOKENS = 100
"""What one more call of the model costs beyond its tokens, in tokens."""


class Choice(NamedTuple):
    """A token sequence of which the tokens from `first` on are scored (`first` is at least 1)."""

    ids: tuple[int, ...]
    first: int


Group = Sequence[Choice]


class _Shape(NamedTuple):
    """Of a batch: tokens shared, items, and the number of tokens of each choice that are run."""

    shared: int
    items: int
    lengths: tuple[int, ...]

    def cost(self) -> int:
        rests = [length - self.shared for length in self.lengths]
        parts = by_length(rests)
        padded = sum(len(part) * rests[part[0]] for part in parts)
        return self.items * self.shared + padded + CALL_TOKENS * (len(parts) + (self.shared > 0))

    def joined(self, other: "_Shape") -> "_Shape":
        return _Shape(min(self.shared, other.shared), self.items + other.items, self.lengths + other.lengths)


def by_length(lengths: Sequence[int]) -> list[list[int]]:
    """Positions in parts of similar lengths, longest first, each part as long as its first: a part takes one more as long as
    the padding that it brings costs less than a call."""
    parts: list[list[int]] = []
    waste = 0
    for index in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        waste += lengths[parts[-1][0]] - lengths[index] if parts else 0
        if parts and waste <= CALL_TOKENS:
            parts[-1].append(index)
        else:
            parts.append([index])
            waste = 0
    return parts


def bare_batches(lengths: Sequence[int]) -> list[list[int]]:
    """Positions of sequences that need nothing but padding, longest first, each batch of at most `BATCH_TOKENS` tokens or of one."""
    found = []
    for part in by_length(lengths):
        most = max(1, BATCH_TOKENS // lengths[part[0]])
        found += [part[start : start + most] for start in range(0, len(part), most)]
    return found


def num_shared(group: Group) -> int:
    """Tokens that all choices begin with. Each keeps a token of its own: the last one is never needed as context."""
    ids = [choice.ids for choice in group]
    limit = min(map(len, ids)) - 1
    return next((t for t in range(limit) if any(other[t] != ids[0][t] for other in ids[1:])), limit)


def batches(groups: Sequence[Group]) -> list[tuple[int, list[int]]]:
    """How the groups are run with keys and values kept: (tokens shared, positions of the groups), most shared last."""
    shapes = [_Shape(num_shared(group), 1, tuple(len(choice.ids) - 1 for choice in group)) for group in groups]
    found: list[tuple[_Shape, list[int]]] = []
    for index in sorted(range(len(groups)), key=lambda i: (shapes[i].shared, max(shapes[i].lengths))):
        alone = shapes[index]
        if found:
            joined = found[-1][0].joined(alone)
            if joined.cost() <= min(BATCH_TOKENS, found[-1][0].cost() + alone.cost()):
                found[-1] = (joined, [*found[-1][1], index])
                continue
        found.append((alone, [index]))
    return [(shape.shared, members) for shape, members in found]


def rows_of(sizes: Sequence[int], longest: int) -> list[list[int]]:
    """Positions of trees of so many tokens in rows of at most `longest`, the fullest first: as few rows as that takes, each
    tree in the row that is least full, so that the rows are about equally long. No tree is longer than `longest`."""
    order = sorted(range(len(sizes)), key=lambda i: -sizes[i])
    for number in range(-(-sum(sizes) // longest) or 1, len(sizes) + 1):
        filled = [(0, row) for row in range(number)]
        members: list[list[int]] = [[] for _ in range(number)]
        for index in order:
            size, row = heapq.heappop(filled)
            if size + sizes[index] > longest:
                break
            members[row].append(index)
            heapq.heappush(filled, (size + sizes[index], row))
        else:
            return [members[row] for _, row in sorted(filled, reverse=True)]
    return []


def calls_of(rows: list[list[int]], sizes: Sequence[int]) -> list[list[list[int]]]:
    """Rows in calls of about equally many, each of at most `BATCH_TOKENS` tokens or of one row."""
    if not rows:
        return []
    width = max(sum(sizes[index] for index in row) for row in rows)
    most = max(1, BATCH_TOKENS // max(1, width))
    per_call = -(-len(rows) // -(-len(rows) // most))
    return [rows[start : start + per_call] for start in range(0, len(rows), per_call)]
