"""What every solver in the table must do, under every pattern."""

import dataclasses

import making
import matrices
import pytest
import torch
from matrices import PATTERNS, counts_are_exact, linear, wanda
from torch.testing import assert_close

from mwanda_core.errors import InputError
from mwanda_core.methods.solvers import SOLVERS, Solver, SparseFW, SparseGPT, Swaps
from mwanda_core.parts.patterns import NtoM, Unstructured

VARIANTS: dict[str, Solver] = {
    **{name: cls() for name, cls in SOLVERS.items()},
    "sparsegpt, narrow blocks": SparseGPT(blocksize=5),
    "sparsegpt, free": SparseGPT(blocksize=5, budget="free"),
    "sparsegpt, by score": SparseGPT(criterion="score"),
    "sparsefw, all free": SparseFW(alpha=0.0, iterations=7),
    "sparsefw, open loop": SparseFW(alpha=0.5, iterations=7, step="open-loop"),
    "swaps, narrow window": Swaps(candidates=2, max_swaps=9),
}
MASK_ONLY = [name for name, solver in VARIANTS.items() if not isinstance(solver, SparseGPT)]
GRAM_BASED = [name for name, solver in VARIANTS.items() if "gram" in solver.needs]

solvers = pytest.mark.parametrize("solver", VARIANTS.values(), ids=VARIANTS)
patterns = pytest.mark.parametrize("pattern", PATTERNS)


@solvers
@patterns
@pytest.mark.parametrize("seed", [0, 1])
def test_counts_are_exact(solver: Solver, pattern: str, seed: int) -> None:
    item = linear(seed, outputs=7, width=24)
    solution = solver.solve(item, wanda(item), *PATTERNS[pattern])
    assert solution.keep.shape == item.weight.shape
    assert counts_are_exact(solution.keep, *PATTERNS[pattern])
    if solution.weight is not None:
        assert torch.count_nonzero(solution.weight[~solution.keep]) == 0
        assert bool(solution.weight.isfinite().all())


@solvers
@pytest.mark.parametrize("pattern", ["row", "layer 37 %", "2:4"])
@pytest.mark.parametrize("form", ["matrix", "stored transposed", "one row"])
def test_the_same_question_gets_the_same_answer_and_nothing_given_is_changed(solver: Solver, pattern: str, form: str) -> None:
    item = linear(3, outputs=1 if form == "one row" else 6)
    if form == "stored transposed":
        item = dataclasses.replace(item, weight=item.weight.T.contiguous().T)
    weight, score, gram = item.weight.clone(), wanda(item), item.need("gram").clone()
    first = solver.solve(item, score, *PATTERNS[pattern])
    second = solver.solve(item, score, *PATTERNS[pattern])
    assert torch.equal(first.keep, second.keep)
    assert first.note == second.note
    assert first.weight is None or second.weight is None or torch.equal(first.weight, second.weight)
    assert torch.equal(item.weight, weight)
    assert torch.equal(score, wanda(item))
    assert torch.equal(item.need("gram"), gram)


@solvers
@pytest.mark.parametrize("pattern", [Unstructured(), Unstructured(scope="layer"), NtoM(2, 4, mixed=True)])
def test_without_sparsity_nothing_happens(solver: Solver, pattern: Unstructured | NtoM) -> None:
    item = linear(4)
    solution = solver.solve(item, wanda(item), pattern, 0.0)
    assert bool(solution.keep.all())
    assert solution.weight is None or torch.equal(solution.weight, item.weight)


@solvers
@pytest.mark.parametrize("pattern", ["row", "layer", "2:4"])
def test_hard_numbers(solver: Solver, pattern: str) -> None:
    # bfloat16 weights with exact zeros, a massive channel, two silent inputs, and a row without any weight.
    x = matrices.inputs(5, 16)
    x[:, 2] *= 1e4
    x[:, [3, 11]] = 0
    weight = making.noise(6, 16, seed=9).bfloat16()
    weight[weight.abs() < 0.3] = 0
    weight[1] = 0
    item = matrices.evidence(weight, x)
    solution = solver.solve(item, wanda(item), *PATTERNS[pattern])
    assert counts_are_exact(solution.keep, *PATTERNS[pattern])
    if solution.weight is not None:
        assert solution.weight.dtype == torch.bfloat16
        assert bool(solution.weight.isfinite().all())


@solvers
@pytest.mark.parametrize("pattern", ["row", "layer", "4:8"])
def test_an_input_that_never_speaks(solver: Solver, pattern: str) -> None:
    item = matrices.evidence(making.noise(6, 16, seed=1), torch.zeros(10, 16))
    assert counts_are_exact(solver.solve(item, wanda(item), *PATTERNS[pattern]).keep, *PATTERNS[pattern])


@pytest.mark.parametrize("name", GRAM_BASED)
@pytest.mark.parametrize("pattern", ["row", "layer", "2:4"])
@pytest.mark.parametrize("factor", [2.0**-20, 2.0**14])
def test_the_scale_of_the_activations_does_not_matter(name: str, pattern: str, factor: float) -> None:
    item = linear(6)
    scaled = dataclasses.replace(item, gram=item.need("gram") * factor)
    one, other = (VARIANTS[name].solve(x, wanda(item), *PATTERNS[pattern]) for x in (item, scaled))
    assert torch.equal(one.keep, other.keep)
    if one.weight is not None and other.weight is not None:
        assert_close(one.weight, other.weight)


@pytest.mark.parametrize("name", ["sparsefw", "sparsefw, all free", "sparsefw, open loop", "swaps", "swaps, narrow window"])
@patterns
def test_never_worse_than_the_mask_it_starts_from(name: str, pattern: str) -> None:
    for seed in range(4):
        item = linear(10 + seed, outputs=5, width=24)
        start = PATTERNS[pattern][0].keep(wanda(item), PATTERNS[pattern][1])
        found = VARIANTS[name].solve(item, wanda(item), *PATTERNS[pattern]).keep
        before, after = matrices.masked_errors(item, start), matrices.masked_errors(item, found)
        if "layer" in pattern and "sparsefw" in name:
            before, after = before.sum(), after.sum()
        assert bool((after <= before * (1 + 1e-9)).all())


@pytest.mark.parametrize("name", MASK_ONLY)
def test_masks_leave_the_weights_alone(name: str) -> None:
    item = linear(7)
    assert VARIANTS[name].solve(item, wanda(item), *PATTERNS["row"]).weight is None


@pytest.mark.parametrize("name", GRAM_BASED)
def test_what_is_missing_or_not_finite_is_refused(name: str) -> None:
    item, pattern = linear(8), PATTERNS["row"]
    score, broken = wanda(item), item.weight.clone()
    broken[0, 0] = torch.nan
    with pytest.raises(InputError, match="needs 'gram'"):
        VARIANTS[name].solve(dataclasses.replace(item, gram=None), score, *pattern)
    with pytest.raises(InputError, match="the weight holds infinite values or NaN"):
        VARIANTS[name].solve(dataclasses.replace(item, weight=broken), score, *pattern)
    with pytest.raises(InputError, match="the Gram matrix of its inputs holds infinite values"):
        VARIANTS[name].solve(dataclasses.replace(item, gram=item.need("gram") * torch.inf), score, *pattern)


@solvers
def test_a_width_that_the_pattern_cannot_divide_is_refused(solver: Solver) -> None:
    item = linear(9, width=18)
    with pytest.raises(InputError, match="18 inputs, which 4 does not divide"):
        solver.solve(item, wanda(item), NtoM(2, 4), 0.5)
