"""Levels above the menu of methods, who gains and who pays between two runs, and the curve of guards."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import several

from benchmarks import guard
from components import figures
from components.form import levels
from components.i18n import words
from components.sections.compare import choice as choosing, readable
from components.sections.compare.tables import Compared, compared
from components.sections.methods import table as worth
from components.store import RunStore
from mwanda_core.methods import advice

CELL: dict[str, Any] = {
    "text": "news", "setting": "50%", "languages": 4, "tokens": 1280, "seen": -8.0, "seen_low": -9.4, "seen_high": -6.0, "unseen": -10.0,
    "unseen_low": -12.0, "unseen_high": -8.0, "worst": -9.0, "worse": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    folder = tmp_path_factory.mktemp("runs")
    several.save_all(folder)
    return compared(choosing.read(RunStore(folder), several.IDS[:2]), several.IDS[0])


def test_each_level_says_what_it_takes_and_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advice, "measured", lambda: (CELL | {"method": "m-wanda"},))
    fast, balanced, best = levels.told(["en", "de", "hi", "sw"], 1280, 50, "unstructured").splitlines()
    assert fast.startswith("- **Fast** (seconds): M-Wanda. Expected")
    assert "-8% (-9% to -6%) in languages chosen, -10% (-12% to -8%) in others" in fast
    assert words.LEVEL_UNMEASURED in balanced
    assert words.LEVEL_UNMEASURED in best
    assert "distillation" in best


def test_one_language_and_a_method_that_lost_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advice, "measured", lambda: (CELL | {"method": "m-wanda", "worse": True},))
    assert levels.told(["en"], 1280, 50, "unstructured").splitlines()[0].endswith(f"Wanda. {words.LEVEL_ONE}")
    assert levels.told(["en", "de"], 1280, 50, "unstructured").splitlines()[0].endswith(f"Wanda. {words.LEVEL_LOST}")
    assert levels.advised("best", None, None, None, "2:4").method == "swaps-repair-distil"


def test_gains_are_paired_differences_in_per_cent_of_the_baselines_increase(two: Compared) -> None:
    gains = two.gains.set_index("language")
    base = two.languages[two.languages["run"] == two.baseline].set_index("language")
    ours = two.languages[two.languages["run"] != two.baseline].set_index("language")
    paired = gains["change"].notna()
    assert paired.any()
    for code in gains.index[paired]:
        scale = 100 / abs(base.loc[code, "increase"])
        assert gains.loc[code, "change"] == pytest.approx(scale * ours.loc[code, "loss_difference"])
        low, high = (scale * ours.loc[code, name] for name in ("loss_low", "loss_high"))
        assert gains.loc[code, "verdict"] == ("gains" if high < 0 else "pays" if low > 0 else "noise")
    shown, said = readable.gains(two), readable.gainers(two)
    assert len(shown) == len(gains)
    counted = {name: int((gains["verdict"][paired] == name).sum()) for name in words.GAINS_VERDICTS}
    assert f"{counted['gains']} gain, {counted['pays']} pay, {counted['noise']} within noise" in said
    fig = figures.run_gains(two.gains)
    assert sum(len(trace.x) for trace in fig.data) == int(paired.sum())


def test_bars_stand_by_gain_and_unseen_languages_are_hatched() -> None:
    table = pd.DataFrame(
        {
            "run": ["B: x"] * 3, "language": ["en", "de", "sw"], "name": ["English", "German", "Swahili"],
            "role": ["calibration", "held-out", "held-out"], "change": [5.0, -20.0, -1.0], "low": [2.0, -25.0, -4.0], "high": [8.0, -15.0, 2.0],
            "verdict": ["pays", "gains", "noise"],
        }
    )  # fmt: skip
    fig = figures.run_gains(table)
    assert [trace.name for trace in fig.data] == ["gains", "pays", "within noise"]
    assert list(fig.layout.yaxis.ticktext) == ["German", "Swahili", "English"]
    assert [list(trace.marker.pattern.shape) for trace in fig.data] == [["/"], [""], ["/"]]
    assert figures.run_gains(table.assign(change=math.nan)).data == ()


def test_the_curve_of_guards_is_drawn_of_what_the_benchmark_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    row = {
        "text": "news",
        "languages": 2,
        "tokens": 1280,
        "seed": 0,
        "setting": "50%",
        "method": "wanda",
        "fresh": True,
        "seconds": 1.0,
    }
    roles = {"chosen": ["en", "sw"], "guarded": ["de"], "neither": ["fi"]}
    codes = [code for part in roles.values() for code in part]
    rows = [
        row
        | roles
        | {"share": share, "increase": {code: (1 - share * (code == "de") + 0.01 * rng.random(4)).tolist() for code in codes}}
        for share in (0.0, 0.1, 0.4)
    ]
    monkeypatch.setattr(guard, "GUARD_FILE", tmp_path / "guard.json")
    monkeypatch.setattr(worth, "GUARD_FILE", tmp_path / "guard.json")
    guard.publish(guard.summary(rows), {"command": "python -m benchmarks.guard"})
    facts, found = worth.read_guards()
    [(label, case)] = worth.cases(found)
    assert label == "wanda, 2 languages chosen, news texts"
    fig = figures.guard_curve(worth.case_of(found, case))
    assert [trace.name for trace in fig.data] == list(words.GUARD_ROLES.values())
    assert list(fig.data[1].x) == [0, 10, 40]
    assert fig.data[1].y[2] == pytest.approx(-40, abs=2)
    assert facts["command"] == "python -m benchmarks.guard"


def test_without_a_measurement_there_is_no_curve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worth, "GUARD_FILE", tmp_path / "guard.json")
    assert worth.read_guards()[1].empty
    (tmp_path / "guard.json").write_text(json.dumps({"facts": {}, "rows": []}), "utf-8")
    assert worth.cases(worth.read_guards()[1]) == []
    assert figures.guard_curve(worth.read_guards()[1]).data == ()
