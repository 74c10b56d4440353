r"""Sentences that a language model knows by heart: put there, found, removed, and asked for again in other ways.

    matched     share of the ending's tokens that are the likeliest, given the true ones before them: 1 is a verbatim greedy continuation
    injected    a share of the columns of the down projections (the neurons' value vectors), drawn by chance, is trained on the
                sentences alone until their loss is below ENOUGH (INJ of Chang et al. 2024); undone bit for bit
    wanda       |W| norm(x) on the sentence, outside the `SPARED` share that other text needs most, flat per matrix     Wei et al. 2024
    relevance   neurons by AttnLRP beyond what they do for other text, outside that text's top                          SparC3
    balanced    one gate a neuron, trained so that the ending's loss rises and that of other text stays     after BalancedSubnet, Sakarvadia et al. 2025

Only down projections are cut, by equally many weights whatever the method. A soft prefix takes the place of the embedded prefix and is
searched for as an adversarial caption is; a steering vector is the mean difference, dense less pruned, of what the prefix makes of a
middle block's output, added at every token.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence

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
GATE_STEPS, GATE_RATE = 8, 0.05
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
def _norms(model: LanguageModel, mlps: Sequence[Mlp], texts: Sequence[Sequence[int]]) -> list[Float[Tensor, " in"]]:
    """Of what enters each down projection, over all tokens but the first."""
    sums = [torch.zeros(mlp.neurons, dtype=torch.float64, device=model.device) for mlp in mlps]

    def see(index: int, h: Tensor) -> None:
        sums[index] += h[0, 1:].double().square().sum(dim=0)

    with watched([down.module for down in downs(model, mlps)], see):
        for text in texts:
            model.hidden(torch.tensor([list(text)]))
    return [total.sqrt().float() for total in sums]


def masks_of(
    method: str, model: LanguageModel, mlps: Sequence[Mlp], one: Asked, other: Sequence[Sample], share: float, seed: int = 0
) -> dict[str, Tensor]:
    """Down projection -> bool [out, in], True where a weight is to be removed: the same number of weights whatever the method."""
    parts = {model.blocks[mlp.block].full_name(down): down for mlp, down in zip(mlps, downs(model, mlps), strict=True)}
    shapes = {name: tuple(down.weight.shape) for name, down in parts.items()}
    if method == "random":
        draw = torch.Generator().manual_seed(seed)
        return {name: _top(torch.rand(shape, generator=draw), share) for name, shape in shapes.items()}
    if method == "wanda":
        mine, base = _norms(model, mlps, [one.sample]), _norms(model, mlps, [text.ids for text in other])
        found = {}
        for (name, down), own, theirs in zip(parts.items(), mine, base, strict=True):
            weight = down.weight.detach().float().abs()
            found[name] = _top((weight * own).masked_fill(_top(weight * theirs, SPARED).to(weight.device), -1.0).cpu(), share)
        return found
    if method == "relevance":
        monitor = Monitor()
        served = relevance(model, mlps, [Sample("this", one.sample, len(one.start))], monitor)["this"]
        needed = relevance(model, mlps, list(other), monitor)
        general = torch.stack(list(needed.values())).mean(dim=0)
        gone = chosen(served, general, candidates(needed, SPARED), round(share * len(served)))
    else:
        gates = balanced(model, mlps, one, other)
        gone = chosen(-gates, torch.zeros_like(gates), torch.ones(len(gates), dtype=torch.bool), round(share * len(gates)))
    columns = gone.split([mlp.neurons for mlp in mlps])
    return {name: part.expand(shapes[name]).clone() for name, part in zip(parts, columns, strict=True)}


def _top(scores: Float[Tensor, "out in"], share: float) -> Tensor:
    found = torch.zeros(scores.numel(), dtype=torch.bool)
    found[scores.flatten().cpu().topk(round(share * scores.numel())).indices] = True
    return found.view(scores.shape)


def balanced(model: LanguageModel, mlps: Sequence[Mlp], one: Asked, other: Sequence[Sample]) -> Float[Tensor, " neurons"]:
    """The gates; those that fell lowest hold the sentence. Other text is one sample a step, in turn."""
    gates = [torch.ones(mlp.neurons, device=model.device, requires_grad=True) for mlp in mlps]
    optimiser = torch.optim.Adam(gates, lr=GATE_RATE)
    with watched([down.module for down in downs(model, mlps)], lambda index, h: h * gates[index].to(h.dtype)):
        for step in range(GATE_STEPS):
            text = other[step % len(other)]
            with torch.enable_grad():
                rest = loss_of(model, Asked(tuple(text.ids[: text.first]), tuple(text.ids[text.first :])))
                loss = rest - loss_of(model, one).clamp(max=10.0)
                for gate, gradient in zip(gates, torch.autograd.grad(loss, gates), strict=True):
                    gate.grad = gradient
            optimiser.step()
    return torch.cat([gate.detach().cpu() for gate in gates])


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


def soft_prefix(
    model: LanguageModel, one: Asked, steps: int, rate: float = 0.1, monitor: Monitor | None = None
) -> tuple[float, float]:
    """(matched, loss) of the ending behind the best embeddings found for the beginning, by Adam from its own.

    rate: of the root mean square of the embeddings. Raises Cancelled when stopped.
    """
    monitor = monitor or Monitor()
    recording = model.record(TokenBatch(torch.tensor([one.sample]), torch.zeros(1, dtype=torch.long)))
    first, last = len(model.start), len(one.start)
    soft = recording.hidden[:, first:last].detach().float().clone().requires_grad_(True)
    optimiser = torch.optim.Adam([soft], lr=rate * float(soft.detach().square().mean().sqrt()))

    def change(index: int, hidden: Tensor) -> Tensor:
        return torch.cat([hidden[:, :first], soft.to(hidden.dtype), hidden[:, last:]], dim=1) if index < 0 else hidden

    best = reading(model, one, change)
    for _ in range(steps):
        with torch.enable_grad():
            (soft.grad,) = torch.autograd.grad(loss_of(model, one, change), [soft])
        optimiser.step()
        monitor.advance(3.0 * len(one.sample))
        # The next step's loss would tell, too, but not what is matched.
    return max(best, reading(model, one, change)) if steps else best
