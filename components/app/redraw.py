"""What is shown anew when the visitor reads another language: menus and panels that were filled since the page was drawn."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from components.app.callbacks import Page, Updates
from components.form import language_panel, measure_panel, method_panel, model_panel
from components.sections.learn import tab as lesson_tab
from components.sections.methods import tab as worth_tab
from components.sections.sweeps import protect_tab


def menus(page: Page) -> set[Any]:
    """The widgets that `menus_anew` reads."""
    p = page.panels
    return {
        *(p.languages.languages, p.languages.held_out, p.languages.group, p.advanced.texts, p.advanced.folder),
        *(p.measure.spare, p.searching.protect.asked.languages),
    }


def menus_anew(page: Page, values: Updates) -> Updates:
    """Menus of languages that a visitor may have filled, in the language that the page is in now."""
    p, protect = page.panels, page.panels.searching.protect.asked.languages
    languages = values[p.languages.languages] or []
    held_out, group = values[p.languages.held_out] or [], values[p.languages.group]
    texts, folder = values[p.advanced.texts], values[p.advanced.folder] or ""
    return {
        **language_panel.menus_anew(p.languages, texts, folder, languages, held_out, group),
        p.measure.spare: measure_panel.spare_menu(languages, values[p.measure.spare]),
        protect: protect_tab.protect_menu(languages, values[protect]),
    }


def method_anew(page: Page, values: Updates) -> Updates:
    """The method panel in another language; parts, settings and pattern stay where they stand."""
    method, languages = page.panels.method, values[page.panels.languages.languages] or ()
    menu = {method.method: gr.update(choices=method_panel.menu(), value=values[method.method])}
    if not values[method.knobs_for]:  # Its menus are still on their way.
        return menu | method_panel.show(method, values[method.method], languages)
    updates = menu | page.combine(values)
    updates[method.language] |= method_panel.target_menu(languages, values[method.language])
    return updates | method_panel.change_pattern(method, values[method.pattern], values[method.n], values[method.m])


def shown_anew(page: Page) -> list[tuple[Callable[..., Any], Any, Any]]:
    """What has to be shown again when the visitor reads another language: callback, inputs, outputs.

    Whatever answers to another run being shown answers to another language too.
    """
    p = page.panels
    method = p.method
    found: list[tuple[Callable[..., Any], Any, Any]] = [
        (lambda values: method_anew(page, values), set(page.form_widgets), [method.method, *method.drawn]),
        (lambda: gr.update(choices=model_panel.suggestions()), [], [p.model.model]),
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
