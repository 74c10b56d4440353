"""While a job runs: the buttons, the status line, the log."""

from collections.abc import Sequence

from components.i18n.catalogue import gettext, ngettext, pgettext
from components.i18n.words.common import first_of, percent, rounded, seconds

PRUNE, CANCEL = "Prune", "Cancel"
ENOUGH = "Enough"
LOG = "Log"

IDLE = "Nothing is running."
STARTING = "Starting"
CANCELLING = "Stopping at the end of this step ..."
CANCELLED = "Cancelled. The figures shown are those of the run before."
PROGRESS = "Progress of the run"
UNKNOWN_KIND = "There is no kind of job called {given}; there are: {known}."
LOST_JOB = "The run of this page is not known here any more: the server was restarted."
MISFIT = "A value that was sent for {name} is none that it can hold: load the page again."
GPU_TAB_CLOSED = "On this shared GPU a run ends with the page that started it. Press Prune to start again."


def queued(ahead: int) -> str:
    """How many runs come first."""
    text = ngettext("Waiting for one run before this one.", "Waiting for {ahead} runs before this one.", ahead)
    return text.format(ahead=ahead)


def time_left(left: float | None, elapsed: float) -> str:
    """Elapsed, and left where it is known."""
    if left is None:
        return gettext("{elapsed} so far").format(elapsed=seconds(elapsed))
    return gettext("{elapsed} so far, about {left} left").format(elapsed=seconds(elapsed), left=rounded(left))


def job_title(method: str, sparsity: float, model: str, languages: Sequence[str]) -> str:
    """One line for a job."""
    text = pgettext("job", "{method}, {sparsity}, {model} ({languages})")
    return text.format(method=method, sparsity=percent(sparsity), model=model, languages=first_of(languages))


def finished(title: str, elapsed: float) -> str:
    """How a successful job ended."""
    return gettext("Done in {time}: {title}.").format(time=seconds(elapsed), title=title)
