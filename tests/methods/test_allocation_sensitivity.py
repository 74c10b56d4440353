"""Measured sensitivity: the logarithm's optimum, aggregation, noise."""

import math

import pytest
import torch
from evidence import linear
from hypothesis import given, strategies as st

from mwanda_core.errors import InputError
from mwanda_core.methods.allocation import Sensitivity
from mwanda_core.methods.allocation.sensitivity import FLOOR, log_damage
from mwanda_core.parts.evidence import BlockEvidence


def hurt(*by_language: dict[str, float], rows: tuple[int, ...] | None = None) -> list[BlockEvidence]:
    sizes = rows or (2,) * len(by_language)
    return [
        BlockEvidence(i, {"a": linear(torch.ones(count, 3))}, damage)
        for i, (count, damage) in enumerate(zip(sizes, by_language, strict=True))
    ]


def test_aggregation_by_hand() -> None:
    found = hurt({"en": 1.0, "sw": 3.0}, {"en": 2.5, "sw": 0.5})
    assert Sensitivity(transform="none").importance(found).tolist() == [2.0, 1.5]
    assert Sensitivity(transform="none", aggregate="worst").importance(found).tolist() == [3.0, 2.5]


def test_the_logarithm_by_hand() -> None:
    # Blocks of 6 and 12 weights.
    found = hurt({"en": 1.0}, {"en": 4.0}, rows=(2, 4))
    assert Sensitivity().importance(found).tolist() == pytest.approx([math.log(1 / 6), math.log(4 / 12)])


DAMAGES = st.lists(st.floats(0.05, 5.0), min_size=2, max_size=8)


@given(DAMAGES, st.floats(6.0, 20.0), st.data())
def test_it_is_optimal_where_damage_grows_exponentially(damage: list[float], growth: float, data: st.DataObject) -> None:
    """Stationarity: at the optimum of sum a_k e^(b s_k) the damage of one more weight is the same in every block."""
    many = data.draw(st.lists(st.integers(100, 300), min_size=len(damage), max_size=len(damage)))
    sizes, a = torch.tensor(many, dtype=torch.float64), torch.tensor(damage, dtype=torch.float64)
    importance = (a / sizes).log()
    strength = float(importance.max() - importance.min()) / growth / 2
    if strength > 0.3:
        growth, strength = growth * strength / 0.3, 0.3
    sparsity = Sensitivity(strength=strength).spread(importance, sizes, 0.5)
    if float(sparsity.min()) <= 0.0 or float(sparsity.max()) >= 0.99:
        return
    marginal = (a * growth * (growth * sparsity).exp() / sizes).log()
    torch.testing.assert_close(marginal, marginal.mean().expand(len(damage)), rtol=0, atol=1e-6)
    total = float((a * (growth * sparsity).exp()).sum())
    assert total <= float((a * math.exp(growth * 0.5)).sum()) * (1 + 1e-9)


@given(DAMAGES, st.floats(0.01, 100.0))
def test_the_unit_of_loss_does_not_matter(damage: list[float], factor: float) -> None:
    sizes = torch.ones(len(damage), dtype=torch.float64)
    for transform in ("log", "none"):
        part = Sensitivity(transform=transform)
        one, other = (
            part.spread(part.importance(hurt(*({"en": scale * d} for d in damage))), sizes, 0.5) for scale in (1.0, factor)
        )
        torch.testing.assert_close(one, other, rtol=0, atol=1e-5)


@given(DAMAGES)
def test_the_block_that_hurts_more_is_pruned_less(damage: list[float]) -> None:
    sizes = torch.ones(len(damage), dtype=torch.float64)
    for part in (Sensitivity(), Sensitivity(transform="none"), Sensitivity(aggregate="worst")):
        sparsity = part.spread(part.importance(hurt(*({"en": d, "sw": d} for d in damage))), sizes, 0.5)
        order = torch.tensor(damage).argsort()
        assert bool((sparsity[order].diff() <= 1e-9).all())


def test_the_worst_language_is_never_below_the_mean() -> None:
    found = hurt({"en": 0.1, "sw": 0.9}, {"en": 0.4, "sw": 0.4}, {"en": -0.2, "sw": 0.1})
    mean, worst = (Sensitivity(transform="none", aggregate=a).importance(found) for a in ("mean", "worst"))
    assert bool((worst >= mean).all())
    assert float(worst[1]) == pytest.approx(float(mean[1]))


def test_noise_below_a_tenth_of_the_median_is_all_alike() -> None:
    sizes = torch.ones(5, dtype=torch.float64)
    damage = torch.tensor([-0.3, 0.0, 1.0, 2.0, 1e-9], dtype=torch.float64)
    found = log_damage(damage, sizes)
    # The positive ones are 1e-9, 1 and 2: their median is 1.
    assert found.tolist() == pytest.approx([math.log(FLOOR), math.log(FLOOR), 0.0, math.log(2.0), math.log(FLOOR)])


def test_no_damage_anywhere_is_uniform() -> None:
    part = Sensitivity()
    found = hurt({"en": -0.1}, {"en": 0.0}, {"en": -2.0})
    sparsity = part.spread(part.importance(found), torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64), 0.5)
    assert sparsity.tolist() == [0.5, 0.5, 0.5]


@pytest.mark.parametrize("nothing", [None, {}])
def test_what_was_not_measured_is_named(nothing: dict[str, float] | None) -> None:
    found = [BlockEvidence(7, {"a": linear(torch.ones(2, 3))}, nothing)]
    with pytest.raises(InputError, match="Block 7: this allocation needs 'sensitivity'"):
        Sensitivity().importance(found)
