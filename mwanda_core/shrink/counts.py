"""How often each language uses each token, and how often it will use tokens that a small text does not show.

Counts are of final tokens. A text of a few thousand tokens shows few of those that a language needs, so the counts are smoothed by
absolute discounting (Ney, Essen & Kneser 1994, eq. 20 with one discount):

    f_l(t) = max(c_l(t) - D, 0) / N_l + D T_l / N_l q_l(t)        D = n1 / (n1 + 2 n2)

with c_l counts, N_l their sum, T_l the number of different tokens seen, n1 and n2 of those seen once and twice, and q_l what
`likeness` expects of tokens from their place in the table and their letters. Every f_l sums to 1.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from tokenizers import Tokenizer

from mwanda_core.errors import TextError
from mwanda_core.progress import Monitor

BATCH = 64


@dataclasses.dataclass(frozen=True, eq=False)
class Counts:
    """`table`: [languages, tokens] int64. `bytes` and `characters` of the text that was counted, by language."""

    languages: tuple[str, ...]
    table: np.ndarray
    bytes: tuple[int, ...]
    characters: tuple[int, ...]

    @property
    def tokens_per_character(self) -> np.ndarray:
        """[languages]."""
        return self.table.sum(axis=1) / np.maximum(1, np.asarray(self.characters))


def count(tokenizer: Tokenizer, texts: Mapping[str, Sequence[str]], size: int, monitor: Monitor | None = None) -> Counts:
    """Count the tokens of texts by language; `size`: number of ids.

    Raises TextError for a language without text.
    """
    empty = [code for code, items in texts.items() if not any(items)]
    if empty:
        raise TextError(f"There is no text to count tokens of for {', '.join(empty)}.")
    table = np.zeros((len(texts), size), dtype=np.int64)
    for row, items in enumerate(texts.values()):
        for start in range(0, len(items), BATCH):
            for found in encoded(tokenizer, items[start : start + BATCH]):
                table[row] += np.bincount(np.asarray(found, dtype=np.int64), minlength=size)
        if monitor is not None:
            monitor.advance(1.0)
    sizes = [sum(len(t.encode()) for t in items) for items in texts.values()]
    return Counts(tuple(texts), table, tuple(sizes), tuple(sum(map(len, items)) for items in texts.values()))


def encoded(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    """Ids of texts, without any special token around them."""
    found: Sequence[Any] = tokenizer.encode_batch(list(texts), add_special_tokens=False)
    return [one.ids for one in found]


def smoothed(counts: Counts, expected: np.ndarray) -> np.ndarray:
    """f_l(t) of the module's formula, [languages, tokens] float32; `expected`: q_l(t), each row summing to 1."""
    found = np.empty(counts.table.shape, dtype=np.float32)
    for row, seen in enumerate(counts.table):
        total, different = seen.sum(), int((seen > 0).sum())
        once, twice = int((seen == 1).sum()), int((seen == 2).sum())
        # With nothing seen once the text says that it shows all there is, and nothing is taken off.
        discount = once / (once + 2 * twice) if once else 0.0
        found[row] = np.maximum(seen - discount, 0) / total + discount * different / total * expected[row]
    return found
