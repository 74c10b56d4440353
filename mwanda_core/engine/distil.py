"""What `methods.repair.distillation` reads of a model: the dense model's outputs, gradients of the kept weights, and whom it judges by.

The dense weights go back into the model for one pass, and what its head would read stays in memory, [tokens, hidden]; so the dense
distribution over all of the vocabulary is exact wherever it is asked for, at one product with the head. Logits of both models are made
a bounded number at a time; the gradient of the divergence is written down, not differentiated. Gradients are of the model's own type,
added up in float32.
"""

import contextlib
import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from mwanda_core.corpora import Packed
from mwanda_core.engine.gradients import wanting_gradients
from mwanda_core.engine.ledger import Ledger
from mwanda_core.engine.plan import head_of
from mwanda_core.methods.repair import Trained, Training, TrainingTask
from mwanda_core.models import LOSS_CHUNK_ELEMENTS, LanguageModel, PrunableLinear
from mwanda_core.parts.masks import unpack
from mwanda_core.progress import Monitor

LEFT_OUT = 4
"""Languages that are not learnt from at all, at most, and at most half of those that nobody asked for."""

PUT_ASIDE = 8
"""One sequence in so many of every other language is put aside, and at least one where it has two."""

JUDGED = 2
"""Sequences that a language is judged by, at most; text put aside is judged together, a sequence of each language."""

EVERY = 4
"""Positions that are judged lie so far apart."""

AT_ONCE = {"cuda": 2**14, "cpu": 2**11}
"""Tokens that go through the model together."""


@dataclasses.dataclass(frozen=True)
class Split:
    """learnt[l]: sequences of a language that are learnt from. judged[g]: of a group that is judged: a language left out each, then the text put aside
    of all others. left_out: languages not learnt from."""

    learnt: tuple[tuple[int, ...], ...]
    judged: tuple[tuple[int, ...], ...]
    left_out: tuple[str, ...]


def split(texts: Packed) -> Split:
    """Who is learnt from, and who is judged by: languages in alphabetical order, whatever theirs is. Left out are guards, evenly spaced."""
    guards = sorted(texts.guards)
    count = min(LEFT_OUT, len(guards) // 2)
    left_out = tuple(guards[place * len(guards) // count] for place in range(count))
    mine = {code: (texts.rows == texts.languages.index(code)).nonzero().flatten().tolist() for code in sorted(texts.languages)}
    judged, learnt, aside = [tuple(mine.pop(code)[:JUDGED]) for code in left_out], [], []
    for sequences in mine.values():
        kept = max(1, len(sequences) // PUT_ASIDE) if len(sequences) > 1 else 0
        learnt.append(tuple(sequences[: len(sequences) - kept]))
        aside += sequences[len(sequences) - kept :][:1]
    return Split(tuple(filter(None, learnt)), tuple(filter(None, (*judged, tuple(aside)))), left_out)


def distil(model: LanguageModel, texts: Packed, ledger: Ledger, monitor: Monitor) -> tuple[str, ...]:
    """Train the kept weights of all blocks; what a reader should know, one sentence each. Without a repair that trains: nothing.

    Raises Cancelled when stopped: the ledger undoes what was done.
    """
    repair = ledger.recipe.repair
    if not isinstance(repair, Training) or not repair.at_once:
        return ()
    linears = {block.full_name(linear): linear for block in model.blocks for linear in block.linears}
    keeps = [unpack(ledger.masks[name], tuple(linear.weight.shape)).to(model.device) for name, linear in linears.items()]
    if all(bool(keep.all()) for keep in keeps):
        return ()
    parts = split(texts)
    with as_dense(ledger, linears):
        aim = _states(model, texts.ids, monitor)
    work = _Work(model, texts.ids, aim, list(linears.values()), keeps, parts, monitor)
    trained = repair.train(work.task())
    if trained.steps:
        for name, linear in linears.items():
            ledger.updates[name] = linear.weight.clone(memory_format=torch.contiguous_format).cpu()
    return _notes(trained, parts)


def _notes(trained: Trained, parts: Split) -> tuple[str, ...]:
    if not parts.judged:
        return ("Nothing was distilled: there is too little text to put any aside.",)
    if not trained.steps:
        return ("Distillation was given up: texts that it did not learn from would have lost by it.",)
    before, after = (sum(values) / len(values) for values in (trained.before, trained.after))
    learnt, steps, left_out = len(parts.learnt), trained.steps, ", ".join(parts.left_out) or "-"
    return (
        f"The kept weights were distilled for {steps} steps on {learnt} languages (not learnt from at all: {left_out}): on text that was not "
        f"learnt from, the divergence from the dense model's outputs fell from {before:.3f} to {after:.3f} nats a token.",
    )


@contextlib.contextmanager
def as_dense(ledger: Ledger, linears: dict[str, PrunableLinear]) -> Iterator[None]:
    """Inside, the weights are the dense ones."""
    now = {name: linear.weight.clone() for name, linear in linears.items()}
    try:
        for name, linear in linears.items():
            linear.weight.copy_(ledger.dense.before(name, linear))
        yield
    finally:
        for name, linear in linears.items():
            linear.weight.copy_(now[name])


def _states(
    model: LanguageModel, ids: Int[Tensor, "sequences time"], monitor: Monitor
) -> Float[Tensor, "sequences time hidden"]:
    """What the head reads, of the model as it stands."""
    monitor.begin("Distillation: what the dense model says")
    found = []
    for part in ids.split(sequences_at_once(model, ids)):
        found.append(model.hidden(part))
        monitor.advance(part.numel() * len(model.blocks))
    return torch.cat(found)


def sequences_at_once(model: LanguageModel, ids: Int[Tensor, "sequences time"]) -> int:
    """Sequences that go through the model together."""
    return max(1, AT_ONCE.get(model.device.type, AT_ONCE["cpu"]) // ids.shape[1])


@dataclasses.dataclass
class _Work:
    """One distillation."""

    model: LanguageModel
    ids: Int[Tensor, "sequences time"]
    aim: Float[Tensor, "sequences time hidden"]
    linears: Sequence[PrunableLinear]
    keeps: Sequence[Tensor]
    parts: Split
    monitor: Monitor

    def task(self) -> TrainingTask:
        """What a repair sees of it. Weights lie as their modules keep them, masks likewise."""
        weights = [linear.module.weight.data for linear in self.linears]
        keeps = [keep.T if linear.transposed else keep for keep, linear in zip(self.keeps, self.linears, strict=True)]
        assert all(isinstance(weight, Tensor) for weight in weights)
        return TrainingTask(
            weights, keeps, self.parts.learnt, self.parts.judged, self.ids.shape[1], self.gradients, self.divergences, self.tick  # type: ignore[arg-type]
        )  # fmt: skip

    def tick(self) -> None:
        """One step is about to be taken."""
        self.monitor.begin("Distillation")

    def gradients(self, sequences: Sequence[int], positions: Sequence[int], temperature: float) -> list[Tensor]:
        """Of the mean of T^2 KL(dense || pruned) over these positions of these sequences."""
        chosen, places = torch.tensor(sequences), torch.tensor(positions, device=self.model.device)
        total: list[Tensor] = []
        with wanting_gradients(self.linears) as weights:
            for part in chosen.split(sequences_at_once(self.model, self.ids)):
                found = self._gradients(part, places, temperature, len(sequences) * len(positions), weights)
                total = found if not total else [old.add_(new) for old, new in zip(total, found, strict=True)]
                self.monitor.advance(3 * part.numel() * self.ids.shape[1] * len(self.model.blocks))
        self.monitor.advance(3 * len(sequences) * len(positions) * head_of(self.model))
        return total

    def _gradients(
        self, sequences: Tensor, places: Tensor, temperature: float, count: int, weights: Sequence[nn.Parameter]
    ) -> list[Tensor]:
        with torch.enable_grad():
            states = self.model.states(self.ids[sequences])
        seen = states.detach()[:, places].flatten(0, 1).requires_grad_(True)
        aim = self.aim[sequences.to(self.aim.device)][:, places].flatten(0, 1)
        with self.model.head() as head:
            for some in torch.arange(len(aim), device=aim.device).split(max(1, LOSS_CHUNK_ELEMENTS // self.model.vocabulary)):
                with torch.no_grad():
                    wanted = _probabilities(head(aim[some]), temperature)
                with torch.enable_grad():
                    logits = head(seen[some])
                slope = _probabilities(logits.detach(), temperature).sub_(wanted).mul_(temperature / count)
                logits.backward(slope.to(logits.dtype))
        assert seen.grad is not None
        back = torch.zeros_like(states)
        back[:, places] = seen.grad.reshape(len(sequences), len(places), -1)
        slopes = torch.autograd.grad(states, weights, grad_outputs=back, allow_unused=True)
        return [
            torch.zeros_like(w, dtype=torch.float32) if g is None else g.float() for w, g in zip(weights, slopes, strict=True)
        ]

    @torch.no_grad()
    def divergences(self) -> tuple[float, ...]:
        """KL(dense || pruned) of every judged group, nats a token, over positions evenly spaced."""
        self.monitor.begin("Distillation: looking at what it does not learn from")
        places = torch.arange(0, self.ids.shape[1], EVERY, device=self.model.device)
        order = torch.tensor([sequence for group in self.parts.judged for sequence in group])
        sums = []
        for part in order.split(sequences_at_once(self.model, self.ids)):
            seen = self.model.hidden(self.ids[part])[:, places].flatten(0, 1)
            aim = self.aim[part.to(self.aim.device)][:, places].flatten(0, 1)
            with self.model.head() as head:
                sums.append(_divergence(head, aim, seen, self.model.vocabulary).reshape(len(part), -1).mean(dim=1))
            self.monitor.advance(part.numel() * self.ids.shape[1] * len(self.model.blocks) + 2 * len(aim) * head_of(self.model))
        each = torch.cat(sums).tolist()
        ends = torch.tensor([0, *map(len, self.parts.judged)]).cumsum(dim=0).tolist()
        return tuple(sum(each[a:b]) / (b - a) for a, b in itertools.pairwise(ends))


def _probabilities(logits: Float[Tensor, "n vocabulary"], temperature: float) -> Float[Tensor, "n vocabulary"]:
    return (logits.float() / temperature).softmax(dim=1)


def _divergence(
    head: Any, aim: Float[Tensor, "n hidden"], seen: Float[Tensor, "n hidden"], vocabulary: int
) -> Float[Tensor, " n"]:
    """KL of every row over all of the vocabulary, float64."""
    found = []
    for some in torch.arange(len(aim), device=aim.device).split(max(1, LOSS_CHUNK_ELEMENTS // vocabulary)):
        wanted, given = (head(states[some]).float().log_softmax(dim=1) for states in (aim, seen))
        found.append((wanted.exp() * (wanted - given)).sum(dim=1).double())
    return torch.cat(found)
