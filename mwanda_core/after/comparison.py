"""Two to six runs side by side, as signed differences from one of them.

Differences of losses are paired on the texts that both runs scored (same name, same number of tokens and bytes; one may have scored more of the
same):

    d = sum_u ( nll_u' - nll_u ) / sum_u tokens_u      nats per token, with the interval of `evaluation.intervals.ratio`

and exp(d) is the quotient of the two pruned perplexities. Accuracies are paired on the items both answered. Where two runs did
not score the same texts there is no difference, and a note says so; a mean over other texts is not an answer.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from mwanda_core.errors import InputError, RunError
from mwanda_core.evaluation import CONFIDENCE, mcnemar, paired_share_difference, ratio
from mwanda_core.store.report import RunReport

FEWEST, MOST = 2, 6

_TEXT = ["language", "text", "tokens", "bytes"]
_ITEM = ["language", "item", "answer"]
_NAN = math.nan


@dataclasses.dataclass(frozen=True)
class RunComparison:
    """languages: one row a run and language. settings: one row a setting that differs, one column a run. layers: one row a
    linear, achieved sparsity and difference by run. notes: what cannot be compared, one sentence each."""

    baseline: str
    runs: tuple[str, ...]
    languages: pd.DataFrame
    settings: pd.DataFrame
    layers: pd.DataFrame
    notes: tuple[str, ...]


def compare_runs(reports: Sequence[RunReport], baseline: int = 0) -> RunComparison:
    """Compare runs with the one at the place `baseline`.

    languages has the columns run, title, language, name, role, loss (pruned, nats per token), ratio (pruned over dense
    perplexity), accuracy; and against the baseline: texts (paired), loss_difference, loss_low, loss_high, perplexity_quotient,
    quotient_low, quotient_high, ratio_difference, items (paired), accuracy_difference, accuracy_low, accuracy_high, p_value.
    Negative loss differences are better than the baseline. Raises InputError for fewer than two or more than six runs.
    """
    if not FEWEST <= len(reports) <= MOST:
        raise InputError(f"Two to six runs can be compared; {len(reports)} were given.")
    if not 0 <= baseline < len(reports):
        raise InputError(f"The baseline must be one of the {len(reports)} runs, counted from 0; it was given as {baseline}.")
    if len({report.id for report in reports}) < len(reports):
        raise InputError("A run was given twice: choose different runs to compare.")
    base = reports[baseline]
    notes: list[str] = []
    try:
        rows = [row for report in reports for row in _language_rows(base, report, notes)]
        layers = _layers(reports, base)
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(
            f"One of the runs lacks a table or a column that every run has ({error}), so it cannot be compared."
        ) from error
    return RunComparison(
        base.id, tuple(report.id for report in reports), pd.DataFrame(rows), _settings(reports), layers,
        tuple(dict.fromkeys(notes)),
    )  # fmt: skip


def _language_rows(base: RunReport, other: RunReport, notes: list[str]) -> list[dict[str, Any]]:
    rows = []
    there = base.tables["languages"].set_index("language") if len(base.tables["languages"]) else pd.DataFrame()
    for line in other.tables["languages"].to_dict(orient="records"):
        code = str(line["language"])
        row: dict[str, Any] = {
            "run": other.id, "title": other.title, "language": code, "name": line["name"], "role": line["role"],
            "loss": line["pruned_loss"], "ratio": line["perplexity_ratio"], "accuracy": line.get("pruned_accuracy", _NAN),
        }  # fmt: skip
        row |= _losses(base, other, code, notes)
        row["ratio_difference"] = (
            line["perplexity_ratio"] - there.loc[code, "perplexity_ratio"] if row["texts"] and code in there.index else _NAN
        )
        row |= _choices(base, other, code, notes)
        rows.append(row)
    return rows


def _losses(base: RunReport, other: RunReport, code: str, notes: list[str]) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(
        ("loss_difference", "loss_low", "loss_high", "perplexity_quotient", "quotient_low", "quotient_high"), _NAN
    )
    pairs = _pairs(base, other, "texts", code, _TEXT)
    if pairs is None:
        notes.append(
            f"{other.title} and {base.title} did not score the same texts in {code}, so their losses are not compared."
        )
        return {"texts": 0, **nothing}
    same_model = base.facts["model"].get("fingerprint") == other.facts["model"].get("fingerprint")
    before, after = pairs["nll_dense"].to_numpy(np.float64), pairs["nll_dense_other"].to_numpy(np.float64)
    if same_model and not np.allclose(before, after, rtol=0.02, equal_nan=True):
        notes.append(
            f"{other.title} and {base.title} name the same texts in {code}, but the same dense model scored them differently, so "
            "the texts or the number types differ and their losses are not compared."
        )
        return {"texts": 0, **nothing}
    change, tokens = (pairs["nll_pruned_other"] - pairs["nll_pruned"]), pairs["tokens"]
    # Where scoring went on until it was enough, the interval allows for every look, as the run's own does.
    level = max(_level(report, code) for report in (base, other) if len(_of(report, "texts", code)) == len(pairs))
    found = ratio(change.to_numpy(np.float64), tokens.to_numpy(np.float64), level)
    quotient = [
        math.exp(min(value, 700.0)) if not math.isnan(value) else _NAN for value in (found.value, found.low, found.high)
    ]
    return {
        "texts": len(pairs),
        **dict(zip(nothing, [found.value, found.low, found.high, *quotient], strict=True)),
    }


def _choices(base: RunReport, other: RunReport, code: str, notes: list[str]) -> dict[str, Any]:
    names = ("accuracy_difference", "accuracy_low", "accuracy_high", "p_value")
    pairs = _pairs(base, other, "choices", code, _ITEM)
    if pairs is None:
        have = [report for report in (base, other) if len(_of(report, "choices", code))]
        if len(have) == 2:
            notes.append(
                f"{other.title} and {base.title} did not answer the same items in {code}; accuracies are not compared."
            )
        return {"items": 0, **dict.fromkeys(names, _NAN)}
    before, after = pairs["correct_pruned"].to_numpy(bool), pairs["correct_pruned_other"].to_numpy(bool)
    found = paired_share_difference(before, after)
    return {
        "items": len(pairs),
        **dict(zip(names, [found.value, found.low, found.high, mcnemar(before, after)], strict=True)),
    }


def _level(report: RunReport, code: str) -> float:
    rows = _of(report, "languages", code)
    return float(rows["level"].iloc[0]) if "level" in rows and len(rows) else CONFIDENCE


def _of(report: RunReport, table: str, code: str) -> pd.DataFrame:
    found = report.tables.get(table)
    return pd.DataFrame() if found is None or "language" not in found else found[found["language"] == code]


def _pairs(base: RunReport, other: RunReport, table: str, code: str, on: list[str]) -> pd.DataFrame | None:
    """The rows that both runs have, matched; None unless one has all rows of the other, which may have been scored further, and at least one."""
    ours, theirs = _of(base, table, code), _of(other, table, code)
    if ours.empty or theirs.empty:
        return None
    merged = ours.merge(theirs, on=on, suffixes=("", "_other"), validate="1:1")
    return merged if len(merged) == min(len(ours), len(theirs)) else None


def _flat(facts: Mapping[str, Any]) -> dict[str, str]:
    """Settings, method and model of a run as one level of names and words."""
    found: dict[str, str] = {}
    for name, value in facts["settings"].items():
        if name != "method":
            found[name] = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    for part, value in facts["recipe"].items():
        if isinstance(value, Mapping):
            found |= {f"{part}.{knob}" if knob != "name" else part: str(setting) for knob, setting in value.items()}
        elif part == "title":
            found["method"] = str(value)
    for name in ("fingerprint", "revision", "dtype", "device"):
        found[f"model {name}"] = str(facts["model"].get(name, ""))
    for name, value in facts.get("versions", {}).items():
        found[f"version of {name}"] = str(value)
    return found


def _settings(reports: Sequence[RunReport]) -> pd.DataFrame:
    flat = {report.id: _flat(report.facts) for report in reports}
    names = list(dict.fromkeys(name for found in flat.values() for name in found))
    rows = [{"setting": name, **{id: found.get(name, "") for id, found in flat.items()}} for name in names]
    differing = [row for row in rows if len({row[report.id] for report in reports}) > 1]
    return pd.DataFrame(differing, columns=["setting", *flat])


def _layers(reports: Sequence[RunReport], base: RunReport) -> pd.DataFrame:
    """Achieved sparsity of every linear by run, and its difference from the baseline's ("<run> difference")."""
    found: pd.DataFrame | None = None
    for report in reports:
        one = report.tables["layers"][["block", "module", "achieved"]].rename(columns={"achieved": report.id})
        found = one if found is None else found.merge(one, on=["block", "module"], how="outer", validate="1:1")
    assert found is not None
    for report in reports:
        if report is not base:
            found[f"{report.id} difference"] = found[report.id] - found[base.id]
    return found.sort_values(["block", "module"], ignore_index=True)
