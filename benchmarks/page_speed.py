"""How soon the page is there, and how soon a figure follows its slider.

    python -m benchmarks.page_speed

Needs playwright and a Chromium on the path. Starts of `app.py` and, in turn with them, of a Gradio page with one button (what any
page costs here), each a new process: seconds from its start until `/` answers, and from there until a browser, which is running
already, has painted anything (as the browser says it) and shows the button. Of the explorer the first screen and the lesson are opened first: seconds until
their figure is there, and milliseconds until it follows a slider. Its bench is at `/explore`: also until another tab that was clicked at once is open, and until
the example run's figures are there. Then, in the last start, moves of the sparsity preview: milliseconds in the browser from the slider's event to the
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

START_GOAL, FIGURE_GOAL, LIGHT_GOAL = 3.0, 200.0, 1.0
"""Seconds to a button; milliseconds to a figure that follows; seconds after an empty page's first paint to the first figure."""
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

PAINTED = "performance.getEntriesByType('paint').find((one) => one.name === 'first-contentful-paint')?.startTime"
FOLLOW = """([slider, figure]) => new Promise((resolve) => {
  const one = document.querySelector(slider), drawn = () => document.querySelector(figure).innerHTML;
  const before = drawn(), started = performance.now();
  one.value = Number(one.value) + (Number(one.value) < Number(one.max) ? 1 : -1) * Number(one.step);
  one.dispatchEvent(new Event('input', { bubbles: true }));
  const look = () => drawn() !== before ? resolve(performance.now() - started) : requestAnimationFrame(look);
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
    empty = statistics.median(found[f"an empty Gradio page: {PAINT}"])
    frame = pd.DataFrame([row(what, times, empty) for what, times in found.items()])
    facts = provenance(
        command_of("page_speed", parser, given),
        starts=given.starts,
        moves=given.moves,
        cores=os.cpu_count(),
        load=os.getloadavg()[1],
    )
    write("page_speed", frame, facts, "How soon the page is there, and how soon a figure follows its slider")


def row(what: str, found: list[float], empty: float) -> dict[str, object]:
    """One line of the table; goals are set for the explorer only, and none for the figures of a tab that is opened first of all. empty: seconds
    to the first paint of an empty page."""
    middle = statistics.median(found)
    goal = FIGURE_GOAL if what.endswith("ms") else round(empty + LIGHT_GOAL, 2) if what.endswith(FIRST) else START_GOAL
    free = what.startswith("an empty") or what.endswith(("figures, s", PAINT))
    return {
        "what": what, "median": middle, "fastest": min(found), "slowest": max(found), "times": len(found),
        "goal": "" if free else str(goal), "reached": "" if free else "yes" if middle <= goal else "no",
    }  # fmt: skip


PAINT, FIRST = "opened to first paint, s", "opened to its figure, s"


def light(page: Any, url: str, name: str, slider: str, figure: str, moves: int, found: dict[str, list[float]]) -> None:
    """Open a light page: its first paint, its figure, and how the figure follows."""
    opened = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.locator(f"{figure} svg[role=img]").wait_for()
    found[f"{name}: {FIRST}"].append(time.perf_counter() - opened)
    found[f"{name}: {PAINT}"].append(painted(page))
    for _ in range(moves):
        found[f"{name}: slider to figure, ms"].append(float(page.evaluate(FOLLOW, [slider, figure])))
        page.wait_for_timeout(300)


def painted(page: Any) -> float:
    """Seconds from the navigation to the first contentful paint."""
    page.wait_for_function(f"{PAINTED} !== undefined")
    return float(page.evaluate(PAINTED)) / 1000


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
        page.set_default_timeout(1000 * PATIENCE)
        if moves is not None:
            light(page, url, "the first screen", "#sparsity", "#figure", moves, found)
            light(page, f"{url}learn", "the lesson", "#step-1 input", "#step-1 .figure", moves, found)
            url, answered = f"{url}explore", time.perf_counter()
        page.goto(url)
        page.locator("#prune").wait_for(state="visible")
        found[f"{name}: from there to its button in the browser, s"].append(time.perf_counter() - answered)
        found[f"{name}: {PAINT}"].append(painted(page))
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
