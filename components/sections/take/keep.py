"""Naming, deleting and taking in runs, on a machine of one's own."""

import contextlib
import dataclasses
from pathlib import Path
from typing import Any

import gradio as gr

from components import run_names
from components.environment import shared_server
from components.i18n import words
from components.store import EXAMPLES, RunStore
from components.widgets import progress_bar
from mwanda_core.errors import InputError
from mwanda_core.store.archive import import_zip


@dataclasses.dataclass(frozen=True)
class KeepPart:
    """Widgets of the part."""

    body: gr.Column
    own: gr.Column
    note: gr.Textbox
    save: gr.Button
    sure: gr.Checkbox
    delete: gr.Button
    archive: gr.File
    status: gr.HTML


def draw() -> KeepPart:
    """Draw the part where the caller stands; nothing of it on a shared server."""
    with gr.Column(visible=not shared_server(), elem_id="take-keep") as body:
        gr.Markdown(words.TAKE_KEEP_HEADING)
        status = gr.HTML("", elem_id="take-keep-status")
        with gr.Row():
            with gr.Column(min_width=300, visible=False) as own:
                note = gr.Textbox(label=words.TAKE_NOTE, info=words.TAKE_NOTE_INFO, max_lines=1, elem_id="take-note")
                save = gr.Button(words.TAKE_NOTE_SAVE, size="sm", elem_id="take-note-save")
                sure = gr.Checkbox(False, label=words.TAKE_DELETE_SURE, elem_id="take-sure")
                delete = gr.Button(words.TAKE_DELETE, variant="stop", size="sm", elem_id="take-delete")
            with gr.Column(min_width=300):
                archive = gr.File(
                    label=words.TAKE_IMPORT, file_types=[".zip"], type="filepath", height=160, elem_id="take-import"
                )
    return KeepPart(body, own, note, save, sure, delete, archive, status)


def show(part: KeepPart, run: str, store: RunStore) -> dict[Any, Any]:
    """The part for a run."""
    if shared_server():
        return {part.body: gr.update(visible=False), part.own: gr.update(visible=False)}
    return {
        part.body: gr.update(visible=True),
        part.own: gr.update(visible=run not in EXAMPLES),
        part.note: run_names.read(store.folder).get(run, ""),
        part.sure: False,
    }


def name(part: KeepPart, store: RunStore, run: str, given: str) -> dict[Any, Any]:
    """Give the run a name."""
    try:
        _own(run)
        run_names.save(store.folder, run, given)
    except InputError as error:
        return _bad(part, error)
    return {part.status: progress_bar.sentence(words.TAKE_NOTE_SAVED, "good")}


def delete(part: KeepPart, store: RunStore, run: str, sure: bool) -> tuple[dict[Any, Any], bool]:
    """Remove the run for good; whether that was done."""
    try:
        _own(run)
        if not sure:
            raise InputError(words.TAKE_DELETE_ASK)
        store.delete(run)
        run_names.forget(store.folder, run)
    except InputError as error:
        return _bad(part, error), False
    return {part.status: progress_bar.sentence(words.TAKE_DELETED, "good"), part.sure: False}, True


def take_in(part: KeepPart, store: RunStore, file: str | None) -> tuple[dict[Any, Any], str]:
    """Take in an uploaded run; its id, "" when it was refused."""
    if not file:
        return {part.archive: gr.skip()}, ""
    try:
        if shared_server():
            raise InputError(words.TAKE_LOCAL_ONLY)
        found = import_zip(store.kept, Path(file))
    except InputError as error:
        return {**_bad(part, error), part.archive: None}, ""
    finally:
        with contextlib.suppress(OSError):  # The upload was a copy; a run can be large.
            Path(file).unlink()
    return {part.status: progress_bar.sentence(words.TAKE_IMPORTED, "good"), part.archive: None}, found


def _own(run: str) -> None:
    """Raises InputError where a run is not the visitor's to change."""
    if shared_server():
        raise InputError(words.TAKE_LOCAL_ONLY)
    if not run or run in EXAMPLES:
        raise InputError(words.TAKE_DELETE_EXAMPLE if run else words.TAKE_NOTHING)


def _bad(part: KeepPart, error: InputError) -> dict[Any, Any]:
    gr.Warning(words.library(error))
    return {part.status: progress_bar.sentence(words.library(error), "bad")}
