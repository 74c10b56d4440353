"""How much text, which text, how it is measured: settings that most visitors leave alone."""

import dataclasses

import gradio as gr

from components.form.form import HUB_TEXTS, Form, shared_server
from components.i18n import words


@dataclasses.dataclass(frozen=True)
class AdvancedPanel:
    """Widgets of the panel."""

    tokens: gr.Slider
    texts: gr.Dropdown
    folder: gr.Textbox
    mode: gr.Radio
    share: gr.Slider
    sequence: gr.Slider
    eval_texts: gr.Slider
    choices: gr.Checkbox
    seed: gr.Number


def draw() -> AdvancedPanel:
    """Draw the panel where the caller stands."""
    tokens = gr.Slider(
        128, 16384, value=Form.tokens_per_language, step=128, label=words.TOKENS, info=words.TOKENS_INFO, elem_id="tokens"
    )
    with gr.Accordion(words.ADVANCED, open=False):
        sources = ("built-in", *HUB_TEXTS) if shared_server() else tuple(words.TEXT_SOURCES)
        texts = gr.Dropdown(
            [(words.TEXT_SOURCES[name], name) for name in sources], value=Form.texts, label=words.TEXTS, info=words.TEXTS_INFO,
            elem_id="texts",
        )  # fmt: skip
        folder = gr.Textbox(label=words.FOLDER, info=words.FOLDER_INFO, visible=False, elem_id="folder")
        mode = gr.Radio([(text, name) for name, text in words.MODES.items()], value=Form.mode, label=words.MODE, elem_id="mode")
        share = gr.Slider(
            0.1,
            1.0,
            value=1.0,
            step=0.1,
            label=words.ALLOCATION_SHARE,
            info=words.ALLOCATION_SHARE_INFO,
            visible=False,
            elem_id="share",
        )
        sequence = gr.Slider(
            32, 2048, value=Form.sequence_length, step=32, label=words.SEQUENCE, info=words.SEQUENCE_INFO, elem_id="sequence"
        )
        eval_texts = gr.Slider(
            2, 100, value=Form.eval_texts, step=1, label=words.EVAL_TEXTS, info=words.EVAL_TEXTS_INFO, elem_id="eval-texts"
        )
        choices = gr.Checkbox(value=Form.choices, label=words.CHOICES, info=words.CHOICES_INFO, elem_id="choices")
        seed = gr.Number(value=Form.seed, precision=0, minimum=0, label=words.SEED, elem_id="seed")
    return AdvancedPanel(tokens, texts, folder, mode, share, sequence, eval_texts, choices, seed)
