"""Small made-up evidence for tests of scores, allocations and solvers."""

import torch
from torch import Tensor

from mwanda_core.methods.activation import Pooled
from mwanda_core.parts.evidence import BlockEvidence, LinearEvidence
from mwanda_core.parts.statistics import InputStats


def stats(seed: int, width: int, languages: tuple[str, ...] = ("en", "de", "sw"), modules: tuple[str, ...] = ()) -> InputStats:
    """Statistics of 20 tokens a language, rms around 1, different for every language."""
    generator = torch.Generator().manual_seed(seed)
    sumsq = 20.0 * torch.rand(len(languages), width, generator=generator, dtype=torch.float64) * 2
    half = torch.full_like(sumsq, 10.0)
    return InputStats(languages, sumsq, half / 10, half, torch.full((len(languages),), 20.0, dtype=torch.float64), modules)


def linear(weight: Tensor, channels: Tensor | None = None, seed: int = 0, name: str = "linear") -> LinearEvidence:
    """Evidence of one weight; channels are the pooled ones of random statistics unless given."""
    found = stats(seed, weight.shape[1], modules=(name,))
    return LinearEvidence(name, weight, found, Pooled().channels(found) if channels is None else channels)


def blocks(seed: int, count: int = 5, outputs: int = 8, inputs: int = 12) -> list[BlockEvidence]:
    """Blocks of two random linears each, of growing width, so that they differ in size."""
    generator = torch.Generator().manual_seed(seed)
    found = []
    for index in range(count):
        linears = {}
        for i, name in enumerate(("attn.q_proj", "mlp.up_proj")):
            weight = torch.randn(outputs + 2 * index, inputs, generator=generator)
            linears[name] = linear(weight, seed=1000 * seed + 10 * index + i, name=name)
        languages = ("en", "de", "sw")
        damage = torch.randn(len(languages), generator=generator).exp().tolist()
        apart = {f"{code}/made": {"published": v, "standardised": 1 / v} for code, v in zip(languages, damage, strict=True)}
        found.append(BlockEvidence(index, linears, dict(zip(languages, damage, strict=True)), apart))
    return found
