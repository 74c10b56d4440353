"""A model without its weights: built from the configuration alone, and filled and emptied one module at a time."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM

from mwanda_core.errors import ModelError
from mwanda_core.models.anatomy import DecoderBlock
from mwanda_core.models.calls import BlockForm
from mwanda_core.models.inspect import check_folder, check_quantisation
from mwanda_core.models.language_model import LanguageModel
from mwanda_core.models.loading import _check_causal, _said_plainly, wrap


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
            empty = AutoModelForCausalLM.from_config(config, dtype=dtype)
    return wrap(empty, None, source=str(folder))


def parameter_names(module: nn.Module) -> tuple[str, ...]:
    """Names of a module's parameters, tied ones under every name."""
    return tuple(name for name, _ in module.named_parameters(remove_duplicate=False))


def outer_names(model: LanguageModel) -> tuple[str, ...]:
    """Parameters that recording needs: all outside the blocks but those of the output head, which is never run."""
    head = {id(parameter) for parameter in model.hf.get_output_embeddings().parameters()}
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


class _Enough(BaseException):
    """Ends a forward pass after its first block."""


def learn_block_form(model: LanguageModel) -> None:
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
