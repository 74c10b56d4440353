"""Statistics of all blocks in one safetensors file, so that masks can be cut again without a forward pass.

Tensors are named `<block>.<input>.<sum>`; the metadata hold the languages, the linears of every input, and the model's
fingerprint, as JSON.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from mwanda_core.errors import RunError
from mwanda_core.measuring import BlockStats
from mwanda_core.statistics import InputStats

_SUMS = ("sumsq", "total", "positive", "tokens")


def save_stats(path: Path, stats: Sequence[BlockStats], fingerprint: str) -> None:
    """Write the statistics of all blocks; linears that share an input are written once."""
    tensors: dict[str, Tensor] = {}
    inputs: list[list[list[str]]] = []
    for block, by_name in enumerate(stats):
        distinct = list({id(found): found for found in by_name.values()}.values())
        inputs.append([list(found.modules) for found in distinct])
        for index, found in enumerate(distinct):
            tensors |= {f"{block}.{index}.{name}": getattr(found, name).cpu().contiguous() for name in _SUMS}
    languages = list(next(iter(stats[0].values())).languages)
    meta = {"languages": languages, "inputs": inputs, "fingerprint": fingerprint}
    save_file(tensors, path, metadata={"mwanda": json.dumps(meta)})


def load_stats(path: Path, fingerprint: str) -> tuple[BlockStats, ...]:
    """Statistics that `save_stats` wrote for the model with this fingerprint.

    Raises RunError in one sentence when the file is missing, damaged, or of another model.
    """
    try:
        with safe_open(path, framework="pt") as stored:
            meta = json.loads((stored.metadata() or {})["mwanda"])
            languages = tuple(map(str, meta["languages"]))
            found = []
            for block, groups in enumerate(meta["inputs"]):
                by_name: BlockStats = {}
                for index, modules in enumerate(groups):
                    sums = (stored.get_tensor(f"{block}.{index}.{name}") for name in _SUMS)
                    sumsq, total, positive, tokens = sums
                    shared = InputStats(languages, sumsq, total, positive, tokens, tuple(map(str, modules)))
                    by_name |= dict.fromkeys(shared.modules, shared)
                found.append(by_name)
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        raise RunError(f"The statistics in {str(path)!r} are missing or damaged and cannot be read.") from error
    if meta["fingerprint"] != fingerprint:
        raise RunError(f"The statistics in {str(path)!r} were measured on another model than the one loaded.")
    return tuple(found)
