"""The part that tells why one weight was kept: its place, the sentences, the languages, and how to get the dense weights."""

import dataclasses
from typing import TYPE_CHECKING, Any

import gradio as gr

from components.figures.weights import language_bars
from components.i18n import words
from components.jobs.panel import JobPanel
from components.scratch import Scratch
from components.sections.weights import sentences
from components.widgets.inputs import FigureAndTable, figure_and_table, filled

if TYPE_CHECKING:
    from mwanda_core.after.explain import Weighed


@dataclasses.dataclass(frozen=True)
class StoryPart:
    """Widgets of the part; `needed` holds the job that fetches dense weights."""

    row: gr.Number
    column: gr.Number
    ask: gr.Button
    text: gr.Markdown
    needed: gr.Column
    why_needed: gr.Markdown
    job: JobPanel
    languages: gr.Column
    bars: FigureAndTable


def draw() -> StoryPart:
    """Draw the part where the caller stands."""
    gr.Markdown(words.WHY_HEADING)
    with gr.Row(equal_height=True):
        row = gr.Number(None, label=words.WHY_ROW, precision=0, minimum=0, elem_id="why-row", min_width=120)
        column = gr.Number(None, label=words.WHY_COLUMN, precision=0, minimum=0, elem_id="why-column", min_width=120)
        ask = gr.Button(words.WHY_ASK, elem_id="why", min_width=100)
    text = gr.Markdown(words.WHY_EMPTY, elem_id="why-told")
    with gr.Column(visible=False, elem_id="dense-needed") as needed:
        why_needed = gr.Markdown(words.DENSE_NEEDED)
        with gr.Row():
            read = gr.Button(words.DENSE_READ, elem_id="dense-read")
            cancel = gr.Button(words.CANCEL, interactive=False, elem_id="dense-cancel")
        status = gr.HTML(elem_id="dense-status")
    job = JobPanel(gr.State(""), (read,), cancel, status)
    with gr.Column(visible=False, elem_id="why-languages") as languages:
        bars = figure_and_table("why", words.WHY_TABLE)
    return StoryPart(row, column, ask, text, needed, why_needed, job, languages, bars)


def empty(part: StoryPart) -> dict[Any, Any]:
    """No weight is chosen."""
    return {
        part.row: None, part.column: None, part.text: words.WHY_EMPTY, part.needed: gr.update(visible=False),
        part.languages: gr.update(visible=False),
    }  # fmt: skip


def show(part: StoryPart, scratch: Scratch, found: "Weighed") -> dict[Any, Any]:
    """The story of a weight."""
    views = sentences.views_of(found)
    place = f"weight-{found.matrix.block}-{found.matrix.module}-{found.story.row}-{found.story.column}"
    bars = {} if views.empty else filled(part.bars, language_bars(views), sentences.readable(views), scratch.csv(place, views))
    return {
        part.text: sentences.story(found), part.needed: gr.update(visible=False), part.languages: gr.update(visible=not views.empty), **bars
    }  # fmt: skip


def need(part: StoryPart, problem: str, kept: bool, offer: bool) -> dict[Any, Any]:
    """The dense weights are missing: what the mask says alone, and the button where it helps."""
    return {
        part.text: words.WHY_KEPT if kept else words.WHY_REMOVED, part.needed: gr.update(visible=True), part.why_needed: problem,
        part.job.starts[0]: gr.update(visible=offer), part.job.cancel: gr.update(visible=offer), part.languages: gr.update(visible=False),
    }  # fmt: skip
