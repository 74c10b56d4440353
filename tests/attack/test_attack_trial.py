"""How `python -m benchmarks.attack` reads growth off a curve."""

import pytest

from benchmarks import attack

pytestmark = pytest.mark.attack


def test_growth_is_read_off_the_curve() -> None:
    def point(round: int, resident: float, files: int) -> dict[str, float]:
        return {"round": round, "resident": resident, "descriptors": 4, "threads": 3, "files": files, "folders": 2, "errors": 0}

    lines = attack.grown([point(10, 100, 1), point(30, 200, 5), point(300, 209, 5)])
    assert {line["reached"] for line in lines} == {"yes"}
    lines = attack.grown([point(10, 100, 1), point(30, 200, 5), point(300, 211, 6)])
    assert [line["what"] for line in lines if line["reached"] == "no"] == ["growth: resident memory", "growth: files"]
