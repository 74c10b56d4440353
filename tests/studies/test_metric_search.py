"""The search for a metric: classes of equal masks, divergences, trials, searchers against the enumerated optimum, languages as objectives."""

import functools
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tiny
import torch
from evidence import linear

from mwanda_core.corpora import Packed
from mwanda_core.engine.measure import measure_model
from mwanda_core.errors import Cancelled, InputError
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.patterns import Unstructured
from mwanda_core.progress import Monitor
from mwanda_core.studies.metric_search import languages as objectives
from mwanda_core.studies.metric_search.bench import Bench, plan
from mwanda_core.studies.metric_search.divergence import divergences
from mwanda_core.studies.metric_search.search import NEAR_RIA, SAMPLERS, Journal, Search, regret, search
from mwanda_core.studies.metric_search.space import WANDA, Metric, candidates, canonical, distinct, everything
from mwanda_core.studies.texts import Window


def test_there_are_2401_points_in_315_classes() -> None:
    assert len(everything()) == 7**4
    assert len(candidates()) == 315
    assert candidates()[0] == WANDA
    assert all(canonical(metric) == metric for metric in candidates())


def test_points_of_one_class_cut_alike() -> None:
    """Every point against the one that stands for it, on weights and inputs of any size."""
    generator = torch.Generator().manual_seed(0)
    items = [
        linear(torch.randn(4, 24, generator=generator), torch.rand(24, generator=generator) * size) for size in (0.02, 0.1)
    ]
    pattern = Unstructured()

    @functools.cache
    def masks(metric: Metric) -> list[torch.Tensor]:
        return [pattern.keep(metric.score()(item), 0.5) for item in items]

    pairs = [pair for metric in everything() for pair in zip(masks(metric), masks(canonical(metric)), strict=True)]
    differing = sum(not torch.equal(mask, other) for mask, other in pairs)
    # Two numbers that are equal up to rounding may change places.
    assert differing <= 20


def test_distinct_groups_by_masks() -> None:
    item = linear(torch.randn(4, 24, generator=torch.Generator().manual_seed(1)), torch.rand(24) * 0.05)
    groups = distinct([WANDA, Metric("sqrt", "one", "sqrt"), Metric("sqrt")], [item], 0.5)
    assert [len(group) for group in groups.values()] == [2, 1]


def test_divergences_by_hand() -> None:
    """p = (1/2, 1/2), q = (3/4, 1/4)."""
    found = divergences(torch.tensor([[0.0, 0.0]]), torch.tensor([[math.log(3.0), 0.0]]))[0].tolist()
    kl = 0.5 * math.log(0.5 / 0.75) + 0.5 * math.log(0.5 / 0.25)
    m = (5 / 8, 3 / 8)
    js = 0.5 * sum(0.5 * math.log(0.5 / a) for a in m) + 0.5 * (0.75 * math.log(0.75 / m[0]) + 0.25 * math.log(0.25 / m[1]))
    assert found == pytest.approx([kl, js, math.log(3.0)], rel=1e-5)


def test_divergences_of_equal_logits_are_nothing_and_js_is_bounded() -> None:
    logits = torch.randn(40, 30)
    assert divergences(logits, logits).abs().max() < 1e-6
    far = divergences(torch.eye(4) * 200, torch.eye(4).flip(0) * 200)
    assert far[:, 1].tolist() == pytest.approx([math.log(2.0)] * 4, rel=1e-5)
    # A constant added to all logits is no divergence, but moves the released code's norm.
    shifted = divergences(logits, logits + 3.0)
    assert shifted[:, :2].abs().max() < 1e-5
    assert shifted[:, 2].tolist() == pytest.approx([3.0 * math.sqrt(30)] * 40, rel=1e-4)


@pytest.fixture
def texts(calibration: Packed) -> list[Window]:
    return [
        Window(code, code, tuple(tiny.random_ids(1, 9, seed)[0].tolist())) for seed, code in enumerate(calibration.languages)
    ]


@pytest.fixture
def bench(llama: LanguageModel, calibration: Packed, texts: list[Window]) -> Bench:
    return Bench(llama, measure_model(llama, calibration, frozenset(), Monitor()), texts, 0.5)


def test_a_trial_leaves_the_model_as_it_was_and_no_sparsity_is_no_damage(bench: Bench) -> None:
    before = tiny.all_bytes(bench.model)
    damage = bench.of_metric(WANDA)
    assert tiny.all_bytes(bench.model) == before
    assert set(damage) == set(tiny.LANGUAGES)
    assert min(damage.values()) > 0.0
    assert max(bench.of_recipe(bench.base, 0.0).values()) == 0.0


def test_wandas_point_is_wanda(bench: Bench) -> None:
    assert bench.of_metric(WANDA) == pytest.approx(bench.of_recipe(recipe("wanda")))


def test_the_cost_is_known_before(bench: Bench, texts: list[Window]) -> None:
    planned = plan(bench.model, texts, 3)
    bench.monitor.plan(planned.work)
    for metric in candidates()[:3]:
        bench.of_metric(metric)
    assert bench.monitor.done == bench.monitor.total == planned.work
    assert planned.memory > 0
    assert planned.seconds(planned.work) == 1.0


def test_unequal_texts_and_unknown_measures_are_refused(bench: Bench, texts: list[Window]) -> None:
    with pytest.raises(InputError, match="same number of tokens"):
        Bench(bench.model, bench.stats, [*texts, Window("en", "x", (5, 6))], 0.5)
    with pytest.raises(InputError, match="must be one of kl, js, norm"):
        Bench(bench.model, bench.stats, texts, 0.5, measure="l2")


def landscape(metric: Metric) -> Mapping[str, float]:
    """A made-up damage with one best point: log of the weights, exp of the inputs."""
    places = [sum(map(ord, word)) % 7 for word in metric]
    base = 2.0 - (metric.weight_transform == "log") - 0.5 * (metric.input_transform == "exp")
    return {"en": base + places[0] / 100, "de": base + places[2] / 50}


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("objective", ["mean", "worst", "each"])
def test_a_search_never_ends_worse_than_wanda_and_repeats(sampler: str, objective: str) -> None:
    pytest.importorskip("optuna")
    settings = Search(sampler, objective, 24, seed=3, population=6)
    first, second = (search(Journal(landscape), settings) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert first["best"].is_monotonic_decreasing
    key = "worst" if objective == "worst" else "mean"
    start = first.loc[(first[list(Metric._fields)] == list(WANDA)).all(axis=1), key].iloc[0]
    assert first["best"].iloc[-1] <= start
    if sampler == "everything":
        assert len(first) == 315
        truth = first
        assert regret(first, truth, key)["regret"].iloc[-1] == 0.0
        assert regret(first, truth, key)["regret"].iloc[0] == 1.0
    else:
        assert len(first) == 24


def test_a_search_from_nothing_does_not_begin_with_wanda() -> None:
    pytest.importorskip("optuna")
    with_starts, without = (
        search(Journal(landscape), Search("random", trials=4, seed=3, starts=starts)) for starts in (True, False)
    )
    points = [list(map(tuple, found[list(Metric._fields)].to_numpy())) for found in (with_starts, without)]
    assert points[0][:2] == [WANDA, NEAR_RIA]
    assert not {WANDA, NEAR_RIA} & set(points[1])


def test_a_journal_measures_a_class_once_and_a_cancelled_search_goes_on(tmp_path: Path) -> None:
    pytest.importorskip("optuna")
    asked: list[Metric] = []

    def measure(metric: Metric) -> Mapping[str, float]:
        asked.append(metric)
        return landscape(metric)

    settings, path = Search("random", trials=30, seed=1), tmp_path / "journal.jsonl"
    with pytest.raises(Cancelled):
        search(Journal(measure, path), settings, Monitor(is_cancelled=lambda: len(asked) > 8))
    known = list(asked)
    assert len(set(known)) == len(known)
    found = search(Journal(measure, path), settings)
    assert len(set(asked)) == len(asked)
    whole = search(Journal(landscape), settings)
    pd.testing.assert_frame_equal(found, whole)
    assert len(Journal(measure, path).table()) == len(asked)


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("[1]\n")
    with pytest.raises(InputError, match="not a journal"):
        Journal(landscape, tmp_path / "x")


@pytest.mark.parametrize("settings", [{"sampler": "magic"}, {"objective": "none"}, {"trials": 0}, {"population": 1}])
def test_a_search_that_cannot_be_is_refused(settings: dict) -> None:
    with pytest.raises(InputError):
        Search(**settings)


TABLE = pd.DataFrame(
    [(*WANDA, "wanda", 2.0, 4.0), ("sqrt", "one", "identity", "one", "a", 1.0, 4.0), ("exp", "one", "identity", "one", "b", 2.0, 1.0),
     ("log", "one", "identity", "one", "c", 1.5, 2.0), ("square", "one", "sqrt", "one", "d", 3.0, 3.0)],
    columns=[*Metric._fields, "label", "en", "de"],
)  # fmt: skip
CODES = ("en", "de")


def test_the_front_holds_what_nothing_beats() -> None:
    assert list(objectives.front(TABLE, CODES)["label"]) == ["a", "b", "c"]


def test_a_front_is_mutually_undominated_and_dominates_the_rest() -> None:
    draws = np.random.default_rng(0).random((60, 3))
    table = pd.DataFrame(draws, columns=["en", "de", "sw"])
    kept = objectives.front(table, ("en", "de", "sw")).to_numpy()
    for point in kept:
        assert not ((kept <= point).all(axis=1) & (kept < point).any(axis=1)).any()
    for point in draws:
        assert (kept <= point).all(axis=1).any()


def test_damage_relative_to_wanda_and_the_equal_damage_point() -> None:
    table = objectives.relative(TABLE, CODES)
    assert table.loc[0, ["en", "de"]].tolist() == [1.0, 1.0]
    assert objectives.equal_damage(table, CODES)["label"] == "c"


def test_the_hypervolume_of_one_point_is_its_box() -> None:
    table = pd.DataFrame({"en": [0.5, 1.2], "de": [0.25, 0.1]})
    assert objectives.hypervolume(table, CODES) == pytest.approx(0.5 * 0.75, abs=0.005)


def test_transfer_is_nothing_on_the_diagonal() -> None:
    found = objectives.transfer(TABLE, CODES).set_index("found on")
    assert found.loc["en", "en"] == found.loc["de", "de"] == 0.0
    assert found.loc["en", "de"] == pytest.approx(3.0)
    assert found.loc["de", "en"] == pytest.approx(1.0)
    assert list(found["metric"]) == ["a", "b"]


def test_one_metric_for_all_is_within_a_share_of_the_best_everywhere() -> None:
    assert objectives.one_for_all(TABLE, CODES).empty
    assert list(objectives.one_for_all(TABLE, CODES, 1.0)["label"]) == ["b", "c"]
