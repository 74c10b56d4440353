"""What pruning does to language neurons: how much of them a mask takes, and which there are afterwards.

Every figure about the neurons of a language stands beside the same figure for as many random neurons of the same blocks that
belong to no language: bottom and top blocks hold most language neurons, and blocks differ in everything.

A mask with row scope takes the same share of every row, so of every neuron's gate and up weights, whatever the scores: only the
column of the down matrix (how far the neuron is still read) can differ there. `rows` and `column` are therefore told apart.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import pandas as pd
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.insight.cuts import HALF, base
from mwanda_core.insight.mlps import Mlp
from mwanda_core.insight.neurons import BAR, RATE, Firing, LanguageNeurons, language_neurons
from mwanda_core.languages import language
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import unpack


@dataclasses.dataclass(frozen=True)
class PrunedShares:
    """Share of each neuron's weights that a mask prunes: of its gate and up rows, of its down column, of both together."""

    rows: Float[Tensor, " neurons"]
    column: Float[Tensor, " neurons"]
    whole: Float[Tensor, " neurons"]


def pruned_shares(model: LanguageModel, mlps: Sequence[Mlp], masks: Mapping[str, Tensor]) -> PrunedShares:
    """From packed masks by full name (`PruneResult.masks`, or `overlap.stored_masks`), one linear at a time."""
    parts = []
    for mlp in mlps:
        block = model.blocks[mlp.block]
        linears = {linear.name: linear for linear in block.linears}

        def pruned(name: str) -> Bool[Tensor, "out in"]:
            linear = linears[name]  # noqa: B023
            return ~unpack(masks[block.full_name(linear)], tuple(linear.weight.shape))  # noqa: B023

        rows = torch.zeros(mlp.neurons, dtype=torch.float64)
        width = 0
        for name, first in mlp.rows:
            mask = pruned(name)
            rows += mask[first : first + mlp.neurons].sum(dim=1).cpu()
            width += mask.shape[1]
        down = pruned(mlp.down)
        column = down.sum(dim=0).double().cpu()
        parts.append((rows / width, column / len(down), (rows + column) / (width + len(down))))
    return PrunedShares(*(torch.cat(part) for part in zip(*parts, strict=True)))


def random_like(found: LanguageNeurons, code: str, draws: int, seed: int = 0) -> Bool[Tensor, "draws neurons"]:
    """As many neurons as the language has, in the same blocks, of those that belong to no language.

    Raises InputError when a block has too few of those.
    """
    generator = torch.Generator().manual_seed(seed)
    parts = []
    for own, anyone in zip(found.of(code).split(found.sizes), found.member.any(dim=0).split(found.sizes), strict=True):
        count, free = int(own.sum()), int((~anyone).sum())
        if free < count:
            raise InputError(
                f"A block has {count} neurons of {code} and only {free} of no language: a random control of equal size needs a "
                "smaller share of language neurons."
            )
        order = torch.rand(draws, len(own), generator=generator).masked_fill(anyone, -1.0)
        picked = torch.zeros(draws, len(own), dtype=torch.bool)
        parts.append(picked.scatter_(1, order.topk(count, dim=1).indices, True))
    return torch.cat(parts, dim=1)


def pruned_table(
    found: LanguageNeurons, shares: PrunedShares, above: float = 0.5, draws: int = 200, seed: int = 0
) -> pd.DataFrame:
    """One row a language: neurons; rows, column and whole (mean share of a neuron's weights that is pruned) and above (share of
    its neurons that lose more than `above` of their weights); the same of the random control (mean over draws) as random_...,
    with the central 95 % of the draws for column as random_low and random_high. A language without neurons has NaN.
    """

    def figures(chosen: Bool[Tensor, "sets neurons"]) -> dict[str, Tensor]:
        weight = chosen.double() / chosen.sum(dim=1, keepdim=True)
        lost = {"rows": shares.rows, "column": shares.column, "whole": shares.whole, "above": (shares.whole > above).double()}
        return {name: weight @ values for name, values in lost.items()}

    rows = []
    for code in found.languages:
        own = figures(found.of(code)[None])
        control = figures(random_like(found, code, draws, seed))
        low, high = control["column"].quantile(torch.tensor([0.025, 0.975], dtype=torch.float64)).tolist()
        row: dict[str, object] = {"language": code, "name": language(code).name, "neurons": int(found.of(code).sum())}
        row |= {name: float(values) for name, values in own.items()}
        row |= {f"random_{name}": float(values.mean()) for name, values in control.items()}
        rows.append(row | {"random_low": low, "random_high": high})
    return pd.DataFrame(rows)


def drift(before: LanguageNeurons, after: LanguageNeurons) -> pd.DataFrame:
    """One row a language: before, after, shared, lost, new (numbers of neurons) and jaccard = shared / (shared + lost + new).

    `before` is the dense model, `after` the pruned one; for two halves of the text see `stability`. Raises InputError when they
    are not of one model and the same languages.
    """
    if before.languages != after.languages or before.sizes != after.sizes:
        raise InputError("Language neurons can only be compared on one model with the same languages in the same order.")
    shared = (before.member & after.member).sum(dim=1)
    lost, new = (before.member & ~after.member).sum(dim=1), (~before.member & after.member).sum(dim=1)
    return pd.DataFrame(
        {
            "language": before.languages,
            "name": [language(code).name for code in before.languages],
            "before": before.member.sum(dim=1).numpy(),
            "after": after.member.sum(dim=1).numpy(),
            "shared": shared.numpy(),
            "lost": lost.numpy(),
            "new": new.numpy(),
            "jaccard": (shared / (shared + lost + new)).numpy(),
        }
    )


def stability(firing: Firing, rate: float = RATE, bar: float = BAR) -> pd.DataFrame:
    """`drift` between the first and the second halves of all languages' text on one model: what drift there is without any
    pruning. `firing` was measured on `cuts.halves` of the text."""
    codes = tuple(dict.fromkeys(base(name) for name in firing.languages))
    first, second = (
        language_neurons(firing.select([f"{code}{HALF}{half}" for code in codes], codes), rate, bar) for half in (1, 2)
    )
    return drift(first, second)
