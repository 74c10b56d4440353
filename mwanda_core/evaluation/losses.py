"""Token losses without ever holding [tokens x vocabulary]: the head is applied to a few tokens at a time."""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mwanda_core.models import LOSS_CHUNK_ELEMENTS, LanguageModel

CACHE_ELEMENTS = 2**21
"""On a CPU, logits normalised at once, in two buffers that are used again and again: fresh memory for every piece costs more
time in the kernel than the arithmetic. Scoring a token fell from 2.2 to 1.2 times the head's bare product
(benchmarks/results/scoring_speed.md)."""


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
    normalise = _whole if hidden.device.type == "cuda" else _Pieces(min(size, len(hidden)), vocabulary)
    starts = range(0, len(hidden), size)
    counts = torch.bincount(rows // size, minlength=len(starts)).tolist()
    losses = []
    for start, states, row, wanted in zip(starts, hidden.split(size), rows.split(counts), targets.split(counts), strict=True):
        logits = head(states)
        losses.append(normalise(logits)[row - start] - logits[row - start, wanted].float())
        if hits is not None:
            hits.append(logits.max(dim=1).indices[row - start] == wanted)  # On a CPU five times as fast as argmax.
    return torch.cat(losses)


def _whole(logits: Float[Tensor, "n vocabulary"]) -> Float[Tensor, " n"]:
    return logits.float().logsumexp(dim=1)


class _Pieces:
    """log sum exp of each row of logits, a few rows at a time in float32 buffers made once."""

    def __init__(self, rows: int, vocabulary: int) -> None:
        self._rows = min(rows, max(1, CACHE_ELEMENTS // vocabulary))
        self._given = torch.empty(self._rows, vocabulary)
        self._normalised = torch.empty(self._rows, vocabulary)

    def __call__(self, logits: Float[Tensor, "n vocabulary"]) -> Float[Tensor, " n"]:
        found = []
        for part in logits.split(self._rows):
            given, normalised = self._given[: len(part)], self._normalised[: len(part)]
            torch.log_softmax(given.copy_(part), dim=1, out=normalised)
            # x - log_softmax(x) is log sum exp(x) wherever it is read; at the largest logit it rounds least.
            found.append(part.amax(dim=1).float() - normalised.amax(dim=1))
        return torch.cat(found)


@torch.no_grad()
def sequence_losses(model: LanguageModel, sequences: list[list[int]], num_start: int) -> list[float]:
    """Summed loss in nats of each sequence, from token `num_start` (at least 1: the first token has no prediction).

    Sequences of similar length should come together: they are padded to the longest. Raises ModelError for a model whose tokens see
    what follows them.
    """
    model.check_pads()
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
