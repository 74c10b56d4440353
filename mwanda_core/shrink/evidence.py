"""What each language lost, on text that nothing was chosen on: tables for a card, a terminal and a page."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from tokenizers import Tokenizer

from mwanda_core.corpora import Corpus
from mwanda_core.evaluation import above_chance, evaluation_set
from mwanda_core.evaluation.measure import ChoiceScore, answered
from mwanda_core.evaluation.sets import NUM_CHOICES
from mwanda_core.insight.generation import GenerationSettings, generate, prompts_from
from mwanda_core.languages import language
from mwanda_core.models import LanguageModel
from mwanda_core.models.decoding import next_logits
from mwanda_core.progress import Monitor
from mwanda_core.shrink import vocabulary
from mwanda_core.shrink.costs import texts_of
from mwanda_core.shrink.deed import size_on_disk
from mwanda_core.shrink.folders import TOKENIZER, ModelFolder
from mwanda_core.shrink.perbyte import bits_per_byte
from mwanda_core.shrink.plan import MB, Plan

KEPT, DROPPED = "kept", "dropped"
LOST = 0.5
"""A language with less of its tokens left than this can no longer be written."""

LANGUAGES = (
    "language", "name", "role", "coverage", "tokens_per_character", "small_tokens_per_character", "dense_bits", "small_bits", "change",
    "items", "dense_right", "small_right", "informative", "lost", "verdict",
)  # fmt: skip


def languages_table(
    dense: LanguageModel,
    small: LanguageModel,
    folder: ModelFolder,
    plan: Plan,
    evaluation: Corpus,
    monitor: Monitor,
    most: int = 8,
) -> pd.DataFrame:
    """A row a language of `evaluation`, kept or not: coverage, tokens per character, bits per byte before and after, and in words.

    `change`: of bits per byte, as a share. `most`: texts scored per language. `items`: passages of a kept language whose true ending was looked
    for among four, `dense_right` and `small_right` of them found; `informative`: whether the original does better than guessing there.
    """
    texts = texts_of(evaluation, most)
    monitor.begin("reading with both models")
    monitor.plan(2.0 * len(texts))
    before, after = bits_per_byte(dense, texts, monitor), bits_per_byte(small, texts, monitor)
    kept = evaluation.select([code for code in evaluation.passages if code in plan.languages])
    right = [endings(model, kept, most, monitor) for model in (dense, small)]
    rows = []
    for found in reach_of(folder, plan, texts):
        code = found.language
        role = KEPT if code in plan.languages else DROPPED
        change = after[code] / before[code] - 1
        rows.append(
            (code, language(code).name, role, found.coverage, found.tokens_per_character, found.trimmed_tokens_per_character,
             before[code], after[code], change, *_endings_row(*(one.get(code, []) for one in right)), found.coverage < LOST, verdict(language(code).name, role, found.coverage, change))
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=list(LANGUAGES))
    return table.sort_values("role", key=lambda role: role != KEPT, kind="stable", ignore_index=True)


def endings(model: LanguageModel, corpus: Corpus, most: int, monitor: Monitor) -> dict[str, list[ChoiceScore]]:
    """By language: for each of `most` passages, whether its true ending is told from three of other passages."""
    items = evaluation_set(model, corpus, max_texts=most, sequence_length=128, with_choices=True).choices
    monitor.plan(float(sum(item.num_tokens for item in items)))
    return {code: answered(model, [i for i in items if i.language == code], monitor) for code in corpus.passages}


def _endings_row(dense: Sequence[ChoiceScore], small: Sequence[ChoiceScore]) -> tuple[int, int, int, bool]:
    right, count = sum(one.correct for one in dense), len(dense)
    informative = count > 0 and above_chance(right, np.full(count, 1 / NUM_CHOICES)) < 0.05
    return count, right, sum(one.correct for one in small), informative


def reach_of(folder: ModelFolder, plan: Plan, texts: Mapping[str, Sequence[str]]) -> tuple[vocabulary.Reach, ...]:
    """Coverage and lengths of texts under a plan."""
    table = vocabulary.table_of(folder)
    kept = plan.vocabulary or tuple(sorted({*table.pieces, *table.added}))
    before = Tokenizer.from_file(str(folder.path / TOKENIZER))
    return vocabulary.reach(before, vocabulary.trimmed_tokenizer(table, kept), kept, table.size, texts)


def verdict(name: str, role: str, coverage: float, change: float) -> str:
    """One language's row in words."""
    if coverage < LOST:
        return f"This model can no longer write {name}: {coverage:.0%} of its tokens are left."
    if role == DROPPED:
        return f"{name} was not kept: {coverage:.0%} of its tokens are left, and it costs {change:+.0%} bits."
    return f"{name} was kept: {change:+.1%} bits per byte."


@torch.no_grad()
def decoding_speed(models: Mapping[str, LanguageModel], rounds: int = 5, tokens: int = 24) -> pd.DataFrame:
    """Tokens per second written one at a time, the models taking turns; median over rounds, and each beside the first. With the memory that
    their weights take.

    Tokens are counted as each model has them; multiply by characters per token to compare text.
    """
    seconds: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(rounds + 1):  # The first round warms caches and is not counted.
        for name, model in models.items():
            ids, wanted = torch.tensor([[*model.start, *model.encode("A text")]]), torch.tensor([0])
            logits, cache = next_logits(model, ids, wanted)
            begin = time.perf_counter()
            for _ in range(tokens):
                logits, cache = next_logits(model, logits.argmax(-1)[None].cpu(), wanted, cache)
            seconds[name].append((time.perf_counter() - begin) / tokens)
    medians = {name: float(pd.Series(values[1:]).median()) for name, values in seconds.items()}
    first = next(iter(medians.values()))
    return pd.DataFrame(
        [
            (name, 1 / s, first / s, models[name].num_parameters * models[name].dtype.itemsize / MB)
            for name, s in medians.items()
        ],
        columns=["model", "tokens_per_second", "ratio", "memory_megabytes"],
    )


def sizes_table(before: Path, after: Path) -> pd.DataFrame:
    """Bytes on disk, of weights and tokenizer; GGUF files apart."""
    rows = [("original", size_on_disk(before) / MB), ("small", size_on_disk(after) / MB)]
    rows += [(file.name, file.stat().st_size / MB) for file in sorted(after.glob("*.gguf"))]
    first = rows[0][1]
    return pd.DataFrame([(name, size, size / first) for name, size in rows], columns=["what", "megabytes", "share"])


def writing_table(
    dense: LanguageModel, small: LanguageModel, evaluation: Corpus, monitor: Monitor, tokens: int = 24
) -> pd.DataFrame:
    """One continuation a language by each model, side by side, greedy."""
    prompts = prompts_from(evaluation, per_language=1)
    settings = GenerationSettings(max_new_tokens=tokens)
    monitor.plan(2.0 * len(prompts) * tokens)
    pairs = [
        generate(model, prompts, settings, monitor, name).items for name, model in (("original", dense), ("small model", small))
    ]
    rows = [(a.prompt.language, a.prompt.text, a.text, b.text, a.text == b.text) for a, b in zip(*pairs, strict=True)]
    return pd.DataFrame(rows, columns=["language", "prompt", "original", "small", "same"])


def steps_table(plan: Plan) -> pd.DataFrame:
    """A row a step: what it saves and what it is estimated to cost."""
    columns = ["step", "setting", "megabytes_before", "megabytes_after", "saved", "coverage", "longer", "language", "cost"]
    return pd.DataFrame([[getattr(step, name) for name in columns] for step in plan.steps], columns=columns)
