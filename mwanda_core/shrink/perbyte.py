"""Bits per byte: the one loss that models of different vocabularies can be compared in.

    bits per byte = sum of losses in nats / (ln 2 * bytes of the text in UTF-8)

Texts are read one by one from the opening token on, so that a passage costs comparable bits whatever the tokens.
"""

import math
from collections.abc import Mapping, Sequence

from mwanda_core.evaluation.losses import sequence_losses
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor

BATCH_TOKENS = 2048


def bits_per_byte(model: LanguageModel, texts: Mapping[str, Sequence[str]], monitor: Monitor | None = None) -> dict[str, float]:
    """By language. Units of progress: languages."""
    found = {}
    for code, items in texts.items():
        limit = model.longest or 2048
        encoded = sorted(([*model.start, *model.encode(text)][:limit] for text in items), key=len, reverse=True)
        nats = 0.0
        for batch in _batches(encoded):
            nats += sum(sequence_losses(model, batch, len(model.start)))
        size = sum(len(text.encode()) for text in items)
        found[code] = nats / (math.log(2) * size)
        if monitor is not None:
            monitor.advance(1.0)
    return found


def _batches(encoded: Sequence[list[int]]) -> list[list[list[int]]]:
    """Longest first, about `BATCH_TOKENS` tokens with padding at once."""
    found: list[list[list[int]]] = []
    for ids in encoded:
        if found and (len(found[-1]) + 1) * len(found[-1][0]) <= BATCH_TOKENS:
            found[-1].append(ids)
        else:
            found.append([ids])
    return found


def worst(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[str, float]:
    """The language that lost most, and its change as a share of what it had."""
    code = max(before, key=lambda one: after[one] / before[one])
    return code, after[code] / before[code] - 1
