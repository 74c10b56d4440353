"""One onloading job from its first block to the finished folder: load, measure, cut, write, drop."""

import dataclasses
import functools
import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import overload

import torch
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine.ledger import Ledger, targets_of
from mwanda_core.engine.measure import BlockStats, measure_model, with_weights
from mwanda_core.engine.onload.files import INDEX, Place, Source, places, source_of, write_shard, write_text
from mwanda_core.engine.onload.journal import JOURNAL, Journal
from mwanda_core.engine.onload.memory import OnloadEstimate, peak_bytes, reset_peak
from mwanda_core.engine.onload.parameters import Parameters
from mwanda_core.engine.onload.states import Shelf, copier_for
from mwanda_core.engine.outcome import LayerAllocation, LinearOutcome
from mwanda_core.engine.plan import allocate_by, evidence_of, planned_work, weights_only
from mwanda_core.engine.sources import WeightSource
from mwanda_core.engine.walk import Walk
from mwanda_core.methods.composition import Recipe
from mwanda_core.models import DecoderBlock, LanguageModel
from mwanda_core.models.skeleton import drop, fill, is_understood, parameter_names, understood
from mwanda_core.parts.evidence import BlockEvidence
from mwanda_core.progress import Monitor

WAITING = ("memory", "disk")
"""Where hidden states may wait between blocks."""

MASKS = "masks"
"""Folder of the packed masks, a file a block."""


@dataclasses.dataclass(frozen=True)
class OnloadSettings:
    """`waiting`: where hidden states wait, "memory" or "disk". `announce` is given the estimate before anything is read."""

    device: str = "auto"
    dtype: str = "auto"
    waiting: str = "memory"
    allocation_share: float = 1.0
    announce: Callable[[OnloadEstimate], None] = lambda estimate: None


@dataclasses.dataclass(frozen=True)
class Onloaded:
    """A finished job. `peak` is the highest resident memory of the process while it ran, in bytes."""

    folder: Path
    recipe: Recipe
    sparsity: float
    allocation: LayerAllocation
    linears: tuple[LinearOutcome, ...]
    estimate: OnloadEstimate
    peak: int
    seconds: float
    notes: tuple[str, ...]

    @property
    def achieved(self) -> float:
        """Share of all prunable weights that the masks remove."""
        return 1.0 - sum(o.kept for o in self.linears) / sum(o.size for o in self.linears)


@dataclasses.dataclass
class Job:
    """One job: `run` does what its journal does not hold yet."""

    model: LanguageModel
    weights: Parameters
    calibration: Packed
    recipe: Recipe
    sparsity: float
    settings: OnloadSettings
    journal: Journal
    protect: Mapping[str, Tensor]
    monitor: Monitor

    @torch.no_grad()
    def run(self, source: Path, target: Path, estimate: OnloadEstimate) -> Onloaded:
        """Everything after the checks.

        Raises ModelError before anything is read where the files lack a parameter.
        """
        for block in self.model.blocks:
            for name in parameter_names(block.module):
                self.weights.sources(f"{block.path}.{name}")
        started = time.perf_counter()
        reset_peak()
        has_stats = self.journal.allocation is not None
        share, done = self.settings.allocation_share, len(self.journal.blocks)
        self.monitor.plan(planned_work(self.model, self.calibration, self.recipe, "sequential", has_stats, share, done))
        self._write_outer()
        if not is_understood(self.model):
            self.model = understood(self.model, self.weights.parameter)
        if self.journal.allocation is None:
            self.journal.allocation = self._allocate()
            self.journal.save()
        targets = targets_of(self.model, self.journal.allocation)
        ledger = Ledger(
            self.recipe, targets, self.protect, undo=False, num_moved=self.journal.num_moved, lacking=self.journal.lacking
        )
        walk = Walk(self.model, self.calibration, ledger, "sequential", self.monitor, weights=self.blocks, states=self.shelf)
        for _ in walk.blocks():
            pass  # What masks were cut from is dropped with its block.
        self._finish(source, target)
        linears = tuple(outcome for outcomes in self.journal.blocks for outcome in outcomes)
        return Onloaded(
            folder=target,
            recipe=self.recipe,
            sparsity=self.sparsity,
            allocation=self.journal.allocation,
            linears=linears,
            estimate=estimate,
            peak=peak_bytes(),
            seconds=time.perf_counter() - started,
            notes=(*self.model.skipped, *ledger.notes(linears)),
        )

    def _allocate(self) -> LayerAllocation:
        """From dense statistics of a share of the tokens, with one block resident at a time."""
        stats = None
        if self.recipe.allocation.reads_statistics:
            part = self.calibration.part(self.settings.allocation_share)
            stats = measure_model(self.model, part, self.recipe.needs, self.monitor, self.blocks, self.shelf)
            stats = with_weights(stats, part.weights)
        sizes = tuple(block.size for block in self.model.blocks)
        return allocate_by(self.recipe, _Evidence(self, stats), sizes, self.sparsity)

    @property
    def shelf(self) -> Shelf:
        """Where hidden states wait."""
        folder = self.journal.folder / "states" if self.settings.waiting == "disk" else None
        return Shelf(copier_for(self.weights.device), folder)

    @property
    def blocks(self) -> WeightSource:
        """The weights of one block after the other."""
        return _FromDisk(self)

    def _load(self, block: DecoderBlock, cut: Mapping[str, Tensor] = MappingProxyType({})) -> None:
        """Dense weights, but for parameters that an earlier block has cut, by their first name."""
        tied = {name: self._first(block, name) for name in parameter_names(block.module)}
        fill(block.module, {n: cut[first] if first in cut else self.weights.parameter(first) for n, first in tied.items()})

    def _first(self, block: DecoderBlock, name: str) -> str:
        return self.weights.names(f"{block.path}.{name}")[0]

    @functools.cached_property
    def _homes(self) -> dict[str, int]:
        """First name of every parameter -> the block that writes it: the one that cuts it, else the first that has it."""
        found: dict[str, int] = {}
        for block in self.model.blocks:
            for name in parameter_names(block.module):
                found.setdefault(self._first(block, name), block.index)
        for block in self.model.blocks:
            for linear in block.called:
                found |= {
                    first: block.index
                    for leaf in ("weight", "bias")
                    if (first := self._first(block, f"{linear.name}.{leaf}")) in found
                }
        return found

    def mine(self, block: DecoderBlock) -> dict[str, str]:
        """Name in the block -> first name, of the parameters that the block writes."""
        tied = {name: self._first(block, name) for name in parameter_names(block.module)}
        return {name: first for name, first in tied.items() if self._homes[first] == block.index}

    def _shard(self, number: int) -> Path:
        """Shards of blocks count from 0; the last one holds everything else."""
        count = len(self.model.blocks) + 1
        return self.journal.folder / f"model-{number + 1:05d}-of-{count:05d}.safetensors"

    def _write_block(self, block: DecoderBlock, ledger: Ledger) -> None:
        parameters = dict(block.module.named_parameters(remove_duplicate=False))
        mine = self.weights.written({first: parameters[name].detach() for name, first in self.mine(block).items()})
        stored = {name: source_of(tensor) for name, tensor in mine.items()}
        masks = self.journal.folder / MASKS
        masks.mkdir(exist_ok=True)
        write_shard(masks / f"block-{block.index:05d}.safetensors", {n: source_of(m) for n, m in ledger.masks.items()})
        write_shard(self._shard(block.index), stored)

    def _write_outer(self) -> None:
        """Everything of the source that belongs to no block, in the type of the result."""
        file = self._shard(len(self.model.blocks))
        if file.is_file():
            return
        each = (self.weights.all_sources(f"{b.path}.{n}") for b in self.model.blocks for n in parameter_names(b.module))
        inside = {name for names in each for name in names}
        outside = {name: place for name, place in self.weights.places.items() if name not in inside}
        write_shard(file, {name: _converted(place, self.weights.dtype) for name, place in outside.items()})

    def _finish(self, source: Path, target: Path) -> None:
        """Index, configuration and everything else that lay beside the weights; then the folder takes its place."""
        folder = self.journal.folder
        shards = [self._shard(number) for number in range(len(self.model.blocks) + 1)]
        found = {name: (file.name, place.size) for file in shards for name, place in places_of_shard(file).items()}
        index = {
            "metadata": {"total_size": sum(size for _, size in found.values())},
            "weight_map": {name: file for name, (file, _) in sorted(found.items())},
        }
        write_text(folder / INDEX, json.dumps(index, indent=2))
        for file in source.iterdir():
            weights = file.suffix in (".safetensors", ".bin", ".pt", ".pth") or file.name == INDEX
            if file.is_file() and not weights:
                shutil.copyfile(file, folder / file.name)
        config = json.loads((source / "config.json").read_text(encoding="utf-8"))
        config.pop("torch_dtype", None)
        config["dtype"] = str(self.weights.dtype).removeprefix("torch.")
        write_text(folder / "config.json", json.dumps(config, indent=2))
        shutil.rmtree(folder / "states", ignore_errors=True)
        (folder / JOURNAL).unlink()
        folder.rename(target)


class _FromDisk(WeightSource):
    """Weights are read from the source when a block's turn comes, and go to a shard when it is pruned."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._cut: dict[str, Tensor] = {}
        """Of parameters that blocks share: as the block left them that cut them."""

    def load(self, block: DecoderBlock) -> None:
        self._job._load(block, self._cut)

    def resume(self, block: DecoderBlock) -> bool:
        if block.index >= len(self._job.journal.blocks):
            return False
        stored = self._job.weights.of(places_of_shard(self._job._shard(block.index)))
        self.load(block)
        fill(block.module, {name: stored.parameter(first) for name, first in self._job.mine(block).items()})
        self._keep(block)
        return True

    def _keep(self, block: DecoderBlock) -> None:
        parameters = dict(block.module.named_parameters(remove_duplicate=False))
        shared = {n: first for n, first in self._job.mine(block).items() if len(self._job.weights.names(first)) > 1}
        self._cut |= {first: parameters[name].detach() for name, first in shared.items()}

    def store(self, block: DecoderBlock, ledger: Ledger) -> None:
        journal = self._job.journal
        self._job._write_block(block, ledger)
        self._keep(block)
        # The shard is whole before the journal names it: a job that stops in between prunes the block again.
        journal.blocks.append(tuple(ledger.linears))
        journal.num_moved = ledger.num_moved
        journal.save()
        ledger.forget()

    def drop(self, block: DecoderBlock) -> None:
        drop(block.module)


class _Evidence(Sequence[BlockEvidence]):
    """What an allocation reads of the dense model: a block's weights are in memory while it looks at that block."""

    def __init__(self, job: Job, stats: Sequence[BlockStats] | None) -> None:
        self._job, self._stats = job, stats
        self._blocks = [block for block in job.model.blocks if block.linears]

    def __len__(self) -> int:
        return len(self._blocks)

    @overload
    def __getitem__(self, index: int) -> BlockEvidence: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[BlockEvidence]: ...
    def __getitem__(self, index: int | slice) -> BlockEvidence | Sequence[BlockEvidence]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        block = self._blocks[index]
        self._job._load(block)
        stats = self._stats
        found = weights_only(block) if stats is None else evidence_of(self._job.recipe, block, stats[block.index])
        drop(block.module)  # The evidence keeps the weights for as long as it is looked at.
        return found


def places_of_shard(file: Path) -> dict[str, Place]:
    """Every tensor of one file that was written here."""
    return places(file.parent, (file.name,))


def _converted(place: Place, dtype: torch.dtype) -> Source:
    return Source(dtype if place.dtype.is_floating_point else place.dtype, place.shape, place.read)
