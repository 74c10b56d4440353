"""One parameter that several layers read is one linear: measured over all its calls, cut, counted and restored once.

    home     the first block that calls it: its sparsity is that block's, its name is the one there
    guests   the other blocks that call it (Zamba's attention serves several depths); they hold it, and count nothing

A walk cuts it in its home. What later blocks will read is not known by then, so their calls are measured on the dense model, in a pass of
their own before the walk (`engine.later`); within a block, and in one pass of the dense model, all calls are measured alike. Experts, which
a short trial may not reach, are at home in the first block that has them. A parameter that something else reads too, or that is read
in both directions, is no single linear: it stays dense and is named.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D

from mwanda_core.models.anatomy import DecoderBlock, Guest, PrunableLinear, among

User = tuple[DecoderBlock, PrunableLinear]


def tied_names(model: PreTrainedModel) -> dict[str, str]:
    """Full name of every parameter -> the first name that the same parameter has."""
    first: dict[int, str] = {}
    return {name: first.setdefault(id(p), name) for name, p in model.named_parameters(remove_duplicate=False)}


@dataclasses.dataclass(frozen=True)
class Trial:
    """What a short text showed. calls: (block, name of a linear) -> how often; strange: linears that read inputs of another width than
    their weight's, which are no plain products."""

    calls: Mapping[tuple[int, str], int]
    strange: frozenset[tuple[int, str]]


def trial(model: PreTrainedModel, blocks: Sequence[DecoderBlock], run: Callable[[], object] | None = None) -> Trial | None:
    """Which linears a short text (or what `run` does) passes; None for a model without weights yet (meta device), which cannot always be
    run. A module that is several blocks is each of them in turn."""
    calls: dict[tuple[int, str], int] = {}
    strange: set[tuple[int, str]] = set()
    turns: dict[int, list[int]] = {}
    names: dict[int, dict[int, str]] = {}  # Block -> module -> name there.
    now = [blocks[0].index] if blocks else []

    def enter(module: nn.Module, args: object) -> None:
        turns[id(module)].append(now[0])
        now[0] = turns[id(module)].pop(0)
        turns[id(module)].append(now[0])

    def note(module: nn.Module, args: tuple[torch.Tensor, ...]) -> None:
        key = now[0], names[now[0]].get(id(module), "")
        weight: torch.Tensor = module.weight  # type: ignore[assignment]
        width = weight.shape[0] if isinstance(module, Conv1D) else weight.shape[1]
        if not args or args[0].shape[-1] != width:
            strange.add(key)
        else:
            calls[key] = calls.get(key, 0) + 1

    modules: dict[int, nn.Module] = {}
    handles = []
    for block in blocks:
        if id(block.module) not in turns:
            handles.append(block.module.register_forward_pre_hook(enter))
        turns.setdefault(id(block.module), []).append(block.index)
        names[block.index] = {id(linear.module): linear.name for linear in block.called}
        modules |= {id(linear.module): linear.module for linear in block.called}
    handles += [module.register_forward_pre_hook(note) for module in modules.values()]
    try:
        with torch.no_grad():
            ids = torch.arange(8, device=model.device)[None] % 8
            _ = run() if run else model(input_ids=ids, use_cache=False)
    except Exception:
        return None
    finally:
        for handle in handles:
            handle.remove()
    return Trial(calls, frozenset(strange))


def at_home(
    blocks: Sequence[DecoderBlock], tied: Mapping[str, str], seen: Trial | None
) -> tuple[tuple[DecoderBlock, ...], frozenset[str]]:
    """The blocks with every linear in its home alone and known to its guests, and full names of linears that no text passes, which no
    block has: there is no input to measure. `blocks` have all that they hold, each."""
    users: dict[object, list[User]] = {}
    for block in blocks:
        for linear in block.linears:
            users.setdefault(_identity(block, linear, tied), []).append((block, linear))
    own: dict[int, dict[str, PrunableLinear]] = {block.index: {} for block in blocks}
    guests: dict[int, dict[str, Guest]] = {block.index: {} for block in blocks}
    idle: set[str] = set()
    experts = {(block.index, name) for block in blocks for name in _experts(block)}
    for each in users.values():
        active = _active(each, seen, experts)
        if not active:
            idle |= {block.full_name(linear) for block, linear in each}
            continue
        home, first = active[0]
        here = tuple(linear.module for block, linear in active[1:] if block.index == home.index)
        later = tuple(linear.module for block, linear in active if block.index != home.index)
        often = seen is not None and not first.among and seen.calls.get((home.index, first.name), 0) > 1
        own[home.index][first.name] = dataclasses.replace(first, twins=here, elsewhere=later, repeated=often)
        for block, linear in active:
            if block.index != home.index:
                guests[block.index][linear.name] = Guest(linear, home.index, first.name, home.full_name(first))
    return tuple(_parted(block, own[block.index], guests[block.index]) for block in blocks), frozenset(idle)


def _identity(block: DecoderBlock, linear: PrunableLinear, tied: Mapping[str, str]) -> object:
    if not linear.stacked:
        return tied[f"{block.full_name(linear)}.weight"]
    return tied[f"{block.path}.{linear.among}"], tuple(part for part in linear.name.split(".") if part.isdigit())


def _experts(block: DecoderBlock) -> set[str]:
    """Its linears that have a number and whose layer holds others of their shape alone."""
    shapes: dict[str, set[torch.Size]] = {}
    for linear in block.linears:
        shapes.setdefault(linear.among, set()).add(linear.weight.shape)
    return {linear.name for linear in block.linears if linear.among and len(shapes[linear.among]) == 1}


def _active(each: Sequence[User], seen: Trial | None, experts: set[tuple[int, str]]) -> Sequence[User]:
    """Those users of a parameter that read it; none where no text passes it."""
    if seen is None:
        return each
    keys = [(block.index, linear.name) for block, linear in each]
    if any(key in seen.strange for key in keys):
        return ()
    if each[0][1].stacked or any(key in experts for key in keys):
        return each
    called = [user for user, key in zip(each, keys, strict=True) if seen.calls.get(key)]
    # Experts may only have had no token yet, and stay in.
    return called or (each if among(each[0][1].name) else ())


def _parted(block: DecoderBlock, own: Mapping[str, PrunableLinear], guests: Mapping[str, Guest]) -> DecoderBlock:
    mine = tuple(own[linear.name] for linear in block.linears if linear.name in own)
    alone = dataclasses.replace(block.only(own), linears=mine)
    if not guests:
        return alone
    visiting = tuple(guest.linear for guest in guests.values())
    held = dataclasses.replace(block.only({*own, *guests}), linears=(*mine, *visiting))
    return dataclasses.replace(alone, guests=tuple(guests.values()), whole=held)


def several_readers(model: PreTrainedModel, modules: nn.ModuleList) -> dict[int, str]:
    """Identity of a weight that no single linear is -> why: something beside linear layers of the blocks reads it, it is read in both
    directions, or another parameter lies in the same memory."""
    within = {id(module) for block in modules for module in block.modules()}
    users: dict[int, list[nn.Module]] = {}
    ranges: list[tuple[int, int, int]] = []
    for module in model.modules():
        for parameter in module.parameters(recurse=False):
            if id(parameter) not in users and parameter.device.type != "meta" and parameter.numel():
                ranges.append((parameter.data_ptr(), parameter.data_ptr() + parameter.nbytes, id(parameter)))
            users.setdefault(id(parameter), []).append(module)
    found: dict[int, str] = {}
    for weight, readers in users.items():
        if any(id(module) not in within or not isinstance(module, nn.Linear | Conv1D) for module in readers):
            found[weight] = "other things than linear layers of the blocks"
        elif len({isinstance(module, Conv1D) for module in readers}) > 1:
            found[weight] = "layers that read it in both directions"
    end, holder = 0, 0
    for begin, stop, weight in sorted(ranges):
        if begin < end:
            found |= dict.fromkeys((holder, weight), "other parameters that lie in the same memory")
        if stop > end:
            end, holder = stop, weight
    return found
