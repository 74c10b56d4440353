"""XNLI and PAWS-X: does one sentence follow from another, and do two say the same?

The relation is put as a word between the sentences ("..., right? Yes, ...") and the rest is scored; raw. The words are
those of lm-evaluation-harness, so that figures compare, also where a native speaker would choose another. Conneau et al. 2018,
arXiv:1809.05053; Yang et al. 2019, arXiv:1908.11828.
"""

import re
from collections.abc import Iterator

from mwanda_core.tasks.adapter import Adapter
from mwanda_core.tasks.base import Item
from mwanda_core.tasks.files import Row
from mwanda_core.tasks.hub import HubRows

XNLI_WORDS = {
    # code: (right?, entailed, neutral, contradicted)
    "ar": ("صحيح", "نعم", "لذا", "رقم"), "bg": ("правилно", "да", "така", "не"), "de": ("richtig", "Ja", "Auch", "Nein"),
    "el": ("σωστός", "Ναί", "Έτσι", "όχι"), "en": ("right", "Yes", "Also", "No"), "es": ("correcto", "Sí", "Asi que", "No"),
    "fr": ("correct", "Oui", "Aussi", "Non"), "hi": ("सही", "हाँ", "इसलिए", "नहीं"), "ru": ("правильно", "Да", "Так", "Нет"),
    "sw": ("sahihi", "Ndiyo", "Hivyo", "Hapana"), "th": ("ถูกต้อง", "ใช่", "ดังนั้น", "ไม่"), "tr": ("doğru", "Evet", "Böylece", "Hayır"),
    "ur": ("صحیح", "جی ہاں", "اس لئے", "نہیں"), "vi": ("đúng", "Vâng", "Vì vậy", "Không"), "zh": ("正确", "是的", "所以", "不是的"),
}  # fmt: skip

PAWS_WORDS = {
    # code: (right?, different, same)
    "de": ("richtig", "Nein", "Ja"), "en": ("right", "No", "Yes"), "es": ("verdad", "No", "Sí"), "fr": ("n'est-ce pas", "Non", "Oui"),
    "ja": ("ですね", "いいえ", "はい"), "ko": ("맞죠", "아니요", "예"), "zh": ("对吧", "不是", "是"),
}  # fmt: skip


def xnli(row: Row, code: str) -> Iterator[Item]:
    """The item of a row (premise, hypothesis, label 0 entailment, 1 neutral, 2 contradiction)."""
    right, *words = XNLI_WORDS[code]
    choices = tuple(f" {word}, {row['hypothesis']}" for word in words)
    yield Item(str(row["row"]), code, f"{row['premise']}, {right}?", choices, int(row["label"]))


def paws(row: Row, code: str) -> Iterator[Item]:
    """The item of a row (id, sentence1, sentence2, label 1 where they say the same); none where a sentence is missing."""
    if not row["sentence1"] or not row["sentence2"]:
        return
    right, *words = PAWS_WORDS[code]
    first, second = _joined(row["sentence1"]), _joined(row["sentence2"])
    first = first[:-1] if first.endswith((".", ",", ";")) else first
    choices = tuple(f" {word}, {second[0].lower()}{second[1:]}" for word in words)
    yield Item(str(row["id"]), code, f"{first}, {right}?", choices, int(row["label"]))


def _joined(text: str) -> str:
    """The sentences come with a blank around every mark: taken out, as a reader would write them."""
    for spaced, plain in ((" n't", "n't"), (" )", ")"), ("( ", "("), ('" ', '"'), (' "', '"')):
        text = text.replace(spaced, plain)
    return re.sub(r" (['.,])", r"\1", text).strip()


XNLI = Adapter(
    "xnli", "XNLI", tuple(XNLI_WORDS), 1 / 3, "CC-BY-NC-4.0",
    "Entailment, neutral, contradiction; 2,490 validation pairs in 15 languages.",
    HubRows("facebook/xnli", "validation", "{code}"), xnli, ("{code}/validation.jsonl", "validation.{code}.jsonl"), parallel=True,
    kind="does one sentence follow", tokens=180,
)  # fmt: skip

PAWS_X = Adapter(
    "paws-x", "PAWS-X", tuple(PAWS_WORDS), 0.5, "free for any purpose, with attribution",
    "Do two sentences of the same words say the same? 2,000 test pairs in 7 languages.",
    HubRows("google-research-datasets/paws-x", "test", "{code}"), paws, ("{code}/test_2k.tsv", "{code}/test.tsv"), parallel=True,
    kind="same meaning or not",
)  # fmt: skip
