"""What is to be scored: passages for perplexity, and four-way choices made from the same parallel passages."""

import dataclasses
import hashlib
import json
import random
from collections.abc import Sequence

from mwanda_core.corpora import Corpus, Passage, pack
from mwanda_core.errors import InputError
from mwanda_core.models import LanguageModel

NUM_CHOICES = 4
FIRST_LOOK = 3
"""Texts of a language that are scored first: the fewest that give an interval of a width worth drawing."""


@dataclasses.dataclass(frozen=True)
class ScoredText:
    """One text whose loss is measured. `bytes` is its length in UTF-8, for bits per byte."""

    id: str
    language: str
    ids: tuple[int, ...]
    bytes: int


@dataclasses.dataclass(frozen=True)
class ChoiceItem:
    """Which ending is the true one? `endings[answer]`. `bytes` are the endings' lengths in UTF-8; `opening` is the empty
    context that an ending's own likelihood is measured after."""

    id: str
    language: str
    opening: tuple[int, ...]
    context: tuple[int, ...]
    endings: tuple[tuple[int, ...], ...]
    bytes: tuple[int, ...]
    answer: int

    @property
    def num_tokens(self) -> int:
        """The context once and every ending, as a measure of work."""
        return len(self.context) + sum(map(len, self.endings))


@dataclasses.dataclass(frozen=True)
class EvaluationSet:
    """Tokenised texts and choices. `num_start` tokens at the head of every text open it and are not scored."""

    corpus: str
    num_start: int
    texts: tuple[ScoredText, ...]
    choices: tuple[ChoiceItem, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        """In the order of the texts."""
        return tuple(dict.fromkeys(text.language for text in self.texts))

    @property
    def num_tokens(self) -> int:
        """Tokens that go through the model, as a measure of work."""
        return sum(len(text.ids) for text in self.texts) + sum(item.num_tokens for item in self.choices)

    def only(self, code: str) -> "EvaluationSet":
        """One language's part."""
        texts = tuple(t for t in self.texts if t.language == code)
        return EvaluationSet(self.corpus, self.num_start, texts, tuple(c for c in self.choices if c.language == code))

    def digest(self) -> str:
        """SHA-256 of everything scored: the key of cached results."""
        return hashlib.sha256(json.dumps(dataclasses.asdict(self)).encode()).hexdigest()


def evaluation_set(
    model: LanguageModel, corpus: Corpus, *, max_texts: int, sequence_length: int, with_choices: bool, seed: int = 0
) -> EvaluationSet:
    """The texts of a corpus as they will be scored.

    Passages of several sentences are scored one by one, so that a passage costs comparable nats in every language. A
    corpus of bare lines is packed into sequences of `sequence_length` tokens. Choices need passages of several sentences
    and at least four of them. Raises InputError for a negative number of texts.
    """
    if max_texts < 0:
        raise InputError(f"The number of texts to score must be 0 (none) or more; it was given {max_texts}.")
    texts: list[ScoredText] = []
    choices: list[ChoiceItem] = []
    for code, passages in corpus.passages.items():
        whole = all(len(p.sentences) > 1 for p in passages)
        if whole:
            texts += [_text(model, passage) for passage in passages[:max_texts]]
        else:
            texts += _packed_texts(model, corpus, code, max_texts, sequence_length)
        if whole and with_choices and len(passages) >= NUM_CHOICES:
            choices += [_choice(model, passages, index, seed) for index in range(min(max_texts, len(passages)))]
    return EvaluationSet(corpus.name, len(model.start), tuple(texts), tuple(choices))


def _text(model: LanguageModel, passage: Passage) -> ScoredText:
    ids = (*model.start, *model.encode(passage.text))
    return ScoredText(passage.id, passage.language, ids, len(passage.text.encode()))


def _packed_texts(model: LanguageModel, corpus: Corpus, code: str, max_texts: int, sequence_length: int) -> list[ScoredText]:
    if max_texts < 1:  # `pack` gives at least one sequence.
        return []
    packed = pack(corpus.select([code]), model.encode, model.start, sequence_length, max_texts * sequence_length)
    found = []
    for index, (ids, sources) in enumerate(zip(packed.ids.tolist(), packed.sources, strict=True)):
        size = model.num_bytes(ids[len(model.start) :])
        # A long passage fills several sequences: the number keeps their names apart.
        found.append(ScoredText(f"{'+'.join(sources)}#{index}", code, tuple(ids), size))
    return found


def _choice(model: LanguageModel, passages: Sequence[Passage], index: int, seed: int) -> ChoiceItem:
    """Three endings of other passages of the same language join the true one; the same ones in every language."""
    chosen = random.Random(f"{seed}:{index}")
    others = chosen.sample([i for i in range(len(passages)) if i != index], NUM_CHOICES - 1)
    order = [index, *others]
    chosen.shuffle(order)
    endings = tuple(tuple(model.encode(passages[i].ending)) for i in order)
    return ChoiceItem(
        passages[index].id,
        passages[index].language,
        model.start or tuple(model.encode("\n")),
        (*model.start, *model.encode(passages[index].context)),
        endings,
        tuple(len(passages[i].ending.encode()) for i in order),
        order.index(index),
    )


def looks(most: int) -> tuple[int, ...]:
    """How many texts of a language are scored after each look: 3, 6, 12, 24, ..., and `most` last."""
    found = []
    size = FIRST_LOOK
    while size < most:
        found.append(size)
        size *= 2
    return (*found, most) if most > 0 else ()


def pieces(texts: Sequence[ScoredText]) -> list[Sequence[ScoredText]]:
    """Texts of one language, look by look. Each piece has batches of its own, so that a text's loss is the same to the bit whether scoring
    went on after it or not: the losses of a 16-bit model depend on the batch, by some thousandths of a nat a token."""
    ends = looks(len(texts))
    return [texts[start:stop] for start, stop in zip((0, *ends), ends, strict=False)]


def sorted_batches(texts: Sequence[ScoredText], batch_tokens: int = 2048) -> list[list[ScoredText]]:
    """Texts sorted by length, longest first, in batches of about `batch_tokens` tokens with padding."""
    found: list[list[ScoredText]] = []
    for text in sorted(texts, key=lambda t: -len(t.ids)):
        if found and (len(found[-1]) + 1) * len(found[-1][0].ids) <= batch_tokens:
            found[-1].append(text)
        else:
            found.append([text])
    return found
