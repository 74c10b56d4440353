"""Tokens on their way through the blocks: how the model calls every block with them, and the hidden states between blocks.

in memory          a tensor a batch
waiting elsewhere  in pinned memory or in a file, fetched ahead (`onload.states`)
"""

import abc
import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import torch
from jaxtyping import Float
from torch import Tensor
from torch.utils._pytree import tree_map

from mwanda_core.corpora import Packed
from mwanda_core.models import DecoderBlock, LanguageModel, Recording, TokenBatch
from mwanda_core.progress import Monitor

BATCH_TOKENS = 2048
"""Tokens in one batch. Larger batches ran slower on a CPU (activations leave the cache) and gain little on a GPU."""


def batches(packed: Packed, batch_tokens: int = BATCH_TOKENS, apart: bool = False) -> Iterator[TokenBatch]:
    """The packed sequences in batches of about `batch_tokens` tokens; a batch may hold several languages, unless they are to be kept
    apart: behind a router it is no longer known which token was whose."""
    size = max(1, batch_tokens // packed.ids.shape[1])
    runs = torch.unique_consecutive(packed.rows, return_counts=True)[1].tolist() if apart else [len(packed.rows)]
    for all_ids, all_rows in zip(packed.ids.split(runs), packed.rows.split(runs), strict=True):
        for ids, rows in zip(all_ids.split(size), all_rows.split(size), strict=True):
            yield TokenBatch(ids, rows)


def record_all(model: LanguageModel, packed: Packed) -> list[Recording]:
    """Every batch as it enters the blocks."""
    return [model.record(batch) for batch in batches(packed, apart=model.routes)]


MOST_SHARED = 16
"""Tensors that further ones are compared with; a family has two masks and two rotary tables at most."""


def record_lean(model: LanguageModel, packed: Packed, batch_tokens: int = BATCH_TOKENS) -> Iterator[tuple[Recording, Tensor]]:
    """Every batch, and what enters the first block; the recording itself holds no hidden states, and masks and rotary
    tables that are equal in all batches (they depend on the length alone) are held once."""
    known: list[Tensor] = []
    for batch in batches(packed, batch_tokens, model.routes):
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


class HiddenStates(Sequence[Tensor]):
    """What enters the next block, batch by batch; writing overwrites."""

    @abc.abstractmethod
    def put(self, index: int, value: Tensor) -> None:
        """Overwrite one batch."""

    @abc.abstractmethod
    def finish(self) -> None:
        """Return when everything written is there."""


class InMemory(HiddenStates):
    """A tensor a batch, as the model made it."""

    def __init__(self, batches: Iterable[Tensor]) -> None:
        self._batches = list(batches)

    def __len__(self) -> int:
        return len(self._batches)

    @overload
    def __getitem__(self, index: int) -> Tensor: ...
    @overload
    def __getitem__(self, index: slice) -> list[Tensor]: ...
    def __getitem__(self, index: int | slice) -> Tensor | list[Tensor]:
        return self._batches[index]

    def put(self, index: int, value: Tensor) -> None:
        self._batches[index] = value

    def finish(self) -> None:
        """Nothing is under way."""


class StateSource(abc.ABC):
    """Makes the place where hidden states wait between blocks."""

    @abc.abstractmethod
    def keep(self, batches: Iterable[Tensor], name: str) -> HiddenStates:
        """Put batches down one after the other, under a name that no other states of the job have."""


class Memory(StateSource):
    """They stay where the model made them."""

    def keep(self, batches: Iterable[Tensor], name: str) -> HiddenStates:
        return InMemory(batches)


MEMORY = Memory()


@dataclasses.dataclass(frozen=True)
class Stream:
    """Batches, and what enters the next block for each."""

    model: LanguageModel
    recordings: Sequence[Recording]
    hidden: HiddenStates

    @torch.no_grad()
    def advance(self, block: DecoderBlock, monitor: Monitor) -> None:
        """Through a block as it stands now, without measuring anything."""
        for index, recording in enumerate(self.recordings):
            self.hidden.put(index, self.model.replay(block, recording, self.hidden[index]))
            monitor.advance(recording.batch.num_tokens)


def stream(
    model: LanguageModel, packed: Packed, states: StateSource, batch_tokens: int = BATCH_TOKENS, name: str = "batch"
) -> Stream:
    """All tokens, as they enter the first block. `batch_tokens` 1: one sequence a batch."""
    recordings: list[Recording] = []

    def entering() -> Iterator[Tensor]:
        for recording, hidden in record_lean(model, packed, batch_tokens):
            recordings.append(recording)
            yield hidden

    hidden = states.keep(entering(), name)
    return Stream(model, recordings, hidden)


def no_stream(model: LanguageModel) -> Stream:
    """Nothing on its way."""
    return Stream(model, (), InMemory(()))
