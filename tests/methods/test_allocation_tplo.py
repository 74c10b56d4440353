"""TPLO: by hand, its two parts and the constants between them, one language against several."""

import dataclasses
from collections.abc import Mapping

import pytest
import torch
from evidence import linear
from hypothesis import given, strategies as st

from mwanda_core.errors import InputError
from mwanda_core.methods.allocation import OWL, TPLO
from mwanda_core.parts.evidence import BlockEvidence

SIZES = torch.tensor([12.0, 12.0, 12.0, 12.0], dtype=torch.float64)


def blocks(values: Mapping[str, list[float]], seed: int = 0) -> list[BlockEvidence]:
    """Random weights; v as given for each set, standardised v in the opposite order."""
    draw = torch.Generator().manual_seed(seed)
    count = len(next(iter(values.values())))
    found = []
    for index in range(count):
        weight = torch.randn(3, 4, generator=draw) ** 5
        apart = {key: {"published": v[index], "standardised": v[count - 1 - index]} for key, v in values.items()}
        found.append(BlockEvidence(index, {"a": linear(weight)}, separability=apart))
    return found


V = {"en/capitals/affirmative": [1.0, 1.0, 4.0, 2.0]}


def test_separability_alone_by_hand() -> None:
    # p = 1/8, 1/8, 1/2, 1/4; kept beyond the mean: 0.04 (4 p - 1).
    found = TPLO(pivot=0).spread(TPLO(pivot=0).importance(blocks(V)), SIZES, 0.5)
    torch.testing.assert_close(found, 0.5 - 0.04 * torch.tensor([-0.5, -0.5, 1.0, 0.0], dtype=torch.float64), rtol=0, atol=1e-9)


@given(st.integers(0, 1000), st.floats(0.1, 0.9), st.integers(1, 3))
def test_constants_on_both_sides_of_the_pivot(seed: int, target: float, pivot: int) -> None:
    evidence = blocks(V, seed)

    def sparsity(part: TPLO | OWL) -> torch.Tensor:
        return part.spread(part.importance(evidence), SIZES, target)

    whole, alone, outliers = sparsity(TPLO(pivot=pivot)), sparsity(TPLO(pivot=0)), sparsity(OWL())
    for found in (whole, alone):
        assert float(found.mean()) == pytest.approx(target, abs=1e-9)
    early, late = (whole - outliers)[:pivot], (whole - alone)[pivot:]
    assert float(early.max() - early.min()) < 1e-9
    assert float(late.max() - late.min()) < 1e-9
    torch.testing.assert_close(sparsity(TPLO(pivot=4)), outliers, rtol=0, atol=1e-9)


def test_nothing_moves_without_strength_and_the_pivot_follows_the_peak() -> None:
    flat = TPLO(scale=0.0, strength=0.0)
    assert torch.equal(flat.importance(blocks(V)), torch.zeros(4, dtype=torch.float64))
    late = {"en/words/affirmative": [1.0, 1.0, 1.0, 1.0, 1.0, 9.0]}
    # The peak is block 5, so blocks 0 to 2 follow OWL.
    assert torch.equal(TPLO().importance(blocks(late)), TPLO(pivot=3).importance(blocks(late)))
    assert torch.equal(
        TPLO(separability="standardised").importance(blocks(late)),
        TPLO(separability="standardised", pivot=1).importance(blocks(late)),
    )


def test_languages_count_alike_whatever_the_number_of_their_sets() -> None:
    several = {**V, "en/words/affirmative": V["en/capitals/affirmative"], "de/capitals/affirmative": [4.0, 2.0, 1.0, 1.0]}
    shares = torch.tensor([0.3125, 0.1875, 0.3125, 0.1875], dtype=torch.float64)
    mean = TPLO(pivot=0).importance(blocks(several))
    torch.testing.assert_close(mean, 0.04 * (4 * shares - 1))
    worst = TPLO(pivot=0, aggregate="worst").importance(blocks(several))
    torch.testing.assert_close(worst, 0.04 * (4 * torch.tensor([0.5, 0.25, 0.5, 0.25], dtype=torch.float64) / 1.5 - 1))


def test_what_was_not_measured_is_refused() -> None:
    with pytest.raises(InputError, match="Block 0: this allocation needs 'separability'"):
        TPLO().importance([BlockEvidence(0, {"a": linear(torch.ones(1, 4))})])


def test_languages_count_as_much_as_they_weigh() -> None:
    """By hand: three times as many tokens of one language, or weights in their place."""
    several = {**V, "de/capitals/affirmative": [4.0, 2.0, 1.0, 1.0]}
    evidence = blocks(several)
    stats = next(iter(evidence[0].linears.values())).stats
    for counts, given_weights in ((torch.tensor([3.0, 1.0]), None), (torch.tensor([9.0, 1.0]), torch.tensor([0.75, 0.25]))):
        told = dataclasses.replace(
            stats, languages=("de", "en"), tokens=counts.to(stats.tokens.dtype), weights=given_weights,
            **{name: value.repeat(2, 1)[:2] for name, value in vars(stats).items() if isinstance(value, torch.Tensor) and value.dim() == 2},
        )  # fmt: skip
        weighed = [
            dataclasses.replace(
                block, linears={name: dataclasses.replace(ev, stats=told) for name, ev in block.linears.items()}
            )
            for block in evidence
        ]
        shares = torch.tensor(
            [0.75 * 4 / 8 + 0.25 / 8, 0.75 * 2 / 8 + 0.25 / 8, 0.75 / 8 + 0.25 / 2, 0.75 / 8 + 0.25 / 4], dtype=torch.float64
        )
        found = TPLO(pivot=0, aggregate="weighted").importance(weighed)
        torch.testing.assert_close(found, 0.04 * (4 * shares - 1))
