"""Runs side by side as tables: the full ones, behind the figures and the files."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from components.engine import importing
from components.sections.compare.choice import Chosen, compare
from mwanda_core.store.report import RunReport

if TYPE_CHECKING:
    from mwanda_core.after.comparison import RunComparison

INCREASES = ("increase", "increase_low", "increase_high")


@dataclasses.dataclass(frozen=True)
class Compared:
    """A comparison with its tables. `languages` has the columns of `compare_runs`, the increases, and the label of the run as
    `run`; its languages stand in the order of their worst increase. blocks: one column a run. front: see `figures.run_front`."""

    chosen: Chosen
    baseline: str
    found: "RunComparison"
    languages: pd.DataFrame
    blocks: pd.DataFrame
    front: pd.DataFrame
    common: int

    @property
    def labels(self) -> tuple[str, ...]:
        """Of the runs, in their order."""
        return self.chosen.labels

    @property
    def has_accuracy(self) -> bool:
        """Whether there is a difference of accuracies to show."""
        return bool((self.languages["accuracy_difference"].notna() & (self.languages["run"] != self.baseline)).any())

    @property
    def gains(self) -> pd.DataFrame:
        """A row a language and run that is not the baseline: change of the loss increase in per cent of the baseline's, low, high (its
        interval), and the verdict: gains, pays, noise."""
        base = self.languages[self.languages["run"] == self.baseline].set_index("language")["increase"].abs()
        others = self.languages[self.languages["run"] != self.baseline]
        scale = 100 / others["language"].map(base).astype(float).where(lambda size: size > 0)
        found = others[["run", "language", "name", "role"]].copy()
        for name, column in (("change", "loss_difference"), ("low", "loss_low"), ("high", "loss_high")):
            found[name] = others[column].astype(float) * scale
        sure = np.where(found["high"] < 0, "gains", np.where(found["low"] > 0, "pays", "noise"))
        return found.assign(verdict=sure).reset_index(drop=True)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Everything for files: name -> table."""
        runs = pd.DataFrame(
            {
                "run": list(self.labels), "name": list(self.chosen.ids), "id": [report.id for report in self.chosen.reports],
                "baseline": [label == self.baseline for label in self.labels],
            }
        )  # fmt: skip
        return {
            "runs": runs, "settings": self.found.settings, "languages": self.languages, "blocks": self.blocks,
            "layers": self.found.layers, "front": self.front, "gains": self.gains,
        }  # fmt: skip


def compared(chosen: Chosen, baseline: str) -> Compared:
    """Compare at least two runs; `baseline` is a name among theirs, else the first is it.

    Raises InputError in one sentence.
    """
    found = compare(chosen, baseline)
    label = dict(zip((report.id for report in chosen.reports), chosen.labels, strict=True))
    languages = _ordered(found.languages.merge(_increases(chosen.reports), on=["run", "language"]))
    front, common = _front(languages, tuple(label), label)
    languages = languages.assign(run=languages["run"].map(label))
    return Compared(chosen, label[found.baseline], found, languages, _blocks(chosen), front, common)


def _increases(reports: Sequence[RunReport]) -> pd.DataFrame:
    parts = []
    for report in reports:
        table = report.tables["languages"]
        found = {name: table.get(name, math.nan) for name in INCREASES}
        parts.append(pd.DataFrame({"run": report.id, "language": table["language"], **found}))
    return pd.concat(parts, ignore_index=True)


def _ordered(languages: pd.DataFrame) -> pd.DataFrame:
    """The language that any run damages most first; runs in their order."""
    worst = languages.groupby("language")["increase"].transform("max")
    order = languages.assign(_worst=worst, _run=range(len(languages)))
    return order.sort_values(["_worst", "language", "_run"], ascending=[False, True, True], ignore_index=True).drop(
        columns=["_worst", "_run"]
    )


def _front(languages: pd.DataFrame, ids: Sequence[str], label: Mapping[str, str]) -> tuple[pd.DataFrame, int]:
    """Mean and worst over the languages that every run measured: means over different languages are no comparison."""
    with importing():
        from mwanda_core.sweeps.sweep import front

    wide = languages.pivot(index="language", columns="run", values="increase").reindex(columns=list(ids)).dropna()
    names = dict(zip(languages["language"], languages["name"], strict=True))
    columns = ["run", "mean", "worst", "worst_language", "worst_name", "front"]
    if wide.empty:
        return pd.DataFrame(columns=columns), 0
    points = np.stack([wide.mean().to_numpy(np.float64), wide.max().to_numpy(np.float64)], axis=1)
    worst = [str(wide[run].idxmax()) for run in ids]
    rows = [
        (label[run], points[i, 0], points[i, 1], worst[i], names[worst[i]], bool(best))
        for i, (run, best) in enumerate(zip(ids, front(points), strict=True))
    ]
    return pd.DataFrame(rows, columns=columns), len(wide)


def _blocks(chosen: Chosen) -> pd.DataFrame:
    """Share of each block's weights that each run removed: block, then one column a run."""
    found: dict[str, pd.Series] = {}
    for report, label in zip(chosen.reports, chosen.labels, strict=True):
        layers = report.tables["layers"]
        if {"pruned", "weights"} <= set(layers):
            sums = layers.groupby("block")[["pruned", "weights"]].sum()
            found[label] = sums["pruned"] / sums["weights"]
        else:
            found[label] = layers.groupby("block")["achieved"].mean()
    return pd.DataFrame(found).sort_index().rename_axis("block").reset_index()
