"""Decoder blocks and prunable linears of any causal language model, without a table of architectures."""

import dataclasses
import functools

import torch
from jaxtyping import Float
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from mwanda_core.errors import ModelError


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


@dataclasses.dataclass(frozen=True)
class DecoderBlock:
    """One decoder block. `path` is its name in the model, for example "model.layers.3"."""

    index: int
    path: str
    module: nn.Module
    linears: tuple[PrunableLinear, ...]

    @property
    def size(self) -> int:
        """Number of prunable weights."""
        return sum(linear.weight.numel() for linear in self.linears)

    def full_name(self, linear: PrunableLinear) -> str:
        """The linear's name in the whole model."""
        return f"{self.path}.{linear.name}"


def find_blocks(model: PreTrainedModel) -> tuple[tuple[DecoderBlock, ...], tuple[str, ...]]:
    """The decoder blocks, and one sentence for each group of weights that will stay dense.

    The blocks are the outermost ModuleList with `num_hidden_layers` members. Raises ModelError when there is none, or
    when it holds no linear layer.
    """
    count = model.config.get_text_config().num_hidden_layers
    lists = [(name, m) for name, m in model.named_modules() if isinstance(m, nn.ModuleList) and len(m) == count]
    # A vision tower may have as many layers: the decoder is below the part that the text's configuration belongs to.
    within = _text_part(model)
    lists = [item for item in lists if item[0].startswith(within)] or lists
    if not lists:
        raise ModelError(
            f"{type(model).__name__} cannot be pruned here: it has no list of {count} decoder blocks, the number its "
            "configuration names. Choose a decoder-only language model."
        )
    path, modules = min(lists, key=lambda item: item[0].count("."))
    shared = _shared_weights(modules)
    blocks = tuple(
        DecoderBlock(
            index, f"{path}.{index}", module, tuple(x for x in find_linears(module) if id(x.module.weight) not in shared)
        )
        for index, module in enumerate(modules)
    )
    if not any(block.linears for block in blocks):
        raise ModelError(f"{type(model).__name__} cannot be pruned here: its blocks hold no linear layers.")
    idle = never_called(model, blocks)
    blocks = tuple(
        dataclasses.replace(block, linears=tuple(x for x in block.linears if block.full_name(x) not in idle))
        for block in blocks
    )
    return blocks, tuple(_skipped(model, blocks, idle))


def _text_part(model: PreTrainedModel) -> str:
    """Name of the part of a multimodal model that reads text, with a dot behind it; "" for a model of text alone."""
    text = model.config.get_text_config()
    if text is model.config:
        return ""
    parts = [name for name, module in model.named_modules() if name and getattr(module, "config", None) is text]
    return f"{min(parts, key=len)}." if parts else ""


def _shared_weights(modules: nn.ModuleList) -> set[int]:
    """Weights that more than one block uses (Zamba's attention serves several depths): one cut would count once for each."""
    owners: dict[int, set[int]] = {}
    for index, block in enumerate(modules):
        for linear in find_linears(block):
            owners.setdefault(id(linear.module.weight), set()).add(index)
    return {weight for weight, blocks in owners.items() if len(blocks) > 1}


def never_called(model: PreTrainedModel, blocks: tuple[DecoderBlock, ...]) -> frozenset[str]:
    """Full names of linears whose forward a short text never passes: Mamba reads `dt_proj`'s weight alone, a decoder may keep a
    cross-attention that it does not use. There is no input to measure, so they cannot be pruned.

    Experts (a number in the name) may only have had no token yet, and stay in.
    """
    called: set[str] = set()

    def note(name: str, *_: object) -> None:
        called.add(name)

    handles = [
        linear.module.register_forward_pre_hook(functools.partial(note, block.full_name(linear)))
        for block in blocks
        for linear in block.linears
    ]
    try:
        with torch.no_grad():
            model(input_ids=torch.arange(8, device=model.device)[None] % 8, use_cache=False)
    except Exception:  # A model without weights yet (meta device) cannot always be run, and then nothing is known.
        return frozenset()
    finally:
        for handle in handles:
            handle.remove()
    names = {block.full_name(linear): linear.name for block in blocks for linear in block.linears}
    return frozenset(
        full for full, name in names.items() if full not in called and not any(p.isdigit() for p in name.split("."))
    )


def find_linears(block: nn.Module) -> tuple[PrunableLinear, ...]:
    """Every `nn.Linear` (or subclass) and Conv1D of a block, in the order of definition."""
    found: dict[int, PrunableLinear] = {}
    for name, module in block.named_modules():
        if isinstance(module, nn.Linear | Conv1D):
            # Two modules with one weight are one linear.
            found.setdefault(id(module.weight), PrunableLinear(name, module, isinstance(module, Conv1D)))
    return tuple(found.values())


def _skipped(model: PreTrainedModel, blocks: tuple[DecoderBlock, ...], idle: frozenset[str]) -> list[str]:
    """What has a matrix and is not pruned: embeddings and head by design, anything else by what we cannot do yet."""
    pruned = {id(linear.module.weight) for block in blocks for linear in block.linears}
    inside = {id(p) for block in blocks for p in block.module.parameters()}
    linears = {id(module.weight) for module in model.modules() if isinstance(module, nn.Linear | Conv1D)}
    dense, shared, unread = 0, set[str](), set[str]()
    unknown: dict[str, tuple[int, list[int]]] = {}
    for name, parameter in model.named_parameters():
        if parameter.dim() < 2 or id(parameter) in pruned:
            continue
        if id(parameter) in inside:
            kind = ".".join(part for part in name.split(".") if not part.isdigit())
            numel, shape = unknown.get(kind, (0, list(parameter.shape)))
            unknown[kind] = (numel + parameter.numel(), shape)
            if name.removesuffix(".weight") in idle:
                unread.add(kind)
            elif id(parameter) in linears:
                shared.add(kind)
        else:
            dense += parameter.numel()
    notes = [f"Embeddings and output head stay dense ({dense / 1e6:,.1f} million weights)."] if dense else []
    for kind, (numel, shape) in unknown.items():
        why = f"is not a linear layer (shape {shape})"
        if kind in unread:
            why = "is a linear layer that no text passes"
        elif kind in shared:
            why = "is used by several blocks"
        notes.append(f"{kind} {why} and stays dense ({numel / 1e6:,.1f} million weights).")
    return notes


def num_parameters(model: PreTrainedModel) -> int:
    """All parameters, tied ones once."""
    return sum(p.numel() for p in model.parameters())
