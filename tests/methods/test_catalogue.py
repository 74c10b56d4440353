"""Parts by choice, methods by purpose, and methods put together from both."""

import dataclasses

import pytest

from mwanda_core.errors import InputError, UnknownName
from mwanda_core.methods import catalogue
from mwanda_core.methods.composition import Recipe, from_dict
from mwanda_core.methods.recipes import RECIPES, recipe
from mwanda_core.methods.scores import RIA
from mwanda_core.parts.part import Part
from mwanda_core.parts.patterns import Unstructured


def test_the_choices_are_the_recipe_s() -> None:
    made = recipe("wanda")
    formulas = [f.name for f in dataclasses.fields(Recipe) if isinstance(getattr(made, f.name), Part) and f.name != "pattern"]
    assert set(catalogue.CHOICES) == set(formulas)
    for choice, table in catalogue.CHOICES.items():
        for name in table:
            assert catalogue.name_of(choice, getattr(from_dict({choice: name}), choice)) == name


def test_every_method_stands_in_the_menu_once() -> None:
    assert sorted(found.name for _, found in catalogue.by_purpose()) == sorted(RECIPES)


def test_a_method_that_no_purpose_names_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RECIPES.own, "new", dataclasses.replace(recipe("wanda"), name="new"))
    assert [(purpose, found.name) for purpose, found in catalogue.by_purpose()][-1] == ("other", "new")


@pytest.mark.parametrize("name", RECIPES)
def test_a_method_s_own_parts_are_the_method(name: str) -> None:
    assert catalogue.assembled(name, catalogue.parts_with(name, {})) == recipe(name)
    own = {choice: catalogue.name_of(choice, part) for choice, part in catalogue.parts_of(recipe(name)).items()}
    assert catalogue.differing(name, own) == {}


def test_another_part_makes_a_combination() -> None:
    made = catalogue.assembled("m-wanda", catalogue.parts_with("m-wanda", {"score": "ria"}))
    assert made.score == RIA()
    assert made.activation == recipe("m-wanda").activation
    assert (made.name, made.title) == ("custom", "M-Wanda with RIA")
    assert from_dict(made.to_dict()) == made


def test_mistakes_are_named() -> None:
    with pytest.raises(UnknownName, match="no score named 'best'"):
        catalogue.parts_with("wanda", {"score": "best"})
    with pytest.raises(InputError, match="no choice named 'colour'"):
        catalogue.parts_with("wanda", {"colour": "red"})
    with pytest.raises(InputError, match="keep-top"):
        catalogue.assembled("trim", catalogue.parts_with("trim", {"solver": "sparsegpt"}))


def test_the_lists_name_every_part_with_its_source() -> None:
    text = "\n".join(catalogue.part_lines())
    for table in catalogue.CHOICES.values():
        for cls in table.values():
            assert cls.title in text
            assert cls.source in text
    assert "strength=0.15 (0 to 0.3)" in text
    assert "weights_by_language: a text" in text


def test_a_pattern_comes_with_the_parts_that_ask_for_it() -> None:
    """UniPruning's own pattern excludes TRIM's rows; the one given in its place does not."""
    parts = catalogue.parts_with("unipruning", {"rows": "trim"})
    with pytest.raises(InputError, match="different numbers of weights"):
        catalogue.assembled("unipruning", parts)
    assert catalogue.assembled("unipruning", parts, Unstructured()).pattern == Unstructured()
