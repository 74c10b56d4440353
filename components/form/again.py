"""The form in another language: menus that were filled since the page was drawn, and the method panel."""

from typing import Any

import gradio as gr

from components.form import fields, language_panel, method_panel, model_panel
from components.form.panel import FormPanel

Updates = dict[Any, Any]


def menus(panel: FormPanel) -> list[Any]:
    """The widgets that `menus_again` reads."""
    texts = panel.fields["texts"].widgets
    return [panel["languages"], panel["held_out"], panel.group, panel["spare_neurons"], *texts]


def menus_again(panel: FormPanel, values: Updates) -> Updates:
    """Menus of languages that a visitor may have filled, in the language that the page is in now."""
    languages, held_out = values[panel["languages"]] or [], values[panel["held_out"]] or []
    texts, spare = panel.fields["texts"].read(values), panel["spare_neurons"]
    return {
        **language_panel.menus_anew(panel, texts, languages, held_out, values[panel.group]),
        spare: fields.languages_menu(languages, values[spare]),
    }


def method_again(panel: FormPanel, values: Updates) -> Updates:
    """The method panel; parts, knobs and pattern stay where they stand."""
    return method_panel.anew(panel.method, values, values[panel["languages"]] or ())


def models_again() -> Any:
    """The menu of models."""
    return gr.update(choices=model_panel.suggestions())
