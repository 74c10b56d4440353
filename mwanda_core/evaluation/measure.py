"""Score a model on an evaluation set; keep the dense model's results, which never change."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from mwanda_core.evaluation import dense_cache
from mwanda_core.evaluation.losses import ending_losses, sequence_losses
from mwanda_core.evaluation.sets import ChoiceItem, EvaluationSet, sorted_batches
from mwanda_core.languages import language
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor

ALONE_BATCH = 16
"""Endings scored together without a context; they are sorted by length, so little is padding."""

LOSS_COLUMNS = ("language", "text", "tokens", "bytes", "nll")

SCORER = 1
"""Raised whenever a change here changes a figure, so that no older cached result is used."""


class ChoiceScore(NamedTuple):
    """One answered item. `margin` is the true ending's lead over the best false one, in nats per byte."""

    language: str
    item: str
    answer: int
    picked: int
    correct: bool
    margin: float
    correct_plain: bool


@dataclasses.dataclass(frozen=True)
class Measurement:
    """losses: one row a text (language, text, tokens, bytes, nll in nats). choices: one row an item (`ChoiceScore`)."""

    losses: pd.DataFrame
    choices: pd.DataFrame


def measure(model: LanguageModel, texts: EvaluationSet, monitor: Monitor, label: str = "model") -> Measurement:
    """Score the model as it stands now, language by language."""
    losses, choices = [], []
    for code in texts.languages:
        monitor.begin(f"Scoring the {label}: {language(code).name}")
        part = texts.only(code)
        for batch in sorted_batches(part.texts):
            totals = sequence_losses(model, [list(text.ids) for text in batch], texts.num_start)
            for text, total in zip(batch, totals, strict=True):
                losses.append((code, text.id, len(text.ids) - max(1, texts.num_start), text.bytes, total))
            monitor.advance(sum(len(text.ids) for text in batch))
        alone = endings_alone(model, part.choices)
        for item in part.choices:
            choices.append(score_choice(model, item, alone))
            monitor.advance(item.num_tokens)
    return Measurement(
        pd.DataFrame(losses, columns=list(LOSS_COLUMNS)),
        pd.DataFrame(choices, columns=list(ChoiceScore._fields)),
    )


def score_choice(model: LanguageModel, item: ChoiceItem, alone: dict[tuple[int, ...], float]) -> ChoiceScore:
    """Two readings of length-normalised log-likelihood (nats per byte):

    plain   log p(ending | context) / bytes
    gain    (log p(ending | context) - log p(ending)) / bytes     what the context adds (pointwise mutual information)

    Plain favours endings that are likely anywhere; gain asks only whether the ending belongs here, and a small model that
    is near chance on the first answers most items of the second. `alone` holds -log p(ending). The first of equals is picked.
    """
    totals = ending_losses(model, list(item.context), [list(e) for e in item.endings])
    plain = [-total / size for total, size in zip(totals, item.bytes, strict=True)]
    gain = [(alone[ending] - total) / size for ending, total, size in zip(item.endings, totals, item.bytes, strict=True)]
    picked, picked_plain = (max(range(len(scores)), key=scores.__getitem__) for scores in (gain, plain))
    margin = gain[item.answer] - max(s for i, s in enumerate(gain) if i != item.answer)
    return ChoiceScore(item.language, item.id, item.answer, picked, picked == item.answer, margin, picked_plain == item.answer)


def endings_alone(model: LanguageModel, items: Sequence[ChoiceItem]) -> dict[tuple[int, ...], float]:
    """-log p(ending) of every ending that some item offers, each once, without a context."""
    endings = sorted({(item.opening, ending) for item in items for ending in item.endings}, key=lambda pair: len(pair[1]))
    found = {}
    for start in range(0, len(endings), ALONE_BATCH):
        batch = endings[start : start + ALONE_BATCH]
        totals = sequence_losses(model, [[*opening, *ending] for opening, ending in batch], len(batch[0][0]))
        found.update({ending: total for (_, ending), total in zip(batch, totals, strict=True)})
    return found


def measure_dense(model: LanguageModel, texts: EvaluationSet, monitor: Monitor) -> Measurement:
    """As `measure` for the dense model, from the cache where the same weights scored the same texts before."""
    parts = []
    for code in texts.languages:
        part = texts.only(code)
        path = dense_cache.entry(model, str(SCORER), part.digest())
        found = _read(path)
        if found is None:
            found = measure(model, part, monitor, "dense model")
            dense_cache.write(path, {"losses": found.losses, "choices": found.choices})
        else:
            monitor.begin(f"Dense scores of {language(code).name} are known")
            monitor.advance(part.num_tokens)
        parts.append(found)
    if not parts:
        return measure(model, texts, monitor)
    return Measurement(
        pd.concat([part.losses for part in parts], ignore_index=True),
        pd.concat([part.choices for part in parts], ignore_index=True),
    )


def _read(path: Path) -> Measurement | None:
    found = dense_cache.read(path, {"losses": list(LOSS_COLUMNS), "choices": list(ChoiceScore._fields)})
    return None if found is None else Measurement(found["losses"], found["choices"])
