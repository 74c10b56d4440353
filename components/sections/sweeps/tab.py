"""The tab of many runs: sweeps, protected languages, and runs that were cut off."""

import dataclasses

import gradio as gr

from components.i18n import words
from components.sections.sweeps import protect_tab, sweep_tab, unfinished_tab


@dataclasses.dataclass(frozen=True)
class SearchingTab:
    """The parts of the tab, and the inner tabs that open them."""

    sweep: sweep_tab.SweepTab
    protect: protect_tab.ProtectTab
    unfinished: unfinished_tab.UnfinishedTab
    opened: gr.Tab
    of_protect: gr.Tab
    of_unfinished: gr.Tab


def draw(opened: gr.Tab) -> SearchingTab:
    """Draw the tab where the caller stands; `opened` is the tab itself."""
    with gr.Tabs():
        with gr.Tab(words.SWEEP_TAB):
            sweep = sweep_tab.draw()
        with gr.Tab(words.PROTECT_TAB) as of_protect:
            protect = protect_tab.draw()
        with gr.Tab(words.UNFINISHED_TAB) as of_unfinished:
            unfinished = unfinished_tab.draw()
    return SearchingTab(sweep, protect, unfinished, opened, of_protect, of_unfinished)
