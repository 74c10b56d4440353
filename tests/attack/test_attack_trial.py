"""The long trials of `python -m benchmarks.attack`, short: kills, two writers, and how growth is read off a curve."""

import os
import sys
from pathlib import Path

import pytest

from benchmarks import attack, attack_kills

pytestmark = [
    pytest.mark.attack,
    pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="commands are forked"),
]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return attack.tiny_model(tmp_path / "model")


def test_kills_lose_nothing_and_leave_nothing(model: Path, tmp_path: Path) -> None:
    found = attack_kills.kills(
        tmp_path / "killed",
        model,
        6,
        only=("sweep", "prune --save-model", "runs import", "runs delete", "shrink", attack_kills.PAGE),
    )
    assert [(one["lost"], one["left"]) for one in found] == [([], [])] * 6
    assert sum(one["kills"] for one in found) >= 3


def test_two_processes_on_one_store_keep_each_others_runs(tmp_path: Path) -> None:
    assert [line["measured"] for line in attack.writers(tmp_path / "shared", 6)] == ["0", "0"]


def test_growth_is_read_off_the_curve() -> None:
    def point(round: int, resident: float, files: int) -> dict[str, float]:
        return {"round": round, "resident": resident, "descriptors": 4, "threads": 3, "files": files, "folders": 2, "errors": 0}

    lines = attack.grown([point(10, 100, 1), point(30, 200, 5), point(300, 209, 5)])
    assert {line["reached"] for line in lines} == {"yes"}
    lines = attack.grown([point(10, 100, 1), point(30, 200, 5), point(300, 211, 6)])
    assert [line["what"] for line in lines if line["reached"] == "no"] == ["growth: resident memory", "growth: files"]
