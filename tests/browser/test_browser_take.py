"""Taking a run away in a real browser: the link, the command, the files, and the model as a ZIP."""

import dataclasses
import zipfile
from pathlib import Path
from typing import Any

import kept
import pytest
import tiny
from test_browser import CHROMIUM, PATIENCE, Visitor, browser, phone, playwright, server, visitor  # noqa: F401

from components.i18n import words
from mwanda_core.after.repeat import again
from mwanda_core.run.experiment import Workbench
from mwanda_core.store.report import load_report

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server of this file keeps its runs: a real one is there when it starts."""
    folder = tmp_path_factory.mktemp("runs")
    source = folder.parent / "taken-model"
    tiny.language_model().save(source)
    run = Workbench().run(dataclasses.replace(kept.SMALL, model=str(source)))
    run.save(folder / run.report.id)
    return folder


@pytest.fixture
def run(runs: Path) -> str:
    return next(path.name for path in sorted(runs.iterdir()) if (path / "masks.safetensors").is_file())


def fetched(who: Visitor, button: str, target: Path) -> Path:
    """Download what a button offers."""
    playwright.expect(who.page.locator(f"#{button}")).to_be_enabled(timeout=PATIENCE)
    with who.page.expect_download(timeout=PATIENCE) as waiting:
        who.press(button)
    path = target / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def opened(who: Visitor, run: str) -> Any:
    who.open(f"?run={run}")
    who.expect_banner(run)
    who.tab(words.TAB_TAKE)
    return who.page


@pytest.mark.parametrize("size", ["visitor", "phone"])
def test_link_command_and_files(size: str, run: str, runs: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    who: Visitor = request.getfixturevalue(size)
    page = opened(who, run)
    link = page.locator("#take-link input, #take-link textarea").first
    playwright.expect(link).to_have_value(f"{who.url}explore?run={run}", timeout=PATIENCE)
    report = load_report(runs / run)
    command = page.locator("#take-command .cm-content")
    playwright.expect(command).to_contain_text("mwanda prune", timeout=PATIENCE)
    assert "".join(command.inner_text().split()) == "".join(again(report).command.split())
    who.press("take-make")
    tables = fetched(who, "take-file", tmp_path)
    with zipfile.ZipFile(tables) as archive:
        assert {f"csv/{name}.csv" for name in report.tables} <= set(archive.namelist())
    who.choose("take-kind", words.TAKE_FILE_KINDS["html"])
    playwright.expect(page.locator("#take-file")).to_be_disabled(timeout=PATIENCE)
    playwright.expect(page.locator("#take-kind-help")).to_contain_text(words.TAKE_FILE_HELP["html"], timeout=PATIENCE)
    who.press("take-make")
    figures = fetched(who, "take-file", tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    # The page of figures draws itself without this server, and asks nobody for anything.
    complaints: list[str] = []
    alone = who.context.new_page()
    alone.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    alone.on("pageerror", lambda error: complaints.append(str(error)))
    alone.on("request", lambda r: complaints.append(r.url) if not r.url.startswith(("file:", "data:", "blob:")) else None)
    alone.goto(figures.as_uri())
    alone.wait_for_function("document.querySelectorAll('.main-svg').length >= 2 * document.querySelectorAll('section').length")
    assert alone.locator("section").count() >= 8
    assert complaints == []
    alone.close()


def test_the_model_is_exported_and_its_cost_measured(visitor: Visitor, run: str, tmp_path: Path) -> None:  # noqa: F811
    page = opened(visitor, run)
    playwright.expect(page.locator("#take-export")).to_be_enabled(timeout=PATIENCE)
    visitor.press("take-export")
    with zipfile.ZipFile(fetched(visitor, "take-model-file", tmp_path)) as archive:
        assert {name.rpartition("/")[2] for name in archive.namelist()} >= {"config.json", "model.safetensors", "README.md"}
    playwright.expect(page.locator("#take-status")).to_contain_text("Done in", timeout=PATIENCE)
    visitor.press("take-measure")
    playwright.expect(page.locator("#take-cost-said")).to_contain_text("A forward of 64 tokens", timeout=PATIENCE)
    playwright.expect(page.locator("#table-cost")).to_contain_text(words.TAKE_COST_ROWS["bytes"])
    # An upload without a token is one sentence, and what was typed into the password field is gone.
    page.locator("#take-push-name input, #take-push-name textarea").first.fill("model")
    page.locator("#take-push-token input").fill("hf_secret")
    visitor.press("take-push")
    playwright.expect(page.locator("#take-status")).to_contain_text("named owner/name", timeout=PATIENCE)
    playwright.expect(page.locator("#take-push-token input")).to_have_value("", timeout=PATIENCE)
    assert page.locator("#take-push-token input").get_attribute("type") == "password"
    stored = page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
    assert "hf_secret" not in stored


def test_a_run_is_named_and_taken_in_again_after_it_was_deleted(visitor: Visitor, run: str, runs: Path, tmp_path: Path) -> None:  # noqa: F811
    page = opened(visitor, run)
    playwright.expect(page.locator("#take-delete")).to_be_visible(timeout=PATIENCE)
    page.locator("#take-note input, #take-note textarea").first.fill("the good one")
    visitor.press("take-note-save")
    playwright.expect(page.locator("#take-keep-status")).to_contain_text(words.TAKE_NOTE_SAVED, timeout=PATIENCE)
    visitor.choose("take-kind", words.TAKE_FILE_KINDS["run"])
    playwright.expect(page.locator("#take-kind-help")).to_contain_text("Report, tables, masks", timeout=PATIENCE)
    visitor.press("take-make")
    packed = fetched(visitor, "take-file", tmp_path)
    page.locator("#take-sure input").check()
    visitor.press("take-delete")
    visitor.expect_banner("Example")
    assert not (runs / run).exists()
    page.locator("#take-import input[type=file]").set_input_files(packed)
    visitor.expect_banner(run)
    assert load_report(runs / run).id == run
