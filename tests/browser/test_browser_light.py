"""The first screen and the lesson in a real browser: what a pupil, a visitor on a phone and a reader by keyboard do. Gradio's page, which is
not looked at here, is stood in for by a word."""

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from test_browser import CHROMIUM, DESKTOP, PHONE, Visitor, browser, free_port, playwright  # noqa: F401 (fixtures)

from components.app.doors import Doors
from components.app.rules import Rules
from components.i18n import locale, words
from components.pages.front import Front
from components.pages.landing.data import landing
from components.pages.learn.data import lesson
from components.pages.learn.steps import steps

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path: apt-get install chromium"),
]

SIZES = {1440: DESKTOP, 390: PHONE}
MOST_WORDS, MOST_CONTROLS = 120, 8
WORDS = r"""() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const around = walk.currentNode.parentElement;
    if (['SCRIPT', 'STYLE', 'OPTION', 'title'].includes(around.tagName) || !around.checkVisibility()) continue;
    found.push(...walk.currentNode.textContent.match(/[^\s]*\p{L}[^\s]*/gu) ?? []);
  }
  return found.length;
}"""
"""Words that can be read, those in the figure and what the model writes among them; what closed menus hold is not."""


async def bench(scope: Any, receive: Any, send: Any) -> None:
    """In Gradio's place."""
    if scope["type"] == "lifespan":
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
    await send(
        {"type": "http.response.body", "body": b"<!doctype html><link rel=icon href=data:,><title>x</title><h1>bench</h1>"}
    )


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    port = free_port()
    running = uvicorn.Server(uvicorn.Config(Doors(Front(bench), Rules()), port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}/"
    running.should_exit = True
    thread.join(30)


@contextlib.contextmanager
def visiting(browser: Any, server: str, width: int, theme: str = "light") -> Iterator[Visitor]:  # noqa: F811
    who = Visitor(browser, server, SIZES[width])
    who.page.emulate_media(color_scheme=theme)
    yield who
    who.leave()
    assert not who.complaints


def faults(who: Visitor) -> list[str]:
    """What axe finds serious or critical."""
    package = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    who.page.evaluate((Path(package.__file__).parent / "axe.min.js").read_text("utf-8"))
    found = who.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary'][:200]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]


def marks(who: Visitor) -> list[str]:
    """Where the marks of the figure stand."""
    return list(
        who.page.locator("#figure path[transform]").evaluate_all("all => all.map((one) => one.getAttribute('transform'))")
    )


@pytest.mark.parametrize(
    ("width", "theme", "code"), [(1440, "light", "en"), (390, "dark", "ar"), (390, "light", "en"), (1440, "dark", "sw")]
)
def test_the_first_screen_shows_its_figure_and_answers(browser: Any, server: str, width: int, theme: str, code: str) -> None:  # noqa: F811
    with visiting(browser, server, width, theme) as who:
        who.go(f"{server}?lang={code}", "#figure svg")
        page = who.page
        seen = page.locator("#figure svg").bounding_box()
        assert seen["y"] + seen["height"] <= page.viewport_size["height"] + 40
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        data = landing()
        assert len(marks(who)) == len(data.languages) * len(data.calibrated)
        before, told = marks(who), page.locator(".reply").inner_text()
        page.locator("#sparsity").fill("60")
        assert marks(who) != before
        assert page.locator(".reply").inner_text() != told
        written = page.locator(".pruned span").inner_text()
        page.locator("input[value=repaired]").check(force=True)
        assert page.locator(".pruned span").inner_text() != written
        page.locator("#language").select_option("ta")
        assert data.prompts["ta"] in page.locator(".opening").inner_text()
        with locale.drawing(code):
            assert page.locator(".reply").inner_text().startswith(words.LANDING_HOW["repaired"])
        assert not faults(who)


def test_the_first_screen_is_short(browser: Any, server: str) -> None:  # noqa: F811
    with visiting(browser, server, 1440) as who:
        who.go(f"{server}?lang=en", "#figure svg")
        assert 60 < who.page.evaluate(WORDS) <= MOST_WORDS
        stops = "select, button, a[href]:not(.home), input:not([type=radio]), fieldset"
        # A group of radio buttons is one stop of the tab key.
        assert 6 <= who.page.locator(stops).count() <= MOST_CONTROLS
        assert who.page.evaluate("document.documentElement.scrollHeight") <= 900


def test_the_doors_lead_on_and_old_links_open(browser: Any, server: str) -> None:  # noqa: F811
    with visiting(browser, server, 390) as who:
        who.go(f"{server}?lang=de&__theme=dark", "#figure svg")
        assert who.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 20, 25)"
        who.page.locator(".doors a").first.click()
        who.page.wait_for_selector("#step-1 svg")
        assert "__theme=dark" in who.page.url
        who.page.locator(".home").click()
        who.page.wait_for_selector("#figure svg")
        who.page.locator("#interface").select_option("fr")
        who.page.wait_for_url("**lang=fr**")
        assert who.page.locator("html").get_attribute("lang") == "fr"
        who.page.locator(".doors a").last.click()
        who.page.wait_for_url("**/explore?lang=fr&section=small**")
        who.go(f"{server}?run=20260101-120000-x", "h1")
        assert who.page.url == f"{server}explore?run=20260101-120000-x"


def test_a_pupil_moves_every_control_and_answers(browser: Any, server: str) -> None:  # noqa: F811
    with visiting(browser, server, 390) as who:
        who.go(f"{server}learn?lang=en", "#step-8 svg")
        page, data = who.page, lesson()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        for step in steps(data):
            section = page.locator(f"#step-{step.key}")
            before = section.locator(".reply").inner_text()
            for kind, move in (
                ("input[type=range]", lambda one: one.press("End")),
                ("input[type=radio]", lambda one: one.check(force=True)),
                ("select", lambda one: one.select_option(index=1)),
            ):
                if section.locator(kind).count():
                    move(section.locator(kind).last)
            playwright.expect(section.locator(".reply")).not_to_have_text(before)
            assert section.locator(".figure svg :is(rect, path)").count() > 5
        page.locator("#step-2 summary").click()
        page.locator("#step-7 summary").click()
        assert page.locator("#progress").evaluate("one => one.value") == 2
        page.reload()
        page.wait_for_selector("#step-8 svg")
        assert page.locator("nav.steps a.done").all_inner_texts() == ["2", "7"]
        assert not faults(who)
        page.emulate_media(media="print")
        assert not page.locator("nav.steps").is_visible()
        assert page.locator("#step-8 svg[role=img]").is_visible()


def test_keys_alone(browser: Any, server: str) -> None:  # noqa: F811
    with visiting(browser, server, 1440, "dark") as who:
        who.go(f"{server}?lang=en", "#figure svg")
        keys, told = who.page.keyboard, who.page.locator(".reply")
        before = told.inner_text()
        for _ in range(3):
            keys.press("Tab")
        keys.press("ArrowLeft")
        assert "40%" in told.inner_text()
        keys.press("Tab")
        keys.press("ArrowRight")
        assert words.LANDING_HOW["eight"] in told.inner_text() != before
        keys.press("Tab")
        keys.press("Tab")
        keys.press("Enter")
        who.page.wait_for_selector("#step-1 svg")
        assert not faults(who)
        who.page.locator("#step-1 .mw-term").first.focus()
        playwright.expect(who.page.locator(".mw-term:focus .mw-tip")).to_be_visible()
        for _ in range(3):
            keys.press("Tab")
        assert who.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"


def test_it_stands_still_while_the_server_is_gone(browser: Any) -> None:  # noqa: F811
    port = free_port()
    running = uvicorn.Server(uvicorn.Config(Doors(Front(bench), Rules()), port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=running.run)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    who = Visitor(browser, f"http://127.0.0.1:{port}/", DESKTOP)
    who.go(f"{who.url}learn?lang=en", "#step-8 svg")
    running.should_exit = running.force_exit = True
    thread.join(30)
    who.page.locator("#step-5 input").press("End")
    playwright.expect(who.page.locator("#step-5 .reply")).to_contain_text("does not answer")
    who.leave()
