"""How far to trust a layerwise rule: its importance of blocks, measured on each half of the text, and how much the halves agree.

A rule asked for as `steady` keeps that share of its strength (`methods.allocation.base.reliability`): with few languages or tokens, where
halves disagree, blocks are nearly alike; with much text nothing changes. No number of it was fitted to a model.
"""

import dataclasses

import torch

from mwanda_core.corpora import Packed
from mwanda_core.engine.dense import DenseJob
from mwanda_core.engine.measure import measure_model
from mwanda_core.engine.plan import evidence_of
from mwanda_core.methods.allocation.base import reliability
from mwanda_core.methods.composition import Recipe


def halves(packed: Packed) -> tuple[Packed, ...]:
    """The first and the second half of every language's sequences, languages with a single one left out; () where fewer than two are left."""
    counts = torch.bincount(packed.rows, minlength=len(packed.languages)).tolist()
    codes = [code for code, count in zip(packed.languages, counts, strict=True) if count > 1]
    if len(codes) < 2:
        return ()
    able = packed.only(codes)
    second = torch.zeros(len(able.rows), dtype=torch.bool)
    for row in range(len(able.languages)):
        mine = (able.rows == row).nonzero().flatten()
        second[mine[len(mine) // 2 :]] = True
    return tuple(able.where(part) for part in (~second, second))


def steadied(job: DenseJob) -> tuple[Recipe, tuple[str, ...]]:
    """The job's recipe with as much of the layerwise rule as is reliable, and a note of it; as it is where the rule does not ask."""
    rule = job.recipe.allocation
    if not rule.steady:
        return job.recipe, ()
    parts = halves(job.calibration)
    job.monitor.begin("How far halves of the text agree on the blocks")
    found = []
    for part in parts:
        stats = measure_model(job.model, part, job.recipe.activation.needs, job.monitor)
        pairs = zip(job.model.blocks, stats, strict=True)
        found.append(rule.importance([evidence_of(job.recipe, block, by_name) for block, by_name in pairs if block.linears]))
    share = reliability(*found) if found else 0.0
    notes = (
        f"Two halves of the text agree on the blocks with a reliability of {share:.2f}, which is the share of the layerwise rule that was taken.",
    )
    return dataclasses.replace(job.recipe, allocation=rule.steadied(share)), notes
