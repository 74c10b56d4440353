"""A task is items, and an item is a text with several ways to go on of which one is right.

    p_i = log p(choice_i | context, lead_i)      raw
    p_i / bytes(choice_i)                        per byte (UTF-8, without surrounding blanks)

The model answers with the choice of the highest p_i. Nothing is generated.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Sequence

from mwanda_core.errors import TextError
from mwanda_core.languages import language

RAW, PER_BYTE = "raw", "per byte"
READINGS = (RAW, PER_BYTE)
"""The two ways in which a choice's log-likelihood is read; every table has both."""


@dataclasses.dataclass(frozen=True)
class Item:
    """One question. The text of choice i is context + leads[i] + choices[i], joined as they stand: a choice that follows a
    blank begins with one. Only the choice is scored; `leads` (empty, or one a choice) are words that differ but do not count.
    """

    id: str
    language: str
    context: str
    choices: tuple[str, ...]
    answer: int
    leads: tuple[str, ...] = ()
    group: str = ""
    """What the item is about (a phenomenon, a subject), for tables of one's own."""

    @property
    def chance(self) -> float:
        """Accuracy of guessing."""
        return 1.0 / len(self.choices)

    def before(self, index: int) -> str:
        """The text that stands before a choice."""
        return self.context + (self.leads[index] if self.leads else "")


@dataclasses.dataclass(frozen=True)
class Task:
    """Items by language. `parallel` when equal ids mean the same question in another language; `reading` is the customary one."""

    name: str
    title: str
    items: tuple[Item, ...]
    parallel: bool = False
    reading: str = RAW

    @property
    def languages(self) -> tuple[str, ...]:
        """In the order of the items."""
        return tuple(dict.fromkeys(item.language for item in self.items))

    def only(self, code: str) -> "Task":
        """One language's part."""
        return dataclasses.replace(self, items=tuple(item for item in self.items if item.language == code))

    def digest(self) -> str:
        """SHA-256 of everything scored: the key of cached results. Not of what the task is called."""
        return hashlib.sha256(json.dumps([dataclasses.asdict(item) for item in self.items]).encode()).hexdigest()


def checked(item: Item) -> Item:
    """The item itself.

    Raises TextError for fewer than two choices, an empty or repeated one, an answer that is none of them, or leads that
    are not one a choice.
    """
    given = f"The item {item.id!r} ({language(item.language).name})"
    if len(item.choices) < 2:
        raise TextError(f"{given} has {len(item.choices)} choices: at least two are needed.")
    if item.leads and len(item.leads) != len(item.choices):
        raise TextError(f"{given} has {len(item.leads)} leads for {len(item.choices)} choices: give one a choice, or none.")
    texts = [item.before(i) + choice for i, choice in enumerate(item.choices)]
    if not all(choice.strip() for choice in item.choices) or len(set(texts)) < len(texts):
        raise TextError(f"{given} has an empty choice or the same one twice: remove it.")
    if not 0 <= item.answer < len(item.choices):
        raise TextError(f"{given} gives {item.answer} as its answer: it must be between 0 and {len(item.choices) - 1}.")
    return item


def chosen(items: Iterable[Item], limit: int | None, seed: int, parallel: bool, languages: Sequence[str]) -> tuple[Item, ...]:
    """At most `limit` items of each language, the same ones whatever else is asked for.

    Items stand in the order of a hash of the seed and their id, so a parallel task gives the same questions in every
    language; there, only questions that every language has are taken. Afterwards they keep the order of the set.
    """
    by_language: dict[str, list[Item]] = {code: [] for code in languages}
    for item in items:
        by_language[item.language].append(item)
    common: set[str] | None = None
    if parallel and len(languages) > 1:
        common = set.intersection(*({item.id for item in found} for found in by_language.values()))
    kept: list[Item] = []
    for found in by_language.values():
        usable = [item for item in found if common is None or item.id in common]
        ranked = sorted(usable, key=lambda item: hashlib.sha256(f"{seed}:{item.id}".encode()).digest())
        wanted = {item.id for item in (ranked if limit is None else ranked[:limit])}
        kept += [item for item in usable if item.id in wanted]
    return tuple(kept)
