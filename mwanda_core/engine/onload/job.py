"""One onloading job from its first block to the finished folder: load, measure, cut, write, drop."""

import dataclasses
import json
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import overload

import torch
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine.ledger import Ledger, targets_of
from mwanda_core.engine.measure import BlockStats, Wants, measure_block, record_lean
from mwanda_core.engine.onload.files import INDEX, Place, Source, places, source_of, write_shard, write_text
from mwanda_core.engine.onload.journal import JOURNAL, Journal
from mwanda_core.engine.onload.memory import OnloadEstimate, peak_bytes, reset_peak
from mwanda_core.engine.onload.reading import WeightSource
from mwanda_core.engine.onload.states import Shelf, States, copier_for
from mwanda_core.engine.outcome import LayerAllocation, LinearOutcome
from mwanda_core.engine.plan import evidence_of, spread_over_blocks, token_counts, weights_only
from mwanda_core.methods.composition import Recipe
from mwanda_core.models import DecoderBlock, LanguageModel, Recording
from mwanda_core.models.skeleton import drop, fill, learn_block_form, outer_names, parameter_names
from mwanda_core.parts.evidence import BlockEvidence
from mwanda_core.parts.needs import SUMS, Need
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
    weights: WeightSource
    calibration: Packed
    recipe: Recipe
    sparsity: float
    settings: OnloadSettings
    journal: Journal
    monitor: Monitor

    @torch.no_grad()
    def run(self, source: Path, target: Path, estimate: OnloadEstimate) -> Onloaded:
        """Everything after the checks."""
        started = time.perf_counter()
        reset_peak()
        self._plan_work()
        self._write_outer()
        fill(self.model.hf, {name: self.weights.parameter(name) for name in outer_names(self.model)})
        self._load(self.model.blocks[0])
        learn_block_form(self.model)
        drop(self.model.blocks[0].module)
        if self.journal.allocation is None:
            self.journal.allocation = self._allocate()
            self.journal.save()
        ledger = Ledger(self.recipe, None, num_moved=self.journal.num_moved)
        self._walk(ledger, targets_of(self.model, self.journal.allocation))
        self._finish(source, target)
        linears = tuple(outcome for outcomes in self.journal.blocks for outcome in outcomes)
        ledger.linears = list(linears)
        return Onloaded(
            target, self.recipe, self.sparsity, self.journal.allocation, linears, estimate, peak_bytes(),
            time.perf_counter() - started, (*self.model.skipped, *ledger.notes()),
        )  # fmt: skip

    def _plan_work(self) -> None:
        count, tokens = len(self.model.blocks), self.calibration.num_tokens
        left = count - len(self.journal.blocks)
        work = tokens * (count - 1 + left * (1.0 + self.recipe.solver.effort))
        if self.recipe.allocation.reads_statistics and self.journal.allocation is None:
            work += count * self.calibration.part(self.settings.allocation_share).num_tokens
        self.monitor.plan(work)

    def _allocate(self) -> LayerAllocation:
        """As the engine's: importance from dense statistics of a share of the tokens, with one block resident at a time."""
        sizes = tuple(block.size for block in self.model.blocks)
        importance = torch.zeros(len(sizes), dtype=torch.float64)
        if self.recipe.allocation.reads_evidence:
            stats = self._dense_stats() if self.recipe.allocation.reads_statistics else None
            importance = self.recipe.allocation.importance(_Evidence(self, stats))
        spread = spread_over_blocks(self.recipe, importance, sizes, self.sparsity)
        return LayerAllocation(tuple(importance.tolist()), sizes, tuple(spread.tolist()))

    def _dense_stats(self) -> list[BlockStats]:
        part = self.calibration.part(self.settings.allocation_share)
        recordings, states = self._record(part)
        found = []
        for block in self.model.blocks:
            self.monitor.begin(f"Measuring block {block.index + 1} of {len(self.model.blocks)}")
            self._load(block)
            wants = Wants(self.recipe.needs & SUMS)
            done = measure_block(self.model, block, recordings, states, part.languages, wants, self.monitor, states.put)
            found.append(done.stats)
            drop(block.module)
        states.finish()
        return found

    def _record(self, packed: Packed) -> tuple[list[Recording], States]:
        recordings: list[Recording] = []

        def entering() -> Iterator[Tensor]:
            for recording, hidden in record_lean(self.model, packed):
                recordings.append(recording)
                yield hidden

        folder = self.journal.folder / "states" if self.settings.waiting == "disk" else None
        shelf = Shelf(copier_for(self.weights.device), folder)
        return recordings, shelf.keep(entering(), "batch")

    def _walk(self, ledger: Ledger, targets: dict[str, float]) -> None:
        recordings, states = self._record(self.calibration)
        for block in self.model.blocks:
            self.monitor.begin(f"Pruning block {block.index + 1} of {len(self.model.blocks)}")
            if block.index < len(self.journal.blocks):
                stored = places_of_shard(self._shard(block.index))
                fill(block.module, {n: self.weights.stored(stored, block, n) for n in parameter_names(block.module)})
            else:
                self._prune(block, recordings, states, ledger, targets)
            if block.index + 1 < len(self.model.blocks):
                for index, recording in enumerate(recordings):
                    states.put(index, self.model.replay(block, recording, states[index]))
                    self.monitor.advance(recording.batch.num_tokens)
            drop(block.module)
        states.finish()

    def _prune(
        self, block: DecoderBlock, recordings: Sequence[Recording], states: States, ledger: Ledger, targets: dict[str, float]
    ) -> None:
        self._load(block)
        languages = self.calibration.languages
        weights = None
        if Need.GRAM in self.recipe.needs:
            each = self.recipe.activation.weights(token_counts(languages))
            weights = each.float() / self.calibration.tokens_per_language
        wants = Wants(self.recipe.needs, weights)
        measured = measure_block(self.model, block, recordings, states, languages, wants, self.monitor, _forget)
        evidence = evidence_of(self.recipe, block, measured.stats, measured.measured)
        work = self.recipe.solver.effort * self.calibration.num_tokens / max(1, len(block.linears))
        for linear in block.linears:
            item = evidence.linears[linear.name]
            ledger.cut(block, linear, item, targets[item.name])
            self.monitor.advance(work)
        self._write_block(block, ledger)
        self.journal.blocks.append(tuple(ledger.linears))
        self.journal.num_moved = ledger.num_moved
        self.journal.save()
        ledger.linears.clear()
        ledger.masks.clear()
        ledger.updates.clear()

    def _load(self, block: DecoderBlock) -> None:
        names = parameter_names(block.module)
        fill(block.module, {name: self.weights.parameter(f"{block.path}.{name}") for name in names})

    def _shard(self, number: int) -> Path:
        """Shards of blocks count from 0; the last one holds everything else."""
        count = len(self.model.blocks) + 1
        return self.journal.folder / f"model-{number + 1:05d}-of-{count:05d}.safetensors"

    def _write_block(self, block: DecoderBlock, ledger: Ledger) -> None:
        parameters = dict(block.module.named_parameters(remove_duplicate=False))
        stored = {self.weights.key(f"{block.path}.{name}"): source_of(p.detach()) for name, p in parameters.items()}
        masks = self.journal.folder / MASKS
        masks.mkdir(exist_ok=True)
        write_shard(masks / f"block-{block.index:05d}.safetensors", {n: source_of(m) for n, m in ledger.masks.items()})
        write_shard(self._shard(block.index), stored)

    def _write_outer(self) -> None:
        """Everything of the source that belongs to no block, in the type of the result."""
        file = self._shard(len(self.model.blocks))
        if file.is_file():
            return
        inside = {self.weights.key(f"{b.path}.{n}") for b in self.model.blocks for n in parameter_names(b.module)}
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


class _Evidence(Sequence[BlockEvidence]):
    """What an allocation reads of the dense model: a block's weights are in memory while it looks at that block."""

    def __init__(self, job: Job, stats: Sequence[BlockStats] | None) -> None:
        self._job, self._stats = job, stats

    def __len__(self) -> int:
        return len(self._job.model.blocks)

    @overload
    def __getitem__(self, index: int) -> BlockEvidence: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[BlockEvidence]: ...
    def __getitem__(self, index: int | slice) -> BlockEvidence | Sequence[BlockEvidence]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        block = self._job.model.blocks[index]
        self._job._load(block)
        stats = self._stats
        found = weights_only(block) if stats is None else evidence_of(self._job.recipe, block, stats[index])
        drop(block.module)  # The evidence keeps the weights for as long as it is looked at.
        return found


def places_of_shard(file: Path) -> dict[str, Place]:
    """Every tensor of one file that was written here."""
    return places(file.parent, (file.name,))


def _converted(place: Place, dtype: torch.dtype) -> Source:
    return Source(dtype if place.dtype.is_floating_point else place.dtype, place.shape, place.read)


def _forget(index: int, output: Tensor) -> None:
    """The dense block's output is not needed: the tokens go on through the pruned one."""
