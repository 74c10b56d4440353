"""DLP: blocks with a high typical score are pruned more."""

import statistics

import pytest
import torch
from evidence import blocks, linear

from mwanda_core.methods.allocation import DLP
from mwanda_core.parts.evidence import BlockEvidence

ONES = torch.ones(3)


def block(*weights: list[list[float]]) -> BlockEvidence:
    return BlockEvidence(0, {str(i): linear(torch.tensor(w), ONES) for i, w in enumerate(weights)})


def test_by_hand() -> None:
    # Medians 2 and 6, means 3 and 5.
    found = [block([[1.0, 2.0, -6.0]]), block([[-3.0, 6.0, 6.0]])]
    assert DLP().importance(found).tolist() == pytest.approx([1 - 2 / 8, 1 - 6 / 8])
    assert DLP(statistic="mean").importance(found).tolist() == pytest.approx([1 - 3 / 8, 1 - 5 / 8])


@pytest.mark.parametrize("statistic", ["median", "mean"])
def test_by_reference(statistic: str) -> None:
    found = blocks(2)
    typical = []
    for each in found:
        scores = [
            abs(float(w)) * float(c)
            for ev in each.linears.values()
            for row in ev.weight
            for w, c in zip(row, ev.channels, strict=True)
        ]
        # Of an even number of scores the lower middle one.
        typical.append(statistics.median_low(scores) if statistic == "median" else statistics.fmean(scores))
    wanted = [1 - each / sum(typical) for each in typical]
    assert DLP(statistic=statistic).importance(found).tolist() == pytest.approx(wanted)


def test_the_unit_of_the_activations_does_not_matter() -> None:
    weights = [torch.tensor([[1.0, 2.0, -6.0]]), torch.tensor([[-3.0, 6.0, 6.0]])]
    one, ten = (
        DLP().importance([BlockEvidence(i, {"a": linear(w, factor * ONES)}) for i, w in enumerate(weights)])
        for factor in (1, 10)
    )
    torch.testing.assert_close(one, ten)


def test_outliers_move_the_mean_and_not_the_median() -> None:
    calm, wild = block([[1.0, 2.0, 3.0]]), block([[1.0, 2.0, 3000.0]])
    assert DLP().importance([calm, wild]).tolist() == [0.5, 0.5]
    mean = DLP(statistic="mean").importance([calm, wild])
    assert mean[1] < mean[0]


def test_the_higher_typical_score_is_pruned_more() -> None:
    part = DLP()
    found = [block([[1.0, 1.0, 1.0]]), block([[3.0, 3.0, 3.0]]), block([[2.0, 2.0, 2.0]])]
    sparsity = part.spread(part.importance(found), torch.ones(3, dtype=torch.float64), 0.5)
    assert sparsity.tolist() == pytest.approx([0.35, 0.65, 0.5])


def test_all_scores_zero_is_uniform() -> None:
    found = [block([[0.0, 0.0, 0.0]]), block([[0.0, 0.0, 0.0]])]
    part = DLP()
    assert part.spread(part.importance(found), torch.ones(2, dtype=torch.float64), 0.5).tolist() == [0.5, 0.5]
