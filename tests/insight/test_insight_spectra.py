"""Effective rank: by its laws, by hand, and against singular values."""

import math

import pytest
import torch
from hypothesis import given, strategies as st
from torch import Tensor

from mwanda_core.insight.spectra import effective_rank, rank_of_spectrum


def noise(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def slow(states: Tensor) -> float:
    """By the definition, from singular values: another algorithm, and always the covariance."""
    rows = states.double() - states.double().mean(dim=0)
    unit = torch.nn.functional.normalize(rows, dim=1)
    values = torch.linalg.svdvals(unit).square()
    share = values[values > 1e-20] / values.sum()
    return math.exp(-float((share * share.log()).sum()))


@given(st.integers(2, 12), st.integers(1, 12), st.integers(0, 100))
def test_it_is_the_definition_and_within_its_bounds(tokens: int, hidden: int, seed: int) -> None:
    states = noise(tokens, hidden, seed=seed)
    found = effective_rank(states)
    assert found == pytest.approx(slow(states), rel=1e-7)
    assert 1.0 - 1e-9 <= found <= min(tokens - 1, hidden) + 1e-9


@given(st.integers(2, 9), st.integers(2, 9), st.integers(0, 100))
def test_the_gram_matrix_and_the_covariance_agree(tokens: int, hidden: int, seed: int) -> None:
    unit = torch.nn.functional.normalize(noise(tokens, hidden, seed=seed), dim=1)
    assert rank_of_spectrum(unit @ unit.T) == pytest.approx(rank_of_spectrum(unit.T @ unit), rel=1e-9)
    assert effective_rank(unit, centre=False) == pytest.approx(rank_of_spectrum(unit.T @ unit / tokens), rel=1e-9)


@pytest.mark.parametrize("rank", [2, 3, 7])
@pytest.mark.parametrize("hidden", [7, 40])
def test_orthonormal_rows_have_their_number_and_one_less_when_centred(rank: int, hidden: int) -> None:
    rows = torch.linalg.qr(noise(hidden, hidden))[0][:rank]
    assert effective_rank(rows, centre=False) == pytest.approx(rank, abs=1e-9)
    assert effective_rank(rows) == pytest.approx(rank - 1, abs=1e-9)


def test_scale_rotation_shift_and_order_do_not_matter() -> None:
    states = noise(9, 6)
    found = effective_rank(states)
    rotation = torch.linalg.qr(noise(6, 6, seed=1))[0]
    assert effective_rank(1e6 * states) == pytest.approx(found)
    assert effective_rank(1e-6 * states) == pytest.approx(found)
    assert effective_rank(states @ rotation) == pytest.approx(found)
    assert effective_rank(states + noise(6, seed=2)) == pytest.approx(found)
    assert effective_rank(states.flip(0)) == pytest.approx(found)


def test_by_hand() -> None:
    # Centred: (1, 0), (-1, 0), (0, 1), (0, -1): two directions with half of the trace each.
    assert effective_rank(torch.tensor([[2.0, 1.0], [0.0, 1.0], [1.0, 2.0], [1.0, 0.0]])) == pytest.approx(2.0)
    # On one line: one direction.
    assert effective_rank(torch.tensor([[0.0, 0.0], [1.0, 1.0], [5.0, 5.0]])) == pytest.approx(1.0)
    # Shares 3/4 and 1/4.
    assert rank_of_spectrum(torch.diag(torch.tensor([3.0, 1.0]))) == pytest.approx(4 / 3**0.75)


def test_what_has_no_direction_has_no_rank() -> None:
    assert math.isnan(effective_rank(noise(1, 5)))
    assert math.isnan(effective_rank(noise(0, 5)))
    assert math.isnan(effective_rank(torch.full((7, 5), 0.1)))
    assert math.isnan(effective_rank(torch.zeros(3, 5)))
    assert math.isnan(effective_rank(torch.tensor([[1.0, math.nan], [2.0, 3.0]])))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_type_of_the_states_does_not_matter(dtype: torch.dtype) -> None:
    states = noise(8, 5).to(dtype)
    assert effective_rank(states) == effective_rank(states.double())
