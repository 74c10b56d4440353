"""Benchmarks, studies and spared neurons: what a run may be asked beside the losses."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import gradio as gr

from components.form.choices import DEFAULT_LANGUAGES, label
from components.form.form import Form, shared_server
from components.i18n import words


@dataclasses.dataclass(frozen=True)
class MeasurePanel:
    """Widgets of the panel."""

    tasks: gr.Dropdown
    task_texts: gr.Radio
    task_folder: gr.Textbox
    task_items: gr.Slider
    studies: gr.CheckboxGroup
    spare: gr.Dropdown


def draw() -> MeasurePanel:
    """Draw the panel where the caller stands."""
    with gr.Accordion(words.MEASURE_MORE, open=False, elem_id="measure-more"):
        gr.Markdown(words.MEASURE_MORE_HELP)
        tasks = gr.Dropdown(
            [(words.task_label(name), name) for name in words.TASK_NAMES], value=list(Form.tasks), multiselect=True, label=words.TASKS_LABEL,
            info=words.TASKS_INFO, elem_id="tasks",
        )  # fmt: skip
        task_texts = gr.Radio(
            [(text, name) for name, text in words.TASK_SOURCES.items()], value=Form.task_texts, label=words.TASK_TEXTS, elem_id="task-texts",
            visible=not shared_server(),
        )  # fmt: skip
        task_folder = gr.Textbox(
            label=words.TASK_FOLDER, info=words.TASK_FOLDER_INFO, visible=False, max_lines=1, elem_id="task-folder"
        )
        task_items = gr.Slider(
            10, 1000, value=Form.task_items, step=10, label=words.TASK_ITEMS, info=words.TASK_ITEMS_INFO, elem_id="task-items"
        )
        studies = gr.CheckboxGroup(
            [(words.study_label(name), name) for name in words.STUDY_TITLES], value=list(Form.studies), label=words.STUDIES_LABEL, elem_id="studies"
        )  # fmt: skip
        spare = gr.Dropdown(
            [(label(code), code) for code in DEFAULT_LANGUAGES], value=list(Form.spare_neurons), multiselect=True, label=words.SPARE,
            info=words.SPARE_INFO, elem_id="spare",
        )  # fmt: skip
    return MeasurePanel(tasks, task_texts, task_folder, task_items, studies, spare)


def spare_menu(languages: Sequence[str] | None, chosen: Sequence[str] | None) -> Any:
    """The calibration languages are those whose neurons can be found; what was chosen of them stays chosen."""
    codes = list(languages or ())
    return gr.update(choices=[(label(code), code) for code in codes], value=[code for code in chosen or () if code in codes])
