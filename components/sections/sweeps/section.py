"""The tab of many runs: sweeps, protected languages, and runs that were cut off, a tab within it each."""

from typing import Any

import gradio as gr

from components.context import PageContext, Section
from components.sections.sweeps.protect import Protect
from components.sections.sweeps.sweep import Sweep
from components.sections.sweeps.unfinished import Unfinished

PARTS: tuple[type[Section], ...] = (Sweep, Protect, Unfinished)


class Sweeps(Section):
    """Its parts, and the tabs that open them: the first is open when the tab itself is."""

    id, title = "sweeps", "TAB_SWEEP"

    def __init__(self, context: PageContext, widgets: Any) -> None:
        super().__init__(context, widgets)
        self.sweep, self.protect, self.unfinished = (part(context, own) for part, (_, own) in zip(PARTS, widgets, strict=True))

    @classmethod
    def draw(cls) -> list[tuple[gr.Tab, Any]]:
        """Draw the tab where the caller stands: each part in a tab of its own."""
        drawn = []
        with gr.Tabs():
            for part in PARTS:
                with gr.Tab(part.heading()) as inner:
                    drawn.append((inner, part.draw()))
        return drawn

    def connect(self, tab: gr.Tab) -> None:
        """Each part with the tab that opens it."""
        self.sweep.connect(tab)
        self.protect.connect(self.widgets[1][0])
        self.unfinished.connect(self.widgets[2][0])
