"""Record every block's own call, and replay it: how the engine walks a model block by block.

Replaying the *first* block's arguments for every block (as the published code does) is silently wrong wherever local and
global attention mix: Gemma 2 and 3, Cohere 2, some Qwen 2 pass a mask or rotary table of their own to each block. Here
the model itself makes the call for every block; only the block's work is left out while recording.
"""

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.utils._pytree import tree_map
from transformers import PreTrainedModel

from mwanda_core.models.anatomy import DecoderBlock, output_head


@dataclasses.dataclass(frozen=True)
class TokenBatch:
    """Sequences of one length. `rows[b]` is the language of sequence b; `keep` is False at padding (None: none)."""

    ids: Int[Tensor, "batch time"]
    rows: Int[Tensor, " batch"]
    keep: Bool[Tensor, "batch time"] | None = None

    @property
    def num_tokens(self) -> int:
        """Tokens that count (padding excluded)."""
        return self.ids.numel() if self.keep is None else int(self.keep.sum())

    def to(self, device: torch.device) -> "TokenBatch":
        """The same batch on another device."""
        keep = None if self.keep is None else self.keep.to(device)
        return TokenBatch(self.ids.to(device), self.rows.to(device), keep)


@dataclasses.dataclass(frozen=True)
class BlockCall:
    """The arguments of one block's call, without the hidden states (argument 0 or keyword `hidden_states`)."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    hidden_by_name: bool


@dataclasses.dataclass(frozen=True)
class Recording:
    """One batch on its way through the blocks: what enters block 0, and how each block is called."""

    batch: TokenBatch
    hidden: Float[Tensor, "batch time hidden"]
    calls: tuple[BlockCall, ...]


def first(output: Any) -> Tensor:
    """The hidden states of a block's output: a tensor in most families, the head of a tuple or list in BLOOM or openai-gpt."""
    return output[0] if isinstance(output, tuple | list) else output


@dataclasses.dataclass(frozen=True)
class BlockForm:
    """What a family's blocks return: bare hidden states (`kind` None), or a tuple or list with `rest` behind them, None for each."""

    kind: type | None = None
    rest: int = 0

    @classmethod
    def of(cls, output: Any) -> "BlockForm":
        """The form of one output."""
        return cls(type(output), len(output) - 1) if isinstance(output, tuple | list) else cls()

    def dress(self, hidden: Tensor) -> Any:
        """Hidden states as the family's blocks return them; attention weights, caches and the like are None, as the model itself
        returns them where they were not asked for."""
        return hidden if self.kind is None else self.kind((hidden, *[None] * self.rest))


def block_form(model: PreTrainedModel, block: DecoderBlock) -> BlockForm:
    """The form in which the family's blocks return, found by one real forward of two tokens."""
    seen: list[BlockForm] = []
    hook = block.module.register_forward_hook(lambda module, args, output: seen.append(BlockForm.of(output)))
    try:
        with torch.no_grad():
            model(input_ids=torch.zeros(1, 2, dtype=torch.long, device=model.device), use_cache=False)
    finally:
        hook.remove()
    return seen[0]


@contextlib.contextmanager
def replaced_forward(module: torch.nn.Module, forward: Any) -> Iterator[None]:
    """While inside, the module's work is `forward`; hooks and everything around it stay."""
    before = module.__dict__.get("forward")
    module.forward = forward
    try:
        yield
    finally:
        del module.forward
        if before is not None:  # Someone else's replacement was there (accelerate's hooks, or one of ours around this).
            module.forward = before


@torch.no_grad()
def record(model: PreTrainedModel, blocks: tuple[DecoderBlock, ...], batch: TokenBatch, form: BlockForm) -> Recording:
    """Run the model on a batch with every block replaced by one that notes its call and passes its input on.

    Costs an embedding look-up; the linear layers of the blocks and of the head do no work.
    """
    calls: list[BlockCall] = []
    entered: list[Tensor] = []

    def note(*args: Any, **kwargs: Any) -> Any:
        by_name = not args
        hidden = kwargs.pop("hidden_states") if by_name else args[0]
        if not entered:
            entered.append(hidden)
        calls.append(BlockCall(() if by_name else args[1:], kwargs, by_name))
        return form.dress(hidden)

    with contextlib.ExitStack() as stack:
        for block in blocks:
            stack.enter_context(replaced_forward(block.module, note))
        stack.enter_context(replaced_forward(output_head(model), lambda hidden: hidden[..., :1]))
        mask = None if batch.keep is None else batch.keep.long()
        model(input_ids=batch.ids, attention_mask=mask, use_cache=False)
    return Recording(batch, entered[0], tuple(calls))


def in_float32(recording: Recording) -> Recording:
    """The same calls with every floating-point tensor in float32 (masks, rotary tables), for a block that is in float32."""

    def cast(value: Any) -> Any:
        return value.float() if isinstance(value, Tensor) and value.is_floating_point() else value

    calls = tuple(
        BlockCall(tree_map(cast, call.args), tree_map(cast, call.kwargs), call.hidden_by_name) for call in recording.calls
    )
    return Recording(recording.batch, recording.hidden.float(), calls)


@contextlib.contextmanager
def block_in_float32(block: DecoderBlock) -> Iterator[None]:
    """Inside, the block's parameters are float32; afterwards they have their own type again, with their new values."""
    before = {name: parameter.dtype for name, parameter in block.module.named_parameters()}
    block.module.float()
    try:
        yield
    finally:
        for name, parameter in block.module.named_parameters():
            parameter.data = parameter.data.to(before[name])


def replay(
    block: DecoderBlock, recording: Recording, hidden: Float[Tensor, "batch time hidden"]
) -> Float[Tensor, "batch time hidden"]:
    """The block's output for `hidden`, with every other argument as the model itself would pass it."""
    call = recording.calls[block.index]
    if call.hidden_by_name:
        return first(block.module(hidden_states=hidden, **call.kwargs))
    return first(block.module(hidden, *call.args, **call.kwargs))
