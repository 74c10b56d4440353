"""How soon the page is there, and how soon a figure follows its slider.

    python -m benchmarks.page_speed

Needs playwright and a Chromium on the path. Three starts of `app.py`, each a new process: seconds until `/` answers, and until a
browser shows the Prune button (the browser itself is running already). Then, in the last of them, ten moves of the sparsity preview:
milliseconds in the browser from the slider's event to the frame in which the figure's data are others. Medians; the goals are 3 s
and 200 ms. No model is loaded.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from typing import Any

import pandas as pd
from playwright.sync_api import sync_playwright

from benchmarks.common import ROOT, provenance, write
from components import words

START_GOAL, FIGURE_GOAL = 3.0, 200.0
PATIENCE = 60
MOVE = """(percent) => new Promise((resolve) => {
  const drawn = () => JSON.stringify(document.querySelector('#plot-allocation .js-plotly-plot')?.data?.[0]?.y ?? null);
  const slider = document.querySelector('#preview input[type=range]');
  const before = drawn(), started = performance.now();
  const look = () => drawn() !== before && drawn() !== 'null' ? resolve(performance.now() - started) : requestAnimationFrame(look);
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(slider, percent);
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  slider.dispatchEvent(new Event('change', { bubbles: true }));
  slider.dispatchEvent(new PointerEvent('pointerup', { bubbles: true }));
  look();
})"""


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--moves", type=int, default=10)
    given = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    answers, shown, moves = [], [], []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for number in range(given.starts):
            last = number + 1 == given.starts
            answer, visible, found = one_start(browser, given.moves if last else 0)
            answers.append(answer)
            shown.append(visible)
            moves += found
        browser.close()
    frame = pd.DataFrame(
        [
            row("process start to the first answer, s", answers, START_GOAL),
            row("process start to Prune in the browser, s", shown, START_GOAL),
            row("slider to figure, ms", moves, FIGURE_GOAL),
        ]
    )
    facts = provenance("python -m benchmarks.page_speed", starts=given.starts, moves=given.moves, cores=os.cpu_count())
    write("page_speed", frame, facts, "How soon the page is there, and how soon a figure follows its slider")


def row(what: str, found: list[float], goal: float) -> dict[str, object]:
    """One line of the table."""
    middle = statistics.median(found)
    return {
        "what": what, "median": middle, "fastest": min(found), "slowest": max(found), "times": len(found), "goal": goal,
        "reached": "yes" if middle <= goal else "no",
    }  # fmt: skip


def one_start(browser: Any, moves: int) -> tuple[float, float, list[float]]:
    """Seconds to the first answer and to the visible button, and milliseconds of every move of the slider."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    url, started = f"http://127.0.0.1:{port}/", time.perf_counter()
    app = subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        answer = first_answer(url, started)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(url)
        page.locator("#prune").wait_for(state="visible")
        visible = time.perf_counter() - started
        if moves:
            page.get_by_role("tab", name=words.TAB_SPARSITY, exact=True).click()
            page.locator("#plot-allocation .main-svg").first.wait_for()
            page.wait_for_timeout(3000)
        found = []
        for number in range(moves):
            found.append(float(page.evaluate(MOVE, str(30 + 5 * number))))
            page.wait_for_timeout(700)
        page.context.close()
    finally:
        app.terminate()
        app.wait(30)
    return answer, visible, found


def first_answer(url: str, started: float) -> float:
    """Seconds from `started` until the address answers.

    Raises TimeoutError when it does not.
    """
    while time.perf_counter() - started < PATIENCE:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return time.perf_counter() - started
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"{url} did not answer within {PATIENCE} s")


if __name__ == "__main__":
    main()
