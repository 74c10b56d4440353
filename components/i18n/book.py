"""The texts of one part of the page, by name: English constants and functions of Python files, read in the visitor's language."""

import functools
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from components.i18n import locale
from components.i18n.catalogue import PAGE, Text, catalogue

OWN_CONTEXT = frozenset(
    {
        "AXIS_MEASURE", "AXIS_OUTPUT", "AXIS_SPARSITY", "COLUMNS", "COMPARE_COLUMNS", "CORRELATION_GROUPS", "LEGEND_NOISE", "SHARE_PARTS",
        "SWEEP_COLUMNS", "TAKE_COST_COLUMNS", "VERDICTS",
    }
)  # fmt: skip
"""Constants whose English texts stand elsewhere, too, where another language says them otherwise: their name is the context of the
entry (`msgctxt`)."""


class Book:
    """The texts of one package, in the files named (in all of its files when none is), and the domain of their catalogues."""

    def __init__(self, package: str, files: tuple[str, ...] = (), domain: str = PAGE) -> None:
        self._package, self._files, self.domain = package, files, domain

    @functools.cached_property
    def english(self) -> dict[str, Any]:
        """Every text by its name."""
        home = importlib.import_module(self._package)
        found: dict[str, Any] = {}
        for file in pkgutil.iter_modules(home.__path__):
            if not file.ispkg and (not self._files or file.name in self._files):
                found |= texts_of(importlib.import_module(f"{self._package}.{file.name}"), self._package)
        return found

    def messages(self) -> Iterator[tuple[str, str, str]]:
        """(context, English text, name) of every text in a constant; context "" where there is none."""
        for name, value in self.english.items():
            for text in _texts(value):
                yield (name if name in OWN_CONTEXT else ""), text, name

    def read(self, name: str) -> Any:
        """A text in the language that counts here; functions ask for themselves.

        Raises AttributeError for a name that no file has.
        """
        return self.read_in(name, locale.current())

    @functools.cache  # noqa: B019 (books live as long as the program)
    def read_in(self, name: str, code: str) -> Any:
        """As `read`, in a language."""
        if name.startswith("_") or name not in self.english:
            raise AttributeError(f"{self._package} has no text {name!r}")
        return self._translated(self.english[name], name, code)

    def _translated(self, value: Any, name: str, code: str) -> Any:
        """The constant with every text in it looked up; keys of tables are no texts."""
        if isinstance(value, Mapping):
            return {key: self._translated(item, name, code) for key, item in value.items()}
        if isinstance(value, tuple | list):
            return type(value)(self._translated(item, name, code) for item in value)
        if not isinstance(value, str) or not value:
            return value
        book = catalogue(self.domain, code)
        return Text(book.pgettext(name, value) if name in OWN_CONTEXT else book.gettext(value), code)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str) and value:
        yield value


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
