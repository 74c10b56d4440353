"""Prune, Enough, Cancel, what the run will cost, and what is going on."""

import dataclasses

import gradio as gr

from components.i18n import words
from components.widgets import progress_bar as watching


@dataclasses.dataclass(frozen=True)
class RunPanel:
    """Widgets of the panel."""

    prune: gr.Button
    enough: gr.Button
    cancel: gr.Button
    cost: gr.Markdown
    status: gr.HTML
    details: gr.Markdown
    log: gr.Textbox


def draw() -> RunPanel:
    """Draw the panel where the caller stands."""
    with gr.Column(elem_classes=["mw-run"]):
        with gr.Row():
            prune = gr.Button(words.PRUNE, variant="primary", elem_id="prune", scale=2, min_width=120)
            enough = gr.Button(words.ENOUGH, interactive=False, elem_id="enough", scale=1, min_width=100)
            cancel = gr.Button(words.CANCEL, variant="stop", interactive=False, elem_id="cancel", scale=1, min_width=100)
        cost = gr.Markdown(words.COST_WAITING, elem_id="cost")
        status = gr.HTML(watching.bar(None), elem_id="status")
    with gr.Accordion(words.COST_DETAILS, open=False):
        details = gr.Markdown(words.COST_WAITING, elem_id="cost-details")
    with gr.Accordion(words.LOG, open=False):
        log = gr.Textbox(
            lines=8,
            max_lines=8,
            autoscroll=True,
            show_label=False,
            label=words.LOG,
            interactive=False,
            elem_id="log",
            elem_classes=["mw-log"],
        )
    return RunPanel(prune, enough, cancel, cost, status, details, log)
