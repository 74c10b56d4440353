"""How much memory pruning with one resident block takes, from shapes alone, before anything is read.

outer        embeddings, norms: what lies outside the blocks and is run while recording
block        the largest block, and the linears that several blocks call
statistics   three float64 sums per language and input channel, of every block where the allocation reads them
activations  the hidden states of all calibration tokens, once (none in memory when they wait on a disk)
working      what the method measures of a block or keeps to repair it, and the larger of: one batch inside a block; the score and selection of the largest linear
"""

import dataclasses
import math

import psutil
import torch

from mwanda_core.corpora import Packed
from mwanda_core.engine.streams import BATCH_TOKENS
from mwanda_core.methods.composition import Recipe
from mwanda_core.models import LanguageModel
from mwanda_core.models.memory import gib
from mwanda_core.models.skeleton import outer_names
from mwanda_core.parts.needs import Need, Shapes


@dataclasses.dataclass(frozen=True)
class OnloadEstimate:
    """Bytes by purpose; `process` is what the program itself held when it was asked, `model` what all weights would take."""

    outer: int
    block: int
    statistics: int
    activations: int
    working: int
    process: int
    model: int

    @property
    def job(self) -> int:
        """What the job adds to the process."""
        return self.outer + self.block + self.statistics + self.activations + self.working

    @property
    def total(self) -> int:
        """The peak of the whole process."""
        return self.process + self.job

    def sentence(self) -> str:
        """For a person."""
        return (
            f"about {gib(self.job)} beside the program's {gib(self.process)}: one block {gib(self.block)}, embeddings "
            f"{gib(self.outer)}, statistics {gib(self.statistics)}, activations {gib(self.activations)}, working space "
            f"{gib(self.working)}; the whole model has {gib(self.model)}"
        )


def estimate_onloading(
    model: LanguageModel, calibration: Packed, recipe: Recipe, on_disk: bool, allocation_share: float = 1.0
) -> OnloadEstimate:
    """The estimate for a skeleton (or any model) and a calibration set."""
    itemsize = model.dtype.itemsize
    parameters = dict(model.hf.named_parameters())
    outer = sum(parameters[name].numel() for name in outer_names(model)) * itemsize
    block = max(sum(p.numel() for p in block.module.parameters()) for block in model.blocks) * itemsize
    # What several blocks call is kept from one to the next.
    block += sum(x.weight.numel() for b in model.blocks for x in b.called if x.elsewhere) * itemsize
    tokens = calibration.num_tokens
    dense_pass = recipe.allocation.reads_statistics
    if dense_pass:
        tokens = max(tokens, round(tokens * allocation_share))
    return OnloadEstimate(
        outer=outer,
        block=block,
        statistics=_statistics(model, len(calibration.languages), dense_pass, recipe),
        activations=0 if on_disk else tokens * model.shape.hidden * itemsize,
        working=_working(model, calibration, recipe),
        process=psutil.Process().memory_info().rss,
        model=sum({id(p): p.numel() for p in parameters.values()}.values()) * itemsize,
    )


def _statistics(model: LanguageModel, languages: int, all_blocks: bool, recipe: Recipe) -> int:
    widths = [[linear.weight.shape[1] for linear in block.linears] for block in model.blocks]
    rows = [3 * 8 * languages * sum(block) for block in widths]
    largest = max(block.size for block in model.blocks)

    def measured(block: list[int]) -> float:
        shapes = Shapes(tuple(set(block)), largest, 0, 4)  # Widths are counted once: what shares an input has its width.
        return sum(need.memory(shapes) for need in recipe.needs)

    return (sum(rows) if all_blocks else 0) + max(rows) + round(max(map(measured, widths), default=0))


def _working(model: LanguageModel, calibration: Packed, recipe: Recipe) -> int:
    """`_forward` holds at most what all linears of a block read and give for one batch; selecting holds a float32 score, a
    partitioned copy of it, a mask and a comparison."""
    itemsize = model.dtype.itemsize
    time = calibration.ids.shape[1]
    batch = min(len(calibration.ids), max(1, BATCH_TOKENS // time)) * time
    widths = max(sum(sum(linear.weight.shape) for linear in block.linears) for block in model.blocks)
    largest = max(linear.weight.numel() for block in model.blocks for linear in block.linears)
    # Solvers that work on a Gram matrix hold about two float32 copies of the weights more.
    copies = 2 * 4 * largest * (Need.GRAM in recipe.needs)
    select = math.ceil(largest * (4 + 4 + 1 + 1)) + copies
    return max(batch * widths * itemsize, select)


def peak_bytes() -> int:
    """Highest resident memory of this process since `reset_peak`, or since its start where that cannot be reset (not
    Linux)."""
    try:
        with open("/proc/self/status", encoding="ascii") as stream:
            line = next(line for line in stream if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    except (OSError, StopIteration):
        return psutil.Process().memory_info().rss


def reset_peak() -> None:
    """Begin to measure the peak anew (Linux only; nothing happens elsewhere)."""
    try:
        with open("/proc/self/clear_refs", "w", encoding="ascii") as stream:
            stream.write("5")
    except OSError:
        return


def device_free(device: torch.device) -> int | None:
    """Free bytes of a GPU, None for a CPU."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else None
