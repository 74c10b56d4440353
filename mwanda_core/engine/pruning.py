"""Prune a model in memory: check, measure the dense model, spread the sparsity, walk.

Layerwise allocations that look at activations need statistics of all blocks before the first mask is cut: behind pruned
blocks that is one more dense pass, which may use a part of the calibration tokens (`allocation_share`).
"""

import dataclasses
import time
from collections.abc import Mapping

from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine.check import check_carried, check_protection, check_settings, check_stats
from mwanda_core.engine.dense import DenseJob, measure_dense
from mwanda_core.engine.distil import distil
from mwanda_core.engine.group import Alone, Group, add_up_block, share_of
from mwanda_core.engine.ledger import Ledger, targets_of
from mwanda_core.engine.measure import BlockStats, measure_model, with_weights
from mwanda_core.engine.mirror import Mirror
from mwanda_core.engine.outcome import Mode, PruneResult
from mwanda_core.engine.plan import allocate, global_targets, is_global, passes, planned_work
from mwanda_core.engine.refit import refit
from mwanda_core.engine.reliability import steadied
from mwanda_core.engine.walk import Walk
from mwanda_core.engine.windows import rebuild
from mwanda_core.engine.worst_first import settle
from mwanda_core.methods.composition import Recipe
from mwanda_core.models import LanguageModel
from mwanda_core.parts.needs import Need
from mwanda_core.progress import Monitor


def prune(
    model: LanguageModel,
    calibration: Packed,
    recipe: Recipe,
    sparsity: float,
    mode: Mode = "sequential",
    *,
    stats: tuple[BlockStats, ...] | None = None,
    allocation_share: float = 1.0,
    protect: Mapping[str, Tensor] | None = None,
    learn_from: Packed | None = None,
    group: Group | None = None,
    mirror: Mirror | None = None,
    monitor: Monitor | None = None,
) -> PruneResult:
    """Prune the model in place; `result.restore()` undoes it.

    `stats` are dense statistics of the same tokens from an earlier run, which spare the dense pass. `protect`: full name of a
    linear -> Bool [out, in] of weights to be kept before all others (language neurons, say); counts stay as they are. `learn_from`: what a
    repair that trains learns from (None: the calibration tokens); guards in it may be left out to judge by. `group`: the processes that do
    this together, each with the same model and all tokens given (`engine.distributed`). `mirror`: UniPruning's states of the same texts and
    settings from an earlier run, which spare its walk.

    Raises InputError for settings that do not fit the model, Cancelled when stopped; in both cases the weights are as they were.
    """
    started = time.perf_counter()
    monitor, group, protect = monitor or Monitor(), group or Alone(), protect or {}
    check_settings(model, recipe, sparsity, mode, allocation_share, calibration.languages)
    model.check_walks()
    if group.size > 1:
        check_carried(recipe, "group")
    if protect:
        check_protection(recipe)
    todo = passes(recipe, mode, stats is not None)
    if stats is not None:
        # A walk that measures for itself leaves only the allocation to the statistics given.
        read = recipe.activation.needs | recipe.allocation.needs if todo.own_walk else recipe.needs
        check_stats(model, calibration, stats, read)
    mine = share_of(calibration, group)
    share = 1.0 if mode == "one-pass" else allocation_share
    learnt = calibration if learn_from is None else learn_from
    monitor.plan(planned_work(model, mine, recipe, mode, stats is not None, share, learnt_from=learnt.num_tokens))
    ledger = Ledger(recipe, {}, protect)
    try:
        if todo.dense_stats:
            own = measure_model(model, share_of(calibration.part(share), group), recipe.needs, monitor)
            stats = tuple(add_up_block(by_name, group) for by_name in own)
        stats = None if stats is None else with_weights(stats, calibration.weights)
        job = DenseJob(model, calibration, recipe, sparsity, stats, protect, monitor, mirror)
        recipe, steadying = steadied(dataclasses.replace(job, recipe=settle(job)))
        ledger.recipe = recipe
        dense = measure_dense(dataclasses.replace(job, recipe=recipe))
        allocation = allocate(recipe, model.blocks, stats, sparsity, dense)
        ledger.targets = targets_of(model, allocation)
        if is_global(recipe) and stats is not None:
            ledger.targets = global_targets(recipe, model.blocks, stats, sparsity, dense)
        found = tuple(Walk(model, calibration, ledger, mode, monitor, stats, dense, group=group).blocks())
        repaired = refit(model, calibration, ledger, monitor)
        repaired = (*repaired, *rebuild(model, learnt, ledger, monitor), *distil(model, learnt, ledger, monitor))
    except BaseException:
        ledger.dense.restore()
        raise
    return PruneResult(
        recipe=recipe,
        sparsity=sparsity,
        mode=mode,
        allocation=allocation,
        linears=tuple(ledger.linears),
        masks=ledger.masks,
        updates=ledger.updates,
        stats=found,
        dense=ledger.dense,
        seconds=time.perf_counter() - started,
        notes=(*model.skipped, *_alone(recipe, calibration), *steadying, *ledger.notes(ledger.linears), *repaired),
        mirror=dense[Need.GAMMA].mirror if Need.GAMMA in dense else None,
    )


def _alone(recipe: Recipe, calibration: Packed) -> tuple[str, ...]:
    """What parts of the recipe say of themselves where there is but one language."""
    if len(calibration.languages) > 1:
        return ()
    return tuple(part.alone for part in (recipe.activation, recipe.allocation) if part.alone)
