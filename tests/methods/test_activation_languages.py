"""Laws between the ways of joining languages, for random statistics."""

import making
import pytest
import torch
from hypothesis import given, strategies as st

from mwanda_core.methods.activation import Activation, Maximum, Pooled, Target, Variance, Weighted

MIXTURES = [
    Pooled(), Weighted(), Weighted(mix="training share"), Weighted(mix="custom", weights_by_language="de=3"), Target(), Target("de"),
]  # fmt: skip
SEEDS = st.integers(0, 10_000)


@pytest.mark.parametrize("part", MIXTURES, ids=repr)
@given(seed=SEEDS)
def test_channels_are_the_diagonal_of_the_gram_matrix(part: Activation, seed: int) -> None:
    tokens = making.random_tokens(seed=seed)
    found = making.stats(tokens)
    weights = part.weights(found).tolist()
    gram = sum(w * (x.double().T @ x.double()) / len(x) for w, x in zip(weights, tokens.values(), strict=True))
    torch.testing.assert_close(part.channels(found).double().square(), torch.diagonal(torch.as_tensor(gram)), rtol=1e-5, atol=0)


@given(seed=SEEDS)
def test_one_language_makes_all_agree(seed: int) -> None:
    found = making.stats(making.random_tokens(("sw",), seed=seed))
    wanted = Pooled().channels(found)
    for part in (Maximum(), Weighted(), Weighted(mix="training share"), Target(), Target("sw"), Variance(lam=3.0)):
        assert torch.equal(part.channels(found), wanted)


@given(seed=SEEDS)
def test_the_maximum_bounds_every_mixture_from_above(seed: int) -> None:
    found = making.stats(making.random_tokens(seed=seed))
    least, most = found.rms().aminmax(dim=0)
    assert torch.equal(Maximum().channels(found), most.float())
    for part in MIXTURES:
        channels = part.channels(found).double()
        assert bool((channels <= most * (1 + 1e-6)).all())
        assert bool((channels >= least * (1 - 1e-6)).all())


@given(seed=SEEDS)
def test_languages_that_are_alike_make_all_agree(seed: int) -> None:
    x = making.noise(9, 5, seed=seed)
    found = making.stats({"en": x, "de": -x, "sw": x})
    wanted = Pooled().channels(found)
    for part in (Maximum(), *MIXTURES):
        torch.testing.assert_close(part.channels(found), wanted)
