"""Knobs, parts and recipes: every method as plain data, there and back, with one sentence for every wrong setting."""

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from mwanda_core.errors import InputError, MwandaError, UnknownName
from mwanda_core.languages import LANGUAGES, language, parse_codes
from mwanda_core.methods.activation import ACTIVATIONS, Pooled, Variance
from mwanda_core.methods.allocation import ALLOCATIONS, CWL, OWL
from mwanda_core.methods.recipes import RECIPES, Recipe, from_dict, recipe
from mwanda_core.methods.repair import REPAIRS
from mwanda_core.methods.rows import ROWS
from mwanda_core.methods.scores import RIA, SCORES, Wanda
from mwanda_core.methods.solvers import SOLVERS
from mwanda_core.parts.knobs import Knob, check_knobs, choice, knobs_of, number, whole
from mwanda_core.parts.part import Part, build, describe, plain
from mwanda_core.parts.patterns import PATTERNS, NtoM, Unstructured
from mwanda_core.progress import Monitor, Progress

TABLES: dict[str, dict[str, type[Part]]] = {
    "activation": dict(ACTIVATIONS), "score": dict(SCORES), "allocation": dict(ALLOCATIONS), "solver": dict(SOLVERS),
    "rows": dict(ROWS), "repair": dict(REPAIRS), "pattern": dict(PATTERNS),
}  # fmt: skip
PARTS = [(table, name) for table, entries in TABLES.items() for name in entries]


@dataclasses.dataclass(frozen=True)
class Example(Part):
    """An example for these tests.

    Not shown.
    """

    title = "Example"
    formula = "x"
    source = "these tests"
    origin = "own"

    strength: float = number(0.5, 0.0, 1.0, 0.1, "How strong.", unit="nats")
    rounds: int = whole(3, 1, 9, "How often.")
    kind: str = choice("a", ("a", "b"), "Which.")
    plain_flag: bool = False


def test_knobs_by_hand() -> None:
    assert knobs_of(Example) == (
        Knob("strength", 0.5, "How strong.", 0.0, 1.0, 0.1, "nats"),
        Knob("rounds", 3, "How often.", 1, 9, 1),
        Knob("kind", "a", "Which.", choices=("a", "b")),
    )
    assert knobs_of(Example(strength=1.0)) == knobs_of(Example)
    found = describe("example", Example)
    assert (found.name, found.title, found.summary) == ("example", "Example", "An example for these tests.")
    assert [knob.name for knob in found.knobs] == ["strength", "rounds", "kind"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"strength": 1.1}, "Example.strength must lie between 0.0 and 1.0; it was given 1.1."),
        ({"strength": "much"}, "Example.strength must be a finite number; it was given 'much'."),
        ({"strength": None}, "Example.strength must be a finite number; it was given None."),
        ({"strength": True}, "Example.strength must be a finite number; it was given True."),
        ({"strength": float("inf")}, "Example.strength must be a finite number; it was given inf."),
        ({"rounds": 2.0}, "Example.rounds must be a whole number; it was given 2.0."),
        ({"rounds": 0}, "Example.rounds must lie between 1 and 9; it was given 0."),
        ({"kind": "c"}, "Example.kind must be one of a, b; it was given 'c'."),
        ({"kind": ["a"]}, "Example.kind must be one of a, b; it was given ['a']."),
        ({"plain_flag": "yes"}, "Example.plain_flag must be true or false; it was given 'yes'."),
    ],
)
def test_a_wrong_setting_is_one_sentence(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as caught:
        Example(**settings)
    assert str(caught.value) == said


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_number_is_taken_exactly_when_it_is_in_range(value: float) -> None:
    if 0.0 <= value <= 1.0:
        check_knobs(Example(strength=value))
    else:
        with pytest.raises(InputError):
            Example(strength=value)


def test_bounds_and_whole_numbers_for_numbers_are_fine() -> None:
    assert Example(strength=0, rounds=9).strength == 0
    assert Example(strength=1.0, rounds=1).rounds == 1


@pytest.mark.parametrize(("table", "name"), PARTS)
def test_every_default_is_inside_its_own_range(table: str, name: str) -> None:
    for knob in knobs_of(TABLES[table][name]):
        assert knob.help.endswith(".")
        if knob.choices:
            assert knob.default in knob.choices
        elif knob.kind == "switch":
            assert isinstance(knob.default, bool)
        elif knob.kind != "text":
            assert knob.low is not None
            assert knob.high is not None
            assert knob.low <= knob.default <= knob.high
            assert knob.step


@pytest.mark.parametrize(("table", "name"), PARTS)
def test_the_ends_of_every_range_make_a_part(table: str, name: str) -> None:
    cls = TABLES[table][name]
    for knob in knobs_of(cls):
        if knob.name in ("n", "m") or knob.kind == "text":
            continue  # N:M also asks for N < M, and a text has no ends.
        for value in knob.choices or ((False, True) if knob.kind == "switch" else (knob.low, knob.high)):
            part = build(table, TABLES[table], {"name": name, knob.name: value})
            assert build(table, TABLES[table], plain(TABLES[table], part)) == part


@pytest.mark.parametrize(("table", "name"), PARTS)
def test_parts_survive_json(table: str, name: str) -> None:
    part = build(table, TABLES[table], name)
    assert build(table, TABLES[table], json.loads(json.dumps(plain(TABLES[table], part)))) == part


def test_an_unknown_setting_of_a_part() -> None:
    with pytest.raises(InputError, match=r"The score 'ria' has no setting named alpha, beta\. Its settings are: power"):
        build("score", SCORES, {"name": "ria", "beta": 1, "alpha": 2})
    with pytest.raises(InputError, match="Its settings are: none"):
        build("score", SCORES, {"name": "wanda", "power": 1})
    for nameless in ({}, {"name": None}, {"name": ["wanda"]}, {"name": 3}):
        with pytest.raises(UnknownName, match="There is no score named"):
            build("score", SCORES, nameless)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_plain_data(name: str) -> None:
    entry = RECIPES[name]
    assert entry.name == name
    data = json.loads(json.dumps(entry.to_dict()))
    assert from_dict(data) == recipe(data) == recipe(name) == recipe(entry) == entry
    assert entry.summary.endswith(".")
    assert entry.needs == frozenset().union(*(getattr(entry, choice).needs for choice in TABLES))


def test_absent_choices_are_wandas() -> None:
    found = from_dict({"activation": "variance", "pattern": {"name": "n:m", "n": 1, "m": 4}})
    assert found == Recipe("custom", "custom", "", activation=Variance(), pattern=NtoM(1, 4))
    plain_wanda = from_dict({})
    assert (plain_wanda.activation, plain_wanda.score, plain_wanda.pattern) == (Pooled(), Wanda(), Unstructured())
    assert from_dict({"name": "mine"}).title == "mine"


def test_m_wanda_is_wanda_with_two_parts_changed() -> None:
    assert recipe("m-wanda").replace(activation=Pooled(), allocation=ALLOCATIONS["uniform"]()).to_dict() | {
        "name": "", "title": "", "summary": "",
    } == recipe("wanda").to_dict() | {"name": "", "title": "", "summary": ""}  # fmt: skip


def test_replace_finds_the_part_that_has_the_knob() -> None:
    found = recipe("m-wanda", lam=2.0, gamma=0.5, strength=0.1)
    assert found.activation == dataclasses.replace(RECIPES["m-wanda"].activation, lam=2.0, gamma=0.5)
    assert found.allocation == dataclasses.replace(RECIPES["m-wanda"].allocation, strength=0.1)
    assert found.score == RECIPES["m-wanda"].score
    named = recipe("m-wanda", **{"allocation.strength": 0.1, "activation.lam": 2.0, "activation.gamma": 0.5})
    assert named == found
    assert recipe("wanda", pattern=NtoM(2, 4), score=RIA()).score == RIA()
    assert recipe("wanda", allocation=OWL()).allocation == OWL()


def test_replace_sees_the_parts_given_beside_it() -> None:
    assert recipe("wanda", pattern=NtoM(2, 4), n=1).pattern == NtoM(1, 4)
    assert recipe("wanda", power=0.3, score=RIA()).score == RIA(power=0.3)
    assert recipe("wanda", pattern=NtoM(2, 4)).replace(n=4, m=8).pattern == NtoM(4, 8)


@pytest.mark.parametrize("key", ["lamda", "score.lam", "allocation.lam", "nothing.at.all", "", ".", "name", "title"])
def test_replace_refuses_what_no_part_has(key: str) -> None:
    with pytest.raises(InputError, match=r"is not a setting of M-Wanda\. Its settings are: .*activation\.lam"):
        recipe("m-wanda", **{key: 1.0})


def test_replace_refuses_what_two_parts_have() -> None:
    two = recipe("wanda", allocation=CWL(), score=RIA())
    both = {field.name for field in dataclasses.fields(two.allocation)} & {
        field.name for field in dataclasses.fields(two.score)
    }
    assert not both, "write this test for the name that they share"


def test_unknown_methods_and_fields() -> None:
    with pytest.raises(
        UnknownName,
        match=r"There is no method named 'sparsegbt'\. Choose one of: m-wanda, m-wanda-measured, measured-swaps, worst-swaps, wanda",
    ):
        recipe("sparsegbt")
    with pytest.raises(InputError, match="A recipe has no field named sparsity; its choices are activation, score"):
        from_dict({"sparsity": 0.5})
    with pytest.raises(UnknownName, match="There is no solver named 'best'"):
        from_dict({"solver": "best"})
    with pytest.raises(InputError, match=r"Variance\.lam must lie between"):
        recipe("m-wanda", lam=-1.0)


def test_the_error_tree() -> None:
    error = UnknownName("colour", "mauve", ["red", "green"])
    assert isinstance(error, InputError)
    assert isinstance(error, MwandaError)
    assert isinstance(error, ValueError)
    assert str(error) == "There is no colour named 'mauve'. Choose one of: red, green."


def test_languages() -> None:
    assert language("sw").name == "Swahili"
    assert language("sw").region == "Africa"
    assert not language("ja").spaced
    assert language("xx").name == "xx"
    assert all(code == entry.code and len(code) == 2 and entry.endonym for code, entry in LANGUAGES.items())
    assert len({entry.name for entry in LANGUAGES.values()}) == len(LANGUAGES)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("en,de,sw", ("en", "de", "sw")), (" en , ,de,", ("en", "de")), ("en,en,de,en", ("en", "de")),
        ("English, swahili,Haitian Creole", ("en", "sw", "ht")),
        (["hi", "German"], ("hi", "de")), ("zh-Hant,my_own", ("zh-Hant", "my_own")),
    ],
)  # fmt: skip
def test_codes_are_read(given: str | list[str], wanted: tuple[str, ...]) -> None:
    assert parse_codes(given) == wanted


@pytest.mark.parametrize("given", ["", " , ,", [], ["../../etc"], "en,d e", "a/b", "en;de", "<b>"])
def test_codes_that_are_none(given: str | list[str]) -> None:
    with pytest.raises(InputError):
        parse_codes(given)


def test_progress_covers_the_whole_job() -> None:
    seen: list[Progress] = []
    monitor = Monitor(seen.append)
    monitor.plan(4.0)
    monitor.begin("one")
    monitor.advance(1.0, "detail")
    monitor.plan(4.0)
    monitor.advance(5.0)
    assert [(p.stage, p.done, p.total, p.detail) for p in seen] == [
        ("one", 0.0, 4.0, ""), ("one", 1.0, 4.0, "detail"), ("one", 6.0, 8.0, ""),
    ]  # fmt: skip
    assert [p.fraction for p in seen] == [0.0, 0.25, 0.75]
    monitor.advance(100.0)
    assert seen[-1].fraction == 1.0
    assert Progress("Loading the model", 0.0, 0.0).fraction == 0.0
