"""The layer-wise error that the Gram-based solvers share."""

import making
import matrices
import pytest
import torch
from torch.testing import assert_close

from mwanda_core.methods.solvers.quadratic import SPARSE_SHARE, keep_better, removed, row_errors, times_gram
from mwanda_core.parts.patterns import Groups


def test_by_hand() -> None:
    # Without its first and third weight the row misses (1, 0, 3): 1*2*1 + 2*(1*1*3) + 3*4*3 = 44.
    weight = torch.tensor([[1.0, 5.0, 3.0], [1.0, 1.0, 1.0]])
    gram = torch.tensor([[2.0, 0.0, 1.0], [0.0, 9.0, 0.0], [1.0, 0.0, 4.0]])
    keep = torch.tensor([[False, True, False], [True, True, True]])
    gone = removed(weight, keep)
    assert gone.tolist() == [[1.0, 0.0, 3.0], [0.0, 0.0, 0.0]]
    assert row_errors(gone, gram).tolist() == [44.0, 0.0]


def test_is_the_squared_output_error_per_token() -> None:
    x, weight = matrices.inputs(0, 12).double(), making.noise(5, 12, seed=1).double()
    keep = making.noise(5, 12, seed=2) > 0
    missing = (weight - weight * keep) @ x.T
    assert_close(row_errors(removed(weight, keep), x.T @ x / len(x)), missing.square().mean(dim=1))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.9 * SPARSE_SHARE, 1.1 * SPARSE_SHARE, 1.0])
def test_times_gram_is_the_matrix_product(share: float) -> None:
    left = making.noise(40, 50, seed=3).double()
    left[torch.rand(40, 50, generator=torch.Generator().manual_seed(4)) >= share] = 0
    left[[0, 7, 39]] = 0  # rows without any entry, at the edges too
    gram = making.noise(50, 50, seed=5).double()
    assert_close(times_gram(left, gram), left @ gram)


def test_keep_better_takes_the_lower_error_of_each_row() -> None:
    weight, gram = torch.tensor([[1.0, 2.0], [1.0, 2.0]]), torch.eye(2)
    start = torch.tensor([[True, False], [False, True]])
    chosen = keep_better(weight, gram, start, ~start, Groups(2, 1))
    assert chosen.keep.tolist() == [[False, True], [False, True]]
    assert chosen.note == "error 0.400 of the starting mask's"


def test_keep_better_takes_one_mask_whole_where_a_group_spans_rows() -> None:
    weight, gram = torch.tensor([[1.0, 2.0], [1.0, 2.0]]), torch.eye(2)
    start = torch.tensor([[False, True], [False, True]])
    better_and_worse = torch.tensor([[True, True], [False, False]])
    assert torch.equal(keep_better(weight, gram, start, better_and_worse, Groups(4, 2)).keep, start)
    assert torch.equal(keep_better(weight, gram, better_and_worse, start, Groups(4, 2)).keep, start)


def test_keep_better_leaves_a_mask_without_error() -> None:
    weight, gram = torch.tensor([[1.0, 0.0]]), torch.eye(2)
    start = torch.tensor([[True, False]])
    chosen = keep_better(weight, gram, start, ~start, Groups(2, 1))
    assert torch.equal(chosen.keep, start)
    assert chosen.note == "error 1.000 of the starting mask's"
