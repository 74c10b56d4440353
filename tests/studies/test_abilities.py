"""Abilities: items that have one right answer, a world that allows what it says, graphs by brute force, both models' tables by hand."""

import argparse
import dataclasses
import itertools
import json
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tiny

from benchmarks import replications_abilities as replicated
from mwanda_core.corpora.words import words
from mwanda_core.errors import InputError, TextError, UnknownName
from mwanda_core.insight.generation import Continuation, Generations, GenerationSettings, Prompt
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.abilities import Abilities, bfcl, graphs, measure, steps, worfbench
from mwanda_core.studies.abilities.items import DEPTHS, KINDS, ROLES, items, languages, needles, workflow
from mwanda_core.studies.abilities.study import KINDS as OFFERED
from mwanda_core.studies.abilities.world import World
from mwanda_core.studies.cutting import rounded_to
from mwanda_core.tasks import Item, Task, harness, score_task
from mwanda_core.tasks.base import checked

MADE = [kind for kind in KINDS if kind != "needle"]


def cells() -> list[tuple[str, str]]:
    return [(kind, code) for kind in MADE for code in languages() if (kind, code) != ("argument", "en")]


# --- Items ---------------------------------------------------------------------------------------------------------------


def test_there_are_ten_languages_and_the_same_parts_in_each() -> None:
    lists = words("abilities")
    assert len(lists) >= 10
    assert OFFERED == KINDS
    for told in lists.values():
        assert told.keys() == lists["en"].keys()
        assert all(
            len(told[part]) == len(set(told[part])) == len(lists["en"][part]) for part in ("steps", "rooms", "objects", "none")
        )


@pytest.mark.parametrize(("kind", "code"), cells())
def test_every_item_asks_something_and_is_the_same_again(kind: str, code: str) -> None:
    found = items(kind, code, 6)
    assert all(checked(item).answer == 0 and len(item.choices) == len(ROLES[kind]) for item in found)
    assert len({item.context for item in found}) == 6
    assert items(kind, code, 6) == found
    assert items(kind, code, 3) == found[:3]
    assert items(kind, code, 6, seed=1) != found


def test_three_forms_say_the_same_call() -> None:
    for code in languages():
        for one, two, three in zip(*(items(f"call-{form}", code, 4) for form in ("json", "text", "python")), strict=True):
            call = json.loads(one.choices[0])
            city, number = call["arguments"].values()
            assert city in one.context.rsplit("\n", 1)[0].rsplit("\n", 1)[-1]
            assert two.choices[0].startswith(f" {call['name']}, city {city}, ")
            assert three.choices[0].startswith(f' {call["name"]}(city="{city}", ')
            assert f"{number}" in two.choices[0]
            wrong, value, missing = (json.loads(choice) for choice in one.choices[1:])
            assert wrong["name"] != call["name"]
            assert value["arguments"]["city"] in one.context
            assert list(missing["arguments"]) == ["city"]


def test_a_tool_is_needed_in_half_of_the_items() -> None:
    assert [item.choices[0] for item in items("need", "sw", 6)] == [" no", " yes"] * 3


def test_a_workflow_breaks_exactly_one_rule() -> None:
    draw = random.Random(1)
    for _ in range(50):
        _, right, edges, place = workflow("de", draw)
        assert len(set(right)) == len(right) == len(edges) + 1
        assert not graphs.broken(right, edges)
        swapped = [*right[:place], right[place + 1], right[place], *right[place + 2 :]]
        assert graphs.broken(swapped, edges) == ((right[place], right[place + 1]),)


@pytest.mark.parametrize(("code", "haystack"), [("en", "en"), ("zh", "zh"), ("de", "zh"), ("hi", "en")])
def test_needles_stand_where_they_should_and_all_numbers_are_there(code: str, haystack: str) -> None:
    found = needles(code, haystack, 300, lambda text: len(text) // 4, texts=2)
    assert len(found) == 2 * len(DEPTHS)
    for item, depth in zip(found, DEPTHS * 2, strict=True):
        body, stem = item.context.rsplit("\n", 1)
        numbers = [choice.strip() for choice in item.choices]
        assert len(set(numbers)) == 4
        assert all(body.count(number) == 1 for number in numbers)
        assert stem + item.choices[0] in body
        assert float(item.group.split("|")[0]) == pytest.approx(depth, abs=0.01)
        if depth == 0.0:
            assert body.startswith(stem)
        if depth == 1.0:
            assert body.endswith(numbers[0] + ".")
            assert all(body.index(number) < body.index(numbers[0]) for number in numbers[1:])
    size = len(found[0].context) // 4
    assert 200 < size < 420


def test_the_world_allows_what_it_says() -> None:
    draw = random.Random(0)
    world = World.drawn("tr", draw)
    for _ in range(60):
        assert all(world.room in world.doors[other] for other in world.doors[world.room])
        assert set(world.valid()) <= set(world.thinkable())
        assert len(world.thinkable()) == 9
        action = draw.choice(world.valid())
        after = world.after(action)
        assert action[1] in world.seen()
        assert after.room == (action[1] if action[0] == "go" else world.room)
        assert action not in after.valid() or action[0] == "go"
        world = after
    with pytest.raises(AssertionError):
        world.after(("go", world.room))


def test_only_the_right_move_is_valid() -> None:
    for code in ("en", "ar", "zh"):
        for item in items("world", code, 20):
            _, things, doors, _ = (part.split(": ", 1)[-1].split(", ") for part in item.context.rsplit("\n", 1)[-1].split(". "))
            right, *wrong = (choice.strip().split(" ", 1)[1] for choice in item.choices)
            assert right in {*things, *doors}
            assert not {*things, *doors} & {*wrong}


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [
        ("astrology", "en", "no kind of ability named"),
        ("need", "fi", "no templates in 'fi'"),
        ("argument", "en", "asks nothing there"),
    ],
)
def test_what_cannot_be_asked_is_refused(kind: str, code: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        items(kind, code, 4)


# --- Graphs --------------------------------------------------------------------------------------------------------------


def test_orders_by_brute_force() -> None:
    draw = random.Random(0)
    for size in range(1, 6):
        nodes = "abcde"[:size]
        for _ in range(10):
            edges = [(a, b) for a, b in itertools.combinations(nodes, 2) if draw.random() < 0.4]
            tried = {order for order in itertools.permutations(nodes) if graphs.keeps(order, edges)}
            found = list(graphs.orders(nodes, edges))
            assert set(found) == tried
            assert len(found) == len(tried)
    assert not list(graphs.orders("ab", [("a", "b"), ("b", "a")]))


def test_f1_by_hand_and_by_identity() -> None:
    nodes, edges = ["a", "b", "c"], [("a", "b"), ("b", "c")]
    assert graphs.score(nodes, edges, ["a", "b", "x"], [("a", "b"), ("b", "x")]) == (pytest.approx(2 / 3), pytest.approx(1 / 2))
    assert graphs.score(nodes, edges, [], []) == (0.0, 0.0)
    assert graphs.score([], [], [], []) == (1.0, 1.0)
    for order in itertools.permutations(nodes):  # The same graph, listed in any order, is the same graph.
        assert graphs.score(nodes, edges, order, edges[::-1]) == (1.0, 1.0)
        right = [(a, b) for a, b in edges if order.index(a) < order.index(b)]
        assert graphs.f1(set(edges), set(graphs.kept_edges(order, edges))) == len(right) / len(edges)


# --- Measured ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return tiny.language_model("llama")


def test_permuted_choices_are_answered_alike(model: LanguageModel) -> None:
    asked = items("call-text", "fr", 12)
    turned = tuple(
        dataclasses.replace(item, choices=(*item.choices[turn:], *item.choices[:turn]), answer=(4 - turn) % 4)
        for item, turn in zip(asked, itertools.cycle(range(4)), strict=False)
    )
    one, two = (score_task(model, Task("t", "t", found), Monitor()).items for found in (asked, turned))
    assert one["correct"].tolist() == two["correct"].tolist()
    assert one["margin"].to_numpy() == pytest.approx(two["margin"].to_numpy(), abs=1e-3)


def test_a_model_that_knows_nothing_is_at_chance(model: LanguageModel) -> None:
    found = measure.asked_of(model, ("en", "sw"), ("need", "workflow"), 40, (256,), 0)
    right = pd.concat([scores.items for scores in measure.answers(model, found, Monitor()).scores])
    assert 0.35 < float(right["correct"].mean()) < 0.65


class Knowing:
    """Answers in place of a model: the right thing to do, or what is never right."""

    def __init__(self, right: bool) -> None:
        self.right = right

    def __call__(self, model: LanguageModel, asked: list[steps.Asked], monitor: Monitor) -> list[int]:
        found = []
        for context, choices in asked:
            seen = context.rsplit("\n", 1)[-1]
            fits = [i for i, choice in enumerate(choices) if choice.strip().split(" ", 1)[-1] in seen.split(". ", 1)[-1]]
            found.append(fits[0] if self.right else next(i for i in range(len(choices)) if i not in fits))
        return found


@pytest.mark.parametrize(("right", "steps_", "success"), [(True, 10.0, 1.0), (False, 0.0, 0.0)])
def test_ten_steps_of_one_who_knows_and_of_one_who_does_not(
    right: bool, steps_: float, success: float, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "likeliest", Knowing(right))
    found = steps.walks(model, ("en", "de"), 2, 0, Monitor()).groupby("measure")["value"]
    assert found.mean()["steps"] == steps_
    assert found.mean()["success"] == success


def test_tables_are_of_both_models(model: LanguageModel) -> None:
    asked = measure.asked_of(model, ("en", "de"), ("argument", "needle", "workflow"), 4, (200,), 1)
    other = tiny.language_model("llama", seed=5)
    dense, pruned = (measure.answers(which, asked, Monitor()) for which in (model, other))
    found = measure.tables(asked, dense, pruned)
    assert set(found) == {spec.name for spec in Abilities.tables}
    for spec in Abilities.tables:
        assert set(spec.columns) <= set(found[spec.name].columns), spec.name
        assert len(found[spec.name])
    same = measure.tables(asked, dense, dense)
    assert (same["abilities"]["change"] == 0).all()
    assert (same["abilities_argument"]["shift"] == 0).all()
    assert (same["abilities_steps"]["change"] == 0).all()
    assert set(found["abilities"]["task"]) == {"argument", "needle", "needle-elsewhere", "workflow"}
    assert set(found["abilities_needle"]["depth"].round(2)) == {0.0, 0.33, 0.67, 1.0}
    choices = dense.scores[0].choices.set_index(["item", "choice"])["loglikelihood"]
    lean = np.mean([choices[str(i), 0] - choices[str(i), 1] for i in range(4)])
    assert float(found["abilities_argument"]["dense"].iloc[0]) == pytest.approx(lean)
    assert set(found["abilities_steps"]["measure"]) == {"node_f1", "edge_f1", "steps", "success"}


def test_settings_that_cannot_be_asked_are_refused() -> None:
    settings = Settings(languages=("en", "fi"), held_out=("sw",))
    assert Abilities().asked_languages(settings) == ("en", "sw")
    assert Abilities(languages="tr,zh").asked_languages(settings) == ("tr", "zh")
    with pytest.raises(UnknownName, match="kind of ability"):
        Abilities(kinds="cooking").check(settings)
    with pytest.raises(InputError, match="whole numbers from 128"):
        Abilities(lengths="12").check(settings)
    with pytest.raises(InputError, match="has templates for the abilities"):
        Abilities().check(Settings(languages=("fi",), held_out=()))


# --- BFCL ----------------------------------------------------------------------------------------------------------------


def tool(name: str) -> dict[str, object]:
    return {"name": name, "parameters": {"properties": {"city": {}, "days": {}}, "required": ["city", "days"]}}


def test_bfcl_is_read_from_a_folder(tmp_path: Path) -> None:
    names = ["weather.get", "hotel.book", "table.reserve"]
    rows = [
        {"id": f"multiple_{i}", "question": [[{"role": "user", "content": f"Ask {name}."}]], "function": [tool(name)]}
        for i, name in enumerate(names)
    ]
    told = [
        {"id": row["id"], "ground_truth": [{name: {"city": ["Rome"], "days": [3]}}]}
        for row, name in zip(rows, names, strict=True)
    ]
    (tmp_path / "data" / "possible_answer").mkdir(parents=True)
    for place, lines in (("data", rows), ("data/possible_answer", told)):
        (tmp_path / place / "BFCL_v4_multiple.json").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    found = bfcl.task(str(tmp_path), 10)
    assert len(found.items) == 3
    item = next(item for item in found.items if item.id == "multiple_0")
    assert item.choices[0] == ' weather.get(city="Rome", days=3)'
    assert item.choices[2:] == (' weather.get(city="Rome", days=4)', ' weather.get(city="Rome")')
    assert item.choices[1] == ' table.reserve(city="Rome", days=3)'
    with pytest.raises(TextError, match="unpack the wheel"):
        bfcl.task(str(tmp_path / "data" / "possible_answer"), 10)
    (tmp_path / "data" / "BFCL_v4_multiple.json").write_text('{"name": 1}')
    with pytest.raises(TextError, match="not as BFCL publishes it"):
        bfcl.task(str(tmp_path), 10)


# --- WorfBench -----------------------------------------------------------------------------------------------------------

ANSWER = "Node:\n1: Go to the shop.\n2: buy bread\n3: go home.\nEdge: (START,1) (START,2) (1,3) (2,3) (3,END)"
SAME = (
    "Node:\n1. buy bread\n2. go to  the shop\n3. Go home\nEdges:\n(START,2)\n(START,1)\n(2,3)\n(1,3)\n(3,END)\n\nNode:\n1: more"
)


def test_a_workflow_is_what_its_nodes_say_and_not_where_they_stand() -> None:
    true, other = worfbench.parsed(ANSWER), worfbench.parsed(SAME.split("\n\n", maxsplit=1)[0])
    assert true.nodes == ("go to the shop", "buy bread", "go home")
    assert true.edges[2] == ("go to the shop", "go home")
    assert graphs.score(*true, *other) == (1.0, 1.0)
    wrong = worfbench.parsed("Node:\n1: buy bread\nEdge: (START,1) (1,9) (9,END)")
    assert graphs.score(*true, *wrong) == (pytest.approx(2 / 4), pytest.approx(2 / 8))
    assert worfbench.parsed("nothing") == ((), ())


def test_worfbench_is_read_from_a_folder_and_written(
    model: LanguageModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "os").mkdir()
    turns = [
        {"role": "system", "content": "Plan."},
        {"role": "user", "content": "Bread!"},
        {"role": "assistant", "content": ANSWER},
    ]
    rows = [{"id": f"os_{i}", "source": "os", "conversations": turns} for i in range(3)]
    (tmp_path / "os" / "graph_eval.json").write_text(json.dumps(rows), encoding="utf-8")
    asked = measure.asked_of(model, ("en",), ("need",), 4, (256,), 0, graphs=str(tmp_path))
    assert sorted(one.id for one in asked.graphs) == ["os_0", "os_1", "os_2"]
    assert asked.graphs[0].prompt.count("Bread!") == 2
    assert asked.graphs[0].prompt.endswith("Bread!\n")
    monkeypatch.setattr(worfbench, "WRITTEN", 4)
    dense = measure.answers(model, asked, Monitor())
    assert dense.steps["value"].tolist() == [0.0] * 6
    text = Continuation(Prompt("en", "", ""), (), f"\n{SAME}", False)
    monkeypatch.setattr(worfbench, "generate", lambda *_: Generations(GenerationSettings(), (text,) * 3))
    table = measure.tables(asked, dense, measure.answers(model, asked, Monitor()))["abilities_steps"]
    assert table["measure"].tolist() == ["worfbench node_f1", "worfbench edge_f1"]
    assert table["pruned"].tolist() == [1.0, 1.0]
    with pytest.raises(TextError, match=r"graph_eval\.json"):
        worfbench.workflows(str(tmp_path / "none"), 4)
    (tmp_path / "os" / "graph_eval.json").write_text('[{"id": 1}]')
    with pytest.raises(TextError, match="not as WorfBench publishes it"):
        worfbench.workflows(str(tmp_path), 4)


# --- lm-evaluation-harness -----------------------------------------------------------------------------------------------


@pytest.mark.harness
@pytest.mark.skipif(not harness.available(), reason="lm-evaluation-harness is not installed")
@pytest.mark.filterwarnings("default")
def test_likelihoods_are_the_harness_ones(model: LanguageModel) -> None:
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    asked: list[Item] = [*items("call-json", "en", 2), *items("world", "zh", 2), *needles("de", "de", 150, len)[:2]]
    requests = [
        Instance("loglikelihood", {}, (item.context, choice), 0, ("abilities", place, 1))
        for place, item in enumerate(asked)
        for choice in item.choices
    ]
    theirs = HFLM(pretrained=model.hf, tokenizer=model.tokenizer, batch_size=1).loglikelihood(requests)
    by_language = [
        score_task(model, Task("t", "t", tuple(i for i in asked if i.language == code)), Monitor())
        for code in ("en", "zh", "de")
    ]
    ours = pd.concat([scores.choices for scores in by_language])["loglikelihood"].tolist()
    assert ours == pytest.approx([value for value, _ in theirs], rel=1e-4)


def test_rounded_weights_have_few_values_and_come_back(model: LanguageModel) -> None:
    before = tiny.all_bytes(model)
    with rounded_to(model, bits=4, group=16):
        weight = model.blocks[0].linears[0].weight
        assert max(len(part.unique()) for part in weight.reshape(-1, 16)) <= 15
        assert tiny.all_bytes(model) != before
    assert tiny.all_bytes(model) == before


# --- Which falls first ---------------------------------------------------------------------------------------------------


def answered(condition: str, **lost: int) -> pd.DataFrame:
    """Twenty items a kind, half in each of two languages, all right before; of each kind so many lost, in Swahili first."""
    rows = [
        (condition, kind, "sw" if i < 10 else "en", 0.25, kind != "blind", kind != "blind" and i >= lost.get(kind, 0))
        for kind in ("calls", "world", "blind")
        for i in range(20)
    ]
    frame = pd.DataFrame(rows, columns=["condition", "task", "language", "chance", "correct", "correct_after"])
    return frame.assign(moved=frame["correct_after"].astype(float) - frame["correct"].astype(float))


def test_what_falls_first_is_told_from_what_one_item_more_would_do() -> None:
    parts = (
        ("wanda-30", {"calls": 3}),
        ("wanda-40", {"calls": 8}),
        ("wanda-50", {"calls": 12, "world": 15}),
        ("wanda-2:4", {"world": 9}),
    )
    frame = pd.concat([answered(condition, **lost) for condition, lost in parts], ignore_index=True)
    found = replicated.first_falls(frame, "task", "language").set_index("task")
    assert list(found.index) == ["calls", "world"]  # Nothing is said of what the dense model cannot do.
    assert found["falls at"].tolist() == ["40", "50"]
    assert found["2:4"].tolist() == ["holds", "falls"]
    assert found["change"].tolist() == pytest.approx([-0.4, -0.75])
    assert found["language that loses most"].tolist() == ["sw", "sw"]
    codes = replicated.first_falls(frame, "language", "task")
    (line,) = replicated.first_verdicts(found.reset_index(), codes)
    assert "first to fall, at 40 %: calls (most in sw)" in line
    assert "over all abilities: sw" in line


def test_conditions_asked_otherwise_are_not_compared() -> None:
    given = argparse.Namespace(model="m", items=8, length=256, steps=1, languages="en")
    facts = vars(given) | {"commit": "1"}
    assert replicated.asked_as({"facts": facts}, given)
    assert not replicated.asked_as({"facts": facts | {"items": 4}}, given)


def test_what_the_dense_model_did_step_by_step_is_known_the_next_time(
    model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = measure.asked_of(model, ("en",), ("need",), 4, (256,), 1)
    first = measure.answers(model, asked, Monitor(), dense=True).steps
    monkeypatch.setattr(measure, "workflows", lambda *given: pytest.fail("done again"))
    pd.testing.assert_frame_equal(measure.answers(model, asked, Monitor(), dense=True).steps, first, check_dtype=False)
    with pytest.raises(pytest.fail.Exception, match="done again"):  # Not the pruned model's.
        measure.answers(model, asked, Monitor())
    with pytest.raises(pytest.fail.Exception, match="done again"):
        measure.answers(model, dataclasses.replace(asked, seed=1), Monitor(), dense=True)
