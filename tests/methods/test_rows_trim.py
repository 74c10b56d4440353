"""TRIM: by hand, against a slow definition, and its laws."""

import dataclasses
import math

import making
import pytest
import torch
from evidence import linear
from hypothesis import given, settings, strategies as st
from torch import Tensor

from mwanda_core.errors import InputError
from mwanda_core.methods.rows import Trim, keep_by_row
from mwanda_core.methods.rows.trim import DOWNWARD, UPWARD, quality, row_quality, search, step
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.masks import keep_top, num_pruned

SEEDS = st.integers(0, 10_000)
HALF = torch.full((3,), 0.5, dtype=torch.float64)


def item(seed: int, outputs: int = 8, inputs: int = 40, count: int = 12) -> tuple[LinearEvidence, Tensor]:
    """Rows from flat to heavy-tailed, so that they survive pruning differently."""
    weight = making.noise(outputs, inputs, seed=seed)
    powers = torch.linspace(1.0, 3.0, outputs)[:, None]
    weight = weight.sign() * weight.abs() ** powers
    evidence = dataclasses.replace(linear(weight, seed=seed), samples=making.noise(inputs, count, seed=seed + 1))
    return evidence, weight.abs() * evidence.channels


def reached(evidence: LinearEvidence, score: Tensor, rows: Tensor) -> float:
    assert evidence.samples is not None
    pruned = evidence.weight * keep_by_row(score, rows)
    return quality(evidence.weight @ evidence.samples, pruned @ evidence.samples)


def test_a_step_by_hand() -> None:
    # Qualities 0, 1/2, 1 give z = 0, 0.1, 0.2 at rate 0.1; the mean 0.1 is taken off.
    survived = torch.tensor([0.2, 0.4, 0.6], dtype=torch.float64)
    assert step(HALF, survived, 0.1, 0.5).tolist() == pytest.approx([0.4, 0.5, 0.6])
    assert step(HALF, survived, -0.1, 0.5).tolist() == pytest.approx([0.6, 0.5, 0.4])


def test_quality_by_hand() -> None:
    dense = torch.tensor([[3.0, 4.0], [1.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    pruned = torch.tensor([[3.0, 0.0], [0.0, 2.0], [0.0, 0.0], [0.0, 0.0]])
    assert row_quality(dense, pruned).tolist() == pytest.approx([0.6, 0.0, 1.0, 0.0])
    assert quality(dense, pruned) == pytest.approx(9 / (math.sqrt(28) * math.sqrt(13)))


def test_rows_that_survive_alike_do_not_move() -> None:
    nearly = torch.tensor([0.3, 0.3 + 1e-9, 0.3], dtype=torch.float64)
    assert step(HALF, nearly, 0.1, 0.5) is HALF


def test_the_sick_row_is_pruned_less_at_a_positive_rate() -> None:
    # All weights of the last row matter alike, the others live from one weight each.
    weight = torch.full((4, 20), 0.01)
    weight[:3, 0] = 1.0
    weight[3] = 1.0
    evidence = dataclasses.replace(linear(weight, torch.ones(20)), samples=making.noise(20, 30))
    assert evidence.samples is not None
    keep = keep_top(weight, 10)
    survived = row_quality(weight @ evidence.samples, (weight * keep) @ evidence.samples)
    moved = step(torch.full((4,), 0.5, dtype=torch.float64), survived, 0.04, 0.5)
    assert float(moved[3]) < 0.5 < float(moved[:3].min())
    rows = Trim().rows(evidence, weight, 0.5)
    assert rows.argmin() == 3
    assert reached(evidence, weight, rows) > reached(evidence, weight, torch.full((4,), 0.5, dtype=torch.float64))


def slow_trim(weight: Tensor, samples: Tensor, score: Tensor, sparsity: float, iterations: int) -> list[float]:
    """The search in plain Python: lists, loops and sorting, and its own clipping and rounding."""
    outputs, inputs = weight.shape
    x, w, s = samples.double().tolist(), weight.double().tolist(), score.tolist()

    def out(row: list[float], kept: set[int]) -> list[float]:
        return [sum(row[j] * x[j][t] for j in kept) for t in range(len(x[0]))]

    def cosine(a: list[float], b: list[float]) -> float:
        top = sum(p * q for p, q in zip(a, b, strict=True))
        return top / math.sqrt(sum(p * p for p in a)) / math.sqrt(sum(q * q for q in b))

    def counts(rows: list[float]) -> list[int]:
        each = math.floor(inputs * sparsity + 1e-6)
        exact = [r * each / sparsity for r in rows]
        whole = [math.floor(e + 1e-6) for e in exact]
        order = sorted(range(outputs), key=lambda i: -(exact[i] - whole[i]))
        for i in order[: each * outputs - sum(whole)]:
            whole[i] += 1
        return whole

    dense = [out(row, set(range(inputs))) for row in w]

    def judge(rows: list[float]) -> tuple[float, list[float]]:
        pruned = []
        for i, gone in enumerate(counts(rows)):
            order = sorted(range(inputs), key=lambda j: s[i][j])
            pruned.append(out(w[i], set(order[gone:])))
        whole = cosine([v for row in dense for v in row], [v for row in pruned for v in row])
        return whole, [cosine(a, b) for a, b in zip(dense, pruned, strict=True)]

    def clipped(rows: list[float]) -> list[float]:
        low, high = -2.0, 2.0
        for _ in range(100):
            middle = (low + high) / 2
            mean = sum(min(0.95, max(0.0, r + middle)) for r in rows) / outputs
            low, high = (middle, high) if mean < sparsity else (low, middle)
        return [min(0.95, max(0.0, r + high)) for r in rows]

    uniform = [sparsity] * outputs
    best, found = judge(uniform)[0], uniform
    for rates in (UPWARD, DOWNWARD):
        previous = best
        for rate in rates:
            rows = uniform
            top, where = judge(uniform)[0], uniform
            for _ in range(iterations):
                q = judge(rows)[1]
                span = max(q) - min(q)
                rows = clipped([r + 2 * rate * (v - min(q)) / span for r, v in zip(rows, q, strict=True)])
                whole = judge(rows)[0]
                if whole > top:
                    top, where = whole, rows
            if top <= previous:
                break
            previous = best = top
            found = where
        if found is not uniform:
            break
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("sparsity", [0.5, 0.8])
def test_by_reference(seed: int, sparsity: float) -> None:
    evidence, score = item(seed, outputs=4, inputs=10, count=5)
    assert evidence.samples is not None
    wanted = slow_trim(evidence.weight, evidence.samples, score, sparsity, iterations=3)
    assert Trim(iterations=3).rows(evidence, score, sparsity).tolist() == pytest.approx(wanted, abs=1e-5)


@settings(max_examples=10)
@given(SEEDS, st.floats(0.0, 0.95))
def test_a_rate_of_zero_gives_the_base_mask(seed: int, sparsity: float) -> None:
    evidence, score = item(seed)
    base = keep_top(score, num_pruned(40, sparsity))
    for part in (Trim(max_rate=0.0), Trim(iterations=0)):
        assert torch.equal(keep_by_row(score, part.rows(evidence, score, sparsity)), base)


@settings(max_examples=8)
@given(SEEDS, st.floats(0.05, 0.95))
def test_the_result_is_never_worse_than_uniform_rows(seed: int, sparsity: float) -> None:
    evidence, score = item(seed)
    uniform = torch.full((8,), sparsity, dtype=torch.float64)
    assert (
        reached(evidence, score, Trim(iterations=4).rows(evidence, score, sparsity)) >= reached(evidence, score, uniform) - 1e-7
    )


@settings(max_examples=10)
@given(SEEDS)
def test_every_step_keeps_the_mean(seed: int) -> None:
    evidence, score = item(seed)
    assert evidence.samples is not None
    seen: list[Tensor] = []

    def outputs(rows: Tensor) -> Tensor:
        seen.append(rows)
        return (evidence.weight * keep_by_row(score, rows)) @ evidence.samples

    start = torch.full((8,), 0.7, dtype=torch.float64)
    best, found = search(evidence.weight @ evidence.samples, outputs, 0.7, start, 0.16, 5)
    assert len(seen) == 6
    assert all(abs(float(rows.mean()) - 0.7) < 1e-9 and float(rows.min()) >= 0 and float(rows.max()) <= 0.95 for rows in seen)
    assert any(torch.equal(found, rows) for rows in seen)
    assert best == max(reached(evidence, score, rows) for rows in seen)


@settings(max_examples=8)
@given(SEEDS, st.floats(0.1, 0.9))
def test_rows_that_are_alike_stay_uniform(seed: int, sparsity: float) -> None:
    row = making.noise(1, 30, seed=seed)
    evidence = dataclasses.replace(linear(row.expand(5, 30).clone(), seed=seed), samples=making.noise(30, 9, seed=seed))
    score = evidence.weight.abs() * evidence.channels
    assert torch.equal(Trim(iterations=4).rows(evidence, score, sparsity), torch.full((5,), sparsity, dtype=torch.float64))


@settings(max_examples=8)
@given(SEEDS, st.permutations(range(8)))
def test_rows_are_named_not_counted(seed: int, order: list[int]) -> None:
    evidence, score = item(seed)
    moved = dataclasses.replace(evidence, weight=evidence.weight[order].clone())
    one, other = Trim(iterations=4).rows(evidence, score, 0.6), Trim(iterations=4).rows(moved, score[order].clone(), 0.6)
    torch.testing.assert_close(other, one[order], rtol=0, atol=1e-5)


@settings(max_examples=8)
@given(SEEDS, st.sampled_from([0.25, 8.0]))
def test_the_scale_of_the_samples_does_not_matter(seed: int, factor: float) -> None:
    evidence, score = item(seed)
    assert evidence.samples is not None
    louder = dataclasses.replace(evidence, samples=factor * evidence.samples)
    torch.testing.assert_close(Trim(iterations=4).rows(louder, score, 0.6), Trim(iterations=4).rows(evidence, score, 0.6))


def test_a_linear_that_gives_nothing_stays_uniform() -> None:
    evidence = dataclasses.replace(linear(torch.zeros(4, 6)), samples=making.noise(6, 3))
    assert Trim().rows(evidence, torch.zeros(4, 6), 0.5).tolist() == [0.5] * 4


def test_no_sparsity_prunes_nothing() -> None:
    evidence, score = item(0)
    assert bool(keep_by_row(score, Trim().rows(evidence, score, 0.0)).all())


def test_samples_that_were_not_measured_are_named() -> None:
    with pytest.raises(InputError, match="needs 'samples'"):
        Trim().rows(linear(torch.ones(2, 3)), torch.ones(2, 3), 0.5)
