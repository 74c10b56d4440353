"""The one walk over the blocks: every method, every pattern, whatever holds the weights, the hidden states and the sums.

for each block:   its weights are brought;  it is measured, repaired, cut;  the tokens go on;  its weights are dropped

sequential   a block's statistics are taken on the outputs of the already pruned blocks (Wanda's walk)
per-linear   linear by linear, each behind all pruned ones before it (`engine.per_linear`; where a router sends tokens different
             ways, or several calls read one linear, by a pass for each input)
one-pass     on the dense model; statistics that were kept cost no forward pass at all

A parameter that several blocks call is cut in the first of them, by what all of them read (`engine.later`).

weights         resident, or from a disk         `sources.WeightSource`
hidden states   in memory, or waiting elsewhere  `streams.StateSource`
sums            alone, or of a group             `group.Group`
what is cut     scored, protected, repaired, written down  `ledger.Ledger`
"""

import contextlib
import dataclasses
import functools
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine import experts, gradients, later
from mwanda_core.engine.distil import as_dense
from mwanda_core.engine.group import Alone, Group, add_up_pass, share_of
from mwanda_core.engine.ledger import Ledger
from mwanda_core.engine.measure import BlockPass, BlockStats, measure_block, stages
from mwanda_core.engine.meters import Wants
from mwanda_core.engine.outcome import Mode
from mwanda_core.engine.per_linear import Visit, chunk_tokens
from mwanda_core.engine.plan import SINGLE, evidence_of, passes, sampled, token_counts
from mwanda_core.engine.relay import Relay
from mwanda_core.engine.sources import RESIDENT, WeightSource
from mwanda_core.engine.streams import BATCH_TOKENS, MEMORY, StateSource, Stream, no_stream, stream
from mwanda_core.methods.composition import Recipe
from mwanda_core.models import DecoderBlock, LanguageModel
from mwanda_core.parts.evidence import BlockEvidence
from mwanda_core.parts.needs import Need, Sample
from mwanda_core.progress import Monitor


@dataclasses.dataclass(frozen=True)
class Walk:
    """What a walk goes over, and with what.

    calibration: all tokens, of which this process takes its share. stats, dense: what was measured of the dense model before;
    the statistics are what is cut from where the walk measures nothing itself.
    """

    model: LanguageModel
    calibration: Packed
    ledger: Ledger
    mode: Mode
    monitor: Monitor
    stats: tuple[BlockStats, ...] | None = None
    dense: Mapping[Need, Any] = dataclasses.field(default_factory=dict)
    weights: WeightSource = RESIDENT
    states: StateSource = MEMORY
    group: Group = dataclasses.field(default_factory=Alone)

    @property
    def recipe(self) -> Recipe:
        """What is done to every block."""
        return self.ledger.recipe

    def blocks(self) -> Iterator[BlockStats]:
        """Prune one block after the other; each time, what its masks were cut from. Blocks that an earlier job has pruned are
        passed through and give nothing."""
        _ = self._later  # Measured on the dense model: before the first cut.
        main, single = self._streams()
        with self._relay(main) as relay:
            for block in self.model.blocks:
                self.monitor.begin(f"Pruning block {block.index + 1} of {len(self.model.blocks)}")
                found = None
                if not self.weights.resume(block):
                    self.weights.load(block)
                    if relay is None:
                        found = self._whole(block, main, single)
                    elif block.routes or any(linear.shared for linear in block.linears):
                        found = self._stage_by_stage(block, main)
                    else:
                        found = self._linear_by_linear(block, main, relay)
                    if block.routes:
                        self.ledger.lacking[block.index] = experts.lacking(block, found)
                    self.weights.store(block, self.ledger)
                # Nothing reads what leaves the last block.
                if self.mode == "sequential" and block.index + 1 < len(self.model.blocks):
                    main.advance(block, self.monitor)
                    single.advance(block, self.monitor)
                self.weights.drop(block)
                if found is not None:
                    yield found
        main.hidden.finish()
        single.hidden.finish()

    @functools.cached_property
    def _later(self) -> later.Later:
        """What blocks other than their homes read through linears that they share; nothing where the statistics given hold it."""
        if not self._own_walk:
            return {}
        streams = functools.partial(self._streams, " of later calls")
        return later.later_calls(
            self.model, streams, self.calibration.languages, self.wants, self.monitor, self.weights, self.group
        )

    @property
    def _own_walk(self) -> bool:
        return passes(self.recipe, self.mode, self.stats is not None).own_walk

    def _streams(self, named: str = "") -> tuple[Stream, Stream]:
        """All tokens, where the walk measures for itself, and single sequences, where the recipe wants them."""
        main = single = no_stream(self.model)
        if self._own_walk:
            mine = share_of(self.calibration, self.group)
            size = chunk_tokens(mine) if self.mode == "per-linear" else BATCH_TOKENS
            main = stream(self.model, mine, self.states, size, f"batch{named}")
        if self.recipe.needs & SINGLE:
            single = stream(self.model, sampled(self.calibration, Sample.FEW), self.states, 1, f"sequence{named}")
        return main, single

    def _relay(self, main: Stream) -> contextlib.AbstractContextManager[Relay | None]:
        return Relay(len(main.recordings)) if self.mode == "per-linear" else contextlib.nullcontext()

    @torch.no_grad()
    def _whole(self, block: DecoderBlock, main: Stream, single: Stream) -> BlockStats:
        """Measure, repair and cut one block."""
        # Of the dense model, in one pass: what an earlier block has cut of the linears that this one calls, too, is dense meanwhile.
        guests = {guest.full: guest.linear for guest in block.guests} if self.mode == "one-pass" else {}
        with as_dense(self.ledger, guests):
            done = self._measure(block, main)
            measured: dict[Need, Mapping[str, Tensor]] = dict(done.measured)
            for need, measure in gradients.BY_BLOCK.items():
                if need in self.recipe.needs:
                    own = {need: measure(self.model, block, single.recordings, single.hidden, self.monitor)}
                    whole = later.joined(BlockPass({}, [], own), later.of(self._later, block)).measured[need]
                    measured[need] = later.mean_over_blocks(block, whole)
            # What enters the block is held for the repair: in one pass the sequences go on before it, through the dense block.
            entering = list(single.hidden) if self.ledger.repairs else []
            if self.mode == "one-pass" and block.index + 1 < len(self.model.blocks):
                single.advance(block, self.monitor)

        def evidence() -> BlockEvidence:
            return evidence_of(self.recipe, block, done.stats, measured, self.dense)

        self.ledger.repair(self.model, block, evidence, single.recordings, entering, self.monitor)
        self._cut(block, evidence())
        return done.stats

    def _cut(self, block: DecoderBlock, evidence: BlockEvidence) -> None:
        for linear in block.linears:
            self.ledger.cut(block, linear, evidence.linears[linear.name])
            self.monitor.advance(self.recipe.solver.effort * self._num_tokens / len(block.linears))

    @torch.no_grad()
    def _linear_by_linear(self, block: DecoderBlock, main: Stream, relay: Relay) -> BlockStats:
        visit = Visit(
            block, main, self.calibration.languages, self.wants, self.ledger, self.dense, relay, self.group, self.monitor
        )
        return visit.walk()

    @torch.no_grad()
    def _stage_by_stage(self, block: DecoderBlock, main: Stream) -> BlockStats:
        """Linear by linear where a router sends tokens different ways, so that they cannot wait for each other, or where several calls read
        one linear: whatever reads one input, and each layer of experts, is measured by a pass of its own behind all that was cut before."""
        found: BlockStats = {}
        for stage in stages(self.model, block, main.recordings[0], main.hidden[0]):
            part = block.only(stage)
            done = self._measure(part, main)
            found |= done.stats
            self._cut(part, evidence_of(self.recipe, part, done.stats, done.measured, self.dense))
        self.ledger.in_order(block)
        if block.index + 1 < len(self.model.blocks):
            main.advance(block, self.monitor)
        return found

    def _measure(self, block: DecoderBlock, main: Stream) -> BlockPass:
        """In one pass the dense block's outputs go on; otherwise the tokens will go on through the pruned block."""
        if not main.recordings:
            assert self.stats is not None
            return BlockPass(self.stats[block.index], [])
        send_on = main.hidden.put if self.mode == "one-pass" else _forget
        done = measure_block(
            self.model, block, main.recordings, main.hidden, self.calibration.languages, self.wants, self.monitor, send_on
        )
        return later.joined(add_up_pass(done, self.group), later.of(self._later, block))

    @property
    def _num_tokens(self) -> int:
        return share_of(self.calibration, self.group).num_tokens

    @property
    def wants(self) -> Wants:
        """What is measured at every input. Weights are of all tokens, so that sums over a group need no others."""
        weights = None
        if Need.GRAM in self.recipe.needs:
            each = self.recipe.activation.weights(token_counts(self.calibration.languages, self.calibration.weights))
            weights = each.float() / self.calibration.tokens_by_language
        return Wants(self.recipe.needs, weights, self.calibration.weights)


def _forget(index: int, output: Tensor) -> None:
    """The dense block's output is not needed."""
