"""Figures of a written text that need no model: how much it repeats itself, and in which script it is.

distinct_n   = |{n-grams}| / #n-grams                     (Li et al. 2016)
repetition_n = 1 - distinct_n                             (Welleck et al. 2020: seq-rep-n)
loop         = tokens in the longest stretch x_i = x_{i-p} that holds a piece of p tokens at least twice in a row
script_share = letters of the language's script / letters of any script
"""

import math
import unicodedata
from collections.abc import Sequence

from mwanda_core.languages import language

SCRIPTS: dict[str, tuple[str, ...]] = {
    "Burmese": ("MYANMAR",),
    "Han": ("CJK",),
    "Japanese": ("CJK", "HIRAGANA", "KATAKANA"),
}
"""Words by which Unicode names a script's letters, where it is not the script's own name."""

MARKS_OF_NO_SCRIPT = ("COMBINING", "VARIATION")
"""Accents and selectors stand in any script, so they count in none."""


def distinct(tokens: Sequence[int], n: int) -> float:
    """Share of different n-grams among all; NaN for fewer than n tokens."""
    grams = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    return len(set(grams)) / len(grams) if grams else math.nan


def repetition(tokens: Sequence[int], n: int) -> float:
    """Share of n-grams that have occurred before; NaN for fewer than n tokens."""
    return 1.0 - distinct(tokens, n)


def longest_loop(tokens: Sequence[int]) -> int:
    """Tokens in the longest stretch that repeats one piece at least twice in a row ("a b a b a" has 5); 0 where none does."""
    best = 0
    for period in range(1, len(tokens) // 2 + 1):
        run = 0
        for place in range(period, len(tokens)):
            run = run + 1 if tokens[place] == tokens[place - period] else 0
            if run >= period:
                best = max(best, run + period)
    return best


def script_share(text: str, code: str) -> float:
    """Share of the text's letters (and vowel signs) that belong to the language's script, in [0, 1].

    NaN for a text without letters, and for a language whose script is not known here.
    """
    script = language(code).script
    if script == "other":
        return math.nan
    wanted = SCRIPTS.get(script, (script.upper(),))
    letters = [words for ch in text if (words := _name_of_letter(ch))]
    if not letters:
        return math.nan
    return sum(any(name in words for name in wanted) for words in letters) / len(letters)


def _name_of_letter(ch: str) -> tuple[str, ...]:
    """The first words of a letter's Unicode name (LATIN, FULLWIDTH LATIN, CJK); nothing for what is no letter of a script."""
    if unicodedata.category(ch)[0] not in "LM":
        return ()
    name = unicodedata.name(ch, "")
    if not name or name.startswith(MARKS_OF_NO_SCRIPT):
        return ()
    return tuple(name.replace("-", " ").split()[:2])
