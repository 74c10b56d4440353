"""How soon the page is there, and how soon a figure follows its slider.

    python -m benchmarks.page_speed

Needs playwright and a Chromium on the path. Starts of `app.py` and, in turn with them, of a Gradio page with one button (what any
page costs here), each a new process: seconds from its start until `/` answers, and from there until a browser, which is running
already, shows the button; for the explorer also until another tab that was clicked at once is open, and until the example run's
figures are there. Then, in the last start, moves of the sparsity preview: milliseconds in the browser from the slider's event to the
frame in which the figure's data are others. Medians; the goals are 3 s and 200 ms. No model is loaded.
"""

import argparse
import collections
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

from benchmarks.common import ROOT, command_of, provenance, write

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


EMPTY = "import sys, gradio as gr; b = gr.Blocks(analytics_enabled=False); b.__enter__(); gr.Button('Prune', elem_id='prune'); b.__exit__(); b.launch(server_port=int(sys.argv[-1]), ssr_mode=False)"


def main() -> None:
    """See the module docstring."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--moves", type=int, default=10)
    given = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    found: dict[str, list[float]] = collections.defaultdict(list)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for number in range(given.starts):
            one_start(browser, ["-c", EMPTY], found, "an empty Gradio page")
            last = number + 1 == given.starts
            one_start(browser, [str(ROOT / "app.py")], found, "the explorer", given.moves if last else 0)
        browser.close()
    frame = pd.DataFrame([row(what, times) for what, times in found.items()])
    facts = provenance(command_of("page_speed", parser, given), starts=given.starts, moves=given.moves, cores=os.cpu_count())
    write("page_speed", frame, facts, "How soon the page is there, and how soon a figure follows its slider")


def row(what: str, found: list[float]) -> dict[str, object]:
    """One line of the table; goals are set for the explorer only, and none for the figures of a tab that is opened first of all."""
    middle = statistics.median(found)
    goal = FIGURE_GOAL if what.endswith("ms") else START_GOAL
    free = what.startswith("an empty") or what.endswith("figures, s")
    return {
        "what": what, "median": middle, "fastest": min(found), "slowest": max(found), "times": len(found),
        "goal": "" if free else str(goal), "reached": "" if free else "yes" if middle <= goal else "no",
    }  # fmt: skip


def one_start(browser: Any, program: list[str], found: dict[str, list[float]], name: str, moves: int | None = None) -> None:
    """Start a program, open its page, and add what was measured to `found`; `moves` is None for a page that is not the explorer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    url, started = f"http://127.0.0.1:{port}/", time.perf_counter()
    app = subprocess.Popen(
        [sys.executable, *program, "--port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        first_answer(url, started)
        answered = time.perf_counter()
        found[f"{name}: process start to the first answer, s"].append(answered - started)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(url)
        page.locator("#prune").wait_for(state="visible")
        found[f"{name}: from there to its button in the browser, s"].append(time.perf_counter() - answered)
        if moves is not None:
            page.locator("#group-inside-button:visible").click()
            page.locator("#section-sparsity-button:visible").click()
            page.locator("#preview").wait_for(state="visible")
            found[f"{name}: to a tab that was clicked at once, s"].append(time.perf_counter() - answered)
            page.locator("#plot-allocation .main-svg").first.wait_for()
            found[f"{name}: to that tab's figures, s"].append(time.perf_counter() - answered)
            page.wait_for_timeout(5000)
        for number in range(moves or 0):
            found[f"{name}: slider to figure, ms"].append(float(page.evaluate(MOVE, str(30 + 5 * number))))
            page.wait_for_timeout(700)
        page.context.close()
    finally:
        app.terminate()
        app.wait(30)


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
