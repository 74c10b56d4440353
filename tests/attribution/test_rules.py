"""Relevance: conserved in every family, forward passes untouched, nothing left behind; the attention rule by two kernels."""

from typing import Any

import pytest
import tiny
import torch
from torch import Tensor

from mwanda_core.attribution import RULES, lrp
from mwanda_core.attribution.rules import _identity
from mwanda_core.errors import UnknownName
from mwanda_core.models import LanguageModel


def unbiased(family: str, **changes: Any) -> LanguageModel:
    """A model without biases: those take a share of the relevance."""
    model = tiny.language_model(family, **changes)
    for name, parameter in model.hf.named_parameters():
        if name.endswith("bias"):
            parameter.data.zero_()
    return model


def explained(model: LanguageModel, rule: str, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """What enters the first block, the gradient there of the highest logits at the end, and all logits."""
    entering: list[Tensor] = []

    def leaf(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        hidden = (args[0] if args else kwargs["hidden_states"]).detach().requires_grad_(True)
        entering.append(hidden)
        return ((hidden, *args[1:]), kwargs) if args else (args, {**kwargs, "hidden_states": hidden})

    handle = model.blocks[0].module.register_forward_pre_hook(leaf, with_kwargs=True)
    try:
        with lrp(model, rule):
            logits = model.hf(input_ids=ids, use_cache=False).logits
            (gradient,) = torch.autograd.grad(logits[:, -1].max(dim=-1).values.sum(), entering[0])
    finally:
        handle.remove()
    return entering[0].detach(), gradient, logits.detach()


@pytest.mark.parametrize("family", tiny.FAMILIES)
def test_relevance_is_conserved_and_forward_passes_stay_bit_for_bit(family: str) -> None:
    model, ids = unbiased(family), tiny.random_ids(2, 10)
    plain = model.hf(input_ids=ids, use_cache=False).logits
    explained_logits = plain[:, -1].max(dim=-1).values.sum()
    found = {}
    for rule in RULES:
        hidden, gradient, logits = explained(model, rule, ids)
        assert torch.equal(logits, plain), rule
        found[rule] = (hidden * gradient).sum()
    torch.testing.assert_close(found["hybrid"], explained_logits, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(found["cp"], explained_logits, rtol=1e-4, atol=1e-5)
    # What the rules are for: the plain gradient is far from it.
    assert abs(float(found["gradient"] - explained_logits)) > 0.1 * abs(float(explained_logits))


@pytest.mark.parametrize("rule", RULES)
def test_both_attention_kernels_follow_one_rule(rule: str) -> None:
    ids = tiny.random_ids(2, 10)
    fused, written_out = (unbiased("llama", attn_implementation=name) for name in ("sdpa", "eager"))
    torch.testing.assert_close(explained(fused, rule, ids)[1], explained(written_out, rule, ids)[1], rtol=1e-4, atol=1e-5)


def test_nothing_is_left_behind_even_after_an_error() -> None:
    model, ids = unbiased("gemma3_text"), tiny.random_ids(1, 8)
    before = explained(model, "gradient", ids)[1]
    with pytest.raises(RuntimeError, match="stop"), lrp(model):
        raise RuntimeError("stop")
    assert torch.equal(explained(model, "gradient", ids)[1], before)
    assert all("forward" not in vars(module) for block in model.blocks for module in block.module.modules())


def test_gates_receive_nothing_under_cp_and_half_under_hybrid() -> None:
    model, ids = unbiased("llama"), tiny.random_ids(1, 8)
    mlp = model.blocks[1].module.mlp
    for rule, reached in (("cp", False), ("hybrid", True)):
        weights = (mlp.gate_proj.weight, mlp.up_proj.weight)
        for weight in weights:
            weight.requires_grad_(True)
        with lrp(model, rule):
            logit = model.hf(input_ids=ids, use_cache=False).logits[0, -1, 7]
            gate, up = torch.autograd.grad(logit, weights, allow_unused=True)
        for weight in weights:
            weight.requires_grad_(False)
        assert (gate is not None and bool(gate.any())) is reached
        if reached:  # Both factors of one product: their relevances are the same half.
            torch.testing.assert_close((weights[0] * gate).sum(), (weights[1] * up).sum(), rtol=1e-3, atol=1e-5)


def test_the_identity_rule_by_hand() -> None:
    x = torch.tensor([2.0, -1.0, 0.0], requires_grad=True)
    found = _identity(torch.nn.functional.silu(x.detach()), x)
    assert torch.equal(found, torch.nn.functional.silu(x))
    (gradient,) = torch.autograd.grad(found.sum(), x)
    # silu(x) / x is the logistic function; 0 where nothing passes.
    torch.testing.assert_close(gradient, torch.tensor([0.880797, 0.268941, 0.0]))


def test_an_unknown_rule_lists_the_known_ones() -> None:
    with pytest.raises(UnknownName, match="hybrid, attnlrp, cp, gradient"), lrp(tiny.language_model(), "zplus"):
        pass
