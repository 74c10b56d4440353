"""Gates learned on the loss: their start is a score's mask, they lower the loss, and the dense weights come back."""

import dataclasses

import pytest
import tiny
import torch

from mwanda_core.corpora import Packed
from mwanda_core.engine.gates import learn
from mwanda_core.engine.gradients import gradients_at_some
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import Cancelled
from mwanda_core.methods.recipes import recipe
from mwanda_core.methods.scores import Leap
from mwanda_core.methods.scores.leap import opened, shifted
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import pack
from mwanda_core.parts.patterns import NtoM, Unstructured
from mwanda_core.progress import Monitor
from mwanda_core.studies.cutting import cut_to


def test_the_start_and_the_shift_by_hand() -> None:
    score = torch.tensor([[8.0, 1.0, 2.0, 4.0]])
    # log2: 3 0 1 2; two go, so the threshold lies at 1.5.
    wanted = 6.0 * torch.tanh(2.0 * torch.log(torch.tensor(2.0)) * torch.tensor([[1.5, -1.5, -0.5, 0.5]]) / 6.0)
    torch.testing.assert_close(opened(score, 2, 2.0), wanted)
    phi = torch.tensor([[1.0, -1.0, 0.5, 2.0]])
    for _ in range(20):
        phi = shifted(phi, 0.3)
    assert float(phi.sigmoid().mean()) == pytest.approx(0.3, abs=1e-6)
    torch.testing.assert_close(phi[0, 0] - phi[0, 1], torch.tensor(2.0))


@pytest.mark.parametrize("pattern", [Unstructured(), Unstructured("layer"), NtoM(2, 4)])
def test_without_learning_the_masks_are_those_of_the_start(llama: LanguageModel, calibration: Packed, pattern: object) -> None:
    before = tiny.all_bytes(llama)
    wanda = prune(llama, calibration, recipe("wanda").replace(pattern=pattern), 0.5, "one-pass")
    wanda.restore()
    still = prune(llama, calibration, recipe("leap").replace(rate=0.0, pattern=pattern), 0.5, "one-pass")
    still.restore()
    assert tiny.same(wanda.masks, still.masks)
    assert tiny.all_bytes(llama) == before


def loss(model: LanguageModel, calibration: Packed) -> float:
    linears = {block.full_name(linear): linear for block in model.blocks for linear in block.linears}
    draws = torch.Generator().manual_seed(1)
    return sum(gradients_at_some(model, linears, ids[None], 64, draws)[0] for ids in calibration.ids)


def test_learning_lowers_the_loss_of_the_masks(llama: LanguageModel, calibration: Packed) -> None:
    """On the samples themselves, from magnitude on: far below the start, and below the mean of random starts."""
    losses = []
    for rate in (0.0, 0.1):
        settings = Leap(start="magnitude", rounds=10, rate=rate)
        phi = learn(llama, calibration, settings, 0.6, Monitor(), seed=1).phi
        with cut_to(llama, {name: pack(Unstructured().keep(found, 0.6)) for name, found in phi.items()}):
            losses.append(loss(llama, calibration))
    assert losses[1] < losses[0] - 0.5


def test_any_scores_may_be_the_start(llama: LanguageModel, calibration: Packed) -> None:
    scores = {b.full_name(linear): torch.rand(linear.weight.shape) + 0.1 for b in llama.blocks for linear in b.linears}
    phi = learn(llama, calibration, Leap(rate=0.0), 0.5, Monitor(), start=scores).phi
    assert all(torch.equal(Unstructured().keep(phi[n], 0.5), Unstructured().keep(scores[n], 0.5)) for n in scores)


@pytest.mark.parametrize("stop", [0, 4, 9])
def test_a_cancel_gives_the_dense_weights_back_and_learning_repeats(
    llama: LanguageModel, calibration: Packed, stop: int
) -> None:
    before, seen = tiny.all_bytes(llama), []
    with pytest.raises(Cancelled):
        learn(llama, calibration, Leap(), 0.5, Monitor(on_progress=seen.append, is_cancelled=lambda: len(seen) > stop))
    assert tiny.all_bytes(llama) == before
    if not stop:
        monitor = Monitor()
        first = learn(llama, calibration, dataclasses.replace(Leap(), rounds=2), 0.5, monitor)
        again = learn(llama, calibration, dataclasses.replace(Leap(), rounds=2), 0.5, Monitor(), most=5)
        assert again.steps == 5
        again = learn(llama, calibration, dataclasses.replace(Leap(), rounds=2), 0.5, Monitor(), begun=again)
        assert again.steps == 2 * len(calibration.ids)
        assert all(torch.equal(first.phi[name], again.phi[name]) for name in first.phi)
        assert monitor.done == pytest.approx(7.0 * calibration.num_tokens * len(llama.blocks))


def test_it_works_in_every_family(family: str, calibration: Packed) -> None:
    model = tiny.language_model(family)
    before = tiny.all_bytes(model)
    found = learn(model, calibration, Leap(rounds=1), 0.5, Monitor())
    assert tiny.all_bytes(model) == before
    assert all(torch.isfinite(phi).all() for phi in found.phi.values())
