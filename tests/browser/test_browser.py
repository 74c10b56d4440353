"""The page in a real browser: it opens, prunes, cancels, finds its job again, and its figures say what the run found.

Needs a Chromium on the path (Debian: `apt-get install chromium`); without one these tests are skipped, and say so.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tiny
from served import complaints
from studied import studied

from components.app.sections import GROUPS, SECTIONS
from components.i18n import words
from mwanda_core.languages import LANGUAGES
from mwanda_core.store.report import load_report

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = next(filter(None, (shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path: apt-get install chromium"),
]

ROOT = Path(__file__).resolve().parents[2]
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
PATIENCE = 120_000
"""Milliseconds; a run of the tiny model takes a few seconds, most of them importing the engine."""
TABS = tuple(section.heading() for section in SECTIONS)
PLOTS = {
    words.TAB_OVERVIEW: ("overview",),
    words.TAB_ACTIVATION: ("variance", "similarity"),
    words.TAB_SPARSITY: ("allocation", "layers"),
    words.TAB_LANGUAGES: ("perplexity", "accuracy", "summary"),
}
STUDY_PLOTS = {
    "predictors": ("predictors",),
    "overlap": ("overlap", "overlap-blocks"),
    "neurons": ("neuron-blocks", "neurons", "neuron-drift"),
    "profile": ("erank", "tau", "energy"),
}


CONTROLS = """() => {
  const shown = (e) => { const b = e.getBoundingClientRect(); return b.width > 1 && b.height > 1 && b.top < innerHeight && b.bottom > 0
    && getComputedStyle(e).visibility !== 'hidden' && !e.closest('.modebar, h1, .footer, footer'); };
  const all = [...document.querySelectorAll('button, input, select, textarea')].filter(shown);
  // A menu, a slider with its number, and a group of choices are one control each.
  return [...new Set(all.map((e) => e.closest('.block[id], fieldset, .block') ?? e))].flatMap((block) =>
    block.matches('button, input') ? [block.innerText] : [block.id || block.innerText.slice(0, 40)]); }"""
"""What a visitor can press, move or choose in the first view."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, runs: Path) -> Iterator[str]:
    """`python app.py` with a tiny random model as its default."""
    folder = tmp_path_factory.mktemp("model")
    tiny.hf_model("llama", hidden_size=64, intermediate_size=128, num_hidden_layers=4).save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    port = free_port()
    environment = os.environ | {"MWANDA_DEFAULT_MODEL": str(folder), "MWANDA_RUNS": str(runs), "OMP_NUM_THREADS": "1"}
    log = (tmp_path_factory.mktemp("log") / "app.log").open("w+")
    app = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "--port", str(port)],
        cwd=ROOT,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_for(url, app)
        yield url
    finally:
        app.terminate()
        app.wait(30)
        log.seek(0)
        text = log.read()
        log.close()
    assert not complaints(text), text


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(url: str, app: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert app.poll() is None, "app.py ended"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError("app.py did not answer")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions"]
        )
        yield found
        found.close()


STREAM_ENDED = re.compile("AbortError|Connection errored out|ERR_ABORTED|Failed to fetch|network error")
"""What a page that is being left says of its own streams, which end with it."""


class Visitor:
    """One browser profile. `complaints` collects console errors, failed scripts and requests that leave the machine."""

    def __init__(self, browser: Any, url: str, size: dict[str, int]) -> None:
        self.url, self.complaints, self.moving = url, [], False  # type: ignore[var-annotated]
        self.context = browser.new_context(viewport=size)
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("console", lambda m: self._note(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self._note(str(error)))
        self.page.on(
            "request",
            lambda r: None if r.url.startswith((self.url, "data:", "blob:")) else self._note(f"request to {r.url}"),
        )

    def _note(self, complaint: str) -> None:
        if not (self.moving and STREAM_ENDED.search(complaint)):
            self.complaints.append(complaint)

    def go(self, url: str, until: str = ".gradio-container") -> None:
        """Leave for an address of this server, or open the same one anew."""
        self.moving = True
        self.page.goto(url)
        self.page.wait_for_selector(until)
        self.moving = False

    def open(self, query: str = "") -> "Visitor":
        self.go(f"{self.url}explore{query}", ".mw-card")
        return self

    def tab(self, name: str, inner: bool = False) -> None:
        """Open a section by its heading, or a tab within the section that is open."""
        if inner:
            self.page.get_by_role("tab", name=name, exact=True).click()
            return
        group, section = next((group, one) for group in GROUPS for one in group.sections if one.heading() == name)
        self.page.locator(f"#group-{group.id}-button:visible").click()
        if len(group.sections) > 1:
            self.page.locator(f"#section-{section.id}-button:visible").click()

    def drawer(self) -> None:
        """On a phone the form lies in a drawer: open it, or close it again."""
        if self.page.locator("#drawer").is_visible():
            self.press("drawer")

    def advanced(self, title: str = "") -> None:
        """Open what is folded away in the form, and a part of it."""
        self.page.locator("#advanced > button").click()
        if title:
            self.page.get_by_role("button", name=title).click()

    def plot(self, name: str) -> dict[str, Any]:
        """What plotly drew: its traces, the names of its axes, and how wide it is."""
        self.page.wait_for_selector(f"#plot-{name} .js-plotly-plot .main-svg")
        self.page.wait_for_function(f"document.querySelector('#plot-{name} .js-plotly-plot')?._fullLayout?.xaxis !== undefined")
        return dict(
            self.page.evaluate(
                f"""() => {{ const p = document.querySelector('#plot-{name} .js-plotly-plot'); const b = p.getBoundingClientRect();
                return {{ data: JSON.parse(JSON.stringify(p.data, (k, v) => ArrayBuffer.isView(v) ? Array.from(v) : v)), x: p._fullLayout.xaxis.title.text,
                y: p._fullLayout.yaxis.title.text, ticks: p.layout.yaxis.ticktext, left: b.left, right: b.right, height: b.height }} }}"""
            )
        )

    def status(self) -> Any:
        return self.page.locator("#status")

    def expect_status(self, text: str) -> None:
        playwright.expect(self.status()).to_contain_text(text, timeout=PATIENCE)

    def expect_banner(self, text: str) -> None:
        playwright.expect(self.page.locator("#banner")).to_contain_text(text, timeout=PATIENCE)

    def press(self, name: str) -> None:
        self.page.locator(f"#{name}").click()

    def choose(self, name: str, option: str) -> None:
        """Pick from a menu by its visible text."""
        field = self.page.locator(f"#{name} input").first
        field.click()
        self.page.get_by_role("option", name=option).first.click()

    def set_number(self, name: str, value: int) -> None:
        """Type a value beside a slider."""
        box = self.page.locator(f"#{name} input[type=number]")
        box.fill(str(value))
        box.press("Enter")

    def unfold(self, name: str) -> None:
        """Open the table below a figure."""
        self.page.locator(f"#fold-{name} > button").click()
        self.page.locator(f"#table-{name}").wait_for()

    def leave(self) -> None:
        self.moving = True
        self.context.close()


@pytest.fixture
def visitor(browser: Any, server: str) -> Iterator[Visitor]:
    found = Visitor(browser, server, DESKTOP)
    yield found
    found.leave()
    assert not found.complaints


@pytest.fixture
def phone(browser: Any, server: str) -> Iterator[Visitor]:
    found = Visitor(browser, server, PHONE)
    yield found
    found.leave()
    assert not found.complaints


@pytest.mark.parametrize(("size", "theme"), [("visitor", "light"), ("phone", "dark")])
def test_the_page_opens_on_the_example_and_every_figure_is_readable(
    size: str, theme: str, request: pytest.FixtureRequest
) -> None:
    who: Visitor = request.getfixturevalue(size)
    who.open(f"?__theme={theme}")
    who.expect_banner("Example")
    width = who.page.viewport_size["width"]
    for name in TABS:
        who.tab(name)
        for plot in PLOTS.get(name, ()):
            drawn = who.plot(plot)
            assert drawn["x"]
            assert drawn["y"]
            assert drawn["data"]
            assert drawn["height"] >= 180
            assert 0 <= drawn["left"] < drawn["right"] <= width + 1
        assert who.page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than the screen"
    assert who.page.locator("#model input").input_value()


def test_the_first_view_is_short_and_numbers_are_folded_away(visitor: Visitor) -> None:
    visitor.open()
    visitor.page.wait_for_selector("#plot-overview .main-svg")
    assert 12 <= len(visitor.page.evaluate(CONTROLS)) <= 20
    visitor.tab(words.TAB_LANGUAGES)
    visitor.plot("perplexity")
    assert not visitor.page.locator("#table-perplexity").is_visible()
    visitor.unfold("perplexity")
    playwright.expect(visitor.page.locator("#table-perplexity")).to_contain_text("German")
    playwright.expect(visitor.page.locator("#csv-perplexity")).to_be_enabled()


@pytest.mark.parametrize("size", ["visitor", "phone"])
def test_a_run_with_studies_shows_every_one_and_says_what_says_nothing(
    size: str, request: pytest.FixtureRequest, runs: Path
) -> None:
    run = studied(6, id="20260101-120000-studied")
    if not (runs / run.id).exists():
        run.save(runs / run.id)
    who: Visitor = request.getfixturevalue(size)
    who.open(f"?run={run.id}")
    who.expect_banner(run.id)
    width = who.page.viewport_size["width"]
    who.tab(words.TAB_LANGUAGES)
    assert len(who.plot("multiples")["data"]) == 12
    who.tab(words.TAB_BENCHMARKS)
    assert who.plot("abilities")["data"]
    drawn = who.plot("tasks")
    assert drawn["ticks"][-1] == words.NOT_INFORMATIVE_TICK.format(name=run.tables["languages"]["name"].iloc[1])
    playwright.expect(who.page.locator("#task-help")).to_contain_text("Says nothing in")
    assert len(who.plot("task-map")["data"]) == 2
    who.tab(words.TAB_REASONS)
    for study, plots in STUDY_PLOTS.items():
        who.tab(words.STUDY_TITLES[study], inner=True)
        for plot in plots:
            found = who.plot(plot)
            assert found["data"]
            assert 0 <= found["left"] < found["right"] <= width + 1
        assert who.page.evaluate("document.documentElement.scrollWidth") <= width
        playwright.expect(who.page.locator(f"#absent-{study}")).to_be_hidden()
    # What a model wrote is text, never markup, and Arabic reads from the right.
    who.tab(words.TAB_WRITTEN)
    assert who.plot("on-language")["data"]
    assert who.plot("repetition")["data"]
    arabic = who.page.locator("#written p[lang=ar]").first
    who.choose("written-language", "Arabic")
    arabic.wait_for()
    assert arabic.evaluate("e => e.matches(':dir(rtl)')")
    assert who.page.locator("#written script").count() == 0


def test_more_can_be_measured_and_a_mistake_is_told_before_the_run(visitor: Visitor) -> None:
    visitor.open()
    cost = visitor.page.locator("#cost")
    playwright.expect(cost).not_to_contain_text(words.COST_WAITING, timeout=PATIENCE)
    visitor.advanced(words.MEASURE_MORE)
    visitor.choose("tasks", words.task_label("lindsea"))
    playwright.expect(visitor.page.locator("#cost")).to_contain_text("none of the languages", timeout=PATIENCE)
    visitor.page.get_by_label(words.TASK_SOURCES["folder"]).check()
    playwright.expect(visitor.page.locator("#task-folder")).to_be_visible()


def long_job(who: Visitor) -> None:
    """Ask for so much that the run is still going when the test wants to stop it."""
    who.drawer()
    who.advanced()
    who.choose("group", f"{words.ALL} (")
    who.press("prune")
    playwright.expect(who.page.locator("#cancel")).to_be_enabled(timeout=PATIENCE)
    who.page.wait_for_selector(".mw-progress")


def test_prune_from_the_button_to_the_figures(visitor: Visitor, runs: Path) -> None:
    visitor.open()
    visitor.advanced(words.ADVANCED)
    visitor.set_number("eval-texts", 4)
    visitor.set_number("tokens", 256)
    visitor.press("prune")
    visitor.page.wait_for_selector(".mw-progress")
    playwright.expect(visitor.page.locator("#prune")).to_be_enabled(timeout=PATIENCE)
    assert "Done in" in visitor.status().inner_text()  # However a run ends, the button comes back: say at once how.
    playwright.expect(visitor.page.locator("#cancel")).to_be_disabled()
    visitor.expect_banner("?run=")
    id = re.search(r"\?run=([\w-]+)", visitor.page.locator("#banner").inner_text())
    assert id is not None
    report = load_report(runs / id[1])
    expected = {row["name"]: row["perplexity_ratio"] for row in report.tables["languages"].to_dict("records")}
    assert set(expected) == {LANGUAGES[code].name for code in ("en", "de", "hi", "sw", "fr", "bn")}

    visitor.tab(words.TAB_LANGUAGES)
    drawn = visitor.plot("perplexity")
    names = [tick.replace(f" ({words.WORST})", "") for tick in drawn["ticks"]]
    shown = {names[y]: x for trace in drawn["data"] for x, y in zip(trace["x"], trace["y"], strict=True)}
    assert shown == {name: pytest.approx(value) for name, value in expected.items()}

    visitor.tab(words.TAB_SPARSITY)
    layers = visitor.plot("layers")["data"][0]["z"]
    assert len(layers) == 7
    assert len(layers[0]) == 4
    achieved = report.tables["layers"]
    assert layers[0][0] == pytest.approx(100 * achieved.iloc[0]["achieved"])
    visitor.tab(words.TAB_ACTIVATION)
    assert len(visitor.plot("variance")["data"][0]["z"]) == 5
    assert visitor.page.locator("#log textarea").count() <= 1

    # The link opens the same run, in a browser that has never been here.
    visitor.open(f"?run={id[1]}")
    visitor.expect_banner(id[1])


def test_cancel_stops_the_run_and_keeps_the_figures(visitor: Visitor) -> None:
    visitor.open()
    before = visitor.page.locator("#banner").inner_text()
    long_job(visitor)
    playwright.expect(visitor.page.locator("#prune")).to_be_disabled()
    visitor.press("cancel")
    visitor.expect_status(words.CANCELLED)
    playwright.expect(visitor.page.locator("#prune")).to_be_enabled(timeout=PATIENCE)
    assert visitor.page.locator("#banner").inner_text() == before


def test_a_closed_page_finds_its_job_again(browser: Any, server: str, visitor: Visitor) -> None:
    visitor.open()
    long_job(visitor)
    visitor.go(visitor.page.url, ".mw-progress")
    playwright.expect(visitor.page.locator("#cancel")).to_be_enabled(timeout=PATIENCE)
    # So does someone else on this machine, who has nothing stored.
    other = Visitor(browser, server, PHONE).open()
    other.page.wait_for_selector(".mw-progress")
    playwright.expect(other.page.locator("#cancel")).to_be_enabled(timeout=PATIENCE)
    other.press("cancel")
    other.expect_status(words.CANCELLED)
    visitor.expect_status(words.CANCELLED)
    assert not other.complaints
    other.leave()


def test_a_mistake_is_one_sentence_and_loses_nothing(visitor: Visitor) -> None:
    visitor.open()
    field = visitor.page.locator("#model input").first
    field.fill("no/such-model-anywhere")
    field.press("Enter")
    visitor.press("prune")
    visitor.expect_status("no/such-model-anywhere")
    playwright.expect(visitor.page.locator("#prune")).to_be_enabled(timeout=PATIENCE)
    visitor.expect_banner("Example")
    assert field.input_value() == "no/such-model-anywhere"


def test_a_method_brings_its_own_settings(visitor: Visitor) -> None:
    visitor.open()
    visitor.advanced(words.KNOBS)
    visitor.page.get_by_text(words.KNOB_LABELS["lam"], exact=True).wait_for()
    visitor.choose("method", "RIA ·")
    visitor.page.get_by_text(words.KNOB_LABELS["power"], exact=True).wait_for()
    playwright.expect(visitor.page.get_by_text(words.KNOB_LABELS["lam"], exact=True)).to_have_count(0)
    visitor.page.get_by_role("button", name=words.METHOD_DETAILS).click()
    visitor.page.wait_for_selector(".katex")


def test_a_combination_is_put_together_refused_with_its_reason_and_taken_back(visitor: Visitor) -> None:
    visitor.open()
    cost = visitor.page.locator("#cost")
    playwright.expect(cost).not_to_contain_text(words.COST_WAITING, timeout=PATIENCE)
    visitor.advanced(words.COMBINE)
    visitor.choose("part-rows", "TRIM")
    playwright.expect(visitor.page.locator("#method-summary")).to_contain_text("TRIM", timeout=PATIENCE)
    playwright.expect(visitor.page.locator("#problem")).to_have_count(0)
    visitor.choose("part-solver", "SparseGPT")
    playwright.expect(visitor.page.locator("#problem")).to_contain_text("keep-top", timeout=PATIENCE)
    visitor.press("combine-back")
    playwright.expect(visitor.page.locator("#problem")).to_have_count(0, timeout=PATIENCE)
    assert "TRIM" not in visitor.page.locator("#method-summary").inner_text()


def test_the_allocation_follows_the_slider(visitor: Visitor) -> None:
    visitor.open()
    visitor.tab(words.TAB_SPARSITY)
    before = visitor.plot("allocation")["data"]
    visitor.set_number("sparsity", 70)
    visitor.page.wait_for_function("document.querySelector('#plot-allocation .js-plotly-plot').data.length === 4")
    after = visitor.plot("allocation")["data"]
    assert len(before) == 3
    assert after[0]["y"][0] == pytest.approx(70.0)
    assert sum(after[3]["y"]) / len(after[3]["y"]) == pytest.approx(70.0, abs=0.01)
    assert visitor.page.locator("#preview input[type=number]").input_value() == "70"


def test_a_table_is_downloaded_whole(visitor: Visitor, tmp_path: Path) -> None:
    visitor.open()
    visitor.tab(words.TAB_TABLES)
    with visitor.page.expect_download() as download:
        visitor.page.locator("#csv-any").click()
    target = tmp_path / "table.csv"
    download.value.save_as(target)
    example = load_report(ROOT / "assets" / "example-run").tables["languages"]
    assert target.read_text(encoding="utf-8").splitlines()[0] == ",".join(example.columns)
    assert len(target.read_text(encoding="utf-8").splitlines()) == len(example) + 1
