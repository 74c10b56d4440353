"""The form: every setting of a run that it shows, drawn group by group from the settings themselves, and read back as plain data."""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import gradio as gr

from components.form import fields, method_panel, uploads
from components.form.choices import builtin_codes, group_choices
from components.form.fields import Field
from components.form.form import Form, shown_settings
from components.form.method_panel import MethodPanel
from components.i18n import words
from mwanda_core.run.settings import GROUPS, Setting, all_settings

SHORT = ("model", "languages", "sparsity", "method")
"""The settings that are always in view; all others are folded away together."""


@dataclasses.dataclass(frozen=True)
class FormPanel:
    """The form's widgets. fields: setting -> its widgets, but for the method, which has a panel of its own. ask, estimate: memory of
    the model. group: puts a whole group of languages in. upload, uploaded: texts of
    the visitor's own, and what was found in them."""

    fields: Mapping[str, Field]
    method: MethodPanel
    ask: gr.Button
    estimate: gr.Markdown
    group: gr.Dropdown
    upload: gr.UploadButton
    uploaded: gr.Markdown

    def __getitem__(self, setting: str) -> Any:
        """The widget of a setting."""
        return self.fields[setting].widget

    @property
    def inputs(self) -> list[Any]:
        """The widgets that `read` reads."""
        return [*(widget for field in self.fields.values() for widget in field.widgets), *self.method.inputs]

    def read(self, values: Mapping[Any, Any]) -> Form:
        """The form, of what its widgets hold."""
        return {name: field.read(values) for name, field in self.fields.items()} | self.method.read(values)


def draw() -> FormPanel:
    """Draw the form where the caller stands."""
    drawn: dict[str, Field] = {}
    beside: dict[str, Any] = {}
    for name in SHORT:
        _draw_one(all_settings()[name], drawn, beside)
    with gr.Accordion(words.MORE_SETTINGS, open=False, elem_id="advanced"):
        beside["group"] = gr.Dropdown(group_choices(builtin_codes()), value=None, label=words.GROUP, elem_id="group")
        for group, title in GROUPS.items():
            with _folded(group, title) if title else contextlib.nullcontext():
                for setting in in_order(group):
                    if setting.name not in SHORT:
                        _draw_one(setting, drawn, beside)
            if group == "method":
                beside["method"] = method_panel.draw(beside["named"], drawn["sparsity"].widget)
        beside["ask"] = gr.Button(words.ESTIMATE, size="sm", elem_id="estimate")
        beside["estimate"] = gr.Markdown(visible=False, elem_id="estimated")
    return FormPanel(drawn, *(beside[name] for name in ("method", "ask", "estimate", "group", "upload", "uploaded")))


def in_order(group: str) -> Iterator[Setting]:
    """The settings of a group in the order of fields; what counts only at a value of another one stands right behind it."""
    own = [setting for setting in shown_settings() if setting.group == group]
    names = {setting.name for setting in own}
    for setting in own:
        only = setting.knob.only_with
        if only is None or only[0] not in names:
            yield setting
            yield from (other for other in own if other.knob.only_with and other.knob.only_with[0] == setting.name)


def _draw_one(setting: Setting, drawn: dict[str, Field], beside: dict[str, Any]) -> None:
    """A setting, and what stands beside some."""
    if setting.widget == "method":
        beside["named"] = method_panel.draw_method()
        return
    drawn[setting.name] = fields.draw(setting)
    if setting.name == "texts":
        beside["upload"] = gr.UploadButton(
            words.UPLOAD_TEXTS, file_count="multiple", file_types=list(uploads.KINDS), size="sm", elem_id="upload-texts"
        )
        beside["uploaded"] = gr.Markdown(words.UPLOAD_INFO, elem_id="uploaded")


@contextlib.contextmanager
def _folded(group: str, title: str) -> Iterator[None]:
    """Where the settings of a group stand that most visitors leave alone."""
    opened: AbstractContextManager[Any] = gr.Accordion(getattr(words, title), open=False, elem_id=f"more-{group}")
    with opened:
        explained = getattr(words, f"{title}_HELP", "")
        if explained:
            gr.Markdown(explained)
        yield
