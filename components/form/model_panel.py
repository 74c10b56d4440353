"""Which model: a menu that also takes a Hub id or a folder, and how much memory it would need."""

import dataclasses

import gradio as gr

from components.engine import importing
from components.form.form import default_model, is_local, shared_server
from components.i18n import words
from mwanda_core.errors import InputError


@dataclasses.dataclass(frozen=True)
class ModelPanel:
    """Widgets of the panel."""

    model: gr.Dropdown
    ask: gr.Button
    estimate: gr.Markdown


def draw() -> ModelPanel:
    """Draw the panel where the caller stands."""
    first = default_model()
    model = gr.Dropdown(
        [(first, first)], value=first, allow_custom_value=True, label=words.MODEL, info=words.MODEL_INFO, elem_id="model"
    )
    ask = gr.Button(words.ESTIMATE, size="sm", elem_id="estimate")
    estimate = gr.Markdown(visible=False, elem_id="estimated")
    return ModelPanel(model, ask, estimate)


def suggestions() -> list[tuple[str, str]]:
    """The models suggested, the default first. Imports the model library, which takes seconds the first time."""
    with importing():
        from mwanda_core.models import SUGGESTIONS

    first = default_model()
    named = [(text, name) for name, text in SUGGESTIONS.items()]
    return named if first in SUGGESTIONS else [(first, first), *named]


def estimate(model: str, tokens: float, languages: list[str]) -> str:
    """What a run on this model would need, in one sentence; a mistake is a sentence too."""
    with importing():
        from mwanda_core.models import choose_device, estimate_memory

    try:
        if not model or (shared_server() and is_local(model)):
            raise InputError(words.SHARED_FOLDER if model else words.EMPTY_MODEL)
        count = max(1, len(languages))
        found = estimate_memory(model, round(tokens) * count, count)
        device = choose_device("auto").type
    except InputError as error:
        return words.library(error)
    return words.memory(found.sentence(), words.DEVICE_NAMES.get(device, device))
