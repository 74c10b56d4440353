"""The tab that makes a model small, without a browser: questions, plan, deed, files, evidence; and what is refused or cancelled."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tiny
from pages import Script, drawn_page, with_
from test_page_callbacks import said, values_of  # noqa: F401
from transformers import AutoModelForCausalLM

from components.app.page import Page
from components.i18n import words
from components.jobs import small as work
from components.jobs.kind import Workplace
from components.jobs.small import SmallMade, SmallPlanned
from components.scratch import Scratch
from components.sections.small.section import Small, readable
from mwanda_core.errors import Cancelled, InputError
from mwanda_core.progress import Monitor
from mwanda_core.shrink.folders import model_folder
from mwanda_core.shrink.sizes import sizes


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    made = drawn_page()
    yield with_(made)
    made.close()


@pytest.fixture(scope="module")
def wishes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """For a small model, half of whose neurons must go."""
    folder = tmp_path_factory.mktemp("model") / "tiny"
    tiny.language_model(hidden_size=64, intermediate_size=128, num_hidden_layers=2).save(folder)
    found = sizes(model_folder(folder))
    size = found.total(found.tokens, found.layers, 64) * 1.01 / work.MB
    return {"model": str(folder), "languages": ["en", "sw"], "megabytes": size, "time": "short", "gguf": "", "own": {}}


@pytest.fixture(scope="module")
def place() -> Iterator[Any]:
    scratch = Scratch()
    yield Workplace(None, None, scratch)  # type: ignore[arg-type]
    scratch.close()


@pytest.fixture(scope="module")
def planned(wishes: dict[str, Any], place: Workplace) -> SmallPlanned:
    found = work.work({"kind": "small", "wishes": wishes}, Monitor(), place)
    assert isinstance(found, SmallPlanned)
    return found


@pytest.fixture(scope="module")
def made(wishes: dict[str, Any], planned: SmallPlanned, place: Workplace) -> SmallMade:
    found = work.work({"kind": "small", "wishes": wishes, "plan": planned.plan}, Monitor(), place)
    assert isinstance(found, SmallMade)
    return found


def answered(page: Page, wishes: dict[str, Any], plan: dict[str, Any] | None = None, **changes: Any) -> dict[Any, Any]:
    """What the form and the tab hold."""
    ours, given = page.section(Small).widgets, wishes | changes
    own = {getattr(ours, name): given[name] for name in ("languages", "megabytes", "time", "gguf")}
    own |= {widget: given["own"].get(name) for name, widget in ours.own.items()}
    return values_of(page) | own | {page.context.form["model"]: given["model"], ours.plan: plan or {}}


def test_the_plan_is_drawn_before_the_deed(page: Page, planned: SmallPlanned) -> None:
    ours = page.section(Small).widgets
    updates = page.section(Small).show(planned)
    (bar,) = updates[ours.steps.plot].data
    assert list(bar.x) == [planned.plan["steps"][0]["megabytes_before"], planned.plan["steps"][-1]["megabytes_after"]]
    assert list(updates[ours.steps.table]["Step"]) == [words.SMALL_STEPS["neurons"]]
    assert "64 neurons" in updates[ours.steps.table].iloc[0, 1]
    assert updates[ours.plan] == {"wishes": planned.wishes, "plan": planned.plan}
    assert updates[ours.planned]["visible"]
    assert not updates[ours.made]["visible"]


def test_the_deed_gives_a_folder_that_loads_and_the_evidence(page: Page, made: SmallMade, tmp_path: Path) -> None:
    with zipfile.ZipFile(made.path) as archive:
        archive.extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    assert {"config.json", "README.md", "shrink.json", "tokenizer.json"} <= {file.name for file in folder.iterdir()}
    assert AutoModelForCausalLM.from_pretrained(folder).config.intermediate_size == 64
    assert [file.name for file in Path(made.path).parent.iterdir()] == [Path(made.path).name]
    ours = page.section(Small).widgets
    updates = page.section(Small).show(made)
    table = updates[ours.evidence.table]
    assert list(table["Language"])[:2] == ["English", "Swahili"]
    assert list(table["Wanted"]) == [words.YES] * 2 + [words.NO] * (len(table) - 2)
    assert len(table) > 4
    assert {trace.name for trace in updates[ours.evidence.plot].data} == {words.SMALL_KEPT, words.SMALL_DROPPED}
    assert updates[ours.zip]["value"] == made.path
    assert not updates[ours.file]["visible"]
    pd.testing.assert_frame_equal(pd.read_csv(updates[ours.evidence.download]["value"]), made.tables["languages"])


def test_a_dropped_language_is_shown_as_dropped(page: Page, made: SmallMade) -> None:
    table = made.tables["languages"].copy()
    table.loc[table["language"] == "th", ["coverage", "lost"]] = [0.25, True]
    table.loc[table["language"] == "en", ["items", "dense_right", "small_right", "informative"]] = [8, 7, 6, True]
    ours = page.section(Small).widgets
    shown = page.section(Small).show(SmallMade(made.path, "", {**made.tables, "languages": table}))
    assert words.SMALL_LOST.format(name="Thai", share="25%") in shown[ours.summary]
    assert list(readable(table).columns) == list(words.SMALL_EVIDENCE_COLUMNS)
    endings = dict(zip(table["language"], readable(table)["True endings found"], strict=True))
    assert (endings["en"], endings["sw"], endings["th"]) == ("7, now 6 of 8", words.SMALL_GUESSING, "")


def test_buttons_ask_for_a_plan_and_for_that_plan_only(
    page: Page,
    wishes: dict[str, Any],
    planned: SmallPlanned,
    said: list[str],  # noqa: F811
) -> None:
    place = Script()
    small = with_(page, compute=place).section(Small)
    job, held = small.widgets.job.job, {"wishes": planned.wishes, "plan": planned.plan}
    assert small.start_plan(answered(page, wishes))[job] == "job-1"
    assert small.start_deed(answered(page, wishes, held, gguf="Q8_0"))[job] == "job-1", said
    assert ["plan" in request for request in place.requests] == [False, True]
    assert [work.KIND.title(request) for request in place.requests] == list(words.SMALL_JOB.values())
    assert small.start_deed(answered(page, wishes))[job] == ""
    assert small.start_deed(answered(page, wishes, held, languages=["en"]))[job] == ""
    assert small.start_plan(answered(page, wishes, languages=[]))[job] == ""
    assert small.start_plan(answered(page, wishes, megabytes=None))[job] == ""
    assert small.start_deed(answered(page, wishes, held, own={"heads": 2}))[job] == ""
    assert small.start_plan(answered(page, wishes, own={"heads": 1.5}))[job] == ""
    expected = [words.SMALL_FIRST, words.SMALL_CHANGED, words.SMALL_NO_LANGUAGES, words.SMALL_NO_SIZE.format(given="None")]
    expected += [words.SMALL_CHANGED, words.SMALL_NO_NUMBER.format(given="1.5")]
    assert said == expected


def test_steps_of_ones_own_are_taken_and_the_rest_fits_the_size(page: Page, wishes: dict[str, Any], place: Workplace) -> None:
    found = work.work({"kind": "small", "wishes": wishes | {"own": {"heads": 2, "neurons": 50}}}, Monitor(), place)
    assert isinstance(found, SmallPlanned)
    assert [step["step"] for step in found.plan["steps"]] == ["heads", "neurons"]
    assert (found.plan["heads"], found.plan["width"]) == (2, 64)
    table = page.section(Small).show(found)[page.section(Small).widgets.steps.table]
    assert list(table["Step"]) == [words.SMALL_STEPS["heads"], words.SMALL_STEPS["neurons"]]
    assert table.iloc[0, 1] == "2 heads in 2 groups in each block"


def test_a_shared_server_makes_no_model_of_its_own_files_small(
    wishes: dict[str, Any], planned: SmallPlanned, place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPACE_ID", "someone/space")
    with pytest.raises(InputError, match="shared server"):
        work.work({"kind": "small", "wishes": wishes}, Monitor(), place)
    # A plan names its model, too: it must be the one that was checked.
    request = {"kind": "small", "wishes": wishes | {"model": "gemma-3-270m"}, "plan": planned.plan}
    with pytest.raises(InputError, match="Something was changed"):
        work.work(request, Monitor(), place)


def test_a_cancel_leaves_nothing_on_the_shelf(wishes: dict[str, Any], planned: SmallPlanned, place: Workplace) -> None:
    shelf = place.scratch.folder / "models"
    before, looks = set(shelf.iterdir()), iter(range(100))
    stop = Monitor(is_cancelled=lambda: next(looks) > 12)
    with pytest.raises(Cancelled):
        work.work({"kind": "small", "wishes": wishes, "plan": planned.plan}, stop, place)
    assert next(looks) > 12
    assert set(shelf.iterdir()) <= before
