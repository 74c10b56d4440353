"""SparseFW: by hand, the laws of Frank-Wolfe, and a slow definition of its steps."""

import math

import making
import matrices
import pytest
import torch
from matrices import PATTERNS, linear, masked_errors, wanda
from torch import Tensor
from torch.testing import assert_close

from mwanda_core.methods.solvers import SparseFW
from mwanda_core.methods.solvers.sparsefw import Problem, round_mask
from mwanda_core.parts.masks import keep_top
from mwanda_core.parts.patterns import Groups, NtoM, Unstructured

GROUPED = ["row", "layer", "2:4", "1:4"]


def relaxed_problem(seed: int, pattern: str, alpha: float, outputs: int = 3, width: int = 12) -> tuple[Problem, Tensor]:
    """A float64 problem and its start, by the rules of the paper: the surest weights fixed, Wanda's others to begin with."""
    item = linear(seed, outputs, width)
    kind, sparsity = PATTERNS[pattern]
    groups = kind.groups(item.weight.shape, sparsity)
    score, number = wanda(item), int(alpha * groups.kept)
    fixed = keep_top(score.reshape(-1, groups.size), groups.size - number).view(score.shape)
    free = Groups(groups.size, groups.kept - number)
    return Problem(item.weight.double(), item.need("gram").double(), fixed, free), kind.keep(score, sparsity) & ~fixed


def loss(problem: Problem, mask: Tensor) -> float:
    missing = problem.weight * (1 - problem.fixed.double() - mask)
    return float(torch.einsum("oi,ij,oj->", missing, problem.gram, missing))


def gradient(problem: Problem, mask: Tensor) -> Tensor:
    return problem.gradient((problem.weight * (1 - problem.fixed.double() - mask)) @ problem.gram)


def gap(problem: Problem, mask: Tensor) -> float:
    """Frank-Wolfe's duality gap, <gradient, M - V> >= L(M) - L*."""
    slope = gradient(problem, mask)
    return float((slope * (mask - problem.vertex(slope))).sum())


def slow(problem: Problem, start: Tensor, iterations: int, line_search: bool) -> Tensor:
    """The steps one by one: gradient from its formula, vertex by sorting, step length from the parabola through L."""
    mask, size, number = start.double(), problem.groups.size, problem.groups.kept
    rows_apart = size <= mask.shape[1]
    for t in range(iterations):
        kept = problem.fixed.double() + mask
        slope = -2 * problem.weight * ((problem.weight - kept * problem.weight) @ problem.gram)
        vertex = torch.zeros_like(mask).view(-1, size)
        for group, slopes, fixed in zip(vertex, slope.view(-1, size), problem.fixed.view(-1, size), strict=True):
            free = [i for i in slopes.argsort().tolist() if not fixed[i] and slopes[i] < 0]
            group[free[:number]] = 1
        direction = vertex.view_as(mask) - mask
        for rows in [[i] for i in range(len(mask))] if rows_apart else [list(range(len(mask)))]:
            change = direction[rows] * problem.weight[rows]
            curvature = float(torch.einsum("oi,ij,oj->", change, problem.gram, change))
            best = -float((slope[rows] * direction[rows]).sum()) / (2 * curvature) if curvature > 0 else 0.0
            mask[rows] += (min(1.0, max(0.0, best)) if line_search else 2 / (t + 2)) * direction[rows]
    return mask


def test_two_rows_by_hand() -> None:
    # Inputs 1 and 2 cancel: w = (2, 2, 3) with G_12 = -1. Wanda keeps 3; keeping weight 1 leaves (0, 2, 3),
    # error 4 + 9 = 13, keeping 3 leaves (2, 2, 0), error 4 + 4 - 8 = 0.
    gram = torch.tensor([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    item = matrices.with_gram(torch.tensor([[2.0, 2.0, 3.0], [2.0, -2.0, 3.0]]), gram)
    assert masked_errors(item, torch.tensor([[False, False, True]] * 2)).tolist() == [0.0, 16.0]
    solution = SparseFW(alpha=0.0, iterations=30).solve(item, wanda(item), Unstructured(), 2 / 3)
    # In the second row the two add up: keeping either of them leaves 4 + 9 = 13 instead of 16.
    assert solution.keep[0].tolist() == [False, False, True]
    assert not bool(solution.keep[1, 2])
    assert solution.note == f"error {13 / 16:.3f} of the starting mask's"


@pytest.mark.parametrize("alpha", [0.0, 0.5])
@pytest.mark.parametrize("pattern", GROUPED)
def test_gradient_is_the_slope_of_the_error(alpha: float, pattern: str) -> None:
    problem, _ = relaxed_problem(1, pattern, alpha)
    mask = torch.rand(3, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    mask[problem.fixed] = 0
    slope, step = gradient(problem, mask), 1e-5
    for i in range(3):
        for j in range(12):
            bump = torch.zeros_like(mask)
            bump[i, j] = step
            numeric = (loss(problem, mask + bump) - loss(problem, mask - bump)) / (2 * step)
            assert math.isclose(numeric, float(slope[i, j]), rel_tol=1e-5, abs_tol=1e-5)


@pytest.mark.parametrize("line_search", [True, False])
@pytest.mark.parametrize("pattern", GROUPED)
@pytest.mark.parametrize("alpha", [0.0, 0.6])
def test_every_step_stays_feasible_and_line_search_never_rises(line_search: bool, pattern: str, alpha: float) -> None:
    problem, start = relaxed_problem(2, pattern, alpha)
    before = loss(problem, start.double())
    best = loss(problem, problem.minimise(start, 400, True))
    for steps in range(1, 15):
        mask = problem.minimise(start, steps, line_search)
        assert float(mask.min()) >= -1e-12
        assert float(mask.max()) <= 1 + 1e-12
        assert bool((mask.view(-1, problem.groups.size).sum(dim=1) <= problem.groups.kept + 1e-9).all())
        assert float(mask[problem.fixed].abs().sum()) == 0
        now = loss(problem, mask)
        # The gap bounds what is left to gain, so it is never negative.
        assert gap(problem, mask) >= now - best - 1e-9
        assert gap(problem, mask) >= -1e-9
        if line_search:
            assert now <= before * (1 + 1e-12)
        before = now


@pytest.mark.parametrize("line_search", [True, False])
@pytest.mark.parametrize("pattern", GROUPED)
def test_agrees_with_the_slow_definition(line_search: bool, pattern: str) -> None:
    problem, start = relaxed_problem(3, pattern, 0.4)
    assert_close(problem.minimise(start, 12, line_search), slow(problem, start, 12, line_search), rtol=1e-4, atol=1e-5)


def test_the_open_loop_forgets_its_start() -> None:
    problem, start = relaxed_problem(4, "row", 0.0)
    assert torch.equal(problem.minimise(start, 1, False), problem.vertex(gradient(problem, start.double())))


@pytest.mark.parametrize(("pattern", "cell", "kept"), [("row", 8, 4), ("2:4", 4, 2)])
def test_the_relaxation_reaches_below_every_mask(pattern: str, cell: int, kept: int) -> None:
    problem, start = relaxed_problem(5, pattern, 0.0, outputs=2, width=8)
    relaxed = problem.minimise(start, 1000, True)
    for row in range(2):
        single = Problem(problem.weight[[row]], problem.gram, problem.fixed[[row]], problem.groups)
        binary = min(loss(single, mask[None].double()) for mask in matrices.masks_of_row(8, kept, cell))
        assert loss(single, relaxed[[row]]) <= binary * (1 + 1e-3)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_alpha_one_is_the_starting_mask(pattern: str) -> None:
    item = linear(6, width=24)
    solution = SparseFW(alpha=1.0).solve(item, wanda(item), *PATTERNS[pattern])
    assert torch.equal(solution.keep, PATTERNS[pattern][0].keep(wanda(item), PATTERNS[pattern][1]))


@pytest.mark.parametrize("pattern", ["row", "layer", "2:4"])
@pytest.mark.parametrize("alpha", [0.0, 0.5, 0.9])
def test_the_surest_weights_are_never_given_up(pattern: str, alpha: float) -> None:
    item = linear(7, width=24)
    solution = SparseFW(alpha=alpha, iterations=20).solve(item, wanda(item), *PATTERNS[pattern])
    groups = PATTERNS[pattern][0].groups(item.weight.shape, PATTERNS[pattern][1])
    surest = keep_top(wanda(item).reshape(-1, groups.size), groups.size - int(alpha * groups.kept + 1e-6))
    assert bool(solution.keep.view(-1, groups.size)[surest].all())


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("step", ["line-search", "open-loop"])
def test_uncorrelated_inputs_leave_wandas_mask(pattern: str, step: str) -> None:
    item = matrices.with_gram(making.noise(6, 24, seed=8), torch.diag(making.noise(24, seed=9).exp()))
    solution = SparseFW(alpha=0.3, step=step).solve(item, wanda(item), *PATTERNS[pattern])
    assert torch.equal(solution.keep, PATTERNS[pattern][0].keep(wanda(item), PATTERNS[pattern][1]))


def test_uncorrelated_inputs_rank_the_relaxed_mask_as_wanda_does() -> None:
    # The optimum is max(0, 1 - mu / (2 w^2 G_jj)), which rises with |w| sqrt(G_jj): rounding needs no safeguard.
    item = matrices.with_gram(making.noise(3, 10, seed=10), torch.diag(making.noise(10, seed=11).exp()))
    groups = Groups(10, 5)
    nothing = torch.zeros(3, 10, dtype=torch.bool)
    problem = Problem(item.weight.double(), item.need("gram").double(), nothing, groups)
    start = Unstructured().keep(-wanda(item), 0.5)  # the worst mask there is
    relaxed = problem.minimise(start, 1000, True)
    assert torch.equal(round_mask(relaxed, wanda(item), groups), Unstructured().keep(wanda(item), 0.5))


def test_rounding_breaks_ties_by_score() -> None:
    relaxed = torch.tensor([[0.0, 0.9, 0.0, 0.0]])
    score = torch.tensor([[3.0, 1.0, 2.0, 4.0]])
    assert round_mask(relaxed, score, Groups(4, 2)).tolist() == [[False, True, False, True]]
    assert round_mask(relaxed, score, Groups(4, 3)).tolist() == [[True, True, False, True]]


@pytest.mark.parametrize("pattern", ["row", "layer", "2:4"])
def test_correlated_inputs_leave_a_lower_error(pattern: str) -> None:
    ratios = []
    for seed in range(5):
        item = linear(50 + seed, outputs=8, x=matrices.even_inputs(seed, 32))
        start = PATTERNS[pattern][0].keep(wanda(item), PATTERNS[pattern][1])
        found = SparseFW(alpha=0.5).solve(item, wanda(item), *PATTERNS[pattern]).keep
        ratios.append(float(masked_errors(item, found).sum() / masked_errors(item, start).sum()))
    assert sum(ratios) / len(ratios) < 0.8


def test_small_groups_round_the_fixed_share_down() -> None:
    # floor(0.9 * 2) = 1 of the two kept weights of each four is the score's, the other is free.
    item = linear(12, width=24)
    found = SparseFW(alpha=0.9).solve(item, wanda(item), NtoM(2, 4), 0.5).keep.view(-1, 4)
    best = wanda(item).view(-1, 4).argmax(dim=1, keepdim=True)
    assert bool(found.gather(1, best).all())
    assert not torch.equal(found.view(6, 24), NtoM(2, 4).keep(wanda(item), 0.5))
