r"""The second search: how sparse is each block, at a fixed sparsity of the whole?

    levels    each block's sparsity is s + step * level,  level in {-width .. width}
    exact     sum over blocks of size * level = 0: blocks of one size are traded one for one, so the count of pruned weights is met exactly

    nsga-iii  OptiShear's: levels as categorical choices; here made exact by moving levels toward each other's sum (the released code
              takes |achieved - s| as a second objective instead, and chooses a point by eye)
    evopress  (1 + lambda) level-switch mutation with selection in steps (Sieberling et al. 2024): a child raises one block and lowers
              another of the same size, once or more often; all children are looked at on the first positions of every text, the best few of
              them on all, and the best of those replaces its parent where it is better
    random    the control: as many random allocations

Masks of every block at every level are cut once and kept as bits, so a trial costs a forward pass. A trial is one with all positions;
`cost` counts looks at some positions too, in trials. What was measured may be kept in a file: a search that was cancelled goes on from there.
"""

import dataclasses
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.allocation.base import MAX_SPARSITY
from mwanda_core.methods.allocation.given import Given
from mwanda_core.methods.composition import Recipe
from mwanda_core.progress import Monitor
from mwanda_core.studies.cutting import masks_from
from mwanda_core.studies.metric_search.bench import Bench
from mwanda_core.studies.metric_search.journal import append_line, read_lines
from mwanda_core.studies.metric_search.search import Search, optuna_module, sampler_of, summed

SEARCHERS = ("nsga-iii", "nsga-ii", "tpe", "random", "evopress")

Levels = tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class RatioSearch:
    """How to search. step: of a block's sparsity, between neighbouring levels. children: EvoPress's lambda; look: the share of positions that
    all of them are looked at on first, and survivors: how many of them are then on all (look 1: every child is). Raises InputError."""

    searcher: str = "evopress"
    trials: int = 60
    seed: int = 0
    step: float = 0.05
    width: int = 1
    children: int = 8
    look: float = 0.25
    survivors: int = 2
    population: int = 20

    def __post_init__(self) -> None:
        if self.searcher not in SEARCHERS:
            raise InputError(f"The search must be one of {', '.join(SEARCHERS)}; it was given {self.searcher!r}.")
        if not 0.0 < self.step < 0.5 or self.width < 1 or self.trials < 1 or self.children < 1:
            raise InputError("A search over sparsities needs a step between 0 and 0.5, a level, a trial and a child.")
        if not 0.0 < self.look <= 1.0 or self.survivors < 1:
            raise InputError(
                f"Selection in steps looks at a share of the positions above 0, up to 1, and lets one child survive; it was given {self.look} and "
                f"{self.survivors}."
            )


class LevelMasks:
    """Masks of every block at every level; `of(levels)` puts a model's together.

    Raises InputError for levels that leave no sparsity between 0 and the most that is allowed, or blocks of different sizes that cannot
    be traded one for one.
    """

    def __init__(self, bench: Bench, recipe: Recipe, settings: RatioSearch) -> None:
        blocks = bench.model.blocks
        self.sizes = tuple(block.size for block in blocks)
        low, high = bench.sparsity - settings.width * settings.step, bench.sparsity + settings.width * settings.step
        if low < 0.0 or high > MAX_SPARSITY:
            raise InputError(f"Blocks would get sparsities from {low:g} to {high:g}: choose a smaller step.")
        if len(set(self.sizes)) != 1:
            raise InputError("The blocks of this model differ in size, so their sparsities cannot be traded one for one.")
        self._by_level = {
            level: masks_from(bench.model, recipe, bench.stats, bench.sparsity + level * settings.step)
            for level in range(-settings.width, settings.width + 1)
        }
        self._names = [[block.full_name(linear) for linear in block.linears] for block in blocks]

    def of(self, levels: Levels) -> dict[str, Tensor]:
        """The masks of a model with these levels of its blocks."""
        return {name: self._by_level[level][name] for level, names in zip(levels, self._names, strict=True) for name in names}


def balanced(levels: Sequence[int], width: int, draw: random.Random) -> Levels:
    """The levels moved one step at a time, at random places, until they sum to 0."""
    found = list(levels)
    while total := sum(found):
        sign = 1 if total > 0 else -1
        places = [place for place, level in enumerate(found) if -width <= level - sign <= width]
        found[draw.choice(places)] -= sign
    return tuple(found)


def switched(levels: Levels, width: int, draw: random.Random) -> Levels:
    """EvoPress's mutation: one block up, another down, min of two draws in 1 .. 3 times."""
    found = list(levels)
    for _ in range(min(draw.randint(1, 3), draw.randint(1, 3))):
        up = [place for place, level in enumerate(found) if level < width]
        down = [place for place, level in enumerate(found) if level > -width]
        raised = draw.choice(up)
        lowered = draw.choice([place for place in down if place != raised] or down)
        found[raised] += 1
        found[lowered] -= 1
    return tuple(found)


def search_ratios(
    bench: Bench, recipe: Recipe, settings: RatioSearch, monitor: Monitor | None = None, path: Path | None = None
) -> pd.DataFrame:
    """The trials in order: trial, sparsities (a list, one a block), every language's damage, mean, worst, best, cost (in trials, so far).

    The first trial is the uniform allocation, so no search ends worse. path: a file of what is measured, read again. Raises InputError as
    `LevelMasks`, Cancelled when stopped.
    """
    monitor = monitor or Monitor()
    masks = LevelMasks(bench, recipe, settings)
    rows: list[dict[str, Any]] = []
    known, looked = read_lines(path, "levels"), dict[Levels, float]()
    spent = 0.0

    def tried(levels: Levels) -> float:
        nonlocal spent
        monitor.begin(f"Allocation {len(rows) + 1} of {settings.trials}")
        if levels not in known:
            known[levels] = bench.of_masks(masks.of(levels))
            append_line(path, "levels", levels, known[levels])
        spent += 1.0
        values = known[levels] | summed(known[levels])
        best = min([values["mean"], *([rows[-1]["best"]] if rows else [])])
        shares = [round(bench.sparsity + level * settings.step, 6) for level in levels]
        rows.append({"trial": len(rows), "sparsities": shares, **values, "best": best, "cost": spent})
        return float(values["mean"])

    def look(levels: Levels) -> float:
        nonlocal spent
        if levels not in looked:
            looked[levels] = summed(bench.of_masks(masks.of(levels), settings.look))["mean"]
        spent += bench.trial_cost(settings.look) / bench.trial_cost()
        return looked[levels]

    start = (0,) * len(bench.model.blocks)
    if settings.searcher == "evopress":
        _evopress(start, tried, look, settings, lambda: settings.trials - len(rows))
    else:
        _sampled(start, tried, settings)
    return pd.DataFrame(rows)


def found_allocation(levels: Sequence[float], sparsity: float) -> Given:
    """The sparsities of a trial as a part of a recipe."""
    return Given(", ".join(f"{share - sparsity:.6g}" for share in levels))


def _evopress(
    start: Levels,
    tried: Callable[[Levels], float],
    look: Callable[[Levels], float],
    settings: RatioSearch,
    left: Callable[[], int],
) -> None:
    """The best of the children replaces its parent where it is better."""
    draw = random.Random(settings.seed)
    parent, worth = start, tried(start)
    while left() > 0:
        children = [switched(parent, settings.width, draw) for _ in range(settings.children)]
        if settings.look < 1.0 and len(children) > settings.survivors:
            children = sorted(children, key=look)[: settings.survivors]
        found, child = min((tried(child), child) for child in children[: left()])
        if found < worth:
            parent, worth = child, found


def _sampled(start: Levels, tried: Callable[[Levels], float], settings: RatioSearch) -> None:
    optuna = optuna_module()
    draw = random.Random(settings.seed)
    same = Search(settings.searcher, "mean", settings.trials, settings.seed, settings.population)
    study = optuna.create_study(sampler=sampler_of(same, optuna, 1))
    study.enqueue_trial({str(place): 0 for place in range(len(start))})
    choices = list(range(-settings.width, settings.width + 1))

    def value(trial: Any) -> float:
        levels = [trial.suggest_categorical(str(place), choices) for place in range(len(start))]
        return tried(balanced(levels, settings.width, draw))

    study.optimize(value, n_trials=settings.trials)
