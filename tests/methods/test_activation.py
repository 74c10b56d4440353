"""Languages to channel importance: the formulas by hand, and the laws that hold for every entry of the table."""

import itertools

import pytest
import torch
from hypothesis import given, strategies as st
from torch import Tensor
from torch.testing import assert_close

from mwanda_core.errors import InputError
from mwanda_core.methods.activation import ACTIVATIONS, Activation, Pooled, Target, Variance
from mwanda_core.methods.activation.base import sum_over_languages
from mwanda_core.methods.activation.variance import spread_over_languages
from mwanda_core.parts.statistics import InputStats

LANGUAGES = ("en", "de", "sw", "hi")


def stats_of(sumsq: Tensor, tokens: list[float], positive: Tensor | None = None) -> InputStats:
    sumsq = sumsq.double()
    zeros = torch.zeros_like(sumsq)
    languages = LANGUAGES[: len(sumsq)]
    return InputStats(languages, sumsq, zeros, zeros if positive is None else positive.double(), torch.tensor(tokens).double())


def random_stats(seed: int, languages: int = 4, width: int = 7) -> InputStats:
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(3, 40, (languages,), generator=generator).double()
    positive = (torch.rand(languages, width, generator=generator, dtype=torch.float64) * tokens[:, None]).floor()
    return stats_of(torch.rand(languages, width, generator=generator) * 50, tokens.tolist(), positive)


def all_activations() -> list[Activation]:
    """Every entry of the table, the target fixed (its default is the first language, which is a matter of order)."""
    return [cls(language="sw") if cls is Target else cls() for cls in ACTIVATIONS.values()] + [
        Variance(lam=lam, gamma=gamma, spread=spread)
        for lam, gamma, spread in itertools.product((0.3, 2.0), (0.0, 0.7), ("std", "variance", "cv"))
    ]


# Two languages, two channels; A = sqrt(sumsq / tokens): en (3, 2), de (1, 2).
TWO = stats_of(torch.tensor([[18.0, 8.0], [3.0, 12.0]]), [2.0, 3.0], torch.tensor([[1.0, 2.0], [3.0, 0.0]]))


def test_pooled_by_hand() -> None:
    assert Pooled().channels(TWO).tolist() == pytest.approx([(21 / 5) ** 0.5, 2.0])


@pytest.mark.parametrize(("spread", "wanted"), [("variance", [1.0, 0.0]), ("std", [1.0, 0.0]), ("cv", [0.5, 0.0])])
def test_spread_by_hand(spread: str, wanted: list[float]) -> None:
    assert spread_over_languages(TWO.rms(), spread).tolist() == pytest.approx(wanted)
    norm = [(21 / 5) ** 0.5, 2.0]
    lifted = Variance(lam=3.0, gamma=0.0, spread=spread).channels(TWO).tolist()
    assert lifted == pytest.approx([n + 3.0 * w for n, w in zip(norm, wanted, strict=True)])


def test_probability_by_hand() -> None:
    # p: en (1/2, 1), de (1, 0); means 3/4 and 1/2.
    found = Variance(lam=0.0, gamma=2.0).channels(TWO).tolist()
    assert found == pytest.approx([(21 / 5) ** 0.5 * 0.75**2, 2.0 * 0.5**2])


@given(st.integers(0, 10**6))
def test_without_lambda_and_gamma_it_is_wanda_bit_for_bit(seed: int) -> None:
    stats = random_stats(seed)
    for spread in ("std", "variance", "cv"):
        assert torch.equal(Variance(lam=0.0, gamma=0.0, spread=spread).channels(stats), Pooled().channels(stats))


@given(st.integers(0, 10**6), st.floats(0, 10))
def test_one_language_has_no_spread(seed: int, lam: float) -> None:
    stats = random_stats(seed, languages=1)
    for spread in ("std", "variance", "cv"):
        assert torch.equal(Variance(lam=lam, spread=spread).channels(stats), Pooled().channels(stats))


@given(st.integers(0, 10**6))
def test_equal_languages_have_no_spread(seed: int) -> None:
    one = random_stats(seed, languages=1)
    four = InputStats(LANGUAGES, *(t.expand(4, *t.shape[1:]).clone() for t in (one.sumsq, one.total, one.positive, one.tokens)))
    assert_close(spread_over_languages(four.rms(), "std"), torch.zeros(7, dtype=torch.float64), rtol=0, atol=1e-12)
    assert_close(Variance().channels(four), Pooled().channels(one))


@given(st.integers(0, 10**6), st.permutations(range(4)))
def test_the_order_of_languages_never_matters(seed: int, order: list[int]) -> None:
    stats = random_stats(seed)
    shuffled = stats.select([LANGUAGES[i] for i in order])
    for part in all_activations():
        assert torch.equal(part.channels(shuffled), part.channels(stats)), part
        assert torch.equal(part.weights(shuffled), part.weights(stats)[order]), part


@given(st.integers(0, 10**6))
def test_every_activation_keeps_the_contract(seed: int) -> None:
    stats = random_stats(seed)
    for part in all_activations():
        channels = part.channels(stats)
        assert channels.dtype == torch.float32
        assert channels.shape == (7,)
        assert (channels >= 0).all()
        assert torch.isfinite(channels).all()
        weights = part.weights(stats)
        assert float(weights.sum()) == pytest.approx(1.0)
        assert (weights >= 0).all()


@given(st.integers(0, 10**6), st.sampled_from([0.25, 4.0, 64.0]))
def test_importance_has_the_units_of_activations(seed: int, factor: float) -> None:
    """Activations `factor` times as large give channels `factor` times as large. A variance has squared units, and a
    coefficient of variation none, so these two are left out."""
    stats = random_stats(seed)
    larger = InputStats(stats.languages, stats.sumsq * factor**2, stats.total * factor, stats.positive, stats.tokens)
    for part in all_activations():
        if not (isinstance(part, Variance) and part.spread != "std"):
            assert_close(part.channels(larger), part.channels(stats) * factor)


@given(st.integers(0, 10**6))
def test_a_lambda_lifts_and_never_lowers(seed: int) -> None:
    stats = random_stats(seed)
    before = Pooled().channels(stats)
    for lam in (0.1, 1.0, 10.0):
        after = Variance(lam=lam).channels(stats)
        assert (after >= before).all()
        before = after


def test_channels_that_are_never_active_stay_at_zero() -> None:
    silent = stats_of(torch.zeros(3, 4), [5.0, 5.0, 5.0])
    for part in all_activations():
        assert not part.channels(silent).any(), part


def test_the_spread_is_the_population_standard_deviation() -> None:
    rms = random_stats(3).rms()
    assert_close(spread_over_languages(rms, "std"), rms.std(dim=0, correction=0))
    assert_close(spread_over_languages(rms, "cv"), rms.std(dim=0, correction=0) / rms.mean(dim=0))


def test_the_sum_over_languages_is_the_same_in_every_order() -> None:
    x = torch.tensor([[1e16, 0.1], [1.0, 0.2], [-1e16, 0.3]], dtype=torch.float64)
    sums = {tuple(sum_over_languages(x[list(order)]).tolist()) for order in itertools.permutations(range(3))}
    assert len(sums) == 1


def test_weights_are_by_tokens_unless_said_otherwise() -> None:
    assert Pooled().weights(TWO).tolist() == pytest.approx([0.4, 0.6])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"lam": -0.1}, r"Variance\.lam must lie between 0\.0 and 10\.0; it was given -0\.1"),
        ({"lam": float("nan")}, r"Variance\.lam must be a finite number"),
        ({"gamma": 3.0}, r"Variance\.gamma must lie between 0\.0 and 2\.0"),
        ({"spread": "range"}, r"Variance\.spread must be one of std, variance, cv; it was given 'range'"),
    ],
)
def test_settings_out_of_range_are_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Variance(**settings)  # type: ignore[arg-type]
