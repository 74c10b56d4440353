"""Relevance as a score: by hand, against slow autograd, and the law that outgoing weights carry what their neuron carries."""

import dataclasses

import pytest
import tiny
import torch
from evidence import linear

from mwanda_core.attribution import lrp
from mwanda_core.engine import gradients
from mwanda_core.engine.pruning import prune
from mwanda_core.errors import InputError
from mwanda_core.methods.activation import Target
from mwanda_core.methods.recipes import recipe
from mwanda_core.methods.scores import Relevance
from mwanda_core.progress import Monitor


def test_by_hand() -> None:
    item = linear(torch.tensor([[1.0, -2.0], [-3.0, 0.0]]))
    with pytest.raises(InputError, match="'relevance'"):
        Relevance()(item)
    seen = dataclasses.replace(item, relevance=torch.tensor([[0.5, 0.5], [-1.0, 9.0]]))
    assert Relevance()(seen).tolist() == [[0.5, 1.0], [3.0, 0.0]]


@pytest.mark.parametrize(("family", "rule"), [("llama", "gradient"), ("gpt2", "gradient"), ("gemma3_text", "attnlrp")])
def test_it_is_the_mean_derivative_of_the_log_probability(family: str, rule: str) -> None:
    model, packed = tiny.language_model(family), tiny.packed(("en", "de"), per_language=1, time=8)
    found = gradients.relevance(model, packed, Monitor(), rule)
    block = model.blocks[1]
    chosen = block.linears[-1]
    weight = chosen.module.weight
    weight.requires_grad_(True)
    total = torch.zeros_like(weight)
    with lrp(model, rule):
        for ids in packed.ids:
            logs = model.hf(input_ids=ids[None], use_cache=False).logits[0, :-1].log_softmax(dim=-1)
            total += torch.autograd.grad(logs.gather(1, ids[1:, None]).mean(), weight)[0]
    weight.requires_grad_(False)
    wanted = (total.T if chosen.transposed else total) / 2
    torch.testing.assert_close(found[block.full_name(chosen)], wanted, rtol=1e-3, atol=1e-6)
    assert all(not parameter.requires_grad for parameter in model.hf.parameters())


def test_languages_count_as_the_activation_says() -> None:
    """Weights of languages: the mean over each one's sequences, weighed; equal ones give the plain mean, bit for bit."""
    model, packed = tiny.language_model("llama"), tiny.packed(("en", "de"), per_language=2, time=8)
    plain = gradients.relevance(model, packed, Monitor())
    equal = gradients.relevance(model, packed, Monitor(), weights=torch.tensor([0.5, 0.5], dtype=torch.float64))
    alone = [gradients.relevance(model, packed.only((code,)), Monitor()) for code in ("en", "de")]
    weighed = gradients.relevance(model, packed, Monitor(), weights=torch.tensor([0.8, 0.2], dtype=torch.float64))
    target = prune(model, packed, recipe("relevance").replace(activation=Target("de")), 0.5, "one-pass")
    by_target = {name: mask.clone() for name, mask in target.masks.items()}
    target.restore()
    only = prune(model, packed.only(("de",)), recipe("relevance"), 0.5, "one-pass")
    for name, found in plain.items():
        assert torch.equal(found, equal[name])
        torch.testing.assert_close(weighed[name], 0.8 * alone[0][name] + 0.2 * alone[1][name], rtol=1e-4, atol=1e-7)
        assert torch.equal(by_target[name], only.masks[name])
    only.restore()
