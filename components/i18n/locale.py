"""Which language a visitor reads, and the texts in it.

English texts are the constants and functions of a package's files. A translation is one file of the same names under
`<package>.translated.<code>`; what it lacks is read in English. Which language counts is asked at every reading: that of the page
being drawn, else the one that the visitor of the running event has chosen, else English.
"""

import collections
import contextlib
import functools
import importlib
import inspect
import pkgutil
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from types import ModuleType
from typing import Any

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


class Book:
    """The texts of one package, in the files named; in all of its files when none is."""

    def __init__(self, package: str, files: tuple[str, ...] = ()) -> None:
        self._package, self._files = package, files

    @functools.cached_property
    def english(self) -> dict[str, Any]:
        """Every text by its name."""
        home = importlib.import_module(self._package)
        found: dict[str, Any] = {}
        for file in pkgutil.iter_modules(home.__path__):
            if not file.ispkg and (not self._files or file.name in self._files):
                found |= texts_of(importlib.import_module(f"{self._package}.{file.name}"), self._package)
        return found

    @functools.cache  # noqa: B019 (books live as long as the program)
    def translated(self, code: str) -> dict[str, Any]:
        """The texts there are in a language."""
        name = f"{self._package}.translated.{code}"
        try:
            return texts_of(importlib.import_module(name), self._package)
        except ModuleNotFoundError as missing:
            if missing.name not in (name, f"{self._package}.translated"):
                raise
            return {}

    def read(self, name: str) -> Any:
        """A text in the language that counts here.

        Raises AttributeError for a name that no file has.
        """
        code = ENGLISH if name.startswith("_") else current()
        if code != ENGLISH and name in (there := self.translated(code)):
            return there[name]
        if name.startswith("_") or name not in self.english:
            raise AttributeError(f"{self._package} has no text {name!r}")
        return self.english[name]


def texts_of(module: ModuleType, package: str) -> dict[str, Any]:
    """Constants and functions that a file of texts holds; what it imported from elsewhere is none of them."""
    return {
        name: value
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (
            isinstance(value, str | dict | tuple | list | int | float)
            or (inspect.isfunction(value) and value.__module__.startswith(package))
        )
    }
