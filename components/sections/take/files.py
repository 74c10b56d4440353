"""Files of a run, and the link to it."""

import dataclasses
import importlib.util
from typing import Any

import gradio as gr

from components.environment import shared_server
from components.i18n import words
from components.store import DAYS, EXAMPLES, QUOTA
from components.widgets import progress_bar

PICTURES = ("png", "svg")
"""Kinds of files that a package draws which may be missing."""
EXPAND = "(query) => query && query.startsWith('?') ? location.origin + location.pathname + query : query"
"""Only the browser knows under which address the page was reached."""


@dataclasses.dataclass(frozen=True)
class FilesPart:
    """Widgets of the part."""

    kind: gr.Dropdown
    help: gr.Markdown
    make: gr.Button
    download: gr.DownloadButton
    status: gr.HTML
    link: gr.Textbox
    who: gr.Markdown


def draw() -> FilesPart:
    """Draw the part where the caller stands."""
    with gr.Row():
        with gr.Column(scale=3, min_width=300):
            gr.Markdown(f"{words.TAKE_FILES_HEADING}\n{words.TAKE_FILES_HELP}")
            kind = gr.Dropdown(
                [(text, name) for name, text in words.TAKE_FILE_KINDS.items()], value="tables", label=words.TAKE_FILE_KIND,
                elem_id="take-kind", filterable=False,
            )  # fmt: skip
            help = gr.Markdown(words.TAKE_FILE_HELP["tables"], elem_id="take-kind-help")
            with gr.Row():
                make = gr.Button(words.TAKE_MAKE_FILE, variant="primary", elem_id="take-make", min_width=120)
                download = gr.DownloadButton(words.TAKE_DOWNLOAD, interactive=False, elem_id="take-file", min_width=120)
            status = gr.HTML("", elem_id="take-file-status")
        with gr.Column(scale=2, min_width=300):
            gr.Markdown(words.TAKE_SHARE_HEADING)
            link = gr.Textbox(label=words.TAKE_LINK, interactive=False, buttons=["copy"], elem_id="take-link")
            who = gr.Markdown(elem_id="take-link-help")
    return FilesPart(kind, help, make, download, status, link, who)


def show(part: FilesPart, run: str) -> dict[Any, Any]:
    """The part for a run; the link was shown before."""
    strangers = words.TAKE_LINK_SHARED.format(days=DAYS, size=words.take_size(QUOTA))
    who = words.TAKE_LINK_EXAMPLE if run in EXAMPLES else strangers if shared_server() else words.TAKE_LINK_LOCAL
    return {part.who: who, **changed(part)}


def changed(part: FilesPart) -> dict[Any, Any]:
    """Another file is wanted, or a file of another run: what was made before is not it."""
    return {part.download: gr.update(value=None, interactive=False), part.status: ""}


def choose(part: FilesPart, kind: str) -> dict[Any, Any]:
    """Another kind of file."""
    drawn = kind not in PICTURES or importlib.util.find_spec("kaleido") is not None
    help = words.TAKE_FILE_HELP[kind] if drawn else words.TAKE_NO_KALEIDO
    return {part.help: help, part.make: gr.update(interactive=drawn), **changed(part)}


def made(part: FilesPart, path: str, size: int) -> dict[Any, Any]:
    """The file is there."""
    said = f"{path.rpartition('/')[2]}, {words.take_size(size)}"
    return {part.download: gr.update(value=path, interactive=True), part.status: progress_bar.sentence(said, "good")}
