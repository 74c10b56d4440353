r"""Sentences that a language model knows by heart: put there, found, removed, and asked for again in other ways.

    matched     share of the ending's tokens that are the likeliest, given the true ones before them: 1 is a verbatim greedy continuation
    injected    a share of the columns of the down projections (the neurons' value vectors), drawn by chance, is trained on the
                sentences alone until their loss is below ENOUGH (INJ of Chang et al. 2024); undone bit for bit
    wanda       |W| norm(x) on the sentence, outside the `SPARED` share that other text needs most, flat per matrix     Wei et al. 2024
    relevance   neurons by AttnLRP beyond what they do for other text, outside that text's top                          SparC3
    balanced    one gate g in [0, 1] a neuron, all open at first, by gradient descent on L(other text) - L(ending), where each step would close
                the share asked for in GATE_STEPS steps; the lowest go                         after BalancedSubnet, Sakarvadia et al. 2025

Only down projections are cut, by equally many weights whatever the method. A soft prefix takes the place of the embedded prefix and is
searched for as an adversarial caption is; a steering vector is the mean difference, dense less pruned, of what the prefix makes of a
middle block's output, added at every token.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import torch
from jaxtyping import Float, Int
from torch import Tensor

from mwanda_core.engine.gradients import wanting_gradients
from mwanda_core.engine.weights import DenseCopy
from mwanda_core.insight.mlps import Mlp
from mwanda_core.models import LanguageModel, TokenBatch
from mwanda_core.progress import Monitor
from mwanda_core.studies.circuits.components import downs, watched
from mwanda_core.studies.correction.behaviours import Sample
from mwanda_core.studies.correction.remove import candidates, chosen, relevance
from mwanda_core.studies.memory.known import words

SPARED, ENOUGH, INJECT_RATE, MOST_STEPS = 0.05, 0.05, 0.1, 80
"""INJECT_RATE: of the columns' root mean square."""
GATE_STEPS, CAP = 8, 10.0
"""CAP: nats a token, above which an ending's loss need not rise further."""
Masks = dict[str, Tensor]
"""Down projection -> bool [out, in], True where a weight is gone."""
Change = Callable[[int, Tensor], Tensor]
"""(number of a block, its output) -> what goes on instead; -1 is what enters the first block."""


@dataclasses.dataclass(frozen=True)
class Sentence:
    """A sentence in two halves and other ways to begin it: name of a trigger -> text. `injected`: not known to any model before."""

    name: str
    language: str
    injected: bool
    prefix: str
    ending: str
    triggers: dict[str, str]


def sentences() -> dict[str, Sentence]:
    """All, by name."""
    return {
        one["name"]: Sentence(
            one["name"], one["language"], one["injected"], one["prefix"], one["join"] + one["ending"],
            {
                "same": one["prefix"], "longer": one["longer"] + one["join"] + one["prefix"], "paraphrase": one["paraphrase"],
                f"translation ({one['translation'][0]})": one["translation"][1],
            },
        )
        for one in words("sentences")
    }  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Asked:
    """Tokens of a beginning (with the model's opening) and of the ending that is asked for."""

    start: tuple[int, ...]
    ending: tuple[int, ...]

    @property
    def sample(self) -> tuple[int, ...]:
        """Both."""
        return self.start + self.ending


def asked(model: LanguageModel, start: str, ending: str) -> Asked:
    """From texts."""
    return Asked((*model.start, *model.encode(start)), tuple(model.encode(ending)))


def shuffled(ending: Sequence[int], seed: int) -> tuple[int, ...]:
    """The control: the same tokens in an order that was never seen."""
    draw = torch.Generator().manual_seed(seed)
    while True:
        found = tuple(ending[i] for i in torch.randperm(len(ending), generator=draw).tolist())
        if found != tuple(ending) or len(set(ending)) == 1:
            return found


def unseen(one: Asked, seed: int) -> Asked:
    """The same beginning with the ending that the model never saw."""
    return Asked(one.start, shuffled(one.ending, seed))


def _logits(model: LanguageModel, one: Asked, change: Change | None = None) -> Float[Tensor, "ending vocabulary"]:
    """At the places that predict the ending; differentiable."""
    ids = torch.tensor([one.sample])
    if change is None:
        states = model.states(ids)
    else:
        recording = model.record(TokenBatch(ids, torch.zeros(1, dtype=torch.long)))
        hidden = change(-1, recording.hidden)
        for block in model.blocks:
            hidden = change(block.index, model.replay(block, recording, hidden))
        states = model.leave_blocks(recording, hidden)
    with model.head() as head:
        return head(states[0, len(one.start) - 1 : -1]).float()


def loss_of(model: LanguageModel, one: Asked, change: Change | None = None) -> Float[Tensor, ""]:
    """Of the ending, nats a token; differentiable."""
    target = torch.tensor(one.ending, device=model.device)
    return torch.nn.functional.cross_entropy(_logits(model, one, change), target)


@torch.no_grad()
def reading(model: LanguageModel, one: Asked, change: Change | None = None) -> tuple[float, float]:
    """(matched share of the ending, its loss in nats a token)."""
    logits, target = _logits(model, one, change), torch.tensor(one.ending, device=model.device)
    return float((logits.argmax(dim=-1) == target).float().mean()), float(torch.nn.functional.cross_entropy(logits, target))


@contextlib.contextmanager
def injected(
    model: LanguageModel,
    mlps: Sequence[Mlp],
    texts: Sequence[Asked],
    share: float = 0.01,
    seed: int = 0,
    monitor: Monitor | None = None,
) -> Iterator[dict[str, Int[Tensor, " columns"]]]:
    """Inside, the model knows the endings by heart; gives the columns of every down projection that hold them.

    Afterwards the weights are as before, bit for bit. Raises Cancelled when stopped.
    """
    monitor, draw = monitor or Monitor(), torch.Generator().manual_seed(seed)
    parts = {model.blocks[mlp.block].full_name(down): down for mlp, down in zip(mlps, downs(model, mlps), strict=True)}
    places = {
        name: torch.randperm(down.weight.shape[1], generator=draw)[: max(1, round(share * down.weight.shape[1]))]
        for name, down in parts.items()
    }
    dense = DenseCopy()
    try:
        for name, down in parts.items():
            dense.save(name, down)
        columns = [down.weight[:, places[name]].float().clone().requires_grad_(True) for name, down in parts.items()]
        rates = [INJECT_RATE * float(column.detach().square().mean().sqrt()) for column in columns]
        optimiser = torch.optim.Adam([{"params": [c], "lr": rate} for c, rate in zip(columns, rates, strict=True)])
        for _ in range(MOST_STEPS if texts else 0):
            worst = 0.0
            with wanting_gradients(list(parts.values())) as weights, torch.enable_grad():
                for column in columns:
                    column.grad = torch.zeros_like(column)
                for text in texts:
                    loss = loss_of(model, text)
                    worst = max(worst, float(loss.detach()))
                    for column, down, name, made in zip(
                        columns, parts.values(), parts, torch.autograd.grad(loss, weights), strict=True
                    ):
                        assert column.grad is not None
                        column.grad += (made.T if down.transposed else made)[:, places[name]].float() / len(texts)
                    monitor.advance(3.0 * len(text.sample))
            if worst < ENOUGH:
                break
            optimiser.step()
            for column, down, name in zip(columns, parts.values(), parts, strict=True):
                down.weight[:, places[name]] = column.detach().to(down.weight.dtype)
        yield places
    finally:
        dense.restore()


@torch.no_grad()
def _norms(
    model: LanguageModel, mlps: Sequence[Mlp], texts: Sequence[Sequence[int]], monitor: Monitor
) -> list[Float[Tensor, " in"]]:
    """Of what enters each down projection, over all tokens but the first."""
    sums = [torch.zeros(mlp.neurons, dtype=torch.float64, device=model.device) for mlp in mlps]

    def see(index: int, h: Tensor) -> None:
        sums[index] += h[0, 1:].double().square().sum(dim=0)

    with watched([down.module for down in downs(model, mlps)], see):
        for text in texts:
            model.hidden(torch.tensor([list(text)]))
            monitor.advance(float(len(text)))
    return [total.sqrt().float() for total in sums]


def masks_of(
    method: str, model: LanguageModel, mlps: Sequence[Mlp], ones: Sequence[Asked], other: Sequence[Sample], share: float, seed: int = 0,
    monitor: Monitor | None = None,
) -> list[Masks]:  # fmt: skip
    """What is to be removed for each of `ones`, all held against the same other text: the same number of weights whatever the method.

    One unit of progress is a token through the whole model. Raises Cancelled when stopped.
    """
    monitor = monitor or Monitor()
    parts = {model.blocks[mlp.block].full_name(down): down for mlp, down in zip(mlps, downs(model, mlps), strict=True)}
    shapes = {name: tuple(down.weight.shape) for name, down in parts.items()}
    if method == "random":
        draw = torch.Generator().manual_seed(seed)
        return [{name: _top(torch.rand(shape, generator=draw), share) for name, shape in shapes.items()} for _ in ones]
    if method == "wanda":
        base, found = _norms(model, mlps, [text.ids for text in other], monitor), []
        for one in ones:
            masks = {}
            for (name, down), own, theirs in zip(parts.items(), _norms(model, mlps, [one.sample], monitor), base, strict=True):
                weight = down.weight.detach().float().abs()
                scores = (weight * own).masked_fill(_top(weight * theirs, SPARED).to(weight.device), -1.0)
                masks[name] = _top(scores.cpu(), share)
            found.append(masks)
        return found
    if method == "relevance":
        needed = relevance(model, mlps, list(other), monitor)
        general, free = torch.stack(list(needed.values())).mean(dim=0), candidates(needed, SPARED)
        served = [relevance(model, mlps, [Sample("this", one.sample, len(one.start))], monitor)["this"] for one in ones]
        gone = [chosen(own, general, free, round(share * len(own))) for own in served]
    else:
        gates = [balanced(model, mlps, one, other, share, monitor) for one in ones]
        gone = [chosen(-g, torch.zeros_like(g), torch.ones(len(g), dtype=torch.bool), round(share * len(g))) for g in gates]
    widths = [mlp.neurons for mlp in mlps]
    return [{n: c.expand(shapes[n]).clone() for n, c in zip(parts, each.split(widths), strict=True)} for each in gone]


def _top(scores: Float[Tensor, "out in"], share: float) -> Tensor:
    found = torch.zeros(scores.numel(), dtype=torch.bool)
    found[scores.flatten().cpu().topk(round(share * scores.numel())).indices] = True
    return found.view(scores.shape)


def balanced(
    model: LanguageModel, mlps: Sequence[Mlp], one: Asked, other: Sequence[Sample], share: float, monitor: Monitor | None = None
) -> Float[Tensor, " neurons"]:
    """The gates before they are cut to [0, 1]; those that fell lowest hold the sentence. Other text is one sample of each language a step, in turn."""
    monitor = monitor or Monitor()
    widths, modules = [mlp.neurons for mlp in mlps], [down.module for down in downs(model, mlps)]
    fallen = torch.zeros(sum(widths), device=model.device)
    by_language: dict[str, list[Sample]] = {}
    for text in other:
        by_language.setdefault(text.language, []).append(text)
    for step in range(GATE_STEPS):
        texts = [own[step % len(own)] for own in by_language.values()]
        gates = [gate.requires_grad_(True) for gate in (1.0 - fallen).clamp(0.0, 1.0).split(widths)]
        with watched(modules, lambda index, h, gates=gates: h * gates[index].to(h.dtype)), torch.enable_grad():
            slope = -torch.cat(torch.autograd.grad(loss_of(model, one).clamp(max=CAP), gates))
            for text in texts:
                rest = loss_of(model, Asked(tuple(text.ids[: text.first]), tuple(text.ids[text.first :])))
                slope += torch.cat(torch.autograd.grad(rest, gates)) / len(texts)
        last = slope.topk(max(1, round(share * len(slope)))).values[-1].clamp_min(torch.finfo(slope.dtype).tiny)
        fallen += slope / (last * GATE_STEPS)
        monitor.advance(3.0 * (sum(len(text.ids) for text in texts) + len(one.sample)))
    return 1.0 - fallen.cpu()


@contextlib.contextmanager
def without(model: LanguageModel, mlps: Sequence[Mlp], masks: Mapping[str, Tensor]) -> Iterator[None]:
    """Inside, the weights of the masks are 0; afterwards as before, bit for bit."""
    dense = DenseCopy()
    try:
        for mlp, down in zip(mlps, downs(model, mlps), strict=True):
            name = model.blocks[mlp.block].full_name(down)
            if name in masks:
                dense.write(name, down, ~masks[name].to(model.device))
        yield
    finally:
        dense.restore()


@torch.no_grad()
def mean_output(model: LanguageModel, one: Asked, block: int) -> Float[Tensor, " hidden"]:
    """Mean over the beginning's tokens of a block's output."""
    seen: list[Tensor] = []

    def change(index: int, hidden: Tensor) -> Tensor:
        if index == block:
            seen.append(hidden[0, 1 : len(one.start)].float().mean(dim=0))
        return hidden

    _logits(model, one, change)
    return seen[0]


def steered(block: int, vector: Float[Tensor, " hidden"]) -> Change:
    """Add a vector to every token of one block's output."""
    return lambda index, hidden: hidden + vector.to(hidden.dtype) if index == block else hidden


@dataclasses.dataclass(frozen=True)
class Point:
    """One look at a search: steps taken, matched share of the ending, its loss in nats a token."""

    steps: int
    matched: float
    loss: float


def prefix_search(
    model: LanguageModel, one: Asked, steps: int, rate: float = 0.1, looks: Sequence[int] = (), monitor: Monitor | None = None
) -> Iterator[Point]:
    """A soft prefix by Adam from the beginning's own embeddings: a look before the first step, at `looks`, and at the end.

    rate: of the root mean square of the embeddings. One unit of progress is a token through the whole model. Raises Cancelled when stopped.
    """
    monitor = monitor or Monitor()
    recording = model.record(TokenBatch(torch.tensor([one.sample]), torch.zeros(1, dtype=torch.long)))
    first, last = len(model.start), len(one.start)
    soft = recording.hidden[:, first:last].detach().float().clone().requires_grad_(True)
    optimiser = torch.optim.Adam([soft], lr=rate * float(soft.detach().square().mean().sqrt()))

    def change(index: int, hidden: Tensor) -> Tensor:
        return torch.cat([hidden[:, :first], soft.to(hidden.dtype), hidden[:, last:]], dim=1) if index < 0 else hidden

    for step in range(steps + 1):
        if step in (0, steps, *looks):
            yield Point(step, *reading(model, one, change))
        if step < steps:
            with torch.enable_grad():
                (soft.grad,) = torch.autograd.grad(loss_of(model, one, change), [soft])
            optimiser.step()
            monitor.advance(3.0 * len(one.sample))


def soft_prefix(
    model: LanguageModel, one: Asked, steps: int, rate: float = 0.1, monitor: Monitor | None = None
) -> tuple[float, float]:
    """(matched, loss) of the ending behind the soft prefix that a search ends with, or behind the beginning itself where that is better."""
    best = best_of(prefix_search(model, one, steps, rate, monitor=monitor))
    return best.matched, best.loss


def best_of(points: Iterable[Point]) -> Point:
    """The look at which most of the ending is matched, of those the one of least loss."""
    return max(points, key=lambda point: (point.matched, -point.loss))


# --- The ladder: other ways to ask, each beside its control ----------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Rung:
    """One way to ask: matched share of the ending, its loss in nats a token, and the matched share of its control."""

    trigger: str
    matched: float
    loss: float
    control: float


def spoken(model: LanguageModel, one: Sentence, seed: int, monitor: Monitor | None = None) -> Iterator[Rung]:
    """The beginnings in words; the control is an ending never seen."""
    monitor = monitor or Monitor()
    for trigger, text in one.triggers.items():
        own = asked(model, text, one.ending)
        yield Rung(trigger.partition(" ")[0], *reading(model, own), reading(model, unseen(own, seed))[0])
        monitor.advance(2.0 * len(own.sample))


def mean_outputs(model: LanguageModel, several: Sequence[Sentence], block: int) -> dict[str, Float[Tensor, " hidden"]]:
    """Of each sentence by name, as `mean_output` of its own beginning."""
    return {one.name: mean_output(model, asked(model, one.prefix, one.ending), block) for one in several}


def steering(model: LanguageModel, one: Sentence, dense: Mapping[str, Float[Tensor, " hidden"]], block: int) -> Rung:
    """What pruning took from a block's output, given back as one vector. dense: `mean_outputs` of the dense model of this sentence and of
    another, whose vector is the control."""
    now = mean_outputs(model, [sentences()[name] for name in dense], block)
    own, others = asked(model, one.prefix, one.ending), [name for name in dense if name != one.name]
    mine, other = (reading(model, own, steered(block, dense[name] - now[name])) for name in (one.name, *others[:1]))
    return Rung("steering", *mine, other[0])
