"""Prune a model that does not fit in memory: one decoder block is resident at a time.

    weights      read from the model's safetensors when a block's turn comes, dropped when its pruned shard is written
    tokens       wait between blocks as hidden states, in memory or on a disk
    result       a folder that plain transformers loads; the same bits as sequential pruning in memory

The folder is made beside its place and renamed when it is whole. A job that was interrupted is taken up again where it
stopped by the same call: finished blocks are only passed through.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from mwanda_core.corpora import Packed
from mwanda_core.engine.check import check_carried, check_protection, check_settings
from mwanda_core.engine.onload.files import places
from mwanda_core.engine.onload.job import WAITING, Job, Onloaded, OnloadSettings
from mwanda_core.engine.onload.journal import job_key, open_journal
from mwanda_core.engine.onload.memory import estimate_onloading
from mwanda_core.engine.onload.parameters import Parameters
from mwanda_core.engine.plan import is_global
from mwanda_core.errors import InputError
from mwanda_core.methods.composition import Recipe
from mwanda_core.models import LanguageModel, choose_device, choose_dtype
from mwanda_core.models.skeleton import may_hold_experts, skeleton, understood
from mwanda_core.parts.masks import pack
from mwanda_core.progress import Monitor


def prune_onloading(
    source: Path,
    target: Path,
    calibration: Packed,
    recipe: Recipe,
    sparsity: float,
    settings: OnloadSettings | None = None,
    monitor: Monitor | None = None,
    protect: Mapping[str, Tensor] | None = None,
) -> Onloaded:
    """Prune the model in the folder `source` into the new folder `target`, sequentially, one block in memory at a time.

    `protect` as in `prune`. Raises InputError for settings that cannot be carried out (the target exists, a method that needs the
    whole model), ModelError
    for a folder that cannot be read, RunError for an unfinished job with other settings beside the target, Cancelled when
    stopped; what was finished is then kept for the next call.
    """
    settings = settings or OnloadSettings()
    monitor = monitor or Monitor()
    if target.exists():
        raise InputError(f"{str(target)!r} exists already: give a folder that does not, or remove it.")
    if settings.waiting not in WAITING:
        raise InputError(f"Hidden states may wait in {' or '.join(WAITING)}; it was given {settings.waiting!r}.")
    device = choose_device(settings.device)
    model = skeleton(source, choose_dtype(settings.dtype, device))
    weights = Parameters(model, places(source), skeleton_dtype(model), device, str(source))
    if may_hold_experts(model):
        # How they lie decides what the checks and the estimate count.
        model = understood(model, weights.parameter)
    if is_global(recipe):
        raise InputError("Comparing weights of the whole model needs all of them in memory: choose the row or layer scope.")
    check_carried(recipe, "from disk")
    if protect:
        check_protection(recipe)
    check_settings(model, recipe, sparsity, "sequential", settings.allocation_share, calibration.languages)
    plan: dict[str, Any] = {"recipe": recipe.to_dict(), "sparsity": sparsity, "share": settings.allocation_share}
    plan |= {"dtype": str(weights.dtype), "device": device.type}
    if protect:
        plan["protect"] = {name: pack(must.cpu()).numpy().tobytes().hex() for name, must in sorted(protect.items())}
    files = sorted({place.file for place in weights.places.values()})
    unfinished = target.with_name(f".{target.name}.unfinished")
    estimate = estimate_onloading(model, calibration, recipe, settings.waiting == "disk", settings.allocation_share)
    settings.announce(estimate)
    journal = open_journal(unfinished, job_key(files, calibration, plan))
    return Job(model, weights, calibration, recipe, sparsity, settings, journal, protect or {}, monitor).run(
        source, target, estimate
    )


def skeleton_dtype(model: LanguageModel) -> torch.dtype:
    """The type that the parameters will have."""
    return next(p.dtype for p in model.hf.parameters() if p.is_floating_point())
