"""Many short sequences that begin alike in one row, without padding: what they share once, then each one's own tokens.

A mask lets a token see what its own sequence holds before it, and its position is the one it has in that sequence, so that
every state is the one the sequence alone would give. Whether a model honours both depends on its family (ALiBi counts places
in the row, a state-space layer looks at no mask), so each model is asked once, on made-up tokens.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

ROW_TOKENS = 384
"""Most tokens of a row, shared ones once: attention costs the square of a row's length."""

STEP = 8
"""Tokens of each made-up part that a model is asked with."""

TOLERANCE = 1e-4
"""Relative difference of states that is rounding in float32."""


class Tree(NamedTuple):
    """Sequences that begin alike: each branch follows the trunk. Either may be empty, but not all of it."""

    trunk: tuple[int, ...]
    branches: tuple[tuple[int, ...], ...]

    @property
    def size(self) -> int:
        """Tokens that go through the model."""
        return len(self.trunk) + sum(map(len, self.branches))


class Layout(NamedTuple):
    """Rows as tensors, right-padded. `own` numbers the part (trunk or branch) that a token stands in, `before` the part that
    it may see besides."""

    ids: Int[Tensor, "rows time"]
    positions: Int[Tensor, "rows time"]
    own: Int[Tensor, "rows time"]
    before: Int[Tensor, "rows time"]

    def visible(self) -> Bool[Tensor, "rows 1 time time"]:
        """Which token sees which. Padding sees padding, so that no row of a softmax is empty."""
        time = self.ids.shape[1]
        seen = (self.own[:, :, None] == self.own[:, None]) | (self.before[:, :, None] == self.own[:, None])
        return (seen & torch.ones(time, time, dtype=torch.bool).tril())[:, None]


def layout(rows: Sequence[Sequence[Tree]]) -> Layout:
    """Trees one after another, each trunk before its branches."""
    width = max(sum(tree.size for tree in row) for row in rows)
    filled = []
    for row in rows:
        ids: list[int] = []
        positions: list[int] = []
        own: list[int] = []
        before: list[int] = []
        part = 0
        for tree in row:
            trunk = part
            for number, tokens in enumerate((tree.trunk, *tree.branches)):
                start = len(tree.trunk) if number else 0
                ids += tokens
                positions += range(start, start + len(tokens))
                own += [part] * len(tokens)
                before += [trunk] * len(tokens)
                part += 1
        rest = width - len(ids)
        filled.append((ids + [0] * rest, positions + [0] * rest, own + [-1] * rest, before + [-1] * rest))
    return Layout(*(torch.tensor(columns, dtype=torch.long) for columns in zip(*filled, strict=True)))


def reach(
    limit: int,
    whole: Callable[[Int[Tensor, "batch time"]], Float[Tensor, "batch time hidden"]],
    packed: Callable[[Layout], Float[Tensor, "rows time hidden"]],
    epsilon: float,
) -> int:
    """Most tokens of a sequence that may be packed: `limit`, or 0 where the model's packed states are not its own.

    `epsilon` is the rounding of the model's type. A first tree has two sequences of `limit` tokens, others fill the row, and
    the first and the last are compared with their sequences alone. The same tokens with everything before them in view must
    differ, or the model cannot tell (all its weights may be 0), and is not packed.
    """
    if limit < 3 * STEP:
        return 0
    trees = [_made_up(limit - STEP, 2)]
    trees += [_made_up(STEP, 3)] * max(4, (ROW_TOKENS - trees[0].size) // (4 * STEP))
    given = layout([trees])
    try:
        found, leaking = packed(given)[0], packed(given._replace(own=torch.zeros_like(given.own)))[0]
        ends = {trees[0].size: trees[0], given.ids.shape[1]: trees[-1]}
        wanted = {end: whole(torch.tensor([(*tree.trunk, *tree.branches[-1])]))[0, -STEP:] for end, tree in ends.items()}
    except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError):
        return 0
    rounding = max(TOLERANCE, 16 * epsilon)
    same = all(_difference(found[end - STEP : end], states) <= rounding for end, states in wanted.items())
    end = given.ids.shape[1]
    return limit if same and _difference(leaking[end - STEP : end], wanted[end]) > rounding else 0


def _made_up(trunk: int, branches: int) -> Tree:
    """Tokens 4, 5, 6, ... in an order that repeats nothing soon."""
    ids = [4 + (37 * i) % 89 for i in range(trunk + branches * STEP)]
    return Tree(tuple(ids[:trunk]), tuple(tuple(ids[i : i + STEP]) for i in range(trunk, len(ids), STEP)))


def _difference(found: Float[Tensor, "n hidden"], wanted: Float[Tensor, "n hidden"]) -> float:
    """Of the largest differing token, relative to its size."""
    return float(((found - wanted).float().norm(dim=1) / wanted.float().norm(dim=1)).max())
