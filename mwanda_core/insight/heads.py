"""Where the attention heads of a model are: the matrix that reads what the heads of a block give, one group of channels a head.

Heads are found by watching, without a table of families: the kernel of attention, or its softmax, tells how many heads there are, and the
first linear that is called after it reads their outputs side by side. Blocks without attention (state spaces, linear attention) have no heads
here: `find_heads` leaves them out, and refuses a model that has no other.
"""

import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from mwanda_core.errors import ModelError
from mwanda_core.models import DecoderBlock, LanguageModel, Recording, TokenBatch

_KERNELS = (nn.functional.scaled_dot_product_attention, nn.functional.softmax, torch.softmax, Tensor.softmax)

TOKENS = 5


@dataclasses.dataclass(frozen=True, eq=False)
class Heads:
    """The heads of one block. Head i gives entries i * width ... (i + 1) * width of what the linear `down` reads."""

    block: int
    units: int
    width: int
    down: str


@torch.no_grad()
def find_heads(model: LanguageModel) -> tuple[Heads, ...]:
    """The heads of every block that has some, found by sending a few tokens through it.

    Raises ModelError when no block has any.
    """
    recording = model.record(TokenBatch(torch.zeros(1, TOKENS, dtype=torch.long), torch.zeros(1, dtype=torch.long)))
    heads = tuple(found for block in model.blocks if (found := _heads(model, block, recording)) is not None)
    if not heads:
        raise ModelError(f"No attention heads were found in {model.source}: none of its blocks attends by a softmax.")
    return heads


class _Kernels(TorchFunctionMode):
    """Notes how many heads the last kernel of attention had; 0 before the first."""

    def __init__(self) -> None:
        super().__init__()
        self.heads = 0

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Any = None) -> Any:
        if func in _KERNELS:
            first = args[0] if args else (kwargs or {}).get("query", (kwargs or {}).get("input"))
            # [batch, heads, time, ...], or weights of a batch of one as [heads, time, time].
            shape = tuple(first.shape) if isinstance(first, Tensor) else ()
            if len(shape) == 4 or (len(shape) == 3 and shape[1:] == (TOKENS, TOKENS)):
                self.heads = int(shape[-3])
        return func(*args, **(kwargs or {}))


def _heads(model: LanguageModel, block: DecoderBlock, recording: Recording) -> Heads | None:
    found: list[Heads] = []
    kernels = _Kernels()

    def reader(name: str) -> Callable[..., None]:
        def before(module: nn.Module, args: tuple[Any, ...]) -> None:
            if kernels.heads and not found and args[0].shape[-1] % kernels.heads == 0:
                found.append(Heads(block.index, kernels.heads, args[0].shape[-1] // kernels.heads, name))

        return before

    with contextlib.ExitStack() as stack:
        for linear in block.linears:
            stack.callback(linear.module.register_forward_pre_hook(reader(linear.name)).remove)
        stack.enter_context(kernels)
        model.replay(block, recording, recording.hidden)
    return found[0] if found else None
