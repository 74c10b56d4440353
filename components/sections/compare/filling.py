"""A form put into the widgets of the left column. A value that a control cannot show is brought to its nearest, and said."""

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from components.app.callbacks import Page, Updates
from components.form import measure_panel, method_panel
from components.form.choices import codes_of, group_choices, language_choices
from components.form.combining import CHOICES, Values
from components.form.form import Form
from components.i18n import words
from mwanda_core.errors import InputError


def outputs(page: Page) -> list[Any]:
    """Everything that `fill` changes."""
    p = page.panels
    return list(dict.fromkeys([*page.form_widgets, *p.method.drawn, p.languages.group]))


def fill(page: Page, form: Form) -> tuple[Updates, tuple[str, ...]]:
    """Updates that make the widgets stand at a form, and a sentence for each that cannot."""
    notes: list[str] = []
    p = page.panels
    updates: Updates = {p.model.model: form.model}
    updates |= _method(page, form, notes)
    for widget, value in (
        (p.advanced.tokens, form.tokens_per_language), (p.advanced.share, form.allocation_share),
        (p.advanced.sequence, form.sequence_length), (p.advanced.eval_texts, form.eval_texts), (p.measure.task_items, form.task_items),
    ):  # fmt: skip
        updates[widget] = _within(widget, value, notes)
    updates |= {
        p.advanced.texts: form.texts, p.advanced.mode: form.mode,
        p.advanced.choices: form.choices, p.advanced.seed: form.seed, p.measure.task_texts: form.task_texts,
        p.measure.task_folder: gr.update(value=form.task_folder, visible=form.task_texts == "folder"),
        p.measure.tasks: _known(p.measure.tasks, form.tasks, notes), p.measure.studies: _known(p.measure.studies, form.studies, notes),
        p.measure.spare: measure_panel.spare_menu(form.languages, form.spare_neurons),
    }  # fmt: skip
    if form.texts == "folder":  # Elsewhere it does not count, and a change of it would draw the menus of languages anew.
        updates[p.advanced.folder] = gr.update(value=form.folder, visible=True)
    updates[p.advanced.share] = gr.update(value=updates[p.advanced.share], visible=form.mode == "sequential")
    return updates, tuple(notes)


def fill_languages(page: Page, form: Form) -> Updates:
    """Both lists, with the languages that the texts have to choose from and those of the run itself."""
    panel = page.panels.languages
    try:
        codes = codes_of(form.texts, form.folder)
    except InputError:
        codes = ()  # A folder that is gone is named by the line under the button.
    everyone = tuple(dict.fromkeys((*codes, *form.languages, *form.held_out)))
    menu = language_choices(everyone)
    return {
        panel.languages: gr.update(choices=menu, value=list(form.languages)),
        panel.held_out: gr.update(choices=menu, value=list(form.held_out)),
        panel.group: gr.update(choices=group_choices(codes or everyone), value=None),
    }


def _method(page: Page, form: Form, notes: list[str]) -> Updates:
    panel = page.panels.method
    values = Values(form.numbers, form.words, form.texts_set, form.language)
    chosen = [form.parts.get(choice) for choice in CHOICES]
    updates = method_panel.combine(panel, form.method, chosen, form.knobs_for, values, form.languages)
    target: Mapping[str, Any] = updates[panel.language]
    updates[panel.language] = {
        **target,
        **method_panel.target_menu(form.languages, form.language),
        "visible": target["visible"],
    }
    updates |= {panel.method: form.method}
    percent = _within(panel.sparsity, round(100 * form.sparsity, 6), notes)
    updates[panel.sparsity] = gr.update(value=percent, interactive=True)
    for widget, update in method_panel.change_pattern(panel, form.pattern, form.n, form.m).items():
        updates[widget] = {**updates[widget], **update} if isinstance(updates.get(widget), dict) else update
    updates |= {
        panel.pattern: form.pattern,
        panel.n: {**updates[panel.n], "value": form.n},
        panel.m: {**updates[panel.m], "value": form.m},
    }
    return updates


def _within(widget: Any, value: float, notes: list[str]) -> float:
    """The nearest value that a slider can show."""
    nearest = min(max(value, widget.minimum), widget.maximum)
    if nearest != value:
        notes.append(
            words.CLONE_RANGE.format(name=widget.label, value=words.number(value, "g"), nearest=words.number(nearest, "g"))
        )
    return nearest


def _known(widget: Any, values: Sequence[str], notes: list[str]) -> list[str]:
    """Those choices that a menu has."""
    offered = {value for _, value in widget.choices}
    left = [value for value in values if value not in offered]
    if left:
        notes.append(words.CLONE_MENU.format(name=widget.label, left=words.compare_left_out(left)))
    return [value for value in values if value in offered]
