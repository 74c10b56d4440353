"""Small words that several panels share: numbers, durations, yes and no."""

from collections.abc import Sequence

from components.environment import without_paths
from components.i18n import numbers
from components.i18n.catalogue import gettext, ngettext, pgettext, translated

DEVICE_NAMES = {"cpu": "CPU", "cuda": "GPU"}

INTERFACE = "Language of this page"

TIMES = "{value} times"
TIMES_SHORT = "{value} ×"
POINTS = "{value} points"
UNCHANGED = "unchanged"
NOT_MEASURED = "not measured"

YES, NO = "yes", "no"
SPAN = "{low} to {high}"


def seconds(value: float) -> str:
    """A duration as a person says it. CLDR has no short form of two units together, so the forms are our own."""
    whole = max(0, round(value))
    if whole < 60:
        return gettext("{seconds} s").format(seconds=whole)
    if whole < 3600:
        text = gettext("{minutes} min {seconds:02d} s") if whole % 60 else gettext("{minutes} min 00 s")
        return text.format(minutes=whole // 60, seconds=whole % 60)
    text = gettext("{hours} h {minutes:02d} min") if whole % 3600 // 60 else gettext("{hours} h 00 min")
    return text.format(hours=whole // 3600, minutes=whole % 3600 // 60)


def rounded(value: float) -> str:
    """A duration as far as it can be foreseen: 10 s, half minutes, minutes, quarters of an hour."""
    step = 5 if value < 60 else 30 if value < 600 else 60 if value < 3600 else 900
    return seconds(max(step, step * round(value / step)))


def between(low: float, high: float) -> str:
    """A range of durations; one where both round to the same."""
    first, last = rounded(low), rounded(high)
    return first if first == last else gettext("{low} to {high}").format(low=first, high=last)


def clock(value: float) -> str:
    """Minutes and seconds, for a log."""
    whole = max(0, int(value))
    return f"{whole // 60:02d}:{whole % 60:02d}"


def interval(low: str, high: str) -> str:
    """A 95% interval of a factor."""
    return gettext("95%: {low} to {high}").format(low=low, high=high)


def percent(share: float, digits: int = 0) -> str:
    """A share as per cent."""
    return numbers.percent(share, digits)


def per_cent(told: str) -> str:
    """A number (or the place where a figure writes one) with the sign for per cent."""
    return numbers.per_cent(told)


def number(value: float, form: str = "") -> str:
    """A number in one of Python's formats, with the visitor's decimal sign and thousands separator."""
    return numbers.number(value, form)


def library(message: object) -> str:
    """What the library says (an error, a stage, a note, a help line) in the visitor's language; to strangers without this machine's
    paths."""
    return without_paths(translated(message))


def enumerated(names: Sequence[str]) -> str:
    """Names with commas between them, without "and"."""
    return pgettext("between names", ", ").join(names)


def first_of(names: Sequence[str], most: int = 4) -> str:
    """The first of several names of languages or choices, and how many others there are."""
    rest = len(names) - most
    shown = enumerated(names[:most])
    return (
        ngettext("{names} and {count} more", "{names} and {count} more", rest).format(names=shown, count=rest)
        if rest > 0
        else shown
    )


def items_per_language(low: int, high: int) -> str:
    """How many choice items a figure rests on."""
    if low == high:
        return ngettext("{low} item per language", "{low} items per language", low).format(low=low)
    text = ngettext("{low} to {high} items per language", "{low} to {high} items per language", high)
    return text.format(low=low, high=high)


def plot_description(name: str) -> str:
    """For readers who do not see a figure: what it is, and where its numbers stand."""
    return gettext("{name}. The table beside the figure holds the same numbers.").format(name=name)
