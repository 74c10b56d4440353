"""Tables that other packages can add to, through Python entry points of the group `mwanda_explorer`:

    [project.entry-points.mwanda_explorer]
    "score.cubed" = "my_package:Cubed"          a part: activation, score, allocation, rows, repair, solver, pattern
    "method.cubed" = "my_package:CUBED"         a Recipe
    "task.colours" = "my_package.tasks:COLOURS" an Adapter
    "study.colours" = "my_package.tasks:Colours" a Study

The left side is the table and the name in it. Entries are looked for when a table is first read beyond its own names, so nothing is
imported for a `--help`. One that cannot be used is left out and said in a sentence (`problems`, and the log); no name replaces a
name of this library. Tasks and studies are listed before torch is there: their modules should not import it.
"""

import logging
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

GROUP = "mwanda_explorer"

_LOG = logging.getLogger("mwanda_core")
_PROBLEMS: dict[str, str] = {}

V = TypeVar("V")


def problems() -> tuple[str, ...]:
    """What was left out so far, a sentence each."""
    return tuple(_PROBLEMS.values())


class Table(Mapping[str, V]):
    """What this library has under its names, then what other packages add.

    what: the table's name, "score". of: what an entry must be, an instance of it or, where the table holds classes, a subclass
    that can be made without arguments.
    """

    def __init__(self, what: str, of: type, own: Mapping[str, V]) -> None:
        self.what, self.of = what, of
        self.own: dict[str, V] = dict(own)
        self._others: dict[str, V] | None = None

    def __getitem__(self, name: str) -> V:
        return self.own[name] if name in self.own else self.others[name]

    def __iter__(self) -> Iterator[str]:
        yield from self.own
        yield from self.others

    def __len__(self) -> int:
        return len(self.own) + len(self.others)

    def __contains__(self, name: object) -> bool:
        return name in self.own or name in self.others

    @property
    def others(self) -> Mapping[str, V]:
        """What other packages add, loaded at the first look."""
        if self._others is None:
            self._others = {}  # While a package is loaded it may read this very table: it then sees the library's own names.
            self._others = self._load()
        return self._others

    def _load(self) -> dict[str, V]:
        from importlib.metadata import entry_points  # A tenth of a second, and most tables are read by their own names alone.

        found: dict[str, V] = {}
        for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
            table, _, name = entry.name.partition(".")
            if table != self.what:
                continue
            try:
                found[name] = self._checked(name, entry.load(), found)
            except (Exception, SystemExit) as error:  # Whatever a stranger's module does, the library goes on without it.
                _leave_out(entry.name, entry.value, error)
        return found

    def _checked(self, name: str, value: Any, found: Mapping[str, V]) -> Any:
        """The entry itself.

        Raises ValueError or TypeError for a name that is taken and for what is not of this table.
        """
        if not name or name in self.own or name in found:
            raise ValueError(f"the name {name!r} is taken" if name else "it has no name")
        if all(isinstance(own, type) for own in self.own.values()):
            if not (isinstance(value, type) and issubclass(value, self.of)):
                raise TypeError(f"it is not a subclass of {self.of.__name__}")
            value()
        elif not isinstance(value, self.of):
            raise TypeError(f"it is not a {self.of.__name__}")
        if getattr(value, "name", name) != name:
            raise ValueError(f"it calls itself {getattr(value, 'name', '')!r}")
        return value


def _leave_out(name: str, value: str, error: BaseException) -> None:
    sentence = f"The entry point {name!r} ({value}) is left out: {type(error).__name__}: {str(error) or 'no reason given'}."
    if sentence not in _PROBLEMS.values():
        _PROBLEMS[name] = sentence
        _LOG.warning("%s", sentence)
