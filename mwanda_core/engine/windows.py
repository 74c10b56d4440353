"""What `methods.repair.windows` reads of a model, window by window in the order of the blocks.

Two streams of all texts go through the blocks: the dense tokens through each block as it was, which leaves the aims, and the pruned ones
through it as it is, once its windows have learnt. Gradients go back through one block only.
"""

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from mwanda_core.corpora import Packed
from mwanda_core.engine.distil import Split, as_dense, sequences_at_once, split
from mwanda_core.engine.gradients import wanting_gradients
from mwanda_core.engine.ledger import Ledger
from mwanda_core.methods.repair import TrainingTask
from mwanda_core.methods.repair.windows import Windows
from mwanda_core.models import DecoderBlock, LanguageModel, PrunableLinear, TokenBatch
from mwanda_core.parts.masks import unpack
from mwanda_core.progress import Monitor

States = Float[Tensor, "sequences time hidden"]


def rebuild(model: LanguageModel, texts: Packed, ledger: Ledger, monitor: Monitor) -> tuple[str, ...]:
    """Let every window learn; what a reader should know, one sentence each. Without a repair by windows: nothing.

    Raises Cancelled when stopped: the ledger undoes what was done.
    """
    repair = ledger.recipe.repair
    if not isinstance(repair, Windows):
        return ()
    parts = split(texts)
    dense = pruned = torch.cat(
        [model.record(TokenBatch(part, torch.zeros(len(part)).long())).hidden for part in texts.ids.split(64)]
    )
    fitted = total = 0
    for block in model.blocks:
        monitor.begin(f"Repairing block {block.index + 1} of {len(model.blocks)}")
        windows = windows_of(block, repair.parted)
        aims: dict[str, States] = {}
        with as_dense(ledger, block.held):
            for name in windows:
                aims[name] = torch.cat(list(_outputs(model, block, name, texts.ids, dense, monitor)))
            after = aims[""] if "" in aims else torch.cat(list(_outputs(model, block, "", texts.ids, dense, monitor)))
        for name, readers in windows.items():
            keeps = [
                unpack(ledger.masks[block.full_name(linear)], tuple(linear.weight.shape)).to(model.device) for linear in readers
            ]
            total += 1
            if all(bool(keep.all()) for keep in keeps):
                continue
            work = _Window(model, block, name, texts.ids, pruned, aims[name], readers, keeps, parts, monitor)
            if repair.train(work.task()).steps:
                fitted += 1
                for linear in readers:
                    ledger.updates[block.full_name(linear)] = linear.weight.clone(memory_format=torch.contiguous_format).cpu()
        pruned = torch.cat(list(_outputs(model, block, "", texts.ids, pruned, monitor)))
        dense = after
    return _notes(fitted, total)


def _notes(fitted: int, total: int) -> tuple[str, ...]:
    return (
        f"{fitted} of {total} windows learnt to give again what the dense ones gave; in the others, text that was not learnt from would have lost.",
    )


def windows_of(block: DecoderBlock, parted: bool) -> dict[str, list[PrunableLinear]]:
    """Name of a module of the block ("" for itself) -> its linears. Parts are the modules right below the block that hold linears. Those that
    other blocks call, too, do not learn."""
    linears = [linear for linear in block.linears if not linear.elsewhere]
    if not parted or any("." not in linear.name for linear in linears):
        return {"": linears} if linears else {}
    found: dict[str, list[PrunableLinear]] = {}
    for linear in linears:
        found.setdefault(linear.name.partition(".")[0], []).append(linear)
    return found


@contextlib.contextmanager
def _tapped(block: DecoderBlock, name: str) -> Iterator[list[Tensor]]:
    """Inside, what a module of the block gives is put into the list."""
    seen: list[Tensor] = []

    def hook(module: nn.Module, args: Any, output: Any) -> None:
        seen[:] = [output[0] if isinstance(output, tuple | list) else output]

    handle = block.module.get_submodule(name).register_forward_hook(hook)
    try:
        yield seen
    finally:
        handle.remove()


@torch.no_grad()
def _outputs(
    model: LanguageModel, block: DecoderBlock, name: str, ids: Int[Tensor, "sequences time"], entering: States, monitor: Monitor
) -> Iterator[Tensor]:
    """What a window gives, a few sequences at a time."""
    for some in torch.arange(len(ids)).split(sequences_at_once(model, ids)):
        yield _output(model, block, name, ids, entering, some)
        monitor.advance(some.numel() * ids.shape[1])


def _output(
    model: LanguageModel,
    block: DecoderBlock,
    name: str,
    ids: Int[Tensor, "sequences time"],
    entering: States,
    some: Int[Tensor, " some"],
) -> Float[Tensor, "some time hidden"]:
    recording = model.record(TokenBatch(ids[some], torch.zeros(len(some)).long()))
    with _tapped(block, name) as seen:
        out = model.replay(block, recording, entering[some.to(entering.device)])
        return seen[0] if name else out


@dataclasses.dataclass
class _Window:
    """One window that learns."""

    model: LanguageModel
    block: DecoderBlock
    name: str
    ids: Int[Tensor, "sequences time"]
    entering: States
    aim: States
    linears: Sequence[PrunableLinear]
    keeps: Sequence[Tensor]
    parts: Split
    monitor: Monitor

    def task(self) -> TrainingTask:
        """What a repair sees of it."""
        keeps = [keep.T if linear.transposed else keep for keep, linear in zip(self.keeps, self.linears, strict=True)]
        weights: list[Any] = [linear.module.weight.data for linear in self.linears]
        return TrainingTask(
            weights, keeps, self.parts.learnt, self.parts.judged, self.ids.shape[1], self.gradients, self.divergences, lambda: None
        )  # fmt: skip

    def errors(self, sequences: Int[Tensor, " some"]) -> Float[Tensor, "some time"]:
        """Of every token, relative to its aim."""
        aim = self.aim[sequences.to(self.aim.device)].float()
        out = _output(self.model, self.block, self.name, self.ids, self.entering, sequences).float()
        return (out - aim).square().sum(dim=-1) / aim.square().sum(dim=-1).clamp_min(torch.finfo(torch.float32).tiny)

    def gradients(self, sequences: Sequence[int], positions: Sequence[int], temperature: float) -> list[Tensor]:
        """Of the mean relative error of these sequences."""
        total: list[Tensor] = []
        with wanting_gradients(self.linears) as weights:
            for part in torch.tensor(sequences).split(sequences_at_once(self.model, self.ids)):
                with torch.enable_grad():
                    loss = self.errors(part)[:, list(positions)].sum() / (len(sequences) * len(positions))
                    slopes = torch.autograd.grad(loss, weights, allow_unused=True)
                found = [
                    torch.zeros_like(w, dtype=torch.float32) if g is None else g.float()
                    for w, g in zip(weights, slopes, strict=True)
                ]
                total = found if not total else [old.add_(new) for old, new in zip(total, found, strict=True)]
                self.monitor.advance(3 * part.numel() * self.ids.shape[1])
        return total

    @torch.no_grad()
    def divergences(self) -> tuple[float, ...]:
        """Mean relative error of every judged group."""
        found = []
        for group in self.parts.judged:
            errors = [self.errors(part) for part in torch.tensor(group).split(sequences_at_once(self.model, self.ids))]
            found.append(float(torch.cat(errors).double().mean()))
            self.monitor.advance(len(group) * self.ids.shape[1])
        return tuple(found)
