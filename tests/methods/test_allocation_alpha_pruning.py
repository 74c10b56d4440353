"""AlphaPruning: exponents of weight spectra."""

import dataclasses
import math

import making
import pytest
import torch
from evidence import blocks, linear
from hypothesis import given, strategies as st
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.allocation import AlphaPruning
from mwanda_core.methods.allocation.alpha_pruning import MAX_EXPONENT, spectrum, tail_exponent
from mwanda_core.parts.evidence import BlockEvidence

TAILS = ("peak", "half")


def pareto(exponent: float, count: int, seed: int) -> Tensor:
    """Draws from a density ~ x^-exponent for x >= 1, ascending."""
    uniform = torch.rand(count, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (1.0 - uniform).pow(-1.0 / (exponent - 1.0)).sort().values


def planted(values: Tensor, width: int, seed: int = 0) -> Tensor:
    """A weight whose W W^T has these eigenvalues."""
    left = torch.linalg.qr(making.noise(len(values), len(values), seed=seed).double()).Q
    right = torch.linalg.qr(making.noise(width, len(values), seed=seed + 1).double()).Q
    return (left * values.sqrt()) @ right.T


def one_matrix(weight: Tensor, index: int = 0) -> BlockEvidence:
    return BlockEvidence(index, {"a": linear(weight.float())})


def test_by_hand() -> None:
    # Above the median: e^2 and e^3 over e^1, so 1 + 2 / (1 + 2). Eight bins of the four logs are not made: two are.
    values = torch.tensor([0.0, 1.0, 2.0, 3.0], dtype=torch.float64).exp()
    assert tail_exponent(values, "half") == pytest.approx(1 + 2 / 3)
    # Two bins of two values each; the first is the peak and starts at e^0: 1 + 4 / 6.
    assert tail_exponent(values, "peak") == pytest.approx(1 + 4 / 6)


@pytest.mark.parametrize("tail", TAILS)
@pytest.mark.parametrize("exponent", [1.5, 2.5, 4.0])
def test_a_planted_exponent_is_found(tail: str, exponent: float) -> None:
    # The Hill estimator's standard error is (exponent - 1) / sqrt(k).
    count = 4000
    for seed in range(3):
        found = tail_exponent(pareto(exponent, count, seed), tail)
        assert abs(found - exponent) < 5 * (exponent - 1) / math.sqrt(count / 2)


@pytest.mark.parametrize("tail", TAILS)
def test_a_planted_exponent_is_found_in_a_matrix(tail: str) -> None:
    values = pareto(2.5, 300, seed=1)
    weight = planted(values, 320)
    torch.testing.assert_close(spectrum(weight.float()), values, rtol=1e-3, atol=1e-4)
    found = -float(AlphaPruning(tail=tail).importance([one_matrix(weight)])[0])
    assert found == pytest.approx(tail_exponent(values, tail), rel=1e-3)
    assert abs(found - 2.5) < 5 * 1.5 / math.sqrt(150)


@given(st.integers(0, 10_000))
def test_the_estimate_is_its_definition(seed: int) -> None:
    values = pareto(3.0, 40, seed)
    ascending = values.tolist()
    wanted = 1 + 20 / sum(math.log(value / ascending[19]) for value in ascending[20:])
    assert tail_exponent(values, "half") == pytest.approx(wanted)
    # The fullest of five bins, found by counting.
    low, width = math.log(ascending[0]), (math.log(ascending[-1]) - math.log(ascending[0])) / 5
    bins = [min(4, int((math.log(value) - low) / width)) for value in ascending]
    start = low + width * max(range(5), key=lambda b: (bins.count(b), -b))
    above = [math.log(value) - start for value in ascending if math.log(value) >= start]
    assert tail_exponent(values, "peak") == pytest.approx(1 + len(above) / sum(above))


@pytest.mark.parametrize("tail", TAILS)
@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 100.0))
def test_scale_and_transposition_do_not_matter(tail: str, seed: int, factor: float) -> None:
    weight = making.noise(24, 40, seed=seed)
    wanted = tail_exponent(spectrum(weight), tail)
    assert tail_exponent(spectrum(factor * weight.double()), tail) == pytest.approx(wanted, rel=1e-9)
    assert tail_exponent(spectrum(weight.T), tail) == pytest.approx(wanted, rel=1e-9)


def test_the_spectrum_is_that_of_the_singular_values() -> None:
    weight = making.noise(7, 12)
    torch.testing.assert_close(spectrum(weight), torch.linalg.svdvals(weight.double()).square().flip(0))


def test_zero_eigenvalues_are_left_out() -> None:
    weight = making.noise(6, 3) @ making.noise(3, 9, seed=1)
    assert len(spectrum(weight.double())) == 3
    assert len(spectrum(torch.zeros(4, 5))) == 0


@pytest.mark.parametrize("tail", TAILS)
def test_a_spectrum_without_a_tail_has_the_largest_exponent(tail: str) -> None:
    assert tail_exponent(torch.ones(50, dtype=torch.float64), tail) == MAX_EXPONENT
    assert tail_exponent(torch.ones(1, dtype=torch.float64), tail) == MAX_EXPONENT
    assert tail_exponent(torch.ones(0, dtype=torch.float64), tail) == MAX_EXPONENT


def test_a_block_is_the_mean_of_its_matrices() -> None:
    found = blocks(3, count=2)
    part = AlphaPruning()
    alone = [float(part.importance([BlockEvidence(0, {name: item})])[0]) for name, item in found[1].linears.items()]
    assert float(part.importance(found)[1]) == pytest.approx(sum(alone) / 2)


def test_no_text_is_read() -> None:
    found = blocks(4)
    silent = [
        dataclasses.replace(
            block,
            linears={
                name: dataclasses.replace(item, channels=torch.zeros_like(item.channels))
                for name, item in block.linears.items()
            },
        )
        for block in found
    ]
    assert torch.equal(AlphaPruning().importance(silent), AlphaPruning().importance(found))


def test_the_heavier_tail_is_pruned_less() -> None:
    found = [one_matrix(planted(pareto(exponent, 200, 5), 220), i) for i, exponent in enumerate((3.5, 2.0, 2.7))]
    part = AlphaPruning()
    sparsity = part.spread(part.importance(found), torch.ones(3, dtype=torch.float64), 0.6)
    assert sparsity[1] < sparsity[2] < sparsity[0]


def test_the_linear_map_by_hand() -> None:
    # Ratios 0.7, 1.0, 1.3 for exponents 2, 3, 4; weights 2, 1, 1 give a mean of 0.925.
    importance = torch.tensor([-2.0, -3.0, -4.0], dtype=torch.float64)
    sizes = torch.tensor([2.0, 1.0, 1.0], dtype=torch.float64)
    wanted = [0.5 * ratio / 0.925 for ratio in (0.7, 1.0, 1.3)]
    assert AlphaPruning(eps=0.3).spread(importance, sizes, 0.5).tolist() == pytest.approx(wanted)


@given(st.lists(st.floats(1.0, 20.0), min_size=1, max_size=10), st.floats(0.0, 0.99), st.floats(0.0, 0.5), st.data())
def test_the_weighted_mean_is_exact(exponents: list[float], target: float, eps: float, data: st.DataObject) -> None:
    many = data.draw(st.lists(st.integers(1, 10**8), min_size=len(exponents), max_size=len(exponents)))
    sizes = torch.tensor(many, dtype=torch.float64)
    sparsity = AlphaPruning(eps=eps).spread(-torch.tensor(exponents, dtype=torch.float64), sizes, target)
    assert abs(float((sparsity * sizes).sum() / sizes.sum()) - target) < 1e-9
    assert bool(((sparsity >= 0) & (sparsity < 1)).all())


def test_equal_exponents_or_no_eps_are_uniform() -> None:
    sizes = torch.tensor([3.0, 1.0], dtype=torch.float64)
    uneven, even = torch.tensor([-2.0, -4.0], dtype=torch.float64), torch.full((2,), -3.0, dtype=torch.float64)
    for part, importance in ((AlphaPruning(eps=0.0), uneven), (AlphaPruning(), even)):
        assert part.spread(importance, sizes, 0.4).tolist() == pytest.approx([0.4, 0.4])


def test_weights_that_are_not_finite_are_refused() -> None:
    weight = making.noise(4, 5)
    weight[1, 2] = math.nan
    with pytest.raises(InputError, match="not finite"):
        spectrum(weight)
