"""The pull towards 2:4: by hand, by law, and against a search for the least value."""

import pytest
import torch
from hypothesis import given, settings, strategies as st
from torch.testing import assert_close

from mwanda_core.engine.two_four import prox, pull


def value(w: torch.Tensor, z: torch.Tensor, strength: float) -> torch.Tensor:
    return (w - z).square().sum(dim=1) / 2 + strength * pull(w)


def test_by_hand() -> None:
    assert pull(torch.tensor([[1.0, -2.0, 3.0, 4.0], [5.0, 7.0, 0.0, 0.0]])).tolist() == [6.0 + 24.0 + 12.0 + 8.0, 0.0]
    # Two that are not 0 stay as they are; a strong pull leaves the two largest; none leaves everything.
    assert prox(torch.tensor([[0.0, -3.0, 0.0, 1.0]]), 5.0).tolist() == [[0.0, -3.0, 0.0, 1.0]]
    assert prox(torch.tensor([[1.0, -4.0, 2.0, 3.0]]), 100.0).tolist() == [[0.0, -4.0, 0.0, 3.0]]
    weight = torch.randn(3, 8)
    assert prox(weight, 0.0) is weight
    # Three entries: w3 = 1 - 0.1 * 3 * 2 to first order, and the fixed point solves w_i = z_i - 0.1 w_j w_k.
    a, b, c, d = prox(torch.tensor([[3.0, 2.0, 1.0, 0.0]], dtype=torch.float64), 0.1)[0].tolist()
    assert d == 0.0
    assert (a, b, c) == pytest.approx((3.0 - 0.1 * b * c, 2.0 - 0.1 * a * c, 1.0 - 0.1 * a * b))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.001, 0.05, 0.3, 2.0]))
def test_no_worse_than_what_stands_or_the_hard_cut_and_never_far_from_a_search(seed: int, strength: float) -> None:
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(6, 4, generator=generator, dtype=torch.float64)
    found = prox(z, strength)
    hard = torch.where(z.abs() >= z.abs().sort(dim=1, descending=True).values[:, 1:2], z, 0.0)
    least = value(found, z, strength)
    assert (least <= torch.minimum(value(z, z, strength), value(hard, z, strength)) + 1e-9).all()
    assert (found * z >= 0).all()
    assert (found.abs() <= z.abs() + 1e-12).all()
    # Random points between 0 and z: none is better by more than a little.
    tried = (torch.rand(4000, 6, 4, generator=generator, dtype=torch.float64) * z).view(-1, 4)
    best = value(tried, z.repeat(4000, 1), strength).view(4000, 6).amin(dim=0)
    assert (least <= best + 1e-6).all()


def test_groups_are_neighbours_in_a_row() -> None:
    weight = torch.randn(5, 12)
    assert_close(prox(weight, 0.1)[2, 4:8], prox(weight[2:3, 4:8], 0.1)[0])
