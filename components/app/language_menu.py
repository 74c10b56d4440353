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

from components.context import PRIVATE, UNCHECKED, Redrawn
from components.i18n import locale, words

TEXTS = ("label", "info", "placeholder", "value", "choices", "headers")
"""Properties of widgets that hold what a visitor reads; which of them a widget has, it says itself."""

DIRECTION = """(code) => {
  document.documentElement.lang = code;
  document.documentElement.dir = %s.includes(code) ? 'rtl' : 'ltr';
  return [];
}"""

CSS = """
#js-plotly-tester, .js-plotly-plot, .js-plotly-plot .main-svg, code, pre, .katex { direction: ltr; }
.mw-status, .prose, .mw-card { text-align: start; }
"""
"""For pages written from right to left; figures, code and formulas stay as they are."""

HEAD = """<style>
html[dir="rtl"] :is([dir="ltr"], .prose, .block, label, .mw-card, .mw-status, input, textarea, table) { direction: rtl; }
html[dir="rtl"] :is(.js-plotly-plot, .js-plotly-plot *, code, pre, .katex, .katex *, .cm-editor, .slider_input_container, input[type="range"]) { direction: ltr; }
html[dir="rtl"] input[role="combobox"] { unicode-bidi: plaintext; text-align: right; padding-right: 34px; }
html[dir="rtl"] :is(#banner, .mw-absent) { border-left: 0; border-right: 4px solid #3b82c4; }
</style>"""
"""What must know the direction of the whole document: Gradio gives its texts a direction of their own, and puts a prefix before every
rule of a page's style sheet."""


@dataclasses.dataclass(frozen=True)
class LanguageMenu:
    """Widgets: the menu, what it was the last time this visitor was here, and the language that the page is in now."""

    menu: gr.Dropdown
    remembered: gr.BrowserState
    current: gr.State


def draw() -> LanguageMenu:
    """Draw the menu where the caller stands."""
    with gr.Column(scale=1, min_width=130):
        menu = gr.Dropdown(
            [(name, code) for code, name in locale.NAMES.items()], value=locale.ENGLISH, label=words.INTERFACE, elem_id="interface",
            filterable=False, container=False,
        )  # fmt: skip
    remembered = gr.BrowserState("", storage_key="mwanda-explorer-language", secret="mwanda-explorer")
    return LanguageMenu(menu, remembered, gr.State(locale.ENGLISH))


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
        if code == locale.ENGLISH:
            return self._english
        with self._lock, concurrent.futures.ThreadPoolExecutor(1) as fresh:
            # In a thread of its own: inside an event, Gradio takes new widgets for updates of old ones.
            found = fresh.submit(lambda: asyncio.run(self._drawn_anew(code))).result()
        assert len(found) == len(self._blocks), "a page has the same widgets in every language"
        return found

    async def _drawn_anew(self, code: str) -> list[dict[str, Any]]:
        # Inside a running loop: without one, Gradio makes loops of its own and leaves them open.
        with locale.drawing(code), gr.Blocks(analytics_enabled=False) as other:
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


def connect(ours: LanguageMenu, translator: Translator, redrawn: Redrawn) -> None:
    """Let the menu and the visitor's browser choose.

    Called inside the Blocks, after everything is drawn and connected.
    """
    everything = translator.widgets
    filled = list(dict.fromkeys(widget for widgets, _ in redrawn.menus for widget in widgets))

    def change(values: dict[Any, Any], request: gr.Request) -> dict[Any, Any]:
        old, new = values[ours.current], values[ours.menu]
        locale.visitors.choose(str(request.session_hash), new)
        updates = {ours.current: new, ours.remembered: new} | translator.updates(old, new)
        for _, menus in redrawn.menus:  # What menus offer that were filled since the page was drawn: its word counts.
            for widget, update in menus(values).items():
                updates[widget] = updates.get(widget, {}) | update
        return updates

    def first(remembered: str | None, request: gr.Request) -> Any:
        asked = str(dict(request.query_params).get("lang", ""))
        code = asked if asked in locale.NAMES else remembered or locale.preferred(request.headers.get("accept-language", ""))
        return code if code in locale.NAMES and code != locale.ENGLISH else gr.skip()  # The page is drawn in English.

    changed = [widget for widget in dict.fromkeys([*everything, *filled]) if widget is not ours.menu]
    outputs = [ours.current, ours.remembered, *changed, ours.menu]
    # Values of menus are taken as they are: the menus themselves change with this event.
    ours.menu.change(change, {ours.menu, ours.current, *filled}, outputs, **UNCHECKED)
    ours.menu.change(None, ours.menu, None, js=DIRECTION % sorted(locale.RIGHT_TO_LEFT), **PRIVATE)
    for callback, inputs, shown in redrawn.events:
        ours.current.change(callback, inputs, shown, **PRIVATE)
    gr.context.Context.root_block.load(first, ours.remembered, ours.menu, **PRIVATE)  # type: ignore[union-attr]
