"""Measured sensitivity: the loss increase of each language when one block alone is pruned (this project).

    sensitivity_k[l] = loss_l(block k pruned at the target, all others dense) - loss_l(dense)      nats per token

Tokens go through the dense blocks before k once for all k, so a block costs the blocks after it and the head. The first
sequences of every calibration language are used; the weights are dense again after every block, whatever happens.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine.streams import record_all, send_through
from mwanda_core.evaluation.losses import chunked_losses
from mwanda_core.models import DecoderBlock, LanguageModel, Recording
from mwanda_core.parts.needs import HEAD_PASSES
from mwanda_core.progress import Monitor

PruneBlock = Callable[[DecoderBlock], Callable[[], None]]
"""Prunes one block in place and returns what undoes it."""


@torch.no_grad()
def measure(model: LanguageModel, packed: Packed, prune_block: PruneBlock, monitor: Monitor) -> tuple[dict[str, float], ...]:
    """Loss increase by language, one entry a block."""
    recordings = record_all(model, packed)
    hidden = [recording.hidden for recording in recordings]
    dense = _losses(model, packed, recordings, hidden, model.blocks)
    found = []
    for block in model.blocks:
        monitor.begin(f"Sensitivity of block {block.index + 1} of {len(model.blocks)}")
        undo = prune_block(block)
        try:
            pruned = _losses(model, packed, recordings, hidden, model.blocks[block.index :])
        finally:
            undo()
        hidden = send_through(model, block, recordings, hidden, Monitor(is_cancelled=monitor.is_cancelled))
        found.append({code: float(pruned[row] - dense[row]) for row, code in enumerate(packed.languages)})
        monitor.advance(packed.num_tokens * (len(model.blocks) - block.index + 1 + HEAD_PASSES))
    return tuple(found)


@torch.no_grad()
def losses_of(model: LanguageModel, packed: Packed) -> dict[str, float]:
    """Mean loss per token of each language, of the model as it stands."""
    recordings = record_all(model, packed)
    found = _losses(model, packed, recordings, [recording.hidden for recording in recordings], model.blocks)
    return dict(zip(packed.languages, found.tolist(), strict=True))


def _losses(
    model: LanguageModel,
    packed: Packed,
    recordings: Sequence[Recording],
    hidden: Sequence[Tensor],
    blocks: Sequence[DecoderBlock],
) -> Float[Tensor, " languages"]:
    """Mean loss per token of each language, from the hidden states that enter the first of `blocks`."""
    total = torch.zeros(len(packed.languages), dtype=torch.float64, device=model.device)
    count = torch.zeros_like(total)
    for recording, entering in zip(recordings, hidden, strict=True):
        states = entering
        for block in blocks:
            states = model.replay(block, recording, states)
        ids = recording.batch.ids
        finished = model.leave_blocks(recording, states)[:, :-1].flatten(0, 1)
        with model.head() as head:
            losses = chunked_losses(head, finished, ids[:, 1:].flatten(), model.vocabulary)
        rows = recording.batch.rows.repeat_interleave(ids.shape[1] - 1)
        total.index_add_(0, rows, losses.double())
        count.index_add_(0, rows, torch.ones_like(losses, dtype=torch.float64))
    return total / count
