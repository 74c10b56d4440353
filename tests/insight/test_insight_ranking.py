"""Rank correlations: SciPy's, with ties and without, and the cases that can be told in advance."""

import warnings

import numpy as np
import pytest
import torch
from scipy import stats as scipy_stats

from mwanda_core.insight import ranking as home
from mwanda_core.insight.ranking import has_ties, rank_correlations

KS = (3, 10, 20)


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def whole_numbers(n: int, k: int, top: int, seed: int) -> torch.Tensor:
    return torch.randint(0, top, (n, k), generator=torch.Generator().manual_seed(seed)).float()


@pytest.mark.parametrize("k", KS)
@pytest.mark.parametrize("top", [2, 4, 10**6])
def test_they_are_scipys(k: int, top: int) -> None:
    x, y = whole_numbers(40, k, top, 0), whole_numbers(40, k, top, 1)
    taus, rhos = rank_correlations(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SciPy warns of constant rows, for which it too gives NaN.
        wanted_taus = [scipy_stats.kendalltau(a, b).statistic for a, b in zip(x.numpy(), y.numpy(), strict=True)]
        wanted_rhos = [scipy_stats.spearmanr(a, b).statistic for a, b in zip(x.numpy(), y.numpy(), strict=True)]
    np.testing.assert_allclose(taus.numpy(), wanted_taus, atol=1e-12)
    np.testing.assert_allclose(rhos.numpy(), wanted_rhos, atol=1e-12)
    assert (top <= 4 and k == 3) == bool(taus.isnan().any())


@pytest.mark.parametrize("k", KS)
def test_the_same_order_is_one_and_the_reverse_minus_one(k: int) -> None:
    x = noise(50, k)
    for y in (x, x.exp(), 3 * x + 7, x.sort(dim=1).values.gather(1, x.argsort(dim=1).argsort(dim=1))):
        taus, rhos = rank_correlations(x, y)
        assert (taus == 1.0).all()
        assert (rhos == 1.0).all()
        assert all((found == -1.0).all() for found in rank_correlations(x, -y))


@pytest.mark.parametrize("k", KS)
def test_chance_is_zero(k: int) -> None:
    taus, rhos = rank_correlations(noise(4000, k), noise(4000, k, seed=1))
    # Five standard errors: sd of tau is sqrt(2 (2 k + 5) / (9 k (k - 1))), of rho 1 / sqrt(k - 1).
    assert abs(float(taus.mean())) < 5 * (2 * (2 * k + 5) / (9 * k * (k - 1))) ** 0.5 / 4000**0.5
    assert abs(float(rhos.mean())) < 5 * (k - 1) ** -0.5 / 4000**0.5


def test_by_hand() -> None:
    x = torch.tensor([[3.0, 2.0, 1.0]])
    taus, rhos = rank_correlations(x, torch.tensor([[3.0, 1.0, 2.0]]))  # One pair of three is turned.
    assert float(taus) == pytest.approx(1 / 3)
    assert float(rhos) == pytest.approx(0.5)
    taus, _ = rank_correlations(x, torch.tensor([[2.0, 2.0, 1.0]]))  # Two pairs agree, one is tied: 2 / sqrt(3 * 2).
    assert float(taus) == pytest.approx(2 / 6**0.5)


def test_no_order_is_not_a_number_and_ties_are_seen() -> None:
    x = torch.tensor([[3.0, 2.0, 1.0]] * 4)
    y = torch.tensor([[1.0, 1.0, 1.0], [1.0, 2.0, torch.nan], [1.0, 1.0, 2.0], [torch.inf, 1.0, -torch.inf]])
    taus, rhos = rank_correlations(x, y)
    assert taus.isnan().tolist() == rhos.isnan().tolist() == [True, True, False, False]
    assert float(taus[3]) == float(rhos[3]) == 1.0
    assert has_ties(y[[0, 2, 3]]).tolist() == [True, True, False]


def test_chunks_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = noise(23, 10), noise(23, 10, seed=1)
    whole = rank_correlations(x, y)
    monkeypatch.setattr(home, "CHUNK", 4)
    assert all(torch.equal(a, b) for a, b in zip(whole, rank_correlations(x, y), strict=True))
