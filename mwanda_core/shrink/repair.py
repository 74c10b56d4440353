"""Projections fitted once more, now that everything before them is cut: towards what the original model's give.

For each block in order, and in it for the output of attention where heads went and for the way down where neurons went, with z' the input of
the cut model's projection and y = W z the original's output on the same tokens,

    W' <- W' + (G - W' C) (C + r I)^-1,      C = sum_l w_l E_l[z' z'^T],   G = sum_l w_l E_l[y z'^T],   r = ridge * mean diag C,

the least-squares fit with a ridge towards the weights as they are. The cut of each block alone was already made up for (`neurons`); this
makes up for the drift of the states that come from the blocks before it. Only possible while both models read the same tokens.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from mwanda_core.corpora import Packed
from mwanda_core.errors import ModelError
from mwanda_core.models import DecoderBlock, LanguageModel, Recording, TokenBatch
from mwanda_core.progress import Monitor
from mwanda_core.shrink.gated import DOWN, linear_of
from mwanda_core.shrink.moments import BATCH, scales
from mwanda_core.shrink.neurons import RIDGE


@torch.no_grad()
def refitted(
    dense: LanguageModel,
    small: LanguageModel,
    packed: Packed,
    weights: Mapping[str, float],
    monitor: Monitor,
    parts: Sequence[str] = (DOWN,),
) -> dict[tuple[int, str], Tensor]:
    """New weights of these linear layers of `small`, which is changed on the way; `parts` in the order in which a block uses them.
    Units of progress: blocks.

    Raises ModelError when the two models do not have the same blocks.
    """
    if len(dense.blocks) != len(small.blocks):
        raise ModelError(
            f"Blocks are fitted to their originals; there are {len(small.blocks)} and {len(dense.blocks)} of them."
        )
    each = scales(packed, weights)
    streams = [_Stream(model, [model.record(batch) for batch in _batches(packed)]) for model in (dense, small)]
    found = {}
    for number, (before, after) in enumerate(zip(dense.blocks, small.blocks, strict=True)):
        for part in parts:
            outputs, inputs = streams[0].outputs(before, part), streams[1].inputs(after, part)
            second, cross = _sums(inputs, outputs, each)
            weight = linear_of(after, part).weight
            ridge = RIDGE * second.diagonal().mean() * torch.eye(len(second))
            gap = cross - weight.float() @ second
            weight += torch.linalg.solve(second + ridge, gap.T).T.to(weight.dtype)
            found[number, part] = weight.clone()
        streams[0].advance(before)
        streams[1].advance(after)
        monitor.advance(1.0)
    return found


def _batches(packed: Packed) -> list[TokenBatch]:
    return [TokenBatch(ids, rows) for ids, rows in zip(packed.ids.split(BATCH), packed.rows.split(BATCH), strict=True)]


def _sums(inputs: list[Tensor], outputs: list[Tensor], each: Tensor) -> tuple[Tensor, Tensor]:
    size = inputs[0].shape[-1]
    second, cross = torch.zeros(size, size), torch.zeros(outputs[0].shape[-1], size)
    for z, y, scale in zip(inputs, outputs, each.split(BATCH), strict=True):
        root = scale.sqrt()[:, None, None]
        left, right = (z.float() * root).flatten(0, 1), (y.float() * root).flatten(0, 1)
        second.addmm_(left.T, left)
        cross.addmm_(right.T, left)
    return second, cross


class _Stream:
    """The states of all batches on their way through one model."""

    def __init__(self, model: LanguageModel, recordings: list[Recording]) -> None:
        self._model, self._recordings = model, recordings
        self._states = [recording.hidden for recording in recordings]

    def _watch(self, block: DecoderBlock, part: str, output: bool) -> list[Tensor]:
        seen: list[Tensor] = []

        def note(module: nn.Module, args: tuple[Tensor, ...], result: Any) -> None:
            seen.append((result if output else args[0]).cpu())

        handle = linear_of(block, part).module.register_forward_hook(note)
        try:
            for recording, states in zip(self._recordings, self._states, strict=True):
                self._model.replay(block, recording, states)
        finally:
            handle.remove()
        return seen

    def outputs(self, block: DecoderBlock, part: str) -> list[Tensor]:
        """What a linear layer of the block gives."""
        return self._watch(block, part, output=True)

    def inputs(self, block: DecoderBlock, part: str) -> list[Tensor]:
        """What enters it."""
        return self._watch(block, part, output=False)

    def advance(self, block: DecoderBlock) -> None:
        """Send all states through the block as it is now."""
        pairs = zip(self._recordings, self._states, strict=True)
        self._states = [self._model.replay(block, recording, states) for recording, states in pairs]
