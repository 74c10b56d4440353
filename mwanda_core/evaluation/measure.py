"""Score a model on an evaluation set; keep the dense model's results, which never change."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from mwanda_core.evaluation import dense_cache, shipped
from mwanda_core.evaluation.batching import Choice
from mwanda_core.evaluation.choices import score_groups
from mwanda_core.evaluation.losses import sequence_losses
from mwanda_core.evaluation.sets import ChoiceItem, EvaluationSet, ScoredText, pieces, sorted_batches
from mwanda_core.languages import language
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor

LOSS_COLUMNS = ("language", "text", "tokens", "bytes", "nll")

SCORER = 3
"""Raised whenever a change here changes a figure, so that no older cached result is used."""

_Ending = tuple[tuple[int, ...], tuple[int, ...]]
_Asked = tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]


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


TextScore = tuple[str, str, int, int, float]
"""A row of `Measurement.losses`."""


def measurement(losses: Sequence[TextScore], choices: Sequence[ChoiceScore]) -> Measurement:
    """Rows as tables."""
    return Measurement(
        pd.DataFrame(losses, columns=list(LOSS_COLUMNS)), pd.DataFrame(choices, columns=list(ChoiceScore._fields))
    )


def measure(model: LanguageModel, texts: EvaluationSet, monitor: Monitor, label: str = "model") -> Measurement:
    """Score the model as it stands now, language by language."""
    losses: list[TextScore] = []
    choices: list[ChoiceScore] = []
    for code in texts.languages:
        monitor.begin(f"Scoring the {label}: {language(code).name}")
        part = texts.only(code)
        for piece in pieces(part.texts):
            losses += read(model, piece, texts.num_start, monitor)
        choices += answered(model, part.choices, monitor)
    return measurement(losses, choices)


def read(model: LanguageModel, texts: Sequence[ScoredText], num_start: int, monitor: Monitor) -> list[TextScore]:
    """The loss of each text, in batches of these alone."""
    found = []
    for batch in sorted_batches(texts):
        totals = sequence_losses(model, [list(text.ids) for text in batch], num_start)
        for text, total in zip(batch, totals, strict=True):
            found.append((text.language, text.id, len(text.ids) - max(1, num_start), text.bytes, total))
        monitor.advance(sum(len(text.ids) for text in batch))
    return found


def answered(model: LanguageModel, items: Sequence[ChoiceItem], monitor: Monitor) -> list[ChoiceScore]:
    """Every item's answer. An item that stands there twice is scored once, and so is an ending that several items offer."""
    endings = sorted({(item.opening, ending) for item in items for ending in item.endings})
    alone: dict[_Ending, float] = {}
    for batch in score_groups(model, [[Choice((*opening, *ending), len(opening))] for opening, ending in endings]):
        alone |= {endings[index]: found.loglikelihoods[0] for index, found in batch}
        monitor.advance(0.0)
    asked = list(dict.fromkeys((item.context, item.endings) for item in items))
    after: dict[_Asked, tuple[float, ...]] = {}
    groups = [[Choice((*context, *ending), len(context)) for ending in offered] for context, offered in asked]
    for batch in score_groups(model, groups):
        done = {asked[index]: found.loglikelihoods for index, found in batch}
        after |= done
        monitor.advance(sum(item.num_tokens for item in items if (item.context, item.endings) in done))
    return [answer(item, after[item.context, item.endings], [alone[item.opening, e] for e in item.endings]) for item in items]


def answer(item: ChoiceItem, after: Sequence[float], alone: Sequence[float]) -> ChoiceScore:
    """Two readings of length-normalised log-likelihood (nats per byte), from log p(ending | context) and log p(ending):

    plain   log p(ending | context) / bytes
    gain    (log p(ending | context) - log p(ending)) / bytes     what the context adds (pointwise mutual information)

    Plain favours endings that are likely anywhere; gain asks only whether the ending belongs here, and a small model that
    is near chance on the first answers most items of the second. The first of equals is picked.
    """
    plain = [total / size for total, size in zip(after, item.bytes, strict=True)]
    gain = [(total - own) / size for total, own, size in zip(after, alone, item.bytes, strict=True)]
    picked, picked_plain = (max(range(len(scores)), key=scores.__getitem__) for scores in (gain, plain))
    margin = gain[item.answer] - max(s for i, s in enumerate(gain) if i != item.answer)
    return ChoiceScore(item.language, item.id, item.answer, picked, picked == item.answer, margin, picked_plain == item.answer)


def measure_dense(model: LanguageModel, texts: EvaluationSet, monitor: Monitor) -> Measurement:
    """As `measure` for the dense model: from the cache where the same weights scored the same texts before on this machine, else what comes
    with the package (`shipped`)."""
    if texts.languages:  # Tried while dense, also where its scores are known: once it is pruned, rounding weighs more.
        model.check_pads()
    parts = []
    for code in texts.languages:
        part = texts.only(code)
        path = dense_cache.entry(model, str(SCORER), part.digest())
        found = _read(path) or shipped.scores(model, part, SCORER)
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
