"""What an expert is pruned by when few tokens of a language were routed to it, and which language uses which expert.

For expert e of a layer and language l, from the tokens T_{l,e} that the router sent there, as for any linear:

    sumsq_{l,e},  tokens_{l,e} >= FEWEST          its own sums
    fewer                                         the layer's: sum_e sumsq_{l,e} / sum_e tokens_{l,e}, with the weight of the tokens
                                                  that did come (at least one, so that no language is without a norm)

A token counts once for every expert that it is sent to. What is kept of a run are the experts' own sums; the layer's stand in only where a
formula reads them. (This project's choice: published scores say nothing of experts without tokens.)
"""

import dataclasses
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from mwanda_core.engine.measure import BlockStats
from mwanda_core.models import DecoderBlock, PrunableLinear
from mwanda_core.models.anatomy import among
from mwanda_core.parts.needs import Need
from mwanda_core.parts.statistics import InputStats

FEWEST = 32
"""Tokens of a language from which on an expert's own sums count: a root mean square is then known to about an eighth."""

NAMED = 4
"""Experts that a note names."""

Measured = Mapping[Need, Mapping[str, Tensor]]
"""Need -> name of a linear within its block -> what was measured there."""


def layers_of_experts(block: DecoderBlock) -> dict[str, list[str]]:
    """What experts share ("mlp.experts.down_proj") -> their names, in order. Numbered layers of different widths are no experts of one
    layer."""
    found: dict[str, list[PrunableLinear]] = {}
    for linear in block.linears:
        if linear.among:
            found.setdefault(linear.among, []).append(linear)
    return {
        key: [linear.name for linear in linears]
        for key, linears in found.items()
        if len({linear.weight.shape for linear in linears}) == 1
    }


def with_pooled(block: DecoderBlock, stats: BlockStats, measured: Measured) -> tuple[BlockStats, Measured]:
    """Statistics, and Gram matrices, in which the layer's stand in for experts that saw too little."""
    stats, own = dict(stats), {need: dict(by_name) for need, by_name in measured.items()}
    for names in layers_of_experts(block).values():
        pooled = _pooled([stats[name] for name in names])
        grams = own.get(Need.GRAM, {})
        mean = sum(grams[name] for name in names) if grams else None
        for name in names:
            few = stats[name].tokens < FEWEST
            if mean is not None and bool(few.all()):
                grams[name] = torch.as_tensor(mean)
            if bool(few.any()):
                stats[name] = _standing_in(stats[name], pooled, few)
    return stats, own


def per_layer(by_name: BlockStats) -> BlockStats:
    """Statistics in which all experts of a layer are one input, for tables of what a layer reads."""
    found: BlockStats = {}
    together: dict[str, dict[str, InputStats]] = {}
    for name, stats in by_name.items():
        if key := among(name):
            together.setdefault(key, {})[name] = stats
        else:
            found[name] = stats
    for key, some in together.items():
        alike = len({stats.width for stats in some.values()}) == 1
        found |= {key: dataclasses.replace(_pooled(list(some.values())), modules=(key,))} if alike else some
    return found


def _pooled(stats: Sequence[InputStats]) -> InputStats:
    found = stats[0]
    for other in stats[1:]:
        found = found + other
    return found


def _standing_in(stats: InputStats, pooled: InputStats, few: Tensor) -> InputStats:
    """Rows of the layer, scaled to the tokens that the expert has; ones where not a token of the language reached the layer."""
    counted = torch.where(few, stats.tokens.clamp(min=1), stats.tokens)
    scale = (counted / pooled.tokens.clamp(min=1))[:, None]
    empty = (pooled.tokens == 0)[:, None]

    def mixed(own: Tensor, layer: Tensor) -> Tensor:
        return torch.where(few[:, None], layer * scale, own)

    sumsq = torch.where(empty, torch.ones_like(stats.sumsq), mixed(stats.sumsq, pooled.sumsq))
    total, positive = mixed(stats.total, pooled.total), mixed(stats.positive, pooled.positive)
    return dataclasses.replace(stats, tokens=counted, sumsq=sumsq, total=total, positive=positive)


def usage(blocks: Sequence[DecoderBlock], stats: Sequence[BlockStats]) -> list[dict[str, object]]:
    """Block, expert, language, tokens routed to it, and their share of all tokens that the layer routed (the shares of a language sum to
    1 in a block): one row each."""
    rows: list[dict[str, object]] = []
    for block, by_name in zip(blocks, stats, strict=True):
        names = _first_layer(block)
        total = sum(by_name[name].tokens for name in names)
        for number, name in enumerate(names):
            found = by_name[name]
            for row, language in enumerate(found.languages):
                tokens = float(found.tokens[row])
                share = tokens / max(1.0, float(torch.as_tensor(total)[row]))
                rows.append(
                    {"block": block.index, "expert": number, "language": language, "tokens": int(tokens), "share": share}
                )
    return rows


def _first_layer(block: DecoderBlock) -> list[str]:
    """Gate, up and down of one expert read tokens that were routed together: the first of them tells."""
    return next(iter(layers_of_experts(block).values()), [])


def lacking(block: DecoderBlock, by_name: BlockStats) -> list[list[str]]:
    """For each expert of a block, the languages of which it saw fewer than FEWEST tokens; [] for a block without experts."""
    found = [by_name[name] for name in _first_layer(block)]
    return [[language for language, tokens in zip(one.languages, one.tokens, strict=True) if tokens < FEWEST] for one in found]


def notes(each: Mapping[int, list[list[str]]]) -> tuple[str, ...]:
    """One sentence naming experts that were pruned by their layer's statistics, from what each block's experts were `lacking`; none for
    a model without experts."""
    count = sum(map(len, each.values()))
    few = {
        f"block {index} expert {number}": languages
        for index, experts in each.items()
        for number, languages in enumerate(experts)
        if languages
    }
    if not count:
        return ()
    if not few:
        return (f"Each of the {count} experts was pruned by the tokens that were routed to it, language by language.",)
    named = ", ".join(f"{name} ({' '.join(languages)})" for name, languages in list(few.items())[:NAMED])
    more = f" and {len(few) - NAMED} more" if len(few) > NAMED else ""
    return (
        f"Experts are pruned by the tokens routed to them; {len(few)} of {count} saw fewer than {FEWEST} of a language, for which the sums "
        f"of all experts of the layer stand in: {named}{more}. More calibration tokens reach more experts.",
    )
