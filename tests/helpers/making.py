"""Statistics from raw activations, by their definitions and without the engine."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from mwanda_core.parts.statistics import InputStats


def noise(*shape: int, seed: int = 0) -> Tensor:
    """Standard normal numbers, the same for the same seed."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def stats(tokens: Mapping[str, Tensor]) -> InputStats:
    """Sums over the tokens [tokens, in] of each language."""
    rows = [x.double() for x in tokens.values()]
    return InputStats(
        tuple(tokens),
        torch.stack([x.square().sum(dim=0) for x in rows]),
        torch.stack([x.sum(dim=0) for x in rows]),
        torch.stack([(x > 0).sum(dim=0).double() for x in rows]),
        torch.tensor([float(len(x)) for x in rows], dtype=torch.float64),
    )


def random_tokens(languages: Sequence[str] = ("en", "de", "sw"), width: int = 6, seed: int = 0) -> dict[str, Tensor]:
    """Normal activations; every language has a number of tokens, and a scale for each channel, of its own."""
    return {
        code: (1.0 + i) * noise(width, seed=seed + 100 + i).abs() * noise(5 + 3 * i, width, seed=seed + i)
        for i, code in enumerate(languages)
    }
