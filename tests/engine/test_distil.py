"""Distillation in a model: gradients against autograd over whole logits, masks that stay, undone to the bit, judged by what it does not learn from."""

import dataclasses

import pytest
import tiny
import torch
from torch import Tensor
from torch.testing import assert_close

from mwanda_core.corpora import Packed
from mwanda_core.engine import distil as module
from mwanda_core.engine.check import check_carried
from mwanda_core.engine.distil import split
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import Cancelled, InputError
from mwanda_core.methods.recipes import recipe
from mwanda_core.methods.repair import Distillation
from mwanda_core.methods.scores import Stade
from mwanda_core.methods.solvers import Swaps
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor

SHORT = Distillation(first="none", steps=16, tokens=192, rate=0.01, share=0.5)
TAUGHT = recipe("wanda").replace(repair=SHORT)


@pytest.fixture(scope="module")
def packed() -> Packed:
    return tiny.packed(per_language=8, time=24)


def divergence(model: LanguageModel, wanted: Tensor, ids: Tensor) -> float:
    """KL over whole logits, float64."""
    with torch.no_grad():
        given = model.hf(input_ids=ids).logits.double().log_softmax(dim=-1)
    return float((wanted.exp() * (wanted - given)).sum(dim=-1).mean())


def said(model: LanguageModel, ids: Tensor) -> Tensor:
    with torch.no_grad():
        return model.hf(input_ids=ids).logits.double().log_softmax(dim=-1)


@pytest.mark.parametrize("family", ["llama", "gpt2", "gemma2"])
def test_the_model_comes_nearer_to_the_dense_one_on_masks_that_stay_and_goes_back_to_the_bit(
    family: str, packed: Packed
) -> None:
    model = tiny.language_model(family)
    before, wanted = tiny.all_bytes(model), said(model, packed.ids)
    plain = prune(model, packed, recipe("wanda"), 0.5, "one-pass")
    far = divergence(model, wanted, packed.ids)
    plain.restore()
    result = prune(model, packed, TAUGHT, 0.5, "one-pass")
    assert divergence(model, wanted, packed.ids) < 0.9 * far
    assert tiny.same(result.masks, plain.masks)
    masks = tiny.masks_of(result)
    for block in model.blocks:
        for linear in block.linears:
            name = block.full_name(linear)
            assert not linear.weight[~masks[name]].any()
            assert torch.equal(result.updates[name], linear.weight)
    assert any("distilled for" in note for note in result.notes)
    result.restore()
    assert tiny.all_bytes(model) == before


def test_bfloat16_weights_learn_through_float32_copies(packed: Packed) -> None:
    model = tiny.language_model("llama")
    model.hf.to(torch.bfloat16)
    before, wanted = tiny.all_bytes(model), said(model, packed.ids)
    plain = prune(model, packed, recipe("wanda"), 0.5, "one-pass")
    far = divergence(model, wanted, packed.ids)
    plain.restore()
    result = prune(model, packed, TAUGHT, 0.5, "one-pass")
    assert divergence(model, wanted, packed.ids) < 0.9 * far
    result.restore()
    assert tiny.all_bytes(model) == before


@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_gradients_are_those_of_the_divergence_over_whole_logits(
    temperature: float, packed: Packed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chunks of the vocabulary's rows and of sequences leave no trace; Gemma 2 caps its logits after the head."""
    monkeypatch.setattr(module, "LOSS_CHUNK_ELEMENTS", 5 * tiny.VOCABULARY)
    monkeypatch.setitem(module.AT_ONCE, "cpu", 48)
    model = tiny.language_model("gemma2")
    dense = tiny.language_model("gemma2", seed=1)
    aim = dense.hidden(packed.ids)
    model.hf.get_output_embeddings().weight.data.copy_(dense.hf.get_output_embeddings().weight)
    linears = [linear for block in model.blocks for linear in block.linears]
    keeps = [torch.ones(linear.weight.shape, dtype=torch.bool) for linear in linears]
    work = module._Work(model, packed.ids, aim, linears, keeps, split(packed), Monitor())
    sequences, positions = [0, 3, 9, 20, 21], [1, 4, 5, 23]
    found = work.gradients(sequences, positions, temperature)
    weights = [linear.module.weight for linear in linears]
    for weight in weights:
        weight.requires_grad_(True)  # type: ignore[operator]
    given = model.hf(input_ids=packed.ids[sequences]).logits[:, positions] / temperature
    with torch.no_grad(), model.head() as head:
        asked = torch.stack([head(states) for states in aim[sequences]])[:, positions] / temperature
    loss = torch.nn.functional.kl_div(given.log_softmax(-1), asked.log_softmax(-1), log_target=True, reduction="none")
    (temperature**2 * loss.sum(dim=-1).mean()).backward()
    for gradient, weight in zip(found, weights, strict=True):
        assert_close(gradient, weight.grad, atol=1e-6, rtol=1e-3)


def test_no_pruning_and_no_steps_change_nothing(packed: Packed) -> None:
    model = tiny.language_model("llama")
    before = tiny.all_bytes(model)
    assert prune(model, packed, TAUGHT, 0.0, "one-pass").updates == {}
    assert tiny.all_bytes(model) == before
    plain = prune(model, packed, recipe("wanda"), 0.5, "one-pass")
    cut = tiny.all_bytes(model)
    plain.restore()
    none = prune(model, packed, TAUGHT.replace(steps=0), 0.5, "one-pass")
    assert tiny.all_bytes(model) == cut
    assert none.updates == {}


def test_steps_that_ruin_what_is_judged_are_given_up(packed: Packed) -> None:
    """Large steps where next to nothing was lost: there is nothing to gain by them."""
    model, rash = tiny.language_model("llama"), TAUGHT.replace(rate=0.1, steps=8)
    plain = prune(model, packed, recipe("wanda"), 0.04, "one-pass")
    cut = tiny.all_bytes(model)
    plain.restore()
    result = prune(model, packed, rash, 0.04, "one-pass")
    assert any("given up" in note for note in result.notes)
    assert result.updates == {}
    assert tiny.all_bytes(model) == cut


def test_seeds_decide_and_the_order_of_languages_does_not(packed: Packed) -> None:
    def learnt(order: tuple[str, ...], seed: int = 0) -> dict[str, Tensor]:
        short = TAUGHT.replace(steps=4, **{"repair.seed": seed})
        return dict(prune(tiny.language_model("llama"), packed.only(order), short, 0.5, "one-pass").updates)

    one, same, other = learnt(("en", "de", "sw")), learnt(("en", "de", "sw")), learnt(("en", "de", "sw"), seed=1)
    assert tiny.same(one, same)
    assert not tiny.same(one, other)
    turned = learnt(("sw", "en", "de"))
    for name, weight in one.items():
        assert_close(weight, turned[name], atol=2e-3, rtol=0)


def test_it_learns_after_least_squares_and_from_the_texts_given(packed: Packed) -> None:
    model = tiny.language_model("llama")
    texts = dataclasses.replace(tiny.packed(("da", "de", "en", "fi", "sw"), per_language=8, time=24), guards=("da", "fi"))
    both = recipe("swaps-repair-distil").replace(steps=16, tokens=240, rate=0.01)
    result = prune(model, packed, both, 0.5, "one-pass", learn_from=texts)
    joined = " ".join(result.notes)
    assert "linear layers were repaired" in joined
    assert "distilled" in joined
    assert "(not learnt from at all: da)" in joined


def test_left_out_are_guards_and_text_is_put_aside_of_all_others() -> None:
    texts = dataclasses.replace(
        tiny.packed(("sw", "en", "aa", "bb", "cc", "dd"), per_language=9), guards=("dd", "aa", "cc", "bb")
    )
    found = split(texts)
    assert found.left_out == ("aa", "cc")
    assert found.judged == ((18, 19), (36, 37), (35, 53, 17, 8))
    assert found.learnt == (tuple(range(27, 35)), tuple(range(45, 53)), tuple(range(9, 17)), tuple(range(8)))
    alone = split(tiny.packed(("en",), per_language=1))
    assert (alone.learnt, alone.judged) == (((0,),), ())


def test_it_is_undone_when_cancelled(packed: Packed) -> None:
    model = tiny.language_model("gpt2")
    before = tiny.all_bytes(model)
    calls = iter(range(10**6))
    prune(model, packed, TAUGHT, 0.5, "one-pass", monitor=Monitor(is_cancelled=lambda: next(calls) < 0)).restore()
    total = next(calls)
    for step in (total - 60, total - 20, total - 2):
        left = iter(range(10**6))
        stop = Monitor(is_cancelled=lambda left=left, step=step: next(left) >= step)  # type: ignore[misc]
        with pytest.raises(Cancelled):
            prune(model, packed, TAUGHT, 0.5, "one-pass", monitor=stop)
        assert tiny.all_bytes(model) == before


def test_what_cannot_be_done_is_refused_in_a_sentence() -> None:
    with pytest.raises(InputError, match="moves biases"):
        TAUGHT.replace(score=Stade())
    for walk in ("from disk", "group"):
        with pytest.raises(InputError, match="needs the repair 'Distillation"):
            check_carried(TAUGHT, walk)
    check_carried(TAUGHT.replace(solver=Swaps()), "per-linear")
