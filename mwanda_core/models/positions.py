"""How long a text a model can read: asked of the model itself where it has a table of positions that can end.

The table may be an embedding (GPT-2), one with an offset (OPT, RoBERTa as a decoder), or a buffer inside the attention (GPT-J, CodeGen,
MPT's biases), so the size that the configuration names is only where the search begins.
"""

import torch
from torch import nn
from transformers import PreTrainedModel

from mwanda_core.models.anatomy import DecoderBlock

NAMES = ("max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "max_sequence_length")
"""What families call the number of positions."""

LARGEST = 16_384
"""Tokens up to which the model is asked: attention over more would need gigabytes only to find out."""

OFFSET = 4
"""Rows that a table may have more or fewer than there are positions: OPT has two more, RoBERTa uses two for padding."""


class _Enough(Exception):
    """Ends a forward pass after its first block."""


def longest(model: PreTrainedModel, block: DecoderBlock) -> int | None:
    """Most tokens of a sequence; None where no table ends there."""
    config = model.config.get_text_config()
    limit = next((value for name in NAMES if isinstance(value := getattr(config, name, None), int) and value > 0), None)
    if limit is None or not _has_table(model, block, limit):
        return None
    if limit > LARGEST:
        return limit
    if reads(model, block, limit + OFFSET):
        return None
    low, high = 1, limit + OFFSET
    # Nearly always the configuration's own number.
    for guess in (limit, limit - 2):
        if low <= guess < high:
            low, high = (guess, high) if reads(model, block, guess) else (low, guess)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if reads(model, block, middle) else (low, middle)
    return low


def _has_table(model: PreTrainedModel, block: DecoderBlock, limit: int) -> bool:
    """Whether anything but the tokens' embedding has about as many rows (or columns) as there are positions, or the model has no rotary
    positions at all and so may make a table of its own as it runs (MPT's biases)."""
    if limit <= LARGEST and not any("rotary" in type(module).__name__.lower() for module in model.modules()):
        return True
    tokens = model.get_input_embeddings()
    tables = [m.weight.shape[:1] for m in model.modules() if isinstance(m, nn.Embedding) and m is not tokens]
    # A causal mask kept as a buffer, or sines and cosines computed in advance.
    tables += [buffer.shape for part in (model, block.module) for buffer in part.buffers() if buffer.dim() >= 2]
    return any(abs(size - limit) <= OFFSET for shape in tables for size in shape)


@torch.no_grad()
def reads(model: PreTrainedModel, block: DecoderBlock, length: int) -> bool:
    """Whether a sequence of that many tokens gets through the embeddings and the first block."""

    def stop(*_: object) -> None:
        raise _Enough

    handle = block.module.register_forward_hook(stop)
    try:
        model(input_ids=torch.zeros(1, length, dtype=torch.long, device=model.device), use_cache=False)
    except _Enough:
        return True
    except (IndexError, RuntimeError, ValueError):
        return False
    finally:
        handle.remove()
    return True
