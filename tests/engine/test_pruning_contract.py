"""Every method on every kind of family, every pattern, and what is refused before any work."""

import itertools
import math
import re
from collections.abc import Mapping

import pytest
import tiny
import torch

from mwanda_core.corpora import Packed
from mwanda_core.engine import pruning
from mwanda_core.engine.check import check_settings
from mwanda_core.engine.measure import measure_model
from mwanda_core.engine.outcome import MODES
from mwanda_core.engine.plan import allocate, passes
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import InputError
from mwanda_core.methods.activation import Weighted
from mwanda_core.methods.allocation import ALLOCATIONS
from mwanda_core.methods.recipes import RECIPES, Recipe, recipe
from mwanda_core.methods.scores import WandaPP
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import num_pruned
from mwanda_core.parts.needs import SUMS
from mwanda_core.parts.patterns import NtoM, Pattern, Unstructured
from mwanda_core.progress import Monitor


def exact_for(pattern: Pattern, sparsity: float) -> float:
    return pattern.achievable(sparsity) if isinstance(pattern, NtoM) else sparsity


@pytest.mark.parametrize("family", ["llama", "gpt2", "bloom"])
@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_keeps_the_contract(name: str, family: str, calibration: Packed) -> None:
    model = tiny.language_model(family)
    dense, before = tiny.language_model(family), tiny.all_bytes(model)
    chosen = RECIPES[name]
    target = exact_for(chosen.pattern, 0.5)
    result = prune(model, calibration, chosen, target, "one-pass" if is_global(chosen) else "sequential")
    masks = tiny.masks_of(result)
    sizes = torch.tensor(result.allocation.sizes).double()
    assert float((torch.tensor(result.allocation.sparsity) * sizes).sum() / sizes.sum()) == pytest.approx(target, abs=1e-6)
    # A row of at least 32 inputs is rounded down to whole weights.
    assert -1e-9 <= target - result.achieved <= 1 / 32
    for block, old in zip(model.blocks, dense.blocks, strict=True):
        for linear, was in zip(block.linears, old.linears, strict=True):
            full = block.full_name(linear)
            assert not linear.weight[~masks[full]].any()
            assert torch.isfinite(linear.weight).all()
            if full in result.updates:
                assert torch.equal(result.updates[full], linear.weight)
            else:
                assert torch.equal(linear.weight[masks[full]], was.weight[masks[full]])
    assert len(result.stats) == len(model.blocks)
    result.restore()
    assert tiny.all_bytes(model) == before


def is_global(chosen: Recipe) -> bool:
    return isinstance(chosen.pattern, Unstructured) and chosen.pattern.scope == "global"


@pytest.mark.parametrize("mode", MODES[:2])
@pytest.mark.parametrize("name", RECIPES)
def test_the_progress_bar_ends_where_it_was_planned(name: str, mode: str, calibration: Packed) -> None:
    chosen = RECIPES[name]
    if is_global(chosen) and mode == "sequential":
        pytest.skip("the global scope has no sequential mode")
    monitor = Monitor()
    prune(tiny.language_model("llama"), calibration, chosen, exact_for(chosen.pattern, 0.5), mode, monitor=monitor)  # type: ignore[arg-type]
    assert monitor.done == pytest.approx(monitor.total, rel=0.05)


@pytest.mark.parametrize("mode", MODES[:2])
def test_outcomes_say_what_happened(mode: str, calibration: Packed) -> None:
    model = tiny.language_model("llama")
    model.blocks[1].linears[2].weight[:, :5] = 0.0
    result = prune(model, calibration, recipe("m-wanda", strength=0.2), 0.5, mode)  # type: ignore[arg-type]
    assert [o.block for o in result.linears] == [b.index for b in model.blocks for _ in b.linears]
    for outcome in result.linears:
        keep = tiny.masks_of(result)[f"model.layers.{outcome.block}.{outcome.module}"]
        assert outcome.kept == int(keep.sum())
        assert outcome.size == keep.numel()
        assert outcome.achieved == pytest.approx(1 - int(keep.sum()) / keep.numel())
        assert outcome.allocated == result.allocation.sparsity[outcome.block]
        assert outcome.size - outcome.kept == outcome.outputs * num_pruned(outcome.inputs, outcome.allocated)
        assert outcome.zeros_before == (32 // 2 * 5 if (outcome.block, outcome.kind) == (1, "v_proj") else 0)
    assert result.seconds > 0
    assert result.mode == mode
    assert len(set(result.allocation.sparsity)) == 3


def test_two_of_every_four_stay(calibration: Packed) -> None:
    model = tiny.language_model("gpt2")
    result = prune(model, calibration, recipe("wanda", pattern=NtoM(2, 4)), 0.5)
    for keep in tiny.masks_of(result).values():
        assert (keep.view(keep.shape[0], -1, 4).sum(dim=2) == 2).all()
    assert result.achieved == 0.5


def test_mixed_n_of_m_follows_an_allocation(calibration: Packed) -> None:
    result = prune(
        tiny.language_model("llama"), calibration, recipe("m-wanda", pattern=NtoM(4, 8, mixed=True), strength=0.3), 0.5
    )
    assert len({o.allocated for o in result.linears}) > 1
    for outcome in result.linears:
        assert outcome.achieved == pytest.approx(outcome.allocated)
        assert abs(outcome.allocated - result.allocation.sparsity[outcome.block]) <= 1 / 16 + 1e-9


def test_layer_scope_counts_in_the_matrix(calibration: Packed) -> None:
    result = prune(tiny.language_model("llama"), calibration, recipe("wanda", scope="layer"), 0.37)
    for name, keep in tiny.masks_of(result).items():
        assert int((~keep).sum()) == num_pruned(keep.numel(), 0.37), name
        assert len(set(keep.sum(dim=1).tolist())) > 1


def test_global_scope_counts_in_the_model(calibration: Packed) -> None:
    result = prune(tiny.language_model("llama"), calibration, recipe("wanda", scope="global"), 0.37, "one-pass")
    masks = tiny.masks_of(result)
    total = sum(keep.numel() for keep in masks.values())
    assert sum(int((~keep).sum()) for keep in masks.values()) == num_pruned(total, 0.37)
    scores = {}
    model = tiny.language_model("llama")
    for block, stats in zip(model.blocks, measure_model(model, calibration, SUMS, Monitor()), strict=True):
        for linear in block.linears:
            rms = (stats[linear.name].sumsq.sum(dim=0) / stats[linear.name].tokens.sum()).sqrt()
            scores[block.full_name(linear)] = linear.weight.abs() * rms.float()
    highest_pruned = max(float(scores[name][~keep].max()) for name, keep in masks.items())
    lowest_kept = min(float(scores[name][keep].min()) for name, keep in masks.items())
    assert highest_pruned <= lowest_kept


# --- refused before any work ------------------------------------------------------------------------------------------

REFUSED: list[tuple[str, Recipe, dict[str, object]]] = [
    ("2:4 gives every layer the same sparsity, so it cannot follow", recipe("m-wanda", pattern=NtoM(2, 4)), {}),
    ("2:4 prunes exactly 0.5 of the weights; the sparsity was given as 0.6", recipe("wanda", pattern=NtoM(2, 4)), {"sparsity": 0.6}),
    ("has 32 inputs, which 5 does not divide", recipe("wanda", pattern=NtoM(4, 5)), {"sparsity": 0.2}),
    ("Sparsity must lie between 0 and 0.99", recipe("wanda"), {"sparsity": 1.0}),
    ("Sparsity must lie between 0 and 0.99", recipe("wanda"), {"sparsity": 0.995}),
    ("Sparsity must lie between 0 and 0.99", recipe("m-wanda"), {"sparsity": 0.995}),
    ("Sparsity must lie between 0 and 0.99", recipe("wanda"), {"sparsity": -0.1}),
    ("Sparsity must lie between 0 and 0.99", recipe("wanda"), {"sparsity": math.nan}),
    ("The mode must be one of sequential, one-pass, per-linear; it was given 'both'", recipe("wanda"), {"mode": "both"}),
    ("must lie in (0, 1]; it was given 0.0", recipe("m-wanda"), {"allocation_share": 0.0}),
    ("must lie in (0, 1]; it was given 1.5", recipe("m-wanda"), {"allocation_share": 1.5}),
    ("or mixed N:M (the pattern's setting 'mixed'), which lets N differ from block to block.", recipe("owl", pattern=NtoM(2, 4)), {}),
    ("Mixed N:4 keeps at least one of 4 weights and so prunes at most 0.75 of them; the sparsity was given as 0.8.", recipe("wanda", pattern=NtoM(2, 4, mixed=True)), {"sparsity": 0.8}),
    ("'Wanda++ (regional gradient)' is measured block by block and so has no scores of the whole model", recipe("wanda", score=WandaPP(), pattern=Unstructured(scope="global")), {"mode": "one-pass"}),
    ("needs all scores at once: choose the one-pass mode", recipe("wanda", scope="global"), {}),
    ("The global scope sets every layer's sparsity itself, so it cannot follow 'OWL'", recipe("owl", scope="global"), {"mode": "one-pass"}),
    ("The target language 'fr' is not among the calibration languages (en, de, sw)", recipe("target", language="fr"), {}),
    ("A weight was given for fr, but the calibration languages are en, de, sw.", recipe("wanda", activation=Weighted("custom", "fr=2")), {}),
    ("All language weights are 0", recipe("wanda", activation=Weighted("custom", "en=0, de=0, sw=0")), {}),
]  # fmt: skip


@pytest.mark.parametrize(("said", "chosen", "settings"), REFUSED)
def test_settings_that_cannot_be_carried_out(
    said: str, chosen: Recipe, settings: Mapping[str, object], llama: LanguageModel, calibration: Packed
) -> None:
    before = tiny.all_bytes(llama)
    calls: list[int] = []
    handle = llama.hf.register_forward_pre_hook(lambda *args: calls.append(1))
    with pytest.raises(InputError) as caught:
        refused_prune(llama, calibration, chosen, **({"sparsity": 0.5} | dict(settings)))
    handle.remove()
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert calls == []
    assert tiny.all_bytes(llama) == before


def refused_prune(model: LanguageModel, calibration: Packed, chosen: Recipe, **settings: object) -> None:
    """The checker of types would refuse an unknown mode before the library does."""
    if settings.get("mode") == "both":
        check_settings(model, chosen, 0.5, "both", 1.0)
    prune(model, calibration, chosen, **settings)  # type: ignore[arg-type]


def test_a_language_without_a_known_share_is_refused_before_any_work(llama: LanguageModel) -> None:
    calls: list[int] = []
    handle = llama.hf.register_forward_pre_hook(lambda *args: calls.append(1))
    with pytest.raises(InputError, match="No share of web text is known for qx"):
        prune(llama, tiny.packed(("en", "qx")), recipe("training-share"), 0.5)
    handle.remove()
    assert calls == []


def test_settings_can_be_checked_before_the_languages_are_known(llama: LanguageModel) -> None:
    check_settings(llama, recipe("target", language="fr"), 0.5, "one-pass", 1.0)
    with pytest.raises(InputError, match="'fr' is not among the calibration languages"):
        check_settings(llama, recipe("target", language="fr"), 0.5, "one-pass", 1.0, ("en", "sw"))


@pytest.mark.parametrize(("name", "missing"), [("stade", "mean"), ("dsnot", "mean"), ("m-wanda", "positive")])
def test_given_statistics_without_a_sum_that_is_read_are_refused(
    name: str, missing: str, llama: LanguageModel, calibration: Packed
) -> None:
    stats = measure_model(llama, calibration, SUMS - {missing}, Monitor())
    with pytest.raises(InputError, match=f"were taken without '{missing}', which this recipe reads"):
        prune(llama, calibration, recipe(name), 0.5, "one-pass", stats=stats)
    # The walk of the sequential mode measures for itself.
    if name != "m-wanda":
        assert prune(llama, calibration, recipe(name), 0.5, stats=stats).achieved == 0.5


# --- allocations ------------------------------------------------------------------------------------------------------


def test_alpha_pruning_makes_no_dense_pass(llama: LanguageModel, calibration: Packed, monkeypatch: pytest.MonkeyPatch) -> None:
    stats = measure_model(llama, calibration, SUMS, Monitor())
    given = prune(llama, calibration, recipe("alpha-pruning"), 0.5, stats=stats)
    given.restore()

    def refuse(*args: object) -> None:
        raise AssertionError("a dense pass was made")

    monkeypatch.setattr(pruning, "measure_model", refuse)
    monitor = Monitor()
    alone = prune(llama, calibration, recipe("alpha-pruning"), 0.5, monitor=monitor)
    assert monitor.done == pytest.approx(monitor.total, rel=0.05)
    assert alone.allocation == given.allocation
    assert len(set(alone.allocation.sparsity)) == len(llama.blocks)
    assert tiny.same(alone.masks, given.masks)


def test_what_an_allocation_says_it_does_not_read_it_does_not_read(llama: LanguageModel) -> None:
    """Evidence without measurements has NaN for channels: read, they would come out."""
    for name, cls in ALLOCATIONS.items():
        found = cls()
        if found.reads_statistics:
            assert found.reads_evidence
            continue
        chosen = recipe("wanda", allocation=found)
        assert not passes(chosen, "sequential", False).dense_stats, name
        assert all(math.isfinite(value) for value in allocate(chosen, llama.blocks, None, 0.5).importance), name


@pytest.mark.parametrize("family", ["llama", "gpt2"])
@pytest.mark.parametrize(
    "pattern", [NtoM(2, 4, mixed=True), NtoM(4, 8, mixed=True), NtoM(8, 16, mixed=True)], ids=["4", "8", "16"]
)
@pytest.mark.parametrize("name", ALLOCATIONS)
def test_mixed_n_of_m_meets_the_target_under_every_allocation(
    name: str, pattern: NtoM, family: str, calibration: Packed
) -> None:
    """As near as half a step of the largest block; rounding each block alone could miss by half a step of all blocks."""
    model = tiny.language_model(family)
    chosen = recipe("wanda", allocation=ALLOCATIONS[name](), pattern=pattern)
    stats = measure_model(model, calibration, SUMS, Monitor())
    for target in (0.3, 0.55, 0.7):
        result = prune(model, calibration, chosen, target, "one-pass", stats=stats)
        result.restore()
        sizes = result.allocation.sizes
        assert abs(result.achieved - target) <= max(sizes) / sum(sizes) / (2 * pattern.m) + 1e-9
        assert all(o.achieved == pytest.approx(result.allocation.sparsity[o.block]) for o in result.linears)
        importance = torch.tensor(result.allocation.importance, dtype=torch.float64)
        smooth = chosen.allocation.spread(importance, torch.tensor(sizes, dtype=torch.float64), target).tolist()
        by_block = sorted(zip(smooth, result.allocation.sparsity, strict=True))
        assert all(b >= a for (_, a), (_, b) in itertools.pairwise(by_block))
        if max(smooth) <= 1 - 1 / pattern.m:
            assert all(abs(found - wish) < 1 / pattern.m + 1e-9 for wish, found in by_block)


@pytest.mark.parametrize("name", RECIPES)
def test_activations_that_are_not_numbers_are_refused(name: str, llama: LanguageModel, calibration: Packed) -> None:
    chosen = RECIPES[name]
    llama.blocks[1].linears[0].weight[0, 0] = math.nan
    before = tiny.all_bytes(llama)
    with pytest.raises(InputError) as caught:
        prune(llama, calibration, chosen, exact_for(chosen.pattern, 0.5), "one-pass" if is_global(chosen) else "sequential")
    assert "\n" not in str(caught.value)
    assert re.search("finite|infinite|NaN|not a number", str(caught.value))
    assert tiny.all_bytes(llama) == before
