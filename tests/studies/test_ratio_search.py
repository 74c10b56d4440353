"""The search over block sparsities: exact in sum, never worse than uniform, repeatable, and the model given back."""

import random
from pathlib import Path

import pandas as pd
import pytest
import tiny
from hypothesis import given, strategies as st

from mwanda_core.corpora import Packed
from mwanda_core.engine.measure import measure_model
from mwanda_core.errors import Cancelled, InputError
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import num_pruned, unpack
from mwanda_core.progress import Monitor
from mwanda_core.studies.cutting import masks_from
from mwanda_core.studies.metric_search.bench import Bench
from mwanda_core.studies.metric_search.ratios import SEARCHERS, LevelMasks, RatioSearch, balanced, search_ratios, switched
from mwanda_core.studies.texts import Window


@pytest.fixture
def bench(llama: LanguageModel, calibration: Packed) -> Bench:
    texts = [
        Window(code, code, tuple(tiny.random_ids(1, 9, seed)[0].tolist())) for seed, code in enumerate(calibration.languages)
    ]
    return Bench(llama, measure_model(llama, calibration, frozenset(), Monitor()), texts, 0.5)


@given(st.lists(st.integers(-2, 2), min_size=2, max_size=18), st.integers(0, 1000))
def test_balanced_levels_sum_to_nothing_and_balanced_ones_stay(levels: list[int], seed: int) -> None:
    found = balanced(levels, 2, random.Random(seed))
    assert sum(found) == 0
    assert all(-2 <= level <= 2 for level in found)
    assert balanced(found, 2, random.Random(seed)) == found
    moved = sum(abs(a - b) for a, b in zip(levels, found, strict=True))
    assert moved == abs(sum(levels))


@given(st.integers(2, 18), st.integers(0, 1000))
def test_a_switch_keeps_the_sum_and_the_bounds(blocks: int, seed: int) -> None:
    found = switched((0,) * blocks, 1, random.Random(seed))
    assert sum(found) == 0
    assert all(-1 <= level <= 1 for level in found)


@pytest.mark.parametrize("searcher", SEARCHERS)
def test_a_search_meets_the_target_exactly_and_never_ends_worse_than_uniform(bench: Bench, searcher: str) -> None:
    if searcher != "evopress":
        pytest.importorskip("optuna")
    before = tiny.all_bytes(bench.model)
    settings = RatioSearch(searcher, trials=10, seed=1, children=3, population=4)
    first, second = (search_ratios(bench, recipe("wanda"), settings) for _ in range(2))
    assert tiny.all_bytes(bench.model) == before
    pd.testing.assert_frame_equal(first, second)
    assert len(first) == 10
    assert first["best"].is_monotonic_decreasing
    assert first.loc[0, "sparsities"] == [0.5] * 3
    assert all(sum(shares) == pytest.approx(1.5) for shares in first["sparsities"])


def test_children_are_selected_in_steps(bench: Bench) -> None:
    """All children are looked at on some positions, the survivors on all; every look counts in the cost, and a trial is one with all positions."""
    steps = search_ratios(bench, recipe("wanda"), RatioSearch("evopress", trials=9, seed=1, children=4, look=0.5, survivors=2))
    whole = search_ratios(bench, recipe("wanda"), RatioSearch("evopress", trials=9, seed=1, children=4, look=1.0))
    share = bench.trial_cost(0.5) / bench.trial_cost()
    assert len(steps) == len(whole) == 9
    assert steps["cost"].iloc[-1] == pytest.approx(9 + 4 * 4 * share)
    assert whole["cost"].tolist() == [float(count) for count in range(1, 10)]
    with pytest.raises(InputError, match="lets one child survive"):
        RatioSearch(look=0.0)


def test_a_look_at_some_positions_is_the_beginning_of_the_texts(bench: Bench) -> None:
    masks = masks_from(bench.model, recipe("wanda"), bench.stats, 0.7)
    short = [Window(t.language, t.name, t.ids[: bench.first + 4]) for t in bench.texts]
    assert bench.of_masks(masks, 0.5) == Bench(bench.model, bench.stats, short, 0.5).of_masks(masks)


def test_a_search_that_was_stopped_goes_on_from_its_file(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled after some trials, then asked again: the same trials as in one go, and none of the first is measured again."""
    path, asked, seen = tmp_path / "search" / "levels.jsonl", RatioSearch(trials=7, seed=2, look=1.0, children=3), []
    whole = search_ratios(bench, recipe("wanda"), asked)
    stop = Monitor(on_progress=seen.append, is_cancelled=lambda: len(seen) > 3)
    with pytest.raises(Cancelled):
        search_ratios(bench, recipe("wanda"), asked, stop, path)
    kept = path.read_text("utf-8")
    assert 0 < len(kept.splitlines()) < 7
    path.write_text(kept + '{"levels": [0, 1', "utf-8")  # Killed while it wrote.
    measured = []
    of_masks = Bench.of_masks
    monkeypatch.setattr(Bench, "of_masks", lambda self, masks, share=1.0: measured.append(1) or of_masks(self, masks, share))
    pd.testing.assert_frame_equal(search_ratios(bench, recipe("wanda"), asked, None, path), whole)
    assert len(measured) == len(path.read_text("utf-8").splitlines()) - len(kept.splitlines())


def test_masks_of_a_level_are_those_of_that_sparsity(bench: Bench) -> None:
    masks = LevelMasks(bench, recipe("wanda"), RatioSearch(step=0.1)).of((-1, 0, 1))
    wanted = masks_from(bench.model, recipe("wanda"), bench.stats, [0.4, 0.5, 0.6])
    assert tiny.same(masks, wanted)
    for block, share in zip(bench.model.blocks, (0.4, 0.5, 0.6), strict=True):
        linear = block.linears[0]
        keep = unpack(masks[block.full_name(linear)], tuple(linear.weight.shape))
        assert (keep.sum(dim=1) == keep.shape[1] - num_pruned(keep.shape[1], share)).all()


def test_what_cannot_be_searched_is_refused(bench: Bench) -> None:
    with pytest.raises(InputError, match="choose a smaller step"):
        search_ratios(bench, recipe("wanda"), RatioSearch(step=0.3, width=2))
    with pytest.raises(InputError, match="must be one of"):
        RatioSearch("magic")
    with pytest.raises(InputError, match="a step between 0 and"):
        RatioSearch(step=0.0)
