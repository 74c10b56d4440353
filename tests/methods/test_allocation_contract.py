"""Every allocation, from evidence to sparsities, with every knob at its ends: the mean is the target, the bounds hold."""

import dataclasses

import pytest
import torch
from evidence import blocks
from hypothesis import given, settings, strategies as st

from mwanda_core.methods.allocation import ALLOCATIONS, Allocation
from mwanda_core.parts.knobs import knobs_of


def at_the_ends(cls: type[Allocation]) -> list[Allocation]:
    """The default, and each knob alone at its lowest, its highest, or each of its choices."""
    found = [cls()]
    for knob in knobs_of(cls):
        if knob.kind == "text":
            continue  # What is given block by block is another thing for every model (`test_allocation_given`).
        for value in knob.choices or ((not knob.default,) if knob.kind == "switch" else (knob.low, knob.high)):
            found.append(dataclasses.replace(cls(), **{knob.name: value}))
    return found


PARTS = [part for cls in ALLOCATIONS.values() for part in at_the_ends(cls)]


@pytest.mark.parametrize("part", PARTS, ids=repr)
@settings(max_examples=15)
@given(seed=st.integers(0, 50), count=st.integers(1, 5), target=st.floats(0.0, 0.99))
def test_the_mean_is_the_target(part: Allocation, seed: int, count: int, target: float) -> None:
    found = blocks(seed, count, outputs=3, inputs=4)
    sizes = torch.tensor([block.size for block in found], dtype=torch.float64)
    sparsity = part.spread(part.importance(found), sizes, target)
    assert abs(float((sparsity * sizes).sum() / sizes.sum()) - target) < 1e-6
    assert bool(((sparsity >= 0) & (sparsity < 1)).all())


@pytest.mark.parametrize("part", PARTS, ids=repr)
def test_one_block_gets_the_target(part: Allocation) -> None:
    found = blocks(1, count=1)
    sizes = torch.tensor([float(found[0].size)], dtype=torch.float64)
    assert part.spread(part.importance(found), sizes, 0.37).tolist() == pytest.approx([0.37])


@pytest.mark.parametrize("part", PARTS, ids=repr)
def test_blocks_that_are_alike_are_pruned_alike(part: Allocation) -> None:
    one = blocks(2, count=1)[0]
    found = [dataclasses.replace(one, index=i) for i in range(3)]
    sizes = torch.full((3,), float(one.size), dtype=torch.float64)
    assert part.spread(part.importance(found), sizes, 0.6).tolist() == pytest.approx([0.6] * 3)


@pytest.mark.parametrize("part", PARTS, ids=repr)
def test_evidence_is_only_read(part: Allocation) -> None:
    found = blocks(3)
    before = [(item.weight.clone(), item.channels.clone()) for block in found for item in block.linears.values()]
    part.importance(found)
    after = [(item.weight, item.channels) for block in found for item in block.linears.values()]
    assert all(torch.equal(a, c) and torch.equal(b, d) for (a, b), (c, d) in zip(before, after, strict=True))
