"""Tiny models in which one parameter serves several layers, in every way in which that can be."""

from collections.abc import Callable

import tiny
from torch import nn
from transformers import PreTrainedModel

from mwanda_core.models import LanguageModel


def _over_blocks(hf: PreTrainedModel) -> None:
    """Two module objects in two blocks share one parameter each."""
    for name in ("self_attn.q_proj", "mlp.down_proj"):
        hf.model.layers[2].get_submodule(name).weight = hf.model.layers[0].get_submodule(name).weight


def _within(hf: PreTrainedModel) -> None:
    """Two module objects of one block, at different inputs."""
    hf.model.layers[1].self_attn.o_proj.weight = hf.model.layers[1].self_attn.q_proj.weight


def _one_module(hf: PreTrainedModel) -> None:
    """One module object stands in two blocks."""
    hf.model.layers[2].mlp = hf.model.layers[0].mlp


def _both(hf: PreTrainedModel) -> None:
    """Twice in the first block, and in the last."""
    first = hf.model.layers[0].self_attn
    first.o_proj.weight = hf.model.layers[2].self_attn.q_proj.weight = first.q_proj.weight


def _listed_twice(hf: PreTrainedModel) -> None:
    """One block stands twice in the list."""
    hf.model.layers[2] = hf.model.layers[0]


def _universal(hf: PreTrainedModel) -> None:
    """All blocks are one (a Universal Transformer, ALBERT)."""
    hf.model.layers = nn.ModuleList([hf.model.layers[0]] * 3)


WAYS: dict[str, Callable[[PreTrainedModel], None]] = {
    "over blocks": _over_blocks, "within a block": _within, "one module": _one_module, "both": _both,
    "a block twice": _listed_twice, "universal": _universal,
}  # fmt: skip


def shared(way: str) -> LanguageModel:
    """A tiny Llama of three blocks whose layers share parameters in one of `WAYS`."""
    hf = tiny.hf_model("llama")
    WAYS[way](hf)
    return tiny.wrap(hf, tiny.tokenizer())
