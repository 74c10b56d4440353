"""Logits for other ends than a loss: one step of writing, and those of a few tokens more exactly than the model makes them.

In a step the model makes its own cache (sliding windows, shared layers and all); the head is applied only to the last position, and
only to the sequences whose next token is still to be chosen, for with a large vocabulary it is most of a step's work.
"""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mwanda_core.models.anatomy import output_head
from mwanda_core.models.calls import replaced_forward
from mwanda_core.models.language_model import LanguageModel


@torch.no_grad()
def next_logits(
    model: LanguageModel, ids: Int[Tensor, "batch time"], wanted: Int[Tensor, " wanted"], cache: Any = None
) -> tuple[Float[Tensor, "wanted vocabulary"], Any]:
    """Logits (float32) after the last of `ids` for the sequences `wanted`, and the cache to pass with the tokens that follow.

    All sequences of a batch have one length, so that no family needs a mask or positions of its own. The logits are
    what the model itself makes of its head's output (scaled or capped, where a family does so).
    """
    head = output_head(model.hf)
    work = head.forward
    rows = wanted.to(model.device)
    with replaced_forward(head, lambda hidden: work(hidden[rows, -1:])):
        done = model.hf(input_ids=ids.to(model.device), past_key_values=cache, use_cache=True)
    return done.logits[:, -1].float(), done.past_key_values


def stop_tokens(model: LanguageModel) -> frozenset[int]:
    """The tokens that end a text: the tokenizer's, and those that the model's settings for generation name."""
    config = model.hf.generation_config
    named = None if config is None else config.eos_token_id
    several = named if isinstance(named, list | tuple) else [named]
    return frozenset(int(token) for token in [*several, model.tokenizer.eos_token_id] if token is not None)


def exact_logits(model: LanguageModel, states: Float[Tensor, "n hidden"], tokens: Int[Tensor, "n k"]) -> Float[Tensor, "n k"]:
    """The head's output at a few tokens of each state, in float32: a 16-bit model's own logits are so coarse that most of
    the ten largest are tied. The order is the model's; a scale or cap that a family adds afterwards is left out."""
    head = output_head(model.hf)
    rows: Tensor = head.weight.detach()[tokens.long()].float()
    found = torch.einsum("nkh,nh->nk", rows, states.float())
    bias = getattr(head, "bias", None)
    return found if bias is None else found + bias.detach()[tokens.long()].float()
