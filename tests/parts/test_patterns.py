"""Where zeros may lie: anywhere in a row, a matrix, or N of every M neighbours."""

import pytest
import torch
from hypothesis import given, strategies as st

from mwanda_core.errors import InputError
from mwanda_core.parts.masks import num_pruned
from mwanda_core.parts.patterns import PATTERNS, NtoM, Pattern, Unstructured, count_kept, parse_pattern


def test_scope_decides_who_is_compared_by_hand() -> None:
    score = torch.tensor([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]])
    by_row = Unstructured().keep(score, 0.5)
    assert by_row.tolist() == [[False, False, True, True]] * 2
    by_matrix = Unstructured(scope="layer").keep(score, 0.5)
    assert by_matrix.tolist() == [[False] * 4, [True] * 4]


def test_two_of_four_by_hand() -> None:
    score = torch.tensor([[1.0, 9.0, 2.0, 8.0, 0.0, 0.0, 0.0, 0.0]])
    assert NtoM(2, 4).keep(score, 0.5).tolist() == [[False, True, False, True, False, False, True, True]]


@given(st.integers(1, 6), st.integers(1, 40), st.floats(0, 0.99), st.integers(0, 10**6))
def test_unstructured_counts_are_exact(outputs: int, inputs: int, sparsity: float, seed: int) -> None:
    # Few distinct values: most are ties.
    score = torch.randint(0, 3, (outputs, inputs), generator=torch.Generator().manual_seed(seed)).float()
    by_row = Unstructured().keep(score, sparsity)
    assert ((~by_row).sum(dim=1) == num_pruned(inputs, sparsity)).all()
    by_matrix = Unstructured(scope="layer").keep(score, sparsity)
    assert count_kept(by_matrix) == outputs * inputs - num_pruned(outputs * inputs, sparsity)


@given(st.integers(1, 7), st.integers(2, 8), st.integers(1, 5), st.integers(0, 10**6))
def test_n_of_m_counts_are_exact(n: int, m: int, groups: int, seed: int) -> None:
    n = min(n, m - 1)
    score = torch.randint(0, 3, (3, m * groups), generator=torch.Generator().manual_seed(seed)).float()
    keep = NtoM(n, m).keep(score, 1.0 - n / m)
    assert (keep.view(3, groups, m).sum(dim=2) == n).all()
    assert NtoM(n, m).achievable(0.3) == pytest.approx(1.0 - n / m)


@given(st.integers(2, 16), st.floats(0, 0.99))
def test_mixed_n_of_m_takes_the_nearest_step_and_never_empties_a_group(m: int, sparsity: float) -> None:
    pattern = NtoM(1, m, mixed=True)
    score = torch.rand(2, 3 * m)
    kept = pattern.keep(score, sparsity).view(2, 3, m).sum(dim=2)
    assert (kept == pattern.kept(sparsity)).all()
    assert 1 <= pattern.kept(sparsity) <= m
    assert abs(pattern.achievable(sparsity) - min(sparsity, 1 - 1 / m)) <= 0.5 / m + 1e-9


def test_n_of_m_needs_a_width_that_m_divides() -> None:
    with pytest.raises(InputError, match="q_proj has 30 inputs, which 4 does not divide: choose another pattern than 2:4"):
        NtoM(2, 4).check(30, "q_proj")
    with pytest.raises(InputError, match="4 does not divide"):
        NtoM(2, 4).keep(torch.rand(2, 6), 0.5)
    NtoM(2, 4).check(32, "q_proj")
    Unstructured().check(31, "q_proj")


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("unstructured", Unstructured()), ("row", Unstructured()), ("layer", Unstructured(scope="layer")),
        ("2:4", NtoM(2, 4)), ("4:8", NtoM(4, 8)), ("1:4", NtoM(1, 4)),
    ],
)  # fmt: skip
def test_patterns_are_read_from_words(given: str, wanted: Pattern) -> None:
    assert parse_pattern(given) == wanted


@pytest.mark.parametrize(
    "given", ["", "2:", ":4", "4:4", "5:4", "0:4", "2:4:8", "a:b", "-2:4", "2.5:4", "²:4", "2:²", "1:65", "dense"]
)
def test_anything_else_is_refused(given: str) -> None:
    with pytest.raises(InputError):
        parse_pattern(given)


@given(st.text(max_size=8))
def test_no_text_gives_another_kind_of_error(given: str) -> None:
    try:
        found = parse_pattern(given)
    except InputError:
        return
    assert type(found) in PATTERNS.values()
