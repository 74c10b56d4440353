"""Small words that several panels share: numbers, durations, yes and no."""

DEVICE_NAMES = {"cpu": "CPU", "cuda": "GPU"}

INTERFACE = "Language of this page"

TIMES = "{value} times"
POINTS = "{value} points"
UNCHANGED = "unchanged"
NOT_MEASURED = "not measured"

YES, NO = "yes", "no"
SPAN = "{low} to {high}"


def seconds(value: float) -> str:
    """A duration as a person says it."""
    whole = max(0, round(value))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def clock(value: float) -> str:
    """Minutes and seconds, for a log."""
    whole = max(0, int(value))
    return f"{whole // 60:02d}:{whole % 60:02d}"


def interval(low: str, high: str) -> str:
    """A 95% interval of a factor."""
    return f"95%: {low} to {high}"


def percent(share: float, digits: int = 0) -> str:
    """A share as per cent."""
    return f"{100 * share:.{digits}f}%"


def items_per_language(low: int, high: int) -> str:
    """How many choice items a figure rests on."""
    return f"{low} items per language" if low == high else f"{low} to {high} items per language"


def plot_description(name: str) -> str:
    """For readers who do not see a figure: what it is, and where its numbers stand."""
    return f"{name}. The table beside the figure holds the same numbers."
