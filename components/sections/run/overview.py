"""What happened, in plain words."""

import dataclasses
from typing import Any

import gradio as gr

from components import figures
from components.i18n import words
from components.report import story
from mwanda_core.store.report import RunReport


@dataclasses.dataclass(frozen=True)
class OverviewTab:
    """Widgets of the tab."""

    headline: gr.Markdown
    cards: gr.HTML
    figure: gr.Plot
    notes: gr.Markdown
    timings: gr.Markdown
    again: gr.Code


def draw() -> OverviewTab:
    """Draw the tab where the caller stands."""
    headline = gr.Markdown(words.NO_RUN, elem_id="headline")
    cards = gr.HTML(elem_id="cards")
    figure = gr.Plot(
        label=words.plot_description(words.LANGUAGES_HEADING.strip("# ")),
        show_label=False,
        container=False,
        elem_id="plot-overview",
    )
    gr.Markdown(f"### {words.NOTES}")
    notes = gr.Markdown(f"- {words.ZEROS}")
    with gr.Accordion(words.TIMINGS, open=False):
        timings = gr.Markdown()
    with gr.Accordion(words.AGAIN, open=False):
        again = gr.Code(language="python", interactive=False, show_label=False, label=words.AGAIN)
    return OverviewTab(headline, cards, figure, notes, timings, again)


def show(tab: OverviewTab, report: RunReport) -> dict[Any, Any]:
    """The tab's contents for a report."""
    return {
        tab.headline: story.headline(report),
        tab.cards: story.cards(report),
        tab.figure: figures.perplexity_dots(report),
        tab.notes: story.notes(report),
        tab.timings: story.timings(report),
        tab.again: story.again(report),
    }
