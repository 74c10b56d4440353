"""Where the neurons of a model are: the activation function of each MLP, and the weights that belong to its entries.

Neurons are found by watching, without a table of families: an activation is a parameterless module that reads the output of one
of the block's linears, and its down matrix the last linear beside it that reads as many channels. GELU and SiLU are positive
exactly where their input is. Blocks whose MLP works otherwise (experts held in three-dimensional parameters, activations called
as bare functions) have no neurons here: `find_mlps` leaves them out, and refuses a model that has no other.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from mwanda_core.errors import ModelError
from mwanda_core.models import DecoderBlock, LanguageModel, Recording, TokenBatch


@dataclasses.dataclass(frozen=True, eq=False)
class Mlp:
    """The neurons of one block. Neuron i is entry i of what `activation` gives, row `first + i` of each (linear, first) in
    `rows`, and column i of the linear `down`."""

    block: int
    activation: nn.Module
    neurons: int
    rows: tuple[tuple[str, int], ...]
    down: str

    @property
    def units(self) -> int:
        """As many as there are neurons: what `down` reads falls into units of `width` entries."""
        return self.neurons

    @property
    def width(self) -> int:
        """Entries of one neuron."""
        return 1


@dataclasses.dataclass(frozen=True, eq=False)
class _Call:
    """One module's call while a block was watched."""

    name: str
    module: nn.Module
    linear: bool
    read: Tensor
    made: Tensor

    @property
    def home(self) -> str:
        return self.name.rpartition(".")[0]


@torch.no_grad()
def find_mlps(model: LanguageModel) -> tuple[Mlp, ...]:
    """The neurons of every block that has some, found by sending two tokens through it.

    Raises ModelError when no block has any.
    """
    recording = model.record(TokenBatch(torch.zeros(1, 2, dtype=torch.long), torch.zeros(1, dtype=torch.long)))
    found = [_mlp(block, _watch(model, block, recording)) for block in model.blocks]
    mlps = tuple(mlp for mlp in found if mlp is not None)
    if not mlps:
        raise ModelError(
            f"No neurons were found in {model.source}: none of its blocks applies an activation module to the output of a linear "
            "layer. Language neurons need such a model (experts held as one tensor are not read)."
        )
    return mlps


def _watch(model: LanguageModel, block: DecoderBlock, recording: Recording) -> list[_Call]:
    linears = {linear.name for linear in block.linears}
    calls: list[_Call] = []

    def note(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
            if args and isinstance(args[0], Tensor) and isinstance(output, Tensor):
                calls.append(_Call(name, module, name in linears, args[0], output))

        return hook

    watched = {
        name: module
        for name, module in block.module.named_modules()
        if name in linears or not (any(True for _ in module.parameters()) or isinstance(module, nn.Dropout | nn.Identity))
    }
    with contextlib.ExitStack() as stack:
        for name, module in watched.items():
            stack.callback(module.register_forward_hook(note(name)).remove)
        model.replay(block, recording, recording.hidden)
    return calls


def _mlp(block: DecoderBlock, calls: Sequence[_Call]) -> Mlp | None:
    """The first activation that reads a linear and has a down matrix."""
    for at, call in enumerate(calls):
        if call.linear:
            continue
        storage = call.read.untyped_storage().data_ptr()
        sources = [c for c in calls[:at] if c.linear and c.made.untyped_storage().data_ptr() == storage]
        width = call.made.shape[-1]
        beside = [c for c in calls if c.linear and c.home == call.home]
        down = [c for c in calls[at:] if c in beside and c.read.shape[-1] == width]
        if not sources or not down:
            continue
        source, last = sources[-1], down[-1]
        if source.made.shape[-1] == 2 * width:  # Gate and up in one matrix (Phi 3).
            rows: tuple[tuple[str, int], ...] = ((source.name, 0), (source.name, width))
        else:
            # The up matrix of a gated MLP is multiplied in; it makes as many channels as the gate.
            ups = [c.name for c in beside if c.name not in (source.name, last.name) and c.made.shape[-1] == width]
            rows = ((source.name, 0), *((name, 0) for name in ups))
        return Mlp(block.index, call.module, width, rows, last.name)
    return None
