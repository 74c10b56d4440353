"""Kept weights fitted again in a model: with the inputs that the finished model sees, on masks that stay, and undone to the bit."""

import dataclasses

import pytest
import tiny
import torch
from torch import Tensor, nn
from torch.testing import assert_close

from mwanda_core.corpora import Packed
from mwanda_core.engine.check import check_carried
from mwanda_core.engine.outcome import Mode
from mwanda_core.engine.pruning import prune
from mwanda_core.engine.refit import Folds, folds_of
from mwanda_core.errors import Cancelled, InputError
from mwanda_core.methods.activation import Target, Weighted
from mwanda_core.methods.allocation import Sensitivity
from mwanda_core.methods.recipes import recipe
from mwanda_core.methods.repair import LeastSquares
from mwanda_core.methods.rows import Trim
from mwanda_core.methods.scores import Stade
from mwanda_core.methods.solvers import DSnoT, SparseGPT, Swaps
from mwanda_core.models import LanguageModel
from mwanda_core.parts.patterns import NtoM
from mwanda_core.progress import Monitor

REPAIRED = recipe("wanda").replace(repair=LeastSquares())


@pytest.fixture(scope="module")
def packed() -> Packed:
    return tiny.packed(per_language=8)


def read_by_linears(model: LanguageModel, ids: Tensor) -> dict[str, Tensor]:
    """What every linear of the model reads during one ordinary forward, [in, tokens], float64."""
    seen: dict[str, Tensor] = {}

    def note(name: str) -> object:
        def hook(module: nn.Module, args: tuple[Tensor, ...]) -> None:
            seen[name] = args[0].detach().double().flatten(0, -2).T

        return hook

    linears = {block.full_name(linear): linear for block in model.blocks for linear in block.linears}
    handles = [linear.module.register_forward_pre_hook(note(name)) for name, linear in linears.items()]  # type: ignore[arg-type]
    with torch.no_grad():
        model.hf(input_ids=ids, use_cache=False)
    for handle in handles:
        handle.remove()
    return seen


@pytest.mark.parametrize("family", ["llama", "gpt2", "gemma3_text"])
def test_at_sparsity_zero_nothing_changes(family: str, packed: Packed) -> None:
    model = tiny.language_model(family)
    before = tiny.all_bytes(model)
    result = prune(model, packed, REPAIRED, 0.0, "one-pass")
    assert tiny.all_bytes(model) == before
    assert result.updates == {}


@pytest.mark.parametrize(("family", "mode"), [("llama", "one-pass"), ("gpt2", "sequential"), ("bloom", "per-linear")])
def test_weights_are_fitted_to_the_dense_outputs_from_the_inputs_of_the_finished_model(
    family: str, mode: Mode, packed: Packed
) -> None:
    """Every linear solves its normal equations, made here from two ordinary forwards."""
    model, pull = tiny.language_model(family), 0.2
    result = prune(model, packed, recipe("wanda").replace(repair=LeastSquares(pull=pull)), 0.5, mode)
    now, dense = read_by_linears(model, packed.ids), read_by_linears(tiny.language_model(family), packed.ids)
    masks = tiny.masks_of(result)
    was = {b.full_name(linear): linear.weight.double() for b in tiny.language_model(family).blocks for linear in b.linears}
    for block in model.blocks:
        for linear in block.linears:
            name = block.full_name(linear)
            x, z, keep, weight = now[name], dense[name], masks[name], linear.weight.double()
            added = pull * (x @ x.T).diagonal().mean()
            residual = weight @ x @ x.T + added * weight - was[name] @ z @ x.T - added * was[name]
            assert float(residual[keep].abs().max()) < 1e-4 * float((was[name] @ z @ x.T).abs().max()), name
            assert not linear.weight[~keep].any()


SOLVED = {
    "keep-top": REPAIRED,
    "2:4": REPAIRED.replace(pattern=NtoM(2, 4)),
    "swaps": REPAIRED.replace(solver=Swaps(), allocation=Sensitivity()),
    "sparsegpt": REPAIRED.replace(solver=SparseGPT()),
    "dsnot": REPAIRED.replace(solver=DSnoT()),
    "trim": REPAIRED.replace(rows=Trim(iterations=2)),
}


@pytest.mark.parametrize("name", SOLVED)
def test_masks_stay_and_the_dense_model_s_states_come_nearer(name: str, packed: Packed) -> None:
    model = tiny.language_model("llama")
    before, truth = tiny.all_bytes(model), model.hidden(packed.ids)

    def miss(chosen: object) -> tuple[float, object]:
        result = prune(model, packed, chosen, 0.5, "one-pass")  # type: ignore[arg-type]
        error = float((model.hidden(packed.ids) - truth).square().mean())
        assert all(
            torch.equal(result.updates[f"{o_name}"], weight)
            for o_name, weight in live(model).items()
            if o_name in result.updates
        )
        result.restore()
        assert tiny.all_bytes(model) == before
        return error, result

    plain, without = miss(SOLVED[name].replace(repair=recipe("wanda").repair))
    repaired, with_it = miss(SOLVED[name])
    assert tiny.same(with_it.masks, without.masks)  # type: ignore[attr-defined]
    assert repaired < 0.97 * plain


def live(model: LanguageModel) -> dict[str, Tensor]:
    return {block.full_name(linear): linear.weight for block in model.blocks for linear in block.linears}


def test_the_order_of_languages_changes_nothing(packed: Packed) -> None:
    def fitted(order: tuple[str, ...]) -> dict[str, Tensor]:
        result = prune(tiny.language_model("llama"), packed.only(order), REPAIRED, 0.5, "one-pass")
        return dict(result.updates)

    one, two = fitted(("en", "de", "sw")), fitted(("sw", "en", "de"))
    assert one.keys() == two.keys()
    for name, weight in one.items():
        assert_close(weight, two[name], atol=1e-4, rtol=1e-3)


def test_folds_are_languages_dealt_out_by_name() -> None:
    languages = ("sw", "en", "de", "fr", "yo", "zu")
    packed = tiny.packed(languages, per_language=2)
    found = folds_of(packed, torch.full((6,), 1 / 6))
    assert found.names == ("de", "en", "fr", "sw", "yo", "zu")
    assert found.of.tolist() == [3, 3, 1, 1, 0, 0, 2, 2, 4, 4, 5, 5]
    assert found.folds == ((0, 4), (1, 5), (2,), (3,))
    assert float(found.weights.sum() * packed.ids.shape[1]) == pytest.approx(1)
    wide = found.at(10**4)
    assert wide.names == ("de, yo", "en, zu", "fr", "sw")
    assert wide.of.tolist() == [3, 3, 1, 1, 0, 0, 2, 2, 0, 0, 1, 1]
    assert found.at(100) is found


def test_a_language_without_weight_is_in_no_fold(packed: Packed) -> None:
    found = folds_of(packed, torch.tensor([0.5, 0.0, 0.5]))
    assert found.names == ("en", "sw")
    assert found.weights.tolist() == pytest.approx([0.5 / 96] * 8 + [0.0] * 8 + [0.5 / 96] * 8)


def test_the_weights_of_languages_are_the_recipe_s(packed: Packed) -> None:
    """Weight 0 is a run without the language."""
    chosen = REPAIRED.replace(activation=Weighted("custom", "de=0"))
    with_zero = prune(tiny.language_model("llama"), packed, chosen, 0.5, "one-pass")
    without = prune(
        tiny.language_model("llama"), packed.only(("en", "sw")), REPAIRED.replace(activation=Weighted()), 0.5, "one-pass"
    )
    assert tiny.same(with_zero.masks, without.masks)
    assert with_zero.updates.keys() == without.updates.keys()
    for name, weight in with_zero.updates.items():
        assert_close(weight, without.updates[name], atol=1e-4, rtol=1e-3)


def test_one_language_is_judged_by_halves_of_its_text_and_that_is_said(packed: Packed) -> None:
    found: Folds = folds_of(packed.only(("sw",)), torch.ones(1))
    assert found.of.tolist() == [0] * 4 + [1] * 4
    result = prune(tiny.language_model("llama"), packed.only(("sw",)), REPAIRED, 0.5, "one-pass")
    assert "halves of its text" in " ".join(result.notes)
    target = prune(tiny.language_model("llama"), packed, REPAIRED.replace(activation=Target(language="sw")), 0.5, "one-pass")
    assert "halves of its text" in " ".join(target.notes)


def test_it_is_undone_when_cancelled(packed: Packed) -> None:
    model = tiny.language_model("gpt2")
    before = tiny.all_bytes(model)
    calls = iter(range(10**6))
    prune(model, packed, REPAIRED, 0.5, "one-pass", monitor=Monitor(is_cancelled=lambda: next(calls) < 0)).restore()
    total = next(calls)
    for step in range(total // 3, total, max(1, total // 5)):
        left = iter(range(10**6))
        with pytest.raises(Cancelled):
            prune(
                model,
                packed,
                REPAIRED,
                0.5,
                "one-pass",
                monitor=Monitor(is_cancelled=lambda left=left, step=step: next(left) >= step),
            )
        assert tiny.all_bytes(model) == before


def test_experts_stay_as_they_are_and_the_rest_is_repaired() -> None:
    shape = {
        "num_local_experts": 4,
        "num_experts_per_tok": 2,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_attention_heads": 4,
    }
    more = {"num_key_value_heads": 2, "num_hidden_layers": 2, "vocab_size": tiny.VOCABULARY, "max_position_embeddings": 64}
    model = tiny.language_model("mixtral", **shape, **more)
    before = tiny.all_bytes(model)
    result = prune(model, tiny.packed(per_language=8), REPAIRED, 0.5, "one-pass")
    assert result.updates
    assert not any("experts" in name for name in result.updates)
    result.restore()
    assert tiny.all_bytes(model) == before


def test_what_cannot_be_done_is_refused_in_a_sentence() -> None:
    with pytest.raises(InputError, match="moves biases"):
        REPAIRED.replace(score=Stade())
    for walk in ("from disk", "group"):
        with pytest.raises(InputError, match="needs the repair 'Least squares"):
            check_carried(REPAIRED, walk)
    check_carried(REPAIRED, "per-linear")


def test_what_was_done_to_each_layer_is_noted(packed: Packed) -> None:
    result = prune(tiny.language_model("llama"), packed, REPAIRED.replace(solver=Swaps()), 0.5, "one-pass")
    assert all("repaired" in outcome.note and "starting mask" in outcome.note for outcome in result.linears)
    assert any("linear layers were repaired" in note for note in result.notes)
    assert dataclasses.asdict(result.linears[0])["kept"] == 16 * 32
