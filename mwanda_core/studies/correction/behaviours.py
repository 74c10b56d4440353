"""What a model should stop doing, as text: a context, and what it must not go on with.

    repetition       its own greedy continuations of ordinary openings in which fewer than half of the tokens differ
    wrong language   openings in one language that go on in another (English; for English: the first other language)
    words            openings that go on with words of a list of one's own; the words are read, counted and never shown

Response uniqueness r = different tokens / tokens < 0.5 is Hatefi et al. 2025's bar. Samples are halved: what is to be removed is found on
one half and judged on the other.
"""

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path

from mwanda_core.corpora import Corpus
from mwanda_core.errors import InputError, TextError
from mwanda_core.files import read_whole
from mwanda_core.insight.generation import GenerationSettings, generate, prompts_from
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor

UNIQUE = 0.5
UNSPACED = ("zh", "ja", "th", "my", "km", "lo")
OPENING = 24
"""Tokens of an opening."""
WRITTEN = 40
"""Tokens that the model writes, or that an undesired continuation has at most."""


@dataclasses.dataclass(frozen=True)
class Sample:
    """`ids` with the opening token; from place `first` on they are what is undesired (or, in general text, what is asked about)."""

    language: str
    ids: tuple[int, ...]
    first: int


def uniqueness(tokens: Sequence[int]) -> float:
    """Different tokens among all; 1 for none."""
    return len(set(tokens)) / len(tokens) if tokens else 1.0


def general(model: LanguageModel, corpus: Corpus, count: int) -> tuple[Sample, ...]:
    """The first passages of every language, read as they are."""
    found = []
    for code, passages in corpus.passages.items():
        for passage in passages[:count]:
            ids = (*model.start, *model.encode(passage.text)[: OPENING + WRITTEN])
            found.append(Sample(code, ids, max(1, len(model.start))))
    return tuple(found)


def repetition(model: LanguageModel, corpus: Corpus, count: int, monitor: Monitor, least: int = 2) -> tuple[Sample, ...]:
    """Openings whose greedy continuation repeats itself.

    Raises InputError when a language has fewer than `least`.
    """
    written = generate(model, prompts_from(corpus, count), GenerationSettings(max_new_tokens=WRITTEN), monitor)
    found = []
    for one in written.items:
        if uniqueness(one.tokens) < UNIQUE:
            opening = (*model.start, *model.encode(one.prompt.text))
            found.append(Sample(one.prompt.language, (*opening, *one.tokens), len(opening)))
    for code in corpus.languages:
        if sum(sample.language == code for sample in found) < least:
            raise InputError(
                f"Fewer than {least} continuations in {code!r} repeat themselves: ask for more openings, or leave the language out."
            )
    return tuple(found)


def wrong_language(model: LanguageModel, corpus: Corpus, count: int) -> tuple[Sample, ...]:
    """Openings followed by the same passage's end in another language.

    Raises InputError where only one language is given, or texts are not parallel.
    """
    codes = corpus.languages
    if len(codes) < 2 or not corpus.parallel:
        raise InputError("Answering in the wrong language needs at least two languages with parallel texts.")
    found = []
    for code in codes:
        other = "en" if code != "en" and "en" in codes else next(one for one in codes if one != code)
        for mine, theirs in list(zip(corpus.passages[code], corpus.passages[other], strict=False))[:count]:
            opening = (*model.start, *model.encode(mine.text)[:OPENING])
            found.append(Sample(code, (*opening, *model.encode(theirs.ending)[:WRITTEN]), len(opening)))
    return tuple(found)


MOST_BYTES = 16 * 2**20
"""Of a list of words."""


def word_list(file: Path) -> tuple[str, ...]:
    """Words of a text file, one a line, or of a JSON list.

    Raises TextError for a file that cannot be read or holds none.
    """
    text = read_whole(Path(file).expanduser(), MOST_BYTES, TextError)
    stripped = (line.strip().strip('",[]').strip() for line in text.splitlines())
    words = tuple(dict.fromkeys(word for word in stripped if word))
    if not words:
        raise TextError(f"The list of words {str(file)!r} is empty.")
    return words


def list_of(folder: Path, code: str) -> tuple[str, ...]:
    """The words of a language in a folder of lists.

    Raises TextError where it has none.
    """
    file = next((f for f in (folder / f"{code}.txt", folder / f"{code}.json") if f.exists()), None)
    if file is None:
        raise TextError(f"The folder {str(folder)!r} has no list of words for {code!r} ({code}.txt, or {code}.json).")
    return word_list(file)


def occurrences(text: str, code: str, words: Sequence[str]) -> int:
    """How often words of a list stand in a text, whatever their case: whole words, but anywhere where a language writes no blanks."""
    bounds = ("", "") if code in UNSPACED else (r"(?<!\w)", r"(?!\w)")
    anyone = "|".join(re.escape(word.casefold()) for word in sorted(words, key=len, reverse=True))
    return len(re.findall(f"{bounds[0]}(?:{anyone}){bounds[1]}", text.casefold()))


def listed_words(model: LanguageModel, corpus: Corpus, folder: Path, count: int) -> tuple[Sample, ...]:
    """Openings of each language followed by words of its list (<code>.txt or <code>.json in the folder), one after the other.

    Raises TextError where a language has no list.
    """
    found = []
    for code, passages in corpus.passages.items():
        words = list_of(folder, code)
        for place, passage in enumerate(passages[:count]):
            opening = (*model.start, *model.encode(passage.text)[:OPENING])
            found.append(Sample(code, (*opening, *model.encode(" " + words[place % len(words)])), len(opening)))
    return tuple(found)


def halves(samples: Sequence[Sample]) -> tuple[tuple[Sample, ...], tuple[Sample, ...]]:
    """Every second sample of each language."""
    seen: dict[str, int] = {}
    parts: tuple[list[Sample], list[Sample]] = ([], [])
    for sample in samples:
        seen[sample.language] = seen.get(sample.language, -1) + 1
        parts[seen[sample.language] % 2].append(sample)
    return tuple(parts[0]), tuple(parts[1])
