"""The one loop: against its slow definition, the laws of the issue, and nothing left behind when it fails."""

import dataclasses

import pytest
import slow
import tiny
import torch

from mwanda_core.corpora import Packed
from mwanda_core.engine.measure import measure_model
from mwanda_core.engine.outcome import MODES
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import InputError
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.needs import SUMS
from mwanda_core.progress import Monitor


def permuted(packed: Packed, languages: tuple[str, ...], seed: int) -> Packed:
    """The same sequences in another order, the languages named in another order."""
    order = torch.randperm(len(packed.ids), generator=torch.Generator().manual_seed(seed))
    rows = torch.tensor([languages.index(packed.languages[int(row)]) for row in packed.rows[order]])
    sources = tuple(packed.sources[int(i)] for i in order)
    return dataclasses.replace(packed, languages=languages, ids=packed.ids[order], rows=rows, sources=sources)


@pytest.mark.parametrize("mode", MODES[:2])
@pytest.mark.parametrize("family", ["llama", "gemma3_text", "cohere2", "phi3", "gpt2", "opt", "bloom"])
def test_wanda_is_its_slow_definition(family: str, mode: str, calibration: Packed) -> None:
    found = prune(tiny.language_model(family), calibration, recipe("wanda"), 0.4, mode)  # type: ignore[arg-type]
    wanted = slow.wanda(tiny.language_model(family), calibration.ids, 0.4, sequential=mode == "sequential")
    assert tiny.same(tiny.masks_of(found), wanted)


def test_the_two_modes_differ(calibration: Packed) -> None:
    one, other = (prune(tiny.language_model("llama"), calibration, recipe("wanda"), 0.4, mode) for mode in MODES[:2])
    assert not tiny.same(tiny.masks_of(one), tiny.masks_of(other))
    first = [name for name in tiny.masks_of(one) if ".0." in name]
    assert all(torch.equal(tiny.masks_of(one)[name], tiny.masks_of(other)[name]) for name in first)


def test_several_batches_are_one_definition() -> None:
    many = tiny.packed(per_language=16, time=48)
    assert many.num_tokens > 2048
    found = prune(tiny.language_model("gemma3_text"), many, recipe("wanda"), 0.5)
    wanted = slow.wanda(tiny.language_model("gemma3_text"), many.ids, 0.5, sequential=True)
    assert tiny.same(tiny.masks_of(found), wanted)


def test_magnitude_is_its_definition(calibration: Packed) -> None:
    result = prune(tiny.language_model("llama"), calibration, recipe("magnitude"), 0.5)
    for block in tiny.language_model("llama").blocks:
        for linear in block.linears:
            wanted = slow.wanda_mask(linear.weight, torch.ones(linear.weight.shape[1]), 0.5)
            assert torch.equal(tiny.masks_of(result)[block.full_name(linear)], wanted)


@pytest.mark.parametrize("mode", MODES[:2])
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
@pytest.mark.parametrize("mode", MODES[:2])
def test_the_order_of_languages_and_sequences_never_matters(name: str, mode: str, calibration: Packed) -> None:
    chosen = recipe(name)
    found = prune(tiny.language_model("gemma3_text"), calibration, chosen, 0.5, mode)  # type: ignore[arg-type]
    for seed, languages in enumerate([("sw", "en", "de"), ("de", "sw", "en")]):
        other = prune(tiny.language_model("gemma3_text"), permuted(calibration, languages, seed), chosen, 0.5, mode)  # type: ignore[arg-type]
        assert tiny.same(other.masks, found.masks)
        assert other.allocation.sparsity == found.allocation.sparsity


@pytest.mark.parametrize("mode", MODES[:2])
@pytest.mark.parametrize("name", ["wanda", "magnitude", "ria"])
def test_pruning_twice_changes_nothing_more(name: str, mode: str, calibration: Packed) -> None:
    model = tiny.language_model("llama")
    first = prune(model, calibration, recipe(name), 0.5, mode)  # type: ignore[arg-type]
    pruned = tiny.all_bytes(model)
    second = prune(model, calibration, recipe(name), 0.5, mode)  # type: ignore[arg-type]
    assert tiny.same(second.masks, first.masks)
    assert tiny.all_bytes(model) == pruned


@pytest.mark.parametrize("name", ["wanda", "m-wanda"])
@pytest.mark.parametrize("mode", MODES[:2])
def test_stats_given_are_as_good_as_stats_measured(name: str, mode: str, calibration: Packed) -> None:
    stats = measure_model(tiny.language_model("llama"), calibration, SUMS, Monitor())
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


@pytest.mark.parametrize("kind", ["languages", "blocks"])
def test_statistics_of_something_else_are_refused(kind: str, llama: LanguageModel, calibration: Packed) -> None:
    few = calibration.only(["en"]) if kind == "languages" else calibration
    stats = measure_model(llama, few, SUMS, Monitor())
    with pytest.raises(InputError, match="statistics"):
        prune(llama, calibration, recipe("wanda"), 0.5, "one-pass", stats=stats if kind == "languages" else stats[:2])


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
