"""Fast, balanced, best: the nearest cell by hand, a method that lost gives way, one language, N:M; and what a level names exists."""

import dataclasses
import json
import math
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmarks import recommend
from mwanda_core.cli.app import app
from mwanda_core.errors import UnknownName
from mwanda_core.methods import advice
from mwanda_core.methods.advice import LEVELS, ONE_LANGUAGE, Worth, advise, levels, worth_of
from mwanda_core.methods.recipes import RECIPES
from mwanda_core.parts.patterns import NtoM
from mwanda_core.run.settings import Settings


def cell(method: str, languages: int, tokens: int, seen: float, worse: bool = False, **more: Any) -> dict[str, Any]:
    """A cell of advice.json."""
    numbers = {
        "seen_low": seen - 1,
        "seen_high": seen + 1,
        "unseen": 2 * seen,
        "unseen_low": -9.0,
        "unseen_high": -1.0,
        "worst": seen,
    }
    fixed = {
        "text": "news",
        "setting": "50%",
        "method": method,
        "languages": languages,
        "tokens": tokens,
        "seen": seen,
        "worse": worse,
    }
    return fixed | numbers | more


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    found = [cell("m-wanda", 2, 256, 3.0, worse=True), cell("m-wanda", 15, 1280, -9.0), cell("measured-swaps", 4, 1280, -40.0)]
    found += [cell("m-wanda", 2, 256, -5.0, text="built-in", unseen=None, unseen_low=None, unseen_high=None)]
    monkeypatch.setattr(advice, "measured", lambda: tuple(found))
    return found


def test_every_level_names_methods_that_are_there_and_ends_with_one_that_keeps_wandas_mask_or_better() -> None:
    assert list(LEVELS) == ["fast", "balanced", "best"]
    for level in LEVELS.values():
        assert {*level.methods, *level.n_to_m} <= set(RECIPES)
        assert level.methods[-1] == level.n_to_m[-1] == "wanda"
        for name in level.n_to_m:  # N:M gives every layer the same sparsity.
            assert not RECIPES[name].replace(pattern=NtoM()).allocation.reads_evidence
    assert len({level.methods[0] for level in LEVELS.values()}) == 3


def test_the_nearest_cell_by_hand(cells: list[dict[str, Any]]) -> None:
    news, built_in = sorted(worth_of("m-wanda", 8, 4096), key=lambda found: found.text, reverse=True)
    assert (news.languages, news.seen, built_in.languages) == (15, -9.0, 2)
    assert news.sentence == (
        "-9 % (-10 to -8) in the languages chosen, -18 % (-9 to -1) in others (news texts, 15 languages of 1280 tokens, 50%)"
    )
    assert "others" not in built_in.sentence
    assert math.isnan(built_in.unseen)
    assert worth_of("m-wanda", 8, 4096, "2:4") == ()


def test_a_method_that_lost_gives_way_and_says_so(cells: list[dict[str, Any]]) -> None:
    many, few = advise("fast", 15, 1280), advise("fast", 2, 300)
    assert (many.method, many.reason) == ("m-wanda", "")
    assert few.method == "wanda"
    assert few.reason == "m-wanda lost to Wanda with about so many languages and tokens."
    assert "Expected loss increase" in many.sentence
    assert advise("balanced", 2, 300).method == "measured-swaps"


def test_one_language_is_told_what_is_left_and_n_to_m_takes_even_layers(cells: list[dict[str, Any]]) -> None:
    one = advise("fast", 1, 1280)
    assert (one.method, one.reason) == ("wanda", ONE_LANGUAGE)
    assert advise("balanced", 4, 1280, pattern="2:4").method == "swaps"
    assert [entry["name" if "name" in entry else "level"] for entry in levels(4, 1280)] == list(LEVELS)
    assert json.loads(json.dumps(levels(15, 1280)))[0]["method"] == "m-wanda"
    with pytest.raises(UnknownName, match="balanced"):
        advise("slow", 2, 1280)


def test_the_command_line_takes_a_level_for_a_method(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Settings] = []
    monkeypatch.setattr("mwanda_core.cli.app._run", lambda settings, *others: seen.append(settings))
    for words in (
        ["--languages", "en"],
        ["--languages", "en,sw"],
        ["--method", "balanced"],
        ["--method", "best", "--pattern", "2:4"],
        ["--set", "lam=1"],
    ):
        done = CliRunner().invoke(app, ["prune", *words])
        assert done.exit_code == 0, done.output
        assert (ONE_LANGUAGE in done.output) == (words == ["--languages", "en"])
    names = [settings.method["name"] for settings in seen if not isinstance(settings.method, str)]
    first = [advise("fast", 1, 1280).method, advise("fast", 2, 1280).method, advise("balanced", 4, 1280).method]
    assert names == [*first, advise("best", 4, 1280, pattern="2:4").method, "m-wanda"]


def test_the_benchmark_writes_what_the_advice_reads() -> None:
    row: dict[str, Any] = {"text": "news", "languages": 2, "tokens": 256, "seed": 0, "setting": "50%", "seen": ["en"], "unseen": [], "fresh": True, "seconds": 1.0}  # fmt: skip
    rows = [
        row | {"method": name, "increase": {"en": values}} for name, values in (("wanda", [1.0, 1.1]), ("m-wanda", [0.9, 1.05]))
    ]
    found = recommend.advice(recommend.summary(rows), {"command": "python -m benchmarks.recommend"})
    [made] = found["cells"]
    assert made["method"] == "m-wanda"
    assert made["unseen"] is None
    assert {field.name for field in dataclasses.fields(Worth)} <= set(made)
    stored = json.loads((recommend.ADVICE).read_text("utf-8"))
    assert set(stored) == {"facts", "cells"}
