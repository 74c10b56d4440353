"""The settings of a run back into the form: a law over every named method, part and pattern; and what the form cannot say."""

import dataclasses
from typing import Any

import kept
import pytest
from test_page_parts import drawn

from components.form import cloning, form
from components.form.form import Form, new_form
from components.i18n import words
from mwanda_core.methods import catalogue
from mwanda_core.methods.recipes import RECIPES, recipe
from mwanda_core.parts.knobs import knobs_of
from mwanda_core.run.settings import Settings
from mwanda_core.store.report import RunReport


def settings_of(given: Form) -> Settings:
    return form.to_settings(form.make_request(given))


def comes_back(given: Form) -> Form:
    """The law: request -> settings -> form -> request gives the same settings, and nothing is left unsaid."""
    settings = settings_of(given)
    found, notes = cloning.form_from_settings(settings)
    assert settings_of(found) == settings
    assert notes == ()
    return found


def another(knob: Any) -> Any:
    """A value of a knob that is not its default."""
    if knob.choices:
        return next(choice for choice in reversed(knob.choices) if choice != knob.default)
    if knob.kind == "switch":
        return not knob.default
    value = knob.low if knob.default != knob.low else knob.high
    return int(value) if isinstance(knob.default, int) else value


@pytest.mark.parametrize("name", RECIPES)
def test_every_named_method_comes_back(name: str) -> None:
    found = comes_back(new_form(**drawn(name)))
    assert (found["method"], found["parts"]) == (name, {})
    comes_back(new_form(method=name))


@pytest.mark.parametrize("name", RECIPES)
def test_every_knob_of_every_method_comes_back(name: str) -> None:
    given = drawn(name)
    for choice, part in catalogue.parts_of(recipe(name)).items():
        for knob in knobs_of(part):
            if knob.kind == "text":
                continue
            key, value = f"{choice}.{knob.name}", another(knob)
            changed = given["knobs"] | {key: value}
            if "activation.weights_by_language" in changed:
                changed["activation.weights_by_language"] = "en=2, sw=1"
            found = comes_back(new_form(**given | {"knobs": changed}))
            assert found["method"] == name
            assert found["knobs"][key] == value


@pytest.mark.parametrize(("choice", "name"), [(choice, name) for choice, table in catalogue.CHOICES.items() for name in table])
@pytest.mark.parametrize("method", ["m-wanda", "trim"])
def test_every_part_in_place_of_a_method_s_own_comes_back(method: str, choice: str, name: str) -> None:
    clash = ""
    try:
        settings_of(new_form(**drawn(method, **{choice: name})))
    except ValueError as error:
        clash = str(error)
    if clash:  # Parts that exclude each other make no run.
        assert "keep-top" in clash
        return
    comes_back(new_form(**drawn(method, **{choice: name})))


@pytest.mark.parametrize("pattern", words.PATTERNS)
@pytest.mark.parametrize("method", ["m-wanda", "wanda", "sparsegpt"])
def test_every_pattern_comes_back(method: str, pattern: str) -> None:
    found = comes_back(new_form(**drawn(method), pattern=pattern, n=3, m=8, sparsity=0.625 if pattern == "n:m" else 0.5))
    assert (found["method"], found["pattern"]) == (method, pattern)


def test_two_parts_and_a_language_come_back() -> None:
    found = comes_back(new_form(**drawn("m-wanda", score="ria", solver="sparsegpt"), pattern="layer"))
    assert found["parts"] == {"score": "ria", "solver": "sparsegpt"}
    target = drawn("target") | {"knobs": {"activation.language": "sw"}}
    assert comes_back(new_form(**target))["knobs"]["activation.language"] == "sw"
    own = {"activation.mix": "custom", "activation.weights_by_language": "en=1, sw=3"}
    custom = drawn("wanda", activation="weighted") | {"knobs": own}
    assert comes_back(new_form(**custom))["knobs"] | own == comes_back(new_form(**custom))["knobs"]


@pytest.mark.parametrize(
    "given",
    [
        new_form(model="Qwen/Qwen2.5-0.5B", languages=("sw", "yo"), held_out=(), seed=7, choices=False, eval_texts=3, sequence_length=64),
        new_form(mode="sequential", allocation_share=0.3, tokens_per_language=4096),
        new_form(texts="/texts/mine"),
        new_form(texts="wikipedia", tasks=("xcopa", "bmlama"), task_items=40, studies=("overlap",), spare_neurons=("de", "hi")),
        new_form(tasks=("xcopa",), task_texts="/questions"),
        new_form(sparsity=0.333),
    ],
)  # fmt: skip
def test_everything_else_comes_back(given: Form) -> None:
    found = comes_back(given)
    assert found | {"knobs": {}} == given


def test_what_the_form_cannot_say_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    odd = Settings(mode="per-linear", evaluation_texts="/other", device="cuda", model="/models/mine", texts="/texts/mine")
    found, notes = cloning.form_from_settings(odd)
    assert notes == (
        words.CLONE_MODE.format(mode="per-linear"),
        words.CLONE_EVALUATION_TEXTS,
        words.CLONE_DEVICE.format(device="cuda", dtype="auto"),
    )
    assert (found["mode"], found["texts"]) == (Settings.mode, "/texts/mine")
    monkeypatch.setenv("SPACE_ID", "someone/space")
    found, notes = cloning.form_from_settings(odd)
    assert (found["model"], found["texts"]) == (Settings.model, Settings.texts)
    assert {words.CLONE_LOCAL_TEXTS, words.CLONE_LOCAL_MODEL} < set(notes)
    assert "/models/mine" not in " ".join(notes)


def test_a_method_under_another_name_keeps_its_formula() -> None:
    own = dataclasses.replace(recipe("ria", power=0.3), name="mine", title="Mine", summary="My own.")
    found, notes = cloning.form_from_settings(Settings(method=own.to_dict()))
    assert notes == ()
    made = form.to_recipe(form.make_request(found))
    assert (made.score, made.activation, found["method"]) == (own.score, own.activation, "ria")


def test_a_method_that_is_not_known_leaves_the_form_s_own() -> None:
    found, notes = cloning.form_from_settings(Settings(method={"name": "later", "score": {"name": "not-yet"}}, sparsity=0.7))
    assert notes == (words.CLONE_METHOD,)
    assert (found["method"], found["sparsity"]) == (Settings.method, 0.7)


def test_a_run_s_report_gives_the_form() -> None:
    run, _ = kept.run_of("m-wanda", sparsity=0.6)
    found, notes = cloning.form_of_run(run.report)
    assert tuple(found[name] for name in ("method", "sparsity", "languages", "held_out")) == (
        "m-wanda",
        0.6,
        ("en", "el"),
        ("sw",),
    )
    assert notes == ()
    later = {**run.report.facts, "settings": {**run.report.facts["settings"], "of_a_later_version": 1}}
    assert cloning.form_of_run(RunReport(later, run.report.tables))[0] == found
