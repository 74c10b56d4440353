"""Which event of the form calls which callback with which widgets."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from components.environment import shared_server
from components.form import fields, language_panel, levels, method_panel, model_panel, uploads
from components.form.fields import FOLDER
from components.form.panel import FormPanel
from components.i18n import words
from components.widgets.debounce import AFTER_FIGURES, settled
from mwanda_core.errors import InputError

Updates = dict[Any, Any]
PRIVATE: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
# Widgets change while events are on their way: a value that was right when it was sent may lie outside a menu or a slider's range
# when it arrives. These events take values as they are; the form checks them, and only Prune starts anything.
UNCHECKED: dict[str, Any] = {**PRIVATE, "preprocess": False}


def connect(panel: FormPanel, demo: gr.Blocks, foresee: Callable[[Updates], Updates], foreseen: list[Any], home: Path) -> None:
    """Connect a form that was drawn, inside its Blocks. foresee: what answers to any change, once all is quiet. home: where uploaded texts
    are put."""
    changes = [widget.change for widget in panel.inputs if widget is not panel.method.drawn_for]
    wait = settled(changes, foresee, set(panel.inputs), foreseen, **UNCHECKED)
    _connect_fields(panel)
    _connect_languages(panel)
    _connect_method(panel, demo, wait)
    _connect_uploads(panel, home)
    memory = [panel["model"], panel["tokens_per_language"], panel["languages"]]
    panel.ask.click(lambda: gr.update(value=words.ESTIMATING, visible=True), None, panel.estimate, **PRIVATE).then(
        model_panel.estimate, memory, panel.estimate, **PRIVATE
    )


def _connect_fields(panel: FormPanel) -> None:
    """What comes and goes with a menu: the folder of a source, and settings that count only at one of its values."""
    for field in panel.fields.values():
        if field.box is not None:
            field.widget.change(
                lambda name: gr.update(visible=name == FOLDER and not shared_server()), field.widget, field.box, **PRIVATE
            )
        only = field.setting.knob.only_with
        if only is not None and only[1] is not None:
            asked = panel.fields[only[0]]

            def shown(value: Any, wanted: Any = only[1]) -> Any:
                return gr.update(visible=value == wanted)

            asked.widget.change(shown, asked.widget, field.widget, **PRIVATE)


def _connect_uploads(panel: FormPanel, home: Path) -> None:
    texts, lists = panel.fields["texts"], [panel["languages"], panel["held_out"], panel.group]
    assert texts.box is not None, "a source has a box for a folder"

    def uploaded(files: list[str]) -> Updates:
        try:
            folder, codes = uploads.take(files or [], home)
        except InputError as error:
            gr.Warning(words.library(error))
            return {panel.uploaded: words.library(error)}
        shown = {texts.widget: FOLDER, texts.box: gr.update(value=str(folder), visible=not shared_server())}
        return {**shown, panel.uploaded: uploads.said(codes), **language_panel.change_texts(panel, str(folder), codes, codes)}

    panel.upload.upload(uploaded, panel.upload, [panel.uploaded, *texts.widgets, *lists], **PRIVATE)


def _connect_languages(panel: FormPanel) -> None:
    languages, texts = panel["languages"], panel.fields["texts"]
    lists = [languages, panel["held_out"]]

    def choose_group(values: Mapping[Any, Any]) -> Updates:
        return language_panel.choose_group(panel, values[panel.group], texts.read(values))

    def change_texts(values: Mapping[Any, Any]) -> Updates:
        return language_panel.change_texts(panel, texts.read(values), *(values[menu] or [] for menu in lists))

    panel.group.input(choose_group, {panel.group, *texts.widgets}, lists, **PRIVATE)
    assert texts.box is not None, "a source has a box for a folder"
    for event in (texts.widget.input, texts.box.change):
        event(change_texts, {*texts.widgets, *lists}, [*lists, panel.group], **PRIVATE)
    for field in panel.fields.values():
        if field.setting.knob.of == "languages":
            languages.change(fields.languages_menu, [languages, field.widget], field.widget, **UNCHECKED)
    follow = method_panel.of_languages(panel.method)
    languages.change(
        lambda values: method_panel.follow_languages(panel.method, values[languages] or (), values),
        {languages, *follow},
        follow,
        **UNCHECKED,
    )


def _connect_method(panel: FormPanel, demo: gr.Blocks, wait: dict[str, Any]) -> None:
    method = panel.method
    named = [method.method, panel["languages"]]
    for event in (method.method.input, method.back.click):
        event(lambda *v: method_panel.show(method, *v), named, method.drawn, **PRIVATE)
    level, asked = method.levels, [panel["languages"], panel["tokens_per_language"], method.sparsity, method.pattern]

    def choose_level(name: str, *values: Any) -> Updates:
        found = levels.advised(name, *values).method
        return method_panel.show(method, found, values[0] or ()) | {method.method: found}

    level.choice.input(choose_level, [level.choice, *asked], [method.method, *method.drawn], **PRIVATE)
    gr.on([method.method.input, method.back.click], lambda: None, None, level.choice, **PRIVATE)
    follow: dict[str, Any] = {**UNCHECKED, "trigger_mode": "always_last"}
    gr.on([widget.change for widget in asked], levels.told, asked, level.text, **follow)
    for menu in method.parts.values():
        menu.input(lambda values: method_panel.choose_part(method, values), set(method.inputs), method.of_parts, **UNCHECKED)
    dependent = [method.knobs[key] for key in method_panel.dependent()]
    for key in method_panel.deciding():
        method.knobs[key].input(
            lambda values: method_panel.change_knob(method, values), set(method.inputs), dependent, **UNCHECKED
        )
    for control in (method.pattern, method.n, method.m):
        control.input(
            lambda *v: method_panel.change_pattern(method, *v),
            [method.pattern, method.n, method.m],
            [method.sparsity, method.pattern_note, method.n, method.m],
            **PRIVATE,
        )
    # The menu's texts need the engine, which takes seconds to import: after the figures, not beside them.
    demo.load(None, None, None, js=AFTER_FIGURES, **PRIVATE).then(
        lambda name, codes: {
            method.method: gr.update(choices=method_panel.menu(), value=name),
            **method_panel.show(method, name, codes),
        },
        named,
        [method.method, *method.drawn],
        **PRIVATE,
    ).then(levels.told, asked, level.text, **PRIVATE).then(
        lambda: gr.update(choices=model_panel.suggestions()), None, panel["model"], **PRIVATE
    ).then(**wait)
