"""XCOPA: which of two sentences is the cause, or the effect, of a first one?

    The man turned on the faucet therefore | water flowed from the spout.

The premise without its full stop, the language's connective, then the alternative with a small first letter; raw
log-likelihood. Ponti et al. 2020, arXiv:2005.00333; the prompt is that of Lin et al. 2021, arXiv:2112.10668, which
lm-evaluation-harness uses too. English is the development part of Balanced COPA (Kavumba et al. 2019, arXiv:1911.00225),
in local folders only; its mirrored questions come in pairs and are not independent.
"""

from collections.abc import Iterator

from mwanda_core.tasks.adapter import Adapter
from mwanda_core.tasks.base import Item
from mwanda_core.tasks.files import Row
from mwanda_core.tasks.hub import HubRows

CONNECTIVES = {
    # code: (before a cause, before an effect)
    "en": ("because", "therefore"), "et": ("sest", "seetõttu"), "ht": ("poukisa", "donk sa"), "id": ("karena", "maka"),
    "it": ("perché", "quindi"), "qu": ("imataq", "chaymi"), "sw": ("kwa sababu", "kwa hiyo"), "ta": ("காரணமாக", "எனவே"),
    "th": ("เพราะ", "ดังนั้น"), "tr": ("çünkü", "bu yüzden"), "vi": ("bởi vì", "vì vậy"), "zh": ("因为", "所以"),
}  # fmt: skip


def items(row: Row, code: str) -> Iterator[Item]:
    """The item of a row (premise, choice1, choice2, question, label, idx)."""
    kinds = ("cause", "effect")
    connective = CONNECTIVES[code][kinds.index(row["question"])]
    choices = tuple(f" {text[0].lower()}{text[1:]}" for text in (row["choice1"], row["choice2"]))
    yield Item(
        str(row["idx"]), code, f"{row['premise'].strip()[:-1]} {connective}", choices, row["label"], group=row["question"]
    )


XCOPA = Adapter(
    "xcopa", "XCOPA", tuple(CONNECTIVES), 0.5, "CC-BY-4.0",
    "Causes and effects, two choices; 500 questions in 11 languages. Models below a billion parameters are near chance.",
    HubRows("cambridgeltl/xcopa", "test", "{code}"), items, ("{code}/test.{code}.jsonl", "test.{code}.jsonl", "{code}/*.xml"),
    parallel=True, apart=("en",), local_only=("en",),
    kind="causes and effects",
)  # fmt: skip
