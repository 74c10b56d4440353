"""The command and the Python lines that repeat a run, and its reproducibility card."""

import dataclasses
from pathlib import Path
from typing import Any

import gradio as gr

from components.engine import importing
from components.i18n import words
from mwanda_core.errors import InputError
from mwanda_core.store.report import RunReport


@dataclasses.dataclass(frozen=True)
class AgainPart:
    """Widgets of the part."""

    note: gr.Markdown
    command: gr.Code
    python: gr.Code
    card: gr.Markdown


def draw() -> AgainPart:
    """Draw the part where the caller stands."""
    gr.Markdown(words.TAKE_AGAIN_HEADING)
    note = gr.Markdown(visible=False, elem_id="take-again-note")
    command = gr.Code(
        language="shell", label=words.TAKE_COMMAND, interactive=False, wrap_lines=True, show_line_numbers=False, elem_id="take-command"
    )  # fmt: skip
    with gr.Accordion(words.TAKE_PYTHON, open=False):
        python = gr.Code(
            language="python", label=words.TAKE_PYTHON, interactive=False, wrap_lines=True, show_line_numbers=False,
            elem_id="take-python",
        )  # fmt: skip
    with gr.Accordion(words.TAKE_CARD, open=False):
        gr.Markdown(words.TAKE_CARD_HELP)
        card = gr.Markdown(elem_id="take-card", elem_classes=["mw-text"], sanitize_html=True)
    return AgainPart(note, command, python, card)


def show(part: AgainPart, report: RunReport, folder: Path) -> dict[Any, Any]:
    """The part for a run; a run of another version says why it cannot be repeated."""
    with importing():
        from mwanda_core.after.repeat import again, card
    try:
        found, written = again(report), card(report, folder)
    except InputError as error:
        said = words.TAKE_AGAIN_UNKNOWN.format(problem=error)
        return {part.note: gr.update(value=said, visible=True), part.command: "", part.python: "", part.card: ""}
    return {
        part.note: gr.update(visible=False),
        part.command: found.command,
        part.python: found.python,
        part.card: written,
    }
