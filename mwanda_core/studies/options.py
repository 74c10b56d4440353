"""Settings of studies that are texts: names and shares separated by commas."""

from mwanda_core.errors import InputError


def listed(text: str) -> tuple[str, ...]:
    """Words separated by commas, each once."""
    return tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))


def shares_in(text: str) -> tuple[float, ...]:
    """Shares separated by commas, in rising order.

    Raises InputError for what is no number above 0 and at most 1.
    """
    try:
        found = sorted({float(word) for word in listed(text)})
    except ValueError:
        found = []
    if not found or not all(0.0 < share <= 1.0 for share in found):
        raise InputError(f"Shares are numbers above 0 and at most 1, separated by commas; {text!r} was given.")
    return tuple(found)
