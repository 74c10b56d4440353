"""What a language will use of the tokens that its text does not show: their place in the table, and their letters.

    q_l(t) proportional to 1 / (rank(t) + R) * P(l | t),     P(l | t) proportional to pi_l prod_i P(c_i | c_{i-2} c_{i-1}, l)

Tables are written in the order in which their tokens were worth making, so a token's place says how often all languages together use it
(Zipf-Mandelbrot; Unigram states log-probabilities instead). Letters say which language: character trigrams of each language's text, with
Witten-Bell back-off to bigrams, single characters and a constant, and as rivals all built-in languages that are not kept, as one class.
A choice of this project; `benchmarks/shrink.py` measures it against the table's order alone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from mwanda_core.shrink.tokens import UNIGRAM, TokenTable

OFFSET = 1000.0
"""R: ranks below it are about equally frequent; tables differ little in it."""

_FLOOR = 1e-6
"""Probability of a character that a language's text never showed."""

_START = "\x02"


def table_order(table: TokenTable) -> np.ndarray:
    """How often all languages together use each token, [tokens], summing to 1; 0 for added tokens and gaps."""
    found = np.zeros(table.size)
    if table.family == UNIGRAM:
        for number, (_, score) in enumerate(table.data["model"]["vocab"]):
            found[number] = np.exp(score)
        found[list(table.added)] = 0.0
        return found / found.sum()
    apart = {*table.added, *table.bytes}
    order = [number for number in sorted(table.pieces) if number not in apart]
    # Single characters stand after the merged pieces in some tables and before them in others: they have a rank of their own.
    ranks = {True: 0, False: 0}
    for number in order:
        single = len(table.pieces[number]) == 1
        found[number] = 1.0 / (ranks[single] + OFFSET)
        ranks[single] += 1
    return found / max(found.sum(), 1e-300)


def expected(table: TokenTable, kept: Mapping[str, Sequence[str]], rivals: Sequence[Sequence[str]]) -> np.ndarray:
    """q_l(t) of the module's formula for each language of `kept` (texts by language), [languages, tokens] float32.

    rivals: texts of languages that are not kept, one list a language.
    """
    order = table_order(table)
    spelled = [table.text(number) if order[number] > 0 else "" for number in range(table.size)]
    grams, owners, places = _grams_of(spelled)
    logs = []
    for texts in kept.values():
        logs.append(_log_likelihood(_Letters(texts), grams, owners, places, table.size))
    if rivals:
        pooled = [text for texts in rivals for text in texts]
        logs.append(_log_likelihood(_Letters(pooled), grams, owners, places, table.size) + np.log(len(rivals)))
    stacked = np.stack(logs)
    stacked -= stacked.max(axis=0)
    posterior = np.exp(stacked)
    posterior /= posterior.sum(axis=0)
    found = posterior[: len(kept)] * order
    return (found / np.maximum(found.sum(axis=1, keepdims=True), 1e-300)).astype(np.float32)


def _grams_of(spelled: Sequence[str]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Different trigrams of all tokens, and for each occurrence its token and its trigram."""
    numbers: dict[str, int] = {}
    owners, places = [], []
    for number, text in enumerate(spelled):
        padded = (_START if text.startswith("▁") else "") + text
        for end in range(1, len(padded) + 1):
            gram = padded[max(0, end - 3) : end]
            owners.append(number)
            places.append(numbers.setdefault(gram, len(numbers)))
    return list(numbers), np.asarray(owners, dtype=np.int64), np.asarray(places, dtype=np.int64)


def _log_likelihood(letters: "_Letters", grams: Sequence[str], owners: np.ndarray, places: np.ndarray, size: int) -> np.ndarray:
    each = np.log(np.fromiter((letters.probability(gram) for gram in grams), dtype=np.float64, count=len(grams)))
    return np.bincount(owners, weights=each[places], minlength=size)


class _Letters:
    """P(last character | the one or two before it) in a language's text, with Witten-Bell back-off."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._seen: Counter[str] = Counter()
        self._followers: Counter[str] = Counter()
        for text in texts:
            joined = f"▁{text.replace(' ', '▁')}"
            for size in (1, 2, 3):
                self._seen.update(joined[i : i + size] for i in range(len(joined) - size + 1))
        self._total = sum(n for gram, n in self._seen.items() if len(gram) == 1)
        self._followers.update(gram[:-1] for gram in self._seen if len(gram) > 1)
        self._after: Counter[str] = Counter()
        for gram, n in self._seen.items():
            if len(gram) > 1:
                self._after[gram[:-1]] += n

    def probability(self, gram: str) -> float:
        """Of the last character after the others."""
        before, last = gram[:-1].replace(_START, ""), gram[-1]
        found = max(self._seen[last] / max(1, self._total), _FLOOR)
        for start in range(len(before) - 1, -1, -1):
            context = before[start:]
            seen, kinds = self._after[context], self._followers[context]
            if not seen:
                break
            found = (self._seen[context + last] + kinds * found) / (seen + kinds)
        return found
