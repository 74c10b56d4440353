"""The page without a browser, part by part: menus, form, runs on disk, status lines, method panel."""

import ast
import dataclasses
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from synthetic import report

from components import choices, form, method_panel, sparsity_tab, story, tables, watching, words
from components.form import Form
from components.store import EXAMPLE, EXAMPLE_FOLDER, RunStore
from mwanda_core import corpora, experiment
from mwanda_core.errors import InputError, RunError
from mwanda_core.jobs import JobView, LogLine
from mwanda_core.languages import LANGUAGES
from mwanda_core.patterns import NtoM
from mwanda_core.recipes import RECIPES, recipe
from mwanda_core.report import load_report


def test_what_the_page_knows_without_torch_agrees_with_the_engine() -> None:
    assert choices.builtin_codes() == corpora.builtin_languages()
    assert choices.DEFAULT_LANGUAGES == experiment.DEFAULT_LANGUAGES
    assert choices.DEFAULT_HELD_OUT == experiment.DEFAULT_HELD_OUT
    assert set(form.HUB_TEXTS) == set(corpora.SOURCES)
    settings, shown = experiment.Settings(), Form()
    same = set(vars(settings)) & set(vars(shown)) - {"held_out"}
    assert {name: getattr(settings, name) for name in same} == {name: getattr(shown, name) for name in same}
    assert {"model", "languages", "method", "sparsity", "mode", "tokens_per_language", "sequence_length", "eval_texts"} <= same


def test_building_the_page_loads_neither_torch_nor_transformers() -> None:
    code = (
        "import sys; from components.page import build; page = build(); "
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
    assert choices.codes_of("folder", str(tmp_path)) == ("yo",)
    with pytest.raises(InputError):
        choices.codes_of("folder", str(tmp_path / "missing"))


@pytest.mark.parametrize("name", RECIPES)
def test_every_method_s_knobs_fit_and_come_back_unchanged(name: str) -> None:
    found = recipe(name)
    slots = form.slots_of(found)
    assert slots.left_over == 0
    values = form.knob_values(found, [v for _, _, v in slots.numbers], [v for _, _, v in slots.words])
    assert found.replace(**values) == found
    request = form.make_request(
        Form(method=name, knobs_for=name, numbers=[v for _, _, v in slots.numbers], words=[v for _, _, v in slots.words])
    )
    assert form.to_recipe(request) == found


def test_knobs_reach_the_settings() -> None:
    names = [name for name, _, _ in form.slots_of(recipe("m-wanda")).numbers]
    numbers = [2.0 if name == "activation.lam" else None for name in names]
    settings = form.to_settings(form.make_request(Form(knobs_for="m-wanda", numbers=numbers, sparsity=0.6, seed=3)))
    made = recipe(settings.method)
    assert made == recipe("m-wanda", lam=2.0)
    assert (settings.sparsity, settings.seed, settings.languages) == (0.6, 3, choices.DEFAULT_LANGUAGES)


def test_sliders_labelled_for_another_method_are_not_used() -> None:
    settings = form.to_settings(form.make_request(Form(method="ria", knobs_for="m-wanda", numbers=(2.0, 2.0, 0.3))))
    assert recipe(settings.method) == recipe("ria")


def test_a_whole_knob_takes_a_slider_s_float() -> None:
    from mwanda_core.knobs import Knob

    class Fake:
        pass

    knob = Knob("count", 2, "", 1, 9, 1)
    slots = form.Slots((("score.count", knob, 2),), (), 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(form, "slots_of", lambda found: slots)
        values = form.knob_values(Fake(), [3.0], [])  # type: ignore[arg-type]
    assert values == {"score.count": 3}
    assert type(values["score.count"]) is int


@pytest.mark.parametrize("pattern", form.FIXED_PATTERNS)
def test_a_fixed_pattern_makes_the_allocation_uniform_and_the_sparsity_half(pattern: str) -> None:
    settings = form.to_settings(form.make_request(Form(pattern=pattern, sparsity=0.7)))
    made = recipe(settings.method)
    assert settings.sparsity == 0.5
    assert not made.allocation.reads_evidence
    assert isinstance(made.pattern, NtoM)
    assert made.activation == recipe("m-wanda").activation


def test_the_share_for_the_allocation_counts_only_block_by_block() -> None:
    assert form.to_settings(form.make_request(Form(allocation_share=0.3))).allocation_share == 1.0
    assert form.to_settings(form.make_request(Form(allocation_share=0.3, mode="sequential"))).allocation_share == 0.3


def test_a_folder_of_texts_reaches_the_settings() -> None:
    assert form.to_settings(form.make_request(Form(texts="folder", folder=" /tmp/texts "))).texts == "/tmp/texts"
    assert form.to_settings(form.make_request(Form(texts="wikipedia"))).texts == "wikipedia"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Form(model="  "), words.EMPTY_MODEL),
        (Form(texts="folder"), words.EMPTY_FOLDER),
        (Form(sparsity=1.0), "between 0 and 99%"),
        (Form(languages=()), words.EMPTY_LANGUAGES),
    ],
)
def test_a_form_that_cannot_be_run_is_refused_in_one_sentence(given: Form, said: str) -> None:
    with pytest.raises(InputError, match=said.split(":", maxsplit=1)[0]):
        form.make_request(given)


@pytest.mark.parametrize(
    "given",
    [
        Form(model="/etc"),
        Form(model="~/model"),
        Form(model="x.gguf"),
        Form(texts="folder", folder="/etc"),
        Form(model="models"),
    ],
)
def test_a_shared_server_reads_no_files_of_its_own(given: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    form.make_request(given)
    monkeypatch.setenv("SPACE_ID", "someone/space")
    with pytest.raises(InputError, match="shared server"):
        form.make_request(given)
    form.make_request(Form())
    form.make_request(Form(model="Qwen/Qwen2.5-0.5B"))


def test_a_request_is_plain_data() -> None:
    import json

    request = form.make_request(Form())
    assert json.loads(json.dumps(request)) == {**request, **{k: list(v) for k, v in request.items() if isinstance(v, tuple)}}
    assert form.title_of(request) == "M-Wanda, 50%, gemma-3-270m (English, German, Hindi, Swahili)"


# --- Runs on disk ------------------------------------------------------------------------------------------------------


def test_the_store_lists_saved_runs_newest_first_and_the_example(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    assert store.choices() == [(words.EXAMPLE, EXAMPLE)]
    for id in ("20260101-120000-a", "20260102-130500-b"):
        report(2, id=id).save(store.path(id))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "report.json").write_text("{", encoding="utf-8")
    listed = store.choices()
    assert [id for _, id in listed] == ["20260102-130500-b", "20260101-120000-a", EXAMPLE]
    assert listed[0][0].startswith("2026-01-02 13:05 UTC: M-Wanda")
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


def test_the_example_is_small_and_has_every_table() -> None:
    found = load_report(EXAMPLE_FOLDER)
    assert set(found.tables) == set(words.TABLE_TITLES)
    assert sum(file.stat().st_size for file in EXAMPLE_FOLDER.iterdir()) < 500_000
    assert not list(EXAMPLE_FOLDER.glob("*.safetensors"))


def test_files_hold_every_table_at_full_precision() -> None:
    run, files = load_report(EXAMPLE_FOLDER), tables.Files()
    paths, archive = files.of(run)
    assert files.of(run) == (paths, archive)
    for name, table in run.tables.items():
        pd.testing.assert_frame_equal(pd.read_csv(paths[name], keep_default_na=False), table, check_dtype=False)
    with zipfile.ZipFile(archive) as content:
        assert {"report.json", "languages.parquet", "csv/languages.csv"} <= set(content.namelist())
    files.close()
    assert not Path(archive).exists()


# --- Words and status --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 2, 30])
def test_the_story_of_a_run_is_told_for_any_number_of_languages(number: int) -> None:
    run = report(number)
    text = story.headline(run)
    assert "50.0%" in text
    assert ("languages that calibration never saw" in text) == (number >= 3)
    assert words.ZEROS in story.notes(run)
    assert (words.NOT_MEASURED in story.cards(run)) == (number < 3)
    assert "mw.Settings(" in story.again(run)
    compile(story.again(run), "again", "exec")
    assert story.banner(run, False).endswith("(?run=made-up)")
    assert "Example" in story.banner(run, True)


def test_times_and_points_by_hand() -> None:
    import math

    assert story.times(math.log(2)) == "2.00"
    assert story.times(math.log(1234.4)) == "1,234"
    assert story.points(-0.083333) == "-8.3 points"
    assert story.points(-2e-18) == words.UNCHANGED
    assert story.points(None) == words.NOT_MEASURED


def test_words_for_durations() -> None:
    assert [words.seconds(v) for v in (0.4, 59.4, 60, 3725)] == ["0 s", "59 s", "1 min 00 s", "1 h 02 min"]
    assert words.clock(75.9) == "01:15"
    assert words.time_left(None, 5) == "5 s so far"
    assert words.time_left(61, 5) == "5 s so far, about 1 min 01 s left"


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
    found = recipe(name)
    text = method_panel.formulas(found)
    for choice, part in form.parts_of(found):
        if choice in method_panel.UNUSUAL and part == getattr(recipe("wanda"), choice):
            assert part.formula not in text
            continue
        assert f"$$\n{part.formula}\n$$" in text
        assert part.source in text
        assert words.ORIGINS[part.origin] in text
    unsure = any(part.origin == "reconstruction" for _, part in form.parts_of(found))
    assert (words.HAS_RECONSTRUCTION in method_panel.explain(found)) == unsure
    assert method_panel.explain(found).startswith(found.summary)


def test_the_preview_is_the_engine_s_allocation() -> None:
    import torch

    from mwanda_core.allocation.base import min_max_spread

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
