"""Clicking in a real browser: the map opens a matrix, a patch moves the window, a weight tells its story."""

import dataclasses
from pathlib import Path
from typing import Any

import kept
import pytest
import tiny
from test_browser import CHROMIUM, PATIENCE, Visitor, browser, phone, playwright, server, visitor  # noqa: F401

from components.i18n import words
from mwanda_core.after.explain import read_matrix
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
    source = folder.parent / "weighed-model"
    tiny.language_model("llama", hidden_size=96, intermediate_size=160).save(source)
    run = Workbench().run(dataclasses.replace(kept.SMALL, model=str(source), method="wanda"))
    run.save(folder / run.report.id)
    return folder


@pytest.fixture
def run(runs: Path) -> str:
    return next(path.name for path in sorted(runs.iterdir()) if (path / "masks.safetensors").is_file())


def cell(who: Visitor, plot: str, x: float, y: float) -> None:
    """Click the cell of a figure at these data coordinates."""
    area = who.page.locator(f"#plot-{plot} .nsewdrag").first
    area.evaluate("(area) => area.scrollIntoView({ block: 'center' })")  # Not under the bar of a phone.
    place: Any = who.page.evaluate(
        f"""() => {{ const p = document.querySelector('#plot-{plot} .js-plotly-plot'), f = p._fullLayout, b = p.getBoundingClientRect();
        return [b.left + f.xaxis._offset + f.xaxis.l2p({x}), b.top + f.yaxis._offset + f.yaxis.l2p({y})] }}"""
    )
    who.page.mouse.click(*place)


@pytest.mark.parametrize("size", ["visitor", "phone"])
def test_from_the_map_to_the_reason(size: str, run: str, runs: Path, request: pytest.FixtureRequest) -> None:
    who: Visitor = request.getfixturevalue(size)
    asked: list[str] = []
    who.page.on("request", lambda sent: asked.append(sent.url))
    who.open(f"?run={run}")
    who.expect_banner(run)
    assert not [url for url in asked if "plotly.min.js" in url], "fetched only when the tab is opened"
    who.tab(words.TAB_WEIGHTS)
    title = who.page.locator("#matrix-title")
    playwright.expect(title).to_contain_text("self_attn.q_proj, block 0", timeout=PATIENCE)
    assert len(who.plot("matrices")["data"][0]["z"]) == 7
    cell(who, "matrices", 1, 6)
    playwright.expect(title).to_contain_text("mlp.down_proj, block 1: 96 outputs × 160 inputs", timeout=PATIENCE)
    assert who.page.locator("#weights-block input").first.input_value() == "1"
    keep = read_matrix(load_report(runs / run), runs / run, 1, "mlp.down_proj").keep
    cell(who, "density", 80, 48)
    playwright.expect(who.page.locator("#window-left input[type=number]")).not_to_have_value("0", timeout=PATIENCE)
    who.page.wait_for_function("document.querySelector('#plot-window .js-plotly-plot').data[0].x[0] > 0")
    left = int(who.plot("window")["data"][0]["x"][0])
    row, column = 40, left + 9
    cell(who, "window", column, row)
    told = who.page.locator("#why-told")
    playwright.expect(told).to_contain_text(f"input {column} and feeds output {row}", timeout=PATIENCE)
    assert told.inner_text().startswith("Kept." if keep[row, column] else "Removed.")
    assert sum(len(trace["x"]) for trace in who.plot("why")["data"]) == 2
    assert who.page.evaluate("document.documentElement.scrollWidth") <= who.page.viewport_size["width"]
    assert len([url for url in asked if "plotly.min.js" in url]) == 1
    label = who.page.locator("#plot-window .mw-click").get_attribute("aria-label")
    assert label == words.WINDOW_LABEL


def test_the_keyboard_does_what_clicks_do(run: str, visitor: Visitor) -> None:  # noqa: F811
    visitor.open(f"?run={run}")
    visitor.expect_banner(run)
    visitor.tab(words.TAB_WEIGHTS)
    visitor.choose("weights-module", "up_proj")
    playwright.expect(visitor.page.locator("#matrix-title")).to_contain_text("mlp.up_proj, block 0", timeout=PATIENCE)
    for name, value in (("why-row", "150"), ("why-column", "7")):
        visitor.page.locator(f"#{name} input").fill(value)
    visitor.page.locator("#why-column input").press("Enter")
    playwright.expect(visitor.page.locator("#why-told")).to_contain_text("input 7 and feeds output 150", timeout=PATIENCE)
    assert visitor.page.locator("#window-top input[type=number]").input_value() == "96"


def test_the_example_opens_on_the_masks_that_it_keeps(visitor: Visitor) -> None:  # noqa: F811
    visitor.open()
    visitor.tab(words.TAB_WEIGHTS)
    assert visitor.plot("matrices")["data"]
    playwright.expect(visitor.page.locator("#matrix-title")).to_contain_text("self_attn.q_proj, block 9", timeout=PATIENCE)
    playwright.expect(visitor.page.locator("#absent-masks-of-run")).to_be_hidden()
