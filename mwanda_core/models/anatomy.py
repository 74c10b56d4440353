"""Decoder blocks and prunable linears of any causal language model, without a table of architectures."""

import dataclasses
import functools
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from mwanda_core.errors import ModelError
from mwanda_core.models.experts import ExpertSlice, Stack, find_stacks


def among(name: str) -> str:
    """An expert's name without its number; "" for a name without one."""
    parts = name.split(".")
    numbered = any(part.isdigit() for part in parts[:-1])  # "mlp.0" is a step of a sequence, not an expert.
    return ".".join(part for part in parts if not part.isdigit()) if numbered else ""


@dataclasses.dataclass(frozen=True)
class PrunableLinear:
    """One linear layer of a block. `name` is relative to the block, for example "self_attn.q_proj"."""

    name: str
    module: nn.Module
    transposed: bool

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
class DecoderBlock:
    """One decoder block. `path` is its name in the model, for example "model.layers.3"."""

    index: int
    path: str
    module: nn.Module
    linears: tuple[PrunableLinear, ...]
    stacks: Mapping[str, Stack] = dataclasses.field(default_factory=dict)
    """Name of a parameter within the block -> the experts that it holds; they are among `linears`, "mlp.experts.3.down_proj"."""

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
        return dataclasses.replace(self, linears=linears, stacks={n: s for n, s in self.stacks.items() if n in layers})

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


COUNTS = ("decoder_layers", "num_decoder_layers", "num_hidden_layers")
"""What families call the number of decoder blocks; the last name may be that of the encoder's where they have one."""


def find_blocks(model: PreTrainedModel) -> tuple[tuple[DecoderBlock, ...], tuple[str, ...]]:
    """The decoder blocks, and one sentence for each group of weights that will stay dense.

    The blocks are the outermost ModuleList with `num_hidden_layers` members, or as many as the configuration has layers of a decoder
    (families made from an encoder and a decoder count each). Raises ModelError when there is none, or when it holds no linear layer.
    """
    config = model.config.get_text_config()
    counts = [value for name in COUNTS if isinstance(value := getattr(config, name, None), int)]
    every = [(name, m) for name, m in model.named_modules() if isinstance(m, nn.ModuleList)]
    lists: list[tuple[str, nn.ModuleList]] = []
    for count in counts:
        lists = lists or [(name, m) for name, m in every if len(m) == count]
    # A vision tower may have as many layers: the decoder is below the part that the text's configuration belongs to.
    within = _text_part(model)
    lists = [item for item in lists if item[0].startswith(within)] or lists
    if not counts:
        raise ModelError(
            f"{type(model).__name__} cannot be pruned here: its configuration names no number of decoder blocks. Choose a decoder-only "
            "language model."
        )
    if not lists:
        raise ModelError(
            f"{type(model).__name__} cannot be pruned here: it has no list of {' or '.join(map(str, dict.fromkeys(counts)))} decoder "
            "blocks, the number its configuration names. Choose a decoder-only language model."
        )
    path, modules = min(lists, key=lambda item: item[0].count("."))
    shared = _shared_weights(modules)
    blocks = tuple(
        DecoderBlock(
            index, f"{path}.{index}", module, tuple(x for x in find_linears(module) if id(x.module.weight) not in shared)
        )
        for index, module in enumerate(modules)
    )
    blocks = _with_experts(model, blocks)
    idle = never_called(model, blocks)
    blocks = tuple(
        dataclasses.replace(block, linears=tuple(x for x in block.linears if block.full_name(x) not in idle))
        for block in blocks
    )
    if not any(block.linears for block in blocks):
        raise ModelError(f"{type(model).__name__} cannot be pruned here: its blocks hold no linear layers.")
    return blocks, tuple(_skipped(model, blocks, idle))


def _with_experts(model: PreTrainedModel, blocks: tuple[DecoderBlock, ...]) -> tuple[DecoderBlock, ...]:
    """The blocks with the experts that lie together in parameters."""
    found = find_stacks(model, [(block.path, block.module) for block in blocks])
    return tuple(block.with_stacks(found) for block in blocks)


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


def _text_part(model: PreTrainedModel) -> str:
    """Name of the part of a multimodal model that reads text, with a dot behind it; "" for a model of text alone."""
    text = model.config.get_text_config()
    if text is model.config:
        return ""
    parts = [name for name, module in model.named_modules() if name and getattr(module, "config", None) is text]
    return f"{min(parts, key=len)}." if parts else ""


def _shared_weights(modules: nn.ModuleList) -> set[int]:
    """Weights that more than one block uses (Zamba's attention serves several depths), or more than one layer of a block: one cut would
    count once for each, and be made by what one of them reads."""
    owners: dict[int, set[tuple[int, int]]] = {}
    for index, block in enumerate(modules):
        for module in block.modules():
            if isinstance(module, nn.Linear | Conv1D):
                owners.setdefault(id(module.weight), set()).add((index, id(module)))
    return {weight for weight, users in owners.items() if len(users) > 1}


def never_called(
    model: PreTrainedModel, blocks: tuple[DecoderBlock, ...], run: Callable[[], object] | None = None
) -> frozenset[str]:
    """Full names of linears whose forward a short text (or what `run` does) never passes: Mamba reads `dt_proj`'s weight alone, a decoder may keep a
    cross-attention that it does not use. There is no input to measure, so they cannot be pruned.

    Experts (a number in the name) may only have had no token yet, and stay in. A layer that reads inputs of another width than its
    weight's (grouped ones) is no plain product and counts as never called.
    """
    called: set[str] = set()
    strange: set[str] = set()

    def note(name: str, module: nn.Module, args: tuple[Tensor, ...]) -> None:
        weight: Tensor = module.weight  # type: ignore[assignment]
        width = weight.shape[0] if isinstance(module, Conv1D) else weight.shape[1]
        (called if args and args[0].shape[-1] == width else strange).add(name)

    handles = [
        linear.module.register_forward_pre_hook(functools.partial(note, block.full_name(linear)))
        for block in blocks
        for linear in block.called
    ]
    try:
        with torch.no_grad():
            ids = torch.arange(8, device=model.device)[None] % 8
            _ = run() if run else model(input_ids=ids, use_cache=False)
    except Exception:  # A model without weights yet (meta device) cannot always be run, and then nothing is known.
        return frozenset()
    finally:
        for handle in handles:
            handle.remove()
    names = {block.full_name(linear): linear.name for block in blocks for linear in block.linears}
    return frozenset(
        full
        for full, name in names.items()
        if full in strange or (full not in called and not any(p.isdigit() for p in name.split(".")))
    )


def find_linears(block: nn.Module) -> tuple[PrunableLinear, ...]:
    """Every `nn.Linear` (or subclass) and Conv1D of a block, in the order of definition."""
    found: dict[int, PrunableLinear] = {}
    for name, module in block.named_modules():
        if isinstance(module, nn.Linear | Conv1D):
            # A weight that several modules have stays dense, so which of them stands for it does not matter.
            found.setdefault(id(module.weight), PrunableLinear(name, module, isinstance(module, Conv1D)))
    return tuple(found.values())


def _skipped(model: PreTrainedModel, blocks: tuple[DecoderBlock, ...], idle: frozenset[str]) -> list[str]:
    """What has a matrix and is not pruned: embeddings and head by design, anything else by what we cannot do yet."""
    pruned = {id(linear.module.weight) for block in blocks for linear in block.called}
    pruned |= {id(stack.parameter) for block in blocks for stack in block.stacks.values()}
    users = Counter(id(p) for block in blocks for p in block.module.parameters())
    linears = {id(module.weight) for module in model.modules() if isinstance(module, nn.Linear | Conv1D)}
    # Grouped and other linears of a family's own.
    subclasses = {
        id(m.weight): type(m).__name__ for m in model.modules() if isinstance(m, nn.Linear) and type(m) is not nn.Linear
    }
    dense, shared, unread = 0, dict[str, str](), dict[str, str]()
    unknown: dict[str, tuple[int, list[int]]] = {}
    for name, parameter in model.named_parameters():
        if parameter.dim() < 2 or id(parameter) in pruned:
            continue
        if id(parameter) in users:
            kind = ".".join(part for part in name.split(".") if not part.isdigit())
            numel, shape = unknown.get(kind, (0, list(parameter.shape)))
            unknown[kind] = (numel + parameter.numel(), shape)
            if name.removesuffix(".weight") in idle:
                unread[kind] = subclasses.get(id(parameter), "")
            elif id(parameter) in linears:
                shared[kind] = "blocks" if users[id(parameter)] > 1 else "layers of a block"
        else:
            dense += parameter.numel()
    notes = [f"Embeddings and output head stay dense ({dense / 1e6:,.1f} million weights)."] if dense else []
    for kind, (numel, shape) in unknown.items():
        why = f"is not a linear layer (shape {shape})"
        if kind in unread:
            own = unread[kind]
            why = f"is not read as a plain linear layer ({own})" if own else "is a linear layer that no text passes"
        elif kind in shared:
            why = f"is used by several {shared[kind]}"
        notes.append(f"{kind} {why} and stays dense ({numel / 1e6:,.1f} million weights).")
    return notes


def kept_dense(model: PreTrainedModel, blocks: tuple[DecoderBlock, ...], idle: frozenset[str]) -> tuple[str, ...]:
    """One sentence for each group of weights that no block holds as a linear layer; `idle`: full names of linears that no text passes."""
    return tuple(_skipped(model, blocks, idle))


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
