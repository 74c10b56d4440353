"""Scores to kept weights: exact counts, ties by index, and one bit per weight."""

import math

import pytest
import torch
from hypothesis import given, strategies as st
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.parts.masks import keep_top, keep_top_per_row, num_pruned, pack, unpack


def by_full_sort(score: Tensor, pruned: int) -> Tensor:
    """The slow definition: a stable ascending sort of every row; the first `pruned` go."""
    keep = torch.ones_like(score, dtype=torch.bool)
    for row, values in enumerate(score.tolist()):
        order = sorted(range(len(values)), key=lambda i: values[i])
        for i in order[:pruned]:
            keep[row, i] = False
    return keep


def test_by_hand() -> None:
    score = torch.tensor([[4.0, 1.0, 3.0, 2.0], [0.0, 0.0, 5.0, 0.0]])
    assert keep_top(score, 2).tolist() == [[True, False, True, False], [False, False, True, True]]
    assert keep_top(score, 0).all()
    assert not keep_top(score, 4).any()
    assert keep_top_per_row(score, torch.tensor([1, 3])).tolist() == [[True, False, True, True], [False, False, True, False]]


def test_an_all_equal_matrix_loses_exactly_half() -> None:
    """A `<=` threshold would prune all of it."""
    keep = keep_top(torch.zeros(3, 10), 5)
    assert keep.tolist() == [[False] * 5 + [True] * 5] * 3


@pytest.mark.parametrize(
    ("n", "sparsity", "wanted"),
    [
        (100, 0.29, 29), (10, 0.5, 5), (7, 0.5, 3), (3, 0.1, 0), (640, 0.7, 448), (1000, 0.57, 570), (9, 0.0, 0),
        (50_000_000, 0.58, 29_000_000),
    ],
)  # fmt: skip
def test_num_pruned_by_hand(n: int, sparsity: float, wanted: int) -> None:
    assert num_pruned(n, sparsity) == wanted


@given(st.integers(1, 10**6), st.integers(0, 9999))
def test_num_pruned_is_the_floor_of_the_exact_product(n: int, ten_thousandths: int) -> None:
    assert num_pruned(n, ten_thousandths / 10_000) == n * ten_thousandths // 10_000


FEW_VALUES = st.sampled_from([0.0, -0.0, 1.0, 1.0, 2.0, 0.5, math.inf])
MATRICES = st.integers(1, 12).flatmap(
    lambda n: st.tuples(st.lists(st.lists(FEW_VALUES, min_size=n, max_size=n), min_size=1, max_size=4), st.integers(0, n))
)


@given(MATRICES)
def test_ties_go_by_index_and_counts_are_exact(case: tuple[list[list[float]], int]) -> None:
    rows, pruned = case
    score = torch.tensor(rows)
    keep = keep_top(score, pruned)
    assert torch.equal(keep, by_full_sort(score, pruned))
    assert torch.equal(keep, keep_top_per_row(score, torch.full((len(rows),), pruned)))
    assert ((~keep).sum(dim=1) == pruned).all()


@given(st.integers(0, 10**6), st.integers(1, 40), st.floats(0, 0.99))
def test_nothing_pruned_scores_above_anything_kept(seed: int, n: int, sparsity: float) -> None:
    score = torch.randn(3, n, generator=torch.Generator().manual_seed(seed))
    keep = keep_top(score, num_pruned(n, sparsity))
    highest_pruned = score.masked_fill(keep, -math.inf).amax(dim=1)
    lowest_kept = score.masked_fill(~keep, math.inf).amin(dim=1)
    assert (highest_pruned < lowest_kept).all()


@given(st.integers(0, 10**6), st.floats(0, 0.98), st.floats(0, 0.98))
def test_masks_are_nested_in_sparsity(seed: int, one: float, other: float) -> None:
    """Whatever survives the higher sparsity survives the lower one, ties included."""
    score = torch.randint(0, 5, (4, 30), generator=torch.Generator().manual_seed(seed)).float()
    low, high = sorted((one, other))
    assert (keep_top(score, num_pruned(30, high)) <= keep_top(score, num_pruned(30, low))).all()


def test_many_exact_zeros_in_a_wide_matrix() -> None:
    score = torch.rand(8, 500) * (torch.rand(8, 500) > 0.7)
    for pruned in (1, 100, 250, 340, 360, 499):
        assert torch.equal(keep_top(score, pruned), by_full_sort(score, pruned))
        assert torch.equal(keep_top_per_row(score, torch.full((8,), pruned)), by_full_sort(score, pruned))


def test_a_score_that_is_not_a_number_is_refused() -> None:
    for pruned in (0, 1, 3):
        with pytest.raises(InputError, match=r"not a number \(NaN\)"):
            keep_top(torch.tensor([[1.0, math.nan, 2.0]]), pruned)
        with pytest.raises(InputError, match=r"not a number \(NaN\)"):
            keep_top_per_row(torch.tensor([[1.0, math.nan, 2.0]]), torch.tensor([pruned]))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=3), st.integers(0, 10**6))
def test_pack_and_unpack_are_inverse(shape: list[int], seed: int) -> None:
    keep = torch.rand(shape, generator=torch.Generator().manual_seed(seed)) > 0.5
    packed = pack(keep)
    assert packed.dtype == torch.uint8
    assert packed.numel() == math.ceil(keep.numel() / 8)
    assert torch.equal(unpack(packed, tuple(shape)), keep)


def test_packing_by_hand() -> None:
    keep = torch.tensor([[True, False, False, False, False], [False, False, True, True, False]])
    assert pack(keep).tolist() == [0b10000001, 0b10000000]


@given(st.integers(0, 10**6))
def test_packing_agrees_with_numpy(seed: int) -> None:
    keep = torch.rand(7, 11, generator=torch.Generator().manual_seed(seed)) > 0.5
    np = pytest.importorskip("numpy")
    assert pack(keep).numpy().tolist() == np.packbits(keep.numpy()).tolist()


def test_a_packed_mask_of_another_shape_is_refused() -> None:
    with pytest.raises(InputError, match=r"2 bytes cannot belong to a weight of shape \(3, 7\), which needs 3 bytes"):
        unpack(torch.zeros(2, dtype=torch.uint8), (3, 7))
