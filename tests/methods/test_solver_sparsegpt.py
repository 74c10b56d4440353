"""SparseGPT: by hand, by law, and against a slow definition that inverts a Hessian for every column."""

import making
import matrices
import pytest
import torch
from hypothesis import given, strategies as st
from matrices import PATTERNS, linear, wanda
from torch import Tensor
from torch.testing import assert_close

from mwanda_core.methods.solvers import SparseGPT
from mwanda_core.methods.solvers.sparsegpt import inverse_factor, windows
from mwanda_core.parts.patterns import Groups, NtoM, Unstructured

HALF = (Unstructured(), 0.5)


def slow(item: matrices.LinearEvidence, pattern: str, blocksize: int, damping: float) -> tuple[Tensor, Tensor]:
    """Optimal Brain Surgeon, column after column: the Hessian of what is left is inverted anew every time. float64."""
    kind, sparsity = PATTERNS[pattern]
    weight, gram = item.weight.double().clone(), item.need("gram").double()
    outputs, width = weight.shape
    hessian = gram + damping * gram.diagonal().mean() * torch.eye(width, dtype=torch.float64)
    keep = torch.ones(outputs, width, dtype=torch.bool)
    block = kind.m if isinstance(kind, NtoM) else blocksize
    for j in range(width):
        if j % block == 0:
            ends = (j, min(j + block, width))
            error = torch.stack([weight[:, k] ** 2 / hessian[k:, k:].inverse()[0, 0] for k in range(*ends)], dim=1)
            if isinstance(kind, NtoM):
                choose(error, keep[:, j : ends[1]], kind.m - kind.kept(sparsity))
            elif kind.scope == "row":
                share = int(width * sparsity + 1e-6)
                choose(error, keep[:, j : ends[1]], share * ends[1] // width - share * j // width)
            else:
                share = int(outputs * width * sparsity + 1e-6)
                count, flat = share * ends[1] // width - share * j // width, error.reshape(1, -1)
                chosen = torch.ones_like(flat, dtype=torch.bool)
                choose(flat, chosen, count)
                keep[:, j : ends[1]] = chosen.view(error.shape)
        inverse = hessian[j:, j:].inverse()
        for i in range(outputs):
            if not keep[i, j]:
                weight[i, j:] -= weight[i, j] / inverse[0, 0] * inverse[0]
    return keep, weight.masked_fill(~keep, 0)


def choose(error: Tensor, keep: Tensor, count: int) -> None:
    for row, kept in zip(error, keep, strict=True):
        kept[row.argsort(stable=True)[:count]] = False


def test_two_weights_by_hand() -> None:
    # H^-1 = 4/3 [[1, -1/2], [-1/2, 1]]: pruning the first costs 1 / (4/3); the second grows by G_12 / G_22 of it.
    item = matrices.with_gram(torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 0.5], [0.5, 1.0]]))
    solution = SparseGPT(damping=0.0).solve(item, wanda(item), *HALF)
    assert solution.keep.tolist() == [[False, True]]
    assert solution.weight is not None
    assert_close(solution.weight, torch.tensor([[0.0, 2.5]]))
    assert_close(matrices.errors(item, solution.weight), torch.tensor([0.75], dtype=torch.float64))
    assert solution.note == ""


def test_the_last_weight_costs_more_because_nothing_is_left_to_repair_it() -> None:
    # e = 1.1^2 / (4/3) = 0.9075 for the first, 1 / 1 for the second, though the second is the smaller weight.
    item = matrices.with_gram(torch.tensor([[1.1, 1.0]]), torch.tensor([[1.0, 0.5], [0.5, 1.0]]))
    assert SparseGPT(damping=0.0).solve(item, wanda(item), *HALF).keep.tolist() == [[False, True]]


@pytest.mark.parametrize("damping", [0.0, 0.01, 1.0])
def test_the_factor_is_upper_triangular_and_factors_the_inverse(damping: float) -> None:
    gram = linear(0, width=20).need("gram")
    factor, used = inverse_factor(gram, damping)
    assert used == damping
    assert torch.equal(factor, factor.triu())
    assert bool((factor.diagonal() > 0).all())
    shifted = gram.double() + damping * gram.double().diagonal().mean() * torch.eye(20, dtype=torch.float64)
    # Both sides of the root, so that a massive channel does not hide the others.
    scale = shifted.diagonal().sqrt()
    assert_close(
        (factor.double().T @ factor.double()) * scale[:, None] * scale, shifted.inverse() * scale[:, None] * scale,
        rtol=1e-4, atol=1e-5,
    )  # fmt: skip


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("blocksize", [5, 24])
def test_agrees_with_the_slow_definition(pattern: str, blocksize: int) -> None:
    item = linear(2, outputs=5, width=24)
    solution = SparseGPT(blocksize=blocksize).solve(item, wanda(item), *PATTERNS[pattern])
    keep, weight = slow(item, pattern, blocksize, 0.01)
    assert torch.equal(solution.keep, keep)
    assert solution.weight is not None
    assert_close(solution.weight.double(), weight, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("removed", [0, 3, 10, 15])
def test_one_removed_weight_is_repaired_by_least_squares(removed: int) -> None:
    # The columns after it are free, those before it are settled: an ordinary least-squares problem for each row.
    item = linear(3, outputs=4, width=16)
    score = torch.ones(4, 16)
    score[:, removed] = 0
    solution = SparseGPT(damping=0.0, criterion="score", blocksize=6).solve(item, score, Unstructured(), 1 / 16)
    assert solution.keep.logical_not().nonzero()[:, 1].tolist() == [removed] * 4
    later = torch.arange(removed + 1, 16)
    gram, weight = item.need("gram").double(), item.weight.double()
    expected = weight.clone()
    expected[:, removed] = 0
    if len(later):
        expected[:, later] += torch.linalg.solve(gram[later][:, later], gram[later, removed] * weight[:, [removed]], left=False)
    assert solution.weight is not None
    assert_close(solution.weight.double(), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_uncorrelated_inputs_need_no_repair(pattern: str) -> None:
    # Then e_j = w_j^2 (G_jj + lambda): within one block the mask of |W| sqrt(G_jj + lambda), and no weight changes.
    diagonal = making.noise(24, seed=4).exp()
    item = matrices.with_gram(making.noise(6, 24, seed=5), torch.diag(diagonal))
    solution = SparseGPT(blocksize=24).solve(item, wanda(item), *PATTERNS[pattern])
    expected = PATTERNS[pattern][0].keep(item.weight.abs() * (diagonal + 0.01 * diagonal.mean()).sqrt(), PATTERNS[pattern][1])
    assert torch.equal(solution.keep, expected)
    assert solution.weight is not None
    assert torch.equal(solution.weight, item.weight * expected)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("budget", ["even", "free"])
def test_beats_wandas_mask_on_correlated_inputs(pattern: str, budget: str) -> None:
    ratios = []
    for seed in range(6):
        item = linear(100 + 7 * seed, outputs=8, x=matrices.even_inputs(seed, 32))
        solution = SparseGPT(blocksize=16, budget=budget).solve(item, wanda(item), *PATTERNS[pattern])
        assert solution.weight is not None
        before = matrices.masked_errors(item, PATTERNS[pattern][0].keep(wanda(item), PATTERNS[pattern][1])).sum()
        ratios.append(float(matrices.errors(item, solution.weight).sum() / before))
    assert sum(ratios) / len(ratios) < 0.9


@pytest.mark.parametrize("pattern", ["row", "layer", "2:4"])
def test_repairing_a_given_mask_lowers_its_error(pattern: str) -> None:
    item = linear(6, outputs=8, width=32)
    keep = PATTERNS[pattern][0].keep(wanda(item), PATTERNS[pattern][1])
    solution = SparseGPT(criterion="score").solve(item, wanda(item), *PATTERNS[pattern])
    assert torch.equal(solution.keep, keep)
    assert solution.weight is not None
    assert float(matrices.errors(item, solution.weight).sum()) < float(matrices.masked_errors(item, keep).sum())


@given(size=st.integers(2, 90), sparsity=st.floats(0, 0.99), blocksize=st.integers(1, 40))
def test_window_counts_add_up(size: int, sparsity: float, blocksize: int) -> None:
    outputs = 3
    for groups in (Unstructured().groups((outputs, size), sparsity), Unstructured("layer").groups((outputs, size), sparsity)):
        found = windows(groups, size, blocksize)
        rows = 1 if groups.size == size else outputs
        assert sum(w.pruned for w in found) == groups.pruned
        assert all(0 <= w.pruned <= rows * (w.last - w.first) for w in found)
        assert [w.first for w in found[1:]] + [size] == [w.last for w in found]
        assert all(w.per_row == (rows == 1) for w in found)


def test_windows_by_hand() -> None:
    # Five of ten go; of the first four columns floor(5 * 4 / 10) = 2, of the next four floor(40 / 10) - 2 = 2.
    assert [(w.first, w.last, w.pruned) for w in windows(Groups(10, 5), 10, 4)] == [(0, 4, 2), (4, 8, 2), (8, 10, 1)]
    assert [(w.first, w.last, w.pruned) for w in windows(Groups(4, 1), 8, 128)] == [(0, 4, 3), (4, 8, 3)]


@pytest.mark.parametrize("scope", ["row", "layer"])
def test_a_free_budget_spares_the_columns_that_matter(scope: str) -> None:
    item = matrices.with_gram(making.noise(4, 16, seed=7), torch.diag(torch.tensor([1e6] * 8 + [1.0] * 8)))
    even = SparseGPT(blocksize=4, damping=0.0).solve(item, wanda(item), Unstructured(scope), 0.5)
    free = SparseGPT(blocksize=4, damping=0.0, budget="free").solve(item, wanda(item), Unstructured(scope), 0.5)
    assert even.keep[:, :8].float().mean() == 0.5
    expected = Unstructured(scope).keep(wanda(item), 0.5)
    assert torch.equal(free.keep, expected)
    assert expected[:, :8].float().mean() > 0.95


@pytest.mark.parametrize("scope", ["row", "layer"])
def test_one_block_leaves_the_budget_no_choice(scope: str) -> None:
    item = linear(8, outputs=5, width=24)
    even, free = (
        SparseGPT(blocksize=24, budget=b).solve(item, wanda(item), Unstructured(scope), 0.4) for b in ("even", "free")
    )
    assert torch.equal(even.keep, free.keep)
    assert torch.equal(even.weight, free.weight)


def test_twin_inputs_raise_a_damping_of_zero_and_the_note_says_so() -> None:
    x = matrices.inputs(9, 16)
    x[:, 5] = x[:, 4]
    item = linear(9, x=x)
    solution = SparseGPT(damping=0.0).solve(item, wanda(item), *HALF)
    assert solution.note.startswith("damping raised from 0 to 1e-0")
    assert SparseGPT().solve(item, wanda(item), *HALF).note == ""
    assert solution.weight is not None
    assert float(matrices.errors(item, solution.weight).sum()) < float(matrices.masked_errors(item, solution.keep).sum())


def test_damping_rises_in_steps_of_ten() -> None:
    # The least eigenvalue is -0.3 with a mean diagonal of 1: 0.01 and 0.1 are not enough.
    gram = torch.eye(3)
    gram[0, 1] = gram[1, 0] = 1.3
    _, damping = inverse_factor(gram, 0.01)
    assert damping == pytest.approx(1.0)


def test_silent_inputs_go_first_and_change_nothing() -> None:
    x = matrices.inputs(10, 16)
    x[:, [1, 6, 13]] = 0
    item = linear(10, x=x)
    solution = SparseGPT().solve(item, wanda(item), *HALF)
    assert not bool(solution.keep[:, [1, 6, 13]].any())
    # Without them the rest is pruned and repaired just the same: 5 of 13.
    rest = [j for j in range(16) if j not in (1, 6, 13)]
    smaller = matrices.evidence(item.weight[:, rest], x[:, rest])
    same = SparseGPT().solve(smaller, wanda(smaller), Unstructured(), 5 / 13)
    assert torch.equal(solution.keep[:, rest], same.keep)
    assert solution.weight is not None
    assert same.weight is not None
    assert_close(solution.weight[:, rest], same.weight)


def test_weights_of_silent_inputs_that_the_count_spares_keep_their_value() -> None:
    x = matrices.inputs(11, 16)
    x[:, 4:] = 0
    item = linear(11, x=x)
    solution = SparseGPT().solve(item, wanda(item), *HALF)
    assert solution.weight is not None
    spared = solution.keep.clone()
    spared[:, :4] = False
    assert int(spared.sum()) == 6 * 4
    assert torch.equal(solution.weight[spared], item.weight[spared])
