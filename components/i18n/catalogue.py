"""Sentences in the language that counts here: gettext catalogues, one folder a language, and numbers as that language writes them.

English is the text in the program itself; a translation is `catalogues/<code>/LC_MESSAGES/<domain>.po`, read at its first use (a
sixth of a second), so nothing is compiled and nothing can be out of date. What a catalogue lacks is read in English.
`scripts/texts.py` extracts, updates and checks them.
"""

import functools
import gettext as standard
import io
import numbers
import re
import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.i18n import locale
from components.i18n.recognition import Templates

FOLDER = Path(__file__).parent / "catalogues"
PAGE, LESSON = "page", "lesson"
DOMAINS = (PAGE, LESSON)

_DIVISOR = re.compile(r"/([0-9.e]+) (.*)")


def file_of(domain: str, code: str) -> Path:
    """Where the sentences of one part of the page stand in one language."""
    return FOLDER / code / "LC_MESSAGES" / f"{domain}.po"


@functools.cache
def catalogue(domain: str, code: str) -> standard.NullTranslations:
    """The sentences of a language; none for English and for a language without a file."""
    file = file_of(domain, code)
    if code == locale.ENGLISH or not file.is_file():
        return standard.NullTranslations()
    return Catalogue(file, code)


class Catalogue(standard.GNUTranslations):
    """The sentences of a file; `library`: the templates among them that `mwanda_core` fills."""

    def __init__(self, file: Path, code: str) -> None:
        from babel.messages import mofile, pofile  # The page opens in English and may never need them.

        with file.open("rb") as source:
            entries = pofile.read_po(source, locale=code)
        compiled = io.BytesIO()
        mofile.write_mo(compiled, entries)
        compiled.seek(0)
        super().__init__(compiled)
        said = [entry for entry in entries if any(place.startswith("mwanda_core/") for place, _ in entry.locations)]
        self.library = Templates(entry.id for entry in said if isinstance(entry.id, str))


class Text(str):
    """A sentence that knows its language: places that name a format (`{share:.1f}`) are filled as that language writes numbers.

    A format may begin with a divisor and a space: `{weights:/1e6 ,.0f} million`. So each language counts by what it counts by.
    """

    __slots__ = ("code",)
    code: str

    def __new__(cls, text: str, code: str) -> "Text":
        self = super().__new__(cls, text)
        self.code = code
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Text, (str(self), self.code)

    def format(self, *values: Any, **fields: Any) -> str:
        """As `str.format`."""
        return _formatter(self.code).vformat(self, values, fields)

    def format_map(self, fields: Mapping[str, Any]) -> str:  # type: ignore[override]
        """As `str.format_map`."""
        return _formatter(self.code).vformat(self, (), fields)


class _Formatter(string.Formatter):
    def __init__(self, code: str) -> None:
        self._code = code

    def format_field(self, value: Any, format_spec: str) -> Any:
        if isinstance(value, BaseException):
            return translated(value, self._code)
        if not isinstance(value, numbers.Real) or isinstance(value, bool):
            return super().format_field(value, format_spec)
        divided = _DIVISOR.fullmatch(format_spec)
        if divided:
            value, format_spec = float(value) / float(divided[1]), divided[2]
        told = super().format_field(value, format_spec)
        return told if isinstance(value, int) and not format_spec else in_digits(told, self._code)


@functools.cache
def _formatter(code: str) -> _Formatter:
    return _Formatter(code)


@functools.cache
def _separators(code: str) -> dict[int, str]:
    from babel.numbers import get_decimal_symbol, get_group_symbol

    return {ord("."): get_decimal_symbol(code), ord(","): get_group_symbol(code)}


def in_digits(told: str, code: str) -> str:
    """A number as Python writes it, with the decimal sign and the thousands separator of a language (Unicode CLDR, through Babel)."""
    return told if code not in locale.NAMES or code == locale.ENGLISH else told.translate(_separators(code))


def gettext(text: str, domain: str = PAGE) -> Text:
    """A sentence in the language that counts here."""
    code = locale.current()
    return Text(catalogue(domain, code).gettext(text) if text else text, code)


def ngettext(one: str, many: str, count: int, domain: str = PAGE) -> Text:
    """As `gettext`, in the form that the language uses for so many (two in German, six in Arabic)."""
    code = locale.current()
    return Text(catalogue(domain, code).ngettext(one, many, count), code)


def pgettext(context: str, text: str, domain: str = PAGE) -> Text:
    """As `gettext`, for a text that means something else elsewhere."""
    code = locale.current()
    return Text(catalogue(domain, code).pgettext(context, text), code)


def npgettext(context: str, one: str, many: str, count: int, domain: str = PAGE) -> Text:
    """As `ngettext`, for a text that means something else elsewhere."""
    code = locale.current()
    return Text(catalogue(domain, code).npgettext(context, one, many, count), code)


def translated(message: object, code: str | None = None) -> str:
    """A sentence of the library (an error, a stage, a note, a help line) in a language, that which counts here unless one is named.

    What fills its places is looked up as well; a sentence that stands in no catalogue stays English.
    """
    code, text = code or locale.current(), str(message)
    found = catalogue(PAGE, code)
    if code == locale.ENGLISH or not text or not isinstance(found, Catalogue):
        return text
    if (known := found.gettext(text)) != text:
        return known
    if (recognised := found.library.recognise(text)) is None:
        return named_language(text, code)
    template, fields = recognised
    filled = {name: translated(value, code) if type(value) is str else value for name, value in fields.items()}
    return Text(found.gettext(template), code).format_map(filled)


def named_language(text: str, code: str) -> str:
    """The English name of a language as another language calls it; any other text as it is."""
    from components.i18n.names import named

    return named(known, code) if (known := _languages().get(text)) else text


@functools.cache
def _languages() -> dict[str, str]:
    from mwanda_core.languages import LANGUAGES

    return {language.name: code for code, language in LANGUAGES.items()}
