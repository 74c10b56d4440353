"""Kept weights fitted again: by hand, against numpy, and whom it forgets."""

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.testing import assert_close

from mwanda_core.methods.repair import LeastSquares, LinearTask
from mwanda_core.methods.repair.least_squares import PULLS, System, by_gradients, exactly, left_out
from mwanda_core.parts.masks import keep_top_per_row

SHARE = 0.3
"""What errors in the dense model's inputs are of the inputs: the pruned model reads something else."""


def task(dense: Tensor, keep: Tensor, groups: list[tuple[Tensor, Tensor]], folds: tuple[tuple[int, ...], ...]) -> LinearTask:
    """groups: (X, Z) of each, [in, tokens]."""
    rows = torch.arange(len(dense))
    return LinearTask(
        dense, dense.masked_fill(~keep, 0), keep,
        torch.stack([x @ x.T / x.shape[1] for x, _ in groups]), torch.stack([z @ x.T / x.shape[1] for x, z in groups]),
        folds, rows, torch.stack([(dense @ z).square().sum(dim=1) / z.shape[1] for _, z in groups]).double(),
    )  # fmt: skip


def drawn(seed: int, width: int = 12, outputs: int = 5, groups: int = 4, dtype: torch.dtype = torch.float64) -> LinearTask:
    """Groups whose channels are mixed by one matrix for all and one of their own."""
    generator = torch.Generator().manual_seed(seed)

    def noise(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=dtype)

    shared, dense = noise(width, width), noise(outputs, width)
    keep = keep_top_per_row(dense.abs(), torch.full((outputs,), width // 2))
    pairs = []
    for _ in range(groups):
        z = (shared + 0.5 * noise(width, width)) @ noise(width, 4 * width)
        pairs.append((z + SHARE * noise(*z.shape), z))
    return task(dense, keep, pairs, tuple((g,) for g in range(groups)))


def four_tokens() -> LinearTask:
    """Four tokens of three channels: the first two together once, then each channel alone. X X^T / 4 = [[2, 1, 0], [1, 2, 0], [0, 0, 1]] / 4."""
    x = torch.tensor([[1.0, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]]).double().T
    return task(torch.ones(1, 3).double(), torch.tensor([[True, False, True]]), [(x, x)], ((0,),))


@pytest.mark.parametrize(
    ("pull", "first"),
    # Row (1, 1, 1) without its second weight: (2 + p) v = 3 + p for the first, which is with the second in one token of two, with
    # p = lambda (2 + 2 + 1) / 3; the third stands alone and stays.
    [(1e-9, 1.5), (0.6, 4 / 3), (3.0, 8 / 7)],
)
def test_by_hand(pull: float, first: float) -> None:
    fitted = System.of(four_tokens()).solve(pull, torch.ones(1, 3), 1e-12)
    assert_close(fitted, torch.tensor([[first, 0.0, 1.0]]).double())


def test_the_error_by_hand() -> None:
    """Without repair two tokens of four miss 1 each; at 1.5 they miss 0.5, one on the other side, and the first token another 0.5."""
    judged = dict(left_out(drawn_with(four_tokens())))
    assert max(judged) == PULLS[0]
    assert all(len(ratios) == 2 for ratios in judged.values())
    weakest = judged[PULLS[-1]][0]
    v = 1 + 1 / (2 + PULLS[-1] * 5 / 3)
    # Tokens (1, 1, 0), (1, 0, 0), (0, 1, 0) want 2, 1, 1 and get v, v, 0; unrepaired 1, 1, 0.
    assert weakest == pytest.approx(((2 - v) ** 2 + (1 - v) ** 2 + 1) / 2)


def drawn_with(one: LinearTask) -> LinearTask:
    """The same text as two groups, each left out in turn."""
    twice = {name: torch.cat([getattr(one, name)] * 2) for name in ("gram", "cross", "energy")}
    return LinearTask(one.dense, one.weight, one.keep, folds=((0,), (1,)), rows=one.rows, **twice)


@pytest.mark.parametrize("pull", [0.0, 0.01, 1.0])
def test_each_row_is_numpy_s_least_squares(pull: float) -> None:
    generator = torch.Generator().manual_seed(3)
    x, z = (torch.randn(8, 40, generator=generator, dtype=torch.float64) for _ in range(2))
    dense = torch.randn(4, 8, generator=generator, dtype=torch.float64)
    keep = torch.rand(4, 8, generator=generator) < 0.6
    found = System.of(task(dense, keep, [(x, z)], ((0,),))).solve(pull or 1e-12, dense, 1e-12)
    root = np.full(8, float(pull * (x @ x.T).diagonal().mean()) ** 0.5)
    for row in range(4):
        places = keep[row].numpy()
        left = np.concatenate([x.numpy()[places].T, np.diag(root)[places][:, places]])
        right = np.concatenate([(dense[row] @ z).numpy(), root[places] * dense[row].numpy()[places]])
        assert_close(found[row, keep[row]], torch.from_numpy(np.linalg.lstsq(left, right, rcond=None)[0]), atol=1e-8, rtol=1e-6)


@pytest.mark.parametrize("width", [16, 200])
def test_the_normal_equations_vanish_on_kept_weights_and_nothing_stands_elsewhere(width: int) -> None:
    """At 200 channels by conjugate gradients, at 16 by factors."""
    given = drawn(1, width=width, outputs=7, groups=2)
    system = System.of(given)
    fitted = system.solve(0.3, given.weight, 1e-10)
    added = 0.3 * system.gram.diagonal().mean()
    residual = fitted @ system.gram + added * fitted - system.aim - added * given.dense
    assert float(residual[given.keep].abs().max()) < 1e-8 * float(system.aim.abs().max())
    assert not fitted[~given.keep].any()


def test_both_ways_of_solving_agree_also_with_rows_of_any_count_and_dead_channels() -> None:
    given = drawn(2, width=24, outputs=9, groups=2)
    keep = torch.rand(9, 24, generator=torch.Generator().manual_seed(0)) < torch.linspace(0, 1, 9)[:, None]
    keep[0], keep[-1] = False, True
    gram = given.gram.sum(dim=0)
    gram[:, 5], gram[5] = 0, 0
    added = 0.1 * gram.diagonal().mean()
    aim = (given.dense @ gram + added * given.dense).masked_fill(~keep, 0)
    exact, iterated = exactly(gram, added, aim, keep), by_gradients(gram, added, aim, keep, given.weight, 1e-12)
    assert_close(iterated, exact, atol=1e-7, rtol=1e-6)
    assert not exact[0].any()
    assert_close(exact[-1], given.dense[-1])


def test_a_channel_that_no_token_uses_keeps_its_weights() -> None:
    given = drawn(4, groups=2)
    for sums in (given.gram, given.cross):
        sums[:, 3], sums[:, :, 3] = 0, 0
    fitted = LeastSquares(pull=0.1).fit(given).weight
    assert fitted is not None
    assert_close(fitted[:, 3], given.weight[:, 3])


@pytest.mark.parametrize("seed", range(6))
def test_the_gate_harms_no_group_that_was_left_out(seed: int) -> None:
    """On its own measure, computed here without the sums: rows fitted by numpy to the other groups' tokens."""
    fitted = LeastSquares().fit(given := drawn(seed))
    assert max(fitted.ratios) <= 1
    if fitted.weight is None:
        return
    pull = float(fitted.note.split("pull ")[1].split(",")[0])
    for group in range(4):
        others = [g for g in range(4) if g != group]
        gram, cross = given.gram[others].sum(dim=0), given.cross[others].sum(dim=0)
        added = pull * gram.diagonal().mean()
        again = torch.zeros_like(given.weight)
        for row in range(len(again)):
            places = given.keep[row]
            aim = given.dense[row] @ cross + added * given.dense[row]
            again[row, places] = torch.linalg.solve((gram + added * torch.eye(12).double())[places][:, places], aim[places])

        def miss(weight: Tensor, group: int = group) -> Tensor:
            square = ((weight @ given.gram[group]) * weight).sum()
            return given.energy[group].sum() - 2 * (weight * (given.dense @ given.cross[group])).sum() + square

        assert float(miss(again) / miss(given.weight)) == pytest.approx(fitted.ratios[group], rel=1e-6)


def test_nothing_pruned_and_nothing_lost_stays_bit_for_bit() -> None:
    given = drawn(5)
    whole = LinearTask(
        given.dense, given.dense, torch.ones_like(given.keep), given.gram, given.gram, given.folds, given.rows,
        torch.stack([((given.dense @ g) * given.dense).sum(dim=1) for g in given.gram]),
    )  # fmt: skip
    assert LeastSquares().fit(whole).weight is None


def test_the_order_of_groups_does_not_matter() -> None:
    given = drawn(6)
    turned = [2, 0, 3, 1]
    other = LinearTask(
        given.dense, given.weight, given.keep, given.gram[turned], given.cross[turned], given.folds, given.rows, given.energy[turned]
    )  # fmt: skip
    one, two = LeastSquares().fit(given), LeastSquares().fit(other)
    assert one.weight is not None
    assert two.weight is not None
    assert_close(one.weight, two.weight)


def planted() -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """Two languages on disjoint channels, but for a whisper: English speaks on channel 0 and a tenth of it leaks into channel 1, where
    Swahili speaks alone. Channel 0 is pruned, channel 1 kept: to English, its weight could make up for the loss tenfold."""
    generator = torch.Generator().manual_seed(0)
    english, swahili = (torch.randn(1, 50, generator=generator, dtype=torch.float64) for _ in range(2))
    texts = {"en": torch.cat([english, english / 10]), "sw": torch.cat([0 * swahili, swahili])}
    return torch.ones(1, 2).double(), torch.tensor([[False, True]]), texts


def losses(weight: Tensor | None, dense: Tensor, texts: dict[str, Tensor]) -> dict[str, float]:
    assert weight is not None
    return {code: float(((weight - dense) @ x).square().sum() / (dense @ x).square().sum()) for code, x in texts.items()}


def test_repair_for_one_language_ruins_another_and_guarding_it_does_not() -> None:
    dense, keep, texts = planted()
    weak = LeastSquares(pull=0.001)

    def fitted(guard: float) -> dict[str, float]:
        pairs = [(x * weight**0.5, x * weight**0.5) for x, weight in zip(texts.values(), (1.0, guard), strict=True)]
        return losses(weak.fit(task(dense, keep, pairs, ((0,), (1,)))).weight, dense, texts)

    alone, whispered, guarded = fitted(0.0), fitted(0.05), fitted(1.0)
    assert alone["en"] < 0.01
    assert alone["sw"] > 50
    # A twentieth of the weight already helps a lot; the same weight saves it.
    assert whispered["sw"] < alone["sw"] / 20
    assert guarded["sw"] < 0.05
    # And left out, Swahili objects to any repair for English alone.
    assert LeastSquares().fit(task(dense, keep, [(x, x) for x in texts.values()], ((0,), (1,)))).weight is None
