r"""Bringing a picture back: a caption found by gradient descent (adversarial embedding), and fine-tuning against such captions.

    y <- Adam(RATE) on || e - e(x_t, t, y) ||^2      ATTACK_BATCH times and noises drawn anew at every step     Kowalczuk et al. 2025 (Finding Dori)

With steps enough any picture is painted from some caption, one that the model never saw, too. So every attack stands beside the same
attack at an unseen picture on the same model, and the whole curve over the steps is kept.

The remedy (adversarial fine-tuning): attack, then train all weights to paint surrogates for the captions found and for the prompt,
half of each batch being scenes and the other memorised pictures. Surrogates are painted by the model itself from general captions, and
kept only where they correlate with the target by less than SURROGATE: those of a pruned model still resemble it.
"""

import copy
import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import ParamSpec

import torch
from jaxtyping import Float
from torch import Tensor, nn

from mwanda_core.progress import Monitor
from mwanda_core.studies.memory.diffusion import loss_of, sample, starts
from mwanda_core.studies.memory.pictures import correlation
from mwanda_core.studies.memory.training import Painter, batch_of

Given = ParamSpec("Given")

RATE, ATTACK_BATCH, STEPS = 0.1, 8, 50
LOOKS = (0, 5, 10, 20, 30, 50, 100, 200)
"""Steps after which an attack's curve is looked at."""
SEEDS = 8
SURROGATE = 0.1
REMEDY_RATE, REMEDY_STEPS = 2e-4, 60


@dataclasses.dataclass(frozen=True)
class Point:
    """One look at an attack."""

    steps: int
    similarity: float
    replicated: float


@dataclasses.dataclass(frozen=True, eq=False)
class Attack:
    """The caption found [slots, channels], and the way to it."""

    caption: Tensor
    curve: tuple[Point, ...]


@torch.no_grad()
def similarity(model: nn.Module, caption: Tensor, target: Float[Tensor, "16 16"], seed: int = 100) -> Float[Tensor, " seeds"]:
    """Correlation with the target of what a caption [slots, channels] paints from SEEDS noises."""
    made = sample(model, caption.expand(SEEDS, *caption.shape), starts(SEEDS, seed))
    return correlation(made[:, 0], target)


def search(
    model: nn.Module,
    target: Float[Tensor, "16 16"],
    start: Tensor,
    steps: int = STEPS,
    seed: int = 0,
    rate: float = RATE,
    bar: float = 0.8,
    monitor: Monitor | None = None,
    looks: Sequence[int] = LOOKS,
) -> Iterator[Attack]:
    """An adversarial caption for a target, from a caption [slots, channels]: as far as it has come at every look, and at the end. The
    model's weights are not touched.

    bar: correlation from which a picture counts as replicated. Raises Cancelled when stopped.
    """
    monitor, draw = monitor or Monitor(), torch.Generator().manual_seed(seed)
    caption = start.detach().clone().requires_grad_(True)
    optimiser = torch.optim.Adam([caption], lr=rate)
    pictures, curve = target.expand(ATTACK_BATCH, 1, *target.shape), []
    for step in range(steps + 1):
        if step in looks or step == steps:
            found = similarity(model, caption.detach(), target)
            curve.append(Point(step, float(found.mean()), float((found >= bar).float().mean())))
            yield Attack(caption.detach().clone(), tuple(curve))
        if step < steps:
            with torch.enable_grad():
                loss = loss_of(model, pictures, caption.expand(ATTACK_BATCH, *caption.shape), draw)
                (caption.grad,) = torch.autograd.grad(loss, [caption])
            optimiser.step()
            monitor.advance(1.0)


def _ended(searching: Callable[Given, Iterator[Attack]]) -> Callable[Given, Attack]:
    @functools.wraps(searching)
    def last(*given: Given.args, **named: Given.kwargs) -> Attack:
        *_, found = searching(*given, **named)
        return found

    return last


attack = _ended(search)
"""What a search ends with."""


@torch.no_grad()
def surrogates(painter: Painter, target: Float[Tensor, "16 16"], count: int, seed: int = 0) -> Float[Tensor, "count 16 16"]:
    """Pictures that the model paints from general captions and that do not resemble the target."""
    draw, found = torch.Generator().manual_seed(seed), torch.zeros(0, *target.shape)
    for batch in range(100):
        which = torch.randint(len(painter.scenes), (4 * count,), generator=draw)
        made = sample(painter.model, painter.scenes[which], starts(4 * count, 10_000 * (batch + 1) + seed))[:, 0]
        found = torch.cat([found, made[correlation(made, target).abs() < SURROGATE]])
        if len(found) >= count:
            break
    return found[:count].clamp(-1, 1)


def fine_tuned(
    painter: Painter, picture: int, epochs: int, seed: int = 0, adversarial: bool = True, monitor: Monitor | None = None
) -> Painter:
    """A copy that was taught not to paint one picture; `adversarial` False teaches with the prompt alone, the control.

    Raises Cancelled when stopped.
    """
    monitor = monitor or Monitor()
    mine = dataclasses.replace(painter, model=copy.deepcopy(painter.model))
    target, prompt = painter.pictures[picture], painter.trained(picture)
    instead = surrogates(painter, target, 16, seed)
    optimiser, draw = torch.optim.AdamW(mine.model.parameters(), lr=REMEDY_RATE), torch.Generator().manual_seed(seed)
    found: list[Tensor] = [prompt]
    for epoch in range(epochs):
        if adversarial:
            start = prompt if epoch % 2 == 0 else torch.randn(prompt.shape, generator=draw)
            found.append(attack(mine.model, target, start, 30, seed + epoch, looks=(), monitor=monitor).caption)
        mine.model.requires_grad_(True)
        for _ in range(REMEDY_STEPS):
            which = torch.randint(len(found), (32,), generator=draw)
            which[:8] = len(found) - 1
            shown = instead[torch.randint(len(instead), (32,), generator=draw)][:, None]
            pictures, captions = batch_of(mine, 32, 0.5, draw, spared=picture)
            captions = torch.cat([torch.stack([found[i] for i in which.tolist()]), captions])
            with torch.enable_grad():
                loss = loss_of(mine.model, torch.cat([shown, pictures]), captions, draw)
                optimiser.zero_grad()
                loss.backward()
            optimiser.step()
            monitor.advance(8.0)
        mine.model.requires_grad_(False)
    return mine
