"""One setting of a run as widgets: drawn from what the setting says about itself, read in the setting's own terms, and put back."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from components.environment import shared_server
from components.form.choices import builtin_codes, label, language_choices
from components.form.form import default_model, new_form, start_of
from components.i18n import words
from mwanda_core.run.settings import DEFAULT_LANGUAGES, Setting

Updates = dict[Any, Any]

FOLDER = "folder"
"""What a menu of sources stands at when the box below it counts."""


@dataclasses.dataclass(frozen=True)
class Field:
    """A setting's widget, and the box for a folder where it is a source."""

    setting: Setting
    widget: Any
    box: gr.Textbox | None = None

    @property
    def widgets(self) -> list[Any]:
        """All of them."""
        return [self.widget, *([self.box] if self.box is not None else [])]

    def read(self, values: Mapping[Any, Any]) -> Any:
        """The setting's value, of what the widgets hold."""
        value, kind = values[self.widget], self.setting.knob.kind
        if self.box is not None and value == FOLDER:
            return (values[self.box] or "").strip()
        if kind == "list":
            return tuple(value or ())
        if kind == "number":
            return float(value or 0) / self.setting.scale
        if kind == "whole":
            return round(value or 0)
        return bool(value) if kind == "switch" else value or ""

    def fill(self, form: Mapping[str, Any], notes: list[str]) -> Updates:
        """Updates that make the widgets show a form. What they cannot show is brought to its nearest, and said in `notes`."""
        value, kind = form[self.setting.name], self.setting.knob.kind
        if self.box is not None and value not in self.setting.sources:
            return {self.widget: FOLDER, self.box: gr.update(value=value, visible=True)}
        if self.setting.knob.of == "languages":
            return {self.widget: languages_menu(form["languages"], value)}
        if kind == "list" and self.setting.knob.of:
            return {self.widget: _offered(self.widget, value, notes)}
        if self.setting.slider:
            # As many digits as a slider's steps have: 100 x 0.07 is 7.000000000000001.
            value = _within(self.widget, round(value * self.setting.scale, 6), notes)
        if self.setting.knob.only_with and self.setting.knob.only_with[1] is not None:
            return {self.widget: gr.update(value=value, visible=self.setting.knob.counts(form))}
        return {self.widget: value}


def draw(setting: Setting) -> Field:
    """Draw a setting where the caller stands."""
    named: dict[str, Any] = {
        "label": getattr(words, setting.text),
        "info": getattr(words, f"{setting.text.removesuffix('_LABEL')}_INFO", None),
        "elem_id": setting.option,
        "visible": _visible(setting),
    }
    return _draw_source(setting, named) if setting.widget == "source" else Field(setting, _draw(setting, named))


def _visible(setting: Setting) -> bool:
    only = setting.knob.only_with
    return only is None or only[1] is None or setting.knob.counts(new_form())


def _draw(setting: Setting, named: dict[str, Any]) -> Any:
    value, knob = start_of(setting), setting.knob
    if setting.widget == "model":
        first = default_model()
        return gr.Dropdown([(first, first)], value=first, allow_custom_value=True, **named)
    if knob.kind == "list" and setting.widget == "checks":
        return gr.CheckboxGroup(options(setting), value=list(value), **named)
    if knob.kind == "list":
        # Where nothing says what there is to choose from, anything may be typed.
        return gr.Dropdown(options(setting), value=list(value), multiselect=True, allow_custom_value=not knob.of, **named)
    if setting.slider:
        low, high, step = setting.slider
        return gr.Slider(low, high, value=value * setting.scale, step=step, **named)
    if knob.kind in ("whole", "number"):
        return gr.Number(
            value=value, precision=0 if knob.kind == "whole" else None, minimum=knob.low, maximum=knob.high, **named
        )
    if knob.kind == "choice":
        return (gr.Radio if setting.widget == "radio" else gr.Dropdown)(options(setting), value=value, **named)
    return gr.Checkbox(value=value, **named) if knob.kind == "switch" else gr.Textbox(value=value, **named)


def _draw_source(setting: Setting, named: dict[str, Any]) -> Field:
    only_one = len(setting.sources) == 1
    named["visible"] = named["visible"] and not (only_one and shared_server())
    menu = (gr.Radio if only_one else gr.Dropdown)(_sources(setting), value=start_of(setting), **named)
    box = gr.Textbox(
        label=getattr(words, setting.folder),
        info=getattr(words, f"{setting.folder}_INFO"),
        visible=False,
        max_lines=1,
        elem_id=setting.folder.lower().replace("_", "-"),
    )
    return Field(setting, menu, box)


def _sources(setting: Setting) -> list[tuple[str, str]]:
    if not shared_server():
        return options(setting)
    # Strangers reach no folder of this machine but the one that their own texts were put in.
    mine = {FOLDER: words.UPLOADED_TEXTS} if setting.name == "texts" else {}
    return [(mine.get(name, text), name) for text, name in options(setting) if name != FOLDER or mine]


def offer(setting: Setting) -> Any:
    """A menu of sources for whoever asks: where a folder is the only other source, strangers have nothing to choose."""
    return gr.update(
        choices=_sources(setting), visible=_visible(setting) and not (len(setting.sources) == 1 and shared_server())
    )


def options(setting: Setting) -> list[tuple[str, str]]:
    """What a menu shows of a setting, and the values behind it."""
    if setting.knob.of in ("text languages", "built-in languages"):
        return language_choices(builtin_codes())
    if setting.knob.of == "languages":
        return [(label(code), code) for code in DEFAULT_LANGUAGES]
    if setting.knob.of == "tasks":
        return [(words.task_label(name), name) for name in words.TASK_NAMES]
    if setting.knob.of == "studies":
        return [(words.study_label(name), name) for name in words.STUDY_TITLES]
    texts: Mapping[str, str] = (
        getattr(words, setting.options) if setting.options else {name: name for name in setting.knob.choices}
    )
    return [(text, name) for name, text in texts.items()]


def languages_menu(languages: Sequence[str] | None, chosen: Sequence[str] | None) -> Any:
    """A menu of the calibration languages; what was chosen of them stays chosen."""
    codes = list(languages or ())
    return gr.update(choices=[(label(code), code) for code in codes], value=[code for code in chosen or () if code in codes])


def _within(widget: Any, value: float, notes: list[str]) -> float:
    """The nearest value that a slider can show."""
    nearest = min(max(value, widget.minimum), widget.maximum)
    if nearest != value:
        notes.append(
            words.CLONE_RANGE.format(name=widget.label, value=words.number(value, "g"), nearest=words.number(nearest, "g"))
        )
    return float(nearest)


def _offered(widget: Any, values: Sequence[str], notes: list[str]) -> list[str]:
    """Those choices that a menu has."""
    offered = {value for _, value in widget.choices}
    left = [value for value in values if value not in offered]
    if left:
        notes.append(words.CLONE_MENU.format(name=widget.label, left=words.compare_left_out(left)))
    return [value for value in values if value in offered]
