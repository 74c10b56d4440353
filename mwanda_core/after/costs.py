"""What a pruned model costs, as measured here and now: bytes of the dense and the pruned model, of both in a zip file, of the
masks alone, and the time of a short forward. Zeros save nothing by themselves; the figures say so.

Packing a large model takes minutes, so beyond `SAMPLE` bytes the zip sizes are estimated: pieces at even distances of every
tensor are packed and scaled up by the tensor's size. Deflate looks back 32 KiB, so pieces of 256 KiB lose little.
"""

import dataclasses
import statistics
import time
import zlib
from pathlib import Path

import torch
from torch import Tensor

from mwanda_core.after.reapply import apply_masks, write_masks
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor

SAMPLE = 48 * 2**20
PIECE = 2**18


BASES = {
    "here": "measured or read off here",
    "arithmetic": "follows by counting",
    "vendor": "the vendor's own documents, not measured here",
    "projects": "other projects' public records, not measured here",
}
"""What a statement can rest on."""


@dataclasses.dataclass(frozen=True)
class Statement:
    """A fact about N:M sparsity and hardware, where it stands, and what it rests on (a key of `BASES`)."""

    text: str
    source: str
    basis: str


HARDWARE = (
    Statement(
        "This program multiplies pruned weights with the same dense matrix products as before: a zero costs what any number costs.",
        "this project's code; the two latencies are measured on this machine",
        "here",
    ),
    Statement(
        "A 2:4 matrix of 16-bit numbers can be stored in 9/16 of its bytes: two numbers and two 2-bit places for every four.",
        "Mishra et al. 2021, arXiv:2104.08378, section 3; twice 16 and twice 2 bits are 36 of 64",
        "arithmetic",
    ),
    Statement(
        "NVIDIA GPUs from the Ampere generation on (compute capability 8.0) have matrix units for 2:4 sparsity in 16-bit and 8-bit "
        "numbers, whose peak rate NVIDIA gives as twice the dense one; the rate of a whole model is lower, and small batches may gain "
        "nothing.",
        "Mishra et al. 2021 (NVIDIA), arXiv:2104.08378; pytorch/pytorch issue 111339",
        "vendor",
    ),
    Statement(
        "For 4-bit numbers the same units take 4:8, but only where the weights go in pairs, and for TF32 1:2. The masks made here are "
        "for 16-bit and 32-bit weights and keep no pairs, so 4:8 and every other N:M but 2:4 cost what dense matrices cost.",
        "NVIDIA, PTX ISA, sparse matrix storage of mma.sp",
        "vendor",
    ),
    Statement(
        "PyTorch multiplies 2:4 matrices through torch.sparse.to_sparse_semi_structured on CUDA; a plain load of the exported "
        "folder does not.",
        "PyTorch tutorial on semi-structured sparsity, `semi_structured_sparse.py`",
        "projects",
    ),
    Statement(
        "Serving with sparse kernels has become rare: vLLM removed its 2:4 kernels and llm-compressor its sparse file formats in 2026.",
        "vllm-project/vllm pull request 36799; vllm-project/llm-compressor pull requests 2452 and 2720",
        "projects",
    ),
)


@dataclasses.dataclass(frozen=True)
class ModelCost:
    """Bytes and seconds. zip_sampled: the share of the bytes that was really packed (1.0: all, so nothing is estimated).
    times: seconds of each forward of `tokens` tokens through all blocks, without the output head, dense and pruned in turn."""

    dense_bytes: int
    pruned_bytes: int
    dense_zip: int
    pruned_zip: int
    zip_sampled: float
    mask_bytes: int
    update_bytes: int
    tokens: int
    dense_times: tuple[float, ...]
    pruned_times: tuple[float, ...]
    device: str
    dtype: str
    statements: tuple[Statement, ...] = HARDWARE

    @property
    def dense_seconds(self) -> float:
        """Median of the dense forwards."""
        return statistics.median(self.dense_times)

    @property
    def pruned_seconds(self) -> float:
        """Median of the pruned forwards."""
        return statistics.median(self.pruned_times)

    @property
    def words(self) -> tuple[str, ...]:
        """The same in sentences."""
        dense, pruned, masks, updates = map(_mb, (self.dense_zip, self.pruned_zip, self.mask_bytes, self.update_bytes))
        return (
            f"On disk the dense model has {_mb(self.dense_bytes)} and the pruned one {_mb(self.pruned_bytes)}: a zero takes as many "
            "bytes as any other number.",
            f"In a zip file they have {dense} and {pruned} (measured); unpacked they are as large as before."
            if self.zip_sampled == 1.0
            else f"In a zip file they have {dense} and {pruned} (estimated from {self.zip_sampled:.0%} of the bytes); unpacked they are "
            "as large as before.",
            f"The masks alone have {masks}, one bit a weight, and the new weights {updates}: with the dense model at hand they are the "
            "whole pruned model."
            if self.update_bytes
            else f"The masks alone have {masks}, one bit a weight: with the dense model at hand they are the whole pruned model.",
            f"A forward of {self.tokens} tokens took {1000 * self.dense_seconds:.1f} ms dense and {1000 * self.pruned_seconds:.1f} "
            f"ms pruned (medians of {len(self.dense_times)}, in turn, {self.device}, {self.dtype}, this machine).",
        )


def cost(
    model: LanguageModel,
    folder: Path,
    *,
    tokens: int = 64,
    repeats: int = 7,
    sample: int = SAMPLE,
    monitor: Monitor | None = None,
) -> ModelCost:
    """Measure what the run in a folder costs on the dense model; the model is dense again afterwards.

    Raises RunError as `apply_masks` does, Cancelled when stopped.
    """
    monitor = monitor or Monitor()
    monitor.plan(2.0 + 2.0 * repeats)
    applied = apply_masks(model, folder)
    live = applied.dense
    try:
        monitor.begin("Packing the pruned model")
        pruned_bytes, pruned_zip, share = packed_size(model, sample)
        monitor.advance(1.0)
        live.restore()
        monitor.begin("Packing the dense model")
        dense_bytes, dense_zip, _ = packed_size(model, sample)
        monitor.advance(1.0)
        monitor.begin("Timing dense and pruned in turn")
        ids = torch.arange(tokens)[None] % model.vocabulary
        dense_times, pruned_times = [], []
        forward_seconds(model, ids)  # The first forward allocates.
        for _ in range(repeats):
            dense_times.append(forward_seconds(model, ids))
            monitor.advance(1.0)
            live = write_masks(model, applied.masks, applied.updates)
            pruned_times.append(forward_seconds(model, ids))
            live.restore()
            monitor.advance(1.0)
    finally:
        live.restore()
    return ModelCost(
        dense_bytes, pruned_bytes, dense_zip, pruned_zip, share, sum(mask.numel() for mask in applied.masks.values()),
        sum(new.numel() * new.element_size() for new in applied.updates.values()), tokens, tuple(dense_times),
        tuple(pruned_times), model.device.type, str(model.dtype).removeprefix("torch."),
    )  # fmt: skip


def forward_seconds(model: LanguageModel, ids: Tensor) -> float:
    """Seconds of one forward through all blocks; reading a number back waits for a GPU."""
    started = time.perf_counter()
    float(model.hidden(ids)[0, -1, 0])
    return time.perf_counter() - started


def packed_size(model: LanguageModel, sample: int = SAMPLE) -> tuple[int, int, float]:
    """Bytes of all parameters (tied ones once), bytes after deflate, and the share of them that was really packed.

    A safetensors file has a header of some kilobytes beside them.
    """
    weights = [parameter.detach() for parameter in model.hf.parameters()]
    total = sum(weight.numel() * weight.element_size() for weight in weights)
    share = min(1.0, sample / max(1, total))
    packed, seen = 0.0, 0
    for weight in weights:
        flat = weight.contiguous().flatten()
        step = max(1, PIECE // flat.element_size())
        count = -(-flat.numel() // step)
        taken = max(1, round(count * share)) if count else 0
        places = [place * count // taken for place in range(taken)]
        before, after = 0, 0
        for place in places:
            data = flat[place * step : (place + 1) * step].cpu().view(torch.uint8).numpy().tobytes()
            before, after = before + len(data), after + len(zlib.compress(data, 6))
        seen += before
        if before:
            packed += after * flat.numel() * flat.element_size() / before
    return total, round(packed), seen / max(1, total)


def _mb(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
