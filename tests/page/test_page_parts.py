"""The page without a browser, part by part: menus, form, runs on disk, status lines, method panel."""

import ast
import dataclasses
import json
import re
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from synthetic import report

from components.form import choices, combining, cost, explaining, form, method_panel
from components.form.form import new_form
from components.i18n import words
from components.report import story, tables
from components.scratch import Scratch
from components.sections import sparsity as sparsity_tab
from components.sections.methods import table as worth
from components.store import ASSETS, BASELINE, EXAMPLE, EXAMPLE_FOLDER, EXAMPLES, RunStore
from components.widgets import progress_bar as watching
from mwanda_core import corpora
from mwanda_core.after.explain import statistics_of
from mwanda_core.after.repeat import again
from mwanda_core.corpora import choosing
from mwanda_core.errors import InputError, RunError
from mwanda_core.languages import LANGUAGES
from mwanda_core.methods import catalogue
from mwanda_core.methods.activation import Target, Weighted
from mwanda_core.methods.knob_list import knob_list
from mwanda_core.methods.recipes import RECIPES, recipe
from mwanda_core.methods.scores import RIA
from mwanda_core.methods.solvers import SparseGPT
from mwanda_core.parts.knobs import knobs_of
from mwanda_core.parts.part import build
from mwanda_core.parts.patterns import NtoM
from mwanda_core.run import experiment
from mwanda_core.run.jobs import JobView, LogLine
from mwanda_core.run.settings import settings_from
from mwanda_core.store.report import TABLES, load_report
from mwanda_core.store.tensors import keeps_some, kept_masks
from mwanda_core.studies import STUDIES, Beside, tables_of
from mwanda_core.tasks import TASKS

ROOT = Path(__file__).resolve().parents[2]


def test_what_the_page_knows_without_torch_agrees_with_the_engine() -> None:
    assert choices.builtin_codes() == corpora.builtin_languages()
    assert choices.DEFAULT_LANGUAGES == experiment.DEFAULT_LANGUAGES
    assert choices.DEFAULT_HELD_OUT == experiment.DEFAULT_HELD_OUT
    assert set(choices.HUB_TEXTS) == set(corpora.SOURCES)
    assert choices.BUILT_IN == choosing.BUILT_IN
    assert {name: adapter.title for name, adapter in TASKS.items()} == words.TASK_NAMES
    assert (
        list(words.STUDY_TITLES) == list(words.STUDY_QUESTIONS) == [n for n, cls in STUDIES.items() if issubclass(cls, Beside)]
    )
    assert set(words.TABLE_TITLES) | set(words.STUDY_TABLE_TITLES) == set(TABLES) | set(tables_of())
    settings, shown = experiment.Settings().to_dict(), new_form()
    same = set(settings) & set(shown) - {"held_out", "guard", "precision"}  # The form guards, and measures until it is enough.
    assert {name: settings[name] for name in same} == {name: shown[name] for name in same}
    assert [(settings[name], shown[name]) for name in ("guard", "precision")] == [(0.0, 0.1), (0.0, 0.2)]
    assert {"model", "languages", "method", "sparsity", "mode", "tokens_per_language", "sequence_length", "eval_texts"} <= same


def test_building_the_page_loads_neither_torch_nor_transformers() -> None:
    code = (
        "import sys; from components.app.page import build; page = build(); "
        "print(sorted({'torch', 'transformers', 'datasets'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"


def test_late_imports_of_the_engine_stand_inside_importing() -> None:
    late = []
    for file in sorted(Path(form.__file__).parent.rglob("*.py")):
        for function in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                guarded = {
                    inner for block in ast.walk(function) if isinstance(block, ast.With) and "importing" in ast.unparse(block.items[0])
                    for inner in ast.walk(block)
                }  # fmt: skip
                late += [
                    (file.name, ast.unparse(node), node in guarded)
                    for node in ast.walk(function)
                    if isinstance(node, ast.Import | ast.ImportFrom)
                    and ast.unparse(node).split()[1].startswith(("mwanda_core", "torch"))
                ]
    assert late
    assert [entry for entry in late if not entry[2]] == []


@pytest.mark.parametrize("languages", [("en",), ("fr", "bn"), choices.DEFAULT_LANGUAGES])
def test_held_out_languages_follow_the_engine_s_rule(languages: tuple[str, ...]) -> None:
    assert tuple(choices.held_out_for(languages, choices.builtin_codes())) == experiment.default_held_out(languages)


def test_languages_are_offered_by_name() -> None:
    assert choices.label("sw") == "Swahili (Kiswahili)"
    assert choices.label("en") == "English"
    assert choices.label("xx") == "xx"
    menu = choices.language_choices(choices.builtin_codes())
    assert {code for _, code in menu} == set(choices.builtin_codes())


def test_groups_hold_known_languages_of_one_region_or_script() -> None:
    found = choices.groups(choices.builtin_codes())
    for name, members in found.items():
        assert set(members) <= set(choices.builtin_codes())
        if name.startswith("Region"):
            assert len({LANGUAGES[code].region for code in members}) == 1
        if name.startswith("Script"):
            assert len({LANGUAGES[code].script for code in members}) == 1
    assert found[words.WORLD_MIX] == choices.WORLD_MIX
    assert any(set(members) == set(choices.builtin_codes()) for members in found.values())


def test_a_folder_offers_the_languages_it_has(tmp_path: Path) -> None:
    (tmp_path / "yo.txt").write_text("a\n\nb", encoding="utf-8")
    assert choices.codes_of(str(tmp_path)) == ("yo",)
    with pytest.raises(InputError):
        choices.codes_of(str(tmp_path / "missing"))


def drawn(method: str, **parts: str) -> dict[str, Any]:
    """The form's fields when the widgets stand at a method and parts, and nothing was touched."""
    return {"method": method, "parts": parts, "knobs": combining.knobs_in(combining.parts_with(method, parts))}


@pytest.mark.parametrize("name", RECIPES)
def test_every_method_s_knobs_come_back_unchanged(name: str) -> None:
    # The pattern is the recipe's own, as the page sets it when the method is chosen.
    pattern, n, m = combining.pattern_name(recipe(name).pattern)
    found = form.to_recipe(form.make_request(new_form(**drawn(name), pattern=pattern, n=n, m=m)))
    assert found == recipe(name)


def test_the_knobs_known_without_torch_are_those_of_the_parts() -> None:
    assert tuple(catalogue.CHOICES) == combining.CHOICES
    for choice, table in catalogue.CHOICES.items():
        assert [part for owner, part in knob_list() if owner == choice] == list(table)
        for name, cls in table.items():
            assert knob_list()[choice, name] == knobs_of(cls)


PAIRS = [(choice, name) for choice, table in catalogue.CHOICES.items() for name in table]


@pytest.mark.parametrize(("choice", "name"), PAIRS)
def test_any_part_takes_the_place_of_a_method_s_own(choice: str, name: str) -> None:
    found = form.to_recipe(form.make_request(new_form(**drawn("wanda", **{choice: name}))))
    expected = build(choice, catalogue.CHOICES[choice], name)
    assert getattr(found, choice) == expected
    others = [c for c in combining.CHOICES if c != choice]
    assert [getattr(found, c) for c in others] == [getattr(recipe("wanda"), c) for c in others]
    assert found.name == ("wanda" if expected == getattr(recipe("wanda"), choice) else "custom")


def test_a_combination_travels_as_plain_data_with_the_knobs_of_its_parts() -> None:
    given = drawn("m-wanda", score="ria", solver="sparsegpt")
    given["knobs"]["score.power"] = 0.3
    settings = form.to_settings(json.loads(json.dumps(form.make_request(new_form(**given)))))
    made = recipe(settings.method)
    assert made.score == RIA(power=0.3)
    assert made.solver == SparseGPT()
    assert made.activation == recipe("m-wanda").activation
    assert made.title == "M-Wanda with RIA, SparseGPT"


def test_the_target_language_and_weights_reach_the_recipe() -> None:
    target = new_form(method="target", knobs={"activation.language": "sw"})
    assert form.to_recipe(form.make_request(target)).activation == Target("sw")
    knobs = {"activation.mix": "custom", "activation.weights_by_language": "en=1, sw=3"}
    given = new_form(method="wanda", parts={"activation": "weighted"}, knobs=knobs)
    found = form.to_recipe(form.make_request(given))
    assert found.activation == Weighted("custom", "en=1, sw=3")
    # A text counts only while its menu says so.
    equal = given | {"knobs": knobs | {"activation.mix": "equal"}}
    assert form.to_recipe(form.make_request(equal)).activation == Weighted()


def weighted(text: str) -> dict[str, Any]:
    knobs = {"activation.mix": "custom", "activation.weights_by_language": text}
    return drawn("wanda", activation="weighted") | {"knobs": knobs}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (weighted("en=much"), "written like"),
        (weighted("fr=2"), "weight was given for fr"),
        ({"method": "target", "knobs": {"activation.language": "fr"}}, "not among the calibration languages"),
        (drawn("trim", solver="sparsegpt"), "keep-top"),
        (drawn("trim") | {"pattern": "layer"}, "row scope"),
        (drawn("wanda", allocation="owl") | {"pattern": "2:4"}, "cannot follow the layerwise allocation"),
        (drawn("wanda") | {"pattern": "global", "mode": "sequential"}, "one-pass"),
        (drawn("wanda") | {"pattern": "n:m", "n": 4, "m": 4}, "N smaller than M"),
        (drawn("wanda") | {"pattern": "n:m", "n": None, "m": 4}, "whole numbers"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_starts(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        form.refuse(form.make_request(new_form(**fields)))
    line, _, problem = cost.foresee(new_form(**fields), RunStore(Path("nowhere")))
    assert said in problem
    assert problem in line


def test_knobs_reach_the_settings() -> None:
    settings = form.to_settings(form.make_request(new_form(knobs={"activation.lam": 2.0}, sparsity=0.6, seed=3)))
    made = recipe(settings.method)
    assert made == recipe("m-wanda", lam=2.0)
    assert (settings.sparsity, settings.seed, settings.languages) == (0.6, 3, choices.DEFAULT_LANGUAGES)


def test_knobs_of_parts_that_are_not_there_are_not_used() -> None:
    settings = form.to_settings(
        form.make_request(new_form(method="ria", knobs={"activation.lam": 2.0, "allocation.strength": 0.3}))
    )
    assert recipe(settings.method) == recipe("ria")


def test_a_whole_knob_takes_a_slider_s_float() -> None:
    found = combining.with_knobs(combining.parts_with("trim", {}), {"rows.iterations": 3.0})["rows"]
    assert found.iterations == 3
    assert type(found.iterations) is int


@pytest.mark.parametrize("pattern", combining.FIXED_PATTERNS)
def test_a_fixed_pattern_makes_the_allocation_uniform_and_sets_the_sparsity(pattern: str) -> None:
    settings = form.to_settings(form.make_request(new_form(pattern=pattern, n=3, m=8, sparsity=0.7)))
    made = recipe(settings.method)
    assert settings.sparsity == (0.625 if pattern == "n:m" else 0.5)
    assert not made.allocation.reads_evidence
    assert isinstance(made.pattern, NtoM)
    assert made.activation == recipe("m-wanda").activation


def test_mixed_n_to_m_keeps_allocation_and_sparsity() -> None:
    settings = form.to_settings(form.make_request(new_form(pattern="mixed", m=8, sparsity=0.6)))
    made = recipe(settings.method)
    assert settings.sparsity == 0.6
    assert made.allocation == recipe("m-wanda").allocation
    assert made.pattern == NtoM(4, 8, mixed=True)


@pytest.mark.parametrize("name", ["unstructured", "layer", "global", "2:4", "4:8", "n:m", "mixed"])
def test_a_pattern_and_its_controls_are_inverse(name: str) -> None:
    found = combining.pattern_of(name, 3, 7)
    assert combining.pattern_of(*combining.pattern_name(found)) == found
    assert combining.pattern_name(found)[0] == name
    assert set(words.PATTERNS) == {"unstructured", "layer", "global", "2:4", "4:8", "n:m", "mixed"}


def test_the_share_for_the_allocation_counts_only_block_by_block() -> None:
    assert form.to_settings(form.make_request(new_form(allocation_share=0.3))).allocation_share == 1.0
    assert form.to_settings(form.make_request(new_form(allocation_share=0.3, mode="sequential"))).allocation_share == 0.3


def test_a_folder_of_texts_reaches_the_settings() -> None:
    assert form.to_settings(form.make_request(new_form(texts=" /tmp/texts "))).texts == "/tmp/texts"
    assert form.to_settings(form.make_request(new_form(texts="wikipedia"))).texts == "wikipedia"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (new_form(model="  "), words.EMPTY_MODEL),
        (new_form(texts=""), words.EMPTY_FOLDER),
        (new_form(sparsity=1.0), "between 0 and 99%"),
        (new_form(languages=()), words.EMPTY_LANGUAGES),
        (new_form(tasks=("xcopa",), task_texts=""), words.EMPTY_TASK_FOLDER),
        (new_form(tasks=("xcopa",), task_items=0), "The number of questions"),
    ],
)
def test_a_form_that_cannot_be_run_is_refused_in_one_sentence(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said.split(":", maxsplit=1)[0]):
        form.make_request(given)


@pytest.mark.parametrize(
    "given",
    [
        new_form(model="/etc"),
        new_form(model="~/model"),
        new_form(model="x.gguf"),
        new_form(texts="/etc"),
        new_form(tasks=("xcopa",), task_texts="/etc"),
        new_form(model="models"),
    ],
)
def test_a_shared_server_reads_no_files_of_its_own(given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    form.make_request(given)
    monkeypatch.setenv("SPACE_ID", "someone/space")
    with pytest.raises(InputError, match="shared server"):
        form.make_request(given)
    form.make_request(new_form())
    form.make_request(new_form(model="Qwen/Qwen2.5-0.5B"))


def test_what_is_measured_beside_the_losses_reaches_the_settings() -> None:
    asked = new_form(
        tasks=("bmlama",),
        task_texts=" /tmp/sets ",
        task_items=30,
        studies=("neurons",),
        spare_neurons=("de",),
    )
    settings = form.to_settings(form.make_request(asked))
    assert (settings.tasks, settings.task_texts, settings.task_items) == (("bmlama",), "/tmp/sets", 30)
    assert (settings.studies, settings.spare_neurons) == (("neurons",), ("de",))
    # A folder that was typed and is not used any more says nothing.
    assert form.to_settings(form.make_request(asked | {"tasks": ()})).task_texts == "hub"
    assert form.to_settings(form.make_request(asked | {"task_texts": "hub"})).task_texts == "hub"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (new_form(tasks=("lindsea",)), "none of the languages of this run; it has Indonesian, Tamil"),
        (new_form(tasks=("xcopa",), languages=("en", "de"), held_out=()), "XCOPA has none"),
        (new_form(spare_neurons=("fr",)), "calibrate on it, too"),
        (new_form(spare_neurons=("de",), method="sparsegpt"), "protected by their rank"),
        (new_form(spare_neurons=("de",), pattern="global", method="wanda"), "global scope"),
        (new_form(spare_neurons=("en",), languages=("en",), method="wanda"), "at least two"),
        (new_form(studies=("neurons",), languages=("en",), method="wanda"), "at least two"),
        (new_form(studies=("overlap",), tokens_per_language=128, sequence_length=128), "two halves"),
    ],
)
def test_what_cannot_be_measured_is_refused_before_the_run(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        form.refuse(form.make_request(given))


def test_the_cost_of_studies_is_told_before_the_run(tmp_path: Path) -> None:
    plain, _, _ = cost.foresee(new_form(), RunStore(tmp_path))
    beside = tuple(name for name, study in STUDIES.items() if issubclass(study, Beside))
    line, details, problem = cost.foresee(
        new_form(tasks=("bmlama",), studies=beside, spare_neurons=("de",)), RunStore(tmp_path)
    )
    assert not problem
    assert line != plain
    for name in ("benchmarks", *beside, "spared"):
        assert words.COST_STEPS[name] in details
    assert words.COST_STAGES["studying"] in details


def test_a_request_is_plain_data() -> None:
    request = form.make_request(new_form())
    assert json.loads(json.dumps(request)) == {**request, **{k: list(v) for k, v in request.items() if isinstance(v, tuple)}}
    assert form.title_of(request) == "M-Wanda, 50%, gemma-3-270m (English, German, Hindi, Swahili)"


# --- Runs on disk ------------------------------------------------------------------------------------------------------


@pytest.fixture
def clock_in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows sets no clock by the environment")
@pytest.mark.usefixtures("clock_in_tokyo")
def test_the_store_lists_saved_runs_newest_first_and_the_example(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    assert store.choices() == [(words.EXAMPLE, EXAMPLE), (words.EXAMPLE_BASELINE, BASELINE)]
    for id in ("20260101-120000-a", "20260102-130500-b"):
        report(2, id=id).save(store.path(id))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "report.json").write_text("{", encoding="utf-8")
    listed = store.choices()
    assert [id for _, id in listed] == ["20260102-130500-b", "20260101-120000-a", EXAMPLE, BASELINE]
    assert listed[0][0].startswith("2026-01-02 22:05: M-Wanda")
    assert store.load("20260101-120000-a").id == "20260101-120000-a"


@pytest.mark.parametrize("id", ["../secret", "a/b", "", ".hidden", "a\\b", "x" * 200, "a\0b"])
def test_an_id_from_a_link_never_leaves_the_folder(tmp_path: Path, id: str) -> None:
    with pytest.raises(RunError, match="not the name of a run"):
        RunStore(tmp_path).path(id)


def test_a_missing_run_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="missing or damaged"):
        RunStore(tmp_path).load("20260101-nothing")


def test_runs_go_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    assert RunStore().folder == cache / "runs"
    monkeypatch.setenv("MWANDA_RUNS", str(tmp_path / "elsewhere"))
    assert RunStore().folder == tmp_path / "elsewhere"


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_are_small_and_have_every_table_and_a_few_masks(name: str) -> None:
    found = load_report(ASSETS / f"{name}-run")
    assert set(words.TABLE_TITLES) <= set(found.tables) <= set(words.TABLE_TITLES) | set(words.STUDY_TABLE_TITLES)
    assert sum(file.stat().st_size for file in (ASSETS / f"{name}-run").iterdir()) < 1_000_000
    matrices = list(found.tables["layers"][["block", "module"]].itertuples(index=False, name=None))
    kept = kept_masks(ASSETS / f"{name}-run" / "masks.safetensors", matrices)
    assert keeps_some(ASSETS / f"{name}-run" / "masks.safetensors")
    assert 2 <= len(kept) < len(matrices)
    for block, module in kept:
        stats, own = statistics_of(found, ASSETS / f"{name}-run", block, module)
        assert own
        assert stats is not None
        assert module in stats.modules


def test_the_examples_tell_the_story_and_their_commands_can_be_repeated() -> None:
    one, other = (load_report(ASSETS / f"{name}-run") for name in EXAMPLES)
    assert other.facts["settings"]["languages"] == ["en"]
    losses = [table.tables["languages"].set_index("language")["increase"] for table in (one, other)]
    assert set(losses[0].index) == set(losses[1].index)
    assert losses[1].max() > 1.5 * losses[0].max(), "English texts alone break another language"
    for report_ in (one, other):
        settings = settings_from(report_.facts["settings"])
        assert settings.texts == "built-in"
        assert settings.task_texts == "hub"
        assert "--task-texts" not in again(report_).command or "--task-texts hub" in again(report_).command


def test_files_hold_every_table_at_full_precision() -> None:
    run, scratch = load_report(EXAMPLE_FOLDER), Scratch()
    paths = tables.run_files(scratch, run)
    assert tables.run_files(scratch, run) is paths
    assert set(paths) == {*run.tables, tables.ARCHIVE}
    archive = paths[tables.ARCHIVE]
    for name in words.TABLE_TITLES:
        pd.testing.assert_frame_equal(pd.read_csv(paths[name], keep_default_na=False), run.tables[name], check_dtype=False)
    with zipfile.ZipFile(archive) as content:
        assert {"report.json", "languages.parquet", "csv/languages.csv"} <= set(content.namelist())
    scratch.close()
    assert not Path(archive).exists()


# --- Words and status --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2, 30])
def test_the_story_of_a_run_is_told_for_any_number_of_languages(number: int) -> None:
    run = report(number)
    text = story.headline(run)
    assert "50.0%" in text
    assert ("languages that calibration never saw" in text) == (number >= 3)
    assert words.ZEROS in story.notes(run)
    assert (words.CARD_LEAST.split("{")[0] in story.cards(run)) == (number > 1)
    assert "mw.Settings(" in story.again(run)
    compile(story.again(run), "again", "exec")
    assert story.banner(run, False).endswith("(?run=made-up)")
    assert "Example" in story.banner(run, True)


def test_times_and_points_by_hand() -> None:
    import math

    assert story.times(math.log(2)) == "2.00"
    assert story.times(math.log(1234.4)) == "1,234"


def test_words_for_durations() -> None:
    assert [words.seconds(v) for v in (0.4, 59.4, 60, 3725)] == ["0 s", "59 s", "1 min 00 s", "1 h 02 min"]
    assert words.clock(75.9) == "01:15"
    assert words.time_left(None, 5) == "5 s so far"
    assert words.time_left(61, 5) == "5 s so far, about 1 min 00 s left"


@pytest.mark.parametrize(
    ("view", "shown"),
    [
        (None, words.IDLE),
        (JobView("a", "t", "queued", ahead=2), "2 runs before this one"),
        (JobView("a", "t", "running"), words.STARTING),
        (JobView("a", "t", "running", stage="Pruning block 3 of 18", fraction=0.417), "42%"),
        (JobView("a", "t", "running", stage="x", cancelling=True), words.CANCELLING),
        (JobView("a", "t", "done", elapsed=81.0), "1 min 21 s"),
        (JobView("a", "t", "cancelled"), words.CANCELLED),
        (JobView("a", "t", "failed", error="No <b>such</b> model."), "No &lt;b&gt;such&lt;/b&gt; model."),
    ],
)
def test_the_status_of_a_job_in_every_state(view: JobView | None, shown: str) -> None:
    assert shown in watching.bar(view)


def test_the_log_has_a_time_on_every_line() -> None:
    view = JobView("a", "t", "running", log=(LogLine(0.2, "Loading"), LogLine(65.0, "Measuring")))
    assert watching.log_text(view) == "00:00  Loading\n01:05  Measuring"
    assert watching.log_text(None) == ""


# --- Methods -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", RECIPES)
def test_a_method_is_explained_with_formula_source_and_origin(name: str) -> None:
    found = combining.parts_with(name, {})
    text = explaining.formulas(found)
    for choice, part in found.items():
        if choice in explaining.UNUSUAL and part == getattr(recipe("wanda"), choice):
            assert part.formula not in text
            continue
        assert f"$$\n{part.formula}\n$$" in text
        assert part.source in text
        assert words.ORIGINS[part.origin] in text
    summary = recipe(name).summary
    unsure = any(part.origin == "reconstruction" for part in found.values())
    assert (words.HAS_RECONSTRUCTION in explaining.explain(summary, found)) == unsure
    assert explaining.explain(summary, found).startswith(summary)


def test_the_menu_of_methods_is_the_catalogue_s_order_fast_first() -> None:
    menu = method_panel.menu()
    assert sorted(name for _, name in menu) == sorted(RECIPES)
    assert menu[0][1] == catalogue.PURPOSES["fast"][0]
    assert words.PURPOSES["fast"] in menu[0][0]
    assert set(words.PURPOSES) == set(catalogue.PURPOSES)
    named = [name for names in catalogue.PURPOSES.values() for name in names]
    assert len(named) == len(set(named))
    assert set(named) <= set(RECIPES)


# --- Cost and worth ----------------------------------------------------------------------------------------------------


def test_the_cost_of_the_default_run_is_known_from_the_example(tmp_path: Path) -> None:
    line, details, problem = cost.foresee(new_form(), RunStore(tmp_path))
    assert problem == ""
    assert re.search(r"About \d+ (s|min)", line)
    assert "GiB" in line or "MiB" in line
    assert words.COST_STEPS["statistics"] in details
    assert "typical" in details


def test_a_method_that_needs_gradients_or_minutes_says_so(tmp_path: Path) -> None:
    _, details, _ = cost.foresee(new_form(method="gblm"), RunStore(tmp_path))
    assert words.COST_NEEDS["full_gradient"] in details
    assert words.COST_STEPS["full gradients"] in details
    _, slow, _ = cost.foresee(new_form(method="sparsefw"), RunStore(tmp_path))
    assert words.COST_MINUTES in slow
    _, quick, _ = cost.foresee(new_form(method="wanda"), RunStore(tmp_path))
    assert words.COST_MINUTES not in quick


def test_a_model_that_nothing_is_known_of_says_so_and_an_unfinished_form_what_is_missing(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    assert cost.foresee(new_form(model="someone/unknown-model"), store)[0] == words.COST_UNKNOWN_MODEL
    line, _, problem = cost.foresee(new_form(languages=()), store)
    assert words.EMPTY_LANGUAGES in line
    assert problem == ""


def test_the_speed_is_taken_from_earlier_runs(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    as_run = new_form(guard=0.0, precision=0.0)
    before = cost.foresee(as_run, store)[1]
    load_report(EXAMPLE_FOLDER).save(store.path("20260101-120000-a"))
    after = cost.foresee(as_run, store)[1]
    assert words.rate_source(0, False, "CPU") in before
    assert words.rate_source(1, True, "CPU") in after
    # The very run that was measured is foreseen as it was: one measurement, for the dense scores come with the package.
    told = load_report(EXAMPLE_FOLDER).facts["timings"]
    assert (
        words.cost_stages({"statistics": told["statistics"], "pruning": told["pruning"], "measuring": told["pruned scores"]})
        in after
    )


def worth_rows(*methods: str, setting: str = "50%") -> list[dict[str, Any]]:
    """Rows as the benchmark writes them: later methods are slower and better."""
    return [
        {
            "setting": setting, "method": name, "sparsity": 0.5, "cpu_seconds": 10.0**i, "achieved": 0.5, "flores_mean_increase": 1.0 - 0.1 * i,
            "flores_mean_increase_calibration": 0.9, "flores_mean_increase_held_out": 1.2, "flores_worst_language": "sw",
            "flores_worst_increase": 1.5 + i, "mean_se": 0.02, "peak_mib": 1800,
        }
        for i, name in enumerate(methods)
    ]  # fmt: skip


def test_the_comparison_is_told_in_factors_and_nats(tmp_path: Path) -> None:
    path = tmp_path / "methods.json"
    rows = [*worth_rows("A", "B"), *worth_rows("C", setting="2:4"), {"setting": "60%", "method": "unfinished"}]
    path.write_text(json.dumps({"facts": {"command": "python -m x", "seed": 0}, "rows": rows}), encoding="utf-8")
    facts, table = worth.read(path)
    assert worth.settings_of(table) == ["50%", "2:4"]
    shown = worth.readable(worth.at(table, "50%"))
    assert list(shown.columns) == list(words.WORTH_COLUMNS.values())
    assert list(shown[words.WORTH_COLUMNS["method"]]) == ["B", "A"]
    assert shown[words.WORTH_COLUMNS["mean_times"]].to_list() == [2.46, 2.72]
    assert shown[words.WORTH_COLUMNS["mean_nats"]].to_list() == [0.9, 1.0]
    assert shown[words.WORTH_COLUMNS["worst_name"]].to_list() == ["Swahili", "Swahili"]
    assert "`python -m x`" in words.worth_facts(facts)
    assert "seed 0" in words.worth_facts(facts)


@pytest.mark.parametrize("content", [None, "{", "[]", '{"facts": {}, "rows": [{"setting": "50%"}]}'])
def test_a_comparison_that_is_not_there_is_no_rows(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "methods.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert worth.read(path)[1].empty


def test_published_rows_are_those_the_page_reads(tmp_path: Path) -> None:
    (tmp_path / "methods.partial.jsonl").write_text("\n".join(json.dumps(r) for r in worth_rows("A", "B")), encoding="utf-8")
    out = tmp_path / "methods.json"
    command = [
        sys.executable,
        str(ROOT / "scripts" / "publish_methods.py"),
        "--partial",
        "--results",
        str(tmp_path),
        "--out",
        str(out),
    ]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    facts, table = worth.read(out)
    assert facts["partial"]
    assert list(table["method"]) == ["A", "B"]


def test_the_preview_is_the_engine_s_allocation() -> None:
    import torch

    from mwanda_core.methods.allocation.base import min_max_spread

    run = report(3)
    table = run.tables["allocation"]
    importance, sizes = (torch.tensor(table[c].to_numpy(), dtype=torch.float64) for c in ("importance", "weights"))
    by_engine = min_max_spread(importance, sizes, 0.6, 0.05)
    assert sparsity_tab.spread_at(run, 0.6) == pytest.approx(by_engine.tolist())
    assert sum(sparsity_tab.spread_at(run, 0.6)) / len(table) == pytest.approx(0.6, abs=1e-6)
    assert sparsity_tab.spread_at(run, 0.5) == table["sparsity"].to_list()


def test_a_recipe_of_another_version_keeps_its_allocation() -> None:
    run = report(3)
    strange = dataclasses.replace(
        run, facts={**run.facts, "recipe": {**run.facts["recipe"], "allocation": {"name": "from-the-future"}}}
    )
    assert sparsity_tab.spread_at(strange, 0.6) == run.tables["allocation"]["sparsity"].to_list()
