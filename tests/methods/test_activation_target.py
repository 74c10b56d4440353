"""One target language."""

import making
import pytest
import torch

from mwanda_core.errors import InputError
from mwanda_core.methods.activation import Pooled, Target

CODES = ("en", "de", "sw")


def test_by_hand() -> None:
    found = making.stats({"en": torch.tensor([[3.0, 1.0]]), "de": torch.tensor([[1.0, 2.0]])})
    assert Target("de").channels(found).tolist() == [1.0, 2.0]
    assert Target("de").weights(found).tolist() == [0.0, 1.0]


def test_empty_means_the_first_language() -> None:
    found = making.stats(making.random_tokens(CODES))
    assert torch.equal(Target().channels(found), Target("en").channels(found))


@pytest.mark.parametrize("code", CODES)
def test_it_is_wanda_calibrated_on_that_language_alone(code: str) -> None:
    found = making.stats(making.random_tokens(CODES))
    assert torch.equal(Target(code).channels(found), Pooled().channels(found.select((code,))))


def test_a_language_that_was_not_measured_is_refused() -> None:
    with pytest.raises(InputError, match=r"'fr' is not among the calibration languages \(en, de, sw\)"):
        Target("fr").channels(making.stats(making.random_tokens(CODES)))
    with pytest.raises(InputError, match="'fr' is not among"):
        Target("fr").language_weights(CODES)
