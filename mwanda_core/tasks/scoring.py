"""A model's answers to a task, and the dense model's, which are kept.

The text before a choice and the text with it are encoded, and the choice's tokens are those beyond the number of the first
(blanks at the end of the context count with the choice), as lm-evaluation-harness does. A sequence opens with the token that the tokenizer
opens a text with; where it opens with none and nothing stands before the choice, with the beginning- or end-of-text token.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from mwanda_core.errors import InputError
from mwanda_core.evaluation import dense_cache
from mwanda_core.evaluation.choices import Choice, score_groups
from mwanda_core.languages import language
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.tasks.base import PER_BYTE, RAW, READINGS, Item, Task

SCORER = "tasks 3"
"""Raised whenever a change here changes a figure, so that no older cached result is used."""

CHOICE_COLUMNS = ("language", "item", "answer", "choice", "tokens", "bytes", "loglikelihood")
ITEM_COLUMNS = ("language", "item", "reading", "chance", "answer", "picked", "correct", "margin")


@dataclasses.dataclass(frozen=True)
class TaskScores:
    """choices: one row a choice (`CHOICE_COLUMNS`; loglikelihood in nats). items: one row an item and reading
    (`ITEM_COLUMNS`): `margin` is the right choice's lead over the best wrong one, in nats, or nats per byte."""

    task: str
    title: str
    parallel: bool
    reading: str
    choices: pd.DataFrame
    items: pd.DataFrame


def encode_choice(model: LanguageModel, before: str, choice: str) -> Choice:
    """The tokens of a text with its choice, and where the choice begins. At least one token belongs to the choice."""
    kept = before.rstrip()
    opening = model.start or (() if kept else _opener(model))
    whole = model.encode(before + choice)
    first = len(model.encode(kept)) if kept else 0
    # A tokenizer may merge the choice into the word before it: then that word is what is scored.
    first = min(first, len(whole) - 1)
    return Choice((*opening, *whole), len(opening) + first)


def _opener(model: LanguageModel) -> tuple[int, ...]:
    ends = (model.tokenizer.bos_token_id, model.tokenizer.eos_token_id)
    return next(((token,) for token in ends if token is not None), tuple(model.encode("\n")))


def encode_item(model: LanguageModel, item: Item) -> list[Choice]:
    """The token sequences of an item's choices."""
    found = [encode_choice(model, item.before(i), choice) for i, choice in enumerate(item.choices)]
    if any(choice.first < 1 for choice in found):
        raise InputError(f"{model.source} has no token to open a text with, so that {item.id!r} cannot be scored.")
    return found


def score_task(model: LanguageModel, task: Task, monitor: Monitor, label: str = "model") -> TaskScores:
    """Score the model as it stands now, language by language. Plans its own work with the monitor, in tokens.

    Languages are never mixed in a batch, so that an item's figures do not depend on what other languages are asked for.
    """
    encoded = [encode_item(model, item) for item in task.items]
    monitor.plan(sum(map(_work, encoded)))
    rows = []
    for code in task.languages:
        monitor.begin(f"Scoring the {label}: {task.title}, {language(code).name}")
        part = [(item, group) for item, group in zip(task.items, encoded, strict=True) if item.language == code]
        likely: dict[int, tuple[float, ...]] = {}
        for batch in score_groups(model, [group for _, group in part]):
            likely |= {index: found.loglikelihoods for index, found in batch}
            monitor.advance(sum(_work(part[index][1]) for index, _ in batch))
        for index, (item, group) in enumerate(part):
            for number, (text, choice) in enumerate(zip(item.choices, group, strict=True)):
                size, tokens = len(text.strip().encode()), len(choice.ids) - choice.first
                rows.append((code, item.id, item.answer, number, tokens, size, likely[index][number]))
    return scores_of(task, pd.DataFrame(rows, columns=list(CHOICE_COLUMNS)))


def _work(group: Sequence[Choice]) -> int:
    return sum(len(choice.ids) for choice in group)


def score_dense_task(model: LanguageModel, task: Task, monitor: Monitor) -> TaskScores:
    """As `score_task` for the dense model, from the cache where the same weights answered the same items before."""
    parts = {code: task.only(code) for code in task.languages}
    paths = {code: dense_cache.entry(model, SCORER, part.digest()) for code, part in parts.items()}
    known = {code: dense_cache.read(path, {"choices": list(CHOICE_COLUMNS)}) for code, path in paths.items()}
    found = {code: tables["choices"] for code, tables in known.items() if tables is not None}
    missing = dataclasses.replace(task, items=tuple(item for item in task.items if item.language not in found))
    if missing.items:
        fresh = score_task(model, missing, monitor, "dense model").choices
        for code in missing.languages:
            found[code] = fresh[fresh["language"] == code].reset_index(drop=True)
            dense_cache.write(paths[code], {"choices": found[code]})
    else:
        monitor.begin(f"Dense answers to {task.title} are known")
    return scores_of(task, pd.concat([found[code] for code in task.languages], ignore_index=True))


def scores_of(task: Task, choices: pd.DataFrame) -> TaskScores:
    """The answers that the choices' likelihoods give, in both readings."""
    items = pd.concat([answers(choices, reading) for reading in READINGS], ignore_index=True)
    return TaskScores(task.name, task.title, task.parallel, task.reading, choices, items)


def answers(choices: pd.DataFrame, reading: str) -> pd.DataFrame:
    """One row an item. An item counts as right only if its answer is strictly likelier than every other choice: a model that
    finds all choices alike, or gives no number, knows nothing. Where it is not, `picked` is the best other choice."""
    rows = []
    for (code, name), group in choices.groupby(["language", "item"], sort=False):
        value = group["loglikelihood"].to_numpy(np.float64)
        if reading == PER_BYTE:
            value = value / group["bytes"].to_numpy(np.float64)
        answer = int(group["answer"].iloc[0])
        value = np.where(np.isnan(value), -np.inf, value)
        others = np.delete(value, answer)
        rival = int(others.argmax())
        correct = bool(value[answer] > others[rival])
        margin = value[answer] - others[rival] if np.isfinite(value[answer]) and np.isfinite(others[rival]) else np.nan
        picked = answer if correct else rival + (rival >= answer)
        rows.append((code, name, reading, 1.0 / len(value), answer, picked, correct, float(margin)))
    return pd.DataFrame(rows, columns=list(ITEM_COLUMNS))


def accuracy(scores: TaskScores, reading: str = RAW) -> dict[str, float]:
    """Share of right answers by language."""
    part = scores.items[scores.items["reading"] == reading]
    return {str(code): float(group["correct"].mean()) for code, group in part.groupby("language", sort=False)}
