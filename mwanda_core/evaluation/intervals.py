"""Means, differences and shares with honest intervals. Passages, not tokens, are the independent units: tokens of one
passage share its topic, and an interval that treats them as independent is several times too narrow."""

import dataclasses
import math

import numpy as np
from scipy import stats as scipy_stats

CONFIDENCE = 0.95


@dataclasses.dataclass(frozen=True)
class Interval:
    """An estimate with its standard error and a 95 % interval (NaN where one unit allows none)."""

    value: float
    se: float
    low: float
    high: float


def ratio(total: np.ndarray, size: np.ndarray, level: float = CONFIDENCE) -> Interval:
    """sum(total) / sum(size) with the linearised standard error of a ratio of sums over independent units.

    With r the ratio and e_u = total_u - r * size_u:  se = sqrt( U / (U - 1) * sum e_u^2 ) / sum(size). (Cochran 1977,
    equation 6.13, without finite population correction.) The interval uses Student's t with U - 1 degrees of freedom, at `level`.
    """
    total, size = np.asarray(total, dtype=np.float64), np.asarray(size, dtype=np.float64)
    value = float(total.sum() / size.sum())
    units = len(total)
    if units < 2:
        return Interval(value, math.nan, math.nan, math.nan)
    residual = total - value * size
    se = float(math.sqrt(units / (units - 1) * float((residual**2).sum())) / size.sum())
    reach = float(scipy_stats.t.ppf(0.5 + level / 2, units - 1)) * se
    return Interval(value, se, value - reach, value + reach)


def share(successes: int, trials: int) -> Interval:
    """A proportion with Wilson's score interval (Wilson 1927); the standard error is the usual sqrt(p (1 - p) / n)."""
    p = successes / trials
    wilson = scipy_stats.binomtest(successes, trials).proportion_ci(CONFIDENCE, method="wilson")
    return Interval(p, math.sqrt(p * (1 - p) / trials), float(wilson.low), float(wilson.high))


def paired_share_difference(before: np.ndarray, after: np.ndarray) -> Interval:
    """Difference of two proportions on the same items (after - before), from the discordant pairs.

    b items were lost, c gained, of n: difference (c - b) / n, variance (b + c - (b - c)^2 / n) / n^2 (Agresti 2013,
    equation 10.2). One pseudo-item is added to each of b and c for the interval (Agresti & Min 2005), so that few items
    without any change still give an interval of positive width.
    """
    before, after = np.asarray(before, dtype=bool), np.asarray(after, dtype=bool)
    n = len(before)
    lost, gained = int((before & ~after).sum()), int((~before & after).sum())
    value = (gained - lost) / n
    b, c, m = lost + 1, gained + 1, n + 2
    se = math.sqrt(b + c - (b - c) ** 2 / m) / m
    z = float(scipy_stats.norm.ppf(0.5 + CONFIDENCE / 2))
    return Interval(value, se, max(-1.0, (c - b) / m - z * se), min(1.0, (c - b) / m + z * se))


def mcnemar(before: np.ndarray, after: np.ndarray) -> float:
    """Exact two-sided McNemar test on the same items: the chance of so uneven discordant pairs if nothing changed.

    1 when no item changed (McNemar 1947; exact binomial form).
    """
    before, after = np.asarray(before, dtype=bool), np.asarray(after, dtype=bool)
    lost, gained = int((before & ~after).sum()), int((~before & after).sum())
    if lost + gained == 0:
        return 1.0
    return float(scipy_stats.binomtest(lost, lost + gained, 0.5).pvalue)


def paired_bootstrap(change: np.ndarray, repeats: int = 2000, seed: int = 0) -> Interval:
    """Mean of per-item changes with a percentile interval over resampled items (Efron & Tibshirani 1993, section 13.3).

    `change` is [items], or [items, languages] where the rows are the same question in every language: whole questions are
    resampled, so that what is hard about one does not count as independent in each language.
    """
    values = np.asarray(change, dtype=np.float64)
    values = values.mean(axis=1) if values.ndim == 2 else values
    distinct, counts = np.unique(values, return_counts=True)
    # Resampling n items is drawing how often each distinct value comes up.
    drawn = np.random.default_rng(seed).multinomial(len(values), counts / len(values), size=repeats)
    means = drawn @ distinct / len(values)
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Interval(float(values.mean()), float(means.std(ddof=1)), float(low), float(high))


def holm(p_values: np.ndarray) -> np.ndarray:
    """Holm's step-down adjusted p-values (Holm 1979): with p sorted ascending, max over j <= i of min(1, (m - j + 1) p_j).

    Controls the chance of any false alarm among the m tests, whatever their dependence.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    adjusted = np.empty_like(p)
    adjusted[order] = stepped
    return adjusted


def above_chance(correct: int, chances: np.ndarray) -> float:
    """One-sided exact p-value of at least `correct` right answers by guessing, where item i is guessed with `chances[i]`.

    The tail of the Poisson binomial distribution; of the binomial one where all items have equally many choices, which is quicker.
    """
    chances = np.asarray(chances, dtype=np.float64)
    if correct <= 0:
        return 1.0
    if len(np.unique(chances)) == 1:
        return float(scipy_stats.binom.sf(correct - 1, len(chances), chances[0]))
    return float(scipy_stats.poisson_binom.sf(correct - 1, chances))
