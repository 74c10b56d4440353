"""What every published set says about itself, and how its rows are found in a local folder."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from mwanda_core.errors import TextError
from mwanda_core.tasks.base import RAW, Item
from mwanda_core.tasks.files import Row, is_own, own_item, rows
from mwanda_core.tasks.hub import HubRows

ToItems = Callable[[Row, str], Iterable[Item]]

PAIR = 60
"""Tokens of two sentences, about: what most sets ask."""


@dataclasses.dataclass(frozen=True)
class Adapter:
    """One set. `items` makes the items of a row in the set's original fields, which are the same on the Hub and in files.

    layout: where a language's files are in a folder of the set; {code} is ISO 639-1, {other} the set's own code.
    apart: languages whose items are not translations of the others' in a parallel set.
    chance: accuracy of guessing (the mean, where items differ in their number of choices).
    kind: what it asks, in a few words; menus show it beside the title. tokens: of an item with all its choices, about; for estimates.
    """

    name: str
    title: str
    languages: tuple[str, ...]
    chance: float
    licence: str
    help: str
    hub: HubRows
    items: ToItems
    layout: tuple[str, ...]
    parallel: bool = False
    apart: tuple[str, ...] = ()
    local_only: tuple[str, ...] = ()
    reading: str = RAW
    kind: str = ""
    tokens: int = PAIR

    @property
    def source(self) -> str:
        """Where the set comes from when it is not local."""
        return self.hub.source

    def from_hub(self, code: str) -> Iterator[Item]:
        """The items of a language as published. Raises TextError when they cannot be had."""
        if code not in self.languages or code in self.local_only:
            known = ", ".join(other for other in self.languages if other not in self.local_only)
            raise TextError(f"{self.title} has no {code} at {self.source}; it has {known}.")
        yield from self._made(self.hub.rows(code), code)

    def from_folder(self, folder: Path, code: str) -> Iterator[Item]:
        """The items of a language in a folder. Raises TextError for a missing or unreadable file."""
        found = self.local_files(folder, code)
        if not found:
            raise TextError(
                f"The folder {str(folder)!r} has no {self.title} in {code}: looked for {', '.join(self._patterns(code))} there and "
                f"in folders of it whose names begin with {self._key!r}."
            )
        for path in found:
            yield from self._made(rows(path), code)

    def local_languages(self, folder: Path) -> tuple[str, ...]:
        """The languages that a folder has files for."""
        return tuple(code for code in self.languages if self.local_files(folder, code))

    def local_files(self, folder: Path, code: str) -> list[Path]:
        """The files of a language: those of the first pattern that has any."""
        for root in self._roots(folder):
            for pattern in self._patterns(code):
                found = sorted(root.glob(pattern))
                if found:
                    return found
        return []

    def _patterns(self, code: str) -> list[str]:
        words = {"code": code, "other": self.hub.renamed.get(code, code)}
        return list(dict.fromkeys([*(pattern.format(**words) for pattern in self.layout), f"{code}.jsonl"]))

    @property
    def _key(self) -> str:
        return _letters(self.name.removesuffix("-cloze"))

    def _roots(self, folder: Path) -> list[Path]:
        """The folder itself, and those of its folders (two levels down) that are named after the set."""
        deep = sorted(path for pattern in ("*", "*/*") for path in folder.glob(pattern) if path.is_dir())
        return [folder, *(path for path in deep if _letters(path.name).startswith(self._key))]

    def _made(self, found: Iterable[Row], code: str) -> Iterator[Item]:
        for row in found:
            if is_own(row):
                yield own_item(row, code)
                continue
            try:
                # Choices that a translation made equal ask nothing.
                yield from (item for item in self.items(row, code) if _asks(item))
            except (KeyError, TypeError, AttributeError, ValueError, IndexError) as error:
                raise TextError(
                    f"Row {row['row'] + 1} of {self.title} in {code} is not as expected ({type(error).__name__}: {error}): is this "
                    "file of that set?"
                ) from error


def _asks(item: Item) -> bool:
    texts = {item.before(i) + choice for i, choice in enumerate(item.choices)}
    return len(item.choices) >= 2 and len(texts) == len(item.choices) and all(choice.strip() for choice in item.choices)


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def lettered(item_id: str, code: str, text: str, options: list[str], answer: int, group: str = "") -> Item:
    """A question whose options are listed as A, B, C, D, of which the letter is scored."""
    listed = "\n".join(f"{letter}{option}" for letter, option in zip("ABCD", options, strict=True))
    return Item(item_id, code, f"{text}\n{listed}\nAnswer:", (" A", " B", " C", " D"), answer, group=group)
