"""Languages weigh the more, the more they lose: a step by hand, and the weights in an allocation."""

import math

import making
import pytest
import torch
from torch.testing import assert_close

from mwanda_core.methods.activation import Weighted, WorstFirst
from mwanda_core.methods.activation.worst_first import FLOOR, settled
from mwanda_core.methods.allocation import Sensitivity
from mwanda_core.parts.evidence import BlockEvidence, LinearEvidence
from mwanda_core.parts.statistics import InputStats


def test_a_step_by_hand() -> None:
    """Losses 1 and 3 about a mean of 2: weights grow by e^-0.5 and e^0.5, then a fifth is spread evenly."""
    found = WorstFirst(rate=1.0).step({"en": 0.5, "sw": 0.5}, {"en": 1.0, "sw": 3.0})
    share = math.exp(0.5) / (math.exp(0.5) + math.exp(-0.5))
    assert found == pytest.approx({"en": 0.8 * (1 - share) + 0.1, "sw": 0.8 * share + 0.1})
    assert sum(found.values()) == pytest.approx(1)


def test_it_follows_the_losses_and_forgets_nobody() -> None:
    weights = dict.fromkeys(("a", "b", "c"), 1 / 3)
    rule = WorstFirst(rate=5.0)
    for _ in range(50):
        weights = rule.step(weights, {"a": 0.1, "b": 0.2, "c": 4.0})
    assert weights["c"] > weights["b"] > weights["a"] >= FLOOR / 3
    assert WorstFirst(rate=0.0).step({"a": 0.5, "b": 0.5}, {"a": 1.0, "b": 9.0}) == pytest.approx({"a": 0.5, "b": 0.5})
    assert rule.step({"a": 0.3, "b": 0.7}, {"a": -1.0, "b": 0.5}) == {"a": 0.3, "b": 0.7}


def evidence(weights: torch.Tensor, damage: dict[str, float]) -> BlockEvidence:
    zeros = torch.zeros(len(damage), 4, dtype=torch.float64)
    stats = InputStats(tuple(damage), zeros, zeros, zeros, torch.ones(len(damage), dtype=torch.float64))
    item = LinearEvidence("block.linear", torch.ones(2, 4), stats, torch.ones(4), language_weights=weights)
    return BlockEvidence(0, {"linear": item}, damage)


def test_an_allocation_weighs_damages_as_the_activation_does() -> None:
    damage = {"en": 1.0, "de": 2.0, "sw": 6.0}
    rule = Sensitivity(aggregate="weighted", transform="none")
    alike = evidence(torch.full((3,), 1 / 3).double(), damage)
    assert_close(rule.importance([alike]), Sensitivity(transform="none").importance([alike]))
    assert float(rule.importance([evidence(torch.tensor([0.0, 0.5, 0.5]).double(), damage)])) == pytest.approx(4.0)


def test_weights_found_are_plain_data() -> None:
    found = settled({"en": 0.25, "sw": 0.75})
    assert found == Weighted("custom", "en=0.2500, sw=0.7500")
    assert found.language_weights(("sw", "en")).tolist() == pytest.approx([0.75, 0.25])
    stats = making.stats(making.random_tokens(("en", "sw")))
    assert torch.equal(WorstFirst().channels(stats), Weighted().channels(stats))
