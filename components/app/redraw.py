"""What is shown anew when the visitor reads another language: menus and panels that were filled since the page was drawn."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from components.app.callbacks import Page, Updates
from components.form import fields, language_panel, method_panel, model_panel
from components.sections.learn import tab as lesson_tab
from components.sections.methods import tab as worth_tab
from components.sections.sweeps import protect_tab


def menus(page: Page) -> set[Any]:
    """The widgets that `menus_anew` reads."""
    form = page.panels.form
    return {
        *(form["languages"], form["held_out"], form.group, form["spare_neurons"], *form.fields["texts"].widgets),
        page.panels.searching.protect.asked.languages,
    }


def menus_anew(page: Page, values: Updates) -> Updates:
    """Menus of languages that a visitor may have filled, in the language that the page is in now."""
    form, protect = page.panels.form, page.panels.searching.protect.asked.languages
    languages, held_out = values[form["languages"]] or [], values[form["held_out"]] or []
    return {
        **language_panel.menus_anew(form, form.fields["texts"].read(values), languages, held_out, values[form.group]),
        form["spare_neurons"]: fields.languages_menu(languages, values[form["spare_neurons"]]),
        protect: protect_tab.protect_menu(languages, values[protect]),
    }


def method_anew(page: Page, values: Updates) -> Updates:
    """The method panel in another language; parts, knobs and pattern stay where they stand."""
    form = page.panels.form
    return method_panel.anew(form.method, values, values[form["languages"]] or ())


def shown_anew(page: Page) -> list[tuple[Callable[..., Any], Any, Any]]:
    """What has to be shown again when the visitor reads another language: callback, inputs, outputs.

    Whatever answers to another run being shown answers to another language too.
    """
    p = page.panels
    method = p.form.method
    found: list[tuple[Callable[..., Any], Any, Any]] = [
        (lambda values: method_anew(page, values), set(page.form_widgets), [method.method, *method.drawn]),
        (lambda: gr.update(choices=model_panel.suggestions()), [], [p.form["model"]]),
        (page.foresee, set(page.form_widgets), [p.run.cost, p.run.details, method.problem]),
        (lambda *v: worth_tab.change(p.worth, *v), [p.worth.setting, p.worth.measure], [p.worth.plot, p.worth.table]),
    ]
    after: set[int | None] = set()
    for number, event in page.demo.fns.items():
        # The lesson's steps draw their own figures, from where their controls stand.
        lesson = getattr(event.fn, "__qualname__", "").startswith(lesson_tab.CHANGED)
        of_shown = lesson or not {(state._id, "change") for state in (page.shown, page.drawn, p.compare.chosen)}.isdisjoint(
            event.targets
        )
        if of_shown or event.trigger_after in after:
            after.add(number)
            if event.fn is not None:
                found.append((event.fn, set(event.inputs) if event.inputs_as_dict else event.inputs, event.outputs))
    return found
