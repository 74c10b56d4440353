"""What a mask for the prompt is worth: losses of the same tokens under every condition and two protocols.

    window    the mask is made from the whole text, the scored tokens among it. A causal model's scored tokens thus shape the mask
              that predicts them: this flatters mu-MoE. Probably the paper's protocol (its text could not be read).
    prefix    the mask is made from the first tokens, the others are scored: what a user of a prompt would have.

Conditions: dense; magnitude; offline Wanda calibrated on the text's own language, on English, on the language farthest from it; mu-MoE by
both protocols; with the language's prior; by ranks; WINA; and as controls the masks of other prompts' prefixes, of the same and of another
language. Scored are always the tokens from `prefix` on, so that every condition answers for the same tokens.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from mwanda_core.engine.measure import BlockStats
from mwanda_core.errors import InputError
from mwanda_core.evaluation.intervals import ratio
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.cutting import cut_from
from mwanda_core.studies.prompts.masks import PromptMasks, wina
from mwanda_core.studies.prompts.rules import PromptRule
from mwanda_core.studies.texts import Window, loss_from, only

MASK_COST = 600
"""Making one prompt's masks, in tokens through the model; only for progress and estimates."""

CONDITIONS = {
    "dense": "all weights",
    "magnitude": "offline, no text",
    "wanda, own language": "offline, calibrated on the text's language",
    "wanda, English": "offline, calibrated on English",
    "wanda, far language": "offline, calibrated on the language least like the text's",
    "mu-moe, window": "this text's own mask, the scored tokens included",
    "mu-moe, prefix": "the mask of the text's first tokens",
    "prior, prefix": "the first tokens and the language's prior",
    "ranks, prefix": "ranks of the first tokens and of the language, fused",
    "wina": "inputs gated token by token, no mask",
    "control, same language": "the mask of another text's first tokens, same language",
    "control, other language": "the mask of another language's text",
}
"""Condition -> what it is, in the order of tables."""

COLUMNS = ("language", "window", "active", "condition", "prefix", "tokens", "nll")


@dataclasses.dataclass(frozen=True)
class Comparison:
    """What to compare. prior_tokens: n0; rank_weight: of the language's ranks. Raises InputError for what cannot be."""

    active: tuple[float, ...] = (0.5,)
    conditions: tuple[str, ...] = tuple(CONDITIONS)
    prefix: int = 64
    prior_tokens: float = 64.0
    rank_weight: float = 0.5

    def __post_init__(self) -> None:
        unknown = [name for name in self.conditions if name not in CONDITIONS]
        if unknown:
            raise InputError(f"There is no condition {unknown[0]!r}; there are {'; '.join(CONDITIONS)}.")
        if self.prefix < 1:
            raise InputError(f"A prefix has at least one token; it was given {self.prefix}.")


def farthest(stats: Sequence[BlockStats]) -> dict[str, str]:
    """Language -> the one of which the inputs' log sizes are least correlated with its own, over all linears."""
    distinct = list({id(found): found for by_name in stats for found in by_name.values()}.values())
    logs = torch.cat([found.rms().clamp_min(1e-12).log() for found in distinct], dim=1).cpu()
    likeness = torch.corrcoef(logs) if len(logs) > 1 else torch.ones(1, 1)
    names = distinct[0].languages
    return {code: names[int(row.argmin())] for code, row in zip(names, likeness, strict=True)}


def comparison_work(texts: Sequence[Window], settings: Comparison) -> float:
    """Units of work (tokens through the model) that `compare_protocols` reports."""
    tokens = sum(len(text.ids) for text in texts)
    masks = len({"mu-moe, window", "mu-moe, prefix", "prior, prefix", "ranks, prefix"} & set(settings.conditions))
    made = masks * (len(texts) * MASK_COST + tokens)
    return tokens + len(settings.active) * (len(settings.conditions) * tokens + made)


def compare_protocols(
    model: LanguageModel,
    texts: Sequence[Window],
    stats: Sequence[BlockStats],
    settings: Comparison,
    monitor: Monitor | None = None,
) -> pd.DataFrame:
    """One row a text, share of active weights and condition: `COLUMNS`, nll in nats summed over `tokens`.

    stats: dense statistics of every language of the texts, and of English. The model is dense again afterwards. Raises InputError
    for a text no longer than the prefix or a language that was not measured.
    """
    monitor = monitor or Monitor()
    short = [text.name for text in texts if len(text.ids) <= settings.prefix]
    if short:
        raise InputError(f"The text {short[0]!r} is no longer than the prefix of {settings.prefix} tokens: give longer texts.")
    monitor.plan(comparison_work(texts, settings))
    rows: list[tuple[object, ...]] = []

    def note(text: Window, active: float, condition: str) -> None:
        nll = loss_from(model, text.ids, settings.prefix)
        rows.append((text.language, text.name, active, condition, settings.prefix, len(text.ids) - settings.prefix, nll))
        monitor.advance(len(text.ids))

    monitor.begin("Dense losses")
    for text in texts:
        note(text, 1.0, "dense")
    for active in settings.active:
        monitor.begin(f"{active:.0%} of the weights: offline masks")
        for condition, chosen, cut in _offline(texts, stats, settings):
            with cut_from(model, cut[0], cut[1], 1.0 - active):
                for text in chosen:
                    note(text, active, condition)
        if "wina" in settings.conditions:
            with wina(model, active):
                for text in texts:
                    note(text, active, "wina")
        monitor.begin(f"{active:.0%} of the weights: masks of prompts")
        _online(model, texts, stats, settings, active, note, monitor)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _offline(
    texts: Sequence[Window], stats: Sequence[BlockStats], settings: Comparison
) -> Iterator[tuple[str, list[Window], tuple[Recipe, Sequence[BlockStats]]]]:
    """(condition, texts, (recipe, statistics)): every mask is cut once for each condition that scores under it."""
    far = farthest(stats)
    codes = dict.fromkeys(text.language for text in texts)
    if "magnitude" in settings.conditions:
        yield "magnitude", list(texts), (recipe("magnitude"), stats)
    if "wanda, English" in settings.conditions:
        yield "wanda, English", list(texts), (recipe("wanda"), only(stats, ["en"]))
    for condition, calibrated in (("wanda, own language", {code: code for code in codes}), ("wanda, far language", far)):
        if condition in settings.conditions:
            for source in dict.fromkeys(calibrated[code] for code in codes):
                chosen = [text for text in texts if calibrated[text.language] == source]
                yield condition, chosen, (recipe("wanda"), only(stats, [source]))


Note = Callable[[Window, float, str], None]
"""Scores a text under the model as it stands, and keeps the row."""


def _online(
    model: LanguageModel,
    texts: Sequence[Window],
    stats: Sequence[BlockStats],
    settings: Comparison,
    active: float,
    note: Note,
    monitor: Monitor,
) -> None:
    made: dict[str, dict[str, Tensor]] = {}
    for condition, rule in _rules(settings, active).items():
        if condition not in settings.conditions:
            continue
        for text in texts:
            with PromptMasks(model, rule, only(stats, [text.language]) if rule.needs_prior else None) as masks:
                masks.begin()
                if condition != "mu-moe, window":
                    model.hidden(torch.tensor([text.ids[: settings.prefix]]))
                    monitor.advance(settings.prefix)
                note(text, active, condition)
                monitor.advance(MASK_COST)
                if condition == "mu-moe, prefix":
                    made[text.name] = masks.masks[0]
    for condition in settings.conditions:
        if condition.startswith("control") and made:
            for text, other in _others(texts, condition == "control, same language"):
                with PromptMasks(model, PromptRule(active)) as masks:
                    masks.use([made[other.name]])
                    note(text, active, condition)


def _rules(settings: Comparison, active: float) -> dict[str, PromptRule]:
    return {
        "mu-moe, window": PromptRule(active),
        "mu-moe, prefix": PromptRule(active),
        "prior, prefix": PromptRule(active, prior_tokens=settings.prior_tokens),
        "ranks, prefix": PromptRule(active, rank_weight=settings.rank_weight),
    }


def _others(texts: Sequence[Window], same: bool) -> Iterator[tuple[Window, Window]]:
    """Every text and the next one of its language, or that of the next language with the same place."""
    by_language: dict[str, list[Window]] = {}
    for text in texts:
        by_language.setdefault(text.language, []).append(text)
    codes = list(by_language)
    for number, code in enumerate(codes):
        mine = by_language[code]
        for place, text in enumerate(mine):
            if same and len(mine) > 1:
                yield text, mine[(place + 1) % len(mine)]
            elif not same and len(codes) > 1:
                others = by_language[codes[(number + 1) % len(codes)]]
                yield text, others[place % len(others)]


def increases(table: pd.DataFrame, by: Sequence[str] = ("active", "condition")) -> pd.DataFrame:
    """Increase over the dense model in nats per token, paired over texts: `by`, texts, tokens, increase, se, low, high."""
    dense = table[table["condition"] == "dense"].set_index("window")["nll"]
    rows = []
    for key, group in table[table["condition"] != "dense"].groupby(list(by), sort=False):
        change = group["nll"].to_numpy(np.float64) - dense[group["window"]].to_numpy(np.float64)
        found = ratio(change, group["tokens"].to_numpy(np.float64))
        rows.append((*key, len(group), int(group["tokens"].sum()), found.value, found.se, found.low, found.high))
    return pd.DataFrame(rows, columns=[*by, "texts", "tokens", "increase", "se", "low", "high"])


def against(table: pd.DataFrame, condition: str, other: str) -> pd.DataFrame:
    """By share of active weights: `condition` minus `other` in nats per token, paired over the texts that both have."""
    rows = []
    for active, group in table.groupby("active", sort=False):
        left, right = (group[group["condition"] == name].set_index("window") for name in (condition, other))
        both = [name for name in left.index if name in right.index]
        if both:
            change = left.loc[both, "nll"].to_numpy(np.float64) - right.loc[both, "nll"].to_numpy(np.float64)
            found = ratio(change, left.loc[both, "tokens"].to_numpy(np.float64))
            rows.append((active, condition, other, len(both), found.value, found.se, found.low, found.high))
    return pd.DataFrame(rows, columns=["active", "condition", "other", "texts", "difference", "se", "low", "high"])


def prefix_sweep(
    model: LanguageModel,
    texts: Sequence[Window],
    stats: Sequence[BlockStats],
    prefixes: Sequence[int],
    rules: Mapping[str, PromptRule],
    monitor: Monitor | None = None,
) -> pd.DataFrame:
    """How long must a prompt be? One row a text, prefix and rule, and the dense losses: `COLUMNS` with the rule as condition.

    Scored are the tokens after the longest prefix, whatever the prefix, so that rows can be compared.
    """
    monitor = monitor or Monitor()
    first = max(prefixes)
    monitor.plan(sum(len(t.ids) * (1 + len(prefixes) * len(rules)) + MASK_COST * len(prefixes) * len(rules) for t in texts))
    rows = []
    for text in texts:
        monitor.begin(f"Prefixes of {text.name}")
        scored = len(text.ids) - first
        rows.append((text.language, text.name, 1.0, "dense", 0, scored, loss_from(model, text.ids, first)))
        for condition, rule in rules.items():
            prior = only(stats, [text.language]) if rule.needs_prior else None
            for prefix in prefixes:
                with PromptMasks(model, rule, prior) as masks:
                    masks.begin()
                    model.hidden(torch.tensor([text.ids[:prefix]]))
                    nll = loss_from(model, text.ids, first)
                rows.append((text.language, text.name, rule.active, condition, prefix, scored, nll))
                monitor.advance(len(text.ids) + MASK_COST)
    return pd.DataFrame(rows, columns=list(COLUMNS))
