"""Scoring on a CPU against the bare forward pass of the same tokens: texts, and choices.

    python -m benchmarks.scoring_speed
    python -m benchmarks.scoring_speed --data FOLDER

Bare: the tokens that must go through the blocks, in full sequences of 128 without padding, and the head's matrix product for the
scored ones; no softmax, no sorting, no tokens beside those. Ours: everything that scoring does, padding and small batches included.
Medians of interleaved rounds on the built-in model, so that other work on the machine meets both alike. FOLDER holds published sets
(docs/tasks.md), of which a language's first items are scored: as many as the page asks by default, or fewer where they are long, so
that a round stays a few seconds; without it the choices are endings of the built-in texts. The second table is the head alone.
"""

import argparse
import functools
import itertools
import statistics
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import pandas as pd
import torch

import mwanda_core as mw
from benchmarks.common import command_of, provenance, scored, table_of, texts, write
from mwanda_core.evaluation.batching import Choice, num_shared
from mwanda_core.evaluation.choices import score_groups
from mwanda_core.evaluation.losses import chunked_losses, sequence_losses
from mwanda_core.evaluation.sets import sorted_batches
from mwanda_core.models import LOSS_CHUNK_ELEMENTS, LanguageModel
from mwanda_core.tasks import load_task
from mwanda_core.tasks.scoring import encode_item

TOKENS, LENGTH, SEED = 1024, 128, 0
BUDGET = 3000
"""Tokens through the blocks after which a workload takes no more texts or items."""
LANGUAGE = "en"

Way = Callable[[], object]
T = TypeVar("T")


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", default="", help="a folder of published sets")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--items", type=int, default=100, help="most texts or items of each kind")
    given = parser.parse_args()
    model = mw.load("gemma-3-270m", "cpu")
    head = timed(head_alone(model), given.rounds)
    head_frame = pd.DataFrame(
        {"way": name, "milliseconds per 1000 tokens": 1e6 * value / TOKENS, "ratio to bare": value / head["bare product"]}
        for name, value in head.items()
    )
    lines = []
    for name, (ours, items, forward, rows) in workloads(model, given.data, given.items).items():
        found = timed({"ours": ours, "bare": functools.partial(bare, model, forward, rows)}, given.rounds)
        line = {
            "work": name,
            "items": items,
            "tokens": forward,
            "scored": rows,
            "milliseconds": 1e3 * found["ours"],
            "bare": 1e3 * found["bare"],
        }
        lines.append(line | {"ratio to bare": found["ours"] / found["bare"]})
    frame = pd.DataFrame(lines)
    command = command_of("scoring_speed", parser, given, data="FOLDER")
    # The number of threads stands among the facts: every timing depends on it.
    facts = provenance(command, rounds=given.rounds, items=given.items, head=head_frame.to_dict(orient="records"))
    body = f"{table_of(frame)}\n\n## The head alone\n\n{table_of(head_frame)}"
    write("scoring_speed", frame, facts, "Scoring against the bare forward pass: Gemma 3 270M, 262,144 words, CPU", body)


def timed(ways: dict[str, Way], rounds: int) -> dict[str, float]:
    """Median seconds of each way, in interleaved rounds after one that does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    with torch.no_grad():
        for turn in range(rounds + 1):
            for name, way in ways.items():
                started = time.perf_counter()
                way()
                if turn:
                    seconds[name].append(time.perf_counter() - started)
    return {name: statistics.median(values) for name, values in seconds.items()}


def bare(model: LanguageModel, tokens: int, rows: int) -> None:
    """The blocks over so many tokens, and the head's product for so many of them."""
    hidden = model.hidden(torch.full((max(1, round(tokens / LENGTH)), LENGTH), 1000)).flatten(0, 1)
    hidden = hidden.repeat(-(-rows // len(hidden)), 1)[:rows]
    with model.head() as head:
        for part in hidden.split(LOSS_CHUNK_ELEMENTS // model.vocabulary):
            head(part)


def workloads(model: LanguageModel, data: str, items: int) -> dict[str, tuple[Way, int, int, int]]:
    """What is scored: how, how many, tokens that must go through the blocks, states that the head must see."""
    corpus = texts("built-in", [LANGUAGE])
    found = scored(model, corpus, items, LENGTH, choices=True)
    some = within_budget(found.texts, [len(text.ids) for text in found.texts])
    lists = [[list(text.ids) for text in batch] for batch in sorted_batches(some)]
    size = sum(len(text.ids) for text in some)
    ours = functools.partial(each_batch, model, lists, found.num_start)
    work: dict[str, tuple[Way, int, int, int]] = {"texts": (ours, len(some), size, size - found.num_start * len(some))}
    sets: dict[str, list[list[Choice]]] = {
        "choices: endings of built-in texts": [
            [Choice((*item.context, *ending), len(item.context)) for ending in item.endings] for item in found.choices[:items]
        ]
    }
    for name in ("multiblimp", "bmlama", "xcopa", "belebele") if data else ():
        task = load_task(name, source=data, limit=items, seed=SEED)
        sets[f"choices: {task.title}"] = [encode_item(model, item) for item in task.only(task.languages[0]).items]
    for name, groups in sets.items():
        part = within_budget(groups, [needed([group])[0] for group in groups])
        work[name] = (functools.partial(each_group, model, part), len(part), *needed(part))
    return work


def within_budget(things: Sequence[T], sizes: list[int]) -> list[T]:
    """The first ones, up to about `BUDGET` tokens in all."""
    return [thing for thing, before in zip(things, itertools.accumulate([0, *sizes]), strict=False) if before < BUDGET]


def each_batch(model: LanguageModel, lists: list[list[list[int]]], num_start: int) -> object:
    """Every batch of texts."""
    return [sequence_losses(model, batch, num_start) for batch in lists]


def each_group(model: LanguageModel, groups: list[list[Choice]]) -> object:
    """Every batch of items."""
    return list(score_groups(model, groups))


def needed(groups: list[list[Choice]]) -> tuple[int, int]:
    """Tokens through the blocks and states through the head if what an item's choices share runs once, without padding."""
    tokens = rows = 0
    for group in groups:
        shared = num_shared(group)
        tokens += shared + sum(len(choice.ids) - 1 - shared for choice in group)
        own = sum(len(choice.ids) - 1 - max(shared, choice.first - 1) for choice in group)
        rows += own + len({t for choice in group for t in range(choice.first - 1, shared)})
    return tokens, rows


def head_alone(model: LanguageModel) -> dict[str, Way]:
    """The head's product, with losses from one float32 copy of a chunk's logits, and in cache-sized pieces."""
    generator = torch.Generator().manual_seed(SEED)
    hidden = torch.randn(TOKENS, model.shape.hidden, generator=generator).to(model.dtype)
    targets = torch.randint(0, model.vocabulary, (TOKENS,), generator=generator)
    size = LOSS_CHUNK_ELEMENTS // model.vocabulary

    def product() -> object:
        with model.head() as head:
            return [head(part)[:, 0] for part in hidden.split(size)]

    def one_copy() -> object:
        parts = zip(hidden.split(size), targets.split(size), strict=True)
        with model.head() as head:
            return [torch.nn.functional.cross_entropy(head(h).float(), t, reduction="none") for h, t in parts]

    def pieces() -> object:
        with model.head() as head:
            return chunked_losses(head, hidden, targets, model.vocabulary)

    return {"bare product": product, "one float32 copy": one_copy, "cache-sized pieces": pieces}


if __name__ == "__main__":
    main()
