"""Log-likelihoods of the choices of many items: what the choices of one item share goes through the model once.

The choices of an item are token sequences that begin alike (the context, and whatever words they have in common). Items
whose shared part is about equally long form a batch: the shared parts run together and leave their keys and values, and
the rest of every choice runs after its own. A shared part may be cut short to fit a batch; nothing but time changes.

The rests run in parts of similar lengths, so that little is padding. Cost of a batch in tokens: S items sharing p tokens, S p;
each part of R choices of at most e further tokens, R e; and every call of the model. Items are put together while one batch
costs less than two.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from mwanda_core.evaluation.losses import indexed_losses
from mwanda_core.models import LanguageModel

BATCH_TOKENS = 2048
"""Most tokens that go through the model at once, padding included."""

CALL_TOKENS = 12
"""What one more call of the model costs beyond its tokens, in tokens."""


class Choice(NamedTuple):
    """A token sequence of which the tokens from `first` on are scored (`first` is at least 1)."""

    ids: tuple[int, ...]
    first: int


class Scored(NamedTuple):
    """One item's choices: log-likelihoods in nats, and whether each scored part is what the model itself would write
    (None where that was not asked)."""

    loglikelihoods: tuple[float, ...]
    greedy: tuple[bool, ...] | None


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


def _shape(group: Group) -> _Shape:
    ids = [choice.ids for choice in group]
    # Each choice keeps a token of its own: the last one is never needed as context.
    limit = min(map(len, ids)) - 1
    shared = next((t for t in range(limit) if any(other[t] != ids[0][t] for other in ids[1:])), limit)
    return _Shape(shared, 1, tuple(len(one) - 1 for one in ids))


def batches(groups: Sequence[Group]) -> list[tuple[int, list[int]]]:
    """How the groups are run: (tokens shared, positions of the groups), those that share most last."""
    shapes = [_shape(group) for group in groups]
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


def score_groups(model: LanguageModel, groups: Sequence[Group], greedy: bool = False) -> Iterator[list[tuple[int, Scored]]]:
    """Batch after batch, each group's position and scores. Every group has at least one choice."""
    for shared, members in batches(groups):
        part = [groups[index] for index in members]
        yield list(zip(members, _score_batch(model, part, shared, greedy), strict=True))


@torch.no_grad()
def _score_batch(model: LanguageModel, groups: Sequence[Group], shared: int, greedy: bool) -> list[Scored]:
    choices = [choice for group in groups for choice in group]
    owners = [item for item, group in enumerate(groups) for _ in group]
    states, first_rows = _states(model, groups, owners, shared)
    asked = []
    for number, (choice, item) in enumerate(zip(choices, owners, strict=True)):
        for position in range(choice.first, len(choice.ids)):
            seen = position - 1
            row = item * shared + seen if seen < shared else first_rows[number] + seen - shared
            asked.append((row, choice.ids[position], number))
    order = torch.tensor(sorted(asked), dtype=torch.long).reshape(-1, 3)
    used, rows = torch.unique(order[:, 0], return_inverse=True)
    device = states.device
    hits: list[Tensor] | None = [] if greedy else None
    with model.head() as head:
        wanted = order[:, 1].to(device)
        losses = indexed_losses(head, states[used.to(device)], rows.to(device), wanted, model.vocabulary, hits)
    totals = torch.zeros(len(choices), dtype=torch.float64).index_add(0, order[:, 2], -losses.double().cpu())
    told = None
    if hits is not None:
        misses = ~torch.cat([*hits, torch.zeros(0, dtype=torch.bool, device=device)]).cpu()
        told = [not n for n in torch.zeros(len(choices), dtype=torch.long).index_add(0, order[:, 2], misses.long()).tolist()]
    found, start = [], 0
    for group in groups:
        stop = start + len(group)
        found.append(Scored(tuple(totals[start:stop].tolist()), None if told is None else tuple(told[start:stop])))
        start = stop
    return found


def _states(model: LanguageModel, groups: Sequence[Group], owners: list[int], shared: int) -> tuple[Tensor, list[int]]:
    """[states, hidden]: what the head would see at every token but each choice's last, and where each choice's own begin.

    States stand item by item for the shared part, then part by part for the rests.
    """
    rests = [choice.ids[shared:] for group in groups for choice in group]
    parts = by_length([len(rest) - 1 for rest in rests])
    padded = []
    for part in parts:
        # Right padding is invisible to a causal model.
        ids = torch.zeros(len(part), len(rests[part[0]]), dtype=torch.long)
        for row, index in enumerate(part):
            ids[row, : len(rests[index])] = torch.tensor(rests[index])
        padded.append(ids)
    if shared:
        contexts = torch.tensor([group[0].ids[:shared] for group in groups])
        of_parts = [torch.tensor([owners[index] for index in part]) for part in parts]
        before, after = model.hidden_after_each(contexts, list(zip(of_parts, padded, strict=True)))
        states = [before.flatten(0, 1), *(found.flatten(0, 1) for found in after)]
    else:
        states = [model.hidden(ids[:, :-1]).flatten(0, 1) for ids in padded]
    first_rows, start = [0] * len(rests), len(groups) * shared
    for part in parts:
        width = len(rests[part[0]]) - 1
        for row, index in enumerate(part):
            first_rows[index] = start + row * width
        start += len(part) * width
    return torch.cat(states), first_rows
