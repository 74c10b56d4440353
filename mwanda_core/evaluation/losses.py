"""Token losses without ever holding [tokens x vocabulary]: the head is applied to a few tokens at a time."""

from collections.abc import Iterable
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mwanda_core.models import LOSS_CHUNK_ELEMENTS, LanguageModel

CACHE_ELEMENTS = 2**20
"""On a CPU, logits normalised at once: as float32 they fit the last level of cache, where one float32 copy of a whole chunk
does not. Scoring a token fell from 2.2 to 1.4 times the head's bare product (benchmarks/results/scoring_speed.md)."""


def chunked_losses(
    head: Any, hidden: Float[Tensor, "n hidden"], targets: Int[Tensor, " n"], vocabulary: int
) -> Float[Tensor, " n"]:
    """Negative log-likelihood (nats) of each target, float32. Memory is bounded by `LOSS_CHUNK_ELEMENTS` logits."""
    return indexed_losses(head, hidden, torch.arange(len(hidden), device=hidden.device), targets, vocabulary)


def indexed_losses(
    head: Any,
    hidden: Float[Tensor, "n hidden"],
    rows: Int[Tensor, " m"],
    targets: Int[Tensor, " m"],
    vocabulary: int,
    hits: list[Tensor] | None = None,
) -> Float[Tensor, " m"]:
    """As `chunked_losses`, of target m after state `rows[m]`: choices that share a state share its logits.

    `rows` ascend. Memory is bounded by `LOSS_CHUNK_ELEMENTS` logits. Where `hits` is given, it is told piece by piece
    whether each target is the likeliest token.
    """
    if not len(rows):
        return hidden.new_zeros(0, dtype=torch.float32)
    size = max(1, LOSS_CHUNK_ELEMENTS // vocabulary)
    cache = size if hidden.device.type == "cuda" else max(1, CACHE_ELEMENTS // vocabulary)
    starts = range(0, len(hidden), size)
    counts = torch.bincount(rows // size, minlength=len(starts)).tolist()
    losses = []
    for start, states, row, wanted in zip(starts, hidden.split(size), rows.split(counts), targets.split(counts), strict=True):
        logits = head(states)
        total = torch.cat([part.float().logsumexp(dim=1) for part in logits.split(cache)])
        losses.append(total[row - start] - logits[row - start, wanted].float())
        if hits is not None:
            hits.append(logits.argmax(dim=1)[row - start] == wanted)
    return torch.cat(losses)


@torch.no_grad()
def sequence_losses(model: LanguageModel, sequences: list[list[int]], num_start: int) -> list[float]:
    """Summed loss in nats of each sequence, from token `num_start` (at least 1: the first token has no prediction).

    Sequences of similar length should come together: they are padded to the longest.
    """
    first = max(1, num_start)
    longest = max(len(s) for s in sequences)
    ids = torch.zeros(len(sequences), longest, dtype=torch.long)
    keep = torch.zeros(len(sequences), longest, dtype=torch.bool)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = torch.tensor(sequence)
        keep[row, : len(sequence)] = True
    # Right padding is invisible to a causal model, so a mask would only cost time.
    hidden = model.hidden(ids)[:, first - 1 : -1]
    counted = keep[:, first:].to(hidden.device)
    targets = ids[:, first:].to(hidden.device)
    with model.head() as head:
        losses = chunked_losses(head, hidden[counted], targets[counted], model.vocabulary)
    filled = torch.zeros(counted.shape, device=hidden.device).masked_scatter(counted, losses)
    return [float(total) for total in filled.double().sum(dim=1)]


@torch.no_grad()
def ending_losses(model: LanguageModel, context: list[int], endings: Iterable[list[int]]) -> list[float]:
    """Summed loss in nats of each ending after one shared context, which goes through the model once."""
    choices = list(endings)
    longest = max(len(e) for e in choices)
    ids = torch.zeros(len(choices), longest, dtype=torch.long)
    keep = torch.zeros(len(choices), longest, dtype=torch.bool)
    for row, ending in enumerate(choices):
        ids[row, : len(ending)] = torch.tensor(ending)
        keep[row, : len(ending)] = True
    hidden = model.hidden_after(torch.tensor(context), ids)
    keep, targets = keep.to(hidden.device), ids.to(hidden.device)
    with model.head() as head:
        losses = chunked_losses(head, hidden[keep], targets[keep], model.vocabulary)
    filled = torch.zeros(keep.shape, device=hidden.device).masked_scatter(keep, losses)
    return [float(total) for total in filled.double().sum(dim=1)]
