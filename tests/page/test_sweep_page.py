"""The tab of many runs without a browser: what is typed, plans, jobs, results, protected languages, runs that were cut off."""

# ruff: noqa: F811 (fixtures of other files)

import asyncio
import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kept
import numpy as np
import pandas as pd
import pytest
import tiny
from pages import with_
from test_page_callbacks import Script, build, collect, drawn, said, values_of, visit  # noqa: F401 (fixtures)
from test_page_compute import Spaces

from components.app.page import Page
from components.figures import sweeps
from components.form.form import Form, make_request, new_form
from components.i18n import words
from components.jobs import compute, sweep as work
from components.jobs.compute import Compute, Local, ZeroGPU
from components.jobs.kind import LENT
from components.jobs.table import KINDS, kind_of, work_in
from components.scratch import Scratch
from components.sections.sweeps import limits, plans, protect_widgets, sweep_results, timing
from components.sections.sweeps.plans import LEFT, MOST, MOST_SHARED, Wanted, name_of, plan_of
from components.sections.sweeps.protect import Protect
from components.sections.sweeps.sweep import Sweep
from components.sections.sweeps.unfinished import Unfinished
from components.store import RunStore
from mwanda_core.errors import InputError
from mwanda_core.run.jobs import JobView
from mwanda_core.run.settings import Settings
from mwanda_core.sweeps.stored import kept_sweep, sweeps as listed
from mwanda_core.sweeps.sweep import load_sweep, save_sweep

FORM = new_form(languages=("en", "sw"), held_out=("fr",))


def plan(form: Form = FORM, **asked: Any) -> plans.Plan:
    return plan_of(make_request(form), Wanted(**asked))


# --- What is typed -----------------------------------------------------------------------------------------------------


def test_words_become_numbers_and_mixes() -> None:
    assert plans.sparsities_of("30, 40;50% 62.5\n30") == (0.3, 0.4, 0.5, 0.625)
    assert plans.seeds_of("0, 7 7") == (0, 7)
    assert plans.mixes_of("", FORM) == [("en", "sw")]
    assert plans.mixes_of("en\n\nHindi, bn\nen", FORM) == [("en",), ("hi", "bn")]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"sparsities": ""}, words.SWEEP_NO_SPARSITY),
        ({"sparsities": " , "}, words.SWEEP_NO_SPARSITY),
        *(
            ({"sparsities": wrong}, words.SWEEP_BAD_SPARSITY.format(given=wrong))
            for wrong in ("0", "100", "0.5", "-5", "nan", "inf", "half")
        ),
        ({"methods": ()}, words.SWEEP_NO_METHOD),
        ({"methods": ("best",)}, "no method named 'best'"),
        ({"mixes": "en, Klingonese"}, words.SWEEP_BAD_LANGUAGE.format(given="Klingonese")),
        ({"mixes": "en, ../x"}, "letters, digits"),
        ({"seeds": ""}, words.SWEEP_NO_SEED),
        *(({"seeds": wrong}, words.SWEEP_BAD_SEED.format(given=wrong)) for wrong in ("1.5", "-1", "x", "9" * 20, "²")),
    ],
)
def test_what_is_no_plan_is_said_in_one_sentence(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        plan(**asked)
    assert message in str(caught.value)


def test_plans_that_are_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {"sparsities": "50", "seeds": " ".join(map(str, range(500)))}
    assert len(plan(**many).settings) == 500
    with pytest.raises(InputError, match=f"{2 * 501} runs; at most {MOST}"):
        plan(sparsities="50, 60", seeds=" ".join(map(str, range(501))))
    monkeypatch.setenv("SPACE_ID", "someone/some-space")
    with pytest.raises(InputError, match=f"500 runs, and on this shared server a sweep has at most {MOST_SHARED}"):
        plan(**many)


# --- Plans -------------------------------------------------------------------------------------------------------------


def test_a_plan_is_every_combination_on_one_set_of_languages() -> None:
    found = plan(sparsities="30, 50", methods=(LEFT, "wanda"), mixes="en\nen, sw", seeds="0, 1")
    assert len(found.settings) == 16
    assert found.left_out == {}
    titles = {recipe["title"] for recipe in (one.method for one in found.settings) if isinstance(recipe, dict)}
    assert titles == {"M-Wanda", "Wanda"}
    # Every run scores every language, whichever it calibrates on.
    assert {frozenset((*one.languages, *one.held_out)) for one in found.settings} == {frozenset(("en", "sw", "fr"))}


def test_the_method_on_the_left_is_taken_with_its_parts() -> None:
    form = FORM | {"method": "wanda", "parts": {"score": "ria"}}
    found = plan(form, sparsities="50", methods=(LEFT, "wanda"))
    assert [one.method["score"]["name"] for one in found.settings] == ["ria", "wanda"]  # type: ignore[index]


def test_a_fixed_pattern_has_one_sparsity_and_says_so() -> None:
    found = plan(FORM | {"method": "wanda", "pattern": "2:4"}, sparsities="30, 50, 70")
    assert [one.sparsity for one in found.settings] == [0.5]
    assert found.note == words.SWEEP_FIXED.format(pattern="2:4")


def test_what_cannot_be_run_is_left_out_with_its_reason() -> None:
    form = FORM | {"spare_neurons": ("en",)}
    found = plan(form, sparsities="50", mixes="en, sw\nsw, hi")
    assert [one.languages for one in found.settings] == [("en", "sw")]
    (why,) = found.left_out.values()
    assert "Neurons of English cannot be spared" in why
    with pytest.raises(InputError, match="Neurons of English cannot be spared"):
        plan(form, sparsities="50", mixes="sw, hi")


def test_names_are_file_names_and_secret_on_a_shared_server(monkeypatch: pytest.MonkeyPatch) -> None:
    assert name_of(" My sweep/../2 ") == "My-sweep-..-2"
    assert name_of("") > "20260101"
    assert name_of("हिन्दी") > "20260101"
    monkeypatch.setenv("SPACE_ID", "someone/some-space")
    assert name_of("mine") != name_of("mine")
    assert name_of("mine").startswith("mine-")


# --- Before the start --------------------------------------------------------------------------------------------------


def asked_for(page: Page, **changes: Any) -> dict[Any, Any]:
    """The values of the form and of the tab, with changes by the name of a field."""
    own: list[Any] = [page.section(Sweep).widgets.asked, page.section(Protect).widgets.asked]
    values = values_of(page) | {
        getattr(part, field.name): getattr(part, field.name).value for part in own for field in dataclasses.fields(part)
    }
    return values | {getattr(own["protect_" in name], name.removeprefix("protect_")): value for name, value in changes.items()}


def small(page: Page) -> dict[Any, Any]:
    """The form for a small run of a tiny model (see `tiny_bench`)."""
    p = page.context
    return {
        p.form["model"]: "tiny", p.form["languages"]: ["en", "el"], p.form["held_out"]: [], p.form["tokens_per_language"]: 128,
        p.form["sequence_length"]: 32, p.form["eval_texts"]: 1, p.form["choices"]: False, p.form.method.method: "wanda",
    }  # fmt: skip


def test_the_count_and_the_time_are_told_before_the_start(build: Callable[..., Page]) -> None:
    page = build()
    forecast = page.section(Sweep).widgets.asked.forecast
    told = page.section(Sweep).foresee(asked_for(page, sparsities="50, 60"))[forecast]
    assert "**2 runs**" in told
    assert "About **" in told  # The example run tells the sizes of its model.
    wrong = page.section(Sweep).foresee(asked_for(page, sparsities="0"))[forecast]
    assert words.SWEEP_BAD_SPARSITY.format(given="0") in wrong


def test_statistics_of_a_mix_are_counted_once(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    one, two, other = (
        Settings(eval_texts=0, method="wanda", sparsity=share, languages=mix)
        for share, mix in ((0.5, ("en",)), (0.6, ("en",)), (0.5, ("sw",)))
    )
    alone, same, apart = (timing.seconds_of(todo, store) for todo in ((one,), (one, two), (one, other)))
    assert None not in (alone, same, apart)
    assert alone < same < apart
    assert apart == pytest.approx(2 * alone)
    assert timing.seconds_of((), store) == 0.0
    assert timing.seconds_of((dataclasses.replace(one, model="someone/unknown"),), store) is None
    assert timing.seconds_of_search(dataclasses.replace(one, model="someone/unknown"), 3, 2, store) is None


def test_a_start_writes_the_plan_down_and_submits_its_name(build: Callable[..., Page]) -> None:
    place = Script()
    page = build(place)
    tab = page.section(Sweep).widgets
    updates = page.section(Sweep).start(asked_for(page, sparsities="50, 60", name="mine"))
    assert (updates[tab.job.job], updates[tab.name]) == ("job-1", "mine")
    assert not updates[tab.job.starts[0]]["interactive"]
    (request,) = place.requests
    assert (request["kind"], request["name"], request["runs"]) == ("sweep", "mine", 2)
    assert [one.sparsity for one in load_sweep(page.context.store.kept, "mine")] == [0.5, 0.6]
    # The same plan goes on under its name; another needs another.
    assert page.section(Sweep).start(asked_for(page, sparsities="60, 50", name="mine"))[tab.job.job] == "job-1"


def test_another_plan_under_a_name_that_is_taken_is_refused(build: Callable[..., Page], said: list[str]) -> None:
    place = Script()
    page = build(place)
    tab = page.section(Sweep).widgets
    page.section(Sweep).start(asked_for(page, sparsities="50", name="mine"))
    updates = page.section(Sweep).start(asked_for(page, sparsities="70", name="mine"))
    assert updates[tab.job.job] == ""
    assert said == [words.SWEEP_TAKEN.format(name="mine")]
    assert len(place.requests) == 1
    assert [one.sparsity for one in load_sweep(page.context.store.kept, "mine")] == [0.5]


@pytest.mark.parametrize("changes", [{"sparsities": ""}, {"sparsities": "100"}, {"methods": []}, {"mixes": "xx"}])
def test_a_bad_plan_starts_nothing(build: Callable[..., Page], said: list[str], changes: dict[str, Any]) -> None:
    place = Script()
    page = build(place)
    updates = page.section(Sweep).start(asked_for(page, **changes))
    assert len(said) == 1
    assert updates[page.section(Sweep).widgets.job.job] == ""
    assert page.section(Sweep).widgets.job.starts[0] not in updates
    assert not place.requests
    assert listed(page.context.store.kept) == []


def test_resume_and_forget(build: Callable[..., Page], said: list[str]) -> None:
    place = Script()
    page = build(place)
    tab = page.section(Sweep).widgets
    page.section(Sweep).start(asked_for(page, sparsities="50", name="mine"))
    assert page.section(Sweep).resume("mine")[tab.job.job] == "job-1"
    assert place.requests[1] == place.requests[0]
    for nothing in (None, "gone", "../x"):
        assert page.section(Sweep).resume(nothing)[tab.job.job] == ""
        page.section(Sweep).forget(nothing)
    assert len(said) == 6
    updates = page.section(Sweep).forget("mine")
    assert updates[tab.kept]["choices"] == []
    assert listed(page.context.store.kept) == []


def test_strangers_see_their_own_sweep_only(build: Callable[..., Page], monkeypatch: pytest.MonkeyPatch) -> None:
    page = build()
    kept = page.section(Sweep).widgets.kept
    for name in ("mine", "theirs"):
        save_sweep(page.context.store.kept, name, (Settings(),))
    assert {name for _, name in page.section(Sweep).list_kept("mine")[kept]["choices"]} == {
        "mine",
        "theirs",
    }
    monkeypatch.setenv("SPACE_ID", "someone/some-space")
    assert [name for _, name in page.section(Sweep).list_kept("mine")[kept]["choices"]] == ["mine"]
    assert page.section(Sweep).list_kept("")[kept]["choices"] == []
    assert page.section(Unfinished).listed() == []


# --- The jobs, for real ------------------------------------------------------------------------------------------------


@pytest.fixture
def tiny_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever model a workbench is asked for, it loads a tiny one."""
    from mwanda_core.run import experiment

    model = tiny.language_model()
    monkeypatch.setattr(experiment, "load", lambda source, device, dtype: model)
    monkeypatch.setattr(compute, "POLL", 0.01)


def place_of(where: str, store: RunStore) -> Compute:
    return Local(work_in(store, Scratch())) if where == "local" else ZeroGPU(work_in(store, Scratch()), Spaces().GPU)


async def follow(page: Page, job: str, name: str) -> list[dict[Any, Any]]:
    return await collect(page.section(Sweep).follow(job, name, sweeps.MEAN))


@pytest.mark.parametrize("where", ["local", "zero"])
def test_a_sweep_from_the_button_to_the_figures(
    build: Callable[..., Page],
    tiny_bench: None,
    where: str,
) -> None:
    page = build()
    page = with_(page, compute=place_of(where, page.context.store))
    tab = page.section(Sweep).widgets
    values = asked_for(page, sparsities="30, 60", methods=[LEFT, "magnitude"], name="mine") | small(page)
    job = page.section(Sweep).start(values)[tab.job.job]
    updates = asyncio.run(follow(page, job, "mine"))
    page.context.compute.close()
    last = updates[-1]
    assert "Done in" in last[tab.job.status]
    assert last[tab.job.starts[0]]["interactive"]
    assert "4 of 4 runs are finished" in last[tab.shown.text]
    table = last[tab.shown.table]
    assert table[words.SWEEP_COLUMNS["sparsity"]].tolist() == [30, 60, 30, 60]
    assert [value for _, value in last[tab.shown.run]["choices"]] == table[words.SWEEP_COLUMNS["id"]].tolist()
    assert {page.context.store.load(id).id for id in table[words.SWEEP_COLUMNS["id"]]} == {
        e.id for e in page.context.store.kept.entries()
    }
    assert Path(last[tab.shown.download]["value"]).read_text().startswith("id,method")
    again = page.section(Sweep).foresee(values)[tab.asked.forecast]
    assert again == words.SWEEP_ALL_KEPT.format(runs=4)


def test_a_cancelled_sweep_goes_on_with_what_is_missing(
    build: Callable[..., Page],
    tiny_bench: None,
) -> None:
    page = build()
    page = with_(page, compute=place_of("local", page.context.store))
    tab = page.section(Sweep).widgets
    job = page.section(Sweep).start(asked_for(page, sparsities="30, 40, 50", name="mine") | small(page))[tab.job.job]

    async def stop() -> dict[Any, Any]:
        async for updates in page.section(Sweep).follow(job, "mine", sweeps.MEAN):
            if page.context.store.kept.entries():
                tab.job.stop(page.context.compute, job)
            last = updates
        return last

    last = asyncio.run(asyncio.wait_for(stop(), 60))
    assert words.SWEEP_CANCELLED in last[tab.job.status]
    before = {entry.id for entry in page.context.store.kept.entries()}
    assert 1 <= len(before) < 3
    job = page.section(Sweep).resume("mine")[tab.job.job]
    asyncio.run(follow(page, job, "mine"))
    page.context.compute.close()
    found = kept_sweep(page.context.store.kept, "mine")
    assert len(found.done) == 3
    assert before <= set(found.done.values())
    assert page.context.store.kept.unfinished() == []


@pytest.mark.parametrize("where", ["local", "zero"])
def test_a_search_from_the_button_to_the_verdict(
    build: Callable[..., Page],
    tiny_bench: None,
    where: str,
    said: list[str],
) -> None:
    page = build()
    page = with_(page, compute=place_of(where, page.context.store))
    tab = page.section(Protect).widgets
    values = asked_for(page, protect_languages=["el"], protect_percent=5, protect_tries=3) | small(page)
    job = page.section(Protect).start(values)[tab.job.job]
    last = asyncio.run(collect(page.section(Protect).follow(job)))[-1]
    page.context.compute.close()
    assert "Done in" in last[tab.job.status]
    ids = last[tab.shown.ids]
    assert {entry.id for entry in page.context.store.kept.entries()} == set(ids)
    assert [id for _, id in last[tab.kept]["choices"]] == [last[tab.name]]
    assert words.PROTECT_TRIED.split("{")[1].split("}")[1].split(";")[0] in last[tab.shown.text]
    cost = last[tab.shown.cost.table]
    row = cost[cost[words.PROTECT_COLUMNS["name"]] == "Greek"].iloc[0]
    assert row[words.PROTECT_COLUMNS["limit"]] == "1.05"
    table = page.context.store.load(ids[1]).tables["languages"].set_index("language")
    assert row[words.PROTECT_COLUMNS["after"]] == f"{table.loc['el', 'perplexity_ratio']:.2f}"
    kept_limit = table.loc["el", "perplexity_ratio"] <= 1.05
    assert (row[words.PROTECT_COLUMNS["kept"]] == words.YES) == kept_limit
    assert len(last[tab.shown.tries.table]) == 3
    # Opened again later, it says the same.
    again = page.section(Protect).show(last[tab.name])
    assert again[tab.shown.text] == last[tab.shown.text]
    # Without its runs there is nothing to show, and that is said.
    page.context.store.delete(ids[1])
    gone = page.section(Protect).show(last[tab.name])
    assert gone[tab.shown.text] == said[-1] == words.COMPARE_UNREADABLE.format(name="Wanda, 50%, tiny llama")


def test_the_kinds_are_there_and_ask_for_little_time() -> None:
    assert {"sweep", "protect"} <= set(KINDS)
    request = work.request_for("mine", 3, None)
    assert kind_of(request).title(request) == words.sweep_title("mine", 3)
    assert [work.seconds({"seconds": value}) for value in (None, 0.0, 50.0, 1e9)] == [110, 40, 80, 110]


def test_a_lost_or_failed_job_frees_the_tab(build: Callable[..., Page], said: list[str]) -> None:
    page = build()
    tab = page.section(Sweep).widgets
    last = asyncio.run(follow(page, "job-of-yesterday", "mine"))[-1]
    assert "not known here" in last[tab.job.status]
    assert last[tab.job.starts[0]]["interactive"]
    page = build(Script(JobView("job-1", "t", "failed", error="Because.")))
    last = asyncio.run(follow(page, "job-1", "mine"))[-1]
    assert "Because." in last[tab.job.status]
    assert said == ["Because."]
    assert len(asyncio.run(follow(page, "", ""))) == 1


# --- Results -----------------------------------------------------------------------------------------------------------


def tables(seeds: tuple[int, ...] = (0,)) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Two methods at two sparsities, two languages; the numbers say which is which."""
    runs, languages = [], []
    for m, method in enumerate(("A", "B")):
        for sparsity in (0.3, 0.6):
            for seed in seeds:
                id, easy = f"{method}{sparsity}{seed}", sparsity + m + seed / 100
                runs.append((id, method, sparsity, "en,sw", seed, easy + 0.5, "sw", easy + 1, m == 0))
                languages += [(id, method, sparsity, "en,sw", seed, code, name, easy + x, easy + x - 0.1, easy + x + 0.2)
                              for code, name, x in (("en", "English", 0), ("sw", "Swahili", 1))]  # fmt: skip
    names = ["id", "method", "sparsity", "languages", "seed", "mean_increase", "worst_language", "worst_increase", "front"]
    long = ["id", "method", "sparsity", "mix", "seed", "language", "name", "increase", "increase_low", "increase_high"]
    return pd.DataFrame(runs, columns=names), pd.DataFrame(languages, columns=long)


def test_curves_by_hand() -> None:
    runs, languages = tables()
    mean = sweeps.values_of(runs, languages, sweeps.MEAN)
    assert mean[["method", "sparsity", "value"]].values.tolist() == [
        ["A", 0.3, 0.8], ["A", 0.6, pytest.approx(1.1)], ["B", 0.3, 1.8], ["B", 0.6, pytest.approx(2.1)]
    ]  # fmt: skip
    assert mean["low"].isna().all()
    swahili, worst = (sweeps.values_of(runs, languages, which) for which in ("sw", sweeps.WORST))
    assert swahili["value"].tolist() == worst["value"].tolist() == [1.3, 1.6, 2.3, 2.6]
    assert swahili["low"].tolist() == pytest.approx([1.2, 1.5, 2.2, 2.5])  # The interval over texts.
    figure = sweeps.curves(swahili, sweeps.styles_of(runs))
    assert [trace.name for trace in figure.data] == ["A", "B"]
    assert list(figure.data[0].x) == [30.0, 60.0]
    assert list(figure.data[0].error_y.array) == pytest.approx([0.2, 0.2])


def test_seeds_are_one_point_with_their_span() -> None:
    runs, languages = tables(seeds=(0, 10))
    values = sweeps.values_of(runs, languages, "en")
    first = values.iloc[0]
    assert (first["value"], first["low"], first["high"], first["runs"]) == (pytest.approx(0.35), 0.3, pytest.approx(0.4), 2)


def test_lines_are_told_apart() -> None:
    runs, _ = tables()
    assert [style.name for style in sweeps.styles_of(runs).values()] == ["A", "B"]
    more = pd.concat([runs, runs.assign(languages="en,de,hi,fr,bn")])
    found = sweeps.styles_of(more)
    assert found["A", "en,de,hi,fr,bn"].name == "A · English, German, Hindi and 2 more"
    looks = {(style.colour, style.dash) for style in found.values()}
    assert len(looks) == 4
    single = sweeps.styles_of(more[more["method"] == "A"])
    assert {style.name for style in single.values()} == {"English, Swahili", "English, German, Hindi and 2 more"}
    assert len({style.colour for style in single.values()}) == 2


def test_the_front_is_drawn_through_the_runs_on_it() -> None:
    runs, _ = tables()
    figure = sweeps.mean_against_worst(runs, sweeps.styles_of(runs))
    assert list(figure.data[0].x) == pytest.approx([0.8, 1.1])
    assert {trace.name for trace in figure.data} == {words.SWEEP_LEGEND_FRONT, "A", "B"}


def test_small_multiples_have_a_panel_a_language_and_a_cap() -> None:
    runs, languages = tables()
    results = sweep_results.Results(kept_sweep_of(runs), runs, languages)
    figure, note = sweep_results.multiples(results)
    assert note == ""
    assert {text.text for text in figure.layout.annotations} == {"English", "Swahili"}
    assert len(figure.data) == 4
    many = pd.concat(languages[languages["language"] == "en"].assign(language=f"x{i}", increase=float(i)) for i in range(40))
    figure, note = sweep_results.multiples(dataclasses.replace(results, languages=many))
    assert note == words.SWEEP_MULTIPLES_CAP.format(count=sweeps.MOST_PANELS)
    assert "x39" in {text.text for text in figure.layout.annotations}


def kept_sweep_of(runs: pd.DataFrame) -> Any:
    from mwanda_core.sweeps.stored import KeptSweep

    ids = runs["id"].tolist()
    return KeptSweep("mine", "2026-01-01 00:00:00", tuple(ids), {id: id for id in ids}, {})


def test_runs_without_losses_and_unequal_languages_are_told() -> None:
    runs, languages = tables()
    results = sweep_results.Results(kept_sweep_of(runs), runs, languages)
    assert words.SWEEP_UNEQUAL not in sweep_results.progress(results)
    unequal = dataclasses.replace(results, languages=languages.iloc[1:])
    assert words.SWEEP_UNEQUAL in sweep_results.progress(unequal)
    silent = dataclasses.replace(
        results, languages=languages.iloc[:0], runs=runs.assign(mean_increase=np.nan, worst_increase=np.nan, front=False)
    )
    assert words.SWEEP_UNSCORED in sweep_results.progress(silent)
    for figure in (
        sweep_results.curve(silent, sweeps.MEAN)[0],
        sweep_results.front(silent),
        sweep_results.multiples(silent)[0],
    ):
        assert figure.layout.annotations[0].text == words.SWEEP_UNSCORED


def test_a_sweep_that_is_gone_says_so(build: Callable[..., Page]) -> None:
    page = build()
    shown = page.section(Sweep).widgets.shown
    assert "There is no sweep" in page.section(Sweep).show("gone", sweeps.MEAN)[shown.text]
    assert list(page.section(Sweep).show("", sweeps.MEAN)) == [shown.text]


# --- Protected languages -----------------------------------------------------------------------------------------------


def test_limits_by_hand() -> None:
    found = limits.limits_of(["en"], 10, "sw: 20\nHindi = 5%\n", ("en", "sw", "hi"))
    assert {code: math.exp(value) for code, value in found.items()} == pytest.approx({"en": 1.1, "sw": 1.2, "hi": 1.05})
    assert limits.limits_of(["en"], 10, "en: 0", ("en",)) == {"en": 0.0}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (([], 10, ""), words.PROTECT_NONE),
        ((["en"], None, ""), "given None"),
        ((["en"], -1, ""), "given -1"),
        ((["en"], math.nan, ""), "given nan"),
        ((["en"], 1e9, ""), "given"),
        (([], 10, "sw"), "given was 'sw'"),
        (([], 10, "sw: much"), "given was 'sw: much'"),
        (([], 10, ": 20"), "given was ': 20'"),
        (([], 10, "hi: 20"), words.PROTECT_STRANGER.format(given="Hindi")),
    ],
)
def test_limits_that_are_none(given: tuple[Any, ...], message: str) -> None:
    with pytest.raises(InputError) as caught:
        limits.limits_of(*given, ("en", "sw"))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [{"tries": 0}, {"tries": None}, {"tries": 10_000}, {"seed": -1}, {"seed": None}, {"goal": "best"}, {"percent": -5}],
)
def test_a_bad_search_starts_nothing(build: Callable[..., Page], said: list[str], changes: dict[str, Any]) -> None:
    place = Script()
    page = build(place)
    tab = page.section(Protect).widgets
    values = asked_for(page, protect_languages=["sw"], **{f"protect_{name}": value for name, value in changes.items()})
    assert words.COST_REFUSED.split("{")[0] in page.section(Protect).foresee(values)[tab.asked.forecast]
    assert page.section(Protect).start(values)[tab.job.job] == ""
    assert len(said) == 1
    assert not place.requests


def test_a_search_tells_its_time_and_hands_plain_data_on(build: Callable[..., Page]) -> None:
    place = Script()
    page = build(place)
    tab = page.section(Protect).widgets
    values = asked_for(page, protect_languages=["sw"], protect_percent=100, protect_own="hi: 20", protect_tries=4)
    assert "**4 settings**" in page.section(Protect).foresee(values)[tab.asked.forecast]
    page.section(Protect).start(values)
    (request,) = place.requests
    assert json.loads(json.dumps(request))["limits"] == pytest.approx({"sw": math.log(2), "hi": math.log(1.2)})
    assert kind_of(request).title(request) == words.protect_title(["Swahili", "Hindi"], 4)
    assert "seconds" in request
    assert kind_of(request).seconds({**request, "seconds": 20.0}) == 50
    assert (
        kind_of(request).seconds({**request, "seconds": 9_000.0})
        == kind_of(request).seconds({**request, "seconds": None})
        == LENT
    )


def test_a_search_on_a_shared_server_is_short(
    build: Callable[..., Page], said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Script()
    page = build(place)
    values = asked_for(page, protect_languages=["sw"], protect_tries=limits.MOST_SHARED + 1)
    monkeypatch.setenv("SPACE_ID", "someone/some-space")
    assert page.section(Protect).start(values)[page.section(Protect).widgets.job.job] == ""
    assert said == [words.PROTECT_TRIES_RANGE.format(most=limits.MOST_SHARED, given=limits.MOST_SHARED + 1)]
    assert not place.requests
    page.section(Protect).start(values | {page.section(Protect).widgets.asked.tries: limits.MOST_SHARED})
    assert len(place.requests) == 1


def test_the_menu_of_languages_to_protect_follows_the_left() -> None:
    found = protect_widgets.protect_menu(["en", "sw"], ["sw", "hi"])
    assert {code for _, code in found["choices"]} == {"en", "sw"}
    assert found["value"] == ["sw"]
    assert protect_widgets.protect_menu(None, None)["value"] == []


def test_a_search_that_is_gone_says_so(build: Callable[..., Page], said: list[str]) -> None:
    page = build()
    assert "There is no search" in page.section(Protect).show("gone")[page.section(Protect).widgets.shown.text]
    assert list(page.section(Protect).show("")) == [page.section(Protect).widgets.shown.text]


# --- Runs cut off ------------------------------------------------------------------------------------------------------


def cut_off(page: Page) -> str:
    with (
        pytest.raises(MemoryError),
        page.context.store.kept.started(dataclasses.replace(kept.SMALL, method="wanda"), "A run") as id,
    ):
        raise MemoryError
    return id


def test_a_run_that_was_cut_off_is_started_again_or_discarded(build: Callable[..., Page]) -> None:
    place = Script()
    page = build(place)
    tab = page.section(Unfinished).widgets
    assert page.section(Unfinished).show()[tab.text] == words.UNFINISHED_NONE
    id = cut_off(page)
    shown = page.section(Unfinished).show()
    assert shown[tab.table]["value"].iloc[0].tolist()[0::2] == ["A run", "MemoryError"]
    assert shown[tab.which]["value"] == id
    updates = page.section(Unfinished).start_again(id)
    assert updates[page.context.run.job] == "job-1"
    assert place.requests[0]["settings"]["languages"] == ("en", "el")
    assert page.context.store.kept.unfinished() == []
    other = cut_off(page)
    assert page.section(Unfinished).discard(other)[tab.text] == words.UNFINISHED_DISCARDED
    assert page.context.store.kept.unfinished() == []
    for nothing in (None, other):
        assert page.section(Unfinished).start_again(nothing)[tab.text] == words.UNFINISHED_CHOICE
        assert page.section(Unfinished).discard(nothing)[tab.text] == words.UNFINISHED_CHOICE


def test_on_a_shared_server_nothing_is_listed_or_started(
    build: Callable[..., Page],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = Script()
    page = build(place)
    id = cut_off(page)
    monkeypatch.setenv("SPACE_ID", "someone/some-space")
    tab = page.section(Unfinished).widgets
    assert page.section(Unfinished).show()[tab.text] == words.UNFINISHED_SHARED
    assert page.section(Unfinished).start_again(id)[tab.text] == words.UNFINISHED_CHOICE
    assert page.section(Unfinished).discard(id)[tab.text] == words.UNFINISHED_CHOICE
    assert not place.requests
    assert len(page.context.store.kept.unfinished()) == 1
