"""A saved model is read back before it is called done: every tensor equal, none missing, none left over, plain weights."""

from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from torch import Tensor
from transformers import AutoConfig, PreTrainedModel

from mwanda_core.errors import ModelError


def verify_saved(model: PreTrainedModel, folder: Path) -> None:
    """Compare a folder with the model it was written from, tensor by tensor.

    Raises ModelError naming the first difference.
    """
    config = AutoConfig.from_pretrained(str(folder), trust_remote_code=False)
    if getattr(config, "quantization_config", None):
        raise ModelError(f"{str(folder)!r} would be read as quantised weights: it was not written as a plain model.")
    held = model.state_dict()
    files = sorted(folder.glob("*.safetensors"))
    if _names(files) <= set(held):
        _compare_files(held, files, folder)
    else:
        # Families whose files are laid out otherwise than their modules (experts one by one): transformers itself reads them.
        _compare_loaded(model, folder)


def _names(files: list[Path]) -> set[str]:
    names: set[str] = set()
    for file in files:
        with safe_open(str(file), "pt") as stream:
            names |= set(stream.keys())
    return names


def _compare_files(held: dict[str, Tensor], files: list[Path], folder: Path) -> None:
    seen: set[int] = set()
    for file in files:
        with safe_open(str(file), "pt") as stream:
            for name in stream.keys():  # noqa: SIM118 (the handle is no mapping)
                _refuse_other(name, held[name], stream.get_tensor(name), folder)
                seen.add(held[name].data_ptr())
    lost = [name for name, tensor in held.items() if tensor.numel() and tensor.data_ptr() not in seen]
    if lost:
        raise ModelError(f"{str(folder)!r} holds no {lost[0]}, which the model in memory has: it was not written whole.")


def _compare_loaded(model: PreTrainedModel, folder: Path) -> None:
    loaded: Any = type(model).from_pretrained(
        str(folder), dtype=model.dtype, use_safetensors=True, trust_remote_code=False, output_loading_info=True
    )
    again, info = loaded
    wrong = [*info["missing_keys"], *info["unexpected_keys"], *map(str, info["mismatched_keys"])]
    if wrong:
        raise ModelError(f"{str(folder)!r} was not written whole: {sorted(wrong)[0]} does not fit the model in memory.")
    held = dict(model.named_parameters())
    for name, parameter in again.named_parameters():
        _refuse_other(name, held[name], parameter, folder)


def _refuse_other(name: str, held: Tensor, found: Tensor, folder: Path) -> None:
    mine = held.detach().cpu()
    same = found.dtype == mine.dtype and found.shape == mine.shape
    # As bytes: a NaN is equal to itself here, and -0.0 is not 0.0.
    if not same or not torch.equal(_bytes(mine), _bytes(found.detach().cpu())):
        raise ModelError(
            f"{name} in {str(folder)!r} is not what is in memory: the disk may be full or damaged. Save it again elsewhere."
        )


def _bytes(tensor: Tensor) -> Tensor:
    return tensor.contiguous().reshape(-1).view(torch.uint8)
