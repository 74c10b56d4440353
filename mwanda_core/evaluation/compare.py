"""Dense against pruned, language by language, as paired differences with intervals."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from mwanda_core.evaluation.intervals import CONFIDENCE, Interval, mcnemar, paired_share_difference, ratio, share
from mwanda_core.evaluation.measure import Measurement
from mwanda_core.evaluation.sets import NUM_CHOICES
from mwanda_core.languages import language

CALIBRATED, HELD_OUT = "calibration", "held-out"

COLUMNS = (
    "language", "name", "role", "texts", "tokens", "bytes", "dense_loss", "dense_se", "pruned_loss", "pruned_se", "increase",
    "increase_se", "increase_low", "increase_high", "dense_perplexity", "pruned_perplexity", "perplexity_ratio", "ratio_low",
    "ratio_high", "level", "dense_bits_per_byte", "dense_bits_se", "pruned_bits_per_byte", "pruned_bits_se", "dense_nats_per_text",
)  # fmt: skip
"""Columns that are always there, also in the table of a run that scored nothing."""


def compare(
    dense: Measurement, pruned: Measurement, calibrated: Sequence[str], levels: Mapping[str, float] = MappingProxyType({})
) -> pd.DataFrame:
    """One row a language. Losses in nats per token; `increase` = pruned - dense on the texts that both scored, with a 95 % interval.

    levels: language -> the level that its interval is computed at, where it is a 95 % interval of all looks at once (`looks`); kept as `level`.

    Columns: language, name, role, texts, tokens, bytes; dense_loss, dense_se, pruned_loss, pruned_se, increase,
    increase_se, increase_low, increase_high, dense_perplexity, pruned_perplexity, perplexity_ratio (exp of the increase),
    ratio_low, ratio_high, level, dense_bits_per_byte, pruned_bits_per_byte (with _se), dense_nats_per_text; and where there
    are choices: items, chance, dense_accuracy, dense_low, dense_high, pruned_accuracy, pruned_low, pruned_high,
    accuracy_change, change_low, change_high, p_value (exact McNemar), and dense_plain_accuracy, pruned_plain_accuracy
    (see `measure.answer` for the two readings; the others are of the context's gain). Rows keep the order of the texts.
    """
    merged = dense.losses.merge(pruned.losses, on=["language", "text"], suffixes=("", "_pruned"), validate="1:1")
    rows = []
    for code, group in _by_language(merged):
        row: dict[str, object] = {
            "language": code,
            "name": language(code).name,
            "role": CALIBRATED if code in calibrated else HELD_OUT,
            "texts": len(group),
            "tokens": int(group["tokens"].sum()),
            "bytes": int(group["bytes"].sum()),
        }
        row |= _loss_columns(group, levels.get(code, CONFIDENCE))
        row |= _choice_columns(code, dense.choices, pruned.choices)
        rows.append(row)
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=list(COLUMNS))


def _by_language(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for code in dict.fromkeys(frame["language"]):
        yield str(code), frame[frame["language"] == code]


def _loss_columns(group: pd.DataFrame, level: float) -> dict[str, object]:
    tokens, before, after = (group[name].to_numpy(np.float64) for name in ("tokens", "nll", "nll_pruned"))
    size = group["bytes"].to_numpy(np.float64) * np.log(2)
    dense, pruned, change = ratio(before, tokens), ratio(after, tokens), ratio(after - before, tokens, level)
    dense_bits, pruned_bits = ratio(before, size), ratio(after, size)
    return {
        "dense_loss": dense.value,
        "dense_se": dense.se,
        "pruned_loss": pruned.value,
        "pruned_se": pruned.se,
        "increase": change.value,
        "increase_se": change.se,
        "increase_low": change.low,
        "increase_high": change.high,
        "dense_perplexity": float(np.exp(dense.value)),
        "pruned_perplexity": float(np.exp(pruned.value)),
        "perplexity_ratio": float(np.exp(change.value)),
        "ratio_low": float(np.exp(change.low)),
        "ratio_high": float(np.exp(change.high)),
        "level": level,
        "dense_bits_per_byte": dense_bits.value,
        "dense_bits_se": dense_bits.se,
        "pruned_bits_per_byte": pruned_bits.value,
        "pruned_bits_se": pruned_bits.se,
        "dense_nats_per_text": float(before.mean()),
    }


def _choice_columns(code: str, dense: pd.DataFrame, pruned: pd.DataFrame) -> dict[str, object]:
    merged = dense[dense["language"] == code].merge(
        pruned[pruned["language"] == code], on=["language", "item"], suffixes=("", "_pruned"), validate="1:1"
    )
    if merged.empty:
        return {}
    before, after = merged["correct"].to_numpy(bool), merged["correct_pruned"].to_numpy(bool)
    return {
        "items": len(merged),
        "chance": 1.0 / NUM_CHOICES,
        **_share_columns("dense", share(int(before.sum()), len(before))),
        **_share_columns("pruned", share(int(after.sum()), len(after))),
        **_change_columns(paired_share_difference(before, after)),
        "p_value": mcnemar(before, after),
        "dense_plain_accuracy": float(merged["correct_plain"].mean()),
        "pruned_plain_accuracy": float(merged["correct_plain_pruned"].mean()),
    }


def _share_columns(which: str, found: Interval) -> dict[str, float]:
    return {f"{which}_accuracy": found.value, f"{which}_low": found.low, f"{which}_high": found.high}


def _change_columns(found: Interval) -> dict[str, float]:
    return {"accuracy_change": found.value, "change_low": found.low, "change_high": found.high}


def summary(table: pd.DataFrame) -> dict[str, object]:
    """The few figures a run is judged by: mean increase over calibration and held-out languages, and the worst language.

    None where nothing was scored, or where no loss is a number (a model broken by pruning may give NaN).
    """
    found: dict[str, object] = {}
    for role in (CALIBRATED, HELD_OUT):
        found[f"mean_increase_{role.replace('-', '_')}"] = _mean(table.loc[table["role"] == role, "increase"])
    found["mean_increase"] = _mean(table["increase"])
    known = table.dropna(subset=["increase"])
    found["worst_language"] = found["worst_increase"] = None
    if len(known):
        worst = known.iloc[int(known["increase"].argmax())]
        found["worst_language"], found["worst_increase"] = str(worst["language"]), float(worst["increase"])
    if "accuracy_change" in table:
        found["mean_accuracy_change"] = _mean(table["accuracy_change"])
    return found


def _mean(values: pd.Series) -> float | None:
    known = values.dropna()
    return float(known.mean()) if len(known) else None
