r"""CWL, cross-lingual correlation-weighted layerwise sparsity: M-Wanda's layerwise part.

    a_l^k  = log A_l of the distinct linear inputs of block k, one after the other (channels of q, o, gate, down)
    corr_k = mean over language pairs (l, m) of Pearson(a_l^k, a_m^k)
    keep_k grows linearly with -corr_k (protect "different") or +corr_k (protect "shared") over a span of 2 * strength

Choenni & Titov (2025) adjust "layerwise sparsity based on cross-lingual importance"; the mapping and its direction could
not be checked and are our reconstruction, after OWL's. The direction is a knob because measurement decides it: see the
README's table and `benchmarks/results/defaults.md`.
"""

import dataclasses
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from mwanda_core.methods.allocation.base import Allocation, min_max_spread
from mwanda_core.parts.evidence import BlockEvidence
from mwanda_core.parts.knobs import choice, number, switch


@dataclasses.dataclass(frozen=True)
class CWL(Allocation):
    """Blocks are protected by how much their activations agree, or differ, between languages."""

    title = "Cross-lingual correlation (M-Wanda)"
    formula = (
        r"\rho_k = \tfrac{2}{L(L-1)}\sum_{l<m}\mathrm{corr}\bigl(\log A_l^k, \log A_m^k\bigr),"
        r"\quad s_k = s \pm \Lambda\,\widehat{\rho}_k"
    )
    source = "after Choenni & Titov 2025 (M-Wanda)"
    origin = "reconstruction"
    alone = "With one language no languages can be compared: every block has the same sparsity."

    strength: float = number(0.15, 0.0, 0.3, 0.01, "Half the span of sparsities around the target.")
    mapping: str = choice(
        "rank", ("rank", "linear"), "Whether a block's place or its correlation itself decides; one outlier rules the latter."
    )
    protect: str = choice(
        "different", ("different", "shared"), "Which blocks keep more weights: where languages differ, or agree."
    )

    steady: bool = switch(
        False,
        "Take as much of the span as two halves of the text agree on which blocks are which; little text then moves blocks less.",
    )

    def steadied(self, reliability: float) -> "CWL":
        return dataclasses.replace(self, strength=reliability * self.strength, steady=False)

    def importance(self, blocks: Sequence[BlockEvidence]) -> Float[Tensor, " blocks"]:
        mean = torch.tensor(
            [float(mean_correlation(language_profile(b), b.language_weights)) for b in blocks], dtype=torch.float64
        )
        signed = mean if self.protect == "shared" else -mean
        return ranks(signed) if self.mapping == "rank" else signed

    def spread(
        self, importance: Float[Tensor, " blocks"], sizes: Float[Tensor, " blocks"], target: float
    ) -> Float[Tensor, " blocks"]:
        return min_max_spread(importance, sizes, target, self.strength)


def ranks(values: Float[Tensor, " blocks"]) -> Float[Tensor, " blocks"]:
    """Place of each value in ascending order, from 0; equal values share the mean of their places."""
    below = (values[None, :] < values[:, None]).sum(dim=1)
    equal = (values[None, :] == values[:, None]).sum(dim=1)
    return below.double() + (equal.double() - 1) / 2


FLOOR = 0.01
"""Channels quieter than this share of their input's mean level count as that loud: a dead channel (Gemma 3 has some) would
otherwise stand so far below all others on a logarithmic scale that it alone decided the correlation."""


def language_profile(block: BlockEvidence) -> Float[Tensor, "languages channels"]:
    """log A_l over the block's distinct inputs, each input once however many linears share it."""
    seen: dict[tuple[str, ...], Tensor] = {}
    for ev in block.linears.values():
        seen.setdefault(ev.stats.modules or (ev.name,), log_levels(ev.stats.rms()))
    return torch.cat(list(seen.values()), dim=1)


def log_levels(rms: Float[Tensor, "languages in"]) -> Float[Tensor, "languages in"]:
    """Logarithm of each channel's level, bounded below at `FLOOR` of the mean level of its language."""
    tiny = torch.finfo(torch.float64).tiny
    return rms.maximum(FLOOR * rms.mean(dim=1, keepdim=True)).clamp_min(tiny).log()


def correlation(profiles: Float[Tensor, "languages channels"]) -> Float[Tensor, "languages languages"]:
    """Pearson correlation of every pair of languages; constant profiles correlate with nothing (0)."""
    centred = profiles - profiles.mean(dim=1, keepdim=True)
    norms = centred.norm(dim=1, keepdim=True)
    unit = torch.where(norms > 0, centred / norms.clamp_min(torch.finfo(torch.float64).tiny), 0.0)
    return unit @ unit.T


def mean_correlation(
    profiles: Float[Tensor, "languages channels"], weights: Float[Tensor, " languages"] | None = None
) -> Float[Tensor, ""]:
    """Mean over the pairs of different languages, a pair weighing the product of its weights where there are any; 1 for a single
    language, whatever their order."""
    count = profiles.shape[0]
    if count < 2:
        return torch.ones((), dtype=profiles.dtype)
    pairs = tuple(torch.triu_indices(count, count, offset=1))
    upper = correlation(profiles)[pairs]
    if weights is not None:
        each = (weights[:, None] * weights[None, :]).to(upper)[pairs]
        return ((upper * each).sort().values.sum() / each.sort().values.sum()).round(decimals=12)
    # Rounding to 12 digits makes the mean independent of the order of languages.
    return upper.sort().values.mean().round(decimals=12)
