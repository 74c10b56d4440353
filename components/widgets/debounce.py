"""Answering to the last of many changes, once a moment has passed without another.

Gradio sends an event for every widget that changes, and a visitor who drags a slider, or a method that sets twenty knobs, changes many:
each event would read the whole form and make the browser wait. Here the browser itself waits for quiet and then sends one.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

QUIET_MS = 250

# A promise that is given up answers with the count as it was, which changes nothing.
_WAIT = """() => new Promise((answer) => {
  const all = window.mwSettling ??= {}, mine = all['%(key)s'] ??= { count: 0 };
  clearTimeout(mine.timer);
  mine.give_up?.();
  mine.give_up = () => answer(mine.count);
  mine.timer = setTimeout(() => { mine.give_up = null; answer(mine.count += 1); }, %(quiet)d);
})"""

AFTER_FIGURES = """() => new Promise((go) => {
  const started = Date.now();
  const look = () => document.querySelector('.mw-card') || Date.now() - started > 4000 ? go() : setTimeout(look, 100);
  look();
})"""
"""Waits, in the browser, until the run that the page opens with is drawn; four seconds at most, for there may be none."""

_keys = itertools.count()


def settled(
    changes: Sequence[Callable[..., Any]], callback: Callable[..., Any], inputs: Any, outputs: Any, **settings: Any
) -> dict[str, Any]:
    """Let `callback` answer to `changes` after `QUIET_MS` without another one.

    Called inside the Blocks. Returns the arguments of a further event that starts the same wait: `button.click(**found)`.
    """
    count = gr.Number(0, visible=False)
    wait = {
        "fn": None, "inputs": None, "outputs": count, "js": _WAIT % {"key": next(_keys), "quiet": QUIET_MS},
        "show_progress": "hidden", "api_visibility": "private",
    }  # fmt: skip
    gr.on(list(changes), **wait)
    count.change(callback, inputs, outputs, trigger_mode="always_last", **settings)
    return wait


def without_progress(demo: gr.Blocks) -> None:
    """Let no event with hidden progress say how far it is to the widgets that it changes; called when all is connected.

    Otherwise Gradio's front end tells all widgets that any event ever changed, again at every step of every event, looking each one up
    in the whole page: most of what a moved slider costs.
    """
    for event in demo.fns.values():
        if event.show_progress == "hidden":
            event.show_progress_on = []
