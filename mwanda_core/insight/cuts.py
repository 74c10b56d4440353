"""Masks that need no forward pass: a recipe's cut on statistics that are there, for one language, a half of its text, or a mix.

See `overlap.py` for what is compared, and why the halves of one language are the ceiling. Scores that want more than statistics
(Gram matrices, gradients) have no such masks: prune with each and compare the results' masks (`overlap.overlap_of_masks`).
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import torch

from mwanda_core.corpora import Packed
from mwanda_core.engine.check import check_settings
from mwanda_core.engine.ledger import targets_of
from mwanda_core.engine.measure import BlockStats
from mwanda_core.engine.plan import allocate, evidence_of, global_targets, is_global
from mwanda_core.errors import InputError
from mwanda_core.insight.overlap import Overlap, Unit, pruned_together
from mwanda_core.methods.activation import Pooled, Target, Weighted
from mwanda_core.methods.composition import Recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import pack
from mwanda_core.parts.needs import SUMS, listed
from mwanda_core.parts.statistics import InputStats
from mwanda_core.progress import Monitor

HALF = "#"
"""Between a language's code and the number of its half: "en#1"."""

MIX = "mix"
"""The name of the cut that a run makes: on all calibration languages."""


@dataclasses.dataclass(frozen=True)
class Cut:
    """One mask of the whole model: a recipe on dense statistics at a sparsity. `name` is its row in the overlap."""

    name: str
    recipe: Recipe
    stats: tuple[BlockStats, ...]
    sparsity: float


def halves(packed: Packed) -> Packed:
    """The same text with each language as two: "en#1" is the first half of its sequences, "en#2" the next (an odd last one is
    left out). At most one passage, cut by the end of a sequence, lies in both.

    Measuring this gives statistics of both halves in one pass; `joined` adds them up. Raises InputError for a language of one
    sequence.
    """
    count = len(packed.ids) // len(packed.languages) // 2
    if count == 0:
        raise InputError("Half of a language's text needs at least two sequences per language: give more calibration tokens.")
    chosen, rows = [], []
    for row in range(len(packed.languages)):
        chosen.append((packed.rows == row).nonzero().flatten()[: 2 * count])
        rows.append(2 * row + torch.arange(2).repeat_interleave(count))
    index = torch.cat(chosen)
    names = tuple(f"{code}{HALF}{half}" for code in packed.languages for half in (1, 2))
    sources = tuple(packed.sources[int(i)] for i in index)
    return dataclasses.replace(packed, languages=names, ids=packed.ids[index], rows=torch.cat(rows), sources=sources)


def joined(stats: Sequence[BlockStats]) -> tuple[BlockStats, ...]:
    """Statistics of whole languages from statistics of their halves."""

    def join(found: InputStats) -> InputStats:
        codes = tuple(dict.fromkeys(base(name) for name in found.languages))
        sums = []
        for half in (1, 2):
            part = found.select([f"{code}{HALF}{half}" for code in codes])
            sums.append(dataclasses.replace(part, languages=codes))
        return sums[0] + sums[1]

    return _each_input(stats, join)


def base(name: str) -> str:
    """The language of a half: "en" of "en#1", and of "en"."""
    return name.partition(HALF)[0]


def side_by_side(left: Sequence[BlockStats], right: Sequence[BlockStats]) -> tuple[BlockStats, ...]:
    """Statistics of the languages of both, measured apart on the same model (calibrated and held-out ones, say).

    Raises InputError for a language that is in both.
    """

    def beside(found: InputStats, other: InputStats) -> InputStats:
        twice = [code for code in other.languages if code in found.languages]
        if twice or other.width != found.width:
            raise InputError(f"Statistics cannot be put side by side: {', '.join(twice) or 'the models'} would clash.")
        sumsq, total, positive, tokens = (
            torch.cat([getattr(found, field), getattr(other, field)]) for field in ("sumsq", "total", "positive", "tokens")
        )
        weights = None if found.weights is None or other.weights is None else torch.cat([found.weights, other.weights])
        return InputStats(found.languages + other.languages, sumsq, total, positive, tokens, found.modules, weights)

    shared = []
    for mine, theirs in zip(left, right, strict=True):
        made: dict[int, InputStats] = {}
        for name, found in mine.items():
            made.setdefault(id(found), beside(found, theirs[name]))
        shared.append({name: made[id(found)] for name, found in mine.items()})
    return tuple(shared)


def alone(stats: Sequence[BlockStats], name: str) -> tuple[BlockStats, ...]:
    """One language's (or half's) statistics, under the language's own code."""
    return _each_input(stats, lambda found: dataclasses.replace(found.select([name]), languages=(base(name),)))


def only(stats: Sequence[BlockStats], languages: Sequence[str]) -> tuple[BlockStats, ...]:
    """The statistics of some languages, in the order named."""
    return _each_input(stats, lambda found: found.select(languages))


def _each_input(stats: Sequence[BlockStats], change: Callable[[InputStats], InputStats]) -> tuple[BlockStats, ...]:
    """Changes every distinct input once: linears that share an input share the object afterwards as well."""
    changed = []
    for by_name in stats:
        made = {id(found): change(found) for found in by_name.values()}
        changed.append({name: made[id(found)] for name, found in by_name.items()})
    return tuple(changed)


def by_language(stats: Sequence[BlockStats], recipe: Recipe, sparsity: float) -> list[Cut]:
    """A cut for each language (or half) of the statistics, on its statistics alone; a layerwise allocation as well is its own."""
    # Weights mean nothing to one language, and the activations that carry them would refuse those that are missing.
    single = recipe.replace(activation=Pooled()) if isinstance(recipe.activation, Weighted | Target) else recipe
    names = next(found for by_name in stats for found in by_name.values()).languages
    return [Cut(name, single, alone(stats, name), sparsity) for name in names]


def by_method(stats: Sequence[BlockStats], recipes: Mapping[str, Recipe], sparsity: float) -> list[Cut]:
    """A cut for each recipe, all on the same statistics."""
    return [Cut(name, recipe, tuple(stats), sparsity) for name, recipe in recipes.items()]


def with_mix(stats: Sequence[BlockStats], calibrated: Sequence[str], recipe: Recipe, sparsity: float) -> list[Cut]:
    """`by_language`, and the cut on all calibration languages together: what `to_mix` compares the others with."""
    return [*by_language(stats, recipe, sparsity), Cut(MIX, recipe, only(stats, calibrated), sparsity)]


def to_mix(found: Overlap) -> dict[str, float]:
    """Corrected overlap of each language's own mask with the mix's, from an overlap of `with_mix`."""
    row = found.matrix()[found.names.index(MIX)].tolist()
    return {name: value for name, value in zip(found.names, row, strict=True) if name != MIX}


@torch.no_grad()
def overlap(model: LanguageModel, cuts: Sequence[Cut], monitor: Monitor | None = None) -> Overlap:
    """Overlap of every pair of cuts. The model must be dense; nothing of it changes, and no token goes through it.

    One unit of progress is one cut of one block. Raises InputError for a recipe that needs more than statistics, or settings
    that do not fit the model.
    """
    monitor = monitor or Monitor()
    for cut in cuts:
        _check(model, cut)
    monitor.plan(len(cuts) * len(model.blocks))
    targets = {cut.name: _targets(model, cut) for cut in cuts}
    units, counts = [], []
    for block in model.blocks:
        monitor.begin(f"Masks of block {block.index + 1} of {len(model.blocks)}")
        evidence = {cut.name: evidence_of(cut.recipe, block, cut.stats[block.index]).linears for cut in cuts}
        for linear in block.linears:
            packed = []
            for cut in cuts:
                item = evidence[cut.name][linear.name]
                solution = cut.recipe.solve(item, cut.recipe.score(item), targets[cut.name][item.name])
                packed.append(pack(solution.keep))
            units.append(Unit(block.full_name(linear), block.index, linear.name, linear.weight.numel()))
            counts.append(pruned_together(torch.stack(packed), linear.weight.numel()))
            monitor.advance(len(cuts) / len(block.linears))
    return Overlap(tuple(cut.name for cut in cuts), tuple(units), torch.stack(counts))


def _check(model: LanguageModel, cut: Cut) -> None:
    check_settings(model, cut.recipe, cut.sparsity, "one-pass", 1.0)
    missing = cut.recipe.needs - SUMS
    if missing:
        raise InputError(
            f"{cut.recipe.title} measures more than statistics ({listed(missing)}), so its masks cannot be cut from them alone: "
            "choose a method such as Wanda, or compare the masks of finished runs."
        )
    if len(cut.stats) != len(model.blocks):
        raise InputError(f"The statistics given cover {len(cut.stats)} blocks; the model has {len(model.blocks)}.")


def _targets(model: LanguageModel, cut: Cut) -> dict[str, float]:
    """The sparsity of every linear, as `pruning.prune` sets it."""
    if is_global(cut.recipe):
        return global_targets(cut.recipe, model.blocks, cut.stats, cut.sparsity)
    return targets_of(model, allocate(cut.recipe, model.blocks, cut.stats, cut.sparsity))


def between_halves(found: Overlap, by: Sequence[str] = ()) -> pd.DataFrame:
    """Language x language from an overlap of halves (`by_language` on statistics of `halves`): language, other, iou, expected,
    corrected, ceiling, of_ceiling.

    The entry of two languages is the mean over (first half of one, second half of the other) and the reverse. The entry of a
    language with itself is its ceiling: other text of the same language, the same number of tokens. Like halves are not compared:
    in parallel text they say the same, which the halves of one language do not. `ceiling` is the geometric mean of both
    languages' own entries, and of_ceiling = corrected / ceiling (NaN where the ceiling is not above 0).
    """
    table = found.table(by)
    halved = [table[column].str.partition(HALF) for column in ("name", "other")]
    crossed = table.assign(language=halved[0][0], other=halved[1][0])[halved[0][2] != halved[1][2]]
    keys = [*by, "language", "other"]
    mean = crossed.groupby(keys, sort=False)[["iou", "expected", "corrected"]].mean().reset_index()
    own = mean[mean["language"] == mean["other"]].set_index([*by, "language"])["corrected"].clip(lower=0.0)
    sides = [own.reindex(pd.MultiIndex.from_frame(mean[[*by, side]]) if by else mean[side]) for side in ("language", "other")]
    mean["ceiling"] = (sides[0].to_numpy() * sides[1].to_numpy()) ** 0.5
    mean["of_ceiling"] = mean["corrected"] / mean["ceiling"].where(mean["ceiling"] > 0)
    return mean
