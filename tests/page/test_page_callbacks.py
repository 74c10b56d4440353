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
from studied import NASTY, studied
from synthetic import report

from components.app.callbacks import Page
from components.form import fields, language_panel, method_panel, model_panel
from components.form.form import make_request, new_form, to_recipe
from components.i18n import words
from components.jobs.compute import Compute, Local
from components.report import benchmarks
from components.report.tables import Files
from components.sections.methods import tab as worth_tab, table as worth
from components.sections.reasons import masks, predictors, profile, writing
from components.store import EXAMPLE, RunStore
from components.widgets.inputs import FigureAndTable
from mwanda_core.errors import InputError
from mwanda_core.methods import catalogue
from mwanda_core.methods.knob_list import knob_list
from mwanda_core.methods.recipes import RECIPES
from mwanda_core.methods.solvers import SOLVERS
from mwanda_core.parts.part import describe
from mwanda_core.progress import Monitor
from mwanda_core.run.jobs import JobView
from mwanda_core.run.settings import Settings


class Script(Compute):
    """A place to compute that plays given views."""

    outlives_page = True

    def __init__(self, *views: JobView) -> None:
        self.played, self.requests, self.cancelled, self.running = views, [], [], ""  # type: ignore[var-annotated]

    def submit(self, request: Any) -> str:
        self.requests.append(request)
        return "job-1"

    async def views(self, id: str) -> AsyncIterator[JobView]:
        if id != "job-1":
            raise InputError("This run is not known here any more.")
        for view in self.played:
            yield view

    def cancel(self, id: str) -> None:
        self.cancelled.append(id)

    def knows(self, id: str) -> bool:
        return id == "job-1"

    def active(self) -> str:
        return self.running

    def close(self) -> None:
        return None


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
    from components.app.page import build

    async def draw() -> Page:
        return build(Script(), RunStore(Path("nowhere")))

    # Inside a running loop: without one, Gradio makes loops of its own and leaves them to the garbage collector, which warns.
    page = asyncio.run(draw())
    yield page
    page.files.close()


@pytest.fixture
def build(drawn: Page, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    files = Files()
    yield lambda compute=None: dataclasses.replace(drawn, compute=compute or Script(), store=RunStore(tmp_path), files=files)
    files.close()


def values_of(page: Page) -> dict[Any, Any]:
    """What the form's widgets hold when the page opens."""
    return {widget: widget.value for widget in page.form_widgets}


def visit(**query: str) -> Any:
    return types.SimpleNamespace(query_params=query)


async def collect(updates: AsyncIterator[dict[Any, Any]]) -> list[dict[Any, Any]]:
    return [update async for update in updates]


def test_the_form_as_drawn_is_the_default_form(build: Callable[..., Page]) -> None:
    page = build()
    found = page.form_of(values_of(page))
    assert found == new_form()


def test_every_widget_named_by_a_panel_is_on_the_page(build: Callable[..., Page]) -> None:
    page = build()
    drawn = set(page.demo.blocks.values())
    for widget in page.form_widgets:
        assert widget in drawn
    ids = [block.elem_id for block in drawn if getattr(block, "elem_id", None)]
    assert len(ids) == len(set(ids))


def test_prune_hands_the_form_on_and_makes_the_page_busy(build: Callable[..., Page]) -> None:
    place = Script()
    page = build(place)
    run = page.panels.run
    updates = page.begin(values_of(page))
    assert updates[page.job] == "job-1"
    assert not updates[run.prune]["interactive"]
    assert updates[run.cancel]["interactive"]
    assert place.requests[0]["languages"] == Settings.languages


def test_a_form_that_cannot_be_run_says_why_and_keeps_everything(build: Callable[..., Page], said: list[str]) -> None:
    place = Script()
    page = build(place)
    updates = page.begin(values_of(page) | {page.panels.form["languages"]: []})
    assert said == [words.EMPTY_LANGUAGES]
    assert words.EMPTY_LANGUAGES in updates[page.panels.run.status]
    assert updates[page.job] == ""
    assert set(updates) == {page.job, page.panels.run.status}
    assert not place.requests


def test_a_job_is_followed_to_its_end_and_its_run_shown(build: Callable[..., Page]) -> None:
    views = [
        JobView("job-1", "t", "queued", ahead=1),
        JobView("job-1", "t", "running", stage="Pruning block 1 of 2", fraction=0.5),
        JobView("job-1", "t", "done", fraction=1.0, result="run-7"),
    ]
    page = build(Script(*views))
    run = page.panels.run
    waiting, working, done = asyncio.run(collect(page.watch("job-1")))
    assert words.queued(1) in waiting[run.status]
    assert "Pruning block 1 of 2" in working[run.status]
    assert working[run.cancel]["interactive"]
    assert page.shown not in working
    assert done[page.shown] == "run-7"
    assert done[run.prune]["interactive"]
    assert not done[run.cancel]["interactive"]


@pytest.mark.parametrize("state", ["cancelled", "failed"])
def test_a_job_that_comes_to_nothing_leaves_the_figures(build: Callable[..., Page], said: list[str], state: Any) -> None:
    page = build(Script(JobView("job-1", "t", state, error="Because.")))
    (last,) = asyncio.run(collect(page.watch("job-1")))
    assert page.shown not in last
    assert last[page.panels.run.prune]["interactive"]
    assert said == (["Because."] if state == "failed" else [])


def test_a_lost_job_frees_the_page(build: Callable[..., Page]) -> None:
    page = build()
    (last,) = asyncio.run(collect(page.watch("job-of-yesterday")))
    assert "not known here" in last[page.panels.run.status]
    assert last[page.panels.run.prune]["interactive"]


def test_without_a_job_there_is_nothing_to_follow(build: Callable[..., Page]) -> None:
    page = build()
    (only,) = asyncio.run(collect(page.watch("")))
    assert list(only) == [page.panels.run.log]


def test_cancel_reaches_the_job(build: Callable[..., Page]) -> None:
    place = Script()
    page = build(place)
    updates = page.cancel("job-1")
    assert place.cancelled == ["job-1"]
    assert not updates[page.panels.run.cancel]["interactive"]
    page.cancel("")
    assert place.cancelled == ["job-1"]


def test_a_page_opened_again_finds_its_own_job(build: Callable[..., Page]) -> None:
    page = build()
    assert page.arrive("job-1", visit())[page.job] == "job-1"
    assert page.arrive("job-of-yesterday", visit())[page.job] == ""
    assert page.arrive(None, visit())[page.job] == ""


def test_a_new_page_finds_the_running_job_except_on_a_shared_server(
    build: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Script()
    place.running = "job-1"
    page = build(place)
    assert page.arrive("", visit())[page.job] == "job-1"
    monkeypatch.setenv("SPACE_ID", "someone/space")
    assert page.arrive("", visit())[page.job] == ""


def test_a_page_opens_on_the_example_or_on_the_run_its_link_names(build: Callable[..., Page]) -> None:
    page = build()
    assert page.arrive("", visit())[page.shown] == EXAMPLE
    assert page.arrive("", visit(run="20260101-a"))[page.shown] == "20260101-a"


@pytest.mark.parametrize("number", [1, 2, 30])
def test_showing_a_run_fills_every_tab(build: Callable[..., Page], number: int) -> None:
    page = build()
    run = report(number, blocks=4, id=f"run-{number}")
    run.save(page.store.path(run.id))
    updates = page.show(run.id, 60)
    assert run.id in updates[page.panels.banner]
    p = page.panels
    for widget in (
        p.overview.cards,
        p.activation.variance.plot,
        p.sparsity.layers.plot,
        p.per_language.summary,
        p.tables.table,
    ):
        assert updates[widget] is not None
    csv = updates[p.activation.variance.download]
    assert csv["interactive"]
    assert Path(csv["value"]).is_file()


def test_everything_that_showing_updates_is_connected(build: Callable[..., Page]) -> None:
    page = build()
    updates = page.show(EXAMPLE, 50)
    targets = [
        {block._id for block in fn.outputs} for fn in page.demo.fns.values() if fn.fn is not None and fn.fn.__name__ == "show"
    ]
    assert targets  # Once when another run is shown, once when the visitor reads another language.
    assert all(target == targets[0] for target in targets)
    assert {widget._id for widget in updates} <= targets[0]
    assert words.EXAMPLE_BANNER.split(":")[0] in updates[page.panels.banner]


def test_a_run_that_cannot_be_read_leaves_the_page_as_it_is(build: Callable[..., Page], said: list[str]) -> None:
    page = build()
    updates = page.show("20260101-gone", 50)
    assert list(updates) == [page.panels.banner]
    assert "missing or damaged" in said[0]
    page.show("../../etc", 50)
    assert "not the name of a run" in said[1]


def test_strangers_are_not_told_where_runs_are_kept(
    build: Callable[..., Page], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = build()
    monkeypatch.setenv("SPACE_ID", "someone/space")
    page.show("20260101-gone", 50)
    assert said == [words.RUN_UNREADABLE.format(name="20260101-gone")]
    assert str(page.store.folder) not in said[0]


def test_hidden_progress_is_told_to_no_widget(build: Callable[..., Page]) -> None:
    events = build().demo.fns.values()
    assert all(event.get_config()["show_progress_on"] == [] for event in events if event.show_progress == "hidden")
    assert any(event.get_config()["show_progress_on"] is None for event in events)


def test_no_run_at_all_is_said_plainly(build: Callable[..., Page]) -> None:
    page = build()
    assert page.show("", 50) == {page.panels.banner: words.NO_RUN}


def test_the_earlier_runs_are_listed_here_and_hidden_on_a_shared_server(
    build: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = build()
    report(2, id="20260101-120000-a").save(page.store.path("20260101-120000-a"))
    update = page.earlier("20260101-120000-a")[page.panels.earlier]
    assert [value for _, value in update["choices"]] == ["20260101-120000-a", EXAMPLE]
    assert update["value"] == "20260101-120000-a"
    monkeypatch.setenv("SPACE_ID", "someone/space")
    assert page.earlier("x")[page.panels.earlier]["visible"] is False


def test_another_table_comes_with_its_file(build: Callable[..., Page]) -> None:
    page = build()
    updates = page.table(EXAMPLE, "similarity")
    assert list(updates[page.panels.tables.table].columns) == list(page.store.load(EXAMPLE).tables["similarity"].columns)
    assert Path(updates[page.panels.tables.csv]).name.endswith("similarity.csv")
    assert list(page.table(EXAMPLE, "no such table")) == [page.panels.tables.table]


def test_the_sparsity_tab_follows_the_slider_without_the_model(
    build: Callable[..., Page], monkeypatch: pytest.MonkeyPatch
) -> None:
    from components.sections.run import sparsity as sparsity_tab

    def never(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("a slider must not touch the model")

    monkeypatch.setattr("mwanda_core.models.load", never)
    page = build()
    tab = page.panels.sparsity
    updates = page.of_shown(sparsity_tab.preview, tab)(EXAMPLE, 65)
    figure = updates[tab.allocation.plot]
    assert figure.data[0].y[0] == pytest.approx(65.0)
    shown = updates[tab.allocation.table][words.COLUMNS["preview"]]
    assert shown.mean() == pytest.approx(65.0, abs=0.05)


def test_choosing_a_group_sets_both_lists(build: Callable[..., Page]) -> None:
    panel = build().panels.form
    updates = language_panel.choose_group(panel, words.ENGLISH_ONLY, "built-in")
    assert updates[panel["languages"]] == ["en"]
    assert updates[panel["held_out"]] == ["fr", "bn"]
    nothing = language_panel.choose_group(panel, None, "built-in")
    assert panel["held_out"] not in nothing


def test_another_text_source_offers_its_languages(build: Callable[..., Page], tmp_path: Path, said: list[str]) -> None:
    panel = build().panels.form
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
    panel = build().panels.form.method
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
    panel = page.panels.form.method
    values = after(values_of(page), method_panel.show(panel, "m-wanda")) | {panel.method: "owl"}
    values[panel.parts["score"]] = "ria"
    assert to_recipe(make_request(page.form_of(values))) == RECIPES["owl"]


def test_a_fixed_pattern_fixes_the_slider(build: Callable[..., Page]) -> None:
    panel = build().panels.form.method
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
    panel = page.panels.form.method
    values = after(values_of(page), method_panel.show(panel, "m-wanda", Settings.languages))
    values[panel.knobs["activation", "variance", "lam"]] = 2.0
    values[panel.parts["score"]] = "ria"
    updates = method_panel.choose_part(panel, values)
    assert "RIA" in updates[panel.summary]
    assert updates[panel.back]["visible"]
    values = after(values, updates)
    request = make_request(page.form_of(values))
    found = to_recipe(request)
    assert found.activation == RECIPES["m-wanda"].replace(lam=2.0).activation
    assert found.score == RECIPES["ria"].score
    assert found.name == "custom"
    # And back: the named method again, at its own settings.
    values = after(values, method_panel.show(panel, "m-wanda", Settings.languages))
    assert to_recipe(make_request(page.form_of(values))) == RECIPES["m-wanda"]


def test_parts_are_explained_and_exclusions_told_at_once(build: Callable[..., Page]) -> None:
    page = build()
    panel = page.panels.form.method
    values = after(values_of(page) | {panel.method: "trim"}, method_panel.show(panel, "trim"))
    values[panel.parts["solver"]] = "sparsegpt"
    updates = method_panel.choose_part(panel, values)
    menu = updates[panel.parts["solver"]]
    assert menu["info"] == describe("sparsegpt", SOLVERS["sparsegpt"]).summary
    assert [name for _, name in menu["choices"]] == list(SOLVERS)
    foreseen = page.foresee(after(values, updates))
    assert foreseen[panel.problem]["visible"]
    assert "keep-top" in foreseen[panel.problem]["value"]
    assert "keep-top" in foreseen[page.panels.run.cost]
    good = page.foresee(after(values_of(page) | {panel.method: "trim"}, method_panel.show(panel, "trim")))
    assert not good[panel.problem]["visible"]


def test_prune_refuses_what_does_not_go_together(build: Callable[..., Page], said: list[str]) -> None:
    place = Script()
    page = build(place)
    panel = page.panels.form.method
    values = after(values_of(page) | {panel.method: "trim"}, method_panel.show(panel, "trim")) | {panel.pattern: "layer"}
    page.begin(values)
    assert "row scope" in said[0]
    assert not place.requests


def test_a_text_box_comes_with_its_menu_and_the_target_follows_the_languages(build: Callable[..., Page]) -> None:
    page = build()
    panel = page.panels.form.method
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
    tab = build().panels.worth
    updates = worth_tab.change(tab, "2:4", "worst")
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

    def work(request: Any, monitor: Monitor) -> str:
        monitor.plan(1.0)
        monitor.begin("Measuring block 1 of 1")
        monitor.advance(1.0)
        run = report(len(request["languages"]), id="20260101-made")
        run.save(holder[0].store.path(run.id))
        return run.id

    place = Local(work)
    page = build(place)
    holder.append(page)
    job = page.begin(values_of(page))[page.job]
    last = asyncio.run(collect(page.watch(job)))[-1]
    assert last[page.shown] == "20260101-made"
    assert "20260101-made" in page.show(last[page.shown], 50)[page.panels.banner]
    place.close()


# --- Benchmarks and studies --------------------------------------------------------------------------------------------


def shown_parts(page: Page) -> dict[str, Any]:
    p = page.panels
    r = p.reasons
    return {
        "tasks": p.per_language.benchmarks, "generation": r.writing, "predictors": r.predictors, "overlap": r.masks, "neurons": r.neurons,
        "profile": r.profile,
    }  # fmt: skip


def test_a_run_without_studies_says_in_every_part_how_to_get_them(build: Callable[..., Page]) -> None:
    page = build()
    plain = report(4, id="20260101-110000-plain")
    plain.save(page.store.path(plain.id))
    updates = page.show(plain.id, 50)
    for name, part in shown_parts(page).items():
        assert updates[part.section.absent]["visible"], name
        assert not updates[part.section.body]["visible"]
        assert words.MEASURE_MORE in part.section.absent.value
    for title in words.STUDY_TITLES.values():
        assert any(title in part.section.absent.value for part in shown_parts(page).values())


def test_a_run_with_studies_fills_every_part(build: Callable[..., Page]) -> None:
    page = build()
    run = studied(6, id="20260101-120000-all")
    run.save(page.store.path(run.id))
    updates = page.show(run.id, 50)
    for name, part in shown_parts(page).items():
        assert updates[part.section.body]["visible"], name
        assert not updates[part.section.absent]["visible"]
        for widgets in (getattr(part, field.name) for field in dataclasses.fields(part)):
            if isinstance(widgets, FigureAndTable):
                assert updates[widgets.plot].data
                assert len(updates[widgets.table])
                assert Path(updates[widgets.download]["value"]).is_file()
    targets = [
        {block._id for block in fn.outputs} for fn in page.demo.fns.values() if fn.fn is not None and fn.fn.__name__ == "show"
    ]
    assert {widget._id for widget in updates} <= targets[0]
    assert set(dict(updates[page.panels.tables.which]["choices"]).values()) == set(run.tables)
    assert updates[page.panels.per_language.multiples].data


def test_the_controls_of_studies_redraw_their_part_and_bear_a_run_without_it(build: Callable[..., Page]) -> None:
    page = build()
    run = studied(6, id="20260101-120000-all")
    run.save(page.store.path(run.id))
    plain = report(4, id="20260101-110000-plain")
    plain.save(page.store.path(plain.id))
    parts = shown_parts(page)
    last = run.tables["languages"]["language"].iloc[-1]
    controls: list[tuple[Any, Any, tuple[Any, ...], Any]] = [
        (benchmarks.change, parts["tasks"], ("letters", "per byte"), parts["tasks"].dots.plot),
        (masks.change, parts["overlap"], ("module:mlp.down_proj", "of_ceiling"), parts["overlap"].pairs.plot),
        (masks.change, parts["overlap"], ("block:1", "corrected"), parts["overlap"].pairs.table),
        (predictors.change, parts["predictors"], ("fertility",), parts["predictors"].told),
        (writing.change, parts["generation"], (last,), parts["generation"].cards),
        (profile.change, parts["profile"], (last,), parts["profile"].rank.plot),
    ]
    for change, part, values, target in controls:
        assert target in page.of_shown(change, part)(run.id, *values)
        assert list(page.of_shown(change, part)(plain.id, *values)) == [page.panels.banner]
    told = page.of_shown(benchmarks.change, parts["tasks"])(run.id, "letters", "customary")[parts["tasks"].help]
    assert words.TASKS_ALL_UNINFORMATIVE in told
    told = page.of_shown(benchmarks.change, parts["tasks"])(run.id, "pairs", "customary")[parts["tasks"].help]
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
    form = page.panels.form
    changed = {"tasks": ["bmlama"], "studies": ["overlap"], "spare_neurons": ["de"], "task_items": 40.0}
    page.begin(values_of(page) | {form[name]: value for name, value in changed.items()})
    (request,) = place.requests
    assert (request["tasks"], request["studies"], request["spare_neurons"]) == (("bmlama",), ("overlap",), ("de",))
    assert request["task_items"] == 40
    update = fields.languages_menu(["en", "fr"], ["de", "fr"])
    assert ([code for _, code in update["choices"]], update["value"]) == (["en", "fr"], ["fr"])
