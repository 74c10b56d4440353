"""BMLAMA-53: facts as gaps in sentences, the same 3,070 in 53 languages, with about ten candidates each.

    Michelangelo died in | Rome.      or      | Venice.

The candidate and what follows the gap are scored after what precedes it, so that a gap at the start of a sentence is
judged by the whole sentence; the customary reading is per byte, since candidates differ in length. Chance is the mean over
items of one in so many candidates. Rows with a single candidate ask nothing and are left out. Qi et al. 2023, arXiv:2310.10378.
"""

import csv
from collections.abc import Iterator

from mwanda_core.tasks.adapter import Adapter
from mwanda_core.tasks.base import PER_BYTE, Item
from mwanda_core.tasks.files import Row
from mwanda_core.tasks.hub import HubRows

CODES = (
    "af", "ar", "az", "be", "bg", "bn", "ca", "ceb", "cs", "cy", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "ga",
    "gl", "he", "hi", "hr", "hu", "hy", "id", "it", "ja", "ka", "ko", "la", "lt", "lv", "ms", "nl", "pl", "pt", "ro", "ru", "sk",
    "sl", "sq", "sr", "sv", "ta", "th", "tr", "uk", "ur", "vi", "zh",
)  # fmt: skip

GAP = "<mask>"
_FILE = "https://raw.githubusercontent.com/Betswish/Cross-Lingual-Consistency/13c9d46c8a11e9f7798a6e6ec8bc5efa98a9e448/1_easyrun/BMLAMA53/{code}.tsv"


def items(row: Row, code: str) -> Iterator[Item]:
    """The item of a row (Prompt with one gap, Ans, "Candidate Ans" separated by ", ")."""
    before, after = row["Prompt"].split(GAP)
    candidates = list(dict.fromkeys(row["Candidate Ans"].split(", ")))
    blank = before[len(before.rstrip()) :]
    choices = tuple(f"{blank}{candidate}{after}" for candidate in candidates)
    yield Item(str(row["row"]), code, before.rstrip(), choices, candidates.index(row["Ans"]))


BMLAMA = Adapter(
    "bmlama", "BMLAMA-53", CODES, 0.112, "Apache-2.0",
    "Facts, about ten candidates each; the same 3,070 in 53 languages.",
    HubRows("csv", "train", files=(_FILE,), options={"sep": "\t", "quoting": csv.QUOTE_NONE, "keep_default_na": False}),
    items, ("{code}.tsv",), parallel=True, reading=PER_BYTE,
    kind="facts", tokens=150,
)  # fmt: skip
