"""OptiShear's meta metric: by hand, what cancels within a row, and numbers that no float32 holds."""

import math

import pytest
import torch
from evidence import linear
from torch import Tensor

from mwanda_core.methods.scores import OptiShear, Wanda
from mwanda_core.methods.scores.optishear import COEFFICIENTS, TRANSFORMS, coefficient, transformed
from mwanda_core.parts.patterns import Unstructured

W = torch.tensor([[1.0, -2.0, 0.5], [-3.0, 0.25, 4.0]])
C = torch.tensor([2.0, 1.0, 3.0])


def random_weight(seed: int) -> Tensor:
    return torch.randn(6, 16, generator=torch.Generator().manual_seed(seed))


def keep(score: OptiShear, weight: Tensor, channels: Tensor | None = None) -> Tensor:
    return Unstructured().keep(score(linear(weight, channels)), 0.5)


BY_HAND = {
    "identity": lambda x: x, "sqrt": math.sqrt, "square": lambda x: x * x, "exp": math.exp, "log": math.log,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
}  # fmt: skip


@pytest.mark.parametrize("name", BY_HAND)
def test_a_transform_of_the_weights_by_hand(name: str) -> None:
    found = OptiShear(weight_transform=name, length=1)(linear(W, C))
    for row, weights in zip(found.tolist(), W.abs().tolist(), strict=True):
        assert row == pytest.approx([BY_HAND[name](w) * c for w, c in zip(weights, C.tolist(), strict=True)], rel=1e-5)


@pytest.mark.parametrize("name", BY_HAND)
def test_a_transform_of_the_inputs_by_hand(name: str) -> None:
    found = OptiShear(input_transform=name, length=4)(linear(W, C))
    for row, weights in zip(found.tolist(), W.abs().tolist(), strict=True):
        assert row == pytest.approx([w * BY_HAND[name](2.0 * c) for w, c in zip(weights, C.tolist(), strict=True)], rel=1e-5)


def test_softmax_by_hand() -> None:
    total = sum(math.exp(x) for x in (1.0, 2.0, 0.5))
    assert OptiShear("softmax", length=1)(linear(W, C))[0].tolist() == pytest.approx(
        [math.exp(1.0) / total * 2.0, math.exp(2.0) / total, math.exp(0.5) / total * 3.0]
    )


def test_coefficients_by_hand() -> None:
    x = W.abs().double()
    wanted = {
        "one": 1.0, "row": 3.5, "column": 4.0, "relative": 7.5, "sum": 10.75, "mean": 10.75 / 6,
        "frobenius": math.sqrt(1 + 4 + 0.25 + 9 + 0.0625 + 16),
    }  # fmt: skip
    assert set(wanted) == set(COEFFICIENTS)
    for name, value in wanted.items():
        assert float(coefficient(x, name).exp().expand(2, 3)[0, 0]) == pytest.approx(1 / value)


def test_the_coefficient_of_the_inputs_sees_their_squares() -> None:
    """One row of squares 4, 1, 9: the column sum of an entry is itself."""
    found = OptiShear(input_coefficient="relative", length=1)(linear(W, C))
    assert found[0].tolist() == pytest.approx([1 * 2 / (14 + 4), 2 * 1 / (14 + 1), 0.5 * 3 / (14 + 9)])
    assert OptiShear(input_coefficient="column", length=1)(linear(W, C))[0].tolist() == pytest.approx([2 / 4, 2 / 1, 1.5 / 9])


@pytest.mark.parametrize("seed", range(5))
def test_identities_are_wandas_mask(seed: int) -> None:
    weight = random_weight(seed)
    item = linear(weight, seed=seed)
    assert torch.equal(Unstructured().keep(OptiShear()(item), 0.5), Unstructured().keep(Wanda()(item), 0.5))


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("constant", ["row", "sum", "mean", "frobenius"])
def test_what_is_constant_in_a_row_changes_no_mask_within_rows(transform: str, constant: str) -> None:
    weight = random_weight(3)
    if transform != "log":  # A negative score times a number that differs from row to row is still ranked within its row.
        assert torch.equal(keep(OptiShear(transform, constant), weight), keep(OptiShear(transform), weight))
    assert torch.equal(keep(OptiShear(input_coefficient=constant), weight), keep(OptiShear(), weight))


@pytest.mark.parametrize("both", ["sqrt", "square"])
def test_the_same_power_of_both_is_wandas_mask(both: str) -> None:
    weight = random_weight(4)
    assert torch.equal(keep(OptiShear(both, "one", both), weight), keep(OptiShear(), weight))


@pytest.mark.parametrize("first", TRANSFORMS)
@pytest.mark.parametrize("second", TRANSFORMS)
def test_scores_are_finite_for_any_weight_and_input(first: str, second: str) -> None:
    weight = torch.tensor([[0.0, 1e-30, 1.0, 200.0], [5e4, -3.0, 0.0, 1e-3]])
    found = OptiShear(first, "relative", second, "relative")(linear(weight, torch.tensor([0.0, 1e-20, 30.0, 5e4])))
    assert found.dtype == torch.float32
    assert torch.isfinite(found).all()


def test_what_overflows_keeps_its_order() -> None:
    """exp(45 c) of c = 10, 20, 30 is far beyond float32: the order is that of log |W| + 45 c."""
    weight = torch.tensor([[1.0, 2.0, 1e-3], [1.0, 1.0, 1.0]])
    channels = torch.tensor([10.0, 10.0, 30.0])
    found = OptiShear(input_transform="exp")(linear(weight, channels))
    assert found[0].argsort().tolist() == [0, 1, 2]
    assert found[1, 0] == found[1, 1] < found[1, 2]


def test_the_sign_of_a_logarithm_is_kept_where_numbers_overflow() -> None:
    weight = torch.tensor([[0.5, 2.0, 0.9]])
    found = OptiShear("log", "one", "exp")(linear(weight, torch.tensor([30.0, 30.0, 30.0])))
    assert (found[0] < 0).tolist() == [True, False, True]
    assert found[0].argsort().tolist() == [0, 2, 1]


def test_the_two_ways_of_the_arithmetic_agree_in_order() -> None:
    sign, size = transformed(torch.tensor([[0.5, 1.0, 4.0]]).double(), "log")
    assert (sign * size.exp()).tolist()[0] == pytest.approx([math.log(0.5), 0.0, math.log(4.0)], abs=1e-30)
