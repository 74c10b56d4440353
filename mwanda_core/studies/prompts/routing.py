"""The routing map: how much do two prompts' masks have in common?

Overlap is corrected for chance (`insight/overlap.py`): 0 as two independent masks, 1 the same mask. It is read against a ceiling, that of
the two halves of one prompt: below it lies what is due to content and language, above it nothing can be expected. With parallel
passages, pairs of equal content in two languages and of other content in one language tell the two apart.
"""

from collections.abc import Sequence

import pandas as pd
import torch

from mwanda_core.errors import InputError
from mwanda_core.insight.overlap import Overlap, Unit, pruned_together
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.prompts.masks import PromptMasks
from mwanda_core.studies.prompts.protocols import MASK_COST
from mwanda_core.studies.prompts.rules import PromptRule
from mwanda_core.studies.texts import Window

RELATIONS = ("halves of one prompt", "same language", "same content", "other language and content")
PAIR_COLUMNS = ("language", "passage", "other_language", "other_passage", "relation", "iou", "expected", "corrected")


def routing_work(prompts: Sequence[Window]) -> float:
    """Units of work (tokens through the model) that `routing` reports."""
    return sum(2 * len(prompt.ids) + 3 * MASK_COST for prompt in prompts)


def routing(
    model: LanguageModel, prompts: Sequence[Window], rule: PromptRule, monitor: Monitor | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(pairs, map): every pair of prompts with its overlap (`PAIR_COLUMNS`), and the corrected overlap language by language.

    prompts: passages; those of equal `name` say the same in different languages. The map's cell (A, B) is the mean over pairs of the
    same content, its diagonal that of other content of the language; column "ceiling" holds the halves of one prompt. Raises
    InputError for fewer than two prompts, or one too short to be halved.
    """
    if len(prompts) < 2 or min(len(prompt.ids) for prompt in prompts) < 4:
        raise InputError("A routing map needs two prompts of at least four tokens each.")
    monitor = monitor or Monitor()
    monitor.plan(routing_work(prompts))
    masks = []
    with PromptMasks(model, rule) as made:
        for prompt in prompts:
            monitor.begin(f"Masks of {prompt.name}, {prompt.language}")
            half = len(prompt.ids) // 2
            for ids in (prompt.ids, prompt.ids[:half], prompt.ids[half:]):
                made.begin()
                model.hidden(torch.tensor([ids]))
                masks.append(made.masks[0])
                monitor.advance(len(ids) + MASK_COST)
    units = tuple(
        Unit(block.full_name(linear), block.index, linear.name, linear.weight.numel())
        for block in model.blocks
        for linear in block.linears
    )
    both = [pruned_together(torch.stack([found[unit.name] for found in masks]), unit.size) for unit in units]
    table = _pairs(prompts, Overlap(tuple(map(str, range(len(masks)))), units, torch.stack(both)))
    return table, language_map(table)


def _pairs(prompts: Sequence[Window], overlap: Overlap) -> pd.DataFrame:
    figures = {name: overlap.matrix(name) for name in ("iou", "expected", "corrected")}
    rows = []
    for i, left in enumerate(prompts):
        for j in range(i, len(prompts)):
            right = prompts[j]
            places = (3 * i + 1, 3 * i + 2) if i == j else (3 * i, 3 * j)
            values = (float(figure[places]) for figure in figures.values())
            rows.append((left.language, left.name, right.language, right.name, relation(left, right), *values))
    return pd.DataFrame(rows, columns=list(PAIR_COLUMNS))


def relation(left: Window, right: Window) -> str:
    """How two prompts are related; a prompt to itself by its halves."""
    same_language, same_content = left.language == right.language, left.name == right.name
    if same_language:
        return RELATIONS[0] if same_content else RELATIONS[1]
    return RELATIONS[2] if same_content else RELATIONS[3]


def language_map(pairs: pd.DataFrame) -> pd.DataFrame:
    """Language by language, mean corrected overlap; with the ceiling of each as last column."""
    codes = list(dict.fromkeys([*pairs["language"], *pairs["other_language"]]))
    found = pd.DataFrame(float("nan"), index=codes, columns=[*codes, "ceiling"])
    for (left, right, kind), group in pairs.groupby(["language", "other_language", "relation"]):
        mean = group["corrected"].mean()
        if kind == RELATIONS[0]:
            found.loc[left, "ceiling"] = mean
        elif kind in RELATIONS[1:3]:
            found.loc[left, right] = found.loc[right, left] = mean
    return found.rename_axis("language").reset_index()


def by_relation(pairs: pd.DataFrame) -> pd.DataFrame:
    """Mean, lowest and highest corrected overlap of each kind of pair."""
    found = pairs.groupby("relation")["corrected"].agg(["count", "mean", "min", "max"])
    return found.reindex([name for name in RELATIONS if name in found.index]).reset_index()
