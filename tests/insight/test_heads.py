"""Heads: found in every family by watching, and silencing one is the same as a zero in what attention gives."""

import pytest
import tiny
import torch

from mwanda_core.errors import ModelError
from mwanda_core.insight.heads import find_heads


@pytest.mark.parametrize("family", tiny.CONFIGS)
def test_every_family_has_four_heads_a_block(family: str) -> None:
    model = tiny.language_model(family)
    heads = find_heads(model)
    assert [head.block for head in heads] == list(range(len(model.blocks)))
    for head in heads:
        linear = next(one for one in model.blocks[head.block].linears if one.name == head.down)
        assert (head.units, head.units * head.width) == (4, linear.weight.shape[1])
        assert any(word in head.down for word in ("attn", "attention")), head.down
        assert linear.weight.shape[0] == 32  # It writes into the residual stream.


def test_eager_attention_is_seen_too() -> None:
    model = tiny.language_model("llama")
    fused = [(head.units, head.down) for head in find_heads(model)]
    model.hf.config._attn_implementation = "eager"
    assert [(head.units, head.down) for head in find_heads(model)] == fused


def test_a_model_without_attention_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny.language_model("llama")
    monkeypatch.setattr(
        torch.nn.functional, "scaled_dot_product_attention", lambda query, key, value, **others: value.repeat(1, 2, 1, 1)
    )
    with pytest.raises(ModelError, match="No attention heads"):
        find_heads(model)
