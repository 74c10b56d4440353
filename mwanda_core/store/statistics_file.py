"""Statistics of all blocks in one safetensors file, so that masks can be cut again without a forward pass.

Tensors are named `<block>.<input>.<sum>`; the metadata hold the languages (with their weights where they count differently), the linears of every
input, and the model's fingerprint, as JSON. A lean file leaves out sums that are zero everywhere: they were not measured.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mwanda_core.engine.measure import BlockStats
from mwanda_core.errors import RunError
from mwanda_core.parts.statistics import InputStats

_SUMS = ("sumsq", "total", "positive", "tokens")
Found = TypeVar("Found")


def save_stats(path: Path, stats: Sequence[BlockStats], fingerprint: str, lean: bool = False) -> None:
    """Write the statistics of all blocks (of some matrices, where others are left out); linears that share an input are written once."""
    tensors: dict[str, Tensor] = {}
    inputs: list[list[list[str]]] = []
    for block, by_name in enumerate(stats):
        distinct = list({id(found): found for found in by_name.values()}.values())
        inputs.append([list(found.modules) for found in distinct])
        for index, found in enumerate(distinct):
            sums = {name: getattr(found, name) for name in _SUMS}
            tensors |= {
                f"{block}.{index}.{name}": value.cpu().contiguous()
                for name, value in sums.items()
                if not lean or name == "sumsq" or bool(value.any())
            }
    first = next(found for by_name in stats for found in by_name.values())
    meta = {
        "languages": list(first.languages),
        "inputs": inputs,
        "fingerprint": fingerprint,
        **({"lean": True} if lean else {}),
    }
    if first.weights is not None:
        meta["weights"] = first.weights.tolist()
    save_file(tensors, path, metadata={"mwanda": json.dumps(meta)})


def load_stats(path: Path, fingerprint: str) -> tuple[BlockStats, ...]:
    """Statistics that `save_stats` wrote for the model with this fingerprint.

    Raises RunError in one sentence when the file is missing, damaged, or of another model.
    """

    def read(stored: Any, meta: dict[str, Any]) -> tuple[BlockStats, ...]:
        found = []
        for block, groups in enumerate(meta["inputs"]):
            by_name: BlockStats = {}
            for index in range(len(groups)):
                shared = _input(stored, meta, block, index)
                by_name |= dict.fromkeys(shared.modules, shared)
            found.append(by_name)
        return tuple(found)

    return _opened(path, fingerprint, read)


def load_input(path: Path, fingerprint: str, block: int, module: str) -> InputStats:
    """The statistics of one linear's input alone.

    Raises RunError as `load_stats` does.
    """

    def read(stored: Any, meta: dict[str, Any]) -> InputStats:
        groups = [list(map(str, modules)) for modules in meta["inputs"][block]]
        return _input(stored, meta, block, next(index for index, modules in enumerate(groups) if module in modules))

    return _opened(path, fingerprint, read)


def _input(stored: Any, meta: dict[str, Any], block: int, index: int) -> InputStats:
    names = set(stored.keys())
    lean = bool(meta.get("lean"))
    sums = {
        name: stored.get_tensor(f"{block}.{index}.{name}") for name in _SUMS if not lean or f"{block}.{index}.{name}" in names
    }
    sumsq, tokens = sums["sumsq"], sums["tokens"]
    total, positive = (sums.get(name, torch.zeros_like(sumsq)) for name in ("total", "positive"))
    modules = tuple(map(str, meta["inputs"][block][index]))
    languages = tuple(map(str, meta["languages"]))
    weights = torch.tensor(list(map(float, meta["weights"])), dtype=torch.float64) if "weights" in meta else None
    if weights is not None and len(weights) != len(languages):
        raise ValueError("weights")
    return InputStats(languages, sumsq, total, positive, tokens, modules, weights)


def _opened(path: Path, fingerprint: str, read: Callable[[Any, dict[str, Any]], Found]) -> Found:
    try:
        with safe_open(path, framework="pt") as stored:
            meta = json.loads((stored.metadata() or {})["mwanda"])
            found = read(stored, meta)
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, IndexError, StopIteration, AttributeError) as error:
        raise RunError(f"The statistics in {str(path)!r} are missing or damaged and cannot be read.") from error
    if meta["fingerprint"] != fingerprint:
        raise RunError(f"The statistics in {str(path)!r} were measured on another model than the one loaded.")
    return found
