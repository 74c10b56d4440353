"""A form put into the widgets. A value that a control cannot show is brought to its nearest, and said."""

from typing import Any

import gradio as gr

from components.form import method_panel
from components.form.choices import codes_of, group_choices, language_choices
from components.form.form import Form
from components.form.panel import FormPanel
from mwanda_core.errors import InputError

Updates = dict[Any, Any]


def outputs(panel: FormPanel) -> list[Any]:
    """Everything that `fill` and `fill_languages` change."""
    return list(dict.fromkeys([*panel.inputs, *panel.method.drawn, panel.group]))


def fill(panel: FormPanel, form: Form) -> tuple[Updates, tuple[str, ...]]:
    """Updates that make the widgets stand at a form, but for the lists of languages, and a sentence for each that cannot."""
    notes: list[str] = []
    updates: Updates = {}
    for field in panel.fields.values():
        if field.setting.knob.of != "text languages":
            updates |= field.fill(form, notes)
    return _fill_method(panel, form, updates), tuple(notes)


def fill_languages(panel: FormPanel, form: Form) -> Updates:
    """Both lists, with the languages that the texts have to choose from and those of the run itself."""
    try:
        codes = codes_of(form["texts"])
    except InputError:
        codes = ()  # A folder that is gone is named by the line under the button.
    everyone = tuple(dict.fromkeys((*codes, *form["languages"], *form["held_out"])))
    menu = language_choices(everyone)
    return {
        panel["languages"]: gr.update(choices=menu, value=list(form["languages"])),
        panel["held_out"]: gr.update(choices=menu, value=list(form["held_out"])),
        panel.group: gr.update(choices=group_choices(codes or everyone), value=None),
    }


def _fill_method(panel: FormPanel, form: Form, updates: Updates) -> Updates:
    method = panel.method
    updates = updates | {method.method: form["method"]} | method_panel.set_method(method, form, form["languages"])
    percent = updates[method.sparsity]
    pattern = method_panel.change_pattern(method, form["pattern"], form["n"], form["m"])
    # The pattern has the last word: one that is the same everywhere leaves the slider nothing to say.
    return (
        updates
        | pattern
        | {
            method.sparsity: gr.update(value=percent, interactive=True) | pattern[method.sparsity],
            method.pattern: form["pattern"],
            method.n: pattern[method.n] | {"value": form["n"]},
            method.m: pattern[method.m] | {"value": form["m"]},
        }
    )
