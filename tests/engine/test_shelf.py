"""Where a walk's state lies changes nothing of it: files, gradients taken one by one, blocks run again on the way back."""

import pytest
import tiny
import torch

from mwanda_core.corpora import Packed
from mwanda_core.engine import gates, mirror as walk, shelf
from mwanda_core.engine.mirror import descend, plan_walk
from mwanda_core.engine.shelf import place_for, shelf_at
from mwanda_core.errors import DoesNotFit, InputError
from mwanda_core.methods.scores import Leap
from mwanda_core.methods.scores.unipruning import UniPruning
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor

CPU = torch.device("cpu")


def test_the_first_place_with_room(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = torch.device("cuda")
    assert place_for(100, 10, CPU, 100.0) == "device"
    assert place_for(100, 10, CPU, 50.0) == "files"
    monkeypatch.setattr(shelf, "available", lambda device: 1000)
    assert place_for(100, 10, gpu, 50.0) == "memory"
    assert place_for(10_000, 10, gpu, 50.0) == "files"
    assert place_for(100, 60, gpu, 50.0) == ""
    assert place_for(2**62, 10, CPU, 50.0) == ""


def test_files_hold_what_is_put_there_and_go() -> None:
    with shelf_at("files", CPU) as found:
        stored = found.copy(torch.arange(6.0).view(2, 3))
        worked = found.here(stored)
        worked += 1.0
        found.back(stored, worked)
        assert stored.tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
        folder = found.folder
        assert folder is not None
        assert list(folder.iterdir()) == [], "what is mapped has no name, so it goes with its tensor"
    assert not folder.exists()
    assert stored[1, 2] == 6.0


@pytest.mark.parametrize("settings", [UniPruning(), UniPruning(mode="released", two_four=0.01), UniPruning(learning_rate=0.0)])
def test_a_walk_in_files_with_blocks_run_again_is_the_walk_in_memory(
    llama: LanguageModel, calibration: Packed, settings: UniPruning, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, plain = tiny.all_bytes(llama), descend(llama, calibration, settings, Monitor(), seed=3)
    monkeypatch.setattr(walk, "plan_walk", lambda *_: walk.WalkPlan("files", True, 0))
    aside = descend(llama, calibration, settings, Monitor(), seed=3)
    assert tiny.all_bytes(llama) == before
    assert all(torch.equal(plain.states[name], aside.states[name]) for name in plain.states)
    assert plain.losses == pytest.approx(aside.losses, nan_ok=True)


def test_the_plan_follows_what_is_free(llama: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    needed = walk.mirror_bytes(llama, UniPruning())
    largest = max(linear.weight.numel() for block in llama.blocks for linear in block.linears) * 36
    free = {"rich": 10 * needed, "tight": int(1.2 * needed), "poor": needed, "least": largest}
    plans = {}
    for name, size in free.items():
        monkeypatch.setattr(walk, "available", lambda device, size=size: size)
        try:
            plans[name] = plan_walk(llama, UniPruning(), 1, 16)
        except DoesNotFit:
            plans[name] = None
    assert (plans["rich"].place, plans["rich"].again) == ("device", False)
    assert plans["tight"].place == "device"
    assert plans["poor"].place == "files"
    assert plans["least"] is None
    monkeypatch.setattr(walk, "available", lambda device: int(1.2 * needed))
    assert plan_walk(llama, UniPruning(), 1, 100_000).again


def test_a_width_without_groups_of_four_is_refused(calibration: Packed) -> None:
    model = tiny.language_model("llama", intermediate_size=34)
    with pytest.raises(InputError, match="has 34 inputs: choose two_four=0"):
        descend(model, calibration, UniPruning(two_four=0.001), Monitor())


def test_gates_in_files_are_those_in_memory(llama: LanguageModel, calibration: Packed, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = gates.learn(llama, calibration, Leap(rounds=1), 0.5, Monitor())
    monkeypatch.setattr(gates, "place_for", lambda *_: "files")
    aside = gates.learn(llama, calibration, Leap(rounds=1), 0.5, Monitor())
    assert all(torch.equal(plain.phi[name], aside.phi[name]) for name in plain.phi)
    monkeypatch.setattr(gates, "place_for", lambda *_: "")
    with pytest.raises(DoesNotFit, match="Learning gates needs"):
        gates.learn(llama, calibration, Leap(), 0.5, Monitor())
