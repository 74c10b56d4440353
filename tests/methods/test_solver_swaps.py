"""Swaps: by hand, against every possible swap, and its laws."""

import itertools

import making
import matrices
import pytest
import torch
from matrices import PATTERNS, linear, masked_errors, wanda
from torch import Tensor
from torch.testing import assert_close

from mwanda_core.methods.solvers import Swaps, swaps
from mwanda_core.methods.solvers.swap_windows import lowest, swap_costs
from mwanda_core.methods.solvers.swaps import Refiner
from mwanda_core.parts.patterns import Unstructured

WIDTH = 16
CELLS = {"row": WIDTH, "layer": WIDTH, "2:4": 4, "4:8": 8, "1:4": 4}


def best_swap(weight: Tensor, gram: Tensor, keep: Tensor, cell: int) -> tuple[float, Tensor]:
    """The lowest error of one row within one swap, by trying every swap. float64."""
    error = quadratic(weight, gram, keep)
    best, found = error, keep
    for p, u in itertools.product(range(len(weight)), repeat=2):
        if keep[p] and not keep[u] and p // cell == u // cell:
            other = keep.clone()
            other[p], other[u] = False, True
            now = quadratic(weight, gram, other)
            if now < best - 1e-6 * error:
                best, found = now, other
    return best, found


def quadratic(weight: Tensor, gram: Tensor, keep: Tensor) -> float:
    missing = (weight * ~keep).double()
    return float(missing @ gram.double() @ missing)


def test_one_row_by_hand() -> None:
    # Inputs 2 and 3 move together. The mask prunes both: (1 + 1)^2 = 4. Pruning the first and one of them leaves
    # 1.44 + 1 = 2.44, so one swap is made, and a second cannot help.
    gram = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    item = matrices.with_gram(torch.tensor([[1.2, 1.0, 1.0]]), gram)
    solution = Swaps().solve(item, wanda(item), Unstructured(), 2 / 3)
    assert solution.keep.tolist() == [[False, True, False]]
    assert solution.note == f"error {2.44 / 4:.3f} of the starting mask's"


def test_costs_by_hand() -> None:
    weight, gram = torch.tensor([[2.0, 3.0]]), torch.tensor([[1.0, 0.5], [0.5, 4.0]])
    keep = torch.tensor([[True, False]])
    pull = (weight * ~keep) @ gram
    prune, regrow = swap_costs(weight, gram.diagonal(), keep, pull)
    # c = (1.5, 12): a_1 = 2*2*1.5 + 4*1 = 10, b_2 = -2*3*12 + 9*4 = -36. D = 10 - 36 - 2*2*3*0.5 = -32 = 4 - 36.
    assert prune.tolist() == [[10.0, float("inf")]]
    assert regrow.tolist() == [[float("inf"), -36.0]]


@pytest.mark.parametrize("pattern", CELLS)
@pytest.mark.parametrize("seed", range(4))
def test_one_swap_is_the_best_there_is(pattern: str, seed: int) -> None:
    item = linear(seed, outputs=4, width=WIDTH)
    start = PATTERNS[pattern][0].keep(wanda(item), PATTERNS[pattern][1])
    found = Swaps(max_swaps=1).solve(item, wanda(item), *PATTERNS[pattern]).keep
    errors = masked_errors(item, found)
    for row in range(4):
        best, _ = best_swap(item.weight[row], item.need("gram"), start[row], CELLS[pattern])
        assert_close(float(errors[row]), best, rtol=1e-4, atol=0.0)


@pytest.mark.parametrize("pattern", CELLS)
def test_swap_after_swap_agrees_with_trying_all(pattern: str) -> None:
    item = linear(11, outputs=3, width=WIDTH)
    keep = PATTERNS[pattern][0].keep(wanda(item), PATTERNS[pattern][1])
    for number in range(1, 5):
        keep = torch.stack(
            [best_swap(w, item.need("gram"), k, CELLS[pattern])[1] for w, k in zip(item.weight, keep, strict=True)]
        )
        assert torch.equal(Swaps(max_swaps=number, candidates=64).solve(item, wanda(item), *PATTERNS[pattern]).keep, keep)


@pytest.mark.parametrize("pattern", CELLS)
def test_in_the_end_no_swap_helps(pattern: str) -> None:
    item = linear(12, outputs=4, width=WIDTH)
    found = Swaps(max_swaps=10_000).solve(item, wanda(item), *PATTERNS[pattern]).keep
    for row in range(4):
        left = quadratic(item.weight[row], item.need("gram"), found[row])
        best, _ = best_swap(item.weight[row], item.need("gram"), found[row], CELLS[pattern])
        start = quadratic(
            item.weight[row], item.need("gram"), PATTERNS[pattern][0].keep(wanda(item), PATTERNS[pattern][1])[row]
        )
        assert best >= left - 2e-6 * start


@pytest.mark.parametrize("pattern", ["row", "layer", "2:4", "4:8"])
@pytest.mark.parametrize("candidates", [1, 3, 16])
def test_more_swaps_never_raise_the_error_of_a_row(pattern: str, candidates: int) -> None:
    item = linear(13, outputs=5, width=32)
    start = PATTERNS[pattern][0].keep(wanda(item), PATTERNS[pattern][1])
    before = masked_errors(item, start)
    first = before
    for number in (1, 2, 3, 5, 8, 20, 200):
        found = Swaps(number, candidates).solve(item, wanda(item), *PATTERNS[pattern]).keep
        now = masked_errors(item, found)
        assert bool((now <= before * (1 + 1e-6)).all())
        assert torch.equal(found.sum(dim=1), start.sum(dim=1))
        assert int((found != start).sum(dim=1).max()) <= 2 * number
        before = now
    assert float(before.sum()) < 0.8 * float(first.sum())


@pytest.mark.parametrize(("pattern", "kept", "cell"), [("row", 4, 8), ("2:4", 2, 4)])
def test_lies_between_the_best_mask_and_the_start(pattern: str, kept: int, cell: int) -> None:
    item = linear(14, outputs=3, width=8)
    found = Swaps().solve(item, wanda(item), *PATTERNS[pattern]).keep
    for row in range(3):
        errors = [quadratic(item.weight[row], item.need("gram"), mask) for mask in matrices.masks_of_row(8, kept, cell)]
        assert quadratic(item.weight[row], item.need("gram"), found[row]) >= min(errors) * (1 - 1e-6)


@pytest.mark.parametrize("pattern", ["row", "layer", "2:4"])
def test_uncorrelated_inputs_leave_wandas_mask(pattern: str) -> None:
    item = matrices.with_gram(making.noise(6, 24, seed=15), torch.diag(making.noise(24, seed=16).exp()))
    expected = PATTERNS[pattern][0].keep(wanda(item), PATTERNS[pattern][1])
    found = Swaps().solve(item, wanda(item), *PATTERNS[pattern]).keep
    if pattern == "layer":  # swaps stay within rows, and within a row the highest scores already are kept
        expected = torch.stack(
            [Unstructured().keep(s[None], 1 - int(k.sum()) / 24)[0] for s, k in zip(wanda(item), expected, strict=True)]
        )
    assert torch.equal(found, expected)


@pytest.mark.parametrize("seed", range(4))
def test_rows_with_nearly_all_or_nearly_none_kept(seed: int) -> None:
    # Scope "layer" may leave a row nothing to swap, or few weights; the window then lists weights twice.
    item = linear(17 + seed, outputs=WIDTH + 1, width=WIDTH)
    counts = torch.arange(WIDTH + 1)
    keep = making.noise(WIDTH + 1, WIDTH, seed=seed).argsort(dim=1).argsort(dim=1) < counts[:, None]
    found = Refiner(item.weight, item.need("gram"), WIDTH, WIDTH - 2).refine(keep, 50)
    assert torch.equal(found.sum(dim=1), counts)
    for row in (1, 3, 13, 15):
        expected, before = keep[row], torch.empty(0)
        while not torch.equal(expected, before):
            before, expected = expected, best_swap(item.weight[row], item.need("gram"), expected, WIDTH)[1]
        assert quadratic(item.weight[row], item.need("gram"), found[row]) <= quadratic(
            item.weight[row], item.need("gram"), keep[row]
        )
        if row in (1, 15):  # a single weight that moves: the window holds all that there is to choose
            assert torch.equal(found[row], expected)


def test_rows_do_not_see_each_other() -> None:
    item = linear(18, outputs=6, width=32)
    keep = Unstructured().keep(wanda(item), 0.5)
    together = Refiner(item.weight, item.need("gram"), 32, 4).refine(keep, 40)
    apart = [Refiner(w[None], item.need("gram"), 32, 4).refine(k[None], 40) for w, k in zip(item.weight, keep, strict=True)]
    assert_close(masked_errors(item, together), masked_errors(item, torch.cat(apart)), rtol=1e-5, atol=0.0)


@pytest.mark.parametrize(("width", "number"), [(640, 16), (64, 4), (63, 4), (24, 24), (2048, 100)])
def test_the_lowest_of_a_row(width: int, number: int) -> None:
    values = making.noise(5, width, seed=19)
    values[0, : width // 2] = torch.inf
    found, places = lowest(values, number)
    assert torch.equal(found.sort(dim=1).values, values.sort(dim=1).values[:, :number])
    assert torch.equal(values.gather(1, places), found)
    assert all(len(set(row)) == number for row in places.tolist())


@pytest.mark.parametrize("pattern", ["row", "2:4"])
def test_threads_change_nothing(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Rows that are done early are left out, and pieces go to several threads: the masks are those of every row alone.
    monkeypatch.setattr(swaps, "CHUNK_ROWS", {"cpu": 3})
    item = linear(20, outputs=11, width=32)
    item.weight.requires_grad_(True)
    threads, found = torch.get_num_threads(), []
    try:
        for number in (1, 3):
            torch.set_num_threads(number)
            with torch.no_grad():
                found.append(Swaps(40, 4).solve(item, wanda(item), *PATTERNS[pattern]).keep)
            assert torch.get_num_threads() == number
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(*found)


def test_a_weight_that_is_zero_may_be_swapped_out() -> None:
    # Kept 0 and pruned 2: their swap leaves no error, though nothing comes to the removed part.
    item = matrices.with_gram(torch.tensor([[0.0, 2.0, 1.0, 3.0]]), torch.eye(4))
    keep = torch.tensor([[True, False, False, True]])
    assert Refiner(item.weight, item.need("gram"), 4, 1).refine(keep, 5).tolist() == [[False, True, False, True]]
