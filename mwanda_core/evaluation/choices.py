"""Log-likelihoods of the choices of many items: what the choices of one item share goes through the model once.

The choices of an item are token sequences that begin alike (the context, and whatever words they have in common). Where the
model's family allows it, many items stand in one row, each with its shared part once and its choices' own tokens behind it:
almost nothing is padding, and a few calls of the model score everything. Long items whose choices differ in their last token only
need neither: what they share is run as it is, and a causal model needs no mask for it. Other items too long for a row, and
families that cannot be packed, run with keys and values kept: the shared parts of a batch together, and the rest of every choice
after its own.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from mwanda_core.evaluation.batching import Choice, Group, bare_batches, batches, by_length, calls_of, num_shared, rows_of
from mwanda_core.evaluation.losses import indexed_losses
from mwanda_core.models import ROW_TOKENS, LanguageModel, Tree, layout

__all__ = ["Choice", "Scored", "score_groups"]

LONG = 96
"""Tokens of an item from which a mask costs more than what else could stand in its row saves. Set by hand: items of 131 to 319 tokens
gained (`benchmarks/scoring_speed.py`), the length from which they do was not searched for."""


class Scored(NamedTuple):
    """One item's choices: log-likelihoods in nats, and whether each scored part is what the model itself would write
    (None where that was not asked)."""

    loglikelihoods: tuple[float, ...]
    greedy: tuple[bool, ...] | None


class _Place(NamedTuple):
    """Where a choice's states stand: its first `shared` from row `trunk` on, the others from row `own` on."""

    shared: int
    trunk: int
    own: int


def score_groups(model: LanguageModel, groups: Sequence[Group], greedy: bool = False) -> Iterator[list[tuple[int, Scored]]]:
    """Batch after batch, each group's position and scores. Every group has at least one choice."""
    trees = [_tree(group) for group in groups]
    bare = [i for i, tree in enumerate(trees) if tree.size > LONG and not any(tree.branches)]
    for positions in bare_batches([trees[i].size for i in bare]):
        order = [bare[position] for position in positions]
        states, places = _bare_states(model, [trees[i] for i in order])
        yield list(zip(order, _score_batch(model, [groups[i] for i in order], states, places, greedy), strict=True))
    rest = sorted(set(range(len(groups))) - set(bare))
    packed = [i for i in rest if _fits(groups[i], trees[i], model.packable)]
    sizes = [trees[i].size for i in packed]
    for call in calls_of(rows_of(sizes, ROW_TOKENS), sizes):
        members = [[packed[position] for position in row] for row in call]
        states, places = _packed_states(model, [[trees[i] for i in row] for row in members])
        order = [i for row in members for i in row]
        yield list(zip(order, _score_batch(model, [groups[i] for i in order], states, places, greedy), strict=True))
    others = sorted(set(rest) - set(packed))
    for most, positions in batches([groups[i] for i in others]):
        # Where a cache cannot be picked by rows, every choice runs whole.
        shared = most if model.keeps_rows else 0
        order = [others[position] for position in positions]
        part = [groups[i] for i in order]
        yield list(zip(order, _score_batch(model, part, *_cached_states(model, part, shared), greedy), strict=True))


def _tree(group: Group) -> Tree:
    shared = num_shared(group)
    return Tree(group[0].ids[:shared], tuple(choice.ids[shared:-1] for choice in group))


def _fits(group: Group, tree: Tree, packable: int) -> bool:
    return tree.size <= ROW_TOKENS and max(len(choice.ids) - 1 for choice in group) <= packable


@torch.no_grad()
def _score_batch(
    model: LanguageModel, groups: Sequence[Group], states: Tensor, places: list[_Place], greedy: bool
) -> list[Scored]:
    """`states` [states, hidden] hold what the head would see; `places` where, choice by choice."""
    choices = [choice for group in groups for choice in group]
    asked = []
    for number, (choice, place) in enumerate(zip(choices, places, strict=True)):
        for position in range(choice.first, len(choice.ids)):
            seen = position - 1
            row = place.trunk + seen if seen < place.shared else place.own + seen - place.shared
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


def _bare_states(model: LanguageModel, trees: list[Tree]) -> tuple[Tensor, list[_Place]]:
    """[states, hidden]: trunk by trunk, right-padded; the choices have no tokens of their own that are run."""
    width = trees[0].size
    ids = torch.zeros(len(trees), width, dtype=torch.long)
    for row, tree in enumerate(trees):
        ids[row, : tree.size] = torch.tensor(tree.trunk)
    # Right padding is invisible to a causal model.
    places = [_Place(tree.size, row * width, 0) for row, tree in enumerate(trees) for _ in tree.branches]
    return model.hidden(ids).flatten(0, 1), places


def _packed_states(model: LanguageModel, rows: list[list[Tree]]) -> tuple[Tensor, list[_Place]]:
    """[states, hidden]: row by row, each tree's trunk before its branches."""
    given = layout(rows)
    places = []
    for number, row in enumerate(rows):
        start = number * given.ids.shape[1]
        for tree in row:
            own = start + len(tree.trunk)
            for branch in tree.branches:
                places.append(_Place(len(tree.trunk), start, own))
                own += len(branch)
            start = own
    return model.hidden_packed(given).flatten(0, 1), places


def _cached_states(model: LanguageModel, groups: Sequence[Group], shared: int) -> tuple[Tensor, list[_Place]]:
    """[states, hidden]: item by item for the shared part, then part by part for the rests."""
    owners = [item for item, group in enumerate(groups) for _ in group]
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
    return torch.cat(states), [_Place(shared, item * shared, own) for item, own in zip(owners, first_rows, strict=True)]
