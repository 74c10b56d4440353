"""Which language a visitor reads.

It is asked at every reading of a text: that of the page being drawn, else the one that the visitor of the running event has
chosen, else English. The texts are in `book` (by name) and `catalogue` (by sentence).
"""

import collections
import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar

ENGLISH = "en"
NAMES = {
    "en": "English",
    "ar": "العربية",
    "de": "Deutsch",
    "fr": "Français",
    "sw": "Kiswahili",
    "zh": "中文",
}
"""The languages of the page, each by its own name."""
RIGHT_TO_LEFT = frozenset({"ar"})
MOST_VISITORS = 10_000

_drawing: ContextVar[str] = ContextVar("drawing", default="")


class Visitors:
    """The language of each visitor, by the session of their page; the oldest are forgotten beyond `MOST_VISITORS`."""

    def __init__(self) -> None:
        self._chosen: collections.OrderedDict[str, str] = collections.OrderedDict()
        self._lock = threading.Lock()

    def choose(self, session: str, code: str) -> None:
        """From now on this visitor reads that language."""
        with self._lock:
            self._chosen[session] = code
            self._chosen.move_to_end(session)
            while len(self._chosen) > MOST_VISITORS:
                self._chosen.popitem(last=False)

    def of(self, session: str | None) -> str:
        """The visitor's language; English when none was chosen."""
        return self._chosen.get(session or "", ENGLISH)


visitors = Visitors()


def current() -> str:
    """The language to read texts in here and now."""
    drawn = _drawing.get()
    if drawn:
        return drawn
    from gradio.context import LocalContext  # The lists of texts alone must not need Gradio.

    request = LocalContext.request.get(None)
    return visitors.of(getattr(request, "session_hash", None))


@contextlib.contextmanager
def drawing(code: str) -> Iterator[None]:
    """Inside, texts are read in this language, whoever asks."""
    token = _drawing.set(code)
    try:
        yield
    finally:
        _drawing.reset(token)


def preferred(header: str) -> str:
    """The first language of an Accept-Language header that the page speaks; English when there is none."""
    asked = []
    for place, part in enumerate(header.split(",")):
        tag, _, rest = part.strip().partition(";")
        weight = rest.strip().removeprefix("q=") if rest.strip().startswith("q=") else "1"
        with contextlib.suppress(ValueError):
            asked.append((-float(weight), place, tag.strip().lower().partition("-")[0]))
    return next((code for weight, _, code in sorted(asked) if weight and code in NAMES), ENGLISH)
