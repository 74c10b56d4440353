"""The pruned model: as a file or folder, or uploaded to the Hub."""

import dataclasses
import importlib.util
import os
from pathlib import Path
from typing import Any

import gradio as gr

from components.engine import importing
from components.environment import shared_server
from components.i18n import words
from components.jobs.export import ModelWritten, own_folder
from components.jobs.panel import JobPanel
from components.jobs.pruned import size_of, why_not
from components.jobs.tokens import VAULT
from components.scratch import Scratch, room
from components.store import RunStore
from mwanda_core.errors import InputError
from mwanda_core.store.report import RunReport


@dataclasses.dataclass(frozen=True)
class ModelPart:
    """Widgets of the part."""

    help: gr.Markdown
    absent: gr.Markdown
    body: gr.Column
    card: gr.Markdown
    folder: gr.Textbox
    export: gr.Button
    download: gr.DownloadButton
    name: gr.Textbox
    token: gr.Textbox
    private: gr.Checkbox
    push: gr.Button
    job: JobPanel


def draw() -> ModelPart:
    """Draw the part where the caller stands."""
    gr.Markdown(words.TAKE_MODEL_HEADING)
    help = gr.Markdown(elem_id="take-model-help")
    absent = gr.Markdown(visible=False, elem_id="take-model-absent", elem_classes=["mw-absent"])
    with gr.Accordion(words.TAKE_CARD_PREVIEW, open=False):
        card = gr.Markdown(elem_id="take-model-card", elem_classes=["mw-text"], sanitize_html=True)
    with gr.Column(visible=False, elem_id="take-model") as body:
        folder = gr.Textbox(
            label=words.TAKE_FOLDER,
            info=words.TAKE_FOLDER_INFO,
            visible=not shared_server(),
            elem_id="take-folder",
            max_lines=1,
        )
        with gr.Row():
            export = gr.Button(words.TAKE_EXPORT, variant="primary", elem_id="take-export", min_width=120)
            cancel = gr.Button(words.CANCEL, variant="stop", interactive=False, elem_id="take-cancel", min_width=80)
            download = gr.DownloadButton(words.TAKE_DOWNLOAD_MODEL, interactive=False, elem_id="take-model-file", min_width=120)
        status = gr.HTML("", elem_id="take-status")
        name, token, private, push = _draw_push()
    job = JobPanel(gr.State(""), (export, push), cancel, status, cancelled="TAKE_CANCELLED")
    return ModelPart(help, absent, body, card, folder, export, download, name, token, private, push, job)


def _draw_push() -> tuple[gr.Textbox, gr.Textbox, gr.Checkbox, gr.Button]:
    gr.Markdown(f"{words.TAKE_PUSH_HEADING}\n{words.TAKE_PUSH_HELP}")
    if can_sign_in():
        gr.Markdown(words.TAKE_PUSH_SIGNED)
        gr.LoginButton(size="sm")
    with gr.Row():
        name = gr.Textbox(label=words.TAKE_PUSH_NAME, info=words.TAKE_PUSH_NAME_INFO, elem_id="take-push-name", min_width=200)
        token = gr.Textbox(
            label=words.TAKE_PUSH_TOKEN, info=words.TAKE_PUSH_TOKEN_INFO, type="password", elem_id="take-push-token", min_width=200,
            html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
        )  # fmt: skip
    private = gr.Checkbox(True, label=words.TAKE_PUSH_PRIVATE, elem_id="take-push-private")
    push = gr.Button(words.TAKE_PUSH, elem_id="take-push", min_width=120)
    return name, token, private, push


def can_sign_in() -> bool:
    """Whether this is a Space with sign-in switched on, and Gradio's extra for it is installed."""
    return bool(shared_server() and os.environ.get("OAUTH_CLIENT_ID") and importlib.util.find_spec("authlib"))


def show(part: ModelPart, report: RunReport, run: str, store: RunStore, scratch: Scratch) -> dict[Any, Any]:
    """The part for a run: what is possible, and a file that was made earlier and is still there."""
    problem = why_not(report, run, store)
    ready = scratch.find("models", run)
    size = words.take_size(size_of(report))
    help = " ".join(
        [
            words.TAKE_MODEL_HELP.format(size=size),
            words.TAKE_LICENCE,
            words.TAKE_SCRATCH.format(count=scratch.shelves["models"].kept),
        ]
    )
    return {
        part.help: help,
        part.absent: gr.update(value=problem, visible=bool(problem)),
        part.body: gr.update(visible=not problem),
        part.card: model_card(report),
        part.folder: gr.update(visible=not shared_server()),
        part.download: gr.update(value=None if ready is None else str(ready), interactive=ready is not None),
        part.token: "",
        part.job.status: "",
    }


def model_card(report: RunReport) -> str:
    """The card as it will be written, without the fields for machines on top."""
    with importing():
        from mwanda_core.after.export import model_card as written
        from mwanda_core.after.hub import licence_of
    try:
        found = written(report, licence_of(str(report.facts["model"]["source"])))
    except (InputError, KeyError, TypeError) as error:  # A run of another version.
        return words.TAKE_NO_CARD.format(problem=error)
    return found.split("---\n", 2)[-1]


def export_request(run: str, report: RunReport, store: RunStore, folder: str) -> dict[str, Any]:
    """What the job is asked for.

    Raises InputError for what can be refused before the model is loaded.
    """
    if problem := why_not(report, run, store):
        raise InputError(problem)
    if folder.strip():
        found = own_folder(folder)
        room(found, size_of(report))
        folder = str(found)
    return {"kind": "export", "run": run, "folder": folder.strip()}


def push_request(run: str, report: RunReport, store: RunStore, name: str, token: str, private: bool) -> dict[str, Any]:
    """What the job is asked for; the token stays in the vault.

    Raises InputError for what can be refused before the model is loaded.
    """
    with importing():
        from mwanda_core.after.hub import check_upload
    if problem := why_not(report, run, store):
        raise InputError(problem)
    check_upload(name.strip(), token)
    return {"kind": "push", "run": run, "name": name.strip(), "private": private, "ticket": VAULT.put(token.strip())}


def done(part: ModelPart, shown: str, result: Any) -> dict[Any, Any]:
    """A job ended well. Its file is offered with the run that is shown, which may be another one by now."""
    if not isinstance(result, ModelWritten) or not result.size or result.run != shown or not Path(result.path).is_file():
        return {}
    return {part.download: gr.update(value=result.path, interactive=True)}
