"""Run calibration tokens through the blocks and measure every distinct linear input on the way.

q, k and v read one tensor, gate and up read another: which linears share an input is found by watching one batch, and
each input is measured once.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mwanda_core.corpora import Packed
from mwanda_core.engine.meters import InputMeters, Wants, by_sequence, routed_tokens
from mwanda_core.engine.sources import RESIDENT, WeightSource
from mwanda_core.engine.streams import MEMORY, StateSource, stream
from mwanda_core.models import DecoderBlock, LanguageModel, Recording, TokenBatch
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
    """One batch through a block: the linears grouped by the tensor they read, those tensors, and the block's output.

    `intact` is False when the block wrote into one of the tensors after a linear had read it.
    """

    groups: tuple[tuple[str, ...], ...]
    inputs: tuple[Tensor, ...]
    output: Tensor
    intact: bool


def _watch(model: LanguageModel, block: DecoderBlock, recording: Recording, hidden: Tensor) -> _Watched:
    seen: dict[tuple[int, ...], list[str]] = {}
    inputs: list[Tensor] = []  # Kept from being freed, so that no address is used twice.
    versions: list[int] = []

    def note(name: str) -> Hook:
        def hook(module: nn.Module, args: tuple[Tensor, ...]) -> None:
            x = args[0]
            key = (x.data_ptr(), *map(int, x.shape), *map(int, x.stride()))
            if key not in seen:
                inputs.append(x)
                versions.append(x._version)
            seen.setdefault(key, []).append(name)

        return hook

    with _hooked({linear.name: linear.module for linear in block.called if not linear.among}, note):
        output = model.replay(block, recording, hidden)
    intact = all(x._version == version for x, version in zip(inputs, versions, strict=True))
    return _Watched(tuple(tuple(names) for names in seen.values()), tuple(inputs), output, intact)


def input_groups(
    model: LanguageModel, block: DecoderBlock, recording: Recording, hidden: Tensor
) -> tuple[tuple[str, ...], ...]:
    """Names of the linears of a block, grouped by the tensor they read, found by watching one batch."""
    return _watch(model, block, recording, hidden).groups


def stages(model: LanguageModel, block: DecoderBlock, recording: Recording, hidden: Tensor) -> tuple[tuple[str, ...], ...]:
    """Names of the linears of a block in the order in which it first reads them: those that read one tensor together, and all experts
    of a layer together; experts that the batch does not reach come with their layer, layers that it does not reach last."""
    order: list[str] = []

    def note(name: str) -> Hook:
        return lambda module, args: order.append(name)

    with (
        _hooked({linear.name: linear.module for linear in block.called}, note),
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
    modules = {linear.name: linear.module for linear in block.called}
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
    for names in watched.groups:
        meters[names] = InputMeters(languages, widths[names[0]], model.device, wants)
    experts = [linear for linear in block.linears if linear.among]
    meters |= {(linear.name,): InputMeters(languages, widths[linear.name], model.device, wants) for linear in experts}
    outputs: list[Tensor] = []
    put = send_on or (lambda index, output: outputs.append(output))
    # Experts are not watched, so where there are any, the first batch goes through again.
    if watched.intact and not experts:
        batch = recordings[0].batch
        # A linear that is called twice (Gemma 3n's router) has one meter and two inputs.
        for names, x in zip(watched.groups, watched.inputs, strict=True):
            meters[names].add(by_sequence(x, batch.ids), batch)
        put(0, watched.output)
        monitor.advance(batch.num_tokens)
    start = int(watched.intact and not experts)
    firsts = [names[0] for names in watched.groups]
    del watched
    with (
        _hooked({name: modules[name] for name in firsts}, add),
        _hooked({linear.name: linear.module for linear in experts if not linear.stacked}, route),
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
            model, block, tokens.recordings, hidden, packed.languages, Wants(wants & SUMS), monitor, hidden.put
        )
        found.append(done.stats)
        weights.drop(block)
    tokens.hidden.finish()
    return tuple(found)


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
def _hooked(modules: Mapping[str, nn.Module], make: Callable[[str], Hook]) -> Iterator[None]:
    """Puts a pre-hook on every module named, and takes all of them off again."""
    handles = [module.register_forward_pre_hook(make(name)) for name, module in modules.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
