"""From a finished English sentence of the library back to its template and what fills it.

"Pruning block 3 of 18" was made of "Pruning block {index} of {blocks}": each place may be any text, and of several templates that
fit, the one with the most words of its own counts.
"""

import functools
import re
import string
from collections.abc import Iterable, Mapping

ENOUGH = 5
"""Letters of its own that a template needs: with fewer it would fit too much."""


class Templates:
    """The templates of one catalogue."""

    def __init__(self, texts: Iterable[str]) -> None:
        chosen = sorted((text for text in texts if "{" in text and _letters(text) >= ENOUGH), key=_rank)
        self._patterns = [(text, _pattern(text)) for text in chosen]

    @functools.lru_cache(maxsize=2048)  # noqa: B019 (catalogues live as long as the program)
    def recognise(self, sentence: str) -> tuple[str, Mapping[str, object]] | None:
        """(template, its fields) of a sentence; None where no template fits."""
        for text, pattern in self._patterns:
            if fits := pattern.fullmatch(sentence):
                return text, {name: _value(name, told, text) for name, told in fits.groupdict().items()}
        return None


def _pieces(text: str) -> list[tuple[str, str | None, str | None, str | None]]:
    return list(string.Formatter().parse(text))


def _letters(text: str) -> int:
    return sum(letter.isalpha() for own, *_ in _pieces(text) for letter in own)


def _rank(text: str) -> tuple[int, int]:
    """Most words of its own first, then fewest places."""
    return -sum(len(own) for own, *_ in _pieces(text)), text.count("{")


def _pattern(text: str) -> re.Pattern[str]:
    told, seen = "", dict[str, str | None]()
    for own, name, _, conversion in _pieces(text):
        told += re.escape(own)
        if name is not None:
            # What stands once quoted and once plain is the same text in two spellings.
            again = f"(?P={name})" if seen.get(name) == conversion else ".*?"
            told += again if name in seen else f"(?P<{name}>.*?)"
            seen.setdefault(name, conversion)
    return re.compile(told, re.DOTALL)


def _value(name: str, told: str, text: str) -> object:
    """What fills a place: a number where the template formats one; what was quoted (`!r`) without its quotes."""
    for _, place, form, conversion in _pieces(text):
        if place == name and conversion == "r":
            return _Quoted(told)
        if place == name and form:
            try:
                return _Plain(told) if form.endswith("X") else float(told.replace(",", ""))
            except ValueError:
                return _Plain(told)
    return told


class _Quoted(str):
    """A text that was quoted already, without its quotes."""

    __slots__ = ("quoted",)
    quoted: str

    def __new__(cls, told: str) -> "_Quoted":
        inside = told[:1] in ("'", '"') and told[:1] == told[-1:] and len(told) > 1
        self = super().__new__(cls, told[1:-1] if inside else told)
        self.quoted = told
        return self

    def __repr__(self) -> str:
        return self.quoted


class _Plain(str):
    """A text in a place that formats numbers."""

    def __format__(self, form: str) -> str:
        return str(self)
