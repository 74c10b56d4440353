"""Guard languages: without weight nothing changes, with the weight of all others they are calibration languages, and what is kept of a run says so."""

import dataclasses
from pathlib import Path

import pytest
import tiny
import torch

from mwanda_core.after.explain import read_matrix, weigh
from mwanda_core.corpora import Packed
from mwanda_core.engine import plan
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import TextError
from mwanda_core.methods.activation import Maximum, Pooled, Variance, Weighted
from mwanda_core.methods.allocation import CWL, Sensitivity
from mwanda_core.methods.recipes import Recipe, recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.evidence import BlockEvidence, LinearEvidence
from mwanda_core.parts.statistics import InputStats
from mwanda_core.run import estimate
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.guarding import GUARD_TOKENS, guarded, guards_of
from mwanda_core.run.settings import Settings
from mwanda_core.store.statistics_file import load_stats

FOUR = tiny.packed(("en", "de", "sw", "ar"), per_language=4, time=16)
TWO = FOUR.only(("en", "de"))
OTHERS = FOUR.only(("sw", "ar"))
SMALL = Settings(
    languages=("en", "de"), held_out=("sw",), tokens_per_language=64, sequence_length=32, eval_texts=2, choices=False
)


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return tiny.language_model("llama")


def masks(model: LanguageModel, packed: Packed, found: Recipe, mode: str = "one-pass") -> dict[str, torch.Tensor]:
    """The masks at 50 %, of a model that is dense again."""
    result = prune(model, packed, found, 0.5, mode)  # type: ignore[arg-type]
    result.restore()
    return tiny.masks_of(result)


@pytest.mark.parametrize("name", ["wanda", "m-wanda", "measured-swaps"])
def test_without_weight_the_run_is_the_one_without(model: LanguageModel, name: str) -> None:
    assert TWO.guarded(OTHERS, 0.0) is TWO
    assert guarded(model, SMALL, TWO) is TWO
    nearly = TWO.guarded(OTHERS, 1e-12)
    assert tiny.same(masks(model, TWO, recipe(name)), masks(model, nearly, recipe(name)))


@pytest.mark.parametrize("mode", ["one-pass", "sequential", "per-linear"])
@pytest.mark.parametrize(
    "name", ["wanda", "m-wanda", "maximum", "training-share", "stade", "dsnot", "sparsegpt", "m-wanda-measured", "worst-swaps"]
)
def test_with_the_weight_of_all_others_a_guard_is_a_calibration_language(model: LanguageModel, name: str, mode: str) -> None:
    whole, alike = FOUR.only(FOUR.languages), TWO.guarded(OTHERS, 0.5)
    assert alike.weights == (1.0,) * 4
    ours, theirs = (masks(model, packed, recipe(name), mode) for packed in (alike, whole))
    assert sum(int((ours[key] != theirs[key]).sum()) for key in ours) <= 0.002 * sum(mask.numel() for mask in ours.values())


def test_two_languages_on_disjoint_channels_by_hand() -> None:
    """English uses channels 0 and 1, Swahili 2 and 3: calibrated on English alone the row forgets Swahili, guarded it keeps its large weight."""
    squares = torch.tensor([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 1.0]], dtype=torch.float64) * 8
    both = InputStats(("en", "sw"), squares, 0 * squares, 0 * squares, torch.full((2,), 8.0, dtype=torch.float64))
    weight = torch.tensor([[1.0, 0.1, 1.0, 0.1]])

    def kept(stats: InputStats) -> list[int]:
        item = LinearEvidence("q", weight, stats, Pooled().channels(stats.weighed()))
        return recipe("wanda").solve(item, recipe("wanda").score(item), 0.5).keep[0].nonzero().flatten().tolist()

    guard = dataclasses.replace(both, weights=torch.tensor([1.0, 0.25], dtype=torch.float64))
    assert kept(both.select(["en"])) == [0, 1]
    assert kept(guard) == [0, 2]
    assert Pooled().channels(guard.weighed()).tolist() == pytest.approx([0.8**0.5] * 2 + [0.2**0.5] * 2)
    assert Maximum().channels(guard.weighed()).tolist() == pytest.approx([1, 1, 0.5, 0.5])
    # Weighted spread of channel 2: values 0 and 1 with shares 0.8 and 0.2.
    assert Variance(lam=1.0).channels(guard.weighed())[2] == pytest.approx(0.2**0.5 + 0.4)
    assert Weighted().weights(guard).tolist() == pytest.approx([0.8, 0.2])
    block = BlockEvidence(0, {"q": LinearEvidence("q", weight, guard.weighed(), weight[0])}, sensitivity={"en": 1.0, "sw": 6.0})
    assert Sensitivity(transform="none").importance([block]).tolist() == pytest.approx([0.8 * 1 + 0.2 * 6])
    assert Sensitivity(transform="none", aggregate="worst").importance([block]).tolist() == pytest.approx([1.5])
    assert CWL(mapping="linear").importance([block]).tolist() == pytest.approx(
        [1.0]
    )  # Minus the correlation of disjoint channels.


def test_sensitivity_measures_a_few_guards_and_takes_the_others_to_be_like_them(model: LanguageModel) -> None:
    many = tiny.packed(("en", "de", "sw", "ar", "fr", "es", "it", "ja", "ko", "ru", "tr", "vi"), per_language=1, time=16)
    packed = many.only(many.languages[:2]).guarded(many.only(many.languages[2:]), 0.2)
    few = plan.sampled(packed, plan.Sample.OPENING)
    assert len(few.guards) == plan.MOST_GUARDS
    assert few.languages[:2] == ("en", "de")
    assert plan.sampled(packed, plan.Sample.FEW).languages == ("en", "de")
    result = prune(model, packed, recipe("m-wanda-measured"), 0.5, "one-pass")
    result.restore()
    assert result.achieved == pytest.approx(0.5, abs=0.02)


def test_a_run_says_whom_it_guarded_and_keeps_what_it_was_cut_from(model: LanguageModel, tmp_path: Path) -> None:
    settings = dataclasses.replace(SMALL, guard=0.2, guard_languages=("sw", "Arabic", "en", "fr"))
    assert guards_of(settings) == ("ar", "fr")
    assert guards_of(SMALL) == ()
    assert len(guards_of(dataclasses.replace(SMALL, guard=0.2))) == 22
    bench, dense = Workbench(), tiny.all_bytes(model)
    bench.adopt(model, settings.model)
    run = bench.run(settings)
    assert tiny.all_bytes(model) == dense
    assert run.report.facts["calibration"]["guards"] == ["ar", "fr"]
    assert run.report.facts["calibration"]["languages"] == ["en", "de"]
    assert any("2 other languages were guarded with 20%" in note for note in run.report.facts["notes"])
    assert set(run.report.tables["languages"]["language"]) == {"en", "de", "sw"}
    assert set(run.report.tables["activations"]["language"]) == {"en", "de"}
    folder = run.save(tmp_path / "run")
    stored = load_stats(folder / "statistics.safetensors", run.report.facts["model"]["fingerprint"])
    found = next(iter(stored[0].values()))
    assert found.languages == ("en", "de", "ar", "fr")
    assert found.weights is not None
    assert found.weights.tolist() == pytest.approx([1, 1, 0.25, 0.25])
    assert found.tokens.tolist() == [64, 64, GUARD_TOKENS, GUARD_TOKENS]
    without = bench.run(SMALL)
    assert any(not torch.equal(run.result.masks[name], without.result.masks[name]) for name in run.result.masks)
    assert not without.report.facts["calibration"]["guards"]


def test_the_story_of_a_weight_agrees_with_a_guarded_mask(model: LanguageModel, tmp_path: Path) -> None:
    bench = Workbench()
    bench.adopt(model, SMALL.model)
    run = bench.run(dataclasses.replace(SMALL, guard=0.4, guard_languages=("ar",), method="wanda"))
    folder = run.save(tmp_path / "run")
    block = model.blocks[1]
    matrix = read_matrix(run.report, folder, block.index, block.linears[0].name)
    told = weigh(run.report, folder, matrix, block.linears[0].weight, 3, 5)
    assert told.story.agrees
    assert [view.language for view in told.story.languages] == ["en", "de", "ar"]


@pytest.mark.parametrize(
    ("method", "mode"), [("m-wanda-measured", "one-pass"), ("sparsegpt", "sequential"), ("gblm", "sequential")]
)
def test_what_guards_cost_is_in_the_estimate_as_in_the_progress_bar(model: LanguageModel, method: str, mode: str) -> None:
    settings = dataclasses.replace(SMALL, guard=0.1, method=method, mode=mode, tokens_per_language=128)
    rows = tiny.packed(settings.languages, per_language=4, time=32)
    packed = guarded(model, settings, rows)
    expected = plan.planned_work(model, packed, recipe(method), mode, has_stats=True, allocation_share=1.0)
    steps = estimate.work(recipe(method), settings, estimate.sizes_of_model(model))
    assert sum(step.units for step in steps if step.stage == "pruning") == pytest.approx(expected)
    assert next(step.units for step in steps if step.name == "guards") == 22 * GUARD_TOKENS * len(model.blocks)


def test_a_guard_without_text_is_refused_and_one_shorter_than_a_sequence_left_out(model: LanguageModel) -> None:
    with pytest.raises(TextError, match="Telugu"):
        guarded(model, dataclasses.replace(SMALL, guard=0.1, guard_languages=("te",)), TWO)
    long = guarded(model, dataclasses.replace(SMALL, guard=0.1, sequence_length=2**17), TWO)
    assert long.guards == ()
    assert "No language was guarded" in long.notes[-1]
