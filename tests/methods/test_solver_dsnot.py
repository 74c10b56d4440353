"""DSnoT: by hand, against a slow definition, and its laws."""

import dataclasses
import math

import making
import matrices
import pytest
import tiny
import torch
from matrices import PATTERNS, linear, wanda
from torch import Tensor
from torch.testing import assert_close

from mwanda_core.corpora import Packed
from mwanda_core.engine.pruning import prune
from mwanda_core.methods.activation import Pooled, Target, Weighted
from mwanda_core.methods.recipes import recipe
from mwanda_core.methods.solvers import DSnoT
from mwanda_core.methods.solvers.dsnot import moments
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.patterns import NtoM, Pattern, Unstructured


def expected_error(item: LinearEvidence, keep: Tensor) -> Tensor:
    """|mean over all tokens of what each row misses|, float64."""
    mean = item.stats.total.sum(dim=0) / item.stats.tokens.sum()
    return ((item.weight.double() * ~keep) @ mean).abs()


def slow(item: LinearEvidence, score: Tensor, pattern: Pattern, sparsity: float, part: DSnoT) -> Tensor:
    """The two rules, row by row and weight by weight."""
    keep = pattern.keep(score, sparsity)
    mean, variance = moments(item.stats)
    width = score.shape[1]
    cell = pattern.m if isinstance(pattern, NtoM) else width
    for i in range(len(score)):
        share = [float(x) for x in item.weight[i] * mean]
        error = sum(share[j] for j in range(width) if not keep[i, j])
        start = abs(error)
        for _ in range(part.cycles):
            sign = math.copysign(1.0, error)
            if abs(error) <= part.threshold * start or bool(keep[i].all()):
                break
            out = [j for j in range(width) if not keep[i, j]]
            g = max(out, key=lambda j: sign * share[j] / float(variance[j]) ** part.power)
            able = [j for j in range(width) if keep[i, j] and sign * share[j] < 0 and j // cell == g // cell]
            if sign * share[g] <= 0 or not able:
                break
            p = min(able, key=lambda j: float(score[i, j]))
            after = error - share[g] + share[p]
            if abs(after) >= abs(error):
                break
            keep[i, g], keep[i, p], error = True, False, after
    return keep


def test_one_row_by_hand() -> None:
    # Means 1 and variances 1 throughout, so eps is the sum of the pruned weights: 0.5 + 0.4 + 0.1 = 1. The highest of them,
    # 0.5, comes back, and of the kept negative ones the smaller score, -0.6, goes: eps = 0.5 - 0.6 = -0.1.
    x = torch.tensor([[0.0] * 6, [2.0] * 6])
    item = matrices.evidence(torch.tensor([[0.5, 0.4, 0.1, -0.6, -0.9, 3.0]]), x)
    mean, variance = moments(item.stats)
    assert mean.tolist() == [1.0] * 6
    assert variance.tolist() == [1.0] * 6
    solution = DSnoT(threshold=0.2).solve(item, wanda(item), Unstructured(), 0.5)
    assert solution.keep.tolist() == [[True, False, False, False, True, True]]
    assert solution.note == "expected error 0.100 of the starting mask's"
    # The next swap would bring -0.6 back and prune 0.5: eps = 1 overshoots, so the row ends here.
    assert torch.equal(DSnoT(threshold=0.0).solve(item, wanda(item), Unstructured(), 0.5).keep, solution.keep)


def test_inputs_that_vary_are_brought_back_last() -> None:
    # Both pruned weights explain the error alike; the first input's variance is 9, the second's 1.
    x = torch.tensor([[4.0, 2.0, 1.0, 1.0], [-2.0, 0.0, 1.0, 1.0]])
    item = matrices.evidence(torch.tensor([[0.1, 0.1, -0.11, 5.0]]), x)
    score = torch.tensor([[1.0, 2.0, 3.0, 4.0]])
    assert DSnoT(threshold=0.0, cycles=1).solve(item, score, Unstructured(), 0.5).keep.tolist() == [[False, True, False, True]]
    even = DSnoT(threshold=0.0, cycles=1, power=0.0).solve(item, score, Unstructured(), 0.5)
    assert even.keep.tolist() == [[True, False, False, True]]


def test_moments_are_those_of_all_tokens_together() -> None:
    tokens = making.random_tokens(("en", "de", "sw"), width=7)
    mean, variance = moments(making.stats(tokens))
    together = torch.cat(list(tokens.values())).double()
    assert_close(mean.double(), together.mean(dim=0), rtol=1e-6, atol=1e-6)
    assert_close(variance.double(), together.var(dim=0, unbiased=False), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("part", [DSnoT(), DSnoT(threshold=0.0, power=0.0), DSnoT(cycles=2, power=0.5)])
def test_agrees_with_the_slow_definition(pattern: str, part: DSnoT) -> None:
    item = linear(21, outputs=8, width=24)
    keep = part.solve(item, wanda(item), *PATTERNS[pattern]).keep
    assert torch.equal(keep, slow(item, wanda(item), *PATTERNS[pattern], part))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_expected_error_never_rises_and_row_counts_stay(pattern: str) -> None:
    item = linear(22, outputs=8, width=24)
    start = PATTERNS[pattern][0].keep(wanda(item), PATTERNS[pattern][1])
    before = first = expected_error(item, start)
    for cycles in (1, 2, 3, 10, 50):
        keep = DSnoT(cycles=cycles, threshold=0.0).solve(item, wanda(item), *PATTERNS[pattern]).keep
        now = expected_error(item, keep)
        assert bool((now <= before + 1e-5 * first).all())
        assert torch.equal(keep.sum(dim=1), start.sum(dim=1))
        before = now
    assert float(before.sum()) < float(first.sum())


def test_inputs_of_mean_zero_leave_the_mask() -> None:
    item = linear(23)
    item = dataclasses.replace(item, stats=dataclasses.replace(item.stats, total=torch.zeros_like(item.stats.total)))
    solution = DSnoT().solve(item, wanda(item), Unstructured(), 0.5)
    assert torch.equal(solution.keep, Unstructured().keep(wanda(item), 0.5))
    assert solution.note == "expected error 1.000 of the starting mask's"


def test_languages_are_mixed_as_the_activation_says() -> None:
    tokens = making.random_tokens(("en", "de", "sw"), width=7)
    stats = making.stats(tokens)
    weights = torch.tensor([0.2, 0.0, 0.8], dtype=torch.float64)
    mean, variance = moments(stats, weights)
    means = {code: x.double().mean(dim=0) for code, x in tokens.items()}
    squares = {code: x.double().square().mean(dim=0) for code, x in tokens.items()}
    wanted = 0.2 * means["en"] + 0.8 * means["sw"]
    assert_close(mean.double(), wanted, rtol=1e-6, atol=1e-6)
    assert_close(variance.double(), 0.2 * squares["en"] + 0.8 * squares["sw"] - wanted.square(), rtol=1e-5, atol=1e-6)
    by_token = stats.tokens / stats.tokens.sum()
    assert torch.equal(torch.stack(moments(stats, by_token)), torch.stack(moments(stats)))


def test_one_target_language_swaps_as_if_it_were_alone() -> None:
    item = linear(24, outputs=8, width=24)
    alone = dataclasses.replace(item, stats=item.stats.select(("sw",)))
    target = dataclasses.replace(item, language_weights=torch.tensor([0.0, 1.0], dtype=torch.float64))
    masks = [DSnoT().solve(x, wanda(item), Unstructured(), 0.5).keep for x in (alone, target, item)]
    assert torch.equal(masks[0], masks[1])
    assert not torch.equal(masks[1], masks[2])


def test_the_engine_hands_the_weights_of_the_activation_on(calibration: Packed) -> None:
    found = {}
    for name, activation in (("target", Target("sw")), ("weighted", Weighted("custom", "sw=1, en=0, de=0")), ("all", Pooled())):
        chosen = recipe("dsnot", activation=activation)
        found[name] = prune(tiny.language_model("gpt2"), calibration, chosen, 0.5, "one-pass")
    assert tiny.same(found["target"].masks, found["weighted"].masks)
    assert [o.note for o in found["target"].linears] != [o.note for o in found["all"].linears]
    only = tiny.language_model("gpt2")
    alone = dataclasses.replace(calibration.part(1.0), ids=calibration.ids[6:], rows=torch.zeros(3, dtype=torch.long))
    alone = dataclasses.replace(alone, languages=("sw",), sources=calibration.sources[6:])
    assert tiny.same(prune(only, alone, recipe("dsnot"), 0.5, "one-pass").masks, found["target"].masks)
