"""Decoder blocks and prunable linears of any causal language model, without a table of architectures."""

import dataclasses
from collections.abc import Collection, Mapping
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from mwanda_core.errors import ModelError
from mwanda_core.models.experts import ExpertSlice, Stack


def among(name: str) -> str:
    """An expert's name without its number; "" for a name without one."""
    parts = name.split(".")
    numbered = any(part.isdigit() for part in parts[:-1])  # "mlp.0" is a step of a sequence, not an expert.
    return ".".join(part for part in parts if not part.isdigit()) if numbered else ""


@dataclasses.dataclass(frozen=True)
class PrunableLinear:
    """One linear layer of a block. `name` is relative to the block, for example "self_attn.q_proj".

    twins, elsewhere: other modules of its block, and of other blocks, that have the same parameter (`models.sharing`). repeated: a pass
    through its block calls it several times.
    """

    name: str
    module: nn.Module
    transposed: bool
    twins: tuple[nn.Module, ...] = ()
    elsewhere: tuple[nn.Module, ...] = ()
    repeated: bool = False

    @property
    def callers(self) -> tuple[nn.Module, ...]:
        """The modules of its block that the model calls, each once."""
        return tuple({id(module): module for module in (self.module, *self.twins)}.values())

    @property
    def everywhere(self) -> tuple[nn.Module, ...]:
        """The modules of all blocks that the model calls, each once."""
        return tuple({id(module): module for module in (*self.callers, *self.elsewhere)}.values())

    @property
    def shared(self) -> bool:
        """Whether more than one call reads it."""
        return bool(self.twins or self.elsewhere or self.repeated)

    @property
    def weight(self) -> Float[Tensor, "out in"]:
        """The live weight, oriented [out, in]; writing into it changes the model. (GPT-2's Conv1D stores [in, out].)"""
        weight: Tensor = self.module.weight.data  # type: ignore[assignment]
        return weight.T if self.transposed else weight

    @property
    def kind(self) -> str:
        """The module's own name, for example "q_proj": the column of the sparsity heat-map."""
        return self.name.rpartition(".")[2]

    @property
    def stacked(self) -> bool:
        """Whether it is an expert that lies with others in one parameter, and so has no module that is called."""
        return isinstance(self.module, ExpertSlice)

    @property
    def among(self) -> str:
        """What it shares with the other experts of its layer, "mlp.experts.gate_up_proj"; "" for a layer that stands alone."""
        return among(self.name)


@dataclasses.dataclass(frozen=True)
class Guest:
    """A linear as a block calls it that is not its home (`models.sharing`): its home's number, its name there, and its full name."""

    linear: PrunableLinear
    home: int
    name: str
    full: str


@dataclasses.dataclass(frozen=True)
class DecoderBlock:
    """One decoder block. `path` is its name in the model, for example "model.layers.3"."""

    index: int
    path: str
    module: nn.Module
    linears: tuple[PrunableLinear, ...]
    stacks: Mapping[str, Stack] = dataclasses.field(default_factory=dict)
    """Name of a parameter within the block -> the experts that it holds; they are among `linears`, "mlp.experts.3.down_proj"."""
    guests: tuple[Guest, ...] = ()
    """Linears that it calls and whose home is another block."""
    whole: "DecoderBlock | None" = None
    """The block with its guests among its linears; None where it has none."""

    @property
    def held(self) -> dict[str, PrunableLinear]:
        """Full name, that of its home for a guest -> every linear that it calls."""
        return {self.full_name(x): x for x in self.linears} | {guest.full: guest.linear for guest in self.guests}

    @property
    def called(self) -> tuple[PrunableLinear, ...]:
        """Its linears that are modules the model calls, so that their input can be seen by a hook."""
        return tuple(linear for linear in self.linears if not linear.stacked)

    @property
    def routes(self) -> bool:
        """Whether some linears read only the tokens that a router sends them."""
        return any(linear.among for linear in self.linears)

    @property
    def size(self) -> int:
        """Number of prunable weights."""
        return sum(linear.weight.numel() for linear in self.linears)

    def full_name(self, linear: PrunableLinear) -> str:
        """The linear's name in the whole model."""
        return f"{self.path}.{linear.name}"

    def only(self, names: Collection[str]) -> "DecoderBlock":
        """The block as if it had no linears but these."""
        linears = tuple(linear for linear in self.linears if linear.name in names)
        layers = {linear.among for linear in linears if linear.stacked}
        stacks = {name: stack for name, stack in self.stacks.items() if name in layers}
        return dataclasses.replace(self, linears=linears, stacks=stacks, guests=(), whole=None)

    def with_stacks(self, found: Mapping[str, Stack]) -> "DecoderBlock":
        """The block with those experts behind its other linears that lie in parameters of its own, given by full name."""
        start = f"{self.path}."
        stacks = {full.removeprefix(start): stack for full, stack in found.items() if full.startswith(start)}
        experts = tuple(
            PrunableLinear(expert_name(name, number), stack.slice(number), stack.transposed)
            for name, stack in stacks.items()
            for number in range(stack.count)
        )
        return dataclasses.replace(self, linears=(*self.linears, *experts), stacks=stacks)


def stacked_parameters(blocks: tuple[DecoderBlock, ...]) -> dict[str, Tensor]:
    """Full name -> parameters of three axes that look as if they held experts, for a model without weights, of which no pass can tell."""
    return {
        f"{block.path}.{name}": parameter
        for block in blocks
        for name, parameter in block.module.named_parameters()
        if parameter.dim() == 3 and min(parameter.shape) > 1 and "conv" not in name
    }


def expert_name(parameter: str, number: int) -> str:
    """Name of an expert within its block, the number before the layer's own name as the Hub's files have it."""
    place, _, leaf = parameter.rpartition(".")
    return f"{place}.{number}.{leaf}" if place else f"{number}.{leaf}"


def find_linears(block: nn.Module) -> tuple[PrunableLinear, ...]:
    """Every `nn.Linear` (or subclass) and Conv1D of a block, in the order of definition."""
    return tuple(
        PrunableLinear(name, module, isinstance(module, Conv1D))
        for name, module in block.named_modules()
        if isinstance(module, nn.Linear | Conv1D)
    )


def output_head(model: PreTrainedModel) -> Any:
    """What makes logits of states: the model's own, or that of the language model within it (a family that holds one whole).

    Raises ModelError when there is none.
    """
    parts = [module for module in model.modules() if isinstance(module, PreTrainedModel)]
    head = next((found for part in parts if (found := part.get_output_embeddings()) is not None), None)
    if head is None:
        raise ModelError(
            f"{type(model).__name__} cannot be pruned here: it has no output head. Choose a decoder-only language model."
        )
    return head


def num_parameters(model: PreTrainedModel) -> int:
    """All parameters, tied ones once."""
    return sum(p.numel() for p in model.parameters())
