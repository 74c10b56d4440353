"""Pruning gives the bits it gave: a few of the stored cases here, all of them by `scripts/golden.py check`."""

import golden
import pytest

from mwanda_core.methods.recipes import RECIPES


@pytest.fixture(scope="module")
def stored() -> golden.Digests:
    found = golden.load()
    if reason := golden.comparable(found):
        pytest.skip(f"digests belong to one torch and processor: {reason}")
    return found["cases"]


@pytest.mark.parametrize("name", golden.QUICK)
def test_pruning_gives_the_same_bits(name: str, stored: golden.Digests) -> None:
    assert golden.cases()[name]() == stored[name]


def test_every_recipe_is_stored_in_every_mode() -> None:
    assert set(golden.load()["cases"]) == set(golden.cases())
    assert {f"llama / {name} / {mode}" for name in RECIPES for mode in golden.MODES} < set(golden.cases())
