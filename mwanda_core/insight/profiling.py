"""One pass of a model over a set of texts for three figures at once: effective rank, top-k logits, energy (ACBench-style).

Blocks are replayed one by one, so that only one block's output is held; the head is applied to a few positions at a time, so
that [tokens, vocabulary] never is. What stays of the dense model is small: for each position the k largest logits and
their tokens, and the energy; the pruned model's pass then reads its logits at those same tokens.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.evaluation.losses import CACHE_ELEMENTS
from mwanda_core.evaluation.sets import EvaluationSet, ScoredText, sorted_batches
from mwanda_core.insight.energy import centred_energy, energy, shuffled
from mwanda_core.insight.spectra import effective_rank
from mwanda_core.languages import language
from mwanda_core.models import LOSS_CHUNK_ELEMENTS, LanguageModel, TokenBatch
from mwanda_core.models.decoding import exact_logits
from mwanda_core.progress import Monitor

KEPT = 20
"""Largest logits kept a position: the largest k that rankings are compared at."""

HEAD_COST = 2.0
"""The head's work on a token, in blocks; only for the progress bar."""


@dataclasses.dataclass(frozen=True)
class TextProfile:
    """One text. `ranks[b]` is the effective rank after block b, the last entry that after the final norm (NaN: one token).

    `logits` are those of `tokens` (the dense model's likeliest, in falling order) at each position that predicts a token of
    the text: the head's output in float32. `energies` are at the same positions, column 0 plain and column 1 centred;
    `shuffled` are those of the text's tokens in random order.
    """

    language: str
    id: str
    ranks: Float[Tensor, " places"]
    tokens: Int[Tensor, "positions k"]
    logits: Float[Tensor, "positions k"]
    energies: Float[Tensor, "positions 2"]
    shuffled: Float[Tensor, "positions 2"]


@dataclasses.dataclass(frozen=True)
class Profile:
    """A model on texts. `digest` names the texts and how they were read: only profiles of equal digest can be compared."""

    digest: str
    texts: tuple[TextProfile, ...]


def as_set(texts: EvaluationSet | Mapping[str, Sequence[Sequence[int]]]) -> EvaluationSet:
    """Token ids by language as a set of texts (without opening tokens); a set is given back as it is."""
    if isinstance(texts, EvaluationSet):
        return texts
    found = [ScoredText(str(i), code, tuple(ids), 0) for code, rows in texts.items() for i, ids in enumerate(rows)]
    return EvaluationSet("given tokens", 0, tuple(found), ())


def profile_work(model: LanguageModel, texts: EvaluationSet | Mapping[str, Sequence[Sequence[int]]]) -> float:
    """Units of work (tokens through one block) that `profile` reports."""
    return sum(len(text.ids) for text in as_set(texts).texts) * 2 * (len(model.blocks) + HEAD_COST)


@torch.no_grad()
def profile(
    model: LanguageModel,
    texts: EvaluationSet | Mapping[str, Sequence[Sequence[int]]],
    monitor: Monitor,
    dense: Profile | None = None,
    temperature: float = 1.0,
    label: str = "model",
) -> Profile:
    """Profile the model as it stands now. For a pruned model give the profile of the dense one: its tokens are read.

    Nothing of the model changes. Raises InputError for a dense profile of other texts, a text of one token, or a
    temperature that is not positive; Cancelled if the user asked to stop.
    """
    given = as_set(texts)
    digest = f"{given.digest()}:{temperature}"
    _check(given, digest, dense, temperature)
    known = {} if dense is None else {(text.language, text.id): text.tokens for text in dense.texts}
    found: dict[tuple[str, str], TextProfile] = {}
    for code in given.languages:
        monitor.begin(f"Looking into the {label}: {language(code).name}")
        for batch in sorted_batches(given.only(code).texts):
            tokens = [known[code, text.id] for text in batch] if dense is not None else None
            for text in _profile_batch(model, batch, given.num_start, tokens, temperature, monitor):
                found[text.language, text.id] = text
    return Profile(digest, tuple(found[text.language, text.id] for text in given.texts))


def _check(texts: EvaluationSet, digest: str, dense: Profile | None, temperature: float) -> None:
    if not temperature > 0.0:
        raise InputError(f"The temperature of an energy must be positive; it was given as {temperature}.")
    if dense is not None and dense.digest != digest:
        raise InputError(
            "The dense profile given is of other texts or another temperature: profile the dense model on these texts."
        )
    short = [text.id for text in texts.texts if len(text.ids) <= max(1, texts.num_start)]
    if short:
        raise InputError(f"A text needs a token to predict after its opening; {short[0]!r} has none.")


def _profile_batch(
    model: LanguageModel,
    batch: list[ScoredText],
    num_start: int,
    tokens: list[Tensor] | None,
    temperature: float,
    monitor: Monitor,
) -> Iterator[TextProfile]:
    lengths = [len(text.ids) for text in batch]
    weight = float(sum(lengths))
    first = max(1, num_start)
    ranks: list[list[float]] = [[] for _ in batch]
    recording = model.record(_padded([text.ids for text in batch]))
    hidden = recording.hidden
    for place in range(len(model.blocks) + 1):
        last = place == len(model.blocks)
        hidden = model.leave_blocks(recording, hidden) if last else model.replay(model.blocks[place], recording, hidden)
        for row, length in enumerate(lengths):
            # The opening tokens are the same in every text, and their very large states would pull the mean.
            ranks[row].append(effective_rank(hidden[row, num_start:length]))
        monitor.advance(0.0 if last else weight)
    counts = [length - first for length in lengths]
    states = torch.cat([hidden[row, first - 1 : length - 1] for row, length in enumerate(lengths)])
    wanted = None if tokens is None else torch.cat(tokens).long()
    read = _read(model, states, wanted, temperature, monitor)
    monitor.advance(weight * HEAD_COST)
    mixed = _shuffled_energies(model, batch, num_start, temperature, monitor)
    monitor.advance(weight * (len(model.blocks) + HEAD_COST))
    pieces = zip(batch, ranks, *(part.split(counts) for part in (*read, mixed)), strict=True)
    for text, row_ranks, top, logits, energies, out in pieces:
        yield TextProfile(text.language, text.id, torch.tensor(row_ranks, dtype=torch.float64), top, logits, energies, out)


def _padded(sequences: Sequence[Sequence[int]]) -> TokenBatch:
    """Right padding is invisible to a causal model, so there is no mask."""
    longest = max(map(len, sequences))
    ids = torch.tensor([[*ids, *[0] * (longest - len(ids))] for ids in sequences])
    return TokenBatch(ids, torch.zeros(len(ids), dtype=torch.long))


def _shuffled_energies(
    model: LanguageModel, batch: list[ScoredText], num_start: int, temperature: float, monitor: Monitor
) -> Float[Tensor, "positions 2"]:
    first = max(1, num_start)
    mixed = [shuffled(text.ids, num_start, seed=0) for text in batch]
    hidden = model.hidden(_padded(mixed).ids)
    states = torch.cat([hidden[row, first - 1 : len(ids) - 1] for row, ids in enumerate(mixed)])
    found = []
    with model.head() as head:
        for logits in _chunks(head, states, model.vocabulary):
            monitor.advance(0.0)
            found.append(_energies(logits, temperature))
    return torch.cat(found)


def _read(
    model: LanguageModel,
    states: Float[Tensor, "n hidden"],
    wanted: Int[Tensor, "n k"] | None,
    temperature: float,
    monitor: Monitor,
) -> tuple[Int[Tensor, "n k"], Float[Tensor, "n k"], Float[Tensor, "n 2"]]:
    """Tokens (the likeliest where none are wanted), their logits, and the energies; all on the CPU."""
    found, values, energies = [], [], []
    done = 0
    with model.head() as head:
        for logits in _chunks(head, states, model.vocabulary):
            monitor.advance(0.0)
            part = slice(done, done + len(logits))
            done += len(logits)
            energies.append(_energies(logits, temperature))
            tokens = _candidates(logits) if wanted is None else wanted[part].to(logits.device)
            exact = exact_logits(model, states[part], tokens)
            if wanted is None:
                exact, order = exact.topk(min(KEPT, exact.shape[1]), dim=1)
                tokens = tokens.gather(1, order)
            found.append(tokens.to("cpu", torch.int32))
            values.append(exact.cpu())
    return torch.cat(found), torch.cat(values), torch.cat(energies)


def _candidates(logits: Float[Tensor, "n vocabulary"]) -> Int[Tensor, "n candidates"]:
    """More of the largest than are kept: which of a 16-bit model's equal logits is larger is only seen in float32."""
    return logits.float().topk(min(2 * KEPT, logits.shape[1]), dim=1).indices


def _chunks(head: Any, states: Float[Tensor, "n hidden"], vocabulary: int) -> Iterator[Float[Tensor, "m vocabulary"]]:
    for part in states.split(max(1, LOSS_CHUNK_ELEMENTS // vocabulary)):
        yield head(part)


def _energies(logits: Float[Tensor, "n vocabulary"], temperature: float) -> Float[Tensor, "n 2"]:
    rows = len(logits) if logits.device.type == "cuda" else max(1, CACHE_ELEMENTS // logits.shape[1])
    parts = [torch.stack([energy(part, temperature), centred_energy(part, temperature)], dim=1) for part in logits.split(rows)]
    return torch.cat(parts).cpu()
