"""Damage predictors: similarity by hand and by numpy, correlations by hand, by law and by scipy's, permutations exact where few."""

import math

import making
import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings, strategies as st
from scipy import stats as scipy_stats

from mwanda_core.engine.measure import BlockStats
from mwanda_core.errors import InputError
from mwanda_core.insight.predictors import PREDICTORS, correlate, correlations, predictors, similarity_to_mix
from mwanda_core.methods.allocation.cwl import FLOOR
from mwanda_core.parts.statistics import InputStats

CODES = ("en", "de", "sw", "hi", "qq")


def random_stats(seed: int = 0, widths: tuple[int, ...] = (6, 9)) -> tuple[BlockStats, ...]:
    """Two blocks; two linears share the first input of each."""
    blocks = []
    for block in range(2):
        inputs = [making.stats(making.random_tokens(CODES, width, seed + 10 * block + i)) for i, width in enumerate(widths)]
        blocks.append({"q": inputs[0], "k": inputs[0], "down": inputs[1]})
    return tuple(blocks)


def losses(codes: tuple[str, ...] = CODES, held_out: tuple[str, ...] = ("hi", "qq")) -> pd.DataFrame:
    """The columns of a run's table that are read."""
    count = len(codes)
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "language": codes, "name": codes, "role": ["held-out" if c in held_out else "calibration" for c in codes],
            "increase": rng.uniform(0, 1, count), "tokens": range(10, 10 + count), "bytes": 100, "dense_loss": rng.uniform(2, 3, count),
            "dense_bits_per_byte": rng.uniform(1, 2, count),
        }
    )  # fmt: skip


def by_hand_stats(rms: list[list[float]]) -> tuple[BlockStats, ...]:
    """One input with the root mean squares given, of one token a language."""
    squares = torch.tensor(rms, dtype=torch.float64).square()
    zeros = torch.zeros_like(squares)
    languages = CODES[: len(rms)]
    return ({"q": InputStats(languages, squares, zeros, zeros, torch.ones(len(rms), dtype=torch.float64))},)


def test_similarity_by_hand() -> None:
    e = math.e
    found = similarity_to_mix(by_hand_stats([[1, e, e * e], [2, 2 * e, 2 * e * e], [e * e, e, 1], [1, 1, 1]]), ["en"])
    assert found["language"].tolist() == list(CODES[:4])
    # Logs 0, 1, 2: the same up to a factor, reversed, and flat.
    assert found["similarity"].tolist()[:3] == pytest.approx([1.0, 1.0, -1.0])
    x, y = np.array([1, e**2, e**4]), np.array([e**4, e**2, 1])
    assert found["cosine"].tolist()[1:3] == pytest.approx([1.0, x @ y / (x @ x)])


@settings(max_examples=10)
@given(st.integers(0, 10**5), st.integers(1, 4))
def test_similarity_is_its_definition(seed: int, calibrated: int) -> None:
    blocks = random_stats(seed)
    found = similarity_to_mix(blocks, CODES[:calibrated])
    for row, code in enumerate(CODES):
        logs, cosines = [], []
        for by_name in blocks:
            for name in ("q", "down"):
                power = by_name[name].sumsq.numpy() / by_name[name].tokens.numpy()[:, None]
                mix = power[:calibrated].mean(axis=0)
                # Channels far below a language's mean level count as a fixed share of it (see `allocation.cwl`).
                own, whole = (np.log(np.maximum(level, FLOOR * level.mean())) for level in (np.sqrt(power[row]), np.sqrt(mix)))
                logs.append(scipy_stats.pearsonr(own, whole)[0])
                cosines.append(power[row] @ mix / np.sqrt((power[row] @ power[row]) * (mix @ mix)))
        assert found["language"][row] == code
        assert found["cosine"][row] == pytest.approx(np.mean(cosines))
        assert found["similarity"][row] == pytest.approx(np.mean(logs), abs=1e-6)


def test_the_mix_of_one_language_is_that_language() -> None:
    found = similarity_to_mix(random_stats(), ["sw"]).set_index("language")
    assert found.loc["sw"].tolist() == pytest.approx([1.0, 1.0])
    assert (found.drop("sw")["similarity"] < 1).all()
    with pytest.raises(InputError, match="No statistics were measured for fr"):
        similarity_to_mix(random_stats(), ["fr"])


def test_the_table_holds_what_it_says() -> None:
    similarity = similarity_to_mix(random_stats(), ["en", "de", "sw"])
    table = predictors(losses(), similarity, {"en": 0.9}, {"qq": 0.4})
    assert table["neurons_pruned"].tolist()[4] == 0.4
    assert table["neurons_pruned"].isna().sum() == 4
    assert list(table.columns) == ["language", "name", "role", "increase", *PREDICTORS]
    assert table["fertility"].tolist() == pytest.approx([0.10, 0.11, 0.12, 0.13, 0.14])
    assert table["log_share"][0] == pytest.approx(math.log(82000))
    assert table["log_share"].isna().tolist() == [False, False, False, False, True]
    assert table["mask_overlap"].isna().tolist() == [False, True, True, True, True]
    assert table["similarity"].equals(similarity["similarity"])
    with pytest.raises(InputError, match="no language in common"):
        predictors(losses().assign(language=list("abcde")), similarity)


def test_correlation_by_hand() -> None:
    found = correlate(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 4.0, 9.0, 16.0]))
    assert found["spearman"] == pytest.approx(1.0)
    assert found["spearman_p"] == pytest.approx(2 / 24)  # The order itself and its reverse, of 24.
    assert found["pearson"] == pytest.approx(0.9843740)
    assert found["pearson_p"] == pytest.approx(2 / 24)
    reverse = correlate(np.array([1.0, 2.0, 3.0, 4.0]), np.array([8.0, 6.0, 4.0, 2.0]))
    assert reverse["pearson"] == pytest.approx(-1.0)
    assert math.isnan(reverse["pearson_low"]), "four languages allow no interval"
    line = correlate(np.arange(8.0), -np.arange(8.0))
    assert (line["pearson_low"], line["pearson_high"]) == (pytest.approx(-1.0), pytest.approx(-1.0))


@settings(max_examples=12)
@given(st.integers(0, 10**6), st.integers(4, 6))
def test_figures_are_their_definitions(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=n), rng.integers(0, 5, n) + rng.normal(size=n) * 0.01
    found = correlate(x, y)
    slow = scipy_stats.pearsonr(x, y)
    assert found["pearson"] == pytest.approx(slow.statistic)
    assert found["spearman"] == pytest.approx(scipy_stats.spearmanr(x, y).statistic)
    wanted = np.mean([abs(np.corrcoef(x, y[list(o)])[0, 1]) >= abs(slow.statistic) - 1e-12 for o in _orders(n)])
    assert found["pearson_p"] == pytest.approx(wanted)


def _orders(n: int) -> list[tuple[int, ...]]:
    """All orders of n things, by insertion."""
    orders: list[tuple[int, ...]] = [()]
    for i in range(n):
        orders = [(*o[:at], i, *o[at:]) for o in orders for at in range(len(o) + 1)]
    return orders


def test_laws_of_correlation() -> None:
    rng = np.random.default_rng(1)
    x, noise = rng.normal(size=12), rng.normal(size=12)
    strong, weak = correlate(x, x + 0.1 * noise), correlate(x, noise)
    assert strong["pearson_p"] < 0.01 < weak["pearson_p"]
    assert strong["pearson_low"] <= strong["pearson"] <= strong["pearson_high"]
    assert weak["pearson_low"] < 0 < weak["pearson_high"]
    again = correlate(x, x + 0.1 * noise)
    assert again == strong
    mirrored = correlate(-3 * x + 1, x + 0.1 * noise)
    assert mirrored["pearson"] == pytest.approx(-strong["pearson"])
    assert mirrored["pearson_p"] == strong["pearson_p"]
    squashed = correlate(np.exp(x), x + 0.1 * noise)
    assert squashed["spearman"] == pytest.approx(strong["spearman"])
    ties = correlate(np.repeat([1.0, 2.0, 3.0], 4), x)
    assert ties["spearman"] == pytest.approx(scipy_stats.spearmanr(np.repeat([1.0, 2.0, 3.0], 4), x).statistic)


def test_p_is_uniform_when_nothing_is_there() -> None:
    """Of 200 pairs of unrelated columns, about a tenth have p below 0.1."""
    rng = np.random.default_rng(2)
    small = [correlate(rng.normal(size=9), rng.normal(size=9), permutations=99)["pearson_p"] < 0.1 for _ in range(200)]
    assert 0.04 < np.mean(small) < 0.17


def test_groups_and_too_few_languages() -> None:
    rng = np.random.default_rng(3)
    count = 9
    table = pd.DataFrame(
        {
            "language": list("abcdefghi"), "role": ["calibration"] * 6 + ["held-out"] * 3, "increase": rng.uniform(size=count),
            "similarity": rng.uniform(size=count), "cosine": 1.0, "fertility": [math.nan, *rng.uniform(size=count - 1)],
            "mask_overlap": math.nan,
        }
    )  # fmt: skip
    found = correlations(table).set_index(["predictor", "languages"])
    assert found.loc[("similarity", "all"), "n"] == 9
    assert found.loc[("similarity", "calibration"), "n"] == 6
    assert found.loc[("fertility", "all"), "n"] == 8
    assert found.loc[("similarity", "held-out")].drop("n").isna().all(), "three languages are too few"
    assert found.loc[("cosine", "all")].drop("n").isna().all(), "a constant predicts nothing"
    assert "mask_overlap" not in found.index.get_level_values(0)
    one_role = correlations(table.assign(role="calibration"))
    assert set(one_role["languages"]) == {"all"}
