"""Forgetting that is watched: looks as plain data, every weight as it was, also after a cancel."""

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest
import tiny
from torch import nn

from mwanda_core.errors import Cancelled
from mwanda_core.progress import Monitor, Progress
from mwanda_core.studies.memory import Memory, attack, diffusion, live, measure_sentences, sentences as parts
from mwanda_core.studies.memory.training import load_painter

MODEL = tiny.language_model("gemma3_text")
PAINTER = load_painter()


def weights(model: nn.Module) -> dict[str, bytes]:
    return {name: tensor.numpy().tobytes() for name, tensor in model.state_dict().items()}


def watching() -> tuple[Monitor, list[Any]]:
    """A monitor, and what is shown to it."""
    shown: list[Any] = []

    def see(progress: Progress) -> None:
        assert progress.done <= progress.total + 1e-6
        if progress.found is not None:
            shown.append(progress.found)

    return Monitor(on_progress=see), shown


def cancelling(after: int) -> Monitor:
    """Is cancelled at its so-manyth report."""
    left = [after]

    def cancelled() -> bool:
        left[0] -= 1
        return left[0] < 0

    return Monitor(is_cancelled=cancelled)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (attack, live):
        monkeypatch.setattr(module, "SEEDS", 2)
    monkeypatch.setattr(live, "STEPS", 4)
    monkeypatch.setattr(live, "LEG", 2)
    monkeypatch.setattr(diffusion, "STEPS", 3)
    monkeypatch.setattr(Memory, "until", 1.0)  # The first share is enough.
    monkeypatch.setattr(measure_sentences, "TEXTS", 1)
    monkeypatch.setattr(measure_sentences, "LENGTH", 12)
    monkeypatch.setattr(parts, "MOST_STEPS", 2)
    monkeypatch.setattr(parts, "GATE_STEPS", 2)


def test_a_picture_is_forgotten_and_sought() -> None:
    before = weights(PAINTER.model)
    monitor, shown = watching()
    gone = live.forget_picture(PAINTER, "letter", "de", "wanda", monitor)
    assert gone.before > gone.after
    assert 0 < gone.density < 1
    assert len(gone.target) == len(gone.pruned) == 16
    assert all(iou == 1 for one, other, iou in gone.overlap if one == other)
    sought = live.seek_picture(PAINTER, "letter", "de", "wanda", monitor)
    assert [(steps, who) for steps, who, _ in sought.curve] == [
        (s, who) for s in (0, 2, 4) for who in (live.ITSELF, live.UNSEEN)
    ]
    assert shown[-1] == sought
    assert [len(look.curve) for look in shown] == [2, 4, 6]
    assert json.dumps([dataclasses.asdict(look) for look in (gone, *shown)])  # Plain data.
    assert weights(PAINTER.model) == before


@pytest.mark.parametrize(("name", "method"), [("gettysburg", "wanda"), ("mbuyu", "balanced")])
def test_a_sentence_is_forgotten_and_sought(name: str, method: str) -> None:
    before = tiny.all_bytes(MODEL)
    monitor, shown = watching()
    gone = live.forget_sentence(MODEL, name, method, monitor, share=0.1)
    assert set(gone.matched) == set(gone.written) == {live.DENSE, live.PRUNED, live.RANDOM}
    assert gone.loss[live.PRUNED] != gone.loss[live.DENSE]
    assert gone.density == pytest.approx(0.1, abs=0.01)
    assert {who for _, who, _ in gone.texts} == {live.PRUNED, live.RANDOM}
    assert len(gone.overlap) == 16
    assert tiny.all_bytes(MODEL) == before
    sought = live.seek_sentence(MODEL, name, method, monitor, share=0.1, steps=4)
    assert tiny.all_bytes(MODEL) == before
    kinds = [rung.trigger for rung in sought.ladder]
    assert kinds == ["same", "longer", "paraphrase", "translation", "steering", "soft prefix"]
    assert [steps for steps, who, _, _ in sought.curve if who == live.UNSEEN] == [0, 2, 4]
    assert shown[-1].curve == sought.curve
    assert json.dumps([dataclasses.asdict(look) for look in (gone, *shown)])  # Plain data.


@pytest.mark.parametrize("act", [live.forget_sentence, live.seek_sentence])
@pytest.mark.parametrize("after", [0, 8, 20])
def test_a_cancelled_one_leaves_the_model_as_it_was(act: Callable[..., Any], after: int) -> None:
    before = tiny.all_bytes(MODEL)
    with pytest.raises(Cancelled):
        act(MODEL, "mbuyu", "wanda", cancelling(after), share=0.1)
    assert tiny.all_bytes(MODEL) == before
    assert not any(parameter.requires_grad for parameter in MODEL.hf.parameters())


def test_a_cancelled_search_for_a_picture_ends() -> None:
    before = weights(PAINTER.model)
    with pytest.raises(Cancelled):
        live.seek_picture(PAINTER, "letter", "de", "nemo", cancelling(4))
    assert weights(PAINTER.model) == before
