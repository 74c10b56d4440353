"""The one loop: against its slow definition, the laws of the issue, and nothing left behind when it fails."""

import dataclasses
import math
from collections.abc import Callable, Mapping

import pytest
import slow
import tiny
import torch
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.errors import Cancelled, InputError
from mwanda_core.evidence import LinearEvidence
from mwanda_core.masks import num_pruned, unpack
from mwanda_core.measuring import measure_model
from mwanda_core.models import LanguageModel
from mwanda_core.outcome import MODES, PruneResult
from mwanda_core.patterns import NtoM, Pattern, Unstructured
from mwanda_core.progress import Monitor, Progress
from mwanda_core.pruning import prune
from mwanda_core.recipes import RECIPES, Recipe, recipe
from mwanda_core.scores.base import Score
from mwanda_core.solvers import KeepTop, Solution, Solver
from mwanda_core.weights import DenseCopy, natural_zeros, zeros_in

ALL = frozenset({"positive", "mean"})


def masks_of(result: PruneResult) -> dict[str, Tensor]:
    shapes = {f"{o.block}.{o.module}": (o.outputs, o.inputs) for o in result.linears}
    found = {}
    for name, packed in result.masks.items():
        key = next(key for key in shapes if name.endswith("." + key))
        found[name] = unpack(packed, shapes[key])
    assert len(found) == len(result.linears)
    return found


def permuted(packed: Packed, languages: tuple[str, ...], seed: int) -> Packed:
    """The same sequences in another order, the languages named in another order."""
    order = torch.randperm(len(packed.ids), generator=torch.Generator().manual_seed(seed))
    rows = torch.tensor([languages.index(packed.languages[int(row)]) for row in packed.rows[order]])
    sources = tuple(packed.sources[int(i)] for i in order)
    return dataclasses.replace(packed, languages=languages, ids=packed.ids[order], rows=rows, sources=sources)


# --- against the definition -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("family", ["llama", "gemma3_text", "cohere2", "phi3", "gpt2", "opt", "bloom"])
def test_wanda_is_its_slow_definition(family: str, mode: str, calibration: Packed) -> None:
    found = prune(tiny.language_model(family), calibration, recipe("wanda"), 0.4, mode)  # type: ignore[arg-type]
    wanted = slow.wanda(tiny.language_model(family), calibration.ids, 0.4, sequential=mode == "sequential")
    assert tiny.same(masks_of(found), wanted)


def test_the_two_modes_differ(calibration: Packed) -> None:
    one, other = (prune(tiny.language_model("llama"), calibration, recipe("wanda"), 0.4, mode) for mode in MODES)
    assert not tiny.same(masks_of(one), masks_of(other))
    first = [name for name in masks_of(one) if ".0." in name]
    assert all(torch.equal(masks_of(one)[name], masks_of(other)[name]) for name in first)


def test_several_batches_are_one_definition() -> None:
    many = tiny.packed(per_language=16, time=48)
    assert many.num_tokens > 2048
    found = prune(tiny.language_model("gemma3_text"), many, recipe("wanda"), 0.5)
    wanted = slow.wanda(tiny.language_model("gemma3_text"), many.ids, 0.5, sequential=True)
    assert tiny.same(masks_of(found), wanted)


def test_magnitude_is_its_definition(calibration: Packed) -> None:
    result = prune(tiny.language_model("llama"), calibration, recipe("magnitude"), 0.5)
    for block in tiny.language_model("llama").blocks:
        for linear in block.linears:
            wanted = slow.wanda_mask(linear.weight, torch.ones(linear.weight.shape[1]), 0.5)
            assert torch.equal(masks_of(result)[block.full_name(linear)], wanted)


# --- laws -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
def test_m_wanda_without_its_two_terms_is_wanda(mode: str, calibration: Packed) -> None:
    plain = recipe("m-wanda", lam=0.0, gamma=0.0, strength=0.0)
    found = prune(tiny.language_model("llama"), calibration, plain, 0.5, mode)  # type: ignore[arg-type]
    wanted = prune(tiny.language_model("llama"), calibration, recipe("wanda"), 0.5, mode)  # type: ignore[arg-type]
    assert tiny.same(found.masks, wanted.masks)
    uniform = recipe("m-wanda", lam=0.0, gamma=0.0, allocation=recipe("wanda").allocation)
    again = prune(tiny.language_model("llama"), calibration, uniform, 0.5, mode)  # type: ignore[arg-type]
    assert tiny.same(again.masks, wanted.masks)


@pytest.mark.parametrize("spread", ["std", "variance", "cv"])
def test_one_language_makes_the_variance_vanish(spread: str) -> None:
    alone = tiny.packed(("sw",))
    lifted = recipe("m-wanda", lam=5.0, gamma=0.0, spread=spread, allocation=recipe("wanda").allocation)
    found = prune(tiny.language_model("llama"), alone, lifted, 0.5)
    assert tiny.same(found.masks, prune(tiny.language_model("llama"), alone, recipe("wanda"), 0.5).masks)


def test_with_several_languages_it_does_not_vanish(calibration: Packed) -> None:
    lifted = recipe("m-wanda", lam=5.0, gamma=0.0, allocation=recipe("wanda").allocation)
    found = prune(tiny.language_model("llama"), calibration, lifted, 0.5)
    assert not tiny.same(found.masks, prune(tiny.language_model("llama"), calibration, recipe("wanda"), 0.5).masks)


@pytest.mark.parametrize("name", ["wanda", "m-wanda", "ria", "m-ria"])
@pytest.mark.parametrize("mode", MODES)
def test_the_order_of_languages_and_sequences_never_matters(name: str, mode: str, calibration: Packed) -> None:
    chosen = recipe(name)
    found = prune(tiny.language_model("gemma3_text"), calibration, chosen, 0.5, mode)  # type: ignore[arg-type]
    for seed, languages in enumerate([("sw", "en", "de"), ("de", "sw", "en")]):
        other = prune(tiny.language_model("gemma3_text"), permuted(calibration, languages, seed), chosen, 0.5, mode)  # type: ignore[arg-type]
        assert tiny.same(other.masks, found.masks)
        assert other.allocation.sparsity == found.allocation.sparsity


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["wanda", "magnitude", "ria"])
def test_pruning_twice_changes_nothing_more(name: str, mode: str, calibration: Packed) -> None:
    model = tiny.language_model("llama")
    first = prune(model, calibration, recipe(name), 0.5, mode)  # type: ignore[arg-type]
    pruned = tiny.all_bytes(model)
    second = prune(model, calibration, recipe(name), 0.5, mode)  # type: ignore[arg-type]
    assert tiny.same(second.masks, first.masks)
    assert tiny.all_bytes(model) == pruned


@pytest.mark.parametrize("name", ["wanda", "m-wanda"])
@pytest.mark.parametrize("mode", MODES)
def test_stats_given_are_as_good_as_stats_measured(name: str, mode: str, calibration: Packed) -> None:
    stats = measure_model(tiny.language_model("llama"), calibration, ALL, Monitor())
    given = prune(tiny.language_model("llama"), calibration, recipe(name), 0.5, mode, stats=stats)  # type: ignore[arg-type]
    measured = prune(tiny.language_model("llama"), calibration, recipe(name), 0.5, mode)  # type: ignore[arg-type]
    assert tiny.same(given.masks, measured.masks)
    assert given.allocation == measured.allocation


def test_the_stats_of_a_result_serve_another_sparsity(calibration: Packed) -> None:
    model = tiny.language_model("llama")
    first = prune(model, calibration, recipe("m-wanda"), 0.3, "one-pass")
    first.restore()
    reused = prune(model, calibration, recipe("m-wanda"), 0.6, "one-pass", stats=first.stats)
    fresh = prune(tiny.language_model("llama"), calibration, recipe("m-wanda"), 0.6, "one-pass")
    assert tiny.same(reused.masks, fresh.masks)


def test_zero_sparsity_changes_nothing(calibration: Packed) -> None:
    model = tiny.language_model("llama")
    before = tiny.all_bytes(model)
    result = prune(model, calibration, recipe("m-wanda"), 0.0)
    assert tiny.all_bytes(model) == before
    assert result.achieved == 0.0


def test_a_share_of_the_tokens_only_moves_the_allocation(calibration: Packed) -> None:
    part = prune(tiny.language_model("llama"), calibration, recipe("wanda"), 0.5, allocation_share=0.3)
    whole = prune(tiny.language_model("llama"), calibration, recipe("wanda"), 0.5)
    assert tiny.same(part.masks, whole.masks)
    few = prune(tiny.language_model("llama"), calibration, recipe("m-wanda"), 0.5, allocation_share=0.3)
    first = prune(tiny.language_model("llama"), calibration.part(0.3), recipe("m-wanda"), 0.5)
    assert few.allocation == first.allocation


# --- every method on every kind of family -----------------------------------------------------------------------------


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
    masks = masks_of(result)
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


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", RECIPES)
def test_the_progress_bar_ends_where_it_was_planned(name: str, mode: str, calibration: Packed) -> None:
    chosen = RECIPES[name]
    if is_global(chosen) and mode == "sequential":
        pytest.skip("the global scope has no sequential mode")
    monitor = Monitor()
    prune(tiny.language_model("llama"), calibration, chosen, exact_for(chosen.pattern, 0.5), mode, monitor=monitor)  # type: ignore[arg-type]
    assert monitor.done == pytest.approx(monitor.total, rel=0.05)


@pytest.mark.parametrize("mode", MODES)
def test_outcomes_say_what_happened(mode: str, calibration: Packed) -> None:
    model = tiny.language_model("llama")
    model.blocks[1].linears[2].weight[:, :5] = 0.0
    result = prune(model, calibration, recipe("m-wanda", strength=0.2), 0.5, mode)  # type: ignore[arg-type]
    assert [o.block for o in result.linears] == [b.index for b in model.blocks for _ in b.linears]
    for outcome in result.linears:
        keep = masks_of(result)[f"model.layers.{outcome.block}.{outcome.module}"]
        assert outcome.kept == int(keep.sum())
        assert outcome.size == keep.numel()
        assert outcome.achieved == pytest.approx(1 - int(keep.sum()) / keep.numel())
        assert outcome.allocated == result.allocation.sparsity[outcome.block]
        assert outcome.size - outcome.kept == outcome.outputs * num_pruned(outcome.inputs, outcome.allocated)
        assert outcome.zeros_before == (32 // 2 * 5 if (outcome.block, outcome.kind) == (1, "v_proj") else 0)
    assert result.seconds > 0
    assert result.mode == mode
    assert len(set(result.allocation.sparsity)) == 3


# --- patterns ---------------------------------------------------------------------------------------------------------


def test_two_of_every_four_stay(calibration: Packed) -> None:
    model = tiny.language_model("gpt2")
    result = prune(model, calibration, recipe("wanda", pattern=NtoM(2, 4)), 0.5)
    for keep in masks_of(result).values():
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
    for name, keep in masks_of(result).items():
        assert int((~keep).sum()) == num_pruned(keep.numel(), 0.37), name
        assert len(set(keep.sum(dim=1).tolist())) > 1


def test_global_scope_counts_in_the_model(calibration: Packed) -> None:
    result = prune(tiny.language_model("llama"), calibration, recipe("wanda", scope="global"), 0.37, "one-pass")
    masks = masks_of(result)
    total = sum(keep.numel() for keep in masks.values())
    assert sum(int((~keep).sum()) for keep in masks.values()) == num_pruned(total, 0.37)
    scores = {}
    model = tiny.language_model("llama")
    for block, stats in zip(model.blocks, measure_model(model, calibration, ALL, Monitor()), strict=True):
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
    ("The mode must be one of sequential, one-pass; it was given 'both'", recipe("wanda"), {"mode": "both"}),
    ("must lie in (0, 1]; it was given 0.0", recipe("m-wanda"), {"allocation_share": 0.0}),
    ("must lie in (0, 1]; it was given 1.5", recipe("m-wanda"), {"allocation_share": 1.5}),
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
    from mwanda_core.plan import check_settings

    if settings.get("mode") == "both":
        check_settings(model, chosen, 0.5, "both", 1.0)
    prune(model, calibration, chosen, **settings)  # type: ignore[arg-type]


def test_activations_that_are_not_numbers_are_refused(llama: LanguageModel, calibration: Packed) -> None:
    llama.blocks[1].linears[0].weight[0, 0] = math.nan
    before = tiny.all_bytes(llama)
    for name in ("wanda", "m-wanda", "magnitude"):
        with pytest.raises(InputError, match=r"not finite|NaN"):
            prune(llama, calibration, recipe(name), 0.5)
        assert tiny.all_bytes(llama) == before


# --- nothing is left behind -------------------------------------------------------------------------------------------


def counted(run: Callable[[Monitor], object]) -> int:
    """How many times a job asks whether it was cancelled."""
    asked = []
    run(Monitor(is_cancelled=lambda: bool(asked.append(1))))
    return len(asked)


class CancelAt:
    """True from the n-th question on."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["m-wanda", "wanda"])
def test_a_cancelled_prune_leaves_every_bit(name: str, mode: str, calibration: Packed) -> None:
    model = tiny.language_model("llama")
    before = tiny.all_bytes(model)

    def run(monitor: Monitor) -> PruneResult:
        return prune(model, calibration, recipe(name), 0.5, mode, monitor=monitor)  # type: ignore[arg-type]

    steps = counted(lambda monitor: run(monitor).restore())
    assert steps > 20
    for step in [*range(0, steps, max(1, steps // 12)), steps - 1]:
        with pytest.raises(Cancelled, match="the weights are as they were before"):
            run(Monitor(is_cancelled=CancelAt(step)))
        assert tiny.all_bytes(model) == before, step
        assert not any(m._forward_pre_hooks or "forward" in m.__dict__ for m in model.hf.modules())


@dataclasses.dataclass(frozen=True)
class Fails(Solver):
    """Keeps the top of the first few linears and then fails."""

    title = "Fails"
    formula = ""
    source = "these tests"
    origin = "own"
    after: int = 0
    seen: list[int] = dataclasses.field(default_factory=list)

    def solve(self, evidence: LinearEvidence, score: Tensor, pattern: Pattern, sparsity: float) -> Solution:
        self.seen.append(1)
        if len(self.seen) > self.after:
            raise ZeroDivisionError("a solver's own mistake")
        return KeepTop().solve(evidence, score, pattern, sparsity)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("after", [0, 1, 6, 7, 12, 20])
def test_a_failing_solver_leaves_every_bit(after: int, mode: str, calibration: Packed) -> None:
    model = tiny.language_model("llama")
    before = tiny.all_bytes(model)
    with pytest.raises(ZeroDivisionError, match="a solver's own mistake"):
        prune(model, calibration, recipe("m-wanda", solver=Fails(after)), 0.5, mode)  # type: ignore[arg-type]
    assert tiny.all_bytes(model) == before


def test_a_failing_listener_and_an_interrupt_leave_every_bit(llama: LanguageModel, calibration: Packed) -> None:
    before = tiny.all_bytes(llama)

    def interrupt(progress: Progress) -> None:
        if progress.fraction > 0.6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prune(llama, calibration, recipe("wanda"), 0.5, monitor=Monitor(interrupt))
    assert tiny.all_bytes(llama) == before


@dataclasses.dataclass(frozen=True)
class AllEqual(Score):
    """Every weight scores the same: only the index decides."""

    title = "All equal"
    formula = "1"
    source = "these tests"
    origin = "own"

    def __call__(self, evidence: LinearEvidence) -> Tensor:
        return torch.ones_like(evidence.weight)


def test_ties_are_broken_by_index(llama: LanguageModel, calibration: Packed) -> None:
    result = prune(llama, calibration, recipe("wanda", score=AllEqual()), 0.25)
    for keep in masks_of(result).values():
        cut = keep.shape[1] // 4
        assert not keep[:, :cut].any()
        assert keep[:, cut:].all()


def test_restore_is_for_every_bit_pattern(llama: LanguageModel) -> None:
    linear = llama.blocks[0].linears[0]
    linear.weight[0, :4] = torch.tensor([-0.0, math.nan, math.inf, 1e-45])
    before = tiny.all_bytes(llama)
    copy = DenseCopy()
    keep = torch.zeros_like(linear.weight, dtype=torch.bool)
    copy.write("a", linear, keep)
    assert not linear.weight.any()
    assert not torch.signbit(linear.weight).any()
    copy.write("a", linear, keep)
    copy.restore()
    assert tiny.all_bytes(llama) == before
    copy.restore()
    assert tiny.all_bytes(llama) == before


def test_natural_zeros_are_counted_apart(llama: LanguageModel) -> None:
    assert zeros_in(llama) == 0
    llama.blocks[0].linears[0].weight[0, :3] = torch.tensor([0.0, -0.0, 1e-30])
    assert natural_zeros(llama.blocks[0].linears[0].weight) == 2
    assert zeros_in(llama) == 2
