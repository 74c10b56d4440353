"""While a job runs: the buttons, the status line, the log."""

from collections.abc import Sequence

from components.i18n.words.common import percent, seconds

PRUNE, CANCEL = "Prune", "Cancel"
LOG = "Log"

IDLE = "Nothing is running."
STARTING = "Starting"
CANCELLING = "Stopping at the end of this step ..."
CANCELLED = "Cancelled. The figures below are those of the run shown before."
PROGRESS = "Progress of the run"
UNKNOWN_KIND = "There is no kind of job called {given}; there are: {known}."
LOST_JOB = "The run of this page is not known here any more: the server was restarted."
GPU_TAB_CLOSED = "On this shared GPU a run ends with the page that started it. Press Prune to start again."


def queued(ahead: int) -> str:
    """How many runs come first."""
    return "Waiting for one run before this one." if ahead == 1 else f"Waiting for {ahead} runs before this one."


def time_left(left: float | None, elapsed: float) -> str:
    """Elapsed, and left where it is known."""
    return f"{seconds(elapsed)} so far" + ("" if left is None else f", about {seconds(left)} left")


def job_title(method: str, sparsity: float, model: str, languages: Sequence[str]) -> str:
    """One line for a job."""
    names = ", ".join(languages[:4]) + (f" and {len(languages) - 4} more" if len(languages) > 4 else "")
    return f"{method}, {percent(sparsity)}, {model} ({names})"


def finished(title: str, elapsed: float) -> str:
    """How a successful job ended."""
    return f"Done in {seconds(elapsed)}: {title}."
