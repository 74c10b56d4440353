"""A layerwise rule shrunk by what halves of the text agree on: by hand, at both ends, and in a prune."""

import dataclasses

import pytest
import tiny
import torch

from mwanda_core.engine.pruning import prune
from mwanda_core.engine.reliability import halves
from mwanda_core.methods.allocation import CWL, Uniform
from mwanda_core.methods.allocation.base import reliability
from mwanda_core.methods.recipes import recipe

STEADY = recipe("m-wanda-steady")


def test_spearman_and_brown_by_hand() -> None:
    """(0, 1, 2) and (1, 0, 2) correlate by 1/2: twice that over 3/2 is 2/3."""
    assert reliability(torch.tensor([0.0, 1, 2]), torch.tensor([1.0, 0, 2])) == pytest.approx(2 / 3)
    assert reliability(torch.tensor([0.0, 1, 2]), torch.tensor([10.0, 20, 30])) == pytest.approx(1)
    assert reliability(torch.tensor([0.0, 1, 2]), torch.tensor([2.0, 1, 0])) == 0
    assert reliability(torch.tensor([0.0, 1, 2]), torch.ones(3)) == 0


def test_halves_are_of_every_language_and_single_sequences_have_none() -> None:
    first, second = halves(tiny.packed(("en", "de"), per_language=3))
    assert (first.rows.tolist(), second.rows.tolist()) == ([0, 1], [0, 0, 1, 1])
    assert halves(tiny.packed(("en", "de"), per_language=1)) == ()
    assert halves(tiny.packed(("en",), per_language=4)) == ()


def test_text_whose_halves_are_the_same_changes_nothing_and_text_without_halves_makes_blocks_alike() -> None:
    packed = tiny.packed(per_language=2)
    once = packed.ids.reshape(3, 2, -1)[:, :1]
    same = dataclasses.replace(packed, ids=once.repeat(1, 2, 1).flatten(0, 1))
    plain = prune(tiny.language_model("llama"), same, recipe("m-wanda"), 0.5, "one-pass")
    steady = prune(tiny.language_model("llama"), same, STEADY, 0.5, "one-pass")
    assert tiny.same(plain.masks, steady.masks)
    assert isinstance(steady.recipe.allocation, CWL)
    assert steady.recipe.allocation.strength == pytest.approx(CWL().strength)
    assert any("reliability of 1.00" in note for note in steady.notes)
    short = tiny.packed(per_language=1)
    alike = prune(tiny.language_model("llama"), short, STEADY, 0.5, "one-pass")
    uniform = prune(tiny.language_model("llama"), short, recipe("m-wanda").replace(allocation=Uniform()), 0.5, "one-pass")
    assert tiny.same(alike.masks, uniform.masks)


def test_with_one_language_a_run_says_what_is_left() -> None:
    one = tiny.packed(("sw",), per_language=2)
    result = prune(tiny.language_model("llama"), one, recipe("m-wanda"), 0.5, "one-pass")
    wanda = prune(tiny.language_model("llama"), one, recipe("wanda"), 0.5, "one-pass")
    assert tiny.same(result.masks, wanda.masks)
    assert sum(note.startswith("With one language") for note in result.notes) == 2
    assert not any(note.startswith("With one language") for note in wanda.notes)
