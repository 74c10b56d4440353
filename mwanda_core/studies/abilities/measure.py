"""Both models' answers to the items, and the tables that follow."""

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from mwanda_core.corpora.words import words
from mwanda_core.evaluation import dense_cache
from mwanda_core.evaluation.intervals import Interval, ratio
from mwanda_core.languages import language
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.abilities import bfcl, worfbench
from mwanda_core.studies.abilities.items import ROLES, items, needles
from mwanda_core.studies.abilities.steps import COLUMNS, walks, work as steps_work, workflows
from mwanda_core.tasks import RAW, Task, TaskScores, compare_tasks, score_dense_task, score_task

Tables = dict[str, pd.DataFrame]
ELSEWHERE = "needle-elsewhere"
"""Needle and text in two languages: English in the language's text, the language's in English text."""


@dataclasses.dataclass(frozen=True)
class Asked:
    """tasks: one a kind, in the order of the table. codes, walks, seed: of what is done step by step. graphs: workflows to be written."""

    tasks: tuple[Task, ...]
    codes: tuple[str, ...]
    walks: int
    seed: int
    graphs: tuple[worfbench.Workflow, ...] = ()


@dataclasses.dataclass(frozen=True)
class Answers:
    """scores: one a task. steps: rows of `steps.COLUMNS`."""

    scores: tuple[TaskScores, ...]
    steps: pd.DataFrame


def asked_of(
    model: LanguageModel,
    codes: Sequence[str],
    kinds: Sequence[str],
    count: int,
    lengths: Sequence[int],
    steps: int,
    seed: int = 0,
    folder: str = "",
    graphs: str = "",
) -> Asked:
    """The items of every kind and language. count: items a kind and language; needles come in fours, for each of `lengths` tokens.

    Raises InputError and UnknownName as `items.items`; TextError for a folder without BFCL's files, or (graphs) WorfBench's.
    """

    def tokens(text: str) -> int:
        return len(model.encode(text))

    tasks = []
    for kind in kinds:
        if kind == "needle":
            texts = max(1, count // (4 * len(lengths)))
            own = [item for code in codes for length in lengths for item in needles(code, code, length, tokens, texts, seed)]
            tasks.append(Task(kind, kind, tuple(own)))
            pairs = [pair for code in codes if code != "en" for pair in ((code, "en"), ("en", code))]
            across = [item for needle, text in pairs for item in needles(needle, text, min(lengths), tokens, texts, seed)]
            across.sort(key=lambda item: codes.index(item.language) if item.language in codes else -1)
            tasks += [Task(ELSEWHERE, ELSEWHERE, tuple(across))] if across else []
            continue
        found = [item for code in codes if (kind, code) != ("argument", "en") for item in items(kind, code, count, seed)]
        tasks += [Task(kind, kind, tuple(found), parallel=True)] if found else []
    if folder:
        tasks.append(bfcl.task(folder, count, seed))
    return Asked(tuple(tasks), tuple(codes), steps, seed, worfbench.workflows(graphs, count, seed) if graphs else ())


def work(model: LanguageModel, asked: Asked) -> float:
    """Tokens of what is done step by step; scoring plans its own."""
    return (steps_work(asked.codes, asked.walks) if asked.walks else 0.0) + float(len(asked.graphs) * worfbench.WRITTEN)


def answers(model: LanguageModel, asked: Asked, monitor: Monitor, dense: bool = False) -> Answers:
    """The model as it stands; the dense one's scores are kept.

    Raises Cancelled when stopped.
    """
    scorer = score_dense_task if dense else score_task
    scores = tuple(scorer(model, task, monitor) for task in asked.tasks)
    step = [pd.DataFrame(columns=list(COLUMNS))]
    if asked.walks:
        step = [_dense_steps(model, asked, monitor) if dense else _step_by_step(model, asked, monitor)]
    if asked.graphs:
        step.append(worfbench.written(model, asked.graphs, monitor))
    return Answers(scores, pd.concat(step, ignore_index=True) if len(step) > 1 else step[0])


def _step_by_step(model: LanguageModel, asked: Asked, monitor: Monitor) -> pd.DataFrame:
    monitor.begin("Acting step by step")
    found = [made(model, asked.codes, asked.walks, asked.seed, monitor) for made in (workflows, walks)]
    return pd.concat(found, ignore_index=True)


def _dense_steps(model: LanguageModel, asked: Asked, monitor: Monitor) -> pd.DataFrame:
    """From the cache where the same weights went the same ways before."""
    ways = repr((asked.walks, asked.seed, [(code, words("abilities")[code]) for code in asked.codes]))
    path = dense_cache.entry(model, "abilities step by step", hashlib.sha256(ways.encode()).hexdigest())
    known = dense_cache.read(path, {"steps": list(COLUMNS)})
    if known is not None:
        return known["steps"]
    found = _step_by_step(model, asked, monitor)
    dense_cache.write(path, {"steps": found})
    return found


def tables(asked: Asked, dense: Answers, pruned: Answers) -> Tables:
    """Every table of the study, by its name."""
    found = compare_tasks(dense.scores, pruned.scores)
    return {
        "abilities": found.table[found.table["reading"] == RAW].reset_index(drop=True),
        "abilities_means": found.means[found.means["reading"] == RAW].reset_index(drop=True),
        "abilities_items": _items(asked, dense.scores, pruned.scores),
        "abilities_needle": _needle(asked, dense.scores, pruned.scores),
        "abilities_argument": _argument(dense.scores, pruned.scores),
        "abilities_steps": _steps(dense.steps, pruned.steps),
    }


def _picked(scores: TaskScores) -> dict[tuple[str, str], tuple[int, bool]]:
    """(language, item) -> (number of the choice, whether it is the right one)"""
    part = scores.items[scores.items["reading"] == RAW]
    columns = (part[name].tolist() for name in ("language", "item", "picked", "correct"))
    return {(code, item): (picked, correct) for code, item, picked, correct in zip(*columns, strict=True)}


def _items(asked: Asked, dense: Sequence[TaskScores], pruned: Sequence[TaskScores]) -> pd.DataFrame:
    rows = []
    for task, before, after in zip(asked.tasks, map(_picked, dense), map(_picked, pruned), strict=True):
        for item in task.items:
            roles = ROLES.get(item.group.split("|")[0], ROLES.get(task.name, ()))
            (was, was_right), (now, now_right) = (found[item.language, item.id] for found in (before, after))
            rows.append(
                {
                    "task": task.name, "language": item.language, "item": item.id, "context": item.context,
                    **{f"choice_{i}": item.choices[i] if i < len(item.choices) else "" for i in range(4)},
                    "dense_choice": was, "pruned_choice": now,
                    "dense_role": _role(roles, was), "pruned_role": _role(roles, now),
                    "dense_correct": was_right, "pruned_correct": now_right,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def _role(roles: Sequence[str], place: int) -> str:
    return roles[place] if place < len(roles) else str(place)


def _needle(asked: Asked, dense: Sequence[TaskScores], pruned: Sequence[TaskScores]) -> pd.DataFrame:
    rows = []
    for task, before, after in zip(asked.tasks, map(_picked, dense), map(_picked, pruned), strict=True):
        if not task.name.startswith("needle"):
            continue
        for item in task.items:
            depth, length, haystack = item.group.split("|")
            was, now = (found[item.language, item.id][1] for found in (before, after))
            rows.append((item.language, haystack, int(length), float(depth), was, now))
    frame = pd.DataFrame(rows, columns=["language", "haystack", "length", "depth", "dense_accuracy", "pruned_accuracy"])
    keys = ["language", "haystack", "length", "depth"]
    found = frame.groupby(keys, sort=False).agg(
        items=("dense_accuracy", "size"), dense_accuracy=("dense_accuracy", "mean"), pruned_accuracy=("pruned_accuracy", "mean")
    )
    return found.reset_index()


def _argument(dense: Sequence[TaskScores], pruned: Sequence[TaskScores]) -> pd.DataFrame:
    """log p(value in English) - log p(value in the user's language), of both models."""
    rows = []
    for before, after in zip(dense, pruned, strict=True):
        if before.task != "argument":
            continue
        leans = [_lean(scores) for scores in (before, after)]
        for code in dict.fromkeys(before.choices["language"]):
            was, now = (lean.loc[code].to_numpy() for lean in leans)
            row: dict[str, object] = {"language": str(code), "name": language(str(code)).name, "items": len(was)}
            for name, values in (("dense", was), ("pruned", now), ("shift", now - was)):
                row |= _named(name, ratio(values, np.ones(len(values))))
            rows.append(row)
    return pd.DataFrame(
        rows,
        columns=[
            "language",
            "name",
            "items",
            *(f"{n}{e}" for n in ("dense", "pruned", "shift") for e in ("", "_low", "_high")),
        ],
    )


def _lean(scores: TaskScores) -> pd.Series:
    wide = scores.choices.pivot(index=["language", "item"], columns="choice", values="loglikelihood")
    return wide[0] - wide[1]


def _steps(dense: pd.DataFrame, pruned: pd.DataFrame) -> pd.DataFrame:
    merged = dense.merge(pruned, on=["kind", "language", "item", "measure"], suffixes=("_dense", "_pruned"), validate="1:1")
    rows = []
    for (measure, code), group in merged.groupby(["measure", "language"], sort=False):
        was, now = (group[f"value_{side}"].to_numpy(np.float64) for side in ("dense", "pruned"))
        change: Mapping[str, float] = _named("change", ratio(now - was, np.ones(len(was))))
        rows.append(
            {
                "measure": measure,
                "language": code,
                "name": language(str(code)).name,
                "items": len(was),
                "dense": was.mean(),
                "pruned": now.mean(),
                **change,
            }
        )
    return pd.DataFrame(
        rows, columns=["measure", "language", "name", "items", "dense", "pruned", "change", "change_low", "change_high"]
    )


def _named(name: str, found: Interval) -> dict[str, float]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
