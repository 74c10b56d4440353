"""Run calibration tokens through the blocks and measure every distinct linear input on the way.

q, k and v read one tensor, gate and up read another: which linears share an input is found by watching one batch, and
each input is measured once.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.utils._pytree import tree_map

from mwanda_core.corpora import Packed
from mwanda_core.engine.meters import METERS
from mwanda_core.models import DecoderBlock, LanguageModel, Recording, TokenBatch
from mwanda_core.parts.needs import SUMS, Need
from mwanda_core.parts.statistics import Accumulator, InputStats
from mwanda_core.progress import Monitor

BlockStats = dict[str, InputStats]
"""Linear name -> statistics of its input; linears that share an input share the object."""

Hook = Callable[[nn.Module, Any], None]

BATCH_TOKENS = 2048
"""Tokens in one batch. Larger batches ran slower on a CPU (activations leave the cache) and gain little on a GPU."""


def batches(packed: Packed, batch_tokens: int = BATCH_TOKENS) -> Iterator[TokenBatch]:
    """The packed sequences in batches of about `batch_tokens` tokens; a batch may hold several languages."""
    size = max(1, batch_tokens // packed.ids.shape[1])
    for ids, rows in zip(packed.ids.split(size), packed.rows.split(size), strict=True):
        yield TokenBatch(ids, rows)


def record_all(model: LanguageModel, packed: Packed) -> list[Recording]:
    """Every batch as it enters the blocks."""
    return [model.record(batch) for batch in batches(packed)]


MOST_SHARED = 16
"""Tensors that further ones are compared with; a family has two masks and two rotary tables at most."""


def record_lean(model: LanguageModel, packed: Packed, batch_tokens: int = BATCH_TOKENS) -> Iterator[tuple[Recording, Tensor]]:
    """Every batch, and what enters the first block; the recording itself holds no hidden states, and masks and rotary
    tables that are equal in all batches (they depend on the length alone) are held once."""
    known: list[Tensor] = []
    for batch in batches(packed, batch_tokens):
        recording = model.record(batch)
        yield _sharing(recording, known), recording.hidden


def _sharing(recording: Recording, known: list[Tensor]) -> Recording:
    """The recording without hidden states, its other tensors replaced by equal ones among `known`, which grows."""
    seen: dict[int, Any] = {}  # One table serves many blocks: it is compared once.

    def once(value: Any) -> Any:
        if isinstance(value, Tensor) and id(value) not in seen:
            equal = [k for k in known if k.shape == value.shape and k.dtype == value.dtype and torch.equal(k, value)]
            if not equal and len(known) < MOST_SHARED:
                known.append(value)
            seen[id(value)] = equal[0] if equal else value
        return seen.get(id(value), value)

    calls = tuple(
        dataclasses.replace(call, args=tree_map(once, call.args), kwargs=tree_map(once, call.kwargs))
        for call in recording.calls
    )
    return dataclasses.replace(recording, calls=calls, hidden=recording.hidden[:0].clone())


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

    with _hooked({linear.name: linear.module for linear in block.linears}, note):
        output = model.replay(block, recording, hidden)
    intact = all(x._version == version for x, version in zip(inputs, versions, strict=True))
    return _Watched(tuple(tuple(names) for names in seen.values()), tuple(inputs), output, intact)


def input_groups(
    model: LanguageModel, block: DecoderBlock, recording: Recording, hidden: Tensor
) -> tuple[tuple[str, ...], ...]:
    """Names of the linears of a block, grouped by the tensor they read, found by watching one batch."""
    return _watch(model, block, recording, hidden).groups


@dataclasses.dataclass(frozen=True)
class Wants:
    """What to measure beside sums of squares. weights: of one token of each language in means over languages,
    w_l / tokens_l, for needs that take such a mean (a Gram matrix)."""

    needs: frozenset[Need] = frozenset()
    weights: Float[Tensor, " languages"] | None = None


@dataclasses.dataclass(frozen=True)
class BlockPass:
    """One pass of all batches through one block: its statistics, and the hidden states that leave it.

    measured: what was wanted beside the sums -> by linear name, shared where the input is.
    """

    stats: BlockStats
    outputs: list[Tensor]
    measured: Mapping[Need, Mapping[str, Tensor]] = dataclasses.field(default_factory=dict)


class InputMeters:
    """Everything measured at one distinct input of a block."""

    def __init__(self, languages: Sequence[str], width: int, device: torch.device, wants: Wants) -> None:
        self.sums = Accumulator(languages, width, device, wants.needs)
        self.others = {need: meter(width, device, wants.weights) for need, meter in METERS.items() if need in wants.needs}

    def add(self, x: Float[Tensor, "batch time in"], batch: TokenBatch) -> None:
        """One batch."""
        self.sums.add(x, batch.rows, batch.keep)
        for meter in self.others.values():
            meter.add(x, batch)


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
    modules = {linear.name: linear.module for linear in block.linears}
    widths = {linear.name: linear.weight.shape[1] for linear in block.linears}
    meters: dict[tuple[str, ...], InputMeters] = {}
    current: list[TokenBatch] = []

    def add(name: str) -> Hook:
        meter = next(meter for names, meter in meters.items() if names[0] == name)

        def hook(module: nn.Module, args: tuple[Tensor, ...]) -> None:
            meter.add(by_sequence(args[0], current[0].ids), current[0])

        return hook

    # The first batch shows which linears share an input, and is measured on the same way.
    watched = _watch(model, block, recordings[0], hidden[0])
    for names in watched.groups:
        meters[names] = InputMeters(languages, widths[names[0]], model.device, wants)
    outputs: list[Tensor] = []
    put = send_on or (lambda index, output: outputs.append(output))
    if watched.intact:
        batch = recordings[0].batch
        for meter, x in zip(meters.values(), watched.inputs, strict=True):
            meter.add(by_sequence(x, batch.ids), batch)
        put(0, watched.output)
        monitor.advance(batch.num_tokens)
    start = int(watched.intact)
    del watched
    with _hooked({names[0]: modules[names[0]] for names in meters}, add):
        for index in range(start, len(recordings)):
            current[:] = [recordings[index].batch]
            put(index, model.replay(block, recordings[index], hidden[index]))
            monitor.advance(recordings[index].batch.num_tokens)
    return _read_meters(meters, outputs)


def _read_meters(meters: Mapping[tuple[str, ...], InputMeters], outputs: list[Tensor]) -> BlockPass:
    stats: BlockStats = {}
    measured: dict[Need, dict[str, Tensor]] = {}
    for names, meter in meters.items():
        stats |= dict.fromkeys(names, meter.sums.stats(names))
        for need, other in meter.others.items():
            measured.setdefault(need, {}).update(dict.fromkeys(names, other.result()))
    return BlockPass(stats, outputs, measured)


@torch.no_grad()
def send_through(
    model: LanguageModel,
    block: DecoderBlock,
    recordings: Sequence[Recording],
    hidden: Sequence[Float[Tensor, "_ time hidden"]],
    monitor: Monitor,
) -> list[Tensor]:
    """The hidden states after a block, without measuring anything."""
    outputs = []
    for recording, entering in zip(recordings, hidden, strict=True):
        outputs.append(model.replay(block, recording, entering))
        monitor.advance(recording.batch.num_tokens)
    return outputs


def measure_model(model: LanguageModel, packed: Packed, wants: frozenset[Need], monitor: Monitor) -> tuple[BlockStats, ...]:
    """Statistics of every block of the model as it stands, in one pass of the tokens: of what is wanted, the sums alone."""
    recordings = record_all(model, packed)
    hidden = [recording.hidden for recording in recordings]
    found = []
    for block in model.blocks:
        monitor.begin(f"Measuring block {block.index + 1} of {len(model.blocks)}")
        done = measure_block(model, block, recordings, hidden, packed.languages, Wants(wants & SUMS), monitor)
        hidden = done.outputs
        found.append(done.stats)
    return tuple(found)


def by_sequence(x: Tensor, ids: Int[Tensor, "batch time"]) -> Float[Tensor, "batch time in"]:
    """Some families flatten batch and time before a linear (OPT); bring both axes back."""
    return x if x.dim() == 3 else x.view(*ids.shape, -1)


@contextlib.contextmanager
def _hooked(modules: Mapping[str, nn.Module], make: Callable[[str], Hook]) -> Iterator[None]:
    """Puts a pre-hook on every module named, and takes all of them off again."""
    handles = [module.register_forward_pre_hook(make(name)) for name, module in modules.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
