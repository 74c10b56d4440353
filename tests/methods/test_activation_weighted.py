"""Weighted mixture of languages."""

import making
import pytest
import torch
from hypothesis import given, strategies as st

from mwanda_core.errors import InputError
from mwanda_core.languages import LANGUAGES
from mwanda_core.methods.activation import ACTIVATIONS, Pooled, Weighted
from mwanda_core.methods.activation.weighted import TRAINING_MEGABYTES, parse_weights
from mwanda_core.parts.part import build, plain

CODES = ("en", "de", "sw")


def test_by_hand() -> None:
    # en: rms 1; de: rms 3. Equal: sqrt((1 + 9) / 2); en=3: sqrt((3 * 1 + 9) / 4).
    found = making.stats({"en": torch.ones(5, 1), "de": torch.full((2, 1), 3.0)})
    assert Weighted().channels(found).item() == pytest.approx(5**0.5)
    assert Weighted(mix="custom", weights_by_language="en=3").channels(found).item() == pytest.approx(3**0.5)


def test_a_language_of_weight_zero_plays_no_part() -> None:
    found = making.stats(making.random_tokens(CODES))
    left_out = Weighted(mix="custom", weights_by_language="sw=0").channels(found)
    torch.testing.assert_close(left_out, Weighted().channels(found.select(("en", "de"))), rtol=0, atol=0)


def test_custom_weights_count_only_relative_to_each_other() -> None:
    found = making.stats(making.random_tokens(CODES))
    one = Weighted(mix="custom", weights_by_language="en=2, de=1, sw=4")
    ten = Weighted(mix="custom", weights_by_language="en=20,de=10,sw=40")
    torch.testing.assert_close(one.weights(found), ten.weights(found))


def test_equal_weights_are_pooling_when_tokens_are_equal() -> None:
    found = making.stats({code: making.noise(16, 4, seed=i) for i, code in enumerate(CODES)})
    torch.testing.assert_close(Weighted().channels(found), Pooled().channels(found))


def test_the_table_of_shares_orders_well_known_languages_and_covers_the_menu() -> None:
    assert set(LANGUAGES) == set(TRAINING_MEGABYTES)
    shares = Weighted(mix="training share").language_weights(("en", "de", "sw", "yo"))
    assert torch.equal(shares.sort(descending=True).values, shares)
    assert float(shares[0] / shares[1]) == pytest.approx(82 / 18)


@pytest.mark.parametrize("mix", ["equal", "training share", "custom"])
def test_weights_of_statistics_and_of_languages_agree(mix: str) -> None:
    part = Weighted(mix=mix, weights_by_language="de=5")
    assert torch.equal(part.weights(making.stats(making.random_tokens(CODES))), part.language_weights(CODES))


@given(st.dictionaries(st.sampled_from(sorted(LANGUAGES)), st.integers(0, 1000), max_size=5))
def test_parsing_reads_what_was_written(weights: dict[str, int]) -> None:
    assert parse_weights(", ".join(f"{code} = {value}" for code, value in weights.items())) == weights


@pytest.mark.parametrize("text", ["en", "en=", "=2", "en=two", "en=-1", "en=inf", "en=nan", "en=1,en=2", "en:2"])
def test_what_is_no_list_of_weights_is_refused_at_once(text: str) -> None:
    with pytest.raises(InputError, match="written like 'en=2, sw=1'"):
        Weighted(mix="custom", weights_by_language=text)


def test_weights_that_do_not_fit_the_languages_are_refused() -> None:
    found = making.stats(making.random_tokens(CODES))
    with pytest.raises(InputError, match="given for fr, but the calibration languages are en, de, sw"):
        Weighted(mix="custom", weights_by_language="fr=1").channels(found)
    with pytest.raises(InputError, match="All language weights are 0"):
        Weighted(mix="custom", weights_by_language="en=0,de=0,sw=0").channels(found)
    with pytest.raises(InputError, match="known for tlh"):
        Weighted(mix="training share").language_weights(("en", "tlh"))


def test_plain_data_and_back() -> None:
    part = Weighted(mix="custom", weights_by_language="en=2")
    assert build("activation", ACTIVATIONS, plain(ACTIVATIONS, part)) == part
