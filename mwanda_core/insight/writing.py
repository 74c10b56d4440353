"""Dense against pruned, by what they write: does the model still answer in the language it was asked in, and without
repeating itself? Two sets of continuations of the same prompts as a table of texts and a table of languages."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from mwanda_core.errors import InputError
from mwanda_core.evaluation.intervals import mcnemar, paired_share_difference, share
from mwanda_core.insight import langid
from mwanda_core.insight.generation import Continuation, Generations
from mwanda_core.insight.text import distinct, longest_loop, repetition, script_share
from mwanda_core.languages import language

GRAM = 3
"""Length of the n-grams whose repetition is shown for a language."""

MEASURES = (
    "text", "tokens", "ended", "identified", "probability", "on_language", "script_share", "repetition_1", "repetition_2",
    "repetition_3", "repetition_4", "distinct_1", "distinct_2", "loop",
)  # fmt: skip
TEXTS = (
    "language", "name", "id", "prompt", *(f"{m}_{side}" for side in ("dense", "pruned") for m in MEASURES), "same", "agreement",
)  # fmt: skip
LANGUAGES = (
    "language", "name", "prompts", "identifiable", "on_language_dense", "on_language_dense_low", "on_language_dense_high",
    "on_language_pruned", "on_language_pruned_low", "on_language_pruned_high", "on_language_change",
    "on_language_change_low", "on_language_change_high", "p_value", "script_share_dense", "script_share_pruned",
    "repetition_dense", "repetition_pruned", "loop_dense", "loop_pruned", "distinct_1_dense", "distinct_1_pruned", "distinct_2_dense",
    "distinct_2_pruned", "same", "agreement",
)  # fmt: skip


def compare_generations(dense: Generations, pruned: Generations, identify: bool | None = None) -> dict[str, pd.DataFrame]:
    """Two tables: "texts", a row a prompt, dense and pruned side by side; "languages", a row a language.

    texts: the continuation, its tokens, whether it ended by itself, the language it is in and how probable, whether that is
    the prompt's (None where it cannot be told), script_share, repetition_n and distinct_n of its tokens, the longest loop in
    tokens; `same` and `agreement`, the number of leading tokens that both models wrote alike.
    languages: share of prompts answered in their language with Wilson's interval, its paired change with exact McNemar
    p_value (an empty text is not an answer in any language), and means over prompts of the other figures; repetition
    is of n-grams of three. `identify`: use the optional identifier (None: if it is installed); without it the columns of
    the identified language are empty and `script_share` is what is left to go by.

    Raises InputError for generations of other prompts or settings, or when the identifier is asked for and missing.
    """
    if dense.settings != pruned.settings:
        raise InputError(
            f"The two models wrote with different settings ({dense.settings}, {pruned.settings}): use the same for both."
        )
    if [item.prompt for item in dense.items] != [item.prompt for item in pruned.items]:
        raise InputError("The two models were given different prompts: give both the same, in the same order.")
    use = langid.available() if identify is None else identify
    rows = [_text_row(a, b, use) for a, b in zip(dense.items, pruned.items, strict=True)]
    texts = pd.DataFrame(rows, columns=list(TEXTS))
    groups = [(code, texts[texts["language"] == code]) for code in dict.fromkeys(texts["language"])]
    languages = pd.DataFrame([_language_row(str(code), group) for code, group in groups], columns=list(LANGUAGES))
    return {"texts": texts, "languages": languages}


def measure_text(item: Continuation, use_identifier: bool) -> dict[str, object]:
    """The columns of one continuation, without the side's name.

    Raises InputError when the identifier is asked for and missing.
    """
    code = item.prompt.language
    found = langid.identify(item.text) if use_identifier else None
    known = use_identifier and langid.knows(code)
    return {
        "text": item.text,
        "tokens": len(item.tokens),
        "ended": item.ended,
        "identified": found.language if found else None,
        "probability": found.probability if found else math.nan,
        "on_language": (found is not None and found.language == code) if known else None,
        "script_share": script_share(item.text, code),
        **{f"repetition_{n}": repetition(item.tokens, n) for n in (1, 2, 3, 4)},
        **{f"distinct_{n}": distinct(item.tokens, n) for n in (1, 2)},
        "loop": longest_loop(item.tokens),
    }


def _text_row(dense: Continuation, pruned: Continuation, use_identifier: bool) -> dict[str, object]:
    prompt = dense.prompt
    row: dict[str, object] = {
        "language": prompt.language,
        "name": language(prompt.language).name,
        "id": prompt.id,
        "prompt": prompt.text,
    }
    for side, item in (("dense", dense), ("pruned", pruned)):
        row |= {f"{name}_{side}": value for name, value in measure_text(item, use_identifier).items()}
    same = dense.tokens == pruned.tokens and dense.ended == pruned.ended
    return row | {"same": same, "agreement": _agreement(dense.tokens, pruned.tokens)}


def _agreement(left: Sequence[int], right: Sequence[int]) -> int:
    return next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def _language_row(code: str, group: pd.DataFrame) -> dict[str, object]:
    row: dict[str, object] = {"language": code, "name": language(code).name, "prompts": len(group)}
    row |= _on_language(group)
    for name, column in (("script_share", "script_share"), ("repetition", f"repetition_{GRAM}"), ("loop", "loop")):
        row |= {f"{name}_{side}": _mean(group[f"{column}_{side}"]) for side in ("dense", "pruned")}
    for n in (1, 2):
        row |= {f"distinct_{n}_{side}": _mean(group[f"distinct_{n}_{side}"]) for side in ("dense", "pruned")}
    return row | {"same": float(group["same"].mean()), "agreement": float(group["agreement"].mean())}


def _on_language(group: pd.DataFrame) -> dict[str, object]:
    """Shares of prompts answered in their language; all of a language's prompts can be judged, or none."""
    told = group.dropna(subset=["on_language_dense", "on_language_pruned"])
    if told.empty:
        return {"identifiable": 0}
    before, after = (told[f"on_language_{side}"].to_numpy(bool) for side in ("dense", "pruned"))
    row: dict[str, object] = {"identifiable": len(told)}
    for side, values in (("dense", before), ("pruned", after)):
        found = share(int(values.sum()), len(values))
        name = f"on_language_{side}"
        row |= {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
    change = paired_share_difference(before, after)
    row |= {"on_language_change": change.value, "on_language_change_low": change.low, "on_language_change_high": change.high}
    return row | {"p_value": mcnemar(before, after)}


def _mean(values: pd.Series) -> float:
    known = values.to_numpy(np.float64)
    known = known[~np.isnan(known)]
    return float(known.mean()) if len(known) else math.nan
