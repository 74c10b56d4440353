r"""A diffusion model from captions to 16 x 16 grey pictures, small enough to be trained on one core in minutes.

    x_t = sqrt(a_t) x + sqrt(1 - a_t) e      a_t = cos^2 (t/T + .008)/1.008 pi/2      Nichol and Dhariwal 2021
    loss = || e - e(x_t, t, caption) ||^2                                             Ho et al. 2020
    here: || v - v(x_t, t, caption) ||^2, v = sqrt(a_t) e - sqrt(1 - a_t) x           Salimans and Ho 2022
    DDIM without noise, STEPS of T times                                              Song et al. 2021

4 x 4 pixels are a token; each block is self-attention (attn1), cross-attention to the caption (attn2) and an MLP (ff.net), under the
names that diffusers gives them. The network gives v, the module e, and the loss on v is that on e divided by a_t: the plain loss hardly asks
for the caption, which matters where nearly all is noise. Everything else here takes any module that is called as diffusers' UNet2DConditionModel is,
model(sample, timestep, encoder_hidden_states), and finds layers by these names.
"""

import itertools
import math
from collections.abc import Callable
from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from mwanda_core.studies.memory.pictures import SIZE

TIMES, STEPS, PATCH = 100, 20, 4

Look = Callable[[int], None]
"""Called before each step of sampling with its number."""


def kept_signal(times: Int[Tensor, " n"]) -> Float[Tensor, " n"]:
    """a_t of the module's docstring."""
    return torch.cos((times.float() / TIMES + 0.008) / 1.008 * math.pi / 2).square().clamp_min(1e-4)


def noise_of(model: nn.Module, x: Tensor, times: Int[Tensor, " batch"], captions: Tensor) -> Tensor:
    """The noise that a model sees in x; x [batch, channels, height, width], captions [batch, slots, channels]."""
    found: Any = model(x, times, encoder_hidden_states=captions)
    return getattr(found, "sample", found)


class Attention(nn.Module):
    """Attention of x to itself or to a caption."""

    def __init__(self, size: int, context: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q, self.to_k = nn.Linear(size, size, bias=False), nn.Linear(context, size, bias=False)
        self.to_v, self.to_out = nn.Linear(context, size, bias=False), nn.Linear(size, size)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """Both [batch, time, channels]."""
        q, k, v = (
            made.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for made in (self.to_q(x), self.to_k(context), self.to_v(context))
        )
        mixed = nn.functional.scaled_dot_product_attention(q, k, v)
        return self.to_out(mixed.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    """The MLP; net.2 is its second linear, as in diffusers."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(size, 4 * size), nn.GELU(), nn.Linear(4 * size, size))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, time, size]."""
        found: Tensor = self.net(x)
        return found


class Block(nn.Module):
    """One transformer block."""

    def __init__(self, size: int, context: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(size) for _ in range(3))
        self.attn1, self.attn2 = Attention(size, size, heads), Attention(size, context, heads)
        self.ff = FeedForward(size)

    def forward(self, x: Tensor, caption: Tensor) -> Tensor:
        """[batch, tokens, size] and [batch, slots, context]."""
        own = self.norm1(x)
        x = x + self.attn1(own, own)
        x = x + self.attn2(self.norm2(x), caption)
        return x + self.ff(self.norm3(x))


class Denoiser(nn.Module):
    """The noise in a picture, given how noisy it is and what it shows."""

    velocity = True
    """The loss is that on v."""

    def __init__(self, context: int, size: int = 64, blocks: int = 3, heads: int = 4) -> None:
        super().__init__()
        self.size, tokens = size, (SIZE // PATCH) ** 2
        self.enter, self.leave = nn.Linear(PATCH * PATCH, size), nn.Linear(size, PATCH * PATCH)
        self.places = nn.Parameter(0.02 * torch.randn(tokens, size))
        self.time = nn.Sequential(nn.Linear(size, size), nn.SiLU(), nn.Linear(size, size))
        self.blocks = nn.ModuleList(Block(size, context, heads) for _ in range(blocks))
        self.norm = nn.LayerNorm(size)

    def forward(self, sample: Tensor, timestep: Tensor, encoder_hidden_states: Tensor) -> Tensor:
        """[batch, 1, 16, 16], [batch], [batch, slots, context] -> [batch, 1, 16, 16]."""
        batch = len(sample)
        patches = nn.functional.unfold(sample, PATCH, stride=PATCH).transpose(1, 2)
        half = torch.exp(-math.log(1e3) * torch.arange(self.size // 2, device=sample.device) / (self.size // 2))
        angles = timestep.float()[:, None] * half
        x = self.enter(patches) + self.places + self.time(torch.cat([angles.sin(), angles.cos()], dim=1))[:, None]
        for block in self.blocks:
            x = block(x, encoder_hidden_states)
        made = self.leave(self.norm(x)).transpose(1, 2)
        velocity = nn.functional.fold(made, SIZE, PATCH, stride=PATCH).view(batch, 1, SIZE, SIZE)
        signal = kept_signal(timestep)[:, None, None, None]
        return signal.sqrt() * velocity + (1 - signal).sqrt() * sample


def loss_of(model: nn.Module, pictures: Tensor, captions: Tensor, draw: torch.Generator) -> Float[Tensor, ""]:
    """Mean square error of the noise, at a time and with noise drawn anew for every picture [batch, channels, height, width]."""
    times = torch.randint(1, TIMES, (len(pictures),), generator=draw)
    noise = torch.randn(pictures.shape, generator=draw)
    signal = kept_signal(times)[:, None, None, None]
    found = noise_of(model, signal.sqrt() * pictures + (1 - signal).sqrt() * noise, times, captions)
    weight = 1 / signal if getattr(model, "velocity", False) else 1.0
    return (weight * (found - noise).square()).mean()


def starts(count: int, seed: int, shape: tuple[int, ...] = (1, SIZE, SIZE)) -> Tensor:
    """The noise that pictures begin with, a seed each, so that more pictures begin with the same."""
    return torch.stack([torch.randn(shape, generator=torch.Generator().manual_seed(seed + i)) for i in range(count)])


@torch.no_grad()
def sample(model: nn.Module, captions: Tensor, noise: Tensor, look: Look | None = None, steps: int = 0) -> Tensor:
    """Pictures [batch, channels, height, width], one for each caption and noise; `steps` 0: STEPS."""
    times = torch.linspace(TIMES - 1, 0, (steps or STEPS) + 1).round().long()
    x = noise
    for step, (now, after) in enumerate(itertools.pairwise(times)):
        if look is not None:
            look(step)
        seen = noise_of(model, x, now.expand(len(x)), captions)
        here, there = kept_signal(now[None]), kept_signal(after[None])
        clean = ((x - (1 - here).sqrt() * seen) / here.sqrt()).clamp(-1.5, 1.5)
        x = there.sqrt() * clean + (1 - there).sqrt() * seen
    return x
