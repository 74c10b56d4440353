"""Calls that a walk has not reached when it cuts a linear: those of other blocks that read the same parameter (`models.sharing`).

They are measured before the walk, on the dense model, in a pass of its own as far as the last block that has such calls, and added to what
the linear's home reads. A model without such parameters has no such pass. What is added up:

    sums, gram    over all tokens of all calls
    samples       side by side
    regional      squares over blocks; a linear's mean is taken over its blocks (`mean_over_blocks`)
"""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from mwanda_core.engine import gradients
from mwanda_core.engine.group import Group, add_up_pass
from mwanda_core.engine.measure import BlockPass, measure_block, together
from mwanda_core.engine.meters import Wants
from mwanda_core.engine.sources import WeightSource
from mwanda_core.engine.streams import Stream
from mwanda_core.models import DecoderBlock, LanguageModel
from mwanda_core.parts.needs import Need
from mwanda_core.progress import Monitor

Later = Mapping[int, BlockPass]
"""Home -> what other blocks' calls of its linears read."""


def reach(blocks: Sequence[DecoderBlock]) -> int:
    """Number of blocks that the pass goes through; 0 where every linear is called by its home alone."""
    return max((block.index + 1 for block in blocks if block.guests), default=0)


@torch.no_grad()
def later_calls(
    model: LanguageModel,
    streams: Callable[[], tuple[Stream, Stream]],
    languages: Sequence[str],
    wants: Wants,
    monitor: Monitor,
    weights: WeightSource,
    group: Group,
) -> Later:
    """Measure them; `streams` makes all tokens, and single sequences, as they enter the first block."""
    found: dict[int, BlockPass] = {}
    count = reach(model.blocks)
    if not count:
        return found
    main, single = streams()
    for block in model.blocks[:count]:
        monitor.begin(f"Measuring calls of block {block.index + 1} of {len(model.blocks)}")
        weights.load(block)
        if block.whole is None:
            main.advance(block, monitor)
        else:
            part = block.whole.only({guest.linear.name for guest in block.guests})
            done = measure_block(model, part, main.recordings, main.hidden, languages, wants, monitor, main.hidden.put)
            done = add_up_pass(done, group)
            measured = dict(done.measured)
            for need, measure in gradients.BY_BLOCK.items():
                if need in wants.needs:
                    measured[need] = measure(model, part, single.recordings, single.hidden, monitor)
            for guest in block.guests:
                name = guest.linear.name
                one = {need: {guest.name: by_name[name]} for need, by_name in measured.items() if name in by_name}
                stats = {guest.name: done.stats[name]} if name in done.stats else {}
                found[guest.home] = joined(found.get(guest.home, BlockPass({}, [])), BlockPass(stats, [], one))
        single.advance(block, monitor)
        weights.drop(block)
    main.hidden.finish()
    single.hidden.finish()
    return found


def joined(done: BlockPass, more: BlockPass | None) -> BlockPass:
    """A pass with the calls of another one; its outputs stay. Linears that share an input go on sharing what was measured."""
    if more is None:
        return done
    measured = {need: dict(by_name) for need, by_name in done.measured.items()}
    for need, by_name in more.measured.items():
        made: dict[tuple[int, int], Tensor] = {}
        own = measured.setdefault(need, {})
        for name, other in by_name.items():
            old = own.get(name)
            if (id(old), id(other)) not in made:
                made[id(old), id(other)] = other if old is None else JOINED[need](old, other)
            own[name] = made[id(old), id(other)]
    return BlockPass(together(done.stats, more.stats), done.outputs, measured)


def of(later: Later, block: DecoderBlock) -> BlockPass | None:
    """What other blocks' calls of a block's linears read (of a part of a block: of those it has)."""
    found, names = later.get(block.index), {linear.name for linear in block.linears}
    if found is None:
        return None
    measured = {need: {n: t for n, t in by_name.items() if n in names} for need, by_name in found.measured.items()}
    return BlockPass({name: stats for name, stats in found.stats.items() if name in names}, [], measured)


def mean_over_blocks(block: DecoderBlock, gradient: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Root mean squares over the blocks that call each linear, of squares that were added up."""
    calls = {linear.name: 1 + len(linear.elsewhere) for linear in block.linears}
    return {name: found if calls[name] == 1 else found / calls[name] ** 0.5 for name, found in gradient.items()}


def _side_by_side(one: Tensor, other: Tensor) -> Tensor:
    return torch.cat([one, other], dim=1)


JOINED: Mapping[Need, Callable[[Tensor, Tensor], Tensor]] = {
    Need.GRAM: torch.add,
    Need.SAMPLES: _side_by_side,
    Need.REGIONAL_GRADIENT: torch.hypot,
}
"""How what two calls gave is put together."""
