"""The menu of interface languages: the page as it would have been drawn in another language, put over the one that is there.

The page is drawn once more, unseen, in the language asked for; whatever text differs between the two drawings is what changes. So no
panel needs to know that it can be translated. What a panel shows of a run it shows anew, through the callbacks it has anyway.
"""

import asyncio
import concurrent.futures
import dataclasses
import functools
import threading
from collections.abc import Callable
from typing import Any

import gradio as gr

from components.i18n import locale as speech, words

TEXTS = ("label", "info", "placeholder", "value", "choices", "headers")
"""Properties of widgets that hold what a visitor reads; which of them a widget has, it says itself."""

DIRECTION = """(code) => {
  document.documentElement.lang = code;
  document.documentElement.dir = %s.includes(code) ? 'rtl' : 'ltr';
  return [];
}"""

CSS = """
#js-plotly-tester, .js-plotly-plot, .js-plotly-plot .main-svg, code, pre, .katex { direction: ltr; }
.mw-status, .prose, .mw-card, .mw-glossary { text-align: start; }
"""
"""For pages written from right to left; figures, code and formulas stay as they are."""

HEAD = """<style>
html[dir="rtl"] :is([dir="ltr"], .prose, .block, label, .mw-card, .mw-status, .mw-glossary, input, textarea, table) { direction: rtl; }
html[dir="rtl"] :is(.js-plotly-plot, .js-plotly-plot *, code, pre, .katex, .katex *, .cm-editor, .slider_input_container, input[type="range"]) { direction: ltr; }
html[dir="rtl"] input[role="combobox"] { unicode-bidi: plaintext; text-align: right; padding-right: 34px; }
html[dir="rtl"] :is(#banner, .mw-absent, .mw-reply) { border-left: 0; border-right: 4px solid #3b82c4; }
</style>"""
"""What must know the direction of the whole document: Gradio gives its texts a direction of their own, and puts a prefix before every
rule of a page's style sheet."""


@dataclasses.dataclass(frozen=True)
class Speaking:
    """Widgets: the menu, what it was the last time this visitor was here, and the language that the page is in now."""

    menu: gr.Dropdown
    kept: gr.BrowserState
    spoken: gr.State


def draw() -> Speaking:
    """Draw the menu where the caller stands."""
    with gr.Column(scale=1, min_width=160):
        menu = gr.Dropdown(
            [(name, code) for code, name in speech.NAMES.items()], value=speech.ENGLISH, label=words.INTERFACE, elem_id="interface",
            filterable=False,
        )  # fmt: skip
    kept = gr.BrowserState("", storage_key="mwanda-explorer-language", secret="mwanda-explorer")
    return Speaking(menu, kept, gr.State(speech.ENGLISH))


class Translator:
    """Updates that turn a drawn page into another language; each language is drawn when it is first asked for."""

    def __init__(self, demo: gr.Blocks, before: int, draw_page: Callable[[], object]) -> None:
        """before: how many of the page's blocks are none that `draw_page` draws; they come first."""
        self._blocks = list(demo.blocks.values())[before:]
        self._draw = draw_page
        self._lock = threading.Lock()  # Gradio keeps the page that is being drawn in one place for all threads.

    @functools.cached_property
    def widgets(self) -> list[Any]:
        """Every widget with a text that can change."""
        return [block for block, own in zip(self._blocks, self._english, strict=True) if own]

    @functools.cached_property
    def _english(self) -> list[dict[str, Any]]:
        return [_texts(block) for block in self._blocks]

    @functools.cache  # noqa: B019 (a page lives as long as the program)
    def _drawn(self, code: str) -> list[dict[str, Any]]:
        if code == speech.ENGLISH:
            return self._english
        with self._lock, concurrent.futures.ThreadPoolExecutor(1) as fresh:
            # In a thread of its own: inside an event, Gradio takes new widgets for updates of old ones.
            found = fresh.submit(lambda: asyncio.run(self._drawn_anew(code))).result()
        assert len(found) == len(self._blocks), "a page has the same widgets in every language"
        return found

    async def _drawn_anew(self, code: str) -> list[dict[str, Any]]:
        # Inside a running loop: without one, Gradio makes loops of its own and leaves them open.
        with speech.drawing(code), gr.Blocks(analytics_enabled=False) as other:
            self._draw()
        return [_texts(block) for block in list(other.blocks.values())[-len(self._blocks) :]]

    def updates(self, old: str, new: str) -> dict[Any, Any]:
        """Widget -> its texts in the language `new`, where they differ from those in `old`."""
        found = {}
        for block, before, after in zip(self._blocks, self._drawn(old), self._drawn(new), strict=True):
            changed = {name: value for name, value in after.items() if before[name] != value}
            if changed:
                found[block] = gr.update(**changed)
        return found


def _texts(block: Any) -> dict[str, Any]:
    """What a widget says, and nothing that a visitor could have put there."""
    if not isinstance(block, gr.components.Component | gr.Tab | gr.Accordion | gr.Step) or isinstance(
        block, gr.State | gr.BrowserState
    ):
        return {}
    shown = isinstance(block, gr.Markdown | gr.HTML | gr.Button | gr.DownloadButton | gr.UploadButton)
    config = block.get_config()
    names = [name for name in TEXTS if config.get(name) and (name != "value" or shown)]
    if isinstance(block, gr.DownloadButton):
        names = [name for name in names if name != "value"]
    return {name: config[name] for name in names}


def connect(
    speaking: Speaking,
    translator: Translator,
    again: list[tuple[Callable[..., Any], list[Any], list[Any]]],
    menus: tuple[Callable[..., dict[Any, Any]], set[Any]],
) -> None:
    """Let the menu and the visitor's browser choose. `again`: callbacks that show what is shown anew, with inputs and outputs.
    `menus`: one that says what menus offer that were filled since the page was drawn, with its inputs; its word counts.

    Called inside the Blocks, after everything is drawn.
    """
    refill, filled = menus
    private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    everything = translator.widgets

    def turn(values: dict[Any, Any], request: gr.Request) -> dict[Any, Any]:
        old, new = values[speaking.spoken], values[speaking.menu]
        speech.visitors.choose(str(request.session_hash), new)
        updates = {speaking.spoken: new, speaking.kept: new} | translator.updates(old, new)
        for widget, update in refill(values).items():
            updates[widget] = updates.get(widget, {}) | update
        return updates

    def first(kept: str | None, request: gr.Request) -> Any:
        asked = str(dict(request.query_params).get("lang", ""))
        code = asked if asked in speech.NAMES else kept or speech.preferred(request.headers.get("accept-language", ""))
        return code if code in speech.NAMES and code != speech.ENGLISH else gr.skip()  # The page is drawn in English.

    changed = dict.fromkeys([*everything, *filled])
    outputs = [speaking.spoken, speaking.kept, *(widget for widget in changed if widget is not speaking.menu), speaking.menu]
    # Values of menus are taken as they are: the menus themselves change with this event.
    speaking.menu.change(turn, {speaking.menu, speaking.spoken, *filled}, outputs, preprocess=False, **private)
    speaking.menu.change(None, speaking.menu, None, js=DIRECTION % sorted(speech.RIGHT_TO_LEFT), **private)
    for callback, inputs, shown in again:
        speaking.spoken.change(callback, inputs, shown, **private)
    gr.context.Context.root_block.load(first, speaking.kept, speaking.menu, **private)  # type: ignore[union-attr]
