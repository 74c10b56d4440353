"""Texts: language -> passages, with a fixed split into calibration and evaluation that never overlap."""

import dataclasses
from collections.abc import Mapping, Sequence

from mwanda_core.errors import TextError
from mwanda_core.languages import language, usual


@dataclasses.dataclass(frozen=True)
class Passage:
    """A few sentences in one language. Passages of different languages with one id say the same thing."""

    id: str
    language: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """The sentences joined as the language joins them."""
        return joiner(self.language).join(self.sentences)

    @property
    def context(self) -> str:
        """The first half of the sentences, the larger half left for the ending: what a reader has seen."""
        return joiner(self.language).join(self.sentences[: self._cut])

    @property
    def ending(self) -> str:
        """The other sentences, with the separator that precedes them: what truly follows the context."""
        return joiner(self.language) + joiner(self.language).join(self.sentences[self._cut :])

    @property
    def _cut(self) -> int:
        return max(1, len(self.sentences) // 2)


def joiner(code: str) -> str:
    """What stands between two sentences; nothing in Chinese and Japanese."""
    return "" if code in ("zh", "ja") else " "


@dataclasses.dataclass(frozen=True)
class Corpus:
    """Passages by language, in a fixed order. `parallel` when equal ids mean equal content."""

    name: str
    passages: Mapping[str, tuple[Passage, ...]]
    parallel: bool = False

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are texts for."""
        return tuple(self.passages)

    def select(self, languages: Sequence[str]) -> "Corpus":
        """The same corpus in fewer languages, in the order given.

        Raises TextError for a language there is no text for.
        """
        missing = [code for code in languages if code not in self.passages]
        if missing:
            names = ", ".join(f"{language(code).name} ({code})" for code in missing)
            near = [f"{code}, in its usual script" for code in dict.fromkeys(map(usual, missing)) if code in self.passages]
            hint = f" (also {', '.join(near)})" if near else ""
            raise TextError(f"{self.name} has no text in {names}; it has {', '.join(self.passages)}{hint}.")
        return Corpus(self.name, {code: self.passages[code] for code in languages}, self.parallel)


@dataclasses.dataclass(frozen=True)
class Texts:
    """A corpus split in two halves that share no passage."""

    calibration: Corpus
    evaluation: Corpus


def split_even_odd(corpus: Corpus) -> Texts:
    """Even positions calibrate, odd positions evaluate: fixed, and the same for every language."""
    halves = [{code: items[start::2] for code, items in corpus.passages.items()} for start in (0, 1)]
    short = [code for code, items in halves[1].items() if not items]
    if short:
        raise TextError(
            f"{corpus.name}: {', '.join(short)} needs at least two passages, one to calibrate and one to evaluate: write each on a line "
            "of its own, or separate them by a blank line."
        )
    return Texts(*(Corpus(corpus.name, half, corpus.parallel) for half in halves))
