"""The page as a whole, without a browser: it builds, its callbacks answer, and everything they name is connected."""

import asyncio
import dataclasses
import html
import json
import types
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import Script, drawn_page, everywhere, with_
from studied import NASTY, studied
from synthetic import report

from components.app.page import Page
from components.cards.draw import controls
from components.cards.spec import Card, Group, inside
from components.form import fields, language_panel, method_panel, model_panel
from components.form.form import make_request, new_form, to_recipe
from components.i18n import words
from components.jobs.compute import Local
from components.jobs.kind import RunSaved
from components.sections.benchmarks.section import Benchmarks
from components.sections.languages import Languages
from components.sections.methods import table as worth
from components.sections.methods.section import Methods
from components.sections.reasons import predictors, writing
from components.sections.reasons.section import Reasons, Written
from components.sections.sparsity import Sparsity
from components.sections.tables import Tables
from components.store import EXAMPLE, EXAMPLES, RunStore
from mwanda_core.methods import catalogue
from mwanda_core.methods.knob_list import knob_list
from mwanda_core.methods.recipes import RECIPES
from mwanda_core.methods.solvers import SOLVERS
from mwanda_core.parts.part import describe
from mwanda_core.progress import Monitor
from mwanda_core.run.jobs import JobView
from mwanda_core.run.settings import Settings


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Warnings shown to the visitor."""
    import gradio as gr

    heard: list[str] = []
    monkeypatch.setattr(gr, "Warning", heard.append)
    return heard


@pytest.fixture(scope="module")
def drawn() -> Iterator[Page]:
    """The page, drawn once: every test takes it with a place to compute and a store of its own."""
    page = drawn_page()
    yield page
    page.close()


@pytest.fixture
def build(drawn: Page, tmp_path: Path) -> Callable[..., Page]:
    return lambda compute=None: with_(drawn, compute=compute or Script(), store=RunStore(tmp_path))


def values_of(page: Page) -> dict[Any, Any]:
    """What the form's widgets hold when the page opens."""
    return {widget: widget.value for widget in page.context.form.inputs}


def visit(**query: str) -> Any:
    return types.SimpleNamespace(query_params=query)


async def collect(updates: AsyncIterator[dict[Any, Any]]) -> list[dict[Any, Any]]:
    return [update async for update in updates]


def test_the_form_as_drawn_is_the_default_form(build: Callable[..., Page]) -> None:
    page = build()
    found = page.context.form.read(values_of(page))
    assert found == new_form()


def test_every_widget_named_by_a_panel_is_on_the_page(build: Callable[..., Page]) -> None:
    page = build()
    drawn = set(page.demo.blocks.values())
    for widget in page.context.form.inputs:
        assert widget in drawn
    ids = [block.elem_id for block in drawn if getattr(block, "elem_id", None)]
    assert len(ids) == len(set(ids))


def test_prune_hands_the_form_on_and_makes_the_page_busy(build: Callable[..., Page]) -> None:
    place = Script()
    page = build(place)
    run = page.context.run
    updates = page.runs.begin(values_of(page))
    assert updates[page.context.run.job] == "job-1"
    assert not updates[run.starts[0]]["interactive"]
    assert updates[run.cancel]["interactive"]
    assert place.requests[0]["languages"] == Settings.languages


def test_a_form_that_cannot_be_run_says_why_and_keeps_everything(build: Callable[..., Page], said: list[str]) -> None:
    place = Script()
    page = build(place)
    updates = page.runs.begin(values_of(page) | {page.context.form["languages"]: []})
    assert said == [words.EMPTY_LANGUAGES]
    assert words.EMPTY_LANGUAGES in updates[page.context.run.status]
    assert updates[page.context.run.job] == ""
    assert set(updates) == {page.context.run.job, page.context.run.status}
    assert not place.requests


def test_a_job_is_followed_to_its_end_and_its_run_shown(build: Callable[..., Page]) -> None:
    views = [
        JobView("job-1", "t", "queued", ahead=1),
        JobView("job-1", "t", "running", stage="Pruning block 1 of 2", fraction=0.5),
        JobView("job-1", "t", "done", fraction=1.0, result=RunSaved("run-7")),
    ]
    page = build(Script(*views))
    run = page.context.run
    waiting, working, done = asyncio.run(collect(page.context.watch("job-1")))
    assert words.queued(1) in waiting[run.status]
    assert "Pruning block 1 of 2" in working[run.status]
    assert working[run.cancel]["interactive"]
    assert page.context.shown not in working
    assert done[page.context.shown] == "run-7"
    assert done[run.starts[0]]["interactive"]
    assert not done[run.cancel]["interactive"]


@pytest.mark.parametrize("state", ["done", "cancelled", "failed"])
def test_what_is_known_of_a_run_is_drawn_before_its_end(build: Callable[..., Page], said: list[str], state: Any) -> None:
    made = report(4)
    first, more = (dataclasses.replace(made, facts={**made.facts, "interim": True, "id": f"look-{n}"}) for n in (1, 2))
    looks = [JobView("job-1", "t", "running", found=one, can_end=True) for one in (first, first, more)]
    page = build(
        Script(JobView("job-1", "t", "running"), *looks, JobView("job-1", "t", state, result=RunSaved("run-7"), found=more))
    )
    context, widgets = page.context, page.sections["overview"].widgets
    updates = asyncio.run(collect(context.watch("job-1", EXAMPLE)))
    drawn = [widgets["plot-overview"] in update for update in updates]
    assert drawn == [
        False,
        True,
        False,
        True,
        state != "done",
    ]  # Each look once, and the run shown before where there is no other.
    assert [update[context.run.enough]["interactive"] for update in updates] == [False, True, True, True, False]
    assert updates[1][context.banner].startswith("**Still measuring:**")
    assert words.CARD_BEYOND in updates[1][widgets["cards"]]
    assert set().union(*updates) <= set(context.watched)
    if state == "done":
        assert updates[-1][context.shown] == "run-7"
    else:
        assert updates[-1][context.banner].startswith("**Example")


def test_enough_reaches_the_job(build: Callable[..., Page]) -> None:
    gone: list[str] = []
    place = Script()
    place.enough = gone.append  # type: ignore[method-assign]
    page = build(place)
    updates = page.context.run.end(place, "job-1")
    assert gone == ["job-1"]
    assert not updates[page.context.run.enough]["interactive"]


@pytest.mark.parametrize("state", ["cancelled", "failed"])
def test_a_job_that_comes_to_nothing_leaves_the_figures(build: Callable[..., Page], said: list[str], state: Any) -> None:
    page = build(Script(JobView("job-1", "t", state, error="Because.")))
    (last,) = asyncio.run(collect(page.context.watch("job-1")))
    assert page.context.shown not in last
    assert last[page.context.run.starts[0]]["interactive"]
    assert said == (["Because."] if state == "failed" else [])


def test_a_lost_job_frees_the_page(build: Callable[..., Page]) -> None:
    page = build()
    (last,) = asyncio.run(collect(page.context.watch("job-of-yesterday")))
    assert "not known here" in last[page.context.run.status]
    assert last[page.context.run.starts[0]]["interactive"]


def test_without_a_job_there_is_nothing_to_follow(build: Callable[..., Page]) -> None:
    page = build()
    (only,) = asyncio.run(collect(page.context.watch("")))
    assert list(only) == [page.context.run.status]


def test_cancel_reaches_the_job(build: Callable[..., Page]) -> None:
    place = Script()
    page = build(place)
    updates = page.runs.cancel("job-1")
    assert place.cancelled == ["job-1"]
    assert not updates[page.context.run.cancel]["interactive"]
    page.runs.cancel("")
    assert place.cancelled == ["job-1"]


def test_a_page_opened_again_finds_its_own_job(build: Callable[..., Page]) -> None:
    page = build()
    assert page.runs.arrive("job-1", visit())[page.context.run.job] == "job-1"
    assert page.runs.arrive("job-of-yesterday", visit())[page.context.run.job] == ""
    assert page.runs.arrive(None, visit())[page.context.run.job] == ""


def test_a_new_page_finds_the_running_job_except_on_a_shared_server(
    build: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Script()
    place.running = "job-1"
    page = build(place)
    assert page.runs.arrive("", visit())[page.context.run.job] == "job-1"
    monkeypatch.setenv("SPACE_ID", "someone/space")
    assert page.runs.arrive("", visit())[page.context.run.job] == ""


def test_a_page_opens_on_the_example_or_on_the_run_its_link_names(build: Callable[..., Page]) -> None:
    page = build()
    assert page.runs.arrive("", visit())[page.context.shown] == EXAMPLE
    assert page.runs.arrive("", visit(run="20260101-a"))[page.context.shown] == "20260101-a"


@pytest.mark.parametrize("number", [1, 2, 30])
def test_showing_a_run_fills_every_tab(build: Callable[..., Page], number: int) -> None:
    page = build()
    run = report(number, blocks=4, id=f"run-{number}")
    run.save(page.context.store.path(run.id))
    updates = everywhere(page, run.id, 60)
    assert run.id in updates[page.context.banner]
    by_id = {block.elem_id: block for block in page.demo.blocks.values() if getattr(block, "elem_id", None)}
    for name in ("cards", "plot-variance", "plot-layers", "plot-summary", "table-any"):
        assert updates[by_id[name]] is not None
    csv = updates[by_id["csv-variance"]]
    assert csv["interactive"]
    assert Path(csv["value"]).is_file()


def test_everything_that_showing_updates_is_connected(build: Callable[..., Page]) -> None:
    page = build()
    targets = [{block._id for block in fn.outputs} for fn in page.demo.fns.values()]
    for section in page.sections.values():
        updates = page.runs.fill(section, EXAMPLE, *([50] if section.kept() else []))
        # Once when another run is looked at, once when the visitor reads another language.
        assert not section.filled() or sum({widget._id for widget in updates} <= target for target in targets) >= 2, section.id
    assert words.EXAMPLE_BANNER.split(":")[0] in page.runs.show(EXAMPLE)[page.context.banner]


def test_a_run_that_cannot_be_read_leaves_the_page_as_it_is(build: Callable[..., Page], said: list[str]) -> None:
    page = build()
    updates = page.runs.show("20260101-gone")
    assert list(updates) == [page.context.banner]
    assert "missing or damaged" in said[0]
    page.runs.show("../../etc")
    assert "not the name of a run" in said[1]


def test_strangers_are_not_told_where_runs_are_kept(
    build: Callable[..., Page], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = build()
    monkeypatch.setenv("SPACE_ID", "someone/space")
    page.runs.show("20260101-gone")
    assert said == [words.RUN_UNREADABLE.format(name="20260101-gone")]
    assert str(page.context.store.folder) not in said[0]


def test_hidden_progress_is_told_to_no_widget(build: Callable[..., Page]) -> None:
    events = build().demo.fns.values()
    assert all(event.get_config()["show_progress_on"] == [] for event in events if event.show_progress == "hidden")
    assert any(event.get_config()["show_progress_on"] is None for event in events)


def test_no_run_at_all_is_said_plainly(build: Callable[..., Page]) -> None:
    page = build()
    assert page.runs.show("") == {page.context.banner: words.NO_RUN}


def test_the_earlier_runs_are_listed_here_and_hidden_on_a_shared_server(
    build: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = build()
    report(2, id="20260101-120000-a").save(page.context.store.path("20260101-120000-a"))
    update = page.context.list_earlier("20260101-120000-a")[page.context.earlier]
    assert [value for _, value in update["choices"]] == ["20260101-120000-a", *EXAMPLES]
    assert update["value"] == "20260101-120000-a"
    monkeypatch.setenv("SPACE_ID", "someone/space")
    assert page.context.list_earlier("x")[page.context.earlier]["visible"] is False


def test_another_table_comes_with_its_file(build: Callable[..., Page]) -> None:
    page = build()
    updates = page.context.of_shown(page.section(Tables).choose)(EXAMPLE, "similarity")
    assert list(updates[page.section(Tables).widgets["table-any"]].columns) == list(
        page.context.store.load(EXAMPLE).tables["similarity"].columns
    )
    assert Path(updates[page.section(Tables).widgets["csv-any"]]["value"]).name.endswith("similarity.csv")
    assert list(page.context.of_shown(page.section(Tables).choose)(EXAMPLE, "no such table")) == [page.context.banner]


def test_the_sparsity_tab_follows_the_slider_without_the_model(
    build: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a slider must not touch the model")

    monkeypatch.setattr("mwanda_core.models.load", never)
    page = build()
    ours = page.section(Sparsity)
    updates = page.context.of_shown(ours.change("preview"))(EXAMPLE, 65, "achieved")
    figure = updates[ours.widgets["plot-allocation"]]
    assert figure.data[0].y[0] == pytest.approx(65.0)
    shown = updates[ours.widgets["table-allocation"]][words.COLUMNS["preview"]]
    assert shown.mean() == pytest.approx(65.0, abs=0.05)


def test_choosing_a_group_sets_both_lists(build: Callable[..., Page]) -> None:
    panel = build().context.form
    updates = language_panel.choose_group(panel, words.ENGLISH_ONLY, "built-in")
    assert updates[panel["languages"]] == ["en"]
    assert updates[panel["held_out"]] == ["fr", "bn"]
    nothing = language_panel.choose_group(panel, None, "built-in")
    assert panel["held_out"] not in nothing


def test_another_text_source_offers_its_languages(build: Callable[..., Page], tmp_path: Path, said: list[str]) -> None:
    panel = build().context.form
    (tmp_path / "yo.txt").write_text("a\n\nb", encoding="utf-8")
    (tmp_path / "en.txt").write_text("a\n\nb", encoding="utf-8")
    updates = language_panel.change_texts(panel, str(tmp_path), ["en", "de"], ["fr"])
    assert {code for _, code in updates[panel["languages"]]["choices"]} == {"en", "yo"}
    assert updates[panel["languages"]]["value"] == ["en"]
    assert updates[panel["held_out"]]["value"] == []
    language_panel.change_texts(panel, "", ["en"], [])
    assert said == []
    language_panel.change_texts(panel, "/no/such/folder", ["en"], [])
    assert "no folder" in said[0]


@pytest.mark.parametrize("name", RECIPES)
def test_a_method_shows_the_knobs_of_its_parts_as_it_has_them(build: Callable[..., Page], name: str) -> None:
    panel = build().context.form.method
    updates = method_panel.show(panel, name)
    parts = catalogue.parts_of(RECIPES[name])
    for (choice, part, knob), widget in panel.knobs.items():
        own = catalogue.name_of(choice, parts[choice]) == part
        counts = knob != "weights_by_language" or getattr(parts["activation"], "mix", "") == "custom"
        assert updates[widget]["visible"] == (own and counts)
        usual = next(found for found in knob_list()[choice, part] if found.name == knob)
        value = getattr(parts[choice], knob) if own else usual.default
        assert updates[widget]["value"] == (value or None if knob == "language" else value)
        assert widget.info == usual.help or knob in words.TEXT_HELP
    assert updates[panel.drawn_for] == name


def test_parts_of_another_method_s_menus_are_not_used(build: Callable[..., Page]) -> None:
    page = build()
    panel = page.context.form.method
    values = after(values_of(page), method_panel.show(panel, "m-wanda")) | {panel.method: "owl"}
    values[panel.parts["score"]] = "ria"
    assert to_recipe(make_request(page.context.form.read(values))) == RECIPES["owl"]


def test_a_fixed_pattern_fixes_the_slider(build: Callable[..., Page]) -> None:
    panel = build().context.form.method
    assert method_panel.change_pattern(panel, "2:4", 2, 4)[panel.sparsity] == {
        "value": 50,
        "interactive": False,
        "__type__": "update",
    }
    own = method_panel.change_pattern(panel, "n:m", 3, 8)
    assert own[panel.sparsity]["value"] == 62
    assert own[panel.n]["visible"]
    assert own[panel.m]["visible"]
    mixed = method_panel.change_pattern(panel, "mixed", 3, 8)
    assert mixed[panel.sparsity]["interactive"]
    assert not mixed[panel.n]["visible"]
    assert mixed[panel.m]["visible"]
    assert method_panel.change_pattern(panel, "unstructured", 2, 4)[panel.sparsity]["interactive"]
    assert "value" not in method_panel.change_pattern(panel, "n:m", 9, 8)[panel.sparsity]


def after(values: dict[Any, Any], updates: dict[Any, Any]) -> dict[Any, Any]:
    """What the widgets hold once updates have reached them."""
    told = {w: u.get("value", values.get(w)) if isinstance(u, dict) and "__type__" in u else u for w, u in updates.items()}
    return values | {widget: value for widget, value in told.items() if widget in values}


def test_a_part_that_is_chosen_changes_the_method_and_keeps_what_was_set(build: Callable[..., Page]) -> None:
    page = build()
    panel = page.context.form.method
    values = after(values_of(page), method_panel.show(panel, "m-wanda", Settings.languages))
    values[panel.knobs["activation", "variance", "lam"]] = 2.0
    values[panel.parts["score"]] = "ria"
    updates = method_panel.choose_part(panel, values)
    assert "RIA" in updates[panel.summary]
    assert updates[panel.back]["visible"]
    values = after(values, updates)
    request = make_request(page.context.form.read(values))
    found = to_recipe(request)
    assert found.activation == RECIPES["m-wanda"].replace(lam=2.0).activation
    assert found.score == RECIPES["ria"].score
    assert found.name == "custom"
    # And back: the named method again, at its own settings.
    values = after(values, method_panel.show(panel, "m-wanda", Settings.languages))
    assert to_recipe(make_request(page.context.form.read(values))) == RECIPES["m-wanda"]


def test_parts_are_explained_and_exclusions_told_at_once(build: Callable[..., Page]) -> None:
    page = build()
    panel = page.context.form.method
    values = after(values_of(page) | {panel.method: "trim"}, method_panel.show(panel, "trim"))
    values[panel.parts["solver"]] = "sparsegpt"
    updates = method_panel.choose_part(panel, values)
    menu = updates[panel.parts["solver"]]
    assert menu["info"] == describe("sparsegpt", SOLVERS["sparsegpt"]).summary
    assert [name for _, name in menu["choices"]] == list(SOLVERS)
    foreseen = page.runs.foresee(after(values, updates))
    assert foreseen[panel.problem]["visible"]
    assert "keep-top" in foreseen[panel.problem]["value"]
    assert "keep-top" in foreseen[page.context.button.cost]
    good = page.runs.foresee(after(values_of(page) | {panel.method: "trim"}, method_panel.show(panel, "trim")))
    assert not good[panel.problem]["visible"]


def test_prune_refuses_what_does_not_go_together(build: Callable[..., Page], said: list[str]) -> None:
    place = Script()
    page = build(place)
    panel = page.context.form.method
    values = after(values_of(page) | {panel.method: "trim"}, method_panel.show(panel, "trim")) | {panel.pattern: "layer"}
    page.runs.begin(values)
    assert "row scope" in said[0]
    assert not place.requests


def test_a_text_box_comes_with_its_menu_and_the_target_follows_the_languages(build: Callable[..., Page]) -> None:
    page = build()
    panel = page.context.form.method
    values = after(values_of(page) | {panel.method: "wanda"}, method_panel.show(panel, "wanda"))
    values[panel.parts["activation"]] = "weighted"
    updates = method_panel.choose_part(panel, values)
    mix, weights = panel.knobs["activation", "weighted", "mix"], panel.knobs["activation", "weighted", "weights_by_language"]
    assert updates[mix]["visible"]
    assert not updates[weights]["visible"]
    assert method_panel.show(panel, "wanda", Settings.languages)[weights]["placeholder"] == "en=1, de=1, hi=1, sw=1"
    assert method_panel.change_knob(panel, values | {mix: "custom"})[weights]["visible"]
    assert not method_panel.change_knob(panel, values | {mix: "equal"})[weights]["visible"]
    language = panel.knobs["activation", "target", "language"]
    target = method_panel.show(panel, "target", ("en", "sw"))[language]
    assert target["visible"]
    assert [code for _, code in target["choices"]] == ["en", "sw"]
    assert method_panel.follow_languages(panel, ("en", "sw"), {language: "sw"})[language]["value"] == "sw"
    assert method_panel.follow_languages(panel, ("en",), {language: "sw"})[language]["value"] is None


def test_the_comparison_answers_its_menus(build: Callable[..., Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = {
        "setting": "2:4", "method": "Wanda", "cpu_seconds": 2.0, "flores_mean_increase": 1.0, "flores_mean_increase_calibration": 0.9,
        "flores_mean_increase_held_out": 1.2, "flores_worst_language": "sw", "flores_worst_increase": 1.5, "mean_se": 0.02, "peak_mib": 9,
    }  # fmt: skip
    path = tmp_path / "methods.json"
    path.write_text(json.dumps({"facts": {}, "rows": [row]}), encoding="utf-8")
    monkeypatch.setattr(worth, "METHODS_FILE", path)
    methods = build().section(Methods)
    tab, updates = methods.widgets, methods.change("2:4", "worst")
    assert len(updates[tab.table]) == 1
    assert updates[tab.plot].data[1].y[0] == pytest.approx(4.4817, abs=1e-3)


def test_the_models_offered_are_the_engine_s() -> None:
    from mwanda_core.models import SUGGESTIONS

    assert [name for _, name in model_panel.suggestions()] == list(SUGGESTIONS)


def test_the_default_model_can_be_named_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MWANDA_DEFAULT_MODEL", "/models/mine")
    assert model_panel.suggestions()[0] == ("/models/mine", "/models/mine")


def test_memory_is_estimated_in_a_sentence_and_so_is_a_mistake(tmp_path: Path, make_model: Any) -> None:
    model = make_model("llama")
    model.save(tmp_path / "tiny")
    assert model_panel.estimate(str(tmp_path / "tiny"), 256, ["en"]).startswith("Needs about")
    assert "no config.json" in model_panel.estimate(str(tmp_path), 256, ["en"])
    assert model_panel.estimate("", 256, []) == words.EMPTY_MODEL


def test_from_the_button_to_the_figures_with_a_real_worker(build: Callable[..., Page]) -> None:
    holder: list[Page] = []

    def work(request: Any, monitor: Monitor) -> RunSaved:
        monitor.plan(1.0)
        monitor.begin("Measuring block 1 of 1")
        monitor.advance(1.0)
        run = report(len(request["languages"]), id="20260101-made")
        run.save(holder[0].context.store.path(run.id))
        return RunSaved(run.id)

    place = Local(work)
    page = build(place)
    holder.append(page)
    job = page.runs.begin(values_of(page))[page.context.run.job]
    last = asyncio.run(collect(page.context.watch(job)))[-1]
    assert last[page.context.shown] == "20260101-made"
    assert "20260101-made" in page.runs.show(last[page.context.shown])[page.context.banner]
    place.close()


# --- Benchmarks and studies --------------------------------------------------------------------------------------------


STUDIED = (Benchmarks, Written, Reasons)
GROUPS = [item.id for kind in STUDIED for item in inside(kind.items) if isinstance(item, Group)]


def parts(page: Page) -> dict[str, Any]:
    """The widgets of the cards of benchmarks and studies, by their ids."""
    return {name: widget for kind in (Languages, *STUDIED) for name, widget in page.section(kind).widgets.items()}


def test_a_run_without_studies_says_in_every_part_how_to_get_them(build: Callable[..., Page]) -> None:
    page = build()
    plain = report(4, id="20260101-110000-plain")
    plain.save(page.context.store.path(plain.id))
    updates, shown = everywhere(page, plain.id, 50), parts(page)
    assert GROUPS == ["tasks", "abilities", "generation", "predictors", "overlap", "neurons", "profile"]
    for name in GROUPS:
        assert updates[shown[f"absent-{name}"]]["visible"], name
        assert not updates[shown[f"part-of-{name}"]]["visible"]
        assert words.MEASURE_MORE in shown[f"absent-{name}"].value
    for title in words.STUDY_TITLES.values():
        assert any(title in shown[f"absent-{name}"].value for name in GROUPS)


def test_a_run_with_studies_fills_every_part(build: Callable[..., Page]) -> None:
    page = build()
    run = studied(6, id="20260101-120000-all")
    run.save(page.context.store.path(run.id))
    updates, shown = everywhere(page, run.id, 50), parts(page)
    for name in GROUPS:
        assert updates[shown[f"part-of-{name}"]]["visible"], name
        assert not updates[shown[f"absent-{name}"]]["visible"]
    for card in (item for kind in (Languages, *STUDIED) for item in inside(kind.items) if isinstance(item, Card)):
        assert updates[shown[f"plot-{card.id}"]].data, card.id
        if card.table is not None:
            assert len(updates[shown[f"table-{card.id}"]])
            assert Path(updates[shown[f"csv-{card.id}"]]["value"]).is_file()
    assert set(dict(updates[page.section(Tables).widgets["which-table"]]["choices"]).values()) == set(run.tables)


def test_the_controls_of_studies_redraw_their_part_and_bear_a_run_without_it(build: Callable[..., Page]) -> None:
    page = build()
    run = studied(6, id="20260101-120000-all")
    run.save(page.context.store.path(run.id))
    plain = report(4, id="20260101-110000-plain")
    plain.save(page.context.store.path(plain.id))
    last = run.tables["languages"]["language"].iloc[-1]

    def changed(kind: Any, run_id: str, control: str, **stand: Any) -> dict[str, Any]:
        section = page.section(kind)
        values = [stand.get(known.id.replace("-", "_")) for known in controls(kind.items)]
        updates = page.context.of_shown(section.change(control))(run_id, *values)
        names = {widget: name for name, widget in section.widgets.items()}
        return {names.get(widget, "banner"): value for widget, value in updates.items()}

    for kind, control, stand, target in (
        (Benchmarks, "task", {"task": "letters", "reading": "per byte"}, "plot-tasks"),
        (Reasons, "overlap-where", {"overlap_where": "module:mlp.down_proj", "overlap_view": "of_ceiling"}, "plot-overlap"),
        (Reasons, "overlap-where", {"overlap_where": "block:1", "overlap_view": "corrected"}, "table-overlap"),
        (Reasons, "predictor", {"predictor": "fertility"}, "correlation"),
        (Written, "written-language", {"written_language": last}, "written"),
        (Reasons, "profile-language", {"profile_language": last}, "plot-erank"),
    ):
        assert target in changed(kind, run.id, control, **stand)
        assert list(changed(kind, plain.id, control, **stand)) == ["banner"]
    told = changed(Benchmarks, run.id, "task", task="letters", reading="customary")["task-help"]
    assert words.TASKS_ALL_UNINFORMATIVE in told
    told = changed(Benchmarks, run.id, "task", task="pairs", reading="customary")["task-help"]
    assert words.TASKS_UNINFORMATIVE.split("{")[0] in told
    assert run.tables["languages"]["name"].iloc[1] in told


def test_what_a_model_wrote_is_escaped_and_reads_in_its_own_direction() -> None:
    run = studied(6)
    table = run.tables["generated_texts"]
    rows = [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]
    first = writing.card(rows[0])
    assert "<script>" not in first
    assert html.escape(NASTY, quote=True) in first or html.escape(NASTY) in first
    arabic = writing.card(next(row for row in rows if row["language"] == "ar"))
    assert arabic.count('<p dir="auto" lang="ar">') == 3
    assert words.WRITING_EMPTY in writing.card(rows[-1])
    assert words.WRITING_REPEATED.format(share=words.percent(0.5)) in arabic
    assert words.WRITING_ENDED in writing.card(rows[1])


def test_a_correlation_is_told_with_its_number_and_its_warning() -> None:
    few = predictors.sentence(studied(3), "similarity")
    assert few == words.CORRELATION_FEW.format(n=3)
    some = predictors.sentence(studied(6), "similarity")
    assert words.CORRELATION_NO_INTERVAL in some
    many = predictors.sentence(studied(12), "similarity")
    assert "95%" in many
    assert "not cause" in many
    assert predictors.sentence(studied(6), "mask_overlap") == words.PREDICTOR_NONE


def test_what_is_asked_beside_the_losses_reaches_the_request(build: Callable[..., Page]) -> None:
    place = Script()
    page = build(place)
    form = page.context.form
    changed = {"tasks": ["bmlama"], "studies": ["overlap"], "spare_neurons": ["de"], "task_items": 40.0}
    page.runs.begin(values_of(page) | {form[name]: value for name, value in changed.items()})
    (request,) = place.requests
    assert (request["tasks"], request["studies"], request["spare_neurons"]) == (("bmlama",), ("overlap",), ("de",))
    assert request["task_items"] == 40
    update = fields.languages_menu(["en", "fr"], ["de", "fr"])
    assert ([code for _, code in update["choices"]], update["value"]) == (["en", "fr"], ["fr"])
