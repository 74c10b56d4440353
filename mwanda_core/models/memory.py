"""How much memory a job needs, before anything is loaded."""

import dataclasses

import psutil
import torch

from mwanda_core.errors import DoesNotFit


@dataclasses.dataclass(frozen=True)
class MemoryEstimate:
    """Bytes by purpose. `backup` is the dense copy of the prunable weights kept until a job has succeeded."""

    weights: int
    backup: int
    statistics: int
    activations: int
    loss: int

    @property
    def total(self) -> int:
        """All of it: what is resident at the same time at the worst moment."""
        return self.weights + self.backup + self.statistics + self.activations + self.loss

    def sentence(self) -> str:
        """For a person."""
        return (
            f"about {gib(self.total)}: weights {gib(self.weights)}, dense copy {gib(self.backup)}, "
            f"statistics {gib(self.statistics)}, activations {gib(self.activations)}, loss {gib(self.loss)}"
        )


def gib(num_bytes: float) -> str:
    """Bytes as a short human figure."""
    return f"{num_bytes / 2**30:.1f} GiB" if num_bytes >= 2**29 else f"{num_bytes / 2**20:.0f} MiB"


@dataclasses.dataclass(frozen=True)
class ModelShape:
    """The few sizes that memory depends on."""

    parameters: int
    prunable: int
    hidden: int
    input_width: int
    """Sum of the widths of all distinct linear inputs (an upper bound when it is not known which are shared)."""
    bytes_per_weight: int


LOSS_CHUNK_ELEMENTS = 2**26
"""Logits held at once while scoring (tokens x vocabulary), whatever the vocabulary."""


def estimate(shape: ModelShape, tokens: int, num_languages: int) -> MemoryEstimate:
    """Memory of a job with `tokens` calibration tokens in all, over `num_languages` languages.

    Two copies of the hidden states (in and out of a block) are alive at once; statistics hold three float64 sums.
    """
    return MemoryEstimate(
        weights=shape.parameters * shape.bytes_per_weight,
        backup=shape.prunable * shape.bytes_per_weight,
        statistics=3 * 8 * num_languages * shape.input_width,
        activations=2 * tokens * shape.hidden * shape.bytes_per_weight,
        loss=2 * shape.bytes_per_weight * LOSS_CHUNK_ELEMENTS,
    )


def available(device: torch.device) -> int:
    """Free bytes on the device (CPU: what can be had without swapping)."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return psutil.virtual_memory().available


def require(needed: MemoryEstimate, device: torch.device, what: str) -> None:
    """Refuse in one sentence what does not fit.

    Raises DoesNotFit.
    """
    free = available(device)
    if needed.total > free:
        raise DoesNotFit(
            f"{what} needs {needed.sentence()}; {device.type} has {gib(free)} free. Choose a smaller model, fewer "
            "calibration tokens, or a machine with more memory."
        )
