"""UniPruning's walk: saliency and state by hand and by law, its controls, and the dense weights given back."""

import dataclasses
import math

import pytest
import tiny
import torch
from evidence import linear
from hypothesis import given, strategies as st
from torch.testing import assert_close

from mwanda_core.corpora import Packed
from mwanda_core.engine import mirror as walk
from mwanda_core.engine.measure import measure_model
from mwanda_core.engine.mirror import descend, mirror_bytes, mirror_work
from mwanda_core.errors import Cancelled, DoesNotFit
from mwanda_core.methods.scores import RIA
from mwanda_core.methods.scores.unipruning import UniPruning, saliency, shrunk
from mwanda_core.models import LanguageModel
from mwanda_core.parts.patterns import Unstructured
from mwanda_core.progress import Monitor

STILL = UniPruning(learning_rate=0.0, threshold=0.0)
MODES = [UniPruning(), UniPruning(mode="released"), STILL]


def draws() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_a_saliency_by_hand() -> None:
    weight, square = torch.tensor([[1.0, -2.0], [3.0, 4.0]]), torch.tensor([4.0, 1.0])
    raw = [[1 / 4 + 1 / 3, 2 / 6 + 2 / 3], [3 / 4 + 3 / 7, 4 / 6 + 4 / 7]]
    scaled = torch.tensor([[raw[0][0] * 2, raw[0][1]], [raw[1][0] * 2, raw[1][1]]])
    assert_close(saliency(weight, square, UniPruning(metric="ria", power=0.5), draws()), scaled / scaled.mean())
    wanda = torch.tensor([[2.0, 2.0], [6.0, 4.0]])
    assert_close(saliency(weight, square, UniPruning(metric="wanda"), draws()), wanda / wanda.mean())


@given(st.integers(0, 1000), st.sampled_from(["wanda", "ria", "stochria"]))
def test_scaling_the_weights_changes_no_saliency_so_the_coupling_is_orthogonal_to_them(seed: int, metric: str) -> None:
    """Euler: S is homogeneous of degree 0, so the gradient of any function of S has no part along W."""
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(6, 8, generator=generator).double().requires_grad_(True)
    square, gamma = torch.rand(8, generator=generator).double(), torch.rand(6, 8, generator=generator).double()
    settings = UniPruning(metric=metric)
    found = saliency(weight, square, settings, draws())
    assert_close(found, saliency(weight * 3.0, square, settings, draws()))
    assert found.mean().item() == pytest.approx(1.0)
    (gradient,) = torch.autograd.grad((gamma - found).square().sum(), weight)
    assert abs(float((gradient * weight.detach()).sum())) < 1e-9 * float(gradient.norm() * weight.detach().norm() + 1.0)


def test_all_terms_of_a_random_sum_estimate_the_sum() -> None:
    """With every index drawn equally often in the mean, the expected sum is share times the sum."""
    weight, square = torch.rand(40, 50), torch.rand(50)
    exact = saliency(weight, square, UniPruning(metric="ria"), draws())
    generator = draws()
    mean = torch.stack([saliency(weight, square, UniPruning(), generator) for _ in range(200)]).mean(dim=0)
    assert float((mean - exact).abs().mean()) < 0.05


def test_the_threshold_by_hand() -> None:
    state = torch.tensor([[3.0, -1.0, 0.5, 0.0]])
    assert shrunk(state, UniPruning(threshold=0.5)).tolist() == [[2.5, -0.5, 0.0, 0.0]]
    assert shrunk(state, UniPruning(threshold=0.0)).tolist() == state.tolist()
    # Released: the quantile 1/3 of (0, 0.5, 1, 3) is the second smallest.
    assert shrunk(state, UniPruning(mode="released", threshold=0.34)).tolist() == [[2.5, -0.5, 0.0, 0.0]]
    assert shrunk(state, UniPruning(mode="released", threshold=0.0)).tolist() == state.tolist()


def test_a_constant_saliency_follows_the_closed_form(
    llama: LanguageModel, calibration: Packed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Gamma_n = S (1 - (1 - k)^n)."""
    monkeypatch.setattr(walk, "saliency", lambda weight, square, settings, draws: weight.abs())
    found = descend(llama, calibration, STILL, Monitor())
    block, target = llama.blocks[1], llama.blocks[1].linears[2]
    wanted = target.weight.abs() * (1 - (1 - STILL.step) ** len(calibration.ids))
    assert_close(found.gamma(block.full_name(target)), wanted)


def test_without_learning_one_sample_is_rias_mask(llama: LanguageModel, calibration: Packed) -> None:
    """Reference: learning rate 0, threshold 0, sums in full: RIA with c^(1/2) on that sample."""
    one = calibration.only(["en"])._take(torch.tensor([0]))
    settings = dataclasses.replace(STILL, metric="ria", power=0.25)
    found = descend(llama, one, settings, Monitor())
    stats = measure_model(llama, one, frozenset(), Monitor())
    for block in llama.blocks:
        for target in block.linears:
            score = RIA()(linear(target.weight, stats[block.index][target.name].rms()[0].float()))
            gamma = found.gamma(block.full_name(target))
            assert torch.equal(Unstructured().keep(gamma, 0.5), Unstructured().keep(score, 0.5))


def test_states_of_languages_are_linear_in_their_saliencies(llama: LanguageModel, calibration: Packed) -> None:
    """At learning rate 0 a language's state is what its samples alone give, and the mix of states is their weighted sum."""
    settings = dataclasses.replace(STILL, metric="ria")
    together = descend(llama, calibration, settings, Monitor(), by_language=True)
    alone = {code: descend(llama, calibration.only([code]), settings, Monitor()) for code in calibration.languages}
    for name in together.states:
        wanted = 0.75 * alone["en"].gamma(name) + 0.25 * alone["sw"].gamma(name)
        assert_close(together.gamma(name, [0.75, 0.0, 0.25]), wanted, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("settings", MODES)
def test_the_dense_weights_come_back_and_a_walk_repeats(
    llama: LanguageModel, calibration: Packed, settings: UniPruning
) -> None:
    before, monitor = tiny.all_bytes(llama), Monitor()
    first = descend(llama, calibration, settings, monitor, seed=2)
    assert tiny.all_bytes(llama) == before
    assert not any(parameter.requires_grad and parameter.grad is not None for parameter in llama.hf.parameters())
    assert monitor.done == pytest.approx(mirror_work(llama, calibration, settings))
    second = descend(llama, calibration, settings, Monitor(), seed=2)
    assert all(torch.equal(first.states[name], second.states[name]) for name in first.states)
    assert all(math.isnan(loss) for loss in first.losses) == (settings.learning_rate == 0.0)


@pytest.mark.parametrize("settings", MODES)
@pytest.mark.parametrize("stop", [0, 2, 5])
def test_a_cancelled_walk_gives_the_dense_weights_back(
    llama: LanguageModel, calibration: Packed, settings: UniPruning, stop: int
) -> None:
    before, seen = tiny.all_bytes(llama), []
    with pytest.raises(Cancelled):
        descend(llama, calibration, settings, Monitor(on_progress=seen.append, is_cancelled=lambda: len(seen) > stop))
    assert tiny.all_bytes(llama) == before


def test_the_weights_follow_the_task(llama: LanguageModel, calibration: Packed) -> None:
    """The same text again and again, with a learning rate large enough for nine steps: its loss falls."""
    same = dataclasses.replace(calibration, ids=calibration.ids[:1].expand(9, -1).clone())
    losses = descend(llama, same, UniPruning(learning_rate=0.01), Monitor()).losses
    assert losses[-1] < losses[0] - 0.1


def test_the_modes_differ_and_the_coupling_counts(llama: LanguageModel, calibration: Packed) -> None:
    name = llama.blocks[0].full_name(llama.blocks[0].linears[0])

    def gamma(**settings: object) -> torch.Tensor:
        return descend(llama, calibration, UniPruning(metric="ria", learning_rate=0.01, **settings), Monitor()).gamma(name)

    assert not torch.equal(gamma(), gamma(mode="released"))
    assert not torch.equal(gamma(coupling=1.0), gamma(coupling=0.0))


def test_it_works_in_every_family(family: str, calibration: Packed) -> None:
    model = tiny.language_model(family)
    before = tiny.all_bytes(model)
    found = descend(model, calibration, UniPruning(), Monitor())
    assert tiny.all_bytes(model) == before
    assert all(torch.isfinite(state).all() and state.abs().max() > 0 for state in found.states.values())


def test_what_does_not_fit_is_refused_before_it_starts(
    llama: LanguageModel, calibration: Packed, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mirror_bytes(llama, UniPruning()) == llama.shape.prunable * 24
    assert mirror_bytes(llama, UniPruning(mode="released")) == llama.shape.prunable * 28
    assert mirror_bytes(llama, STILL, 3) == llama.shape.prunable * 12
    monkeypatch.setattr(walk, "available", lambda device: 1000)
    with pytest.raises(DoesNotFit, match="beside the model; cpu has 0 MiB free"):
        descend(llama, calibration, UniPruning(), Monitor())
