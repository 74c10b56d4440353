"""What `benchmarks.gpu_masks` calls a tie, by hand."""

import torch

from benchmarks.gpu_masks import parted


def test_a_difference_that_rounding_explains_is_a_tie_and_a_larger_one_is_not():
    score = torch.tensor([[1.0, 2.0, 2.0005, 3.0], [1.0, 2.0, 5.0, 6.0]])
    other = torch.tensor([[1.0, 2.0010, 2.0005, 3.0], [1.0, 2.0, 5.0, 6.0]])
    mine = torch.tensor([[False, False, True, True], [False, False, True, True]])
    its = torch.tensor([[False, True, False, True], [True, False, False, True]])
    assert parted(mine, its, score, other) == (4, 2)  # the second row's scores are the same, so nothing explains its two
    assert parted(mine, mine, score, other) == (0, 0)
