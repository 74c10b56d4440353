"""A sparse model stored small: for every tensor one bit a weight that says whether it is zero, and the values of the others.

Of b-bit values of which a share s is zero, 1/b + (1 - s) of the bytes remain: 0.5625 for bfloat16 at 50 %. A saving of download and disk
alone: the file is spread out again before anything can run, and neither memory nor speed changes. Zero is meant by bits: -0.0 and NaN are
values. Bits stand in order of the flattened tensor, lowest bit first; a tensor that would not get smaller is stored as it is.

    <name>.bitmask  U8 [ceil(n / 8)]      <name>.values  dtype [number of values]      metadata "mwanda.packed": format and shapes as JSON
"""

import json
import math
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mwanda_core.errors import InputError, ModelError
from mwanda_core.progress import Monitor
from mwanda_core.shrink import tensors
from mwanda_core.shrink.tensors import Piece, Stored

FORMAT = 1
KEY = "mwanda.packed"
MASK, VALUES = ".bitmask", ".values"

_WIDTHS = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "F16": 2, "BF16": 2, "I16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "I8": 1, "U8": 1}


def pack_file(source: Path, target: Path, monitor: Monitor) -> tuple[int, int]:
    """Write `source` (safetensors) small; bytes before and after. Units of progress: bytes.

    Raises InputError when the target is there, ModelError for a damaged or an already packed file.
    """
    found = tensors.stored_in(source)
    if KEY in _metadata(source):
        raise ModelError(f"{source.name} is packed already.")
    taken = [name for name in found if name.endswith((MASK, VALUES))]
    if taken:
        raise ModelError(f"{source.name} has a tensor {taken[0]!r}, whose name a packed file needs for itself.")
    pieces: dict[str, Piece] = {}
    shapes: dict[str, Any] = {}
    for name, one in found.items():
        packed = _packed(one)
        if packed is None:
            pieces[name] = tensors.whole(one)
        else:
            pieces[name + MASK], pieces[name + VALUES] = packed
            shapes[name] = list(one.shape)
    _write(target, pieces, monitor, {KEY: json.dumps({"format": FORMAT, "shapes": shapes})})
    return source.stat().st_size, target.stat().st_size


def unpack_file(source: Path, target: Path, monitor: Monitor) -> int:
    """Write a packed file out again, every bit as it was; its size. Units of progress: bytes.

    Raises ModelError for a file that is not packed, or damaged; nothing is allocated that its masks do not account for.
    """
    found = tensors.stored_in(source)
    try:
        told = json.loads(_metadata(source)[KEY])
        shapes = {str(name): tuple(int(length) for length in shape) for name, shape in told["shapes"].items()}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise ModelError(f"{source.name} is no packed file: it does not say what is in it.") from None
    if told.get("format") != FORMAT:
        raise ModelError(f"{source.name} is packed in the format {told.get('format')!r}; this program reads {FORMAT}.")
    for name, shape in shapes.items():
        _check(source.name, name, shape, found)
    pieces: dict[str, Piece] = {}
    for name, one in found.items():
        base = name.removesuffix(MASK)
        if base in shapes and name.endswith(MASK):
            pieces[base] = _spread(shapes[base], one, found[base + VALUES])
        elif not (name.endswith(VALUES) and name.removesuffix(VALUES) in shapes):
            pieces[name] = tensors.whole(one)
    _write(target, pieces, monitor, {})
    return target.stat().st_size


def _write(target: Path, pieces: Mapping[str, Piece], monitor: Monitor, metadata: Mapping[str, str]) -> None:
    if target.exists():
        raise InputError(f"{str(target)!r} is there already: choose another name.")
    monitor.plan(float(sum(piece.num_bytes for piece in pieces.values())))
    with tempfile.TemporaryDirectory(prefix=f".{target.stem}-", dir=target.parent) as scratch:
        part = Path(scratch) / "part"
        tensors.write(part, pieces, monitor, metadata)
        part.rename(target)


def _metadata(file: Path) -> dict[str, str]:
    found = tensors.header(file)[0].get("__metadata__", {})
    return found if isinstance(found, dict) else {}


def _raw(one: Stored, width: int) -> np.ndarray:
    """The values as integers of their width."""
    with one.file.open("rb") as stream:
        stream.seek(one.start)
        return np.frombuffer(stream.read(one.num_bytes), dtype=np.dtype(f"<u{width}"))


def _packed(one: Stored) -> tuple[Piece, Piece] | None:
    """Mask and values; None where they would not be smaller."""
    width = _WIDTHS.get(one.dtype)
    if width is None or not one.num_bytes:
        return None
    values = _raw(one, width)
    kept = values != 0
    mask, left = np.packbits(kept, bitorder="little").tobytes(), int(kept.sum())
    if len(mask) + left * width >= one.num_bytes:
        return None
    # Read again when written, so that one tensor at a time is in memory.
    return (
        Piece("U8", (len(mask),), len(mask), lambda: iter([np.packbits(_raw(one, width) != 0, bitorder="little").tobytes()])),
        Piece(one.dtype, (left,), left * width, lambda: iter([_nonzero(_raw(one, width))])),
    )


def _nonzero(values: np.ndarray) -> bytes:
    return values[values != 0].tobytes()


def _check(file: str, name: str, shape: tuple[int, ...], found: Mapping[str, Stored]) -> None:
    mask, values = found.get(name + MASK), found.get(name + VALUES)
    if mask is None or values is None or values.dtype not in _WIDTHS or mask.dtype != "U8" or any(n < 0 for n in shape):
        raise ModelError(f"{file} is damaged: the mask or the values of {name!r} are missing. Get the file again.")
    # The mask's own bytes bound what is allocated: no small file asks for a large tensor.
    if mask.num_bytes != -(-math.prod(shape) // 8) or values.num_bytes > math.prod(shape) * _WIDTHS[values.dtype]:
        raise ModelError(f"{file} is damaged: the mask of {name!r} is not one bit for each of {math.prod(shape)} weights.")


def _spread(shape: tuple[int, ...], mask: Stored, values: Stored) -> Piece:
    width, size = _WIDTHS[values.dtype], math.prod(shape)

    def data() -> Any:
        bits = np.unpackbits(_raw(mask, 1), bitorder="little")
        kept, given = bits[:size].astype(bool), _raw(values, width)
        if int(kept.sum()) != len(given) or bool(bits[size:].any()):
            raise ModelError(
                f"{mask.file.name} is damaged: the mask and the values of {mask.name.removesuffix(MASK)!r} disagree."
            )
        full = np.zeros(size, dtype=given.dtype)
        full[kept] = given
        yield full.tobytes()

    return Piece(values.dtype, shape, size * width, data)
