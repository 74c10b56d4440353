"""Intervals by hand, against scipy, and by law."""

import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats as scipy_stats

from mwanda_core.evaluation import mcnemar, paired_share_difference, ratio, share

Z = 1.959963984540054


def test_ratio_by_hand() -> None:
    # 9 / 6 = 1.5; residuals 2 - 3, 3 - 3, 4 - 3; squares sum to 2; se = sqrt(3/2 * 2) / 6; t(0.975, 2) = 4.302653.
    found = ratio(np.array([2.0, 3.0, 4.0]), np.array([2.0, 2.0, 2.0]))
    assert found.value == 1.5
    assert found.se == pytest.approx(math.sqrt(3) / 6)
    assert found.high - found.value == pytest.approx(4.302652729911275 * math.sqrt(3) / 6)


@settings(max_examples=20)
@given(st.lists(st.floats(-100, 100), min_size=2, max_size=30))
def test_a_ratio_over_equal_units_is_a_mean_with_its_t_interval(totals: list[float]) -> None:
    values = np.array(totals)
    found = ratio(values, np.ones(len(values)))
    assert found.value == pytest.approx(values.mean(), abs=1e-9)
    assert found.se == pytest.approx(scipy_stats.sem(values), abs=1e-9)
    if found.se > 1e-6:
        low, high = scipy_stats.t.interval(0.95, len(values) - 1, loc=values.mean(), scale=scipy_stats.sem(values))
        assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(1, 50)), min_size=2, max_size=20), st.floats(0.1, 10))
def test_ratio_laws(units: list[tuple[float, int]], factor: float) -> None:
    total, size = np.array([u[0] for u in units]), np.array([float(u[1]) for u in units])
    found = ratio(total, size)
    assert found.low <= found.value <= found.high
    scaled = ratio(total * factor, size)
    assert (scaled.value, scaled.se) == (pytest.approx(found.value * factor), pytest.approx(found.se * factor, abs=1e-9))
    shifted = ratio(total + 3.0 * size, size)  # A constant per token moves the ratio and not its spread.
    assert (shifted.value, shifted.se) == (pytest.approx(found.value + 3.0), pytest.approx(found.se, abs=1e-6))
    backward = ratio(total[::-1], size[::-1])
    assert (backward.value, backward.se) == (pytest.approx(found.value), pytest.approx(found.se, abs=1e-9))


def test_units_seen_twice_add_no_information_that_the_interval_could_use_twice() -> None:
    """Every unit doubled: the same ratio. Every unit split in identical halves would claim too much: se shrinks by sqrt 2."""
    total, size = np.array([3.0, 5.0, 4.0, 9.0]), np.array([2.0, 2.0, 3.0, 4.0])
    once, longer = ratio(total, size), ratio(2 * total, 2 * size)
    assert (once.value, once.se) == (pytest.approx(longer.value), pytest.approx(longer.se))
    twice = ratio(np.tile(total, 2), np.tile(size, 2))
    assert twice.value == pytest.approx(once.value)
    assert twice.se == pytest.approx(once.se * math.sqrt(3 / 7))


def test_one_unit_has_no_interval() -> None:
    found = ratio(np.array([3.0]), np.array([2.0]))
    assert found.value == 1.5
    assert math.isnan(found.se)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_share_is_wilsons_interval(case: tuple[int, int]) -> None:
    successes, trials = case
    found = share(successes, trials)
    wanted = scipy_stats.binomtest(successes, trials).proportion_ci(method="wilson")
    assert (found.low, found.high) == (pytest.approx(wanted.low, abs=1e-12), pytest.approx(wanted.high, abs=1e-12))
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0
    assert found.value == successes / trials


def test_share_by_hand() -> None:
    found = share(0, 4)
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(Z**2 / (4 + Z**2))
    assert share(4, 4).low == pytest.approx(4 / (4 + Z**2))
    assert share(4, 4).high == 1.0


def pairs(kept: int, lost: int, gained: int, wrong: int) -> tuple[np.ndarray, np.ndarray]:
    before = np.array([True] * kept + [True] * lost + [False] * gained + [False] * wrong)
    after = np.array([True] * kept + [False] * lost + [True] * gained + [False] * wrong)
    return before, after


def test_paired_difference_by_hand() -> None:
    found = paired_share_difference(*pairs(4, 1, 3, 2))
    assert found.value == pytest.approx(0.2)
    # One pseudo-item to each side: b = 2, c = 4, n = 12.
    se = math.sqrt(6 - 4 / 12) / 12
    assert found.se == pytest.approx(se)
    assert (found.low, found.high) == (pytest.approx(2 / 12 - Z * se), pytest.approx(2 / 12 + Z * se))


COUNTS = st.tuples(*(st.integers(0, 15) for _ in range(4))).filter(lambda counts: sum(counts) > 0)


@given(COUNTS)
def test_paired_difference_laws(counts: tuple[int, int, int, int]) -> None:
    before, after = pairs(*counts)
    found, back = paired_share_difference(before, after), paired_share_difference(after, before)
    assert found.value == pytest.approx(after.mean() - before.mean(), abs=1e-12)
    assert (found.value, found.low, found.high) == (-back.value, pytest.approx(-back.high), pytest.approx(-back.low))
    assert -1.0 <= found.low < found.high <= 1.0
    if not counts[1] and not counts[2]:
        assert found.value == 0.0
        assert found.low < 0.0 < found.high


def test_mcnemar_by_hand() -> None:
    # 1 lost, 5 gained: 2 * (1 + 6) / 2^6.
    assert mcnemar(*pairs(3, 1, 5, 2)) == pytest.approx(14 / 64)
    assert mcnemar(*pairs(3, 0, 0, 2)) == 1.0
    assert mcnemar(*pairs(0, 3, 3, 0)) == 1.0
    assert mcnemar(*pairs(0, 10, 0, 0)) == pytest.approx(2 / 2**10)


@given(COUNTS)
def test_mcnemar_is_the_binomial_test_and_symmetric(counts: tuple[int, int, int, int]) -> None:
    before, after = pairs(*counts)
    found = mcnemar(before, after)
    assert found == pytest.approx(mcnemar(after, before))
    assert 0.0 < found <= 1.0
    if counts[1] + counts[2]:
        assert found == pytest.approx(scipy_stats.binomtest(min(counts[1:3]), counts[1] + counts[2]).pvalue)
    # Items that did not change carry no information.
    assert mcnemar(*pairs(0, counts[1], counts[2], 0)) == found if counts[1] + counts[2] else found == 1.0
