"""Step by step, each on top of those before: workflows written out, walks through a small world. The likeliest of everything that can be
said is taken, so that errors pile up as they do when a model acts.

    workflow    node F1 of the steps named, edge F1 of the rules kept (`graphs`)
    world       valid steps out of ten before the first that is not; success: all ten
"""

import random
from collections.abc import Sequence

import pandas as pd

from mwanda_core.corpora.words import words
from mwanda_core.evaluation.choices import score_groups
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.abilities.graphs import kept_edges, score
from mwanda_core.studies.abilities.items import STEPS, workflow
from mwanda_core.studies.abilities.world import LENGTH, World
from mwanda_core.tasks.scoring import encode_choice

COLUMNS = ("kind", "language", "item", "measure", "value")
PAST = 2
"""Steps of a walk that the model still sees."""
TOKENS = 160
"""Of one step with all that can be said, about; for progress and estimates."""

Asked = tuple[str, Sequence[str]]


def likeliest(model: LanguageModel, asked: Sequence[Asked], monitor: Monitor) -> list[int]:
    """The number of the likeliest continuation of every context, by its whole log-likelihood."""
    groups = [[encode_choice(model, context, choice) for choice in choices] for context, choices in asked]
    found = [0] * len(asked)
    for batch in score_groups(model, groups):
        for number, scored in batch:
            values = scored.loglikelihoods
            found[number] = max(range(len(values)), key=values.__getitem__)
        monitor.advance(TOKENS * len(batch))
    return found


def work(codes: Sequence[str], count: int) -> float:
    """Tokens, at most: walks may end early."""
    return float(len(codes) * count * (STEPS + LENGTH) * TOKENS)


def workflows(model: LanguageModel, codes: Sequence[str], count: int, seed: int, monitor: Monitor) -> pd.DataFrame:
    """Rows of `COLUMNS`: node_f1 and edge_f1 of every workflow written."""
    made = []
    for code in codes:
        draw = random.Random(f"workflow written {seed}")
        for number in range(count):
            told, steps, _, _ = workflow(code, draw)
            text, right, edges, _ = workflow(code, draw)
            made.append((code, number, f"{told} {', '.join(steps)}.\n\n{text}", right, edges))
    orders: list[list[str]] = [[] for _ in made]
    for _ in range(STEPS):
        left = [
            [name for name in words("abilities")[code]["steps"] if name not in order]
            for (code, *_), order in zip(made, orders, strict=True)
        ]
        asked = [
            (context + "".join(f" {name}," for name in order), [f" {name}" for name in names])
            for (_, _, context, _, _), order, names in zip(made, orders, left, strict=True)
        ]
        for order, names, best in zip(orders, left, likeliest(model, asked, monitor), strict=True):
            order.append(names[best])
    rows: list[tuple[object, ...]] = []
    for (code, number, _, right, edges), order in zip(made, orders, strict=True):
        found = score(right, edges, order, kept_edges(order, edges))
        rows += [("workflow", code, number, name, value) for name, value in found._asdict().items()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def walks(model: LanguageModel, codes: Sequence[str], count: int, seed: int, monitor: Monitor) -> pd.DataFrame:
    """Rows of `COLUMNS`: the valid steps before the first error (of `LENGTH`), and whether there was none."""
    places = [(code, number) for code in codes for number in range(count)]
    draws = [random.Random(f"walk {seed} {number}") for _, number in places]
    worlds = [World.drawn(code, draw) for (code, _), draw in zip(places, draws, strict=True)]
    past: list[list[str]] = [[] for _ in places]
    for place, draw in enumerate(draws):  # The model is shown how it is done.
        for _ in range(PAST):
            action = draw.choice(worlds[place].valid())
            past[place].append(f"{worlds[place].seen()} {worlds[place].said(action)}\n")
            worlds[place] = worlds[place].after(action)
    done, on = [0] * len(places), list(range(len(places)))
    for _ in range(LENGTH):
        asked = [
            ("".join(past[i][-PAST:]) + worlds[i].seen(), [f" {worlds[i].said(action)}" for action in worlds[i].thinkable()])
            for i in on
        ]
        going = []
        for i, best in zip(on, likeliest(model, asked, monitor), strict=True):
            action = worlds[i].thinkable()[best]
            if action in worlds[i].valid():
                past[i].append(f"{worlds[i].seen()} {worlds[i].said(action)}\n")
                worlds[i], done[i] = worlds[i].after(action), done[i] + 1
                going.append(i)
        on = going
    rows: list[tuple[object, ...]] = []
    for (code, number), steps in zip(places, done, strict=True):
        rows += [("world", code, number, "steps", steps), ("world", code, number, "success", float(steps == LENGTH))]
    return pd.DataFrame(rows, columns=list(COLUMNS))
