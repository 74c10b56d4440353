"""The comparison of methods that ships with the page: read, checked, and put into words and factors.

A row holds increases of the loss in nats per token; `exp` of one is the factor by which perplexity grew.
"""

import json
import math
from pathlib import Path
from typing import Any

import pandas as pd

from components.environment import ASSETS
from components.i18n import words
from components.i18n.names import language_names

METHODS_FILE = ASSETS / "methods.json"
GUARD_FILE = ASSETS / "guard.json"
GUARD_COLUMNS = ("text", "languages", "method", "share", "role", "change", "low", "high")
NEEDED = (
    "setting", "method", "cpu_seconds", "peak_mib", "flores_mean_increase", "flores_mean_increase_calibration",
    "flores_mean_increase_held_out", "flores_worst_increase", "flores_worst_language", "mean_se",
)  # fmt: skip


def read(path: Path) -> tuple[dict[str, Any], pd.DataFrame]:
    """(facts, one row a method and setting); no rows where the file is missing or is none of ours.

    Rows without a figure that the page shows are left out.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        facts, table = dict(data["facts"]), pd.DataFrame(data["rows"])
        table = table.dropna(subset=list(NEEDED)).reset_index(drop=True)
        return facts, table
    except (OSError, ValueError, KeyError, TypeError):
        return {}, pd.DataFrame(columns=list(NEEDED))


def settings_of(table: pd.DataFrame) -> list[str]:
    """The settings that there are rows for: the known ones in their order, then others."""
    present = list(dict.fromkeys(table["setting"]))
    return [name for name in words.WORTH_SETTINGS if name in present] + [n for n in present if n not in words.WORTH_SETTINGS]


def at(table: pd.DataFrame, setting: str | None) -> pd.DataFrame:
    """The rows of a setting, the best mean first."""
    return table[table["setting"] == setting].sort_values("flores_mean_increase", kind="stable").reset_index(drop=True)


def factor(nats: float) -> float:
    """A loss increase in nats per token as a factor of perplexity, to three digits."""
    return float(f"{math.exp(nats):.3g}")


def readable(part: pd.DataFrame) -> pd.DataFrame:
    """The rows of one setting as a visitor reads them."""
    shown = {
        "method": list(part["method"]),
        "mean_times": [factor(v) for v in part["flores_mean_increase"]],
        "mean_interval": [
            words.SPAN.format(low=f"{factor(m - 1.96 * s):g}", high=f"{factor(m + 1.96 * s):g}")
            for m, s in zip(part["flores_mean_increase"], part["mean_se"], strict=True)
        ],
        "mean_nats": [round(v, 3) for v in part["flores_mean_increase"]],
        "calibrated": [factor(v) for v in part["flores_mean_increase_calibration"]],
        "unseen": [factor(v) for v in part["flores_mean_increase_held_out"]],
        "worst": [factor(v) for v in part["flores_worst_increase"]],
        "worst_name": language_names(part["flores_worst_language"]),
        "seconds": [float(f"{v:.3g}") for v in part["cpu_seconds"]],
        "peak": [int(v) for v in part["peak_mib"]],
    }
    return pd.DataFrame({words.WORTH_COLUMNS[name]: column for name, column in shown.items()})


def read_guards() -> tuple[dict[str, Any], pd.DataFrame]:
    """(facts, one row a text, number of languages, method, share and role), as `python -m benchmarks.guard --summary` writes them; no rows
    where the file is missing or is none of ours."""
    try:
        data = json.loads(GUARD_FILE.read_text(encoding="utf-8"))
        found = pd.DataFrame(data["rows"], columns=list(GUARD_COLUMNS)).astype(
            dict.fromkeys(("share", "change", "low", "high"), float)
        )
        return dict(data["facts"]), found
    except (OSError, ValueError, KeyError, TypeError):
        return {}, pd.DataFrame(columns=list(GUARD_COLUMNS))


def cases(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """(label, value) of every text, method and number of languages that there is a curve for."""
    found = dict.fromkeys(zip(rows["method"], rows["languages"], rows["text"], strict=True))
    return [
        (
            words.GUARD_CASE.format(method=method, languages=count, text=words.GUARD_TEXTS.get(text, text)),
            f"{method}|{count}|{text}",
        )
        for method, count, text in found
    ]


def case_of(rows: pd.DataFrame, case: str | None) -> pd.DataFrame:
    """The rows of one of them."""
    if not len(rows):
        return rows
    names = rows["method"].astype(str) + "|" + rows["languages"].astype(str) + "|" + rows["text"].astype(str)
    return rows[names == str(case)]
