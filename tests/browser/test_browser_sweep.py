"""The tab of many runs in a real browser: a sweep of two by two that is cancelled and goes on, a protected language, and a run
that was cut off. As `test_browser`, these tests need a Chromium on the path and are skipped without one."""

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kept
import pytest
from test_browser import (  # noqa: F401 (fixtures)
    CHROMIUM,
    DESKTOP,
    PATIENCE,
    PHONE,
    Visitor,
    browser,
    playwright,
    runs,
    server,
)

from components.i18n import words
from mwanda_core.store.run_store import RunStore

# ruff: noqa: F811 (fixtures of another file)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path: apt-get install chromium"),
]


@pytest.fixture(params=["desktop", "phone"])
def visitor(browser: Any, server: str, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    found = Visitor(browser, server, DESKTOP if request.param == "desktop" else PHONE)
    yield found
    found.leave()
    assert not found.complaints


def open_tab(who: Visitor, inner: str = words.SWEEP_TAB) -> None:
    who.open()
    who.tab(inner)


def fill(who: Visitor, name: str, text: str) -> None:
    box = who.page.locator(f"#{name} textarea, #{name} input").first
    box.fill(text)
    box.blur()


def expect(who: Visitor, name: str, text: str | re.Pattern[str]) -> None:
    playwright.expect(who.page.locator(f"#{name}")).to_contain_text(text, timeout=PATIENCE)


def small(who: Visitor) -> None:
    """Few texts: what is looked at here is the tab."""
    who.drawer()
    who.advanced(words.ADVANCED)
    who.set_number("eval-texts", 4)
    who.set_number("tokens", 256)
    who.drawer()


def fits(who: Visitor) -> bool:
    return bool(who.page.evaluate("document.documentElement.scrollWidth") <= who.page.viewport_size["width"])


@pytest.mark.parametrize("visitor", ["phone"], indirect=True)
def test_a_sweep_is_cancelled_goes_on_and_opens_a_run(visitor: Visitor, runs: Path) -> None:
    store, name, seed = RunStore(runs), "two-by-two", "7"
    open_tab(visitor)
    small(visitor)
    fill(visitor, "sweep-sparsities", "40, 60")
    fill(visitor, "sweep-mixes", "en\nEnglish, Swahili")
    fill(visitor, "sweep-seeds", seed)
    fill(visitor, "sweep-name", name)
    expect(visitor, "sweep-forecast", "4 runs")
    visitor.press("sweep-start")
    expect(visitor, "sweep-told", re.compile(r"[1-3] of 4 runs are finished"))
    visitor.press("sweep-cancel")
    expect(visitor, "sweep-status", words.SWEEP_CANCELLED)
    before = {entry.id for entry in store.entries() if str(entry.seed) == seed}
    assert 1 <= len(before) < 4
    # A page that is opened anew still shows it, and goes on.
    open_tab(visitor)
    expect(visitor, "sweep-told", f"{name}: {len(before)} of 4")
    visitor.press("sweep-resume")
    expect(visitor, "sweep-told", "4 of 4 runs are finished")
    expect(visitor, "sweep-status", "Done in")
    assert before < {entry.id for entry in store.entries() if str(entry.seed) == seed}
    drawn = visitor.plot("sweep-curves")
    assert [trace["name"] for trace in drawn["data"]] == ["English", "English, Swahili"]
    assert all(trace["x"] == [40, 60] for trace in drawn["data"])
    assert len(visitor.plot("sweep-front")["data"]) == 3
    assert len(visitor.plot("sweep-multiples")["data"]) >= 4
    visitor.choose("sweep-view", "Swahili")
    visitor.unfold("sweep-curves")
    playwright.expect(visitor.page.locator("#table-sweep-curves")).to_be_visible()
    assert fits(visitor)
    visitor.page.locator("#table-sweep [role=gridcell]").first.click()
    first = next(
        entry.id
        for entry in store.entries()
        if str(entry.seed) == seed and entry.languages == ("en",) and entry.sparsity == 0.4
    )
    visitor.expect_banner(first)


def test_a_bad_plan_is_told_at_once_and_starts_nothing(visitor: Visitor) -> None:
    open_tab(visitor)
    fill(visitor, "sweep-sparsities", "100")
    expect(visitor, "sweep-forecast", words.SWEEP_BAD_SPARSITY.format(given="100"))
    visitor.press("sweep-start")
    expect(visitor, "sweep-status", words.SWEEP_BAD_SPARSITY.format(given="100"))
    playwright.expect(visitor.page.locator("#sweep-start")).to_be_enabled()
    assert fits(visitor)


@pytest.mark.parametrize("visitor", ["desktop"], indirect=True)
def test_a_language_is_protected(visitor: Visitor) -> None:
    open_tab(visitor, words.PROTECT_TAB)
    small(visitor)
    visitor.choose("protect-languages", "Swahili")
    visitor.page.keyboard.press("Escape")
    visitor.set_number("protect-tries", 2)
    expect(visitor, "protect-forecast", "2 settings")
    visitor.press("protect-start")
    expect(visitor, "protect-told", "settings were tried")
    expect(visitor, "protect-status", "Done in")
    assert len(visitor.plot("protect-cost")["data"]) == 3
    assert visitor.plot("protect-tries")["data"]
    assert fits(visitor)
    visitor.press("protect-open-after")
    visitor.expect_banner("?run=")


def test_a_run_that_was_cut_off_is_listed_and_discarded(visitor: Visitor, runs: Path) -> None:
    store = RunStore(runs)
    with pytest.raises(MemoryError), store.started(dataclasses.replace(kept.SMALL, method="wanda"), "A run cut off"):
        raise MemoryError
    open_tab(visitor, words.UNFINISHED_TAB)
    expect(visitor, "table-unfinished", "A run cut off")
    expect(visitor, "table-unfinished", "MemoryError")
    visitor.press("unfinished-discard")
    expect(visitor, "unfinished-told", words.UNFINISHED_DISCARDED)
    assert store.unfinished() == []
    assert fits(visitor)
