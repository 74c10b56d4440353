"""Numbers, shares, lists and dates as the visitor's language writes them (Unicode CLDR, through Babel)."""

import datetime
from collections.abc import Iterable, Sequence

from components.i18n import locale
from components.i18n.catalogue import in_digits

BRITISH = "en_GB"
"""The page's English lists without a comma before "and"."""


def number(value: float, form: str = "") -> str:
    """A number in one of Python's formats (`.3g`, `,.0f`), with the visitor's decimal sign and thousands separator."""
    return in_digits(format(value, form), locale.current())


def separators() -> str:
    """The visitor's decimal sign and thousands separator, as Plotly's `layout.separators` takes them."""
    return in_digits(".,", locale.current())


def percent(share: float, digits: int = 0) -> str:
    """A share as per cent, with so many decimals."""
    return per_cent(number(100 * share, f".{digits}f"))


def per_cent(told: str) -> str:
    """A number (or the place where a figure writes one) with the sign for per cent."""
    from babel import Locale

    pattern = Locale.parse(locale.current()).percent_formats[None]
    return f"{pattern.prefix[0]}{told}{pattern.suffix[0]}"


def listed(names: Sequence[str]) -> str:
    """Names as a person lists them: "a, b and c"; empty for none."""
    from babel.lists import format_list

    code = locale.current()
    return format_list(list(names), locale=BRITISH if code == locale.ENGLISH else code)


def date(day: datetime.date) -> str:
    """A day, its month in words."""
    from babel.dates import format_date

    code = locale.current()
    return format_date(day, "long", locale=BRITISH if code == locale.ENGLISH else code)


def capital(text: str) -> str:
    """The first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def together(sentences: Iterable[str]) -> str:
    """Sentences one after the other; Chinese puts no space between them."""
    return ("" if locale.current() == "zh" else " ").join(sentence for sentence in sentences if sentence)
