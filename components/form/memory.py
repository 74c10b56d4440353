"""The form of a page that is loaded again stands as it stood: the browser keeps it for as long as its tab is open.

An unseen element is told the form whenever what it would cost is foreseen. The first time, the page's own menus are there: then the
form that was kept is asked back.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import gradio as gr

from components.form import fill
from components.form.form import Form, new_form
from components.form.panel import FormPanel
from mwanda_core.errors import InputError

_SCRIPT = """
let first = true;
const told = () => {
  if (!props.value) return;
  const kept = sessionStorage.getItem('mwanda-form');
  if (first && kept && kept !== props.value) trigger('submit', { form: kept });
  else sessionStorage.setItem('mwanda-form', props.value);
  first = false;
};
watch('value', told);
told();
"""
LONGEST = 20_000
"""Characters of a form that is taken back."""


def draw() -> gr.HTML:
    """The unseen element."""
    return gr.HTML("", html_template="<span></span>", js_on_load=_SCRIPT, visible="hidden", elem_id="form-memory")


def told(form: Form) -> str:
    """A form as the browser keeps it."""
    return json.dumps(form)


def form_of(text: str) -> Form | None:
    """A form that a browser kept; None for what is none, or none of this version. Values are looked at where they are used."""
    usual = new_form()
    try:
        given = json.loads(text[:LONGEST])
        form = {name: tuple(value) if isinstance(usual[name], tuple) else value for name, value in given.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    alike = set(form) == set(usual) and all(
        isinstance(form[name], int | float | bool)
        if isinstance(usual[name], int | float | bool)
        else isinstance(form[name], type(usual[name]) | dict)
        for name in usual
    )
    return form if alike else None


def connect(panel: FormPanel, element: gr.HTML, **settings: Any) -> None:
    """Take a form back in two steps: other menus follow the languages, and take what they hold then."""
    kept = gr.State("")

    def back(event: gr.EventData) -> Mapping[Any, Any]:
        text = str(event.form)
        return {kept: text, **_filled(lambda form: fill.fill(panel, form)[0], text)}

    def languages(text: str) -> Mapping[Any, Any]:
        return _filled(lambda form: fill.fill_languages(panel, form), text) or {panel.group: gr.skip()}

    outputs = fill.outputs(panel)
    element.submit(back, None, [kept, *outputs], **settings).then(languages, kept, outputs, **settings)


def _filled(updates: Callable[[Form], Mapping[Any, Any]], text: str) -> Mapping[Any, Any]:
    form = form_of(text)
    try:
        return updates(form) if form is not None else {}
    except (
        InputError,
        KeyError,
        TypeError,
        ValueError,
    ):  # Kept by another version, or written by hand: the form stays as it is.
        return {}
