"""Sparsity per output row: whole numbers, exact means, and the table's contract."""

import dataclasses

import making
import pytest
import torch
from evidence import linear
from hypothesis import given, settings, strategies as st
from torch import Tensor

from mwanda_core.methods.rows import MAX_ROW_SPARSITY, ROWS, UniformRows, keep_by_row, row_counts
from mwanda_core.methods.rows.base import recentre_rows
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.masks import keep_top, num_pruned

SHARES = st.lists(st.floats(0.0, 0.95), min_size=1, max_size=30).map(lambda x: torch.tensor(x, dtype=torch.float64))
SPARSITIES = st.floats(0.0, 0.99)


def item(seed: int = 0, outputs: int = 6, inputs: int = 11, count: int = 9) -> tuple[LinearEvidence, Tensor]:
    evidence = dataclasses.replace(
        linear(making.noise(outputs, inputs, seed=seed), seed=seed), samples=making.noise(inputs, count, seed=seed + 1)
    )
    return evidence, evidence.weight.abs() * evidence.channels


def test_counts_by_hand() -> None:
    # Shares 2.5, 5, 7.5 of ten: 15 in all, the extra one goes to the first of the equal remainders.
    assert row_counts(torch.tensor([0.25, 0.5, 0.75], dtype=torch.float64), 10).tolist() == [3, 5, 7]
    # Equal rows of eleven lose five each, not 5.5: so does the total here.
    assert row_counts(torch.tensor([0.5, 0.5], dtype=torch.float64), 11).tolist() == [5, 5]
    assert row_counts(torch.tensor([0.4, 0.6], dtype=torch.float64), 11).tolist() == [4, 6]
    assert row_counts(torch.tensor([0.0, 0.1], dtype=torch.float64), 10).tolist() == [0, 0]


@given(SHARES, st.integers(1, 300))
def test_rows_lose_together_exactly_what_equal_rows_would(rows: Tensor, width: int) -> None:
    counts = row_counts(rows, width)
    assert int(counts.sum()) == len(rows) * num_pruned(width, float(rows.mean()))
    assert bool(((counts >= 0) & (counts <= width)).all())
    scale = num_pruned(width, float(rows.mean())) / max(1e-300, width * float(rows.mean()))
    assert bool(((counts - rows * width * scale).abs() < 1 + 1e-5).all())


@given(SPARSITIES, st.integers(1, 300), st.integers(1, 20))
def test_equal_rows_lose_the_same_number_each(sparsity: float, width: int, outputs: int) -> None:
    rows = torch.full((outputs,), sparsity, dtype=torch.float64)
    assert row_counts(rows, width).tolist() == [num_pruned(width, sparsity)] * outputs


@given(SHARES, st.integers(1, 300))
def test_the_row_with_the_larger_share_never_loses_less(rows: Tensor, width: int) -> None:
    counts = row_counts(rows, width)[rows.argsort(stable=True)]
    assert bool((counts.diff() >= -1).all())  # Equal remainders may be broken either way, by one.
    distinct = rows.unique()
    if len(distinct) == len(rows) and bool((distinct.diff() > 1e-3).all()):
        assert bool((counts.diff() >= 0).all())


@given(st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=20), SPARSITIES)
def test_recentring_keeps_mean_bounds_and_order(values: list[float], sparsity: float) -> None:
    raw = torch.tensor(values, dtype=torch.float64)
    found = recentre_rows(raw, sparsity)
    assert abs(float(found.mean()) - sparsity) < 1e-9
    assert bool(((found >= 0) & (found <= max(MAX_ROW_SPARSITY, sparsity))).all())
    assert bool((found[raw.argsort()].diff() >= 0).all())


def test_recentring_by_hand() -> None:
    assert recentre_rows(torch.tensor([0.1, 0.3], dtype=torch.float64), 0.5).tolist() == pytest.approx([0.4, 0.6])
    # 0.2 below zero is clipped, the other rows make it good.
    assert recentre_rows(torch.tensor([0.0, 0.4, 0.8], dtype=torch.float64), 0.2).tolist() == pytest.approx([0.0, 0.1, 0.5])


@given(st.integers(0, 1000), st.floats(0.0, 0.95))
def test_uniform_rows_are_the_comparison_within_rows(seed: int, sparsity: float) -> None:
    evidence, score = item(seed)
    rows = UniformRows().rows(evidence, score, sparsity)
    assert torch.equal(keep_by_row(score, rows), keep_top(score, num_pruned(11, sparsity)))


@given(st.integers(0, 1000))
def test_kept_weights_are_the_highest_of_their_row(seed: int) -> None:
    _, score = item(seed)
    rows = torch.linspace(0.1, 0.9, 6, dtype=torch.float64)
    for values, keep in zip(score, keep_by_row(score, rows), strict=True):
        assert float(values[keep].min()) > float(values[~keep].max())


@pytest.mark.parametrize("name", ROWS)
@settings(max_examples=10)
@given(seed=st.integers(0, 1000), sparsity=SPARSITIES)
def test_every_entry_of_the_table_keeps_the_contract(name: str, seed: int, sparsity: float) -> None:
    evidence, score = item(seed)
    rows = ROWS[name]().rows(evidence, score, sparsity)
    assert rows.shape == (6,)
    assert rows.dtype == torch.float64
    assert abs(float(rows.mean()) - sparsity) < 1e-6
    assert bool(((rows >= 0) & (rows < 1)).all())
    keep = keep_by_row(score, rows)
    assert int((~keep).sum()) == 6 * num_pruned(11, sparsity)
