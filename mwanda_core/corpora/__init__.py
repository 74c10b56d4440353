"""Texts to calibrate and evaluate on: built-in, a folder of one's own, or the Hub."""

from mwanda_core.corpora.base import Corpus, Passage, Texts, split_even_odd
from mwanda_core.corpora.builtin import builtin, builtin_languages, passage_ids
from mwanda_core.corpora.folder import folder, folder_split
from mwanda_core.corpora.hub import SOURCES, hub, hub_split
from mwanda_core.corpora.packing import Packed, pack

__all__ = [
    "SOURCES",
    "Corpus",
    "Packed",
    "Passage",
    "Texts",
    "builtin",
    "builtin_languages",
    "folder",
    "folder_split",
    "hub",
    "hub_split",
    "pack",
    "passage_ids",
    "split_even_odd",
]
