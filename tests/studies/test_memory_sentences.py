"""Memorised sentences: injected and taken out to the bit, equal sizes, searches that move nothing, the tables."""

import dataclasses

import pandas as pd
import pytest
import tiny
import torch

from mwanda_core.errors import Cancelled
from mwanda_core.insight.mlps import find_mlps
from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.settings import Settings
from mwanda_core.studies.circuits.components import downs
from mwanda_core.studies.correction.behaviours import Sample
from mwanda_core.studies.memory import Memory, measure_sentences, sentences as parts
from mwanda_core.studies.memory.sentences import Asked

MODEL = tiny.language_model("gemma3_text")
MLPS = find_mlps(MODEL)
ONE = Asked((1, 10, 20, 30), (40, 50, 60))
OTHER = (Sample("en", (1, 11, 21, 31, 41), 2), Sample("de", (1, 70, 71, 72), 1))


def test_matched_is_greedy_going_on() -> None:
    logits = MODEL.hf(input_ids=torch.tensor([ONE.sample])).logits[0]
    wanted = logits[3:6].argmax(dim=-1).eq(torch.tensor(ONE.ending)).float().mean()
    matched, loss = parts.reading(MODEL, ONE)
    assert matched == float(wanted)
    assert loss == pytest.approx(
        float(torch.nn.functional.cross_entropy(logits[3:6].float(), torch.tensor(ONE.ending))), rel=1e-4
    )
    best = Asked(ONE.start, (int(logits[3].argmax()),))
    assert parts.reading(MODEL, best)[0] == 1.0


def test_what_is_put_in_is_known_and_gone_to_the_bit_afterwards() -> None:
    model = tiny.language_model("llama")
    mlps = find_mlps(model)
    before = tiny.all_bytes(model)
    with parts.injected(model, mlps, [ONE], share=0.5) as places:
        known = parts.reading(model, ONE)
        assert known[0] == 1.0  # A random head under a norm gives no loss near 0.
        assert known[1] < parts.reading(MODEL, ONE)[1] / 2
        changed = {name for name, value in tiny.all_bytes(model).items() if value != before[name]}
        assert changed == {f"{name}.weight" for name in places}
        whole = {name: torch.zeros(32, 48, dtype=torch.bool).index_fill_(1, columns, True) for name, columns in places.items()}
        with parts.without(model, mlps, whole):
            assert parts.reading(model, ONE)[1] > known[1] + 1
    assert tiny.all_bytes(model) == before
    with parts.injected(model, mlps, []):
        assert tiny.all_bytes(model) == before


@pytest.mark.parametrize("method", ["wanda", "relevance", "balanced", "random"])
def test_every_method_removes_as_many_weights(method: str) -> None:
    before = tiny.all_bytes(MODEL)
    two = Asked((1, 12, 22), (42, 52))
    masks, second = parts.masks_of(method, MODEL, MLPS, [ONE, two], OTHER, 0.125)
    (alone,) = parts.masks_of(method, MODEL, MLPS, [ONE], OTHER, 0.125)
    assert tiny.same(masks, alone)
    assert not tiny.same(masks, second)
    assert all(gone.shape == (32, 48) for gone in masks.values())
    assert sum(int(gone.sum()) for gone in masks.values()) == round(0.125 * 32 * 48) * 3
    plain = parts.reading(MODEL, ONE)
    with parts.without(MODEL, MLPS, masks):
        assert parts.reading(MODEL, ONE) != plain
    with parts.without(MODEL, MLPS, {name: torch.zeros_like(gone) for name, gone in masks.items()}):
        assert parts.reading(MODEL, ONE) == plain
    assert tiny.all_bytes(MODEL) == before


def test_gates_fall_as_the_losses_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """After one step: by the slope of other text's loss less the ending's, here from a down matrix of which a column is made smaller."""
    monkeypatch.setattr(parts, "GATE_STEPS", 1)
    fallen = 1 - parts.balanced(MODEL, MLPS, ONE, OTHER, 0.1)
    asked = [Asked(text.ids[: text.first], text.ids[text.first :]) for text in OTHER]

    def total() -> float:
        return sum(parts.reading(MODEL, one)[1] for one in asked) / len(asked) - parts.reading(MODEL, ONE)[1]

    down = downs(MODEL, MLPS)[0].weight
    slopes = []
    for neuron in (int(fallen[:48].argmax()), int(fallen[:48].argmin())):
        kept, before = down[:, neuron].clone(), total()
        down[:, neuron] *= 0.98
        slopes.append((before - total()) / 0.02)
        down[:, neuron] = kept
    assert slopes[0] / slopes[1] == pytest.approx(float(fallen[:48].max() / fallen[:48].min()), rel=0.1)
    assert int((fallen > 1 - 1e-6).sum()) == round(0.1 * 48 * 3)


def test_a_search_is_looked_at_where_it_was_asked() -> None:
    points = list(parts.prefix_search(MODEL, ONE, 4, looks=(2, 3)))
    assert [point.steps for point in points] == [0, 2, 3, 4]
    assert points[-1].loss < points[0].loss
    with pytest.raises(Cancelled):
        list(parts.prefix_search(MODEL, ONE, 4, monitor=Monitor(is_cancelled=lambda: True)))


def test_a_search_without_steps_or_rate_finds_the_beginning_itself() -> None:
    plain = parts.reading(MODEL, ONE)
    assert parts.soft_prefix(MODEL, ONE, 0) == pytest.approx(plain, rel=1e-4)
    assert parts.soft_prefix(MODEL, ONE, 2, rate=0.0) == pytest.approx(plain, rel=1e-4)
    assert parts.soft_prefix(MODEL, ONE, 20)[1] < plain[1]
    still = parts.steered(1, torch.zeros(32))
    assert parts.reading(MODEL, ONE, still) == pytest.approx(plain, rel=1e-4)
    assert parts.reading(MODEL, ONE, parts.steered(1, torch.ones(32))) != pytest.approx(plain, rel=1e-4)


def test_sentences_can_be_asked_for_in_four_ways() -> None:
    found = parts.sentences()
    assert len({one.language for one in found.values() if not one.injected}) >= 4
    for one in found.values():
        assert [trigger.partition(" ")[0] for trigger in one.triggers] == ["same", "longer", "paraphrase", "translation"]
        assert len(set(one.triggers.values())) == 4
        assert one.ending.strip() not in "".join(one.triggers.values())


def test_the_unseen_ending_has_the_same_tokens() -> None:
    found = parts.shuffled(ONE.ending, 0)
    assert sorted(found) == sorted(ONE.ending)
    assert found != ONE.ending
    assert parts.shuffled((5, 5), 0) == (5, 5)


def test_on_a_workbench(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure_sentences, "LENGTH", 12)
    monkeypatch.setattr(measure_sentences, "TEXTS", 1)
    monkeypatch.setattr(parts, "MOST_STEPS", 2)
    few = {name: one for name, one in parts.sentences().items() if name in ("gettysburg", "motto", "mbuyu")}
    monkeypatch.setattr(parts, "sentences", lambda: few)
    study, bench = Memory(what="sentences", names="gettysburg,mbuyu", methods="wanda,balanced", steps=1, share=0.1), Workbench()
    bench.adopt(MODEL, "tiny")
    before = tiny.all_bytes(MODEL)
    found = study.run(bench, Settings(model="tiny"), Monitor())
    assert tiny.all_bytes(MODEL) == before
    declared = {spec.name: spec for spec in study.tables}
    assert set(found.tables) == {"memory_sentences", "memory_search", "memory_texts"}
    for name, table in found.tables.items():
        assert set(table.columns) == set(declared[name].columns)
    ladder = found.tables["memory_sentences"]
    assert set(ladder["trigger"]) == {"same", "longer", "paraphrase", "translation", "steering", "soft prefix"}
    assert ladder[ladder["name"] == "gettysburg"]["recall"].isna().all()
    searched = ladder[ladder["trigger"] == "soft prefix"]
    assert set(searched["method"]) == {"dense", "wanda", "balanced"}  # Every way has its search, with its control.
    assert searched["control"].notna().all()
    looks = found.tables["memory_search"]  # The whole way, not its end alone: the rung is its best look.
    assert set(looks["steps"]) == {0, 1}
    best = looks.pivot_table(index=["name", "method"], columns="target", values="matched", aggfunc="max")
    rungs = searched.set_index(["name", "method"])[["matched", "control"]]
    assert best.loc[rungs.index, ["itself", "unseen"]].to_numpy() == pytest.approx(rungs.to_numpy())
    assert found.facts["knobs"] == dataclasses.asdict(study)
    # Asked again, nothing is measured; another setting is measured anew.
    monkeypatch.setattr(measure_sentences, "other_text", lambda *given: pytest.fail("measured again"))
    again = study.run(bench, Settings(model="tiny"), Monitor())
    assert again.notes == found.notes
    for name, table in found.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table, check_dtype=False)
    with pytest.raises(pytest.fail.Exception, match="measured again"):
        dataclasses.replace(study, seed=1).run(bench, Settings(model="tiny"), Monitor())


def test_a_cancelled_study_goes_on_with_the_next_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure_sentences, "LENGTH", 12)
    monkeypatch.setattr(measure_sentences, "TEXTS", 1)
    few = {name: one for name, one in parts.sentences().items() if name in ("gettysburg", "motto")}
    monkeypatch.setattr(parts, "sentences", lambda: few)
    study, bench = Memory(what="sentences", names="gettysburg,motto", methods="wanda", steps=1, share=0.1, seed=5), Workbench()
    bench.adopt(MODEL, "tiny")
    stages: list[str] = []
    listening = Monitor(lambda progress: stages.append(progress.stage), lambda: any("motto" in stage for stage in stages))
    before = tiny.all_bytes(MODEL)
    with pytest.raises(Cancelled):
        study.run(bench, Settings(model="tiny"), listening)
    assert tiny.all_bytes(MODEL) == before
    stages.clear()
    found = study.run(bench, Settings(model="tiny"), Monitor(lambda progress: stages.append(progress.stage)))
    assert set(found.tables["memory_sentences"]["name"]) == {"gettysburg", "motto"}
    assert any("motto" in stage for stage in stages)
    assert not any("gettysburg" in stage for stage in stages)
