"""Which languages calibrate, and which are measured only: groups of them, and what a text source has."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from components.form.choices import builtin_codes, codes_of, group_choices, groups, held_out_for, language_choices
from components.form.panel import FormPanel
from components.i18n import words
from mwanda_core.errors import InputError


def choose_group(panel: FormPanel, name: str | None, texts: str) -> dict[Any, Any]:
    """Put a whole group in; languages now calibrated on leave the other list."""
    try:
        codes = codes_of(texts)
    except InputError:
        codes = builtin_codes()
    chosen = groups(codes).get(name or "")
    if chosen is None:
        return {panel["languages"]: gr.skip()}
    return {panel["languages"]: list(chosen), panel["held_out"]: held_out_for(chosen, codes)}


def change_texts(panel: FormPanel, texts: str, languages: Sequence[str], held_out: Sequence[str]) -> dict[Any, Any]:
    """Offer the languages that a text source has; keep those already chosen that it has too."""
    try:
        codes = codes_of(texts)
    except InputError as error:
        if texts:
            gr.Warning(words.library(error))
        return {panel["languages"]: gr.skip()}
    menu = language_choices(codes)
    kept = [code for code in languages if code in codes]
    others = [code for code in held_out if code in codes]
    return {
        panel["languages"]: gr.update(choices=menu, value=kept),
        panel["held_out"]: gr.update(choices=menu, value=others),
        panel.group: gr.update(choices=group_choices(codes), value=None),
    }


def menus_anew(
    panel: FormPanel, texts: str, languages: Sequence[str], held_out: Sequence[str], group: str | None
) -> dict[Any, Any]:
    """The menus in the language that the page is in now; what was chosen stays chosen."""
    try:
        codes = codes_of(texts)
    except InputError:
        codes = builtin_codes()
    menu = language_choices(dict.fromkeys((*codes, *languages, *held_out)))
    return {
        panel["languages"]: gr.update(choices=menu, value=list(languages)),
        panel["held_out"]: gr.update(choices=menu, value=list(held_out)),
        panel.group: gr.update(choices=group_choices(codes), value=group),
    }
