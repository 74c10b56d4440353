"""The header of a safetensors file, read without torch and without trust: 8 bytes of length, a JSON object of that length that
gives every tensor's type, shape and place, then the tensors, which must fill the rest exactly."""

import dataclasses
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mwanda_core.errors import RunError
from mwanda_core.store.integrity import refuse_special

LARGEST_HEADER = 16 * 2**20
"""Bytes; a model with ten thousand linears needs about one million."""

SOME = {"kept": "some"}
"""In the metadata of a file of masks: it holds those of a few matrices, to be looked at, and no model can be made from them."""

SIZES = {"BOOL": 1, "U8": 1, "I8": 1, "F16": 2, "BF16": 2, "I16": 2, "U16": 2, "F32": 4, "I32": 4, "U32": 4, "F64": 8, "I64": 8}
"""Type -> bytes of a number, for the types that a run may hold."""


@dataclasses.dataclass(frozen=True)
class TensorInfo:
    """One tensor of a file."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes."""
        return SIZES[self.dtype] * math.prod(self.shape)


@dataclasses.dataclass(frozen=True)
class Header:
    """What a safetensors file says of itself."""

    tensors: dict[str, TensorInfo]
    metadata: dict[str, str]


def read_header(path: Path) -> Header:
    """The header of a file whose tensors fill it exactly.

    Raises RunError in one sentence when the file is missing, damaged or was made to mislead.
    """
    total = refuse_special(path)
    try:
        with path.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if total < 8 or length > min(LARGEST_HEADER, total - 8):
                raise ValueError("length")
            data = json.loads(stream.read(length).decode("utf-8"))
        metadata = data.pop("__metadata__", {})
        if not all(isinstance(value, str) for value in metadata.values()):
            raise TypeError("metadata")
        tensors = _tensors(data, total - 8 - length)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise RunError(f"The file {path.name!r} in {str(path.parent)!r} is missing or damaged and cannot be read.") from error
    return Header(tensors, metadata)


def keeps_some(path: Path) -> bool:
    """Whether a file of masks says that it holds a few of them only.

    Raises RunError as `read_header` does.
    """
    return SOME.items() <= read_header(path).metadata.items()


def kept_masks(path: Path, matrices: Iterable[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """Those of the matrices (block, module) whose masks a file holds, and their full names.

    Raises RunError as `read_header` does.
    """
    names = {
        ".".join(parts[at:]): name
        for name in read_header(path).tensors
        for parts in (name.split("."),)
        for at in range(len(parts))
    }
    return {(block, module): names[tail] for block, module in matrices if (tail := f"{block}.{module}") in names}


def _tensors(data: dict[str, Any], room: int) -> dict[str, TensorInfo]:
    """Raises ValueError, KeyError or TypeError unless the tensors lie one after the other and fill the room."""
    found, end = {}, 0
    for name, entry in sorted(data.items(), key=lambda item: tuple(item[1]["data_offsets"])):
        shape = tuple(entry["shape"])
        if not all(type(size) is int and 0 <= size < 2**40 for size in shape) or len(shape) > 8:
            raise ValueError("shape")
        info = TensorInfo(entry["dtype"], shape)
        start, stop = entry["data_offsets"]
        if start != end or stop - start != info.size:
            raise ValueError("place")
        end = stop
        found[name] = info
    if end != room:
        raise ValueError("size")
    return found
