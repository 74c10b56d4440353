"""A server that strangers reach, in a browser: the owner's link gives the owner's rights, a stranger's page works without them, and the
policy of the page complains about nothing."""

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kept
import pytest
from test_browser import CHROMIUM, DESKTOP, PATIENCE, ROOT, Visitor, playwright, wait_for

from components.i18n import words

pytestmark = [
    pytest.mark.browser,
    pytest.mark.attack,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on the path: apt-get install chromium"),
]

RUN = "20260101-000000-hostile-0123456789abcdef"
OWNERS = "20260101-000000-owners"


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address and token of a page on every address of this machine; a run in it wants to be a picture and a link."""
    folder = tmp_path_factory.mktemp("doors")
    kept.report(RUN, model="![x](http://evil.example/x.png) [y](http://evil.example)").save(folder / "runs" / RUN)
    kept.report(OWNERS).save(folder / "runs" / OWNERS)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = (folder / "app.log").open("w+")
    app = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "--host", "0.0.0.0", "--port", str(port)], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT,
        env=os.environ | {"MWANDA_RUNS": str(folder / "runs"), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}/"
    try:
        wait_for(url, app)
        while not (found := re.findall(r"\?token=(\S+)", Path(log.name).read_text())):
            assert app.poll() is None
        yield url, found[0]
    finally:
        app.terminate()
        app.wait(30)
        log.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        )
        yield found
        found.close()


@pytest.mark.parametrize("owner", [True, False])
def test_the_link_makes_the_owner_and_the_policy_is_borne(owner: bool, chromium: Any, started: tuple[str, str]) -> None:
    url, token = started
    who = Visitor(chromium, url, DESKTOP)
    who.open(f"?run={RUN}" + (f"&token={token}" if owner else ""))
    who.expect_banner(RUN)
    assert token not in who.page.url
    assert token not in who.page.content()
    who.tab(words.TAB_TAKE)
    who.page.wait_for_function("document.querySelector('#take-link-help').innerText.length > 9", timeout=PATIENCE)
    for name in ("take-folder", "take-note", "earlier"):
        playwright.expect(who.page.locator(f"#{name}")).to_be_visible(visible=owner, timeout=PATIENCE)
    assert who.page.locator('img[src*="evil"], a[href*="evil"]').count() == 0
    with who.page.expect_download() as download:
        who.tab(words.TAB_TABLES)
        who.page.locator("#csv-any").click()
    assert download.value.path().stat().st_size > 0
    who.page.goto(f"{url}?run={OWNERS}")
    who.page.wait_for_selector(".mw-card" if owner else "#banner")
    if owner:
        who.expect_banner(OWNERS)
    else:
        who.page.wait_for_timeout(1500)
        assert OWNERS not in who.page.locator("#banner").inner_text()
    who.leave()
    assert not who.complaints
