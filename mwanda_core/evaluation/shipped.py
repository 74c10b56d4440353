"""Dense scores of the built-in model on the first built-in texts, which come with the package: a first run need not wait for them.

They belong to the very weights (SHA-256 of all parameters), number type, scorer, token ids, lengths, order of the choices and opening that they
were measured with; each text and each item is known by a hash of all that. Before they are used for a model, its shortest text is scored
here and must agree within `TOLERANCE`: another processor or another version of a library rounds 16-bit sums differently, by some thousandths of a nat
a token, and whatever is further off is no rounding.

Made by `python scripts/dense_scores.py`.
"""

import dataclasses
import functools
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mwanda_core.evaluation.losses import sequence_losses
from mwanda_core.evaluation.sets import ChoiceItem, EvaluationSet, ScoredText
from mwanda_core.models import LanguageModel

if TYPE_CHECKING:
    from mwanda_core.evaluation.measure import Measurement

FILE = Path(__file__).with_name("dense_scores.json")
TOLERANCE = 0.05
"""Nats a token. Batches of other sizes moved a text's loss by 0.009 at most (0.002 in the root mean square) in bfloat16."""


@functools.cache
def known() -> Mapping[str, Any]:
    """What the file holds; nothing where there is none or it is damaged."""
    try:
        found = json.loads(FILE.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    except (OSError, ValueError):
        return {}


def key(thing: ScoredText | ChoiceItem, num_start: int) -> str:
    """24 bits of a hash of all that is scored of it."""
    content = json.dumps([dataclasses.asdict(thing), num_start])
    return hashlib.sha256(content.encode()).hexdigest()[:6]


def has(code: str, count: int) -> bool:
    """Whether so many texts of a language are among them, in every number type."""
    held = known().get("models", {}).values()
    return bool(held) and all(len(of["languages"].get(code, {}).get("texts", ())) >= count for of in held)


def entry(part: EvaluationSet, found: "Measurement") -> dict[str, Any]:
    """A language's scores as plain data: what cannot be counted again from the texts."""
    nll = dict(zip(found.losses["text"], found.losses["nll"], strict=True))
    rows = found.choices
    return {
        "texts": [key(text, part.num_start) for text in part.texts],
        "nll": [round(float(nll[text.id]), 3) for text in part.texts],
        "items": [key(item, part.num_start) for item in part.choices],
        "picked": rows["picked"].tolist(),
        "margin": [round(float(margin), 4) for margin in rows["margin"]],
        "plain": rows["correct_plain"].astype(int).tolist(),
    }


def scores(model: LanguageModel, part: EvaluationSet, scorer: int) -> "Measurement | None":
    """The dense scores of one language; None where any of them did not come with the package."""
    from mwanda_core.evaluation.measure import ChoiceScore, measurement  # Which asks this file first.

    held = known()
    number_type = str(model.dtype).removeprefix("torch.")
    of = held.get("models", {}).get(number_type)
    if of is None or held.get("scorer") != scorer or model.device.type != "cpu" or of["fingerprint"] != model.fingerprint:
        return None
    (code,) = part.languages or ("",)
    there = of["languages"].get(code)
    if there is None or not (
        _begins(there["texts"], part.texts, part.num_start) and _begins(there["items"], part.choices, part.num_start)
    ):
        return None
    if not _agrees(model, part, dict(zip((text.id for text in part.texts), there["nll"], strict=False))):
        return None
    losses = [
        (code, text.id, len(text.ids) - max(1, part.num_start), text.bytes, float(nll))
        for text, nll in zip(part.texts, there["nll"], strict=False)
    ]
    answers = zip(part.choices, there["picked"], there["margin"], there["plain"], strict=False)
    choices = [
        ChoiceScore(code, item.id, item.answer, picked, picked == item.answer, float(margin), bool(plain))
        for item, picked, margin, plain in answers
    ]
    return measurement(losses, choices)


def _begins(keys: Sequence[str], wanted: Sequence[ScoredText | ChoiceItem], num_start: int) -> bool:
    return len(wanted) <= len(keys) and all(key(thing, num_start) == known for thing, known in zip(wanted, keys, strict=False))


_checked: dict[str, bool] = {}


def _agrees(model: LanguageModel, part: EvaluationSet, nll: Mapping[str, float]) -> bool:
    """Whether the model, as it runs here, has the loss that is kept: tried once a model on the shortest text."""
    name = f"{model.fingerprint}|{model.dtype}|{model.configuration}"
    if name not in _checked:
        text = min(part.texts, key=lambda one: len(one.ids))
        (here,) = sequence_losses(model, [list(text.ids)], part.num_start)
        _checked[name] = abs(here - nll[text.id]) <= TOLERANCE * len(text.ids)
    return _checked[name]
