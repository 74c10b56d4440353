"""The second descent, over weights of languages: no forward pass for masks, the worst language, mixes that are the recipe's own."""

import dataclasses
import math

import pytest
import tiny
import torch

from mwanda_core.corpora import Packed
from mwanda_core.engine import dense, mirror as mirror_module
from mwanda_core.engine.mirror import Mirror, descend
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import Cancelled, InputError
from mwanda_core.methods.activation import Maximum, Weighted
from mwanda_core.methods.recipes import recipe
from mwanda_core.methods.scores import UniPruning
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.one_calibration import weighing
from mwanda_core.studies.one_calibration.reading import masks_at, mix_of, with_mix
from mwanda_core.studies.one_calibration.weighing import increases, kindest, weigh
from mwanda_core.studies.texts import Window

EACH = recipe("unipruning").replace(states="each", learning_rate=0.0)


@pytest.fixture
def mirror(llama: LanguageModel, calibration: Packed) -> Mirror:
    assert isinstance(EACH.score, UniPruning)
    return descend(llama, calibration, EACH.score, Monitor(), by_language=True)


def texts(codes: tuple[str, ...]) -> list[Window]:
    return [Window(code, code, tuple(tiny.random_ids(1, 12, seed)[0].tolist())) for seed, code in enumerate(codes)]


def test_weights_follow_the_losses_and_the_kindest_round_is_kept(llama: LanguageModel, mirror: Mirror) -> None:
    before, monitor, looked = tiny.all_bytes(llama), Monitor(), texts(mirror.languages)
    path = weigh(llama, mirror, looked, 0.6, rounds=3, rate=2.0, monitor=monitor)
    assert tiny.all_bytes(llama) == before
    assert monitor.done == 4 * sum(len(text.ids) for text in looked)
    assert path.groupby("round")["weight"].sum().tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert set(path.loc[path["round"] == 0, "weight"]) == {1 / 3}
    worst = path.groupby("round")["increase"].max()
    best = path[path["round"] == worst.idxmin()].set_index("language")["weight"]
    assert kindest(path) == best.to_dict()
    assert weigh(llama, mirror, looked, 0.6, rounds=3, rate=2.0).equals(path)
    with pytest.raises(Cancelled):
        weigh(llama, mirror, looked, 0.6, monitor=Monitor(is_cancelled=lambda: True))
    assert increases(llama, looked, Monitor(), increases(llama, looked, Monitor())) == dict.fromkeys(mirror.languages, 0.0)


def test_a_round_by_hand(llama: LanguageModel, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """Losses of 3, 2 and 1 from equal weights on: e^(2 (loss/2 - 1)) each, then a fifth spread evenly; the kindest of the rounds is the second."""
    told = iter(
        [
            {"en": 0.0, "de": 0.0, "sw": 0.0},
            {"en": 3.0, "de": 2.0, "sw": 1.0},
            {"en": 2.0, "de": 2.0, "sw": 2.5},
            {"en": 4.0, "de": 1.0, "sw": 1.0},
        ]
    )
    monkeypatch.setattr(weighing, "increases", lambda *_: next(told))
    path = weigh(llama, mirror, texts(mirror.languages), 0.6, rounds=3, rate=2.0)
    grown = [math.e, 1.0, 1 / math.e]
    wanted = [0.8 * one / sum(grown) + 0.2 / 3 for one in grown]
    assert path.loc[path["round"] == 1, "weight"].tolist() == pytest.approx(wanted)
    assert list(kindest(path).values()) == pytest.approx(wanted)


def test_the_mix_is_the_recipes_own(
    llama: LanguageModel, calibration: Packed, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weighted languages, the maximum over them: what `apply --mix` reads from a state, a run with that activation has; and no walk is made
    with the states given."""
    monkeypatch.setattr(dense.mirror, "descend", lambda *_, **__: pytest.fail("it walked"))
    for activation, mix in (
        (Weighted(), None),
        (Weighted("custom", "en=1, de=0, sw=3"), {"en": 1.0, "sw": 3.0}),
        (Maximum(), "max"),
    ):
        made = prune(llama, calibration, EACH.replace(activation=activation), 0.6, "one-pass", mirror=mirror)
        made.restore()
        assert tiny.same(made.masks, masks_at(mirror, 0.6, mix=mix))
        assert tiny.same(made.masks, masks_at(mirror, 0.6, mix=mix_of(made.recipe, mirror)))
        assert made.mirror is mirror
        again = with_mix(EACH, mirror, mix)
        assert tiny.same(made.masks, masks_at(mirror, 0.6, mix=mix_of(again, mirror)))
    other = dataclasses.replace(EACH.score, step=0.5)
    with pytest.raises(InputError, match="made with other settings"):
        prune(llama, calibration, EACH.replace(score=other), 0.6, "one-pass", mirror=mirror)
    wider = tiny.language_model("llama", hidden_size=48)
    with pytest.raises(InputError, match="These states do not belong to"):
        prune(wider, calibration, EACH, 0.6, "one-pass", mirror=mirror)


def test_guards_have_no_state(llama: LanguageModel, calibration: Packed) -> None:
    """A walk is over the languages asked for: weights of others, however they were found, count nothing in the mix."""
    assert mirror_module.mix_of(Weighted("custom", "sw=2, xx=5"), ("en", "sw")) == pytest.approx([1 / 3, 2 / 3])
    assert mirror_module.mix_of(Weighted("custom", "en=0, sw=0, xx=5"), ("en", "sw")) == [0.5, 0.5]
    guarded = dataclasses.replace(calibration, guards=("sw",), weights=(1.0, 1.0, 0.1))
    for activation in (Weighted(), recipe("worst-first").activation):
        found = prune(llama, guarded, EACH.replace(activation=activation), 0.6, "one-pass")
        found.restore()
        assert found.mirror is not None
        assert found.mirror.languages == ("en", "de")


def test_the_worst_language_first_weighs_the_states(llama: LanguageModel, calibration: Packed) -> None:
    found = prune(llama, calibration, EACH.replace(activation=recipe("worst-first").activation), 0.6, "one-pass")
    found.restore()
    assert found.mirror is not None
    mix = mix_of(found.recipe, found.mirror)
    assert isinstance(mix, dict)
    assert tiny.same(found.masks, masks_at(found.mirror, 0.6, mix=mix))
    assert sum(mix.values()) == pytest.approx(1.0)
    assert all(torch.isfinite(state).all() for state in found.mirror.states.values())
