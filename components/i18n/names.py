"""Names of languages as a visitor reads them: the library's own in English, those of the Unicode CLDR (through Babel) in the others.

What is written to a file keeps its English names, whoever asks for it.
"""

import functools
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from components.i18n import locale as speech
from mwanda_core.languages import LANGUAGES, language, parse_codes

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {"name": "language", "other_name": "other", "worst_name": "worst_language"}
"""Columns of tables that hold names, and the columns that hold the codes of the same languages."""


def language_name(code: str) -> str:
    """A language as the visitor calls it."""
    return named(code, speech.current())


def language_names(codes: Iterable[str]) -> list[str]:
    """As `language_name`, in the same order."""
    interface = speech.current()
    return [named(code, interface) for code in codes]


@functools.lru_cache(maxsize=4096)
def named(code: str, interface: str) -> str:
    """A language in the language of a page; its English name where nothing else is known, and its code where that is not either."""
    english = language(code).name
    found = "" if interface == speech.ENGLISH else _names(interface).get(code, "")
    return found[:1].upper() + found[1:] if found else english


@functools.cache
def _names(interface: str) -> Mapping[str, str]:
    """Code -> name in one language of the page."""
    from babel import Locale  # The page opens in English and may never need it.

    return dict(Locale.parse(interface).languages)


def renamed(table: "pd.DataFrame") -> "pd.DataFrame":
    """A table with its names of languages as the visitor reads them, by the codes beside them; tables hold English names."""
    interface = speech.current()
    if interface == speech.ENGLISH:
        return table
    found = {
        name: [named(str(code), interface) for code in table[codes]]
        for name, codes in COLUMNS.items()
        if name in table and codes in table
    }
    return table.assign(**found) if found else table


def alphabetical(name: str) -> str:
    """A key to sort names by: accents and capitals do not count."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def typed_codes(given: str) -> tuple[str, ...]:
    """As `parse_codes` for what a visitor typed: names may also be those that the page shows.

    Raises InputError as `parse_codes`.
    """
    interface = speech.current()
    own = {named(code, interface).casefold(): code for code in LANGUAGES}
    return parse_codes(",".join(own.get(word.strip().casefold(), word) for word in given.split(",")))
