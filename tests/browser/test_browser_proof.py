"""What the page owes everyone: readable by rule, driven by keys alone, calm with twenty visitors, and at home from right to left.

axe-core (from `axe-playwright-python`) checks the page against WCAG in both themes; the rest drives a real browser and the API.
"""

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import tiny
from served import complaints
from studied import studied
from test_browser import (  # noqa: F401 (fixtures)
    CHROMIUM,
    DESKTOP,
    PATIENCE,
    PHONE,
    ROOT,
    Visitor,
    browser,
    free_port,
    long_job,
    phone,
    playwright,
    visitor,
    wait_for,
)  # fmt: skip

from components.app.sections import GROUPS, SECTIONS
from components.i18n import locale as speech, words
from mwanda_core.store.report import load_report

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path: apt-get install chromium"),
]

TABS = tuple(section.heading() for section in SECTIONS)
GRADIO_FAULTS: dict[str, str] = {}
"""Rules of axe that Gradio's own markup breaks and that cannot be mended from here, with the reason."""
SMALL, REVISION = "someone/small", "0123456789abcdef0123456789abcdef01234567"
STRANGER = "20260101-120000-stranger-0123456789abcdef"
SETTINGS: dict[str, Any] = {
    "languages": ["en"], "held_out": ["de"], "tokens_per_language": 256, "sequence_length": 64, "eval_texts": 2, "method": "wanda",
}  # fmt: skip


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    tiny.hf_model("llama", hidden_size=64, intermediate_size=128, num_hidden_layers=4).save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@contextlib.contextmanager
def serving(log: Path, environment: Mapping[str, str]) -> Iterator[str]:
    port = free_port()
    with log.open("w") as written:
        app = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "--port", str(port)],
            cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1", **environment}, stdout=written, stderr=subprocess.STDOUT,
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}/"
        try:
            wait_for(url, app)
            yield url
        finally:
            app.terminate()
            app.wait(30)
    assert not complaints(log.read_text(encoding="utf-8")), log.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, model: Path, runs: Path) -> Iterator[str]:
    environment = {"MWANDA_DEFAULT_MODEL": str(model), "MWANDA_RUNS": str(runs)}
    with serving(tmp_path_factory.mktemp("log") / "app.log", environment) as url:
        yield url


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[str]:
    """A server whose visitors are strangers, with a small model of the Hub at hand; one of them has left a run."""
    folder, cache = tmp_path_factory.mktemp("strangers"), tmp_path_factory.mktemp("hub")
    run = studied(6, id=STRANGER)
    run.save(folder / run.id)
    kept = cache / f"models--{SMALL.replace('/', '--')}"
    shutil.copytree(model, kept / "snapshots" / REVISION)
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text(REVISION, "utf-8")
    environment = {
        "SPACE_ID": "someone/space",
        "MWANDA_RUNS": str(folder),
        "MWANDA_DEFAULT_MODEL": SMALL,
        "HF_HUB_CACHE": str(cache),
        "HF_HUB_OFFLINE": "1",
    }
    with serving(tmp_path_factory.mktemp("log") / "shared.log", environment) as url:
        yield url


def faults(who: Visitor, where: str, whole: bool = True) -> list[str]:
    """What axe finds serious or critical on the page as it stands."""
    package = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    # A section is filled when it is looked at: until nothing has come for a second, figures are still on their way, and what Gradio draws
    # in the place of one has a name but no role.
    who.page.wait_for_function(
        """() => {
          const now = JSON.stringify(['.empty', '.js-plotly-plot', 'table', 'button'].map((s) => document.querySelectorAll(s).length));
          if (now !== window.seen) { window.seen = now; window.since = Date.now(); }
          return Date.now() - window.since > 1000;
        }""",
        polling=100,
        timeout=PATIENCE,
    )
    playwright.expect(who.page.locator(".empty:visible")).to_have_count(0, timeout=PATIENCE)
    if who.page.evaluate("typeof window.axe") == "undefined":
        who.page.add_script_tag(path=Path(package.__file__).parent / "axe.min.js")
    # A page that is still fading in has paler colours than it will have.
    who.page.wait_for_function(
        "document.getAnimations().every((a) => a.playState !== 'running' || a.effect.getTiming().iterations > 1)"
    )
    # The whole page once; after that what changed, the open tab: axe takes long on so many widgets.
    where = "document" if whole else "[...document.querySelectorAll('[role=tabpanel]')].find((one) => one.offsetParent)"
    found = who.page.evaluate(f"axe.run({where}, {{ resultTypes: ['violations'] }})")["violations"]
    return [
        f"{where}: {rule['id']} at {node['target']}: {node['failureSummary'][:300]}"
        for rule in found
        if rule["impact"] in ("serious", "critical") and rule["id"] not in GRADIO_FAULTS
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("theme", ["dark"])
def test_axe_finds_nothing_serious_in_any_tab(visitor: Visitor, theme: str) -> None:  # noqa: F811
    visitor.open(f"?__theme={theme}")
    visitor.expect_banner("Example")
    found = []
    for name in TABS:
        visitor.tab(name)
        playwright.expect(visitor.page.locator("[role=tabpanel]:visible").first).to_be_visible()
        found += faults(visitor, name, whole=name == TABS[0])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("theme", ["light"])
def test_axe_finds_nothing_serious_on_a_phone(phone: Visitor, theme: str) -> None:  # noqa: F811
    phone.open(f"?__theme={theme}")
    phone.expect_banner("Example")
    found = faults(phone, "phone")
    assert not found, "\n".join(found)


def walk_to(who: Visitor, selector: str, most: int = 150) -> None:
    """Press Tab until the focus is in `selector`, and see that it shows where it is."""
    for _ in range(most):
        who.page.keyboard.press("Tab")
        if who.page.evaluate("(s) => Boolean(document.activeElement.closest(s))", selector):
            return
    raise AssertionError(f"{most} presses of Tab do not lead to {selector}")


def focus_shows(who: Visitor) -> bool:
    return bool(
        who.page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1 }"
        )
    )


def test_keys_alone_prune_cancel_and_open_tabs(visitor: Visitor) -> None:  # noqa: F811
    visitor.open()
    visitor.expect_banner("Example")
    keys = visitor.page.keyboard
    walk_to(visitor, "#advanced > button")
    keys.press("Enter")
    walk_to(visitor, "#group input")
    keys.type(words.ALL)
    keys.press("Enter")
    walk_to(visitor, "#prune")
    assert focus_shows(visitor)
    keys.press("Enter")
    visitor.page.wait_for_selector(".mw-progress")
    playwright.expect(visitor.page.locator("#cancel")).to_be_enabled(timeout=PATIENCE)
    walk_to(visitor, "#cancel")
    assert focus_shows(visitor)
    keys.press("Space")
    visitor.expect_status(words.CANCELLED)
    walk_to(visitor, "[role=tab]")
    assert focus_shows(visitor)
    for key, place in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("Home", 0)):
        keys.press(key)
        button = visitor.page.locator(f"#group-{GROUPS[place].id}-button:visible")
        playwright.expect(button).to_have_attribute("aria-selected", "true")
        assert focus_shows(visitor)


def test_twenty_visitors_share_one_queue(server: str, model: Path, runs: Path) -> None:
    from gradio_client import Client

    def config(_: int) -> int:
        with urllib.request.urlopen(f"{server}config", timeout=60) as answer:
            return int(answer.status) if b"components" in answer.read() else 0

    def start(number: int) -> tuple[Any, str]:
        client = Client(server, verbose=False)
        return client, client.predict({**SETTINGS, "model": str(model), "seed": number}, api_name="/start")

    with ThreadPoolExecutor(20) as crowd:
        opened = [crowd.submit(config, number) for number in range(15)]
        asked = list(crowd.map(start, range(5)))
        assert {one.result() for one in opened} == {200}
    seen: dict[str, list[float]] = {
        job: [] for _, job in asked
    }  # When each was seen at work: it was at work all the time between.
    last: dict[str, dict[str, Any]] = {}
    deadline = time.monotonic() + PATIENCE / 1000
    while len(last) < 5 or any(status["state"] in ("queued", "running") for status in last.values()):
        assert time.monotonic() < deadline, last
        for client, job in asked:
            asked_at = time.monotonic()
            last[job] = client.predict(job, api_name="/status")
            if last[job]["state"] == "running":
                seen[job].append((asked_at + time.monotonic()) / 2)
        time.sleep(0.05)
    assert {status["state"] for status in last.values()} == {"done"}, last
    spans = sorted((times[0], times[-1]) for times in seen.values() if times)
    assert spans
    assert all(before[1] < after[0] for before, after in itertools.pairwise(spans)), spans
    found = {job: load_report(runs / status["run"]) for job, status in last.items()}
    assert len({report.id for report in found.values()}) == 5
    assert [found[job].facts["settings"]["seed"] for _, job in asked] == list(range(5))


def test_strangers_see_nothing_of_each_other(browser: Any, shared: str) -> None:  # noqa: F811
    from gradio_client import Client
    from gradio_client.exceptions import AppError

    client = Client(shared, verbose=False)
    with pytest.raises(AppError, match="runs are not listed"):
        client.predict(api_name="/runs")
    assert client.predict(STRANGER, ["languages"], api_name="/results")["id"] == STRANGER  # Its link was given away.
    who = Visitor(browser, shared, DESKTOP).open()
    try:
        who.expect_banner("Example")
        playwright.expect(who.page.locator("#earlier")).to_have_count(0)
        assert STRANGER not in who.page.content()
    finally:
        who.leave()
    assert not who.complaints


def test_a_visitor_waits_for_another_and_cannot_cancel_what_is_not_theirs(browser: Any, shared: str) -> None:  # noqa: F811
    first, second = (Visitor(browser, shared, DESKTOP).open() for _ in range(2))
    try:
        long_job(first)
        playwright.expect(second.page.locator("#cancel")).to_be_disabled()
        assert second.page.locator(".mw-progress").count() == 0
        second.press("prune")
        second.expect_status(words.queued(1))
        second.press("cancel")
        second.expect_status(words.CANCELLED)
        playwright.expect(first.page.locator("#cancel")).to_be_enabled()
        assert words.CANCELLED not in first.status().inner_text()
        first.press("cancel")
        first.expect_status(words.CANCELLED)
        assert words.CANCELLED in second.status().inner_text()
    finally:
        first.leave()
        second.leave()
    assert not first.complaints + second.complaints


@pytest.mark.parametrize("size", ["visitor", "phone"])
def test_in_arabic_the_page_reads_from_the_right_and_turns_back(size: str, request: pytest.FixtureRequest) -> None:
    who: Visitor = request.getfixturevalue(size)
    who.open("?lang=ar")
    who.page.wait_for_function("document.documentElement.dir === 'rtl'")
    with speech.drawing("ar"):
        prune = words.PRUNE
    assert prune != words.PRUNE
    playwright.expect(who.page.locator("#prune")).to_have_text(prune, timeout=PATIENCE)
    for name in (None, words.TAB_LANGUAGES):  # A section is named in English and found by its id.
        if name is not None:
            who.tab(name)
        assert who.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), name
    who.page.locator("#interface input").first.click()
    who.page.get_by_role("option", name=speech.NAMES[speech.ENGLISH], exact=True).click()
    playwright.expect(who.page.locator("#prune")).to_have_text(words.PRUNE, timeout=PATIENCE)
    who.page.wait_for_function("document.documentElement.dir === 'ltr'")
