"""Dense against pruned on tasks: accuracies with intervals, paired tests, and whether a task says anything at all.

A task is informative in a language where the dense model answers better than guessing does: one-sided exact binomial test
at 0.05. Where it does not, no drop can be seen and none is denied: `within_noise` is empty and `verdict` says so.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd

from mwanda_core.errors import InputError
from mwanda_core.evaluation import above_chance, holm, mcnemar, paired_bootstrap, paired_share_difference, share
from mwanda_core.languages import language
from mwanda_core.tasks.base import READINGS
from mwanda_core.tasks.scoring import TaskScores

LEVEL = 0.05
"""Of both tests: the dense model against guessing, and (after Holm's correction) pruned against dense."""

UNINFORMATIVE, WITHIN_NOISE, WORSE, BETTER = "uninformative", "within noise", "worse", "better"

TABLE_COLUMNS = (
    "task", "title", "language", "name", "reading", "customary", "items", "chance", "dense_accuracy", "dense_low", "dense_high",
    "pruned_accuracy", "pruned_low", "pruned_high", "change", "change_low", "change_high", "bootstrap_low", "bootstrap_high", "lost",
    "gained", "p", "p_holm", "p_chance", "informative", "within_noise", "verdict",
)  # fmt: skip

ITEM_TABLE_COLUMNS = (
    "task", "language", "item", "reading", "answer", "dense_choice", "pruned_choice", "dense_correct", "pruned_correct",
    "dense_margin", "pruned_margin",
)  # fmt: skip

MEAN_COLUMNS = ("task", "title", "reading", "customary", "languages", "informative", "dense", "pruned", "change", "low", "high")


@dataclasses.dataclass(frozen=True)
class TaskComparison:
    """table: one row a task, language and reading. means: over the informative languages of a task. items: one row an item
    and reading, for the questions behind the figures."""

    table: pd.DataFrame
    means: pd.DataFrame
    items: pd.DataFrame


def compare_tasks(dense: Sequence[TaskScores], pruned: Sequence[TaskScores]) -> TaskComparison:
    """The tables for the same tasks of both models, in the order given.

    `change` is pruned minus dense accuracy, with the interval of Agresti & Min (2005) and a percentile bootstrap over
    items; accuracies have Wilson's. `p` is the exact McNemar test, `p_holm` corrected over the languages of one task and
    reading. `customary` marks the reading that the task is usually reported in. Raises InputError where the two sides did not answer the same items.
    """
    if [found.task for found in dense] != [found.task for found in pruned]:
        raise InputError("The dense and the pruned model must be compared on the same tasks, in the same order.")
    tables, means, items = [], [], []
    for before, after in zip(dense, pruned, strict=True):
        merged = _merged(before, after)
        for reading in READINGS:
            part = merged[merged["reading"] == reading]
            if len(part):
                table = _corrected(
                    pd.DataFrame([_row(before, reading, str(code), group) for code, group in _by_language(part)])
                )
                tables.append(table)
                means.append(_mean(before, reading, table, part))
        items.append(_item_table(before.task, merged))
    return TaskComparison(
        pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(TABLE_COLUMNS)),
        pd.DataFrame(means, columns=list(MEAN_COLUMNS)),
        pd.concat(items, ignore_index=True) if items else pd.DataFrame(columns=list(ITEM_TABLE_COLUMNS)),
    )


def _merged(before: TaskScores, after: TaskScores) -> pd.DataFrame:
    keys = ["language", "item", "reading"]
    merged = before.items.merge(after.items, on=keys, suffixes=("", "_pruned"), validate="1:1")
    same = len(merged) == len(before.items) == len(after.items)
    if not same or (merged["answer"] != merged["answer_pruned"]).any():
        raise InputError(
            f"The dense and the pruned model did not answer the same items of {before.title}: score both on one task."
        )
    return merged


def _by_language(part: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    return [(str(code), group) for code, group in part.groupby("language", sort=False)]


def _row(scores: TaskScores, reading: str, code: str, group: pd.DataFrame) -> dict[str, object]:
    before, after = group["correct"].to_numpy(bool), group["correct_pruned"].to_numpy(bool)
    n, chances = len(group), group["chance"].to_numpy(np.float64)
    dense, pruned = share(int(before.sum()), n), share(int(after.sum()), n)
    change, resampled = paired_share_difference(before, after), paired_bootstrap(after.astype(float) - before)
    # Items of unknown chance (answers that are not choices) can be guessed right by nobody.
    p_chance = above_chance(int(before.sum()), chances)
    return {
        "task": scores.task, "title": scores.title, "language": code, "name": language(code).name, "reading": reading,
        "customary": reading == scores.reading, "items": n, "chance": float(chances.mean()),
        "dense_accuracy": dense.value, "dense_low": dense.low, "dense_high": dense.high,
        "pruned_accuracy": pruned.value, "pruned_low": pruned.low, "pruned_high": pruned.high,
        "change": change.value, "change_low": change.low, "change_high": change.high,
        "bootstrap_low": resampled.low, "bootstrap_high": resampled.high,
        "lost": int((before & ~after).sum()), "gained": int((~before & after).sum()), "p": mcnemar(before, after),
        "p_chance": p_chance, "informative": p_chance < LEVEL,
    }  # fmt: skip


def _corrected(table: pd.DataFrame) -> pd.DataFrame:
    """With Holm's correction over the languages, and the verdicts that follow."""
    table = table.assign(p_holm=holm(table["p"].to_numpy(np.float64)))
    noise = table["p_holm"] >= LEVEL
    table["within_noise"] = pd.array(
        [bool(n) if i else None for n, i in zip(noise, table["informative"], strict=True)], "boolean"
    )
    table["verdict"] = [
        UNINFORMATIVE if not informative else WITHIN_NOISE if quiet else WORSE if change < 0 else BETTER
        for informative, quiet, change in zip(table["informative"], noise, table["change"], strict=True)
    ]
    return table[list(TABLE_COLUMNS)]


def _mean(scores: TaskScores, reading: str, table: pd.DataFrame, part: pd.DataFrame) -> tuple[object, ...]:
    """Macro average over informative languages. Questions of a parallel task are resampled whole, else language by language."""
    used = table[table["informative"]]
    head = (scores.task, scores.title, reading, reading == scores.reading, len(table), len(used))
    if used.empty:
        return (*head, np.nan, np.nan, np.nan, np.nan, np.nan)
    part = part[part["language"].isin(used["language"])]
    part = part.assign(moved=part["correct_pruned"].astype(float) - part["correct"].astype(float))
    wide = part.pivot(index="item", columns="language", values="moved")
    if scores.parallel and not wide.isna().to_numpy().any():
        found = paired_bootstrap(wide.to_numpy())
        low, high = found.low, found.high
    else:
        errors = [paired_bootstrap(group["moved"].to_numpy()).se for _, group in _by_language(part)]
        reach = 1.96 * float(np.sqrt(np.square(errors).sum())) / len(errors)
        low, high = float(used["change"].mean()) - reach, float(used["change"].mean()) + reach
    middle = (float(used[name].mean()) for name in ("dense_accuracy", "pruned_accuracy", "change"))
    return (*head, *middle, low, high)


def _item_table(task: str, merged: pd.DataFrame) -> pd.DataFrame:
    names = {
        "picked": "dense_choice", "picked_pruned": "pruned_choice", "correct": "dense_correct", "correct_pruned": "pruned_correct",
        "margin": "dense_margin", "margin_pruned": "pruned_margin",
    }  # fmt: skip
    return merged.assign(task=task).rename(columns=names)[list(ITEM_TABLE_COLUMNS)]
