"""Dense against pruned on tasks: paired figures by hand and by law, chance, Holm, and damage that was planted."""

import math

import numpy as np
import pandas as pd
import pytest
import tiny
import torch
from scipy import stats as scipy_stats

from mwanda_core.errors import InputError
from mwanda_core.evaluation import above_chance, holm, paired_bootstrap, share
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.tasks import Item, Task, TaskScores, compare_tasks, score_task
from mwanda_core.tasks.compare import ITEM_TABLE_COLUMNS, MEAN_COLUMNS, TABLE_COLUMNS
from mwanda_core.tasks.scoring import CHOICE_COLUMNS, ITEM_COLUMNS, scores_of


def scores(right: dict[str, list[int]], options: int = 2, parallel: bool = True) -> TaskScores:
    """A task whose items were answered right (1) or wrong (0), by two choices of one byte."""
    rows = []
    for code, found in right.items():
        for number, ok in enumerate(found):
            for choice in range(options):
                value = -1.0 if (choice == 0) == bool(ok) else -2.0 - choice
                rows.append((code, str(number), 0, choice, 1, 1, value))
    return scores_of(Task("t", "T", (), parallel), pd.DataFrame(rows, columns=list(CHOICE_COLUMNS)))


def raw(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["reading"] == "raw"].reset_index(drop=True)


def test_a_table_by_hand() -> None:
    dense = scores({"en": [1] * 18 + [0] * 2, "sw": [1] * 10 + [0] * 10})
    pruned = scores({"en": [1] * 8 + [0] * 10 + [0, 1], "sw": [0] * 20})
    found = compare_tasks([dense], [pruned])
    assert list(found.table) == list(TABLE_COLUMNS)
    table = raw(found.table)
    assert list(table["dense_accuracy"]) == [0.9, 0.5]
    assert list(table["pruned_accuracy"]) == [0.45, 0.0]
    assert list(table["change"]) == pytest.approx([-0.45, -0.5])
    assert list(table["lost"]) == [10, 10]
    assert list(table["gained"]) == [1, 0]
    # McNemar: 2 P(at most 1 of 11), 2 P(0 of 10).
    assert list(table["p"]) == pytest.approx([2 * 12 / 2**11, 2 / 2**10])
    # Holm over two languages: twice the smaller; the larger stays, but is never below it.
    assert list(table["p_holm"]) == pytest.approx([2 * 12 / 2**11, 2 * 2 / 2**10])
    # 18 of 20 by guessing two choices: (1 + 20 + 190) / 2^20; 10 of 20 is what guessing gives.
    assert table["p_chance"][0] == pytest.approx(211 / 2**20)
    assert list(table["informative"]) == [True, False]
    assert list(table["verdict"]) == ["worse", "uninformative"]
    assert table["within_noise"][0] is np.False_ or table["within_noise"][0] is False
    assert table["within_noise"][1] is pd.NA
    assert (table["dense_low"][0], table["dense_high"][0]) == pytest.approx((share(18, 20).low, share(18, 20).high))
    assert table["change_low"][0] < -0.45 < table["change_high"][0] < 0
    assert table["bootstrap_low"][0] < -0.45 < table["bootstrap_high"][0] < 0


def test_a_task_at_chance_is_never_said_to_be_kept() -> None:
    guess = scores({"en": [1, 0] * 50})
    table = compare_tasks([guess], [guess]).table
    assert not table["informative"].any()
    assert table["within_noise"].isna().all()
    assert set(table["verdict"]) == {"uninformative"}
    means = compare_tasks([guess], [guess]).means
    assert list(means["informative"]) == [0, 0]
    assert means["change"].isna().all()


def test_the_same_model_twice_differs_by_nothing() -> None:
    good = scores({"en": [1] * 40, "de": [1] * 35 + [0] * 5})
    found = compare_tasks([good], [good])
    assert (found.table["change"] == 0).all()
    assert (found.table["p"] == 1).all()
    assert (found.table["p_holm"] == 1).all()
    assert set(found.table["verdict"]) == {"within noise"}
    assert (found.means["change"] == 0).all()
    assert (found.items["dense_choice"] == found.items["pruned_choice"]).all()


def test_items_twice_move_no_figure_but_the_intervals() -> None:
    dense, pruned = {"en": [1] * 30 + [0] * 10}, {"en": [1] * 20 + [0] * 20}
    once = raw(compare_tasks([scores(dense)], [scores(pruned)]).table)
    twice = raw(compare_tasks(*([scores({"en": side["en"] * 2})] for side in (dense, pruned))).table)
    for name in ("dense_accuracy", "pruned_accuracy", "change", "chance"):
        assert once[name][0] == twice[name][0]
    assert twice["p"][0] < once["p"][0]
    assert twice["dense_high"][0] - twice["dense_low"][0] < once["dense_high"][0] - once["dense_low"][0]


def test_means_are_of_the_informative_languages_and_resample_whole_questions() -> None:
    better = {"en": [1] * 40, "de": [1] * 40, "sw": [0, 1] * 20}
    worse = {"en": [1] * 30 + [0] * 10, "de": [1] * 30 + [0] * 10, "sw": [1] * 40}
    found = compare_tasks([scores(better)], [scores(worse)])
    assert list(found.means) == list(MEAN_COLUMNS)
    row = found.means.iloc[0]
    assert (row["languages"], row["informative"], row["change"], row["dense"], row["pruned"]) == (3, 2, -0.25, 1.0, 0.75)
    # The same questions fail in both languages, so the mean is as uncertain as one language.
    one = raw(found.table)
    assert row["low"] == pytest.approx(one["bootstrap_low"][0], abs=0.02)
    apart = compare_tasks([scores(better, parallel=False)], [scores(worse, parallel=False)]).means.iloc[0]
    assert apart["high"] - apart["low"] < row["high"] - row["low"]


def test_items_are_told_one_by_one() -> None:
    found = compare_tasks([scores({"en": [1, 0]})], [scores({"en": [0, 0]})]).items
    assert list(found) == list(ITEM_TABLE_COLUMNS)
    first = raw(found).iloc[0]
    assert (first["task"], first["answer"], first["dense_choice"], first["pruned_choice"]) == ("t", 0, 0, 1)
    assert (first["dense_margin"], first["pruned_margin"]) == (2.0, -1.0)


def test_different_items_are_refused() -> None:
    with pytest.raises(InputError, match="did not answer the same items of T"):
        compare_tasks([scores({"en": [1, 1]})], [scores({"en": [1]})])
    with pytest.raises(InputError, match="same tasks"):
        compare_tasks([scores({"en": [1]})], [])
    assert list(compare_tasks([], []).table) == list(TABLE_COLUMNS)


def test_planted_damage_is_found(llama: LanguageModel) -> None:
    """A model made to prefer one letter answers by it; swapping that preference turns every answer round."""
    items = tuple(Item(str(i), "en", f"{i}", ("aaaa", "bbbb"), 0) for i in range(30))
    task = Task("letters", "Letters", items)
    a, b = llama.encode("a")[0], llama.encode("b")[0]
    head = llama.hf.get_output_embeddings().weight
    with torch.no_grad():
        state = llama.hidden(torch.tensor([[tiny.BOS, a, a, a]]))[0].mean(dim=0)
        head[a], head[b] = state, -state
        head_before = head.clone()
        dense = score_task(llama, task, Monitor())
        head[[a, b]] = head_before[[b, a]]
        pruned = score_task(llama, task, Monitor())
    row = raw(compare_tasks([dense], [pruned]).table).iloc[0]
    assert row["dense_accuracy"] > 0.9
    assert row["pruned_accuracy"] < 0.1
    assert row["verdict"] == "worse"
    assert row["p_holm"] < 1e-6


def test_holm_by_hand_and_by_law() -> None:
    assert list(holm(np.array([0.01, 0.04, 0.03, 0.005]))) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert list(holm(np.array([0.2]))) == [0.2]
    assert list(holm(np.array([]))) == []
    p = np.random.default_rng(0).random(50)
    found = holm(p)
    assert (found >= p).all()
    assert (found <= np.minimum(1, 50 * p)).all()
    assert list(np.argsort(p, kind="stable")) == sorted(range(50), key=lambda i: (found[i], p[i]))


def test_above_chance_is_the_binomial_tail_and_its_generalisation() -> None:
    assert above_chance(18, np.full(20, 0.5)) == pytest.approx(float(scipy_stats.binom.sf(17, 20, 0.5)))
    # Two items, chances 1/2 and 1/3: at least one right = 1 - 1/2 * 2/3; both = 1/6.
    assert above_chance(1, np.array([0.5, 1 / 3])) == pytest.approx(2 / 3)
    assert above_chance(2, np.array([0.5, 1 / 3])) == pytest.approx(1 / 6)
    assert above_chance(0, np.array([0.5, 1 / 3])) == 1.0
    nearly = np.full(40, 0.25)
    nearly[0] += 1e-12
    assert above_chance(15, nearly) == pytest.approx(above_chance(15, np.full(40, 0.25)), rel=1e-6)


def test_the_bootstrap_is_that_of_a_loop_over_resampled_items() -> None:
    change = np.array([0.0] * 60 + [-1.0] * 30 + [1.0] * 10)
    found = paired_bootstrap(change)
    drawn = np.random.default_rng(1)
    means = [change[drawn.integers(0, 100, 100)].mean() for _ in range(2000)]
    assert found.value == pytest.approx(-0.2)
    assert found.se == pytest.approx(np.std(means), rel=0.06)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])), abs=0.021)
    assert paired_bootstrap(np.zeros(10)).low == paired_bootstrap(np.zeros(10)).high == 0.0
    both = paired_bootstrap(np.stack([change, change], axis=1))
    assert (both.value, both.se) == (found.value, found.se)


def test_columns_of_items() -> None:
    assert list(scores({"en": [1]}).items) == list(ITEM_COLUMNS)
    assert not math.isnan(scores({"en": [1]}).items["margin"].iloc[0])
