"""Tables of a comparison as a visitor reads them: names, few digits, verdicts. Less loss is better, more accuracy is."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from components.i18n import words
from components.i18n.names import renamed
from components.sections.compare.tables import Compared


def settings(compared: Compared) -> pd.DataFrame:
    """Settings that differ, one column a run."""
    names = {report.id: label for report, label in zip(compared.chosen.reports, compared.labels, strict=True)}
    return compared.found.settings.rename(columns={**names, "setting": words.COMPARE_SETTING})


def losses(compared: Compared) -> pd.DataFrame:
    """Languages down, runs across: loss increases."""
    return _wide(compared.languages, "increase", compared.labels)


def _wide(table: pd.DataFrame, column: str, labels: Sequence[str]) -> pd.DataFrame:
    table = renamed(table)
    names = list(dict.fromkeys(table["name"]))
    wide = table.pivot_table(index="name", columns="run", values=column, aggfunc="first").reindex(
        index=names, columns=list(labels)
    )
    shown = {label: [_text(value, ".3f") for value in wide[label]] for label in labels}
    return pd.DataFrame({words.COMPARE_COLUMNS["name"]: names, **shown})


def differences(compared: Compared) -> pd.DataFrame:
    """One row a language and run that is not the baseline: difference, interval, verdict."""
    rows = []
    for row in _others(compared):
        low, high = row["loss_low"], row["loss_high"]
        rows.append(
            (
                row["name"], row["run"], _text(row["loss_difference"], "+.3f"), verdict(row["loss_difference"], low, high),
                _span(low, high, "+.3f"), _text(row["perplexity_quotient"], ".3f"), int(row["texts"]),
            )
        )  # fmt: skip
    names = ("name", "run", "difference", "verdict", "interval", "quotient", "paired")
    return pd.DataFrame(rows, columns=[words.COMPARE_COLUMNS[name] for name in names])


def accuracies(compared: Compared) -> pd.DataFrame:
    """As `differences`, for choice accuracy in points."""
    rows = []
    for row in _others(compared):
        value, low, high = (100 * float(row[name]) for name in ("accuracy_difference", "accuracy_low", "accuracy_high"))
        rows.append(
            (
                row["name"], row["run"], _text(value, "+.1f"), verdict(-value, -high, -low), _span(low, high, "+.1f"), int(row["items"]),
            )
        )  # fmt: skip
    names = ("name", "run", "points", "verdict", "interval", "items")
    return pd.DataFrame(rows, columns=[words.COMPARE_COLUMNS[name] for name in names])


def _others(compared: Compared) -> list[dict[Any, Any]]:
    table = renamed(compared.languages)
    return table[table["run"] != compared.baseline].to_dict("records")


def verdict(value: float, low: float, high: float) -> str:
    """What a difference says when less is better."""
    if math.isnan(value):
        return words.COMPARE_NOT
    if math.isnan(low) or math.isnan(high):
        return words.COMPARE_NO_INTERVAL
    if low <= 0 <= high:
        return words.COMPARE_WITHIN
    return words.COMPARE_BETTER if value < 0 else words.COMPARE_WORSE


def blocks(compared: Compared) -> pd.DataFrame:
    """Sparsity of each block in per cent."""
    table = compared.blocks
    shown = {label: [_text(100 * float(value), ".2f") for value in table[label]] for label in compared.labels}
    return pd.DataFrame({words.COMPARE_COLUMNS["block"]: list(table["block"]), **shown})


def front(compared: Compared) -> pd.DataFrame:
    """Mean and worst language of each run, the best mean first."""
    table = renamed(compared.front)
    table = table.sort_values("mean", kind="stable") if len(table) else table
    shown = {
        "run": list(table["run"]), "mean": [_text(v, ".3f") for v in table["mean"]], "worst": [_text(v, ".3f") for v in table["worst"]],
        "worst_name": list(table["worst_name"]), "front": [words.YES if v else words.NO for v in table["front"]],
    }  # fmt: skip
    return pd.DataFrame({words.COMPARE_COLUMNS[name]: column for name, column in shown.items()})


def unpaired(compared: Compared) -> str:
    """Which languages of which runs have no difference, in one sentence; "" where all have."""
    told = []
    table = renamed(compared.languages)
    for label in compared.labels:
        lost = list(table[(table["run"] == label) & (table["texts"] == 0)]["name"])
        if lost and label != compared.baseline:
            told.append(words.COMPARE_OF.format(run=label, languages=words.compare_left_out(lost)))
    return words.COMPARE_UNPAIRED.format(what="; ".join(told)) if told else ""


def masks(pairs: pd.DataFrame, places: Sequence[str] = ("block", "module")) -> pd.DataFrame:
    """Overlap of two runs' masks; with `places` empty, of whole masks by pair."""
    shown: dict[str, list[Any]] = {name: list(pairs[name]) for name in places}
    if not places:
        shown = {
            "run": [f"{a.partition(':')[0]}, {b.partition(':')[0]}" for a, b in zip(pairs["name"], pairs["other"], strict=True)]
        }
    shown |= {name: [_text(v, ".3f") for v in pairs[name]] for name in ("corrected", "iou", "expected")}
    shown["kept_share"] = [_text(100 * float(v), ".1f") for v in pairs["kept_share"]]
    return pd.DataFrame({words.COMPARE_COLUMNS[name]: column for name, column in shown.items()})


def _text(value: float, form: str) -> str:
    return "" if value is None or math.isnan(value) else f"{value:{form}}"


def _span(low: float, high: float, form: str) -> str:
    return "" if math.isnan(low) or math.isnan(high) else words.SPAN.format(low=f"{low:{form}}", high=f"{high:{form}}")
