"""Passages to token sequences: packed to one length, the same number of tokens for every language.

Documents follow one another until a sequence is full (nothing is drawn until it is long enough, nothing is thrown away but
the last incomplete sequence), and every sequence opens as the tokenizer opens a text. Equal *tokens*, not equal
passages: scripts differ by up to two in tokens per passage, and the longer one would otherwise outweigh the others.
"""

import dataclasses
import random
from collections.abc import Callable, Sequence

import torch
from jaxtyping import Bool, Int
from torch import Tensor

from mwanda_core.corpora.base import Corpus
from mwanda_core.errors import TextError
from mwanda_core.languages import language


@dataclasses.dataclass(frozen=True)
class Packed:
    """`ids[n]` is a sequence of language `languages[rows[n]]`; `sources[n]` names the passages in it.

    guards: those of the languages, after the others, that were not asked for and count with a small weight (see `guarded`); every
    language but these has equally many sequences. weights: of each language, 1 for those asked for (None: no guards).
    """

    corpus: str
    languages: tuple[str, ...]
    ids: Int[Tensor, "sequences time"]
    rows: Int[Tensor, " sequences"]
    sources: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    guards: tuple[str, ...] = ()
    weights: tuple[float, ...] | None = None

    @property
    def num_tokens(self) -> int:
        """All tokens, of all languages."""
        return self.ids.numel()

    @property
    def tokens_per_language(self) -> int:
        """The same for every language that is not a guard."""
        return int((self.rows == 0).sum()) * self.ids.shape[1] if self.guards else self.num_tokens // len(self.languages)

    @property
    def tokens_by_language(self) -> Int[Tensor, " languages"]:
        """Tokens of each language."""
        return self._sequences * self.ids.shape[1]

    @property
    def chosen(self) -> "Packed":
        """Without guards."""
        return self.only(self.languages[: len(self.languages) - len(self.guards)]) if self.guards else self

    def fewer_guards(self, most: int) -> "Packed":
        """With at most so many guards, evenly spaced over their list."""
        count = len(self.guards)
        if count <= most:
            return self
        left_out = {self.guards[place] for place in range(count)} - {
            self.guards[place * count // most] for place in range(most)
        }
        return self.only([code for code in self.languages if code not in left_out])

    def guarded(self, guards: "Packed", share: float) -> "Packed":
        """With the sequences of other languages, which together make up `share` of all weight: of each language asked for the weight
        stays 1, and n guards of L weigh L share / (1 - share) / n each."""
        if not share:
            return self
        each = share / (1.0 - share) * len(self.languages) / len(guards.languages)
        return Packed(
            self.corpus,
            self.languages + guards.languages,
            torch.cat([self.ids, guards.ids]),
            torch.cat([self.rows, guards.rows + len(self.languages)]),
            self.sources + guards.sources,
            self.notes,
            guards.languages,
            (1.0,) * len(self.languages) + (each,) * len(guards.languages),
        )

    def part(self, share: float) -> "Packed":
        """The first sequences of every language, about `share` of them and at least one."""
        return self._first([max(1, round(int(count) * share)) for count in self._sequences])

    def opening(self, tokens: int) -> "Packed":
        """About the first `tokens` of every language, and at least one sequence."""
        return self._first([max(1, round(tokens / self.ids.shape[1]))] * len(self.languages))

    def _first(self, counts: Sequence[int]) -> "Packed":
        """The first so many sequences of each language, or all there are."""
        if all(count >= there for count, there in zip(counts, self._sequences.tolist(), strict=True)):
            return self
        first = [(self.rows == row).nonzero().flatten()[:count] for row, count in enumerate(counts)]
        return self._take(torch.cat(first).sort().values)

    @property
    def _sequences(self) -> Int[Tensor, " languages"]:
        return torch.bincount(self.rows, minlength=len(self.languages))

    def only(self, languages: Sequence[str]) -> "Packed":
        """The sequences of some of the languages."""
        rows = torch.tensor([self.languages.index(code) for code in languages])
        chosen = torch.isin(self.rows, rows).nonzero().flatten()
        kept = self._take(chosen)
        renamed = torch.tensor([list(languages).index(self.languages[int(row)]) for row in kept.rows])
        guards = tuple(code for code in languages if code in self.guards)
        weights = tuple(self.weights[self.languages.index(code)] for code in languages) if guards and self.weights else None
        return dataclasses.replace(kept, languages=tuple(languages), rows=renamed, guards=guards, weights=weights)

    def where(self, chosen: Bool[Tensor, " sequences"]) -> "Packed":
        """The sequences chosen, of all languages."""
        return self._take(chosen.nonzero().flatten())

    def _take(self, chosen: Int[Tensor, " chosen"]) -> "Packed":
        sources = tuple(self.sources[int(i)] for i in chosen)
        return dataclasses.replace(self, ids=self.ids[chosen], rows=self.rows[chosen], sources=sources)


def pack(
    corpus: Corpus,
    encode: Callable[[str], list[int]],
    start: Sequence[int],
    sequence_length: int,
    tokens_per_language: int,
    seed: int = 0,
) -> Packed:
    """Pack every language's passages into sequences of `sequence_length` tokens, `start` included in each.

    Passages are shuffled by `seed` in the same order for every language. When a language has fewer tokens than asked
    for, all languages are cut to what the poorest can give, and `notes` says so. Raises TextError when a language cannot
    fill one sequence.
    """
    body = sequence_length - len(start)
    if body < 1:
        raise TextError(
            f"A sequence must hold more than the {len(start)} opening tokens; its length was given as {sequence_length}."
        )
    if tokens_per_language < 1:
        raise TextError(f"Calibration needs at least one token per language; the number was given as {tokens_per_language}.")
    wanted = max(1, round(tokens_per_language / sequence_length))
    streams = {code: _stream(corpus, code, encode, wanted * body, seed) for code in corpus.languages}
    poorest = min(streams, key=lambda code: len(streams[code][0]))
    count = min(wanted, len(streams[poorest][0]) // body)
    if count == 0:
        raise TextError(
            f"{corpus.name}: {language(poorest).name} has only {len(streams[poorest][0])} tokens, fewer than one sequence of "
            f"{sequence_length}: give more text or a shorter sequence length."
        )
    notes: tuple[str, ...] = ()
    if count < wanted:
        notes = (
            f"{wanted * sequence_length} tokens per language were asked for; {language(poorest).name} has enough text for "
            f"{count * sequence_length}, so every language uses {count * sequence_length}.",
        )
    rows, ids, sources = [], [], []
    for row, (tokens, origin) in enumerate(streams.values()):
        for i in range(count):
            rows.append(row)
            ids.append([*start, *tokens[i * body : (i + 1) * body]])
            sources.append(tuple(dict.fromkeys(origin[i * body : (i + 1) * body])))
    return Packed(corpus.name, corpus.languages, torch.tensor(ids), torch.tensor(rows), tuple(sources), notes)


def _stream(
    corpus: Corpus, code: str, encode: Callable[[str], list[int]], enough: int, seed: int
) -> tuple[list[int], list[str]]:
    """Tokens of a language's passages one after the other until `enough`, and the passage each token came from."""
    passages = list(corpus.passages[code])
    random.Random(seed).shuffle(passages)
    tokens: list[int] = []
    origin: list[str] = []
    for passage in passages:
        if len(tokens) >= enough:
            break
        piece = encode(passage.text + "\n")
        tokens += piece
        origin += [passage.id] * len(piece)
    return tokens, origin
