"""Safetensors files read and written one tensor at a time.

A file is eight bytes with the length of a JSON header, the header (name -> type, shape, place), and the bytes. Tensors are
read by their place and written as they come, so memory never holds more than one beside what is in use: mapping a whole
file would count against a limit on address space, and saving a whole dictionary copies all of it.
"""

import dataclasses
import json
import os
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mwanda_core.errors import ModelError
from mwanda_core.files import replacing

DTYPES: dict[str, torch.dtype] = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}  # fmt: skip
_NAMES = {dtype: name for name, dtype in DTYPES.items()}

INDEX = "model.safetensors.index.json"


@dataclasses.dataclass(frozen=True)
class Place:
    """Where one tensor lies."""

    file: Path
    dtype: torch.dtype
    shape: tuple[int, ...]
    start: int
    size: int

    def read(self) -> Tensor:
        """The tensor, in memory of its own."""
        found = torch.empty(self.shape, dtype=self.dtype)
        if self.size:
            with self.file.open("rb", buffering=0) as stream:
                stream.seek(self.start)
                room = memoryview(_bytes(found))
                while room:
                    count = stream.readinto(room)
                    if not count:
                        raise ModelError(
                            f"The file {str(self.file)!r} ends before the weights that its header names: get it anew."
                        )
                    room = room[count:]
        return found


def places(folder: Path, files: Sequence[str] | None = None) -> dict[str, Place]:
    """Every tensor of a model's folder, whether its weights are one file or many; or of the files named alone.

    Raises ModelError for a damaged file or a type of number that is not known here.
    """
    index = folder / INDEX
    if files is not None:
        pass
    elif index.is_file():
        files = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    else:
        files = sorted(path.name for path in folder.glob("*.safetensors"))
    found: dict[str, Place] = {}
    for name in files:
        found |= _header(folder / name)
    return found


def _header(file: Path) -> dict[str, Place]:
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > file.stat().st_size:
                raise ValueError("the header is longer than the file")
            entries: dict[str, Any] = json.loads(stream.read(length))
        entries.pop("__metadata__", None)
        return {name: _place(file, 8 + length, entry) for name, entry in entries.items()}
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise ModelError(
            f"The weights in {str(file)!r} are missing or damaged and cannot be read: get the file anew."
        ) from error


def _place(file: Path, base: int, entry: Mapping[str, Any]) -> Place:
    if entry["dtype"] not in DTYPES:
        raise ModelError(
            f"{str(file)!r} holds numbers of the type {entry['dtype']}, which cannot be pruned here: convert them to bfloat16 first."
        )
    start, end = entry["data_offsets"]
    return Place(file, DTYPES[entry["dtype"]], tuple(entry["shape"]), base + start, end - start)


@dataclasses.dataclass(frozen=True)
class Source:
    """A tensor to be written, fetched only when its turn has come."""

    dtype: torch.dtype
    shape: tuple[int, ...]
    fetch: Callable[[], Tensor]


def source_of(tensor: Tensor) -> Source:
    """A tensor that is already there."""
    return Source(tensor.dtype, tuple(tensor.shape), lambda: tensor)


def write_shard(file: Path, sources: Mapping[str, Source]) -> int:
    """Write tensors; the file appears whole or not at all. Returns the number of bytes of the tensors."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, source in sources.items():
        size = source.dtype.itemsize
        for length in source.shape:
            size *= length
        header[name] = {"dtype": _NAMES[source.dtype], "shape": list(source.shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # The format wants the data to begin at a multiple of eight bytes.
    with replacing(file) as unfinished, unfinished.open("wb") as stream:
        stream.write(struct.pack("<Q", len(text)) + text)
        for source in sources.values():
            stream.write(_bytes(source.fetch().to("cpu", source.dtype).contiguous()))
        stream.flush()
        os.fsync(stream.fileno())
    return offset


def _bytes(tensor: Tensor) -> Any:
    return tensor.reshape(-1).view(torch.uint8).numpy() if tensor.numel() else b""


def write_text(file: Path, text: str) -> None:
    """A small file, whole or not at all."""
    with replacing(file) as unfinished:
        unfinished.write_text(text, encoding="utf-8")
