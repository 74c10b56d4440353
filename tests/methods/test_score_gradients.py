"""The scores that read a gradient: Wanda++, GBLM-Pruner, Pruner-Zero, weight times gradient."""

import dataclasses
from typing import Any

import making
import pytest
import torch
from evidence import linear
from hypothesis import given, strategies as st
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.scores import GBLM, Gradient, PrunerZero, Score, Wanda, WandaPP
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.masks import keep_top

SEEDS = st.integers(0, 10_000)
ALL: list[Score] = [WandaPP(), WandaPP(alpha=1.0), WandaPP(balance="matched"), GBLM(), Gradient(), PrunerZero()]

W = torch.tensor([[1.0, -2.0], [-3.0, 0.0]])
C = torch.tensor([10.0, 4.0])
G = torch.tensor([[1.0, 2.0], [3.0, 5.0]])


def seen(weight: Tensor, gradient: Tensor | None, channels: Tensor | None = None) -> LinearEvidence:
    return dataclasses.replace(linear(weight, channels), gradient=gradient, regional=gradient)


def random_item(seed: int, outputs: int = 5, inputs: int = 8) -> LinearEvidence:
    return seen(making.noise(outputs, inputs, seed=seed), making.noise(outputs, inputs, seed=seed + 1).abs())


@pytest.mark.parametrize(
    ("score", "wanted"),
    [
        (WandaPP(alpha=2.0), [[12.0, 16.0], [48.0, 0.0]]),
        # Mean channel 7, mean gradient 11 / 4: at 50 percent the gradient counts 14 / 11.
        (WandaPP(alpha=50.0, balance="matched"), [[10 + 14 / 11, 2 * (4 + 28 / 11)], [3 * (10 + 42 / 11), 0.0]]),
        (GBLM(alpha=0.5), [[10.5, 10.0], [34.5, 0.0]]),
        (Gradient(), [[1.0, 4.0], [9.0, 0.0]]),
        (PrunerZero(), [[0.0, 1.0], [4.5, 0.0]]),
    ],
)
def test_by_hand(score: Score, wanted: list[list[float]]) -> None:
    torch.testing.assert_close(score(seen(W, G, C)), torch.tensor(wanted))


@given(SEEDS)
def test_by_reference(seed: int) -> None:
    item = random_item(seed)
    g, c = item.gradient, item.channels
    assert g is not None
    low, high = min(g.flatten().tolist()), max(g.flatten().tolist())
    formulas: dict[Score, Any] = {
        WandaPP(alpha=7.0): lambda w, g, c: abs(w) * (7.0 * g + c),
        GBLM(alpha=7.0): lambda w, g, c: abs(w) * c + 7.0 * abs(w) * g,
        Gradient(): lambda w, g, c: abs(w * g),
        PrunerZero(): lambda w, g, c: w * w * (g - low) / (high - low),
    }
    for score, formula in formulas.items():
        wanted = [[formula(float(item.weight[i, j]), float(g[i, j]), float(c[j])) for j in range(8)] for i in range(5)]
        torch.testing.assert_close(score(item), torch.tensor(wanted), rtol=1e-5, atol=1e-6)


@given(SEEDS)
def test_alpha_zero_is_wanda_bit_for_bit(seed: int) -> None:
    item = random_item(seed)
    for score in (WandaPP(alpha=0.0), WandaPP(alpha=0.0, balance="matched"), GBLM(alpha=0.0)):
        assert torch.equal(score(item), Wanda()(item))


@given(SEEDS, st.sampled_from([WandaPP(), GBLM()]))
def test_without_channels_the_gradient_alone_ranks(seed: int, score: Score) -> None:
    item = random_item(seed)
    silent = dataclasses.replace(item, channels=torch.zeros_like(item.channels))
    assert torch.equal(keep_top(score(silent), 4), keep_top(Gradient()(item), 4))


@given(SEEDS)
def test_a_huge_alpha_leaves_the_gradient_alone(seed: int) -> None:
    item = random_item(seed)
    faint = dataclasses.replace(item, channels=item.channels * 1e-12)  # As alpha -> infinity, without leaving its range.
    for score in (WandaPP(alpha=1000.0), GBLM(alpha=1000.0)):
        torch.testing.assert_close(score(faint) / 1000.0, Gradient()(item))


@given(SEEDS, st.floats(0.0, 1000.0))
def test_equal_gradients_in_proportion_to_channels_change_no_mask(seed: int, alpha: float) -> None:
    item = random_item(seed)
    parallel = (0.3 * item.channels).expand(5, 8).contiguous()
    told = dataclasses.replace(item, regional=parallel, gradient=parallel)
    for score in (WandaPP(alpha=alpha), GBLM(alpha=alpha)):
        torch.testing.assert_close(score(told), (1 + 0.3 * alpha) * Wanda()(item))


@given(SEEDS, st.sampled_from([0.25, 4.0, 1024.0]))
def test_the_unit_of_the_gradient_matters_only_to_sums(seed: int, factor: float) -> None:
    item = random_item(seed)
    assert item.gradient is not None
    scaled = dataclasses.replace(item, gradient=item.gradient * factor)
    for score in (Gradient(), PrunerZero()):
        assert torch.equal(keep_top(score(scaled), 4), keep_top(score(item), 4))
    torch.testing.assert_close(GBLM(alpha=8.0)(scaled), GBLM(alpha=8.0 * factor)(item))


@given(SEEDS, st.sampled_from([0.25, 4.0, 1024.0]))
def test_a_matched_balance_does_not_see_the_unit_of_the_gradient(seed: int, factor: float) -> None:
    item = random_item(seed)
    assert item.regional is not None
    scaled = dataclasses.replace(item, regional=item.regional * factor)
    part = WandaPP(balance="matched")
    torch.testing.assert_close(part(scaled), part(item))
    # At 100 percent both terms have one mean, so the factor on |W| averages to twice the mean channel.
    weighing = part(dataclasses.replace(item, weight=torch.ones(5, 8)))
    assert float(weighing.mean()) == pytest.approx(2 * float(item.channels.mean()), rel=1e-5)


def test_a_block_that_no_weight_moves_leaves_wanda() -> None:
    item = seen(making.noise(5, 8), torch.zeros(5, 8))
    assert torch.equal(WandaPP(balance="matched")(item), Wanda()(item))


@pytest.mark.parametrize("score", ALL, ids=repr)
def test_signs_do_not_matter_and_zero_weights_score_zero(score: Score) -> None:
    weight, gradient = making.noise(5, 8), making.noise(5, 8, seed=1).abs()
    weight[2] = 0.0
    found = score(seen(weight, gradient))
    assert found.shape == weight.shape
    assert found.dtype == torch.float32
    assert bool((found >= 0).all())
    assert not found[2].any()
    assert torch.equal(found, score(seen(-weight, gradient)))


@pytest.mark.parametrize("score", ALL, ids=repr)
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_weights_are_scored_in_float32(score: Score, dtype: torch.dtype) -> None:
    weight, gradient = making.noise(5, 8).to(dtype), making.noise(5, 8, seed=1).abs()
    found = score(seen(weight, gradient))
    assert found.dtype == torch.float32
    assert torch.equal(found, score(seen(weight.float(), gradient)))


def test_gradients_that_are_all_alike_leave_pruner_zero_the_squared_weight() -> None:
    weight = making.noise(5, 8)
    assert torch.equal(PrunerZero()(seen(weight, torch.full((5, 8), 3.0))), weight.square())


@pytest.mark.parametrize("score", ALL, ids=repr)
def test_a_gradient_that_was_not_measured_is_named(score: Score) -> None:
    field = "regional" if isinstance(score, WandaPP) else "gradient"
    with pytest.raises(InputError, match=f"needs '{field}'"):
        score(linear(W, C))
