"""Needs: every one is measured somewhere, found somewhere, and said in words; every walk says what it can carry."""

import dataclasses
import json

import pytest
import tiny

from mwanda_core.corpora import Packed
from mwanda_core.engine import dense, gradients
from mwanda_core.engine.check import CARRIED, check_carried
from mwanda_core.engine.meters import METERS
from mwanda_core.engine.outcome import MODES
from mwanda_core.engine.plan import planned_work, sampled
from mwanda_core.errors import InputError
from mwanda_core.methods.recipes import RECIPES, recipe
from mwanda_core.parts.evidence import BlockEvidence, LinearEvidence
from mwanda_core.parts.needs import SUMS, Need, Sample, Scope, Shapes, listed, within
from mwanda_core.parts.statistics import InputStats


def fields(cls: type) -> set[str]:
    return {field.name for field in dataclasses.fields(cls)}


def test_every_need_has_its_measurement_in_the_table_of_its_scope() -> None:
    assert set(METERS) == within(Scope.BLOCK)
    assert set(gradients.BY_BLOCK) == {need for need in within(Scope.SEQUENCES) if need.field}
    assert set(dense.BY_MODEL) == {need for need in within(Scope.MODEL) if need.field}
    assert {Need.POSITIVE, Need.MEAN} == SUMS


@pytest.mark.parametrize("need", Need)
def test_every_need_is_found_where_formulas_look(need: Need) -> None:
    if need.scope is Scope.INPUT:
        assert need.field in fields(InputStats)
    elif need.field:
        assert need.field in fields(LinearEvidence) ^ fields(BlockEvidence)
    assert need.words[0].islower()
    assert not need.words.endswith(".")
    assert bool(need.step) == (need.passes(4) > 0), "a step of the estimate is what costs passes"


def test_costs_by_hand() -> None:
    shapes = Shapes((3, 5), 100.0, 400, 2)
    assert Need.GRAM.memory(shapes) == 4 * (9 + 25)
    assert Need.FULL_GRADIENT.memory(shapes) == 400 * 6
    assert Need.FULL_GRADIENT.passes(4) == 12
    # Blocks 1 to 4 alone: 4 + 3 + 2 + 1 blocks behind them, the head after each, and once through all on the way.
    assert Need.SENSITIVITY.passes(4) == 10 + 4 * 2 + 4


def test_a_need_is_its_name() -> None:
    assert Need("gram") is Need.GRAM
    assert json.loads(json.dumps(Need.GRAM)) == "gram"
    assert "gram" in recipe("swaps").needs
    assert listed(frozenset({Need.SAMPLES, Need.GRAM})) == "gram, samples"


def test_samples_are_parts_of_the_calibration(calibration: Packed) -> None:
    assert sampled(calibration, Sample.ALL) is calibration
    many = tiny.packed(per_language=24, time=60)
    assert len(sampled(many, Sample.FEW).ids) == 30  # 32 // 3 of each of three languages.
    assert len(sampled(many, Sample.OPENING).ids) == 6  # 128 / 60 sequences of each.


@pytest.mark.parametrize("name", RECIPES)
def test_a_walk_carries_a_recipe_or_says_in_one_sentence_why_not(name: str) -> None:
    entry = recipe(name)
    assert set(MODES) < set(CARRIED)
    for walk, able in CARRIED.items():
        asked = {need.scope for need in entry.needs} | ({entry.repair.scope} - {None})
        if asked <= able.scopes:
            check_carried(entry, walk)
            continue
        with pytest.raises(InputError) as caught:
            check_carried(entry, walk)
        sentence = str(caught.value)
        assert sentence.startswith(able.reason)
        assert sentence.count(".") == 1
        beyond = [need.words for need in entry.needs if need.scope not in able.scopes]
        assert all(words in sentence for words in beyond or [repr(entry.repair.title)])


def test_blocks_that_are_done_are_no_work(calibration: Packed) -> None:
    model = tiny.language_model("llama")
    whole, half = (planned_work(model, calibration, recipe("wanda"), "sequential", False, 1.0, done) for done in (0, 2))
    assert half == pytest.approx(whole - 2 * calibration.num_tokens * (1 + recipe("wanda").solver.effort))
