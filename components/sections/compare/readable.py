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


def gains(compared: Compared) -> pd.DataFrame:
    """One row a language and run that is not the baseline: change in per cent, interval, verdict, whether calibration saw it."""
    table = renamed(compared.gains).sort_values("change", kind="stable")
    rows = [
        (
            row["name"], words.GAINS_ROLES.get(row["role"], row["role"]), row["run"], _text(row["change"], "+.1f"),
            words.COMPARE_NOT if math.isnan(row["change"]) else words.GAINS_VERDICTS[row["verdict"]], _span(row["low"], row["high"], "+.1f"),
        )
        for row in table.to_dict("records")
    ]  # fmt: skip
    names = [words.COMPARE_COLUMNS[name] for name in ("name", "run", "verdict", "interval")]
    return pd.DataFrame(rows, columns=[names[0], words.GAINS_ROLE, names[1], words.GAINS_COLUMN, *names[2:]])


def gainers(compared: Compared) -> str:
    """A line a run: how many gain and pay, the means over languages seen and unseen, the worst language, and who pays."""
    table, lines = renamed(compared.gains), []
    for run in dict.fromkeys(table["run"]):
        mine = table[(table["run"] == run) & table["change"].notna()]
        counts = {name: int((mine["verdict"] == name).sum()) for name in words.GAINS_VERDICTS}
        both = compared.languages[compared.languages["language"].isin(mine["language"])]
        ours, theirs = (both[both["run"] == which].set_index("language") for which in (run, compared.baseline))
        seen, unseen = (_mean_change(ours[ours["role"] == role], theirs) for role in ("calibration", "held-out"))
        worst = (
            100 * (ours["increase"].max() / theirs["increase"].max() - 1)
            if len(theirs) and theirs["increase"].max() > 0
            else math.nan
        )
        said = {"seen": seen, "unseen": unseen, "worst": worst}
        mean = words.GAINS_MEAN.format(**{name: words.per_cent(_text(value, "+.0f") or "-") for name, value in said.items()})
        line = words.GAINS_LINE.format(run=run, mean=mean, **counts)
        paying = list(mine[mine["verdict"] == "pays"].sort_values("change", ascending=False)["name"])
        lines.append(f"- {line}" + (f" {words.GAINS_PAY.format(names=words.first_of(paying, 8))}" if paying else ""))
    return "\n".join(lines)


def _mean_change(ours: pd.DataFrame, theirs: pd.DataFrame) -> float:
    """Of the mean increase over these languages, in per cent of the baseline's."""
    base = theirs.reindex(ours.index)["increase"].mean()
    return float(100 * (ours["increase"].mean() - base) / abs(base)) if len(ours) and base else math.nan


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
