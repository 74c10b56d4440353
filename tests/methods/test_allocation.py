"""Blocks to sparsities: the contract for every entry of the table, OWL's share by hand, the spread by law."""

import dataclasses
import itertools
import math

import pytest
import torch
from evidence import blocks, linear
from hypothesis import given, strategies as st
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.allocation import ALLOCATIONS, CWL, OWL, Uniform
from mwanda_core.methods.allocation.base import ALIKE, MAX_SPARSITY, in_steps, min_max_spread, recentre
from mwanda_core.methods.allocation.cwl import correlation, mean_correlation
from mwanda_core.parts.evidence import BlockEvidence, LinearEvidence

TARGETS = st.floats(0.0, MAX_SPARSITY)
VECTORS = st.integers(1, 12).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(-1e3, 1e3), min_size=n, max_size=n), st.lists(st.integers(1, 10**9), min_size=n, max_size=n)
    )
)


def weighted_mean(sparsity: Tensor, sizes: Tensor) -> float:
    return float((sparsity * sizes).sum() / sizes.sum())


@given(VECTORS, TARGETS)
def test_every_allocation_meets_the_target(case: tuple[list[float], list[int]], target: float) -> None:
    importance, sizes = torch.tensor(case[0]).double(), torch.tensor(case[1]).double()
    for name, cls in ALLOCATIONS.items():
        found = cls().spread(importance, sizes, target)
        assert found.dtype == torch.float64
        assert found.shape == sizes.shape
        assert abs(weighted_mean(found, sizes) - target) < 1e-6, name
        assert bool(((found >= 0) & (found < 1)).all()), name


@given(VECTORS, st.floats(0.05, 0.95))
def test_the_more_important_block_never_loses_more(case: tuple[list[float], list[int]], target: float) -> None:
    importance, sizes = torch.tensor(case[0]).double(), torch.tensor(case[1]).double()
    order = importance.argsort()
    for name, cls in ALLOCATIONS.items():
        found = cls().spread(importance, sizes, target)[order]
        assert (found.diff() <= 1e-12).all(), name


@given(VECTORS, st.floats(0.05, 0.95), st.permutations(range(12)))
def test_blocks_are_named_not_counted(case: tuple[list[float], list[int]], target: float, order: list[int]) -> None:
    importance, sizes = torch.tensor(case[0]).double(), torch.tensor(case[1]).double()
    order = [i for i in order if i < len(sizes)]
    for cls in ALLOCATIONS.values():
        found, moved = cls().spread(importance, sizes, target), cls().spread(importance[order], sizes[order], target)
        assert torch.allclose(moved, found[order], atol=1e-9)


@given(VECTORS, st.floats(0.35, 0.65), st.floats(0.01, 0.3))
def test_the_span_is_twice_the_strength_within_bounds(
    case: tuple[list[float], list[int]], target: float, strength: float
) -> None:
    importance, sizes = torch.tensor(case[0]).double(), torch.tensor(case[1]).double()
    found = min_max_spread(importance, sizes, target, strength)
    if float(importance.max() - importance.min()) <= ALIKE * float(importance.abs().max()):
        assert torch.equal(found, torch.full_like(sizes, target))
    elif float(found.min()) > 0 and float(found.max()) < MAX_SPARSITY:
        assert float(found.max() - found.min()) == pytest.approx(2 * strength, abs=1e-9)


def test_the_spread_by_hand() -> None:
    importance = torch.tensor([0.0, 5.0, 10.0], dtype=torch.float64)
    sizes = torch.tensor([1.0, 1.0, 1.0], dtype=torch.float64)
    assert min_max_spread(importance, sizes, 0.5, 0.1).tolist() == pytest.approx([0.6, 0.5, 0.4])
    sizes = torch.tensor([3.0, 1.0, 0.5], dtype=torch.float64)
    # Offsets 0, -0.1, -0.2; their weighted mean is -0.2 / 4.5.
    shift = 0.5 + 0.2 / 4.5
    assert min_max_spread(importance, sizes, 0.5, 0.1).tolist() == pytest.approx([shift, shift - 0.1, shift - 0.2])


def test_a_bound_that_is_met_is_made_good_by_the_others() -> None:
    importance = torch.tensor([0.0, 1.0], dtype=torch.float64)
    sizes = torch.tensor([1.0, 1.0], dtype=torch.float64)
    assert min_max_spread(importance, sizes, 0.9, 0.3).tolist() == pytest.approx([0.99, 0.81])
    assert min_max_spread(importance, sizes, 0.1, 0.3).tolist() == pytest.approx([0.2, 0.0])


def test_importances_that_differ_by_rounding_only_are_alike() -> None:
    sizes = torch.ones(2, dtype=torch.float64)
    nearly = torch.tensor([0.05, 0.05000000000000001], dtype=torch.float64).log()
    assert min_max_spread(nearly, sizes, 0.5, 0.15).tolist() == [0.5, 0.5]
    apart = torch.tensor([3.0, 3.0 + 1e-9], dtype=torch.float64)
    assert min_max_spread(apart, sizes, 0.5, 0.15).tolist() == pytest.approx([0.65, 0.35])


def test_steps_by_hand() -> None:
    sizes = torch.tensor([1.0, 1.0, 2.0], dtype=torch.float64)
    wish = torch.tensor([0.55, 0.7, 0.575], dtype=torch.float64)
    # In quarters 2.2, 2.8, 2.3, rounded down 0.5: one block up gives 0.5625, also the third 0.6875. The target is 0.6.
    assert in_steps(wish, sizes, 0.6, 4).tolist() == [0.5, 0.75, 0.5]
    assert in_steps(wish, sizes, 0.65, 4).tolist() == [0.5, 0.75, 0.75]
    # No block may be emptied: 0.9 is cut to 3 of 4, and the others make up for it.
    wish = torch.tensor([0.9, 0.5], dtype=torch.float64)
    assert in_steps(wish, torch.ones(2, dtype=torch.float64), 0.7, 4).tolist() == [0.75, 0.75]
    assert in_steps(wish, torch.ones(2, dtype=torch.float64), 0.6, 4).tolist() == [0.75, 0.5]


@given(VECTORS, st.floats(0.0, 1.0), st.floats(0.0, 0.3), st.integers(2, 16))
def test_steps_are_as_near_as_whole_blocks_allow(
    case: tuple[list[float], list[int]], share: float, strength: float, steps: int
) -> None:
    importance, sizes = torch.tensor(case[0]).double(), torch.tensor(case[1]).double()
    cap = 1.0 - 1.0 / steps
    target = share * cap
    wish = min_max_spread(importance, sizes, target, strength)
    found = in_steps(wish, sizes, target, steps)
    assert torch.allclose((found * steps).round(), found * steps, atol=1e-9, rtol=0)
    assert float(found.min()) >= 0
    assert float(found.max()) <= cap + 1e-12
    mean = float((found * sizes).sum() / sizes.sum())
    assert abs(mean - target) <= float(sizes.max() / sizes.sum()) / (2 * steps) + 1e-7
    ordered = sorted(zip((wish * 1e9).round().tolist(), found.tolist(), strict=True))
    assert all(later >= sooner - 1e-9 for (_, sooner), (_, later) in itertools.pairwise(ordered)), (
        "the order of the blocks stays"
    )
    if float(wish.max()) <= cap:
        assert float((found - wish).abs().max()) < 1 / steps + 1e-7


@given(VECTORS, st.floats(0.0, MAX_SPARSITY))
def test_uniform_is_uniform(case: tuple[list[float], list[int]], target: float) -> None:
    importance, sizes = torch.tensor(case[0]).double(), torch.tensor(case[1]).double()
    found = Uniform().spread(importance, sizes, target)
    assert torch.allclose(found, torch.full_like(sizes, target), atol=1e-15, rtol=0)
    assert not Uniform().reads_evidence
    assert not Uniform().importance(blocks(0)).any()


@pytest.mark.parametrize("target", [-0.01, 0.995, 1.0, math.nan])
def test_a_target_out_of_range_is_refused(target: float) -> None:
    sizes = torch.ones(3, dtype=torch.float64)
    with pytest.raises(InputError, match=r"Sparsity must lie between 0 and 0\.99"):
        recentre(torch.zeros(3, dtype=torch.float64), sizes, target)


def test_importances_that_are_not_numbers_are_refused() -> None:
    sizes = torch.ones(3, dtype=torch.float64)
    for wrong in (math.nan, math.inf):
        with pytest.raises(InputError, match="not finite"):
            min_max_spread(torch.tensor([0.0, wrong, 1.0], dtype=torch.float64), sizes, 0.5, 0.1)


def test_owl_share_by_hand() -> None:
    # Scores 1, 1, 1, 1, 1, 1, 1, 13 have mean 2.5; above 5 times it is the 13 alone: one of eight.
    weight = torch.tensor([[1.0, -1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 13.0]])
    outlying = BlockEvidence(0, {"a": linear(weight, torch.ones(4))})
    flat = BlockEvidence(1, {"a": linear(torch.ones(2, 4), torch.ones(4))})
    assert OWL(outlier=5.0).importance([outlying, flat]).tolist() == [0.125, 0.0]
    split = BlockEvidence(0, {"a": linear(weight[:1], torch.ones(4)), "b": linear(weight[1:], torch.ones(4))})
    assert OWL(outlier=5.0).importance([split]).tolist() == [0.125]


def test_owl_is_its_definition() -> None:
    for seed in range(3):
        found = blocks(seed)
        for factor in (1.5, 3.0):
            wanted = []
            for block in found:
                scores = [
                    abs(float(w)) * float(c)
                    for ev in block.linears.values()
                    for row in ev.weight
                    for w, c in zip(row, ev.channels, strict=True)
                ]
                mean = sum(scores) / len(scores)
                wanted.append(sum(s > factor * mean for s in scores) / len(scores))
            assert OWL(outlier=factor).importance(found).tolist() == pytest.approx(wanted)


def test_no_strength_is_uniform() -> None:
    sizes = torch.tensor([5.0, 1.0, 2.0], dtype=torch.float64)
    importance = torch.tensor([0.1, 0.9, 0.5], dtype=torch.float64)
    for part in (OWL(strength=0.0), CWL(strength=0.0)):
        assert part.spread(importance, sizes, 0.4).tolist() == pytest.approx([0.4] * 3)


@pytest.mark.parametrize("name", ALLOCATIONS)
def test_the_order_of_languages_never_matters(name: str) -> None:
    part = ALLOCATIONS[name]()
    found = blocks(4)
    shuffled = [
        BlockEvidence(
            block.index,
            {key: linear_with(ev, ("sw", "en", "de")) for key, ev in block.linears.items()},
            None if block.sensitivity is None else {code: block.sensitivity[code] for code in ("sw", "en", "de")},
            None if block.separability is None else dict(reversed(block.separability.items())),
        )
        for block in found
    ]
    assert torch.equal(part.importance(shuffled), part.importance(found))


def linear_with(evidence: LinearEvidence, languages: tuple[str, ...]) -> LinearEvidence:
    return dataclasses.replace(evidence, stats=evidence.stats.select(languages))


@pytest.mark.parametrize("name", ALLOCATIONS)
def test_importance_is_one_finite_number_a_block(name: str) -> None:
    found = ALLOCATIONS[name]().importance(blocks(5, count=4))
    assert found.shape == (4,)
    assert found.dtype == torch.float64
    assert torch.isfinite(found).all()


def test_correlation_by_hand() -> None:
    profiles = torch.tensor([[1.0, 2.0, 3.0], [2.0, 4.0, 6.0], [3.0, 2.0, 1.0], [5.0, 5.0, 5.0]], dtype=torch.float64)
    found = correlation(profiles)
    assert found[0].tolist() == pytest.approx([1.0, 1.0, -1.0, 0.0])
    assert float(mean_correlation(profiles[:3])) == pytest.approx(-1 / 3)
    assert float(mean_correlation(profiles[:1])) == 1.0


def test_cwl_protects_what_it_says() -> None:
    sizes = torch.ones(5, dtype=torch.float64)
    different, shared = CWL(protect="different"), CWL(protect="shared")
    found = blocks(6)
    one = different.spread(different.importance(found), sizes, 0.5)
    other = shared.spread(shared.importance(found), sizes, 0.5)
    assert one.argmin() == other.argmax()
