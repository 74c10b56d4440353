"""A model without its weights: built from the configuration alone, and filled and emptied one module at a time."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from torch import Tensor, nn
from transformers import AutoConfig

from mwanda_core.errors import ModelError
from mwanda_core.models.anatomy import DecoderBlock, find_linears, output_head, stacked_parameters
from mwanda_core.models.blocks import kept_dense
from mwanda_core.models.calls import BlockForm, TokenBatch
from mwanda_core.models.experts import TRIED, Stack, one_by_one, stack_candidates, stacks_seen
from mwanda_core.models.inspect import check_folder, check_quantisation
from mwanda_core.models.language_model import LanguageModel
from mwanda_core.models.loading import _check_causal, _said_plainly, auto_class, wrap
from mwanda_core.models.sharing import Trial, at_home, trial


def skeleton(folder: Path, dtype: torch.dtype) -> LanguageModel:
    """The model of a folder that `save_pretrained` wrote, with every parameter on the meta device (no memory).

    Raises ModelError when the folder holds no causal language model with safetensors.
    """
    check_folder(folder)
    with _said_plainly(str(folder)):
        config = AutoConfig.from_pretrained(str(folder), trust_remote_code=False)
        _check_causal(str(folder), config)
        quantised = check_quantisation(str(folder), config)
        if quantised:
            raise ModelError(
                f"{str(folder)!r} holds weights quantised by {quantised}, which are only read whole: prune it in memory."
            )
        with init_empty_weights():
            empty = auto_class(config).from_config(config, dtype=dtype)
    empty.tie_weights()  # Without memory, parameters are tied by their names alone, and only when all are there.
    found = wrap(empty, None, source=str(folder))
    _ = found.tied  # Parameters that are filled and emptied are no longer the same ones.
    return found


def parameter_names(module: nn.Module) -> tuple[str, ...]:
    """Names of a module's parameters, tied ones under every name."""
    return tuple(name for name, _ in module.named_parameters(remove_duplicate=False))


def outer_names(model: LanguageModel) -> tuple[str, ...]:
    """Parameters that recording needs: all outside the blocks but those of the output head, which is never run."""
    head = {id(parameter) for parameter in output_head(model.hf).parameters()}
    tokens = {id(parameter) for parameter in model.hf.get_input_embeddings().parameters()}
    inside = {id(parameter) for block in model.blocks for parameter in block.module.parameters()}
    skipped = (head | inside) - tokens
    names = [name for name, p in model.hf.named_parameters(remove_duplicate=True) if id(p) not in skipped]
    return tuple(names)


def fill(module: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    """Put tensors in the place of parameters, by their names in the module."""
    for name, tensor in tensors.items():
        place, _, leaf = name.rpartition(".")
        setattr(module.get_submodule(place), leaf, nn.Parameter(tensor, requires_grad=False))


def drop(module: nn.Module) -> None:
    """Every parameter of a module back to the meta device."""
    fill(module, {name: p.detach().to("meta") for name, p in module.named_parameters(remove_duplicate=False)})


def may_hold_experts(model: LanguageModel) -> bool:
    """Whether parameters look as if several linear layers lay in each, of which a model without weights cannot tell."""
    return bool(stacked_parameters(model.blocks))


def understood(model: LanguageModel, read: Callable[[str], Tensor]) -> LanguageModel:
    """A skeleton of which is known in which form blocks return, how long a text may be, which linears a text passes, and how experts
    lie in their parameters: seen with the outer parameters filled and one block at a time, the first of each kind. `read` gives a
    parameter by its full name.
    """
    fill(model.hf, {name: read(name) for name in outer_names(model)})
    model.hf.tie_weights()
    one_by_one(model.hf)
    known: dict[tuple[Any, ...], tuple[dict[str, Stack], Trial | None]] = {}
    blocks: list[DecoderBlock] = []
    calls, strange = dict[tuple[int, str], int](), set[tuple[int, str]]()
    sharing_blocks = {guest.home for block in model.blocks for guest in block.guests}
    for block in model.blocks:
        names = parameter_names(block.module)
        kind: tuple[Any, ...] = (type(block.module), *((name, p.shape) for name, p in block.module.named_parameters()))
        if block.guests or block.index in sharing_blocks:
            kind += (block.index,)  # Which adapters a depth uses is not seen in their shapes.
        everything = _with_all(block)
        if kind not in known:
            fill(block.module, {name: read(f"{block.path}.{name}") for name in names})
            if block.index == 0:
                _learn_block_form(model)
            known[kind] = _seen(model, everything)
            drop(block.module)
        stacks, seen = known[kind]
        candidates = stack_candidates("", block.module)
        mine = {f"{block.path}.{name}": dataclasses.replace(s, owner=candidates[name][0]) for name, s in stacks.items()}
        blocks.append(everything.with_stacks(mine))
        # Where the trial failed, nothing is known, and all are taken to be called.
        counts = {name: count for (_, name), count in seen.calls.items()} if seen else {x.name: 1 for x in everything.called}
        calls |= {(block.index, name): count for name, count in counts.items()}
        strange |= {(block.index, name) for _, name in (seen.strange if seen else ())}
    placed, idle = at_home(blocks, model.tied, Trial(calls, frozenset(strange)))
    learned = dataclasses.replace(model, blocks=placed, skipped=kept_dense(model.hf, placed, idle))
    learned.__dict__.update({name: model.__dict__[name] for name in _LEARNED})
    return learned


def _with_all(block: DecoderBlock) -> DecoderBlock:
    """The block with every linear module that it holds, each under its own name, in the order of definition."""
    held = {linear.module: linear for linear in (block.whole or block).linears}
    twins = {twin: linear for linear in held.values() for twin in linear.twins}
    found = [dataclasses.replace(x, twins=(), elsewhere=()) for x in find_linears(block.module) if {x.module} & {*held, *twins}]
    return DecoderBlock(block.index, block.path, block.module, tuple(found))


def _seen(model: LanguageModel, block: DecoderBlock) -> tuple[dict[str, Stack], Trial | None]:
    """Parameters of a filled block that hold experts, and what a few tokens showed of its linears, by their names in the block."""
    stacks = stacks_seen(stack_candidates("", block.module), lambda: _pass(model, block))
    return stacks, trial(model.hf, (block,), lambda: _pass(model, block))


def is_understood(model: LanguageModel) -> bool:
    """Whether `understood` has seen it."""
    return set(_LEARNED) <= set(model.__dict__)


def _pass(model: LanguageModel, block: DecoderBlock) -> None:
    """A few tokens through one block: their embeddings, whatever the block's place."""
    ids = torch.arange(TRIED, device=model.device)[None] % min(TRIED, model.vocabulary)
    recording = model.record(TokenBatch(ids, torch.zeros(1, dtype=torch.long)))
    model.replay(block, recording, recording.hidden)


_LEARNED = ("_block_form", "longest", "tied")


class _Enough(BaseException):
    """Ends a forward pass after its first block."""


def _learn_block_form(model: LanguageModel) -> None:
    """Find out in which form blocks return, with nothing filled but the outer parameters and the first block."""
    seen: list[BlockForm] = []

    def note(module: nn.Module, args: Any, output: Any) -> None:
        seen.append(BlockForm.of(output))
        raise _Enough

    with _hook(model.blocks[0], note), contextlib.suppress(_Enough), torch.no_grad():
        model.hf(input_ids=torch.zeros(1, 2, dtype=torch.long, device=model.device), use_cache=False)
    model.__dict__["_block_form"] = seen[0]
    _ = model.longest  # Asked of the first block, and kept: once its weights are dropped it would answer that it reads nothing.


@contextlib.contextmanager
def _hook(block: DecoderBlock, note: Any) -> Iterator[None]:
    handle = block.module.register_forward_hook(note)
    try:
        yield
    finally:
        handle.remove()
