r"""Why was this weight kept? One weight's score, the threshold of the weights it is compared with, and its rank among them.

    group       the weights that a pattern compares with each other: a row, a matrix, or M neighbours
    rank        how many of the group go before it: lower scores, and equal ones with a lower index (`masks`)
    pruned  <=> rank < p,   p the number pruned of the group
    goes at     s = (rank + 1) / n: the lowest sparsity of the group at which floor(n s) exceeds the rank

Scores are made again by the run's own formula from the dense weight and the statistics that the run kept; p is counted in the
mask. Where that is not the whole truth the story says so: scores that need gradients are gone with the run (`Basis.missing`; the
plain score |W| c stands in), a solver that searches for itself does not follow scores, and whatever the reason, `agrees` says whether
the choice by score is the choice that the mask holds in this group.

For each language alone the same is done with its statistics only: would it have kept the weight, with p as it is?
"""

import dataclasses
from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.activation import Pooled, Target, Weighted
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.repair import NoRepair, Refit, Training
from mwanda_core.methods.rows import UniformRows
from mwanda_core.methods.scores import Wanda
from mwanda_core.methods.solvers import KeepTop
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.masks import refuse_nan
from mwanda_core.parts.needs import SUMS
from mwanda_core.parts.patterns import NtoM, Unstructured
from mwanda_core.parts.statistics import InputStats


@dataclasses.dataclass(frozen=True)
class Basis:
    """What the scores of a story are: the recipe they come from, and why they are not the run's own where they are not.

    missing: what the run's score measured that was not kept ("full_gradient", ...; "repair" where weights moved before the cut).
    """

    recipe: Recipe
    missing: tuple[str, ...] = ()

    @property
    def by_score(self) -> bool:
        """Whether the run kept the highest scores of each group, and these are its scores."""
        return not self.missing and isinstance(self.recipe.solver, KeepTop)


@dataclasses.dataclass(frozen=True)
class Standing:
    """One weight among its group, by one score. threshold: the lowest score that is kept; None where nothing is."""

    score: float
    threshold: float | None
    rank: int
    kept: bool


@dataclasses.dataclass(frozen=True)
class LanguageView:
    """What one language alone makes of a weight. rms: of the channel that the weight reads."""

    language: str
    rms: float
    standing: Standing


@dataclasses.dataclass(frozen=True)
class Story:
    """Everything about one weight. kept: by the mask. size, pruned: of its comparison group. `together` is None, and `languages`
    empty, where no statistics were kept. agrees: whether keeping the highest scores gives the group's part of the mask."""

    row: int
    column: int
    weight: float
    kept: bool
    scope: str
    size: int
    pruned: int
    together: Standing | None
    agrees: bool
    languages: tuple[LanguageView, ...]

    @property
    def goes_at(self) -> float | None:
        """The lowest sparsity of its group at which the weight would go; None without a score."""
        return None if self.together is None else (self.together.rank + 1) / self.size

    @property
    def place(self) -> int | None:
        """Its place in the group counted from the highest score, from 1 on; None without a score."""
        return None if self.together is None else self.size - self.together.rank


def basis(recipe: Recipe) -> Basis:
    """What can be scored again from statistics and dense weights."""
    missing: list[str] = sorted(recipe.score.needs - SUMS)
    if not isinstance(recipe.repair, NoRepair | Refit | Training):
        missing.append("repair")
    return Basis(recipe.replace(score=Wanda()) if missing else recipe, tuple(missing))


def scope_of(recipe: Recipe) -> str:
    """ "row", "layer", "global", or "n:m": the weights that are compared with each other."""
    pattern = recipe.pattern
    if isinstance(pattern, Unstructured):
        return "row" if not isinstance(recipe.rows, UniformRows) else pattern.scope
    assert isinstance(pattern, NtoM)
    return "n:m"


@torch.no_grad()
def story(
    recipe: Recipe,
    weight: Float[Tensor, "out in"],
    keep: Bool[Tensor, "out in"],
    stats: InputStats | None,
    row: int,
    column: int,
) -> Story:
    """Why the dense `weight` at (row, column) was kept or pruned in a run with this recipe and mask.

    Raises InputError for a place outside the matrix.
    """
    check_place(keep.shape, row, column)
    found = basis(recipe).recipe
    size = found.pattern.groups(keep.shape, 0.5).size
    start = (row * keep.shape[1] + column) // size * size
    members = keep.reshape(-1)[start : start + size]
    place = row * keep.shape[1] + column - start
    pruned = size - int(members.sum())
    together, agrees, views = None, False, []
    if stats is not None:
        group = _scores(found, weight, stats.weighed())[start : start + size]
        together = standing(group, place, pruned)
        agrees = bool((kept_of(group, pruned) == members).all())
        single = alone(found)
        rms = stats.rms()[:, column]
        for index, code in enumerate(stats.languages):
            theirs = _scores(single, weight, stats.select([code]))[start : start + size]
            views.append(LanguageView(code, float(rms[index]), standing(theirs, place, pruned)))
    return Story(
        row, column, float(weight[row, column]), bool(keep[row, column]), scope_of(recipe), size, pruned, together, agrees, tuple(views)
    )  # fmt: skip


def alone(recipe: Recipe) -> Recipe:
    """The recipe for one language: weights of languages mean nothing to one, and would refuse those that are missing."""
    return recipe.replace(activation=Pooled()) if isinstance(recipe.activation, Weighted | Target) else recipe


def _scores(recipe: Recipe, weight: Float[Tensor, "out in"], stats: InputStats) -> Float[Tensor, " weights"]:
    item = LinearEvidence("", weight, stats, recipe.activation.channels(stats))
    score = recipe.score(item).reshape(-1)
    refuse_nan(score[None])
    return score


def standing(group: Float[Tensor, " n"], place: int, pruned: int) -> Standing:
    """Where one member of a comparison group stands when `pruned` of them go."""
    mine = group[place]
    rank = int((group < mine).sum()) + int((group[:place] == mine).sum())
    threshold = float(group.kthvalue(pruned + 1).values) if pruned < len(group) else None
    return Standing(float(mine), threshold, rank, rank >= pruned)


def kept_of(group: Float[Tensor, " n"], pruned: int) -> Bool[Tensor, " n"]:
    """What keeping the highest scores keeps; of equal scores those with the higher index."""
    keep = torch.ones(len(group), dtype=torch.bool)
    keep[group.argsort(stable=True)[:pruned]] = False
    return keep


def check_place(shape: Sequence[int], row: int, column: int) -> None:
    """Raises InputError for a place outside a matrix."""
    for what, given, size in (("row", row, shape[0]), ("column", column, shape[1])):
        if not 0 <= given < size:
            raise InputError(f"This matrix has {what}s 0 to {size - 1}; the {what} was given as {given}.")
