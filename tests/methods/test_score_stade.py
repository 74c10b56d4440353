"""STADE: standard deviation over tokens."""

import dataclasses

import making
import torch
from evidence import linear
from hypothesis import given, strategies as st
from torch import Tensor

from mwanda_core.methods.scores import Stade, Wanda
from mwanda_core.methods.scores.stade import token_deviation
from mwanda_core.parts.evidence import LinearEvidence
from mwanda_core.parts.masks import keep_top

SEEDS = st.integers(0, 10_000)


def seen(weight: Tensor, tokens: dict[str, Tensor]) -> LinearEvidence:
    stats = making.stats(tokens)
    pooled = (stats.sumsq.sum(dim=0) / stats.tokens.sum()).sqrt().float()
    return dataclasses.replace(linear(weight), stats=stats, channels=pooled)


def test_by_hand() -> None:
    # Channel 0: 1, 3, 5, 7 (variance 5); channel 1: constant.
    tokens = {"en": torch.tensor([[1.0, 4.0], [3.0, 4.0]]), "de": torch.tensor([[5.0, 4.0], [7.0, 4.0]])}
    score = Stade()(seen(torch.tensor([[2.0, 9.0], [-1.0, 0.0]]), tokens))
    torch.testing.assert_close(score, torch.tensor([[2 * 5**0.5, 0.0], [5**0.5, 0.0]]))


@given(SEEDS)
def test_it_is_the_population_deviation_of_all_tokens(seed: int) -> None:
    tokens = making.random_tokens(seed=seed)
    wanted = torch.cat(list(tokens.values())).double().std(dim=0, correction=0).float()
    torch.testing.assert_close(token_deviation(making.stats(tokens)), wanted)


@given(SEEDS, st.floats(-20, 20))
def test_adding_a_constant_to_a_channel_changes_nothing(seed: int, constant: float) -> None:
    weight, tokens = making.noise(4, 6, seed=seed), making.random_tokens(seed=seed)
    moved = {code: x.double() + constant for code, x in tokens.items()}
    before, after = token_deviation(making.stats(tokens)), token_deviation(making.stats(moved))
    torch.testing.assert_close(after, before, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(Stade()(seen(weight, moved)), Stade()(seen(weight, tokens)), rtol=1e-4, atol=1e-4)


@given(SEEDS)
def test_centred_inputs_make_it_wanda(seed: int) -> None:
    x = making.noise(16, 6, seed=seed)
    item = seen(making.noise(4, 6, seed=seed + 1), {"en": x, "de": -x})
    torch.testing.assert_close(Stade()(item), Wanda()(item))


@given(SEEDS)
def test_it_never_exceeds_wanda(seed: int) -> None:
    item = seen(making.noise(4, 6, seed=seed), making.random_tokens(seed=seed))
    assert bool((Stade()(item) <= Wanda()(item) * (1 + 1e-6)).all())


@given(SEEDS)
def test_it_ranks_as_the_published_square_does(seed: int) -> None:
    weight, tokens = making.noise(4, 6, seed=seed), making.random_tokens(seed=seed)
    variance = torch.cat(list(tokens.values())).double().var(dim=0, correction=0)
    published = weight.double().square() * variance
    assert torch.equal(keep_top(Stade()(seen(weight, tokens)), 3), keep_top(published.float(), 3))


@given(SEEDS, st.permutations(("en", "de", "sw")))
def test_the_order_of_languages_does_not_matter(seed: int, order: list[str]) -> None:
    stats = making.stats(making.random_tokens(seed=seed))
    assert torch.equal(token_deviation(stats), token_deviation(stats.select(order)))
