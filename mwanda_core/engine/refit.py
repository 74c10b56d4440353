"""Kept weights fitted again once every mask is there, linear by linear in the order of the walk.

for each block:   the dense tokens go through it as it was, and leave what every linear read;
                  the pruned tokens go through it as it is: at each new input all wait, its linears are fitted to what the dense ones gave
                  (`methods.repair`), and the tokens go on through the new weights

So the inputs of a fit are those that the finished model will see, and its aim holds nothing of the errors before it. A fit is
judged on languages that it did not see; one language alone is parted into halves of its text. Experts behind a router stay as they are: in the two
models they read different tokens. A linear that is called several times, by several blocks even, is fitted once, at its last call, by what all of them read.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from mwanda_core.corpora import Packed
from mwanda_core.engine.distil import as_dense
from mwanda_core.engine.ledger import Ledger
from mwanda_core.engine.measure import input_groups
from mwanda_core.engine.meters import by_sequence
from mwanda_core.engine.per_linear import chunk_tokens
from mwanda_core.engine.plan import token_counts
from mwanda_core.engine.relay import Relay
from mwanda_core.engine.streams import MEMORY, Stream, stream
from mwanda_core.errors import InputError
from mwanda_core.methods.repair import LinearTask, Refit
from mwanda_core.models import DecoderBlock, LanguageModel
from mwanda_core.parts.masks import unpack
from mwanda_core.progress import Monitor

MOST_FOLDS = 4
"""Parts that languages are left out in: a fit of the judged rows each. Fewer languages are nearer to what an unseen one meets."""

SUMS_BYTES = 2**30
"""Two matrices a group at an input may take this much before languages of a fold are judged together."""

JUDGED_ROWS = 64
"""Outputs of a linear that languages are judged by, spread evenly: enough to tell one pull from another, at a fraction of a fit's work."""


@dataclasses.dataclass(frozen=True)
class Folds:
    """names[g]: the languages of group g, or "part g of the text". of[n]: the group of sequence n; weights[n]: of one of its tokens.
    folds[f]: the groups left out together."""

    names: tuple[str, ...]
    of: Int[Tensor, " sequences"]
    weights: Float[Tensor, " sequences"]
    folds: tuple[tuple[int, ...], ...]

    def at(self, width: int) -> "Folds":
        """The same for an input of this width, where a matrix a group must fit into memory: else a group a fold."""
        if len(self.names) * 2 * 4 * width**2 <= SUMS_BYTES or len(self.names) <= len(self.folds):
            return self
        fold_of = {group: f for f, fold in enumerate(self.folds) for group in fold}
        names = tuple(", ".join(self.names[group] for group in fold) for fold in self.folds)
        of = torch.tensor([fold_of[group] for group in range(len(self.names))])[self.of]
        return Folds(names, of, self.weights, tuple((f,) for f in range(len(self.folds))))


def folds_of(calibration: Packed, weights: Float[Tensor, " languages"]) -> Folds:
    """A group a language, dealt out to up to `MOST_FOLDS` folds in alphabetical order; halves of the text where a single one counts."""
    counted = sorted(code for code, weight in zip(calibration.languages, weights.tolist(), strict=True) if weight > 0)
    each = (weights.float() / calibration.tokens_per_language)[calibration.rows]
    if len(counted) > 1:
        count = min(MOST_FOLDS, len(counted))
        places = [counted.index(code) if code in counted else 0 for code in calibration.languages]
        folds = tuple(tuple(range(f, len(counted), count)) for f in range(count))
        return Folds(tuple(counted), torch.tensor(places)[calibration.rows], each, folds)
    mine = calibration.rows == calibration.languages.index(counted[0])
    total = int(mine.sum())
    halves = ((mine.cumsum(dim=0) - 1).clamp_min(0) * 2 // total).clamp_max(total - 1)
    names = ("first half", "second half")[: min(2, total)]
    return Folds(names, halves, each, tuple((g,) for g in range(len(names))))


def refit(model: LanguageModel, calibration: Packed, ledger: Ledger, monitor: Monitor) -> tuple[str, ...]:
    """Give the kept weights of every block new values; what a reader should know, one sentence each.

    Raises Cancelled when stopped, with the model between two blocks or in one: the ledger undoes it.
    """
    repair = ledger.recipe.repair.refit
    if repair is None:
        return ()
    folds = folds_of(calibration, ledger.recipe.activation.weights(token_counts(calibration.languages)).cpu())
    dense, pruned = (stream(model, calibration, MEMORY, chunk_tokens(calibration), name) for name in ("dense", "pruned"))
    last = {name: block.index for block in model.blocks for name in block.held}
    pending: dict[str, _Sums] = {}
    with Relay(len(pruned.recordings)) as relay:
        for block in model.blocks:
            monitor.begin(f"Repairing block {block.index + 1} of {len(model.blocks)}")
            ends = frozenset(name for name in block.held if last[name] == block.index)
            _Visit(block, dense, pruned, folds, ledger, repair, relay, monitor, ends, pending).walk()
    return _notes(ledger, folds)


def _notes(ledger: Ledger, folds: Folds) -> tuple[str, ...]:
    repaired = sum(outcome.note.startswith("repaired") for outcome in ledger.linears)
    layers = len(ledger.linears)
    if "first half" in folds.names:
        return (
            f"{repaired} of {layers} linear layers were repaired. With one language there is none to leave out: how strongly was judged on "
            "halves of its text, and what it costs other languages was not looked at.",
        )
    return (f"{repaired} of {layers} linear layers were repaired, as strongly as harmed no language that was left out.",)


@dataclasses.dataclass
class _Visit:
    """One block. ends: full names of linears that no later block calls; pending: sums of those that one does, by full name."""

    block: DecoderBlock
    dense: Stream
    pruned: Stream
    folds: Folds
    ledger: Ledger
    repair: Refit
    relay: Relay
    monitor: Monitor
    ends: frozenset[str]
    pending: "dict[str, _Sums]"

    def __post_init__(self) -> None:
        held = self.block.whole or self.block
        self._linears = {linear.name: linear for linear in held.called if not linear.among}
        self._fulls = {linear.name: full for full, linear in self.block.held.items()}
        self._homes = {linear.name: (self.block.index, linear.name) for linear in self.block.linears}
        self._homes |= {guest.linear.name: (guest.home, guest.name) for guest in self.block.guests}
        sizes = [len(recording.batch.ids) for recording in self.dense.recordings]
        ends = torch.tensor(sizes).cumsum(dim=0).tolist()
        self._places = [slice(end - size, end) for size, end in zip(sizes, ends, strict=True)]
        self._seen: dict[tuple[str, int], list[Tensor]] = {}
        self._waiting: list[str] = []
        self._left: dict[str, int] = {}
        self._sums: _Sums | None = None

    @torch.no_grad()
    def walk(self) -> None:
        """Fit the block, and send both streams on through it."""
        with self._as_it_was():
            held = self.block.whole or self.block
            found = input_groups(self.dense.model, held, self.dense.recordings[0], self.dense.hidden[0])
            self._groups = {name: (name,) for name in self._linears if self._alone(name)}
            rest = (tuple(name for name in names if name not in self._groups) for names in found)
            self._groups |= {names[0]: names for names in rest if names}
            with self._hooked(self._keep):
                self._send(self.dense)
        self._left = {name: len(calls) for (name, index), calls in self._seen.items() if index == 0}
        with self._hooked(self._arrive):
            self.relay.run(lambda index: self._through(self.pruned, index), self._fit_waiting)

    def _alone(self, name: str) -> bool:
        """Whether other calls than one of this block read a linear: it then has sums of its own."""
        linear, full = self._linears[name], self._fulls[name]
        return linear.shared or full != self.block.full_name(linear)

    def _through(self, tokens: Stream, index: int) -> None:
        self.relay_index = index
        recording = tokens.recordings[index]
        tokens.hidden.put(index, tokens.model.replay(self.block, recording, tokens.hidden[index]))
        self.monitor.advance(recording.batch.num_tokens)

    def _send(self, tokens: Stream) -> None:
        for index in range(len(tokens.recordings)):
            self._through(tokens, index)

    @contextlib.contextmanager
    def _as_it_was(self) -> Iterator[None]:
        """Inside, the block's weights are the dense ones."""
        with as_dense(self.ledger, self.block.held):
            yield

    @contextlib.contextmanager
    def _hooked(self, take: Callable[[str, Tensor], None]) -> Iterator[None]:
        """Inside, the first linear at every distinct input gives it away."""

        def hook(name: str) -> Callable[[nn.Module, Any], None]:
            return lambda module, args: take(name, args[0])

        handles = [
            module.register_forward_pre_hook(hook(name)) for name in self._groups for module in self._linears[name].callers
        ]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _keep(self, name: str, x: Tensor) -> None:
        self._seen.setdefault((name, self.relay_index), []).append(x.clone())  # A block may write into what a linear has read.

    def _arrive(self, name: str, x: Tensor) -> None:
        index = self.relay.current
        if self._sums is None:
            known = self.pending.pop(self._fulls[name], None)
            self._sums = known or _Sums([self._before(reader) for reader in self._groups[name]], self.folds)
        was = self._seen[name, index].pop(0)
        self._sums.add(self._rows(was, index), self._rows(x, index), self._places[index])
        self._waiting.append(name)
        self.relay.pause()

    def _rows(self, x: Tensor, index: int) -> Float[Tensor, "batch rows in"]:
        return by_sequence(x, self.dense.recordings[index].batch.ids)

    def _before(self, name: str) -> Float[Tensor, "out in"]:
        return self.ledger.dense.before(self._fulls[name], self._linears[name])

    def _fit_waiting(self) -> None:
        """Every chunk has arrived at one input."""
        names, self._waiting = self._waiting, []
        if set(names) != {names[0]} or self._sums is None:
            raise InputError(
                f"Tokens take different ways through {self.block.path}, so its kept weights cannot be fitted again: choose a method "
                "without repair."
            )
        sums, self._sums = self._sums, None
        self._left[names[0]] -= 1
        if self._left[names[0]] or self._fulls[names[0]] not in self.ends:
            self.pending[self._fulls[names[0]]] = sums  # Not its last call.
            return
        tokens = sum(recording.batch.num_tokens for recording in self.pruned.recordings)
        size = sum(linear.weight.numel() for linear in self._linears.values())
        for place, name in enumerate(self._groups[names[0]]):
            linear = self._linears[name]
            full = self._fulls[name]
            keep = unpack(self.ledger.masks[full], tuple(linear.weight.shape)).to(linear.weight.device)
            self.ledger.refit(full, self._homes[name], linear, self.repair.fit(sums.task(place, linear.weight, keep)))
            self.monitor.advance(self.repair.effort * tokens * linear.weight.numel() / size)


class _Sums:
    """What is summed over all tokens at one input: products of its channels, by group."""

    def __init__(self, dense: Sequence[Tensor], folds: Folds) -> None:
        width, device = dense[0].shape[1], dense[0].device
        folds = folds.at(width)
        self._dense = [weight.float() for weight in dense]
        self._rows = [torch.linspace(0, len(w) - 1, min(JUDGED_ROWS, len(w)), device=device).round().long() for w in dense]
        self._judged = torch.cat([weight[rows] for weight, rows in zip(self._dense, self._rows, strict=True)])
        self._folds, self._roots = folds, folds.weights.sqrt().to(device)
        self.gram, self.cross = (torch.zeros(len(folds.names), width, width, device=device) for _ in range(2))
        self.energy = torch.zeros(len(folds.names), len(self._judged), dtype=torch.float64, device=device)

    def add(self, dense: Float[Tensor, "batch rows in"], pruned: Float[Tensor, "batch rows in"], places: slice) -> None:
        """One batch as the dense model and the pruned one gave it; `places`: of its sequences."""
        roots = self._roots[places, None, None]
        groups = self._folds.of[places]
        for group in groups.unique().tolist():
            mine = (groups == group).to(roots.device)
            z, x = ((t.float()[mine] * roots[mine]).flatten(0, 1) for t in (dense, pruned))
            self.gram[group].addmm_(x.T, x)
            self.cross[group].addmm_(z.T, x)
            self.energy[group] += (z @ self._judged.T).square().sum(dim=0, dtype=torch.float64)

    def task(self, place: int, weight: Float[Tensor, "out in"], keep: Tensor) -> LinearTask:
        """Of the linear at a place among those that read this input."""
        energy = self.energy.split([len(rows) for rows in self._rows], dim=1)[place]
        return LinearTask(
            self._dense[place], weight.float(), keep, self.gram, self.cross, self._folds.folds, self._rows[place], energy
        )
