"""The built-in parallel corpus: forty passages on everyday and factual topics, written for this project (CC0 1.0).

Every language says the same things in its own way, so a passage costs comparable content in each. Topics, ids and the
split are in `texts/passages.json`, the passages of a language in `texts/<code>.json` as lists of sentences.
"""

import functools
import json
from collections.abc import Sequence
from importlib.resources import files

from mwanda_core.corpora.base import Corpus, Passage, Texts, split_even_odd

NAME = "built-in passages"
_FOLDER = files("mwanda_core.corpora") / "texts"


@functools.cache
def passage_ids() -> tuple[str, ...]:
    """The ids of the forty topics, in their fixed order."""
    return tuple(entry["id"] for entry in json.loads((_FOLDER / "passages.json").read_text("utf-8"))["passages"])


@functools.cache
def builtin_languages() -> tuple[str, ...]:
    """Codes of the languages there are built-in passages for, alphabetically."""
    names = (entry.name for entry in _FOLDER.iterdir())
    return tuple(sorted(n.removesuffix(".json") for n in names if n.endswith(".json") and n != "passages.json"))


@functools.cache
def _passages(code: str) -> tuple[Passage, ...]:
    data = json.loads((_FOLDER / f"{code}.json").read_text("utf-8"))
    return tuple(Passage(name, code, tuple(data[name])) for name in passage_ids())


def builtin(languages: Sequence[str] | None = None) -> Texts:
    """Twenty passages per language to calibrate on, twenty others to evaluate on.

    Raises TextError for a language that is not built in.
    """
    everything = Corpus(NAME, {code: _passages(code) for code in builtin_languages()}, parallel=True)
    return split_even_odd(everything.select(languages) if languages is not None else everything)
