"""Weight and channels to a score: magnitude, Wanda and RIA by hand and by law."""

import pytest
import torch
from evidence import linear
from hypothesis import given, strategies as st
from torch import Tensor
from torch.testing import assert_close

from mwanda_core.methods.scores import RIA, Magnitude, Score, Wanda
from mwanda_core.parts.patterns import Unstructured

W = torch.tensor([[1.0, -2.0], [-3.0, 0.0]])
C = torch.tensor([10.0, 4.0])
OURS: list[Score] = [Magnitude(), Wanda(), RIA(), RIA(power=0.0), RIA(power=1.0)]


def random_weight(seed: int, outputs: int = 6, inputs: int = 9) -> Tensor:
    return torch.randn(outputs, inputs, generator=torch.Generator().manual_seed(seed))


def test_magnitude_by_hand() -> None:
    assert Magnitude()(linear(W, C)).tolist() == [[1.0, 2.0], [3.0, 0.0]]


def test_wanda_by_hand() -> None:
    assert Wanda()(linear(W, C)).tolist() == [[10.0, 8.0], [30.0, 0.0]]


def test_ria_by_hand() -> None:
    # Column sums 4 and 2, row sums 3 and 3; the channels' square roots are sqrt(10) and 2.
    root = 10**0.5
    wanted = [[(1 / 4 + 1 / 3) * root, (2 / 2 + 2 / 3) * 2.0], [(3 / 4 + 3 / 3) * root, 0.0]]
    for row, right in zip(RIA()(linear(W, C)).tolist(), wanted, strict=True):
        assert row == pytest.approx(right)


@pytest.mark.parametrize("score", OURS)
def test_signs_do_not_matter(score: Score) -> None:
    weight = random_weight(0)
    assert torch.equal(score(linear(weight)), score(linear(-weight)))


@pytest.mark.parametrize("score", OURS)
def test_a_zero_weight_scores_zero_and_nothing_scores_below(score: Score) -> None:
    weight = random_weight(1)
    weight[:, 3] = 0.0
    weight[2] = 0.0
    found = score(linear(weight))
    assert found.shape == weight.shape
    assert found.dtype == torch.float32
    assert torch.isfinite(found).all()
    assert (found >= 0).all()
    assert not found[:, 3].any()
    assert not found[2].any()


@pytest.mark.parametrize("score", OURS)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_weights_are_scored_in_float32(score: Score, dtype: torch.dtype) -> None:
    weight = random_weight(2).to(dtype)
    found = score(linear(weight))
    assert found.dtype == torch.float32
    assert torch.equal(found, score(linear(weight.float())))


@pytest.mark.parametrize("score", OURS)
def test_a_score_leaves_the_weight_alone(score: Score) -> None:
    weight = random_weight(3)
    before = weight.clone()
    score(linear(weight)).add_(1.0)
    assert torch.equal(weight, before)


@given(st.integers(0, 10**6), st.sampled_from([0.5, 2.0, 8.0]))
def test_one_factor_for_all_channels_changes_no_mask(seed: int, factor: float) -> None:
    item = linear(random_weight(seed), seed=seed)
    scaled = linear(random_weight(seed), item.channels * factor)
    for score in (Wanda(), RIA(power=1.0)):
        assert torch.equal(Unstructured().keep(score(item), 0.5), Unstructured().keep(score(scaled), 0.5))


@given(st.integers(0, 10**6), st.integers(0, 5), st.floats(0.1, 10))
def test_the_scale_of_a_row_does_not_change_its_wanda_mask(seed: int, row: int, factor: float) -> None:
    weight = random_weight(seed)
    keep = Unstructured().keep(Wanda()(linear(weight, seed=seed)), 0.5)
    weight[row] *= 2.0 ** round(factor)  # Powers of two: exact.
    assert torch.equal(Unstructured().keep(Wanda()(linear(weight, seed=seed)), 0.5), keep)


@given(st.integers(0, 10**6), st.permutations(range(9)))
def test_channels_are_named_not_counted(seed: int, order: list[int]) -> None:
    """Inputs in another order give the same scores in that order."""
    weight = random_weight(seed)
    item = linear(weight, seed=seed)
    moved = linear(weight[:, order], item.channels[order])
    for score in OURS:
        assert_close(score(moved), score(item)[:, order], rtol=1e-6, atol=1e-7)


@given(st.integers(0, 10**6))
def test_equal_channels_make_wanda_magnitude(seed: int) -> None:
    weight = random_weight(seed)
    item = linear(weight, torch.full((9,), 2.0))
    assert torch.equal(Unstructured().keep(Wanda()(item), 0.4), Unstructured().keep(Magnitude()(item), 0.4))


def test_ria_without_activations_is_relative_importance_alone() -> None:
    weight = random_weight(5)
    absolute = weight.abs()
    wanted = absolute / absolute.sum(dim=0, keepdim=True) + absolute / absolute.sum(dim=1, keepdim=True)
    assert_close(RIA(power=0.0)(linear(weight)), wanted)


def test_magnitude_reads_no_channel() -> None:
    weight = random_weight(6)
    assert torch.equal(Magnitude()(linear(weight, torch.zeros(9))), weight.abs())
