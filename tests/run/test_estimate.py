"""The cost of a run before it is made: its units are those the progress bar will count, and what cannot be done is refused."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tiny
import torch
from synthetic import report

from mwanda_core.corpora import Packed
from mwanda_core.engine import plan
from mwanda_core.errors import InputError
from mwanda_core.evaluation import shipped
from mwanda_core.methods.recipes import RECIPES, recipe
from mwanda_core.models import LanguageModel
from mwanda_core.run import estimate
from mwanda_core.run.estimate import Rate, Sizes
from mwanda_core.run.guarding import learning_tokens
from mwanda_core.run.settings import Settings
from mwanda_core.store.report import RunReport
from mwanda_core.studies.base import sequences
from mwanda_core.studies.profile import TOKENS_PER_TEXT

LANGUAGES = ("en", "de", "sw")
SETTINGS = Settings(languages=LANGUAGES, held_out=("fr",), tokens_per_language=64, sequence_length=16, eval_texts=5)
SIZES = Sizes(parameters=1000, prunable=600, blocks=3, hidden=8, inputs=(8, 8, 16), bytes_per_weight=4)
EVEN = Rate(dict.fromkeys(estimate.STAGES, 100.0), 0)


def packed(settings: Settings) -> Packed:
    """The calibration tokens that these settings ask for."""
    each = sequences(settings)
    rows = torch.arange(len(settings.languages)).repeat_interleave(each)
    ids = torch.ones(len(rows), settings.sequence_length, dtype=torch.int64)
    return Packed("made up", settings.languages, ids, rows, ((),) * len(rows))


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return tiny.language_model("llama")


@pytest.mark.parametrize(("mode", "share"), [("one-pass", 1.0), ("sequential", 1.0), ("sequential", 0.5)])
@pytest.mark.parametrize("name", RECIPES)
def test_the_units_are_those_of_the_progress_bar(model: LanguageModel, name: str, mode: str, share: float) -> None:
    settings = Settings(languages=LANGUAGES, tokens_per_language=512, sequence_length=16, mode=mode, allocation_share=share)
    calibration, found = packed(settings), recipe(name)
    expected = plan.planned_work(
        model, calibration, found, mode, has_stats=share == 1.0, allocation_share=share, learnt_from=learning_tokens(settings)
    )
    prunable = 1_000_000 * len(model.blocks)  # The head's share of a block is the model's own.
    sizes = Sizes(prunable + round(1_000_000 * plan.head_of(model)), prunable, len(model.blocks), 8, (8,), 4)
    steps = estimate.work(found, settings, sizes)
    assert sum(step.units for step in steps if step.stage == "pruning") == pytest.approx(expected)
    whole = calibration.num_tokens * len(model.blocks)
    assert next(step.units for step in steps if step.stage == "statistics") == whole
    assert all(step.passes == pytest.approx(step.units / whole) for step in steps)


def test_seconds_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "has", lambda code, count: False)
    told = estimate.cost(recipe("wanda"), SETTINGS, SIZES, EVEN)
    tokens, block = 3 * 64, 200.0
    assert told.seconds["statistics"] == pytest.approx(tokens * 3 * block / 100.0)
    # Four languages, five texts, twice for the choices, before and after; each token through all 1000 parameters.
    assert told.seconds["measuring"] == pytest.approx(2 * 4 * 5 * 2 * TOKENS_PER_TEXT * 1000 / 100.0)
    assert told.total == pytest.approx(sum(told.seconds.values()))
    # The built-in model's dense scores come with the package, for the default seed and the built-in texts.
    monkeypatch.setattr(shipped, "has", lambda code, count: count <= 12)
    changes: dict[str, Any] = {"seed": 1, "model": "other", "evaluation_texts": "c4", "eval_texts": 13}
    assert estimate.sides(SETTINGS) == 1.0
    assert all(estimate.sides(dataclasses.replace(SETTINGS, **{name: value})) == 2.0 for name, value in changes.items())


def test_what_needs_more_costs_more() -> None:
    wanda = estimate.cost(recipe("wanda"), SETTINGS, SIZES, EVEN)
    for name in ("sparsegpt", "gblm", "wanda++"):
        other = estimate.cost(recipe(name), SETTINGS, SIZES, EVEN)
        assert other.total > wanda.total
        assert other.peak > wanda.peak
    assert estimate.cost(recipe("m-wanda-measured"), SETTINGS, SIZES, EVEN).total > wanda.total


def test_memory_by_hand() -> None:
    wanda = estimate.peak_memory(recipe("wanda"), SETTINGS, SIZES)
    assert estimate.peak_memory(recipe("sparsegpt"), SETTINGS, SIZES) - wanda == 4 * (64 + 64 + 256)
    assert estimate.peak_memory(recipe("gblm"), SETTINGS, SIZES) - wanda == 600 * (4 + 4)


def earlier(seconds: float, method: str = "wanda", device: str = "cpu") -> RunReport:
    """A run of SETTINGS on a model of SIZES that took `seconds` for everything."""
    made = report(4)
    facts = {
        **made.facts,
        "settings": {"languages": list(LANGUAGES), "held_out": ["fr"], "tokens_per_language": 64, "sequence_length": 16, "eval_texts": 5},
        "recipe": recipe(method).to_dict(),
        "model": {"source": "x", "parameters": 1000, "prunable": 600, "blocks": 3, "dtype": "float32", "device": device},
        "timings": {"statistics": seconds, "pruning": seconds, "pruned scores": seconds},
    }  # fmt: skip
    layers = pd.DataFrame({"block": [0, 0, 0, 1], "inputs": [8, 16, 8, 8]})
    return RunReport(facts, {**made.tables, "layers": layers})


def test_the_rate_of_an_earlier_run_foretells_that_run() -> None:
    run = earlier(4.0)
    rate = estimate.rate_of([run], recipe("wanda"), "cpu")
    assert (rate.runs, rate.same) == (1, True)
    told = estimate.cost(recipe("wanda"), SETTINGS, estimate.sizes_of_run(run), rate)
    assert told.seconds == pytest.approx({"statistics": 4.0, "pruning": 4.0, "measuring": 4.0 * estimate.sides(SETTINGS)})
    # Half of the planned tokens were enough: the same seconds are half the speed.
    half = RunReport({**run.facts, "scoring": {"share": 0.5}}, run.tables)
    slower = estimate.rate_of([half], recipe("wanda"), "cpu").by_stage
    assert slower["measuring"] == pytest.approx(rate.by_stage["measuring"] / 2)


def test_runs_of_the_same_method_count_first_and_of_another_device_not_at_all() -> None:
    runs = [earlier(4.0), earlier(9.0, "sparsegpt"), earlier(1.0, device="cuda")]
    rate = estimate.rate_of(runs, recipe("sparsegpt", damping=0.05), "cpu")
    assert (rate.runs, rate.same) == (1, True)
    told = estimate.cost(recipe("sparsegpt"), SETTINGS, estimate.sizes_of_run(runs[1]), rate)
    assert told.seconds["pruning"] == pytest.approx(9.0)
    other = estimate.rate_of(runs, recipe("owl"), "cpu")
    assert (other.runs, other.same) == (2, False)
    assert estimate.rate_of([], recipe("owl"), "cpu").by_stage == dict.fromkeys(estimate.STAGES, estimate.TYPICAL_RATE["cpu"])


def test_a_run_of_a_far_smaller_model_says_nothing() -> None:
    run = earlier(3.0)
    ran = estimate.sizes_of_run(run)
    for factor, counted in ((1, 1), (10, 1), (100, 0)):
        larger = dataclasses.replace(ran, prunable=ran.prunable * factor)
        assert estimate.rate_of([run], recipe("wanda"), "cpu", larger).runs == counted


def test_a_run_of_another_version_and_statistics_that_were_at_hand_say_nothing() -> None:
    strange = earlier(4.0)
    strange = RunReport({**strange.facts, "recipe": {"score": {"name": "from-the-future"}}}, strange.tables)
    assert estimate.rate_of([strange], recipe("wanda"), "cpu").runs == 0
    known = earlier(4.0)
    known = RunReport({**known.facts, "timings": {**known.facts["timings"], "statistics": 0.001}}, known.tables)
    rate = estimate.rate_of([known], recipe("wanda"), "cpu")
    assert rate.by_stage["statistics"] == estimate.TYPICAL_RATE["cpu"]


def test_the_sizes_of_a_run_and_of_its_folder_agree_with_the_model(model: LanguageModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    found = estimate.sizes_of_folder(tmp_path / "model", 4)
    assert found is not None
    assert found.prunable == model.shape.prunable
    assert (found.blocks, found.hidden, found.bytes_per_weight) == (len(model.blocks), model.shape.hidden, 4)
    assert found.parameters == pytest.approx(model.shape.parameters, rel=0.05)
    assert estimate.sizes_of_folder(tmp_path, 4) is None
    (tmp_path / "config.json").write_text(json.dumps({"hidden_size": "many"}), encoding="utf-8")
    assert estimate.sizes_of_folder(tmp_path, 4) is None


def test_inputs_shared_by_neighbours_count_once() -> None:
    assert estimate.distinct([640, 640, 640, 1024, 640, 640, 2048]) == (640, 1024, 640, 2048)


@pytest.mark.parametrize(
    ("method", "more", "said"),
    [
        ({"activation": {"name": "target", "language": "fr"}}, {}, "not among the calibration languages"),
        ({"pattern": {"name": "unstructured", "scope": "global"}}, {"mode": "sequential"}, "one-pass"),
        ({"pattern": {"name": "n:m"}, "allocation": "owl"}, {}, "cannot follow"),
        ({}, {"sparsity": 1.0}, "Sparsity must lie"),
        ({"repair": "regional"}, {"mode": "per-linear"}, "per-linear walk prunes a linear while its block is still running"),
        ({"solver": "swaps"}, {"mode": "per-linear", "spare_neurons": LANGUAGES[:1]}, "protected by their rank"),
    ],
)
def test_what_no_model_could_do_is_refused_without_one(method: dict[str, object], more: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        estimate.refuse(recipe(method), Settings(languages=LANGUAGES, **more))  # type: ignore[arg-type]
    estimate.refuse(recipe("wanda"), Settings(languages=LANGUAGES))
