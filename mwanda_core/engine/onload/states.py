"""Hidden states that wait outside the compute device: in memory, or in a file; fetched one batch ahead of the computation.

On a GPU the next batch travels on a stream of its own, from pinned memory, while the block works on this one, and the
outputs travel back on the same side stream. On a CPU there is nothing to copy.
"""

import abc
import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, overload

import torch
from torch import Tensor

from mwanda_core.engine.streams import HiddenStates, StateSource


class Copier(abc.ABC):
    """Moves tensors between where they wait (always a CPU tensor) and where they are used."""

    pinned: bool = False

    @abc.abstractmethod
    def fetch(self, waiting: Tensor) -> Any:
        """Begin to bring a tensor to the compute device; returns a ticket."""

    @abc.abstractmethod
    def take(self, ticket: Any) -> Tensor:
        """The tensor of a ticket, ready for use."""

    @abc.abstractmethod
    def store(self, waiting: Tensor, value: Tensor) -> None:
        """Begin to write a computed tensor back to where it waits."""

    @abc.abstractmethod
    def finish(self) -> None:
        """Return when everything begun is done."""


class HostCopier(Copier):
    """The compute device is the CPU: nothing moves."""

    def fetch(self, waiting: Tensor) -> Any:
        return waiting

    def take(self, ticket: Any) -> Tensor:
        found: Tensor = ticket
        return found

    def store(self, waiting: Tensor, value: Tensor) -> None:
        waiting.copy_(value)

    def finish(self) -> None:
        """Nothing is under way."""


class CudaCopier(Copier):
    """Copies run on one side stream, in order, while the current stream computes.

    One stream for both directions is what makes a store and a later fetch of the same batch safe without a further event.
    """

    pinned = True

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._side = torch.cuda.Stream(device)

    def fetch(self, waiting: Tensor) -> Any:
        with torch.cuda.stream(self._side):
            value = waiting.to(self.device, non_blocking=True)
            ready = torch.cuda.Event()
            ready.record(self._side)
        return value, ready

    def take(self, ticket: Any) -> Tensor:
        value, ready = ticket
        current = torch.cuda.current_stream(self.device)
        current.wait_event(ready)
        # The memory belongs to the side stream's pool: it must not be handed out again while this stream still reads it.
        value.record_stream(current)
        found: Tensor = value
        return found

    def store(self, waiting: Tensor, value: Tensor) -> None:
        self._side.wait_stream(torch.cuda.current_stream(self.device))
        with torch.cuda.stream(self._side):
            waiting.copy_(value, non_blocking=True)
            value.record_stream(self._side)

    def finish(self) -> None:
        self._side.synchronize()


def copier_for(device: torch.device) -> Copier:
    """The copier of a device."""
    return CudaCopier(device) if device.type == "cuda" else HostCopier()


class States(HiddenStates):
    """What enters the next block, batch by batch. Reading batch i begins to fetch batch i + 1; writing overwrites."""

    def __init__(self, waiting: Sequence[Tensor], copier: Copier) -> None:
        self._waiting, self._copier = waiting, copier
        self._ahead: dict[int, Any] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    @overload
    def __getitem__(self, index: int) -> Tensor: ...
    @overload
    def __getitem__(self, index: slice) -> "States": ...
    def __getitem__(self, index: int | slice) -> "Tensor | States":
        if isinstance(index, slice):
            return States(self._waiting[index], self._copier)
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        ticket = self._ahead.pop(index, None)
        self._ahead.clear()  # Whatever else was begun is out of turn.
        if ticket is None:
            ticket = self._copier.fetch(self._waiting[index])
        if index + 1 < len(self):
            self._ahead[index + 1] = self._copier.fetch(self._waiting[index + 1])
        return self._copier.take(ticket)

    def put(self, index: int, value: Tensor) -> None:
        """Overwrite one batch."""
        self._ahead.pop(index, None)
        self._copier.store(self._waiting[index], value)

    def finish(self) -> None:
        """Return when all copies are done."""
        self._ahead.clear()
        self._copier.finish()


@dataclasses.dataclass(frozen=True)
class Shelf(StateSource):
    """Where batches wait. `folder` None: memory."""

    copier: Copier
    folder: Path | None = None

    def keep(self, batches: Iterable[Tensor], name: str) -> States:
        """Put batches down one after the other."""
        return States([self._put_down(batch, f"{name}-{index:05d}") for index, batch in enumerate(batches)], self.copier)

    def _put_down(self, batch: Tensor, name: str) -> Tensor:
        if self.folder is not None:
            # A shared mapping of a file: the system writes pages out when memory is short.
            self.folder.mkdir(parents=True, exist_ok=True)
            file = self.folder / f"{name}.bin"
            room = torch.from_file(str(file), shared=True, size=batch.numel(), dtype=batch.dtype).view(batch.shape)
        elif self.copier.pinned:
            room = torch.empty(batch.shape, dtype=batch.dtype, pin_memory=True)
        else:
            return batch.clone()
        return room.copy_(batch)
