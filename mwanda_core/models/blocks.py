"""The decoder blocks of a model as they are pruned, and what of it will stay dense."""

from torch import nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from mwanda_core.errors import ModelError
from mwanda_core.models import sharing
from mwanda_core.models.anatomy import DecoderBlock, find_linears
from mwanda_core.models.experts import find_stacks

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
    several = sharing.several_readers(model, modules)
    blocks = tuple(
        DecoderBlock(
            index, f"{path}.{index}", module, tuple(x for x in find_linears(module) if id(x.module.weight) not in several)
        )
        for index, module in enumerate(modules)
    )
    blocks = _with_experts(model, blocks)
    blocks, idle = sharing.at_home(blocks, sharing.tied_names(model), sharing.trial(model, blocks))
    if not any(block.linears for block in blocks):
        raise ModelError(f"{type(model).__name__} cannot be pruned here: its blocks hold no linear layers.")
    return blocks, kept_dense(model, blocks, idle)


def _with_experts(model: PreTrainedModel, blocks: tuple[DecoderBlock, ...]) -> tuple[DecoderBlock, ...]:
    """The blocks with the experts that lie together in parameters."""
    found = find_stacks(model, [(block.path, block.module) for block in blocks])
    return tuple(block.with_stacks(found) for block in blocks)


def _text_part(model: PreTrainedModel) -> str:
    """Name of the part of a multimodal model that reads text, with a dot behind it; "" for a model of text alone."""
    text = model.config.get_text_config()
    if text is model.config:
        return ""
    parts = [name for name, module in model.named_modules() if name and getattr(module, "config", None) is text]
    return f"{min(parts, key=len)}." if parts else ""


def kept_dense(model: PreTrainedModel, blocks: tuple[DecoderBlock, ...], idle: frozenset[str]) -> tuple[str, ...]:
    """One sentence for each group of weights that stay dense: embeddings and head by design, anything else by what cannot be done yet.
    `idle`: full names of linears that no text passes."""
    pruned = {id(linear.module.weight) for block in blocks for linear in block.held.values() if not linear.stacked}
    pruned |= {id(stack.parameter) for block in blocks for stack in (block.whole or block).stacks.values()}
    inside = {id(p) for block in blocks for p in block.module.parameters()}
    several = sharing.several_readers(model, nn.ModuleList(block.module for block in blocks))
    linears = {id(module.weight) for module in model.modules() if isinstance(module, nn.Linear | Conv1D)}
    # Grouped and other linears of a family's own.
    subclasses = {
        id(m.weight): type(m).__name__ for m in model.modules() if isinstance(m, nn.Linear) and type(m) is not nn.Linear
    }
    dense, unread = 0, dict[str, str]()
    unknown: dict[str, tuple[int, list[int], str]] = {}
    for name, parameter in model.named_parameters():
        if parameter.dim() < 2 or id(parameter) in pruned:
            continue
        if id(parameter) in inside:
            kind = ".".join(part for part in name.split(".") if not part.isdigit())
            numel, shape, _ = unknown.get(kind, (0, list(parameter.shape), ""))
            reason = several.get(id(parameter), "") if id(parameter) in linears else ""
            unknown[kind] = (numel + parameter.numel(), shape, reason)
            if name.removesuffix(".weight") in idle:
                unread[kind] = subclasses.get(id(parameter), "")
        else:
            dense += parameter.numel()
    notes = [f"Embeddings and output head stay dense ({dense / 1e6:,.1f} million weights)."] if dense else []
    for kind, (numel, shape, readers) in unknown.items():
        why = f"is not a linear layer (shape {shape})"
        if kind in unread:
            own = unread[kind]
            why = f"is not read as a plain linear layer ({own})" if own else "is a linear layer that no text passes"
        elif readers:
            why = f"is read by {readers}"
        notes.append(f"{kind} {why} and stays dense ({numel / 1e6:,.1f} million weights).")
    return tuple(notes)
