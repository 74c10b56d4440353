"""Sweeps: what is wanted, what is done already, one progress; the Pareto front by its laws; searches that repeat."""

import dataclasses
import itertools
import json
import math
import sys
import types
from pathlib import Path
from typing import Any

import kept
import numpy as np
import pytest
import tiny
from hypothesis import given, strategies as st

from mwanda_core.errors import Cancelled, InputError, RunError
from mwanda_core.progress import Monitor, Progress
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.settings import Settings
from mwanda_core.store.run_store import RunStore
from mwanda_core.sweeps.search import SEARCHES, Axis, search
from mwanda_core.sweeps.stored import forget_sweep, kept_sweep, sweeps, tables_of
from mwanda_core.sweeps.sweep import FOLDER, RunMonitor, front, load_sweep, plan_sweep, run_sweep, save_sweep

BASE = dataclasses.replace(kept.SMALL, method="wanda", held_out=(), eval_texts=1)


def test_a_plan_by_hand() -> None:
    plan = plan_sweep(BASE, sparsities=(0.3, 0.5), methods=("wanda", "magnitude"), mixes=(("en",), ("en", "el")), seeds=(0, 1))
    assert len(plan) == 16
    assert {(s.sparsity, s.method, s.languages, s.seed) for s in plan} == set(
        itertools.product((0.3, 0.5), ("wanda", "magnitude"), (("en",), ("en", "el")), (0, 1))
    )
    assert plan_sweep(BASE) == (BASE,)
    twice = plan_sweep(BASE, sparsities=(0.5, 0.5), methods=("wanda", {"activation": "pooled"}), mixes=(("English", "el"),))
    assert len(twice) == 1
    with pytest.raises(InputError, match="This plan has 2001 runs; at most 2000"):
        plan_sweep(BASE, seeds=range(2001))
    with pytest.raises(InputError, match="no method named 'best'"):
        plan_sweep(BASE, methods=("best",))


def test_a_sweep_is_resumed_where_it_was_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, model = RunStore(tmp_path / "runs"), tiny.language_model()
    before = tiny.all_bytes(model)
    bench = kept.bench_of(model)
    plan = plan_sweep(BASE, sparsities=(0.25, 0.5, 0.75))
    seen: list[Progress] = []
    stop = lambda: len(store.entries()) == 2  # noqa: E731
    with pytest.raises(Cancelled):
        run_sweep(bench, store, plan, "mine", Monitor(seen.append, stop))
    assert len(store.entries()) == 2
    assert store.unfinished() == []
    assert tiny.all_bytes(model) == before
    assert load_sweep(store, "mine") == plan
    real, calls = Workbench.run, []
    monkeypatch.setattr(Workbench, "run", lambda *args: (calls.append(args[1].sparsity), real(*args))[1])
    again = run_sweep(bench, store, load_sweep(store, "mine"), "mine", Monitor(seen.append))
    assert (calls, again.skipped, again.refused) == ([0.75], 2, {})
    assert again.table["sparsity"].tolist() == [0.25, 0.5, 0.75]
    assert again.table["id"].tolist() == list(again.runs)
    for row in again.table.to_dict(orient="records"):
        found = store.load(row["id"]).facts["summary"]
        assert (row["mean_increase"], row["worst_increase"]) == (found["mean_increase"], found["worst_increase"])
        assert row["mean_increase"] == pytest.approx((row["increase en"] + row["increase el"]) / 2)
    assert run_sweep(bench, store, plan, "mine").skipped == 3
    assert seen[-1].fraction == pytest.approx(1.0)
    assert any(progress.stage.startswith("Run 1 of 3: ") for progress in seen)


def test_what_cannot_be_run_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    plan = plan_sweep(dataclasses.replace(BASE, eval_texts=0), sparsities=(1.5, 0.5))
    found = run_sweep(kept.bench_of(tiny.language_model()), store, plan)
    assert len(found.runs) == 1
    assert [("150%" in title, "Sparsity must lie" in said) for title, said in found.refused.items()] == [(True, True)]
    assert not found.table["front"].any()  # Nothing was scored.
    assert store.unfinished() == []


def test_sweeps_that_are_none(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    bench = Workbench()
    with pytest.raises(InputError, match="empty"):
        run_sweep(bench, store, ())
    for name in ("../x", "", "a/b"):
        with pytest.raises(RunError, match="name of a sweep"):
            run_sweep(bench, store, (BASE,), name)
        with pytest.raises(RunError, match="name of a sweep"):
            load_sweep(store, name)
    (tmp_path / FOLDER).mkdir()
    for text in ("", "{", "[]", '{"runs": 3}', '{"runs": {"a": {"colour": 1}}}', '{"runs": {"a": 5}}', "[" * 99_999):
        (tmp_path / FOLDER / "bad.json").write_text(text)
        with pytest.raises(InputError):
            load_sweep(store, "bad")
    with pytest.raises(RunError, match="no sweep 'gone'"):
        load_sweep(store, "gone")


def test_a_part_is_one_unit_of_the_whole() -> None:
    seen: list[Progress] = []
    outer = Monitor(seen.append)
    outer.plan(2.0)
    for name in ("first: ", "second: "):
        part = RunMonitor(outer, name)
        part.plan(10.0)
        part.begin("work")
        part.advance(5.0)
        part.plan(100.0)  # More work than was known: what was shown is not taken back.
        part.advance(5.0)
        part.finish()
    done = [progress.done for progress in seen]
    assert done == sorted(done)
    assert (done[1], done[-1], seen[1].stage) == (0.5, 2.0, "first: work")
    stopped = RunMonitor(Monitor(is_cancelled=lambda: True), "")
    with pytest.raises(Cancelled):
        stopped.begin("work")


# --- The Pareto front --------------------------------------------------------------------------------------------------


def test_a_front_by_hand() -> None:
    points = np.array(
        [[1.0, 5.0], [2.0, 2.0], [5.0, 1.0], [3.0, 3.0], [2.0, 2.0], [1.0, 6.0], [math.nan, 0.0], [0.0, math.nan]]
    )
    assert front(points).tolist() == [True, True, True, False, True, False, False, False]
    assert front(np.zeros((0, 2))).tolist() == []


VALUES = st.sampled_from([0.0, 1.0, 2.0, 3.0, math.nan, math.inf])
CLOUDS = st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=12)


@given(CLOUDS)
def test_a_front_by_its_definition(cloud: list[tuple[float, ...]]) -> None:
    def beats(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
        known = not any(map(math.isnan, a))
        return known and all(x <= y for x, y in zip(a, b, strict=True)) and any(x < y for x, y in zip(a, b, strict=True))

    wanted = [not any(map(math.isnan, b)) and not any(beats(a, b) for a in cloud) for b in cloud]
    assert front(np.array(cloud)).tolist() == wanted


@given(CLOUDS, st.randoms())
def test_laws_of_the_front(cloud: list[tuple[float, ...]], draw: Any) -> None:
    points = np.array(cloud)
    on = front(points)
    order = draw.sample(range(len(cloud)), len(cloud))
    assert front(points[order]).tolist() == on[order].tolist()  # The order of points does not matter,
    assert front(np.exp(points)).tolist() == on.tolist()  # nor does a growing scale;
    assert front(points[on]).all()  # the front is its own front,
    assert on.any() == (~np.isnan(points).any(axis=1)).any()  # and is empty only where nothing is known.


# --- Searches ----------------------------------------------------------------------------------------------------------

AXES = (Axis("x", -2.0, 2.0, 0.0, 1.0), Axis("y", 0.0, 10.0, 5.0, 2.0))


def tried(kind: str, tries: int, seed: int = 0) -> list[tuple[float, float, float]]:
    seen = []

    def objective(point: Any) -> tuple[float, ...]:
        value = (point["x"] - 1.5) ** 2 + (point["y"] - 2.0) ** 2
        seen.append((point["x"], point["y"], value))
        return (0.0, value)

    search(kind, AXES, objective, tries, seed)
    return seen


@pytest.mark.parametrize("kind", ["coordinate", "random"])
def test_searches_repeat_stay_in_their_ranges_and_keep_to_their_tries(kind: str) -> None:
    for tries in (1, 7, 40):
        seen = tried(kind, tries)
        assert seen == tried(kind, tries)
        assert len(seen) == len(set(seen)) <= tries
        assert seen[0][:2] == (0.0, 5.0)
        assert all(-2 <= x <= 2 and 0 <= y <= 10 for x, y, _ in seen)
    assert tried(kind, 30, seed=1) != tried(kind, 30)


def test_a_coordinate_search_finds_the_lowest_point_of_a_bowl() -> None:
    best = min(tried("coordinate", 60), key=lambda row: row[2])
    assert best[:2] == pytest.approx((1.5, 2.0), abs=0.1)


def test_limits_come_first() -> None:
    seen: list[tuple[float, float]] = []

    def objective(point: Any) -> tuple[float, ...]:
        seen.append((max(0.0, 1.0 - point["x"]), point["x"]))
        return seen[-1]

    search("coordinate", AXES[:1], objective, 40, 0)
    assert min(seen) == pytest.approx((0.0, 1.0), abs=0.05)  # The lowest x that keeps the limit x >= 1.


def test_searches_that_cannot_be() -> None:
    assert SEARCHES == ("coordinate", "random", "optuna")
    for kind, axes, tries, said in (
        ("best", AXES, 5, "one of coordinate, random, optuna"), ("random", AXES, 0, "at least one try"), ("random", (), 5, "no knob"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=said):
            search(kind, axes, lambda point: (0.0,), tries, 0)


def test_optuna_is_asked_through_its_own_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InputError, match=r'pip install "mwanda-explorer\[search\]"'):
        tried("optuna", 3)
    told: list[float] = []

    class Study:
        def enqueue_trial(self, point: dict[str, float]) -> None:
            assert point == {"x": 0.0, "y": 5.0}

        def optimize(self, value: Any, n_trials: int) -> None:
            for number in range(n_trials):
                pick = lambda name, low, high, number=number: low + (high - low) * number / 4  # noqa: E731
                told.append(value(types.SimpleNamespace(suggest_float=pick, study=self)))

    fake = types.SimpleNamespace(
        logging=types.SimpleNamespace(set_verbosity=lambda level: None, WARNING=30),
        samplers=types.SimpleNamespace(TPESampler=lambda seed: seed), create_study=lambda sampler: Study(),
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "optuna", fake)
    seen = tried("optuna", 5)
    assert told == pytest.approx([value for _, _, value in seen])
    assert len(seen) == 5


def test_the_real_optuna_searches_repeats_and_gets_near() -> None:
    pytest.importorskip("optuna", reason='optuna is not installed: pip install "mwanda-explorer[search]"')
    seen = tried("optuna", 40)
    assert seen == tried("optuna", 40)
    assert len(seen) == len(set(seen)) <= 40
    assert seen[0][:2] == (0.0, 5.0)  # The start is the first try.
    assert all(-2 <= x <= 2 and 0 <= y <= 10 for x, y, _ in seen)
    assert min(value for _, _, value in seen) < 0.5 < seen[0][2]
    assert tried("optuna", 10, seed=1) != tried("optuna", 10)


def test_optuna_puts_limits_first_too() -> None:
    pytest.importorskip("optuna", reason='optuna is not installed: pip install "mwanda-explorer[search]"')
    seen: list[tuple[float, float]] = []

    def objective(point: Any) -> tuple[float, ...]:
        seen.append((max(0.0, 1.0 - point["x"]), point["x"]))
        return seen[-1]

    search("optuna", AXES[:1], objective, 30, 0)
    over, lowest = min(seen)
    assert over == 0.0
    assert lowest < 1.5  # The lowest x that keeps the limit is 1.


def test_sweeps_are_listed_with_how_far_they_are(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    plan = plan_sweep(Settings(model="tiny", languages=("en", "sw"), method="wanda"), sparsities=(0.5, 0.7))
    save_sweep(store, "mine", plan, {"one": "because"})
    assert [(one.name, len(one.keys), one.done, one.refused) for one in sweeps(store)] == [("mine", 2, {}, {"one": "because"})]
    kept.report("20260101-000000-old").save(store.path("20260101-000000-old"))
    kept.report("20260102-000000-new").save(store.path("20260102-000000-new"))
    found = kept_sweep(store, "mine")
    assert list(found.done.values()) == ["20260102-000000-new"]  # Of two runs with the same settings the newest.
    tables = tables_of(store, [*found.done.values(), "gone"])
    assert tables.runs["id"].tolist() == ["20260102-000000-new"]
    assert tables.languages[["language", "mix"]].values.tolist() == [["en", "en,sw"], ["sw", "en,sw"]]
    assert tables.languages["increase"].tolist() == [tables.runs["increase en"].iloc[0], tables.runs["increase sw"].iloc[0]]
    (tmp_path / FOLDER / "bad.json").write_text('{"runs": []}')
    assert [one.name for one in sweeps(store)] == ["mine"]
    assert tables_of(store, []).languages.empty
    forget_sweep(store, "mine")
    assert sweeps(store) == []
    assert len(store.entries()) == 2
    for name in ("mine", "../mine"):
        with pytest.raises(RunError):
            forget_sweep(store, name)


def test_runs_of_one_mix_come_one_after_the_other() -> None:
    plan = plan_sweep(BASE, sparsities=(0.3, 0.5), methods=("wanda", "magnitude"), mixes=(("en",), ("en", "el")))
    assert [one.languages for one in plan] == [("en",)] * 4 + [("en", "el")] * 4


def test_a_sweep_file_is_plain_settings(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    plan = plan_sweep(Settings(eval_texts=0), seeds=(1, 2))
    save_sweep(store, "plain", plan)
    data = json.loads((tmp_path / FOLDER / "plain.json").read_text())
    assert [run["seed"] for run in data["runs"].values()] == [1, 2]
