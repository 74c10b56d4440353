"""Run calibration tokens through the blocks and measure every distinct linear input on the way.

q, k and v read one tensor, gate and up read another: which linears share an input is found by watching one batch, and
each input is measured once.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mwanda_core.corpora import Packed
from mwanda_core.engine.meters import InputMeters, Wants, by_sequence, routed_tokens
from mwanda_core.engine.sources import RESIDENT, WeightSource
from mwanda_core.engine.streams import MEMORY, StateSource, stream
from mwanda_core.models import DecoderBlock, LanguageModel, PrunableLinear, Recording, TokenBatch
from mwanda_core.models.anatomy import among, expert_name
from mwanda_core.models.experts import routed
from mwanda_core.parts.needs import SUMS, Need
from mwanda_core.parts.statistics import InputStats
from mwanda_core.progress import Monitor

BlockStats = dict[str, InputStats]
"""Linear name -> statistics of its input; linears that share an input share the object."""

Hook = Callable[[nn.Module, Any], None]


@dataclasses.dataclass(frozen=True)
class _Watched:
    """One batch through a block: linears that read the same tensors -> those tensors, one a call, and the block's output.

    `intact` is False when the block wrote into one of the tensors after a linear had read it.
    """

    inputs: Mapping[tuple[str, ...], tuple[Tensor, ...]]
    output: Tensor
    intact: bool


def _watch(model: LanguageModel, block: DecoderBlock, recording: Recording, hidden: Tensor) -> _Watched:
    places: dict[tuple[int, ...], int] = {}
    reads: dict[str, tuple[int, ...]] = {}
    inputs: list[Tensor] = []  # Kept from being freed, so that no address is used twice.
    versions: list[int] = []

    def note(name: str) -> Hook:
        def hook(module: nn.Module, args: tuple[Tensor, ...]) -> None:
            x = args[0]
            key = (x.data_ptr(), *map(int, x.shape), *map(int, x.stride()))
            if key not in places:
                places[key] = len(inputs)
                inputs.append(x)
                versions.append(x._version)
            reads[name] = (*reads.get(name, ()), places[key])

        return hook

    with _hooked([linear for linear in block.called if not linear.among], note):
        output = model.replay(block, recording, hidden)
    intact = all(x._version == version for x, version in zip(inputs, versions, strict=True))
    groups: dict[tuple[int, ...], list[str]] = {}
    for name, seen in reads.items():
        groups.setdefault(seen, []).append(name)
    return _Watched({tuple(names): tuple(inputs[i] for i in seen) for seen, names in groups.items()}, output, intact)


def input_groups(
    model: LanguageModel, block: DecoderBlock, recording: Recording, hidden: Tensor
) -> tuple[tuple[str, ...], ...]:
    """Names of the linears of a block, grouped by the tensors they read, found by watching one batch."""
    return tuple(_watch(model, block, recording, hidden).inputs)


def stages(model: LanguageModel, block: DecoderBlock, recording: Recording, hidden: Tensor) -> tuple[tuple[str, ...], ...]:
    """Names of the linears of a block in the order in which it first reads them: those that read one tensor together, and all experts
    of a layer together; experts that the batch does not reach come with their layer, layers that it does not reach last."""
    order: list[str] = []

    def note(name: str) -> Hook:
        return lambda module, args: order.append(name)

    with (
        _hooked(block.called, note),
        routed(block.stacks, lambda name, number, x: order.append(expert_name(name, number))),
    ):
        model.replay(block, recording, hidden)
    together = {names[0]: names for names in input_groups(model, block, recording, hidden)}
    layers: dict[str, list[str]] = {}
    for linear in block.linears:
        if linear.among:
            layers.setdefault(linear.among, []).append(linear.name)
    followers = {name for names in together.values() for name in names[1:]}
    rest = (linear.name for linear in block.linears)
    found: dict[tuple[str, ...], None] = {}
    for name in (*order, *rest):
        if name not in followers:
            found.setdefault(tuple(layers[among(name)]) if among(name) else together.get(name, (name,)))
    return tuple(found)


@dataclasses.dataclass(frozen=True)
class BlockPass:
    """One pass of all batches through one block: its statistics, and the hidden states that leave it.

    measured: what was wanted beside the sums -> by linear name, shared where the input is.
    """

    stats: BlockStats
    outputs: list[Tensor]
    measured: Mapping[Need, Mapping[str, Tensor]] = dataclasses.field(default_factory=dict)


@torch.no_grad()
def measure_block(
    model: LanguageModel,
    block: DecoderBlock,
    recordings: Sequence[Recording],
    hidden: Sequence[Float[Tensor, "_ time hidden"]],
    languages: Sequence[str],
    wants: Wants,
    monitor: Monitor,
    send_on: Callable[[int, Tensor], None] | None = None,
) -> BlockPass:
    """Send all batches through a block; `hidden[i]` is what enters it for batch i.

    `send_on(i, output)` takes each batch's output at once (to drop it, or to overwrite `hidden[i]`): `outputs` is then empty,
    and no second copy of all hidden states is held.
    """
    widths = {linear.name: linear.weight.shape[1] for linear in block.linears}
    meters: dict[tuple[str, ...], InputMeters] = {}
    current: list[TokenBatch] = []

    def add(name: str) -> Hook:
        meter = next(meter for names, meter in meters.items() if names[0] == name)

        def hook(module: nn.Module, args: tuple[Tensor, ...]) -> None:
            meter.add(by_sequence(args[0], current[0].ids), current[0])

        return hook

    def add_routed(name: str, x: Tensor) -> None:
        if len(x):
            meters[(name,)].add(*routed_tokens(x, current[0]))

    def route(name: str) -> Hook:
        return lambda module, args: add_routed(name, args[0])

    # The first batch shows which linears share an input, and is measured on the same way.
    watched = _watch(model, block, recordings[0], hidden[0])
    for names in watched.inputs:
        meters[names] = InputMeters(languages, widths[names[0]], model.device, wants)
    experts = [linear for linear in block.linears if linear.among]
    meters |= {(linear.name,): InputMeters(languages, widths[linear.name], model.device, wants) for linear in experts}
    outputs: list[Tensor] = []
    put = send_on or (lambda index, output: outputs.append(output))
    # Experts are not watched, so where there are any, the first batch goes through again.
    if watched.intact and not experts:
        batch = recordings[0].batch
        for names, calls in watched.inputs.items():
            for x in calls:
                meters[names].add(by_sequence(x, batch.ids), batch)
        put(0, watched.output)
        monitor.advance(batch.num_tokens)
    start = int(watched.intact and not experts)
    firsts = [linear for linear in block.called if linear.name in {names[0] for names in watched.inputs}]
    del watched
    with (
        _hooked(firsts, add),
        _hooked([linear for linear in experts if not linear.stacked], route),
        routed(block.stacks, lambda name, number, x: add_routed(expert_name(name, number), x)),
    ):
        for index in range(start, len(recordings)):
            current[:] = [recordings[index].batch]
            put(index, model.replay(block, recordings[index], hidden[index]))
            monitor.advance(recordings[index].batch.num_tokens)
    return read_meters(meters, outputs)


def read_meters(meters: Mapping[tuple[str, ...], InputMeters], outputs: Sequence[Tensor] = ()) -> BlockPass:
    """What the meters of some inputs found, by the names of the linears that read them."""
    stats: BlockStats = {}
    measured: dict[Need, dict[str, Tensor]] = {}
    for names, meter in meters.items():
        stats |= dict.fromkeys(names, meter.sums.stats(names))
        for need, other in meter.others.items():
            measured.setdefault(need, {}).update(dict.fromkeys(names, other.result()))
    return BlockPass(stats, list(outputs), measured)


def measure_model(
    model: LanguageModel,
    packed: Packed,
    wants: frozenset[Need],
    monitor: Monitor,
    weights: WeightSource = RESIDENT,
    states: StateSource = MEMORY,
) -> tuple[BlockStats, ...]:
    """Statistics of every block of the model as it stands, in one pass of the tokens: of what is wanted, the sums alone.

    Raises ModelError for a model in memory whose blocks cannot be taken one by one.
    """
    if weights is RESIDENT:
        model.check_walks()
    tokens = stream(model, packed, states)
    found = []
    for block in model.blocks:
        monitor.begin(f"Measuring block {block.index + 1} of {len(model.blocks)}")
        weights.load(block)
        hidden = tokens.hidden
        done = measure_block(
            model, block.whole or block, tokens.recordings, hidden, packed.languages, Wants(wants & SUMS), monitor, hidden.put
        )
        found.append(done.stats)
        weights.drop(block)
    tokens.hidden.finish()
    return tuple(at_homes(model.blocks, found))


def at_homes(blocks: Sequence[DecoderBlock], found: Sequence[BlockStats]) -> list[BlockStats]:
    """Statistics of every block with those of its guests, as each block's linears: sums over all calls, in the home."""
    pairs = list(zip(blocks, found, strict=True))
    own = [{x.name: by_name[x.name] for x in block.linears if x.name in by_name} for block, by_name in pairs]
    for block, by_name in pairs:
        for home in {guest.home for guest in block.guests}:
            own[home] = together(own[home], as_at_home(block, home, by_name))
    return own


def as_at_home(block: DecoderBlock, home: int, stats: BlockStats) -> BlockStats:
    """What a block's guests of one home read, by their names there."""
    found: BlockStats = {}
    for guest in block.guests:
        if guest.home == home and guest.linear.name in stats:
            found = together(found, {guest.name: stats[guest.linear.name]})
    return found


def together(stats: BlockStats, more: BlockStats) -> BlockStats:
    """Statistics with the sums of further calls; linears that share an input in all calls go on sharing the object."""
    made: dict[tuple[int, int], InputStats] = {}
    found = dict(stats)
    for name, other in more.items():
        old = stats.get(name)
        key = id(old), id(other)
        made.setdefault(key, other if old is None else old + other)
        found[name] = made[key]
    return found


def with_weights(stats: tuple[BlockStats, ...], weights: Sequence[float] | None) -> tuple[BlockStats, ...]:
    """The same sums, of languages that weigh so much (None: all alike)."""
    if weights is None:
        return stats
    given, blocks = torch.tensor(weights, dtype=torch.float64), []
    for by_name in stats:
        made = {id(found): dataclasses.replace(found, weights=given) for found in by_name.values()}
        blocks.append({name: made[id(found)] for name, found in by_name.items()})
    return tuple(blocks)


@contextlib.contextmanager
def _hooked(linears: Iterable[PrunableLinear], make: Callable[[str], Hook]) -> Iterator[None]:
    """Puts a pre-hook on every module of the linears, made by the linear's name, and takes all of them off again."""
    handles = [module.register_forward_pre_hook(make(linear.name)) for linear in linears for module in linear.callers]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
