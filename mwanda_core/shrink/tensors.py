"""Safetensors as bytes: rows of a matrix are copied from file to file without loading it, whatever its dtype.

A file is 8 bytes (little-endian length n), n bytes of JSON {name: {dtype, shape, data_offsets}}, then the data, each tensor in
row-major order. Rows of the first axis are therefore consecutive bytes: keeping some is a copy of runs, and memory is bounded by
one piece. Source: the format's description in the safetensors repository (README, "Format").
"""

import dataclasses
import json
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mwanda_core.errors import ModelError
from mwanda_core.progress import Monitor

PIECE = 8 * 2**20
"""Bytes copied at once."""

_LARGEST_HEADER = 100 * 2**20  # The limit of the format's own reader.


@dataclasses.dataclass(frozen=True)
class Stored:
    """One tensor in a file: its bytes are [start, end) of the file."""

    file: Path
    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int

    @property
    def num_bytes(self) -> int:
        """Of its data."""
        return self.end - self.start


@dataclasses.dataclass(frozen=True)
class Piece:
    """A tensor to be written: its data come in pieces when asked for."""

    dtype: str
    shape: tuple[int, ...]
    num_bytes: int
    data: Callable[[], Iterator[bytes]]


def header(file: Path) -> tuple[dict[str, Any], int]:
    """The header of a safetensors file, and where its data begin.

    Raises ModelError for a file that is cut off or no safetensors file.
    """
    size = file.stat().st_size
    with file.open("rb") as stream:
        first = stream.read(8)
        length = struct.unpack("<Q", first)[0] if len(first) == 8 else size
        if length > min(_LARGEST_HEADER, size - 8):
            raise ModelError(f"{file.name} is no whole safetensors file: its header does not fit in it. Get the file again.")
        try:
            found = json.loads(stream.read(length))
        except ValueError:
            raise ModelError(f"{file.name} is no safetensors file: its header is no JSON. Get the file again.") from None
    if not isinstance(found, dict):
        raise ModelError(f"{file.name} is no safetensors file: its header names no tensors. Get the file again.")
    return found, 8 + length


def stored_in(file: Path) -> dict[str, Stored]:
    """The tensors of one file, in the order of their data.

    Raises ModelError for a damaged file.
    """
    entries, begin = header(file)
    size = file.stat().st_size
    found = []
    for name, entry in entries.items():
        if name == "__metadata__":
            continue
        try:
            start, end = entry["data_offsets"]
            one = Stored(file, name, entry["dtype"], tuple(entry["shape"]), begin + start, begin + end)
        except (KeyError, TypeError, ValueError):
            raise ModelError(f"{file.name} is damaged: its header does not say where {name!r} lies. Get it again.") from None
        if not begin <= one.start <= one.end <= size:
            raise ModelError(f"{file.name} is cut off: {name!r} should end at byte {one.end} of {size}. Get the file again.")
        found.append(one)
    return {one.name: one for one in sorted(found, key=lambda one: one.start)}


def read_tensor(one: Stored) -> Any:
    """The tensor in memory (torch)."""
    from safetensors import safe_open

    with safe_open(one.file, framework="pt") as source:
        return source.get_tensor(one.name)


def whole(one: Stored) -> Piece:
    """The tensor as it is."""

    def data() -> Iterator[bytes]:
        with one.file.open("rb") as stream:
            stream.seek(one.start)
            left = one.num_bytes
            while left:
                part = stream.read(min(PIECE, left))
                left -= len(part)
                yield part

    return Piece(one.dtype, one.shape, one.num_bytes, data)


def rows(one: Stored, kept: Sequence[int]) -> Piece:
    """Some rows of the first axis, in ascending order of their indices; memory is that of one run of neighbours at most `PIECE`.

    Raises ModelError for a tensor without such rows.
    """
    chosen = np.asarray(kept, dtype=np.int64)
    if not one.shape or (len(chosen) and (chosen[0] < 0 or chosen[-1] >= one.shape[0] or bool((np.diff(chosen) <= 0).any()))):
        raise ModelError(f"{one.name} of shape {list(one.shape)} has not all of the {len(chosen)} rows asked for, in order.")
    size = one.num_bytes // max(1, one.shape[0])
    breaks = np.flatnonzero(np.diff(chosen) != 1) + 1
    firsts, lasts = chosen[np.r_[0, breaks]].tolist(), chosen[np.r_[breaks - 1, len(chosen) - 1]].tolist()

    def data() -> Iterator[bytes]:
        with one.file.open("rb") as stream:
            for first, last in zip(firsts, lasts, strict=True):
                stream.seek(one.start + first * size)
                left = (last + 1 - first) * size
                while left:
                    part = stream.read(min(PIECE, left))
                    left -= len(part)
                    yield part

    return Piece(one.dtype, (len(chosen), *one.shape[1:]), len(chosen) * size, data)


def piece_of(tensor: Any) -> Piece:
    """A torch tensor in memory."""
    import torch

    names = {
        torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
        torch.int32: "I32", torch.uint8: "U8", torch.int8: "I8", torch.bool: "BOOL",
    }  # fmt: skip
    flat = tensor.detach().cpu().contiguous()
    return Piece(
        names[flat.dtype], tuple(flat.shape), flat.numel() * flat.element_size(),
        lambda: iter([flat.reshape(-1).view(torch.uint8).numpy().tobytes()]),
    )  # fmt: skip


def write(file: Path, pieces: Mapping[str, Piece], monitor: Monitor, metadata: Mapping[str, str] | None = None) -> int:
    """Write a safetensors file piece by piece; its size in bytes. Progress is counted in bytes."""
    entries: dict[str, Any] = {"__metadata__": {"format": "pt", **(metadata or {})}}
    offset = 0
    for name, piece in pieces.items():
        entries[name] = {
            "dtype": piece.dtype,
            "shape": list(piece.shape),
            "data_offsets": [offset, offset + piece.num_bytes],
        }
        offset += piece.num_bytes
    head = json.dumps(entries, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)  # Readers map the data and want them aligned.
    with file.open("wb", buffering=PIECE) as stream:
        stream.write(struct.pack("<Q", len(head)) + head)
        for name, piece in pieces.items():
            begin = stream.tell()
            done = 0
            for part in piece.data():
                stream.write(part)
                done += len(part)
                if done >= PIECE:
                    monitor.advance(done)
                    done = 0
            monitor.advance(done)
            if stream.tell() - begin != piece.num_bytes:
                raise ModelError(f"{name} could not be read whole: its file changed or is cut off. Get the model again.")
        return stream.tell()
