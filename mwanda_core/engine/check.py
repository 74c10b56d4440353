"""Refused before any work, each in one sentence: settings that cannot be carried out, and methods that a walk cannot carry.

    walk             what it can carry beside sums of squares
    sequential       everything
    one-pass         everything
    per-linear       sums, what one pass through a block measures, what the whole dense model says
    from disk        sums, what one pass through a block measures, single sequences: one block is in memory
    group            sums, what one pass through a block measures: they can be added up

Fitting kept weights again reads two whole models, the dense one and the pruned one, so it goes where the whole dense model does.

Protected weights, moved biases and solvers' new weights belong to the ledger, so every walk carries them.
"""

import dataclasses
from collections.abc import Mapping, Sequence

from mwanda_core.corpora import Packed
from mwanda_core.engine.measure import BlockStats
from mwanda_core.engine.outcome import MODES
from mwanda_core.engine.plan import PER_BLOCK, is_global, token_counts
from mwanda_core.errors import InputError
from mwanda_core.methods.allocation.base import MAX_SPARSITY
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.repair import NoRepair, Refit
from mwanda_core.methods.rows import UniformRows
from mwanda_core.methods.solvers import KeepTop
from mwanda_core.models import LanguageModel
from mwanda_core.parts.needs import SUMS, Need, Scope
from mwanda_core.parts.patterns import NtoM


@dataclasses.dataclass(frozen=True)
class Carries:
    """What a walk can carry, and why nothing else: the beginning and the end of a sentence."""

    scopes: frozenset[Scope]
    reason: str = ""
    advice: str = ""


CARRIED: Mapping[str, Carries] = {
    "sequential": Carries(frozenset(Scope)),
    "one-pass": Carries(frozenset(Scope)),
    "per-linear": Carries(
        frozenset(Scope) - {Scope.SEQUENCES},
        "The per-linear walk prunes a linear while its block is still running",
        "choose the sequential mode, or a method such as wanda or m-wanda",
    ),
    "from disk": Carries(
        frozenset(Scope) - {Scope.MODEL},
        "Pruning from disk has one block in memory at a time",
        "choose another method, or prune the whole model in memory",
    ),
    "group": Carries(
        frozenset({Scope.INPUT, Scope.BLOCK}),
        "A group of processes can only add up what each measures on its own tokens",
        "choose another method, or prune in one process",
    ),
}


def check_carried(recipe: Recipe, walk: str) -> None:
    """Refuse a recipe that a walk cannot carry.

    Raises InputError in one sentence.
    """
    able = CARRIED[walk]
    beyond = [need.words for need in Need if need in recipe.needs and need.scope not in able.scopes]
    if recipe.repair.scope and recipe.repair.scope not in able.scopes and not beyond:
        beyond = [f"the repair {recipe.repair.title!r}"]
    if beyond:
        raise InputError(f"{able.reason}, and {recipe.title} needs {', '.join(beyond)}: {able.advice}.")


def check_settings(
    model: LanguageModel,
    recipe: Recipe,
    sparsity: float,
    mode: str,
    allocation_share: float,
    languages: Sequence[str] = (),
) -> None:
    """Refuse, before any work, settings that cannot be carried out on a model: `check_request`, and widths that a pattern does not fit.

    Raises InputError in one sentence.
    """
    check_request(recipe, sparsity, mode, allocation_share, languages)
    check_experts(model, recipe)
    for block in model.blocks:
        for linear in block.linears:
            recipe.pattern.check(linear.weight.shape[1], block.full_name(linear))


def check_request(recipe: Recipe, sparsity: float, mode: str, allocation_share: float, languages: Sequence[str] = ()) -> None:
    """Refuse what can be seen to be wrong without a model, so that nobody waits for one to load.

    languages: those to be calibrated on, which an activation may name or weigh; () where they are not known yet. Raises
    InputError in one sentence.
    """
    if mode not in MODES:
        raise InputError(f"The mode must be one of {', '.join(MODES)}; it was given {mode!r}.")
    check_carried(recipe, mode)
    if not 0.0 < allocation_share <= 1.0:
        raise InputError(f"The share of tokens for the allocation must lie in (0, 1]; it was given {allocation_share}.")
    if not 0.0 <= sparsity <= MAX_SPARSITY:
        raise InputError(f"Sparsity must lie between 0 and {MAX_SPARSITY}; it was given {sparsity}.")
    if isinstance(recipe.pattern, NtoM):
        _check_n_to_m(recipe, recipe.pattern, sparsity)
    if is_global(recipe):
        _check_global(recipe, mode)
    if languages:
        # The activation itself refuses languages that are not calibrated on; its weights need no measurement.
        recipe.activation.weights(token_counts(languages))


def check_experts(model: LanguageModel, recipe: Recipe) -> None:
    """Refuse what cannot be done with tokens that a router sends different ways.

    Raises InputError in one sentence.
    """
    if not model.routes:
        return
    beyond = [need.words for need in Need if need in recipe.needs and need not in OF_EXPERTS]
    if not beyond and not isinstance(recipe.repair, NoRepair | Refit):
        beyond = [f"the repair {recipe.repair.title!r}"]
    if beyond and any(block.stacks for block in model.blocks):
        raise InputError(
            f"{recipe.title} needs {', '.join(beyond)}, which is not measured of experts that lie together in one parameter: choose a "
            "method such as wanda, m-wanda or sparsegpt."
        )


OF_EXPERTS = frozenset({*SUMS, Need.GRAM, Need.SENSITIVITY, Need.SEPARABILITY})
"""What is measured of experts as of any linear."""


def _check_global(recipe: Recipe, mode: str) -> None:
    if mode != "one-pass":
        raise InputError(
            "Comparing weights of the whole model needs all scores at once: choose the one-pass mode, or the row or layer scope."
        )
    if recipe.allocation.reads_evidence:
        raise InputError(
            f"The global scope sets every layer's sparsity itself, so it cannot follow {recipe.allocation.title!r}: choose the "
            "uniform allocation, or the row or layer scope."
        )
    if recipe.score.needs & PER_BLOCK:
        raise InputError(
            f"The score {recipe.score.title!r} is measured block by block and so has no scores of the whole model to compare: "
            "choose the row or layer scope, or another score."
        )


def _check_n_to_m(recipe: Recipe, pattern: NtoM, sparsity: float) -> None:
    if pattern.mixed:
        most = 1.0 - 1.0 / pattern.m
        if sparsity > most + 1e-9:
            raise InputError(
                f"Mixed N:{pattern.m} keeps at least one of {pattern.m} weights and so prunes at most {most:.4g} of them; the "
                f"sparsity was given as {sparsity:.4g}."
            )
        return
    if recipe.allocation.reads_evidence:
        raise InputError(
            f"{pattern.n}:{pattern.m} gives every layer the same sparsity, so it cannot follow the layerwise allocation "
            f"{recipe.allocation.title!r}: choose the uniform allocation, or mixed N:M (the pattern's setting 'mixed'), which "
            f"lets N differ from block to block."
        )
    exact = pattern.achievable(sparsity)
    if abs(exact - sparsity) > 1e-9:
        raise InputError(
            f"{pattern.n}:{pattern.m} prunes exactly {exact:.4g} of the weights; the sparsity was given as {sparsity:.4g}."
        )


def check_protection(recipe: Recipe) -> None:
    """Refuse protected weights where the highest scores are not simply what is kept.

    Raises InputError in one sentence.
    """
    if not isinstance(recipe.solver, KeepTop) or not isinstance(recipe.rows, UniformRows):
        raise InputError(
            f"Weights are protected by their rank, which {recipe.title} does not follow (its solver is {recipe.solver.title!r}, its "
            f"row allocation {recipe.rows.title!r}): choose the solver 'keep-top' and uniform rows."
        )
    if is_global(recipe):
        raise InputError("Weights are protected within a layer, not under the global scope: choose the row or layer scope.")


def check_stats(
    model: LanguageModel, calibration: Packed, stats: tuple[BlockStats, ...], needs: frozenset[Need] = frozenset()
) -> None:
    """Refuse statistics of another model or other languages, or without a sum that the recipe needs.

    Raises InputError in one sentence.
    """
    for block, by_name in zip(model.blocks, stats, strict=False):
        for linear in block.linears:
            found = by_name.get(linear.name)
            if found is None or found.width != linear.weight.shape[1] or found.languages != calibration.languages:
                raise InputError(
                    f"The statistics given do not belong to {block.full_name(linear)} and the languages "
                    f"{', '.join(calibration.languages)}: measure them on this model and these texts."
                )
    if len(stats) != len(model.blocks):
        raise InputError(f"The statistics given cover {len(stats)} blocks; the model has {len(model.blocks)}.")
    for need in sorted(needs & SUMS):
        # A sum that was not asked for is zero everywhere; one that was measured is not.
        if not any(bool(getattr(found, need.field).any()) for by_name in stats for found in by_name.values()):
            raise InputError(
                f"The statistics given were taken without {str(need)!r}, which this recipe reads: measure them with it."
            )
