"""What a section of cards says of itself. Everything here is data; texts are named by their keys in `components.i18n.words`.

A function of a card is called with the run and with the values of the controls that the card reads, in their order.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from components.i18n import words
from mwanda_core.store.report import RunReport

Menu = list[tuple[str, Any]]
"""What is shown, and the value behind it."""
Of = Callable[..., Any]


@dataclasses.dataclass(frozen=True)
class Control:
    """A menu, or (`menu` False) buttons side by side. choices: the key of texts by value, or a function of the run, which is None
    while the page is drawn. start: the value at first, the first choice where it is None."""

    id: str
    label: str
    choices: str | Callable[[RunReport | None], Menu]
    start: Any = None
    menu: bool = True

    def offered(self, report: RunReport | None) -> Menu:
        """The choices for a run."""
        if isinstance(self.choices, str):
            return [(text, value) for value, text in getattr(words, self.choices).items()]
        return self.choices(report)

    def first(self, report: RunReport | None) -> Any:
        """The value at first."""
        offered = self.offered(report)
        return self.start if self.start is not None or not offered else offered[0][1]


@dataclasses.dataclass(frozen=True)
class Slide:
    """A slider that stands where it is when another run is shown."""

    id: str
    label: str
    info: str
    low: float
    high: float
    start: float
    step: float = 1


@dataclasses.dataclass(frozen=True)
class Heading:
    """Fixed texts, a line each, after a mark such as "### "."""

    keys: tuple[str, ...]
    mark: str = ""


@dataclasses.dataclass(frozen=True)
class Note:
    """A text about the run: Markdown, or HTML, or Python. empty: what stands there before a run is shown."""

    id: str
    write: Of
    reads: tuple[str, ...] = ()
    kind: str = "markdown"
    empty: Callable[[], str] = str
    label: str = ""


Exports = Callable[[RunReport], Iterator[tuple[str, str, tuple[Any, ...]]]]
"""A run -> name of a file, title, and the values that the figure is drawn with."""


@dataclasses.dataclass(frozen=True)
class Card:
    """A figure, folded below it the same numbers as a table and their file; without a table, the figure alone.

    label: key of its accessible name. needs: tables without which it is not drawn. exported: whether a run's figure is worth a file. csv: the table
    of the run that is downloaded, or a function of the run that names it. reads: ids of the controls. table_reads: whether the table
    follows them too. exports: figures for files; by default one, at the first values of the controls, under the card's id and its title in
    `words.FIGURE_TITLES`, else its accessible name.
    """

    id: str
    label: str
    figure: Of
    table: Of | None = None
    csv: str | Callable[[RunReport], str] = ""
    reads: tuple[str, ...] = ()
    table_reads: bool = False
    needs: tuple[str, ...] = ()
    exports: Exports | None = None
    exported: Callable[[RunReport], bool] = lambda report: True

    def there(self, report: RunReport) -> bool:
        """Whether a run has what the figure is drawn of."""
        return all(name in report.tables for name in self.needs)

    @property
    def name(self) -> str:
        """Its accessible name."""
        return str(getattr(words, self.label, "") or words.TABLE_TITLES[self.label]).strip("# ")

    def one_file(self, report: RunReport) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
        """The figure as it stands at first."""
        yield self.id, words.FIGURE_TITLES.get(self.id) or self.name, ()

    def has_file(self, report: RunReport) -> bool:
        """Whether the figure is among the files of a run."""
        return all(name in report.tables and not report.tables[name].empty for name in self.needs) and self.exported(report)


@dataclasses.dataclass(frozen=True)
class Row:
    """Controls side by side where there is room."""

    items: "tuple[Control | Slide, ...]"


@dataclasses.dataclass(frozen=True)
class Fold:
    """Items behind a heading that opens them."""

    title: str
    items: "tuple[Item, ...]"


@dataclasses.dataclass(frozen=True)
class Tabs:
    """Tabs within the tab: what heads each, and its items."""

    tabs: "tuple[tuple[Callable[[], str], tuple[Item, ...]], ...]"

    @property
    def items(self) -> "tuple[Item, ...]":
        """The items of all."""
        return tuple(item for _, items in self.tabs for item in items)


@dataclasses.dataclass(frozen=True)
class Group:
    """Items that a run may not have: without every table that it needs, the first of them with rows, a sentence stands in their place that says how to get them."""

    id: str
    needs: tuple[str, ...]
    absent: Callable[[], str]
    items: "tuple[Item, ...]"

    def there(self, report: RunReport) -> bool:
        """Whether a run has what the group is about."""
        return all(name in report.tables for name in self.needs) and not report.tables[self.needs[0]].empty


Item: TypeAlias = Control | Slide | Heading | Note | Card | Row | Fold | Tabs | Group


def inside(items: Sequence[Item], report: RunReport | None = None) -> Iterator[Item]:
    """Every item, those in others included; with a run, without groups that the run has not."""
    for item in items:
        yield item
        if isinstance(item, Row | Fold | Tabs) or (isinstance(item, Group) and (report is None or item.there(report))):
            yield from inside(item.items, report)


def filled(name: str) -> Callable[[RunReport], bool]:
    """Whether a run has rows in a table."""
    return lambda report: name in report.tables and not report.tables[name].empty


def of_table(name: str, draw: Callable[..., Any]) -> Of:
    """A function of one table of a run as a function of the run."""
    return lambda report, *values: draw(report.tables[name], *values)


def once(*names: str, **values: tuple[Any, ...]) -> Exports:
    """Files under these names, titled in `words.FIGURE_TITLES`: at the first values, or (`_` for a hyphen) at those given."""

    def files(report: RunReport) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
        for name in names:
            yield name, words.FIGURE_TITLES[name], ()
        for key, chosen in values.items():
            name = key.replace("_", "-")
            yield name, words.FIGURE_TITLES[name], chosen

    return files
