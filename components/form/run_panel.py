"""Prune, Enough, Cancel, what the run will cost, and what is going on."""

import dataclasses

import gradio as gr

from components.form import memory
from components.i18n import words
from components.widgets import progress_bar as watching


@dataclasses.dataclass(frozen=True)
class RunPanel:
    """Widgets of the panel. drawer: brings the form in on a phone, in the browser alone. memory: keeps the form there."""

    drawer: gr.Button
    prune: gr.Button
    enough: gr.Button
    cancel: gr.Button
    cost: gr.Markdown
    status: gr.HTML
    details: gr.Markdown
    log: gr.Textbox
    memory: gr.HTML


def draw_details() -> tuple[gr.Markdown, gr.Textbox]:
    """Draw, folded where the caller stands, where the time goes, and the log."""
    with gr.Accordion(words.COST_DETAILS, open=False, elem_id="cost-fold"):
        details = gr.Markdown(words.COST_WAITING, elem_id="cost-details")
        log = gr.Textbox(
            lines=8, max_lines=8, autoscroll=True, label=words.LOG, interactive=False, elem_id="log", elem_classes=["mw-log"]
        )  # fmt: skip
    return details, log


def draw(details: gr.Markdown, log: gr.Textbox) -> RunPanel:
    """Draw the bar that stays in view."""
    with gr.Column(elem_classes=["mw-run"]):
        with gr.Row(elem_classes=["mw-run-buttons"]):
            drawer = gr.Button(words.DRAWER, elem_id="drawer", min_width=44)
            prune = gr.Button(words.PRUNE, variant="primary", elem_id="prune", scale=2, min_width=120)
            enough = gr.Button(words.ENOUGH, interactive=False, elem_id="enough", scale=1, min_width=100)
            cancel = gr.Button(words.CANCEL, variant="stop", interactive=False, elem_id="cancel", scale=1, min_width=100)
        with gr.Column(elem_classes=["mw-told"]):
            cost = gr.Markdown(words.COST_WAITING, elem_id="cost")
            status = gr.HTML(watching.bar(None), elem_id="status")
    return RunPanel(drawer, prune, enough, cancel, cost, status, details, log, memory.draw())
