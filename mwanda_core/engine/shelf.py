"""Where the large state of a walk over samples lies. The arithmetic is the same to the bit, wherever that is.

    device    beside the model
    memory    in the machine's memory, for a model on a GPU
    files     in a folder of temporary files that are mapped into memory, so that the system writes out what it has no room for

A linear's tensors are fetched while that linear is worked on (`here`), and put back (`back`): on the device there is then one linear's
state at a time, not the model's.
"""

import contextlib
import dataclasses
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from mwanda_core.models.memory import available

ROOM = 0.9
"""Share of what is free that a shelf may take."""


@dataclasses.dataclass(frozen=True)
class Shelf:
    """Room for float32 tensors. place: "device", "memory" or "files"."""

    place: str
    device: torch.device
    folder: Path | None = None

    def zeros(self, *shape: int) -> Tensor:
        """A new tensor of zeros, float32."""
        if self.folder is None:
            return torch.zeros(*shape, device=self.device if self.place == "device" else "cpu")
        path = self.folder / secrets.token_hex(8)
        stored = torch.from_file(str(path), shared=True, size=torch.Size(shape).numel(), dtype=torch.float32).view(shape)
        # A mapped file without a name goes with its tensor: gradients of a step leave nothing behind for the next.
        with contextlib.suppress(OSError):  # Windows keeps it until the folder goes.
            path.unlink()
        return stored

    def copy(self, tensor: Tensor) -> Tensor:
        """The same numbers on the shelf."""
        return self.zeros(*tensor.shape).copy_(tensor)

    def here(self, stored: Tensor) -> Tensor:
        """A tensor to work with: itself where it lies on the device, else a copy there."""
        return stored.to(self.device)

    def back(self, stored: Tensor, worked: Tensor) -> None:
        """Put what was worked on back."""
        if worked.data_ptr() != stored.data_ptr():
            stored.copy_(worked)


def place_for(needed: int, left: int, device: torch.device, free: float) -> str:
    """The first place with room for `needed` bytes, `left` of which stay on the device wherever the others lie; "" where there is none.

    free: bytes that may be taken of the device.
    """
    if needed <= free:
        return "device"
    if left > free:
        return ""
    if device.type != "cpu" and needed - left <= ROOM * available(torch.device("cpu")):
        return "memory"
    return "files" if needed - left <= ROOM * shutil.disk_usage(tempfile.gettempdir()).free else ""


@contextlib.contextmanager
def shelf_at(place: str, device: torch.device) -> Iterator[Shelf]:
    """A shelf; its files are gone afterwards, though tensors that are still held can be read."""
    if place != "files":
        yield Shelf(place, device)
        return
    with tempfile.TemporaryDirectory(prefix="mwanda-", ignore_cleanup_errors=True) as folder:
        yield Shelf(place, device, Path(folder))
