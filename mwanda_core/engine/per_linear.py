"""The per-linear walk: each linear is scored and pruned at the moment its input arrives.

    for each block, for each linear in the order in which the block calls them:
        its input, computed through every pruned linear before it, is measured over all calibration tokens; it is pruned;
        the tokens go on through it

The published walk sends the tokens through a block twice: once to measure the dense block, once through the pruned one.
Here every weight is multiplied once, and a linear is fitted to the input it will really see, as in GPTQ's "true
sequential" order. The calibration set goes through in cache-sized chunks (one batch of everything is half as fast on a
CPU); chunks wait at each linear for each other (`relay`). Linears that read one tensor are measured once.

The price is memory: while chunks wait, what their block has computed so far is alive for all tokens.
"""

import dataclasses
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor, nn

from mwanda_core.corpora import Packed
from mwanda_core.engine.group import Group, add_up_pass
from mwanda_core.engine.ledger import Ledger
from mwanda_core.engine.measure import BlockStats, read_meters
from mwanda_core.engine.meters import InputMeters, Wants, by_sequence
from mwanda_core.engine.plan import evidence_of
from mwanda_core.engine.relay import Relay
from mwanda_core.engine.streams import BATCH_TOKENS, Stream
from mwanda_core.errors import InputError
from mwanda_core.models import DecoderBlock, PrunableLinear
from mwanda_core.parts.needs import Need
from mwanda_core.progress import Monitor

MAX_CHUNKS = 256
"""A thread each; with more tokens than fit, chunks grow."""


def chunk_tokens(calibration: Packed) -> int:
    """Tokens of a chunk: what a core's cache likes, unless that would make too many threads."""
    return max(BATCH_TOKENS, -(-calibration.num_tokens // MAX_CHUNKS))


@dataclasses.dataclass
class Visit:
    """One block. Chunk 0 goes first: where it meets a linear whose input is new, it waits and so will all others; where
    it meets one whose input was measured before (k after q), it prunes that one at once and nobody waits."""

    block: DecoderBlock
    stream: Stream
    languages: tuple[str, ...]
    wants: Wants
    ledger: Ledger
    dense: Mapping[Need, Any]
    relay: Relay
    group: Group
    monitor: Monitor

    def __post_init__(self) -> None:
        self.stats: BlockStats = {}
        self._done: set[str] = set()
        self._waiting: list[str] = []
        self._measured: dict[str, Mapping[Need, Mapping[str, Tensor]]] = {}
        self._meters: InputMeters | None = None
        self._read: list[tuple[weakref.ref[Tensor], int, str]] = []
        self._groups: dict[str, list[str]] = {}

    def walk(self) -> BlockStats:
        """Prune the block and send the stream on through it; what its masks were cut from.

        Raises InputError when tokens take different ways through the block (experts chosen by a router), or none reaches a linear.
        """
        model, recordings, hidden = self.stream.model, self.stream.recordings, self.stream.hidden

        def work(index: int) -> None:
            hidden.put(index, model.replay(self.block, recordings[index], hidden[index]))
            self.monitor.advance(recordings[index].batch.num_tokens)

        handles = [linear.module.register_forward_pre_hook(self._hook(linear)) for linear in self.block.linears]
        try:
            self.relay.run(work, self._cut_waiting)
        finally:
            for handle in handles:
                handle.remove()
        if len(self._done) < len(self.block.linears):
            missing = next(linear for linear in self.block.linears if linear.name not in self._done)
            raise InputError(
                f"No calibration token reached {self.block.full_name(missing)}, so the per-linear walk cannot prune it: choose the "
                "sequential mode."
            )
        self._settle()
        return self.stats

    def _hook(self, linear: PrunableLinear) -> Callable[[nn.Module, Any], None]:
        def arrive(module: nn.Module, args: tuple[Tensor, ...]) -> None:
            if linear.name in self._done:
                return
            index = self.relay.current
            leader = self._leader(args[0]) if index == 0 else None
            if leader is not None:
                self._cut(linear, leader)
                return
            if index == 0:
                self._read.append((weakref.ref(args[0]), args[0]._version, linear.name))
                self._meters = InputMeters(self.languages, args[0].shape[-1], args[0].device, self.wants)
            batch = self.stream.recordings[index].batch
            assert self._meters is not None
            self._waiting.append(linear.name)
            if self._waiting[0] == linear.name:
                self._meters.add(by_sequence(args[0], batch.ids), batch)
            self.relay.pause()

        return arrive

    def _leader(self, x: Tensor) -> str | None:
        """The linear that was measured on this very tensor, which nothing has written into since."""
        for reference, version, name in self._read:
            known = reference()
            if known is None or known._version != version:
                continue
            same_place = known.data_ptr() == x.data_ptr() and known.shape == x.shape and known.stride() == x.stride()
            if known is x or same_place:
                return name
        return None

    def _cut_waiting(self) -> None:
        """Every chunk has arrived: the sums are complete."""
        names, self._waiting = self._waiting, []
        if set(names) != {names[0]} or len(names) != len(self.stream.recordings):
            raise InputError(
                f"Tokens take different ways through {self.block.path} (experts chosen by a router?), so the per-linear walk "
                "cannot measure all of them at one point: choose the sequential mode."
            )
        assert self._meters is not None
        linear = next(linear for linear in self.block.linears if linear.name == names[0])
        done = add_up_pass(read_meters({(linear.name,): self._meters}), self.group)
        self.stats[linear.name], self._measured[linear.name] = done.stats[linear.name], done.measured
        self._cut(linear, linear.name)

    def _cut(self, linear: PrunableLinear, leader: str) -> None:
        stats = self.stats[leader]
        self.stats[linear.name] = stats
        self._groups.setdefault(leader, []).append(linear.name)
        alone_in_block = dataclasses.replace(self.block, linears=(linear,))
        # What was measured at the leader's input is this linear's, too.
        measured = {need: {linear.name: by_name[leader]} for need, by_name in self._measured[leader].items()}
        found = evidence_of(self.ledger.recipe, alone_in_block, {linear.name: stats}, measured, self.dense)
        self.ledger.cut(self.block, linear, found.linears[linear.name])
        self._done.add(linear.name)
        work = self.ledger.recipe.solver.effort * sum(recording.batch.num_tokens for recording in self.stream.recordings)
        self.monitor.advance(work / len(self.block.linears))

    def _settle(self) -> None:
        """Statistics that name all their linears, and outcomes in the order of the other walks."""
        for leader, names in self._groups.items():
            shared = dataclasses.replace(self.stats[leader], modules=tuple(names))
            self.stats |= dict.fromkeys(names, shared)
        self.ledger.in_order(self.block)
