"""A job of this tab as its part shows it: status, log, and which buttons can be pressed."""

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from components.i18n import words
from components.jobs.compute import Compute
from components.widgets import progress_bar as watching
from mwanda_core.errors import InputError
from mwanda_core.run.jobs import JobView

Updates = dict[Any, Any]


@dataclasses.dataclass(frozen=True)
class Runner:
    """The widgets of one job. start: every button that begins one."""

    start: tuple[gr.Button, ...]
    cancel: gr.Button
    status: gr.HTML
    log: gr.Textbox

    @property
    def all(self) -> list[Any]:
        """Every widget."""
        return [*self.start, self.cancel, self.status, self.log]


def log_box(name: str, label: str) -> gr.Textbox:
    """The log, drawn where the caller stands."""
    with gr.Accordion(label, open=False):
        return gr.Textbox(
            lines=8, max_lines=8, autoscroll=True, show_label=False, label=label, interactive=False, elem_id=f"{name}-log",
            elem_classes=["mw-log"],
        )  # fmt: skip


def busy(runner: Runner, yes: bool) -> Updates:
    """Buttons while a job is under way, and after it."""
    return {**{button: gr.update(interactive=not yes) for button in runner.start}, runner.cancel: gr.update(interactive=yes)}


def said(runner: Runner, text: str, kind: str = "bad") -> Updates:
    """One sentence of status; nothing is running."""
    return {runner.status: watching.sentence(text, kind), **busy(runner, False)}


def seen(runner: Runner, view: JobView, cancelled: str) -> Updates:
    """A look at the job. cancelled: what is said when it was."""
    status = watching.sentence(cancelled, "info") if view.state == "cancelled" else watching.bar(view)
    updates = {runner.status: status, runner.log: watching.log_text(view), **busy(runner, not view.finished)}
    if view.cancelling:
        updates[runner.cancel] = gr.update(interactive=False)
    return updates


async def follow(compute: Compute, runner: Runner, job: str, cancelled: str) -> AsyncIterator[tuple[Updates, Any]]:
    """Updates for every look at a job until it ends, with the look; none where there is no job."""
    if not job:
        return
    try:
        async for view in compute.views(job):
            if view.state == "failed":
                gr.Warning(view.error)
            yield seen(runner, view, cancelled), view
    except InputError as error:
        yield said(runner, words.library(error), "info"), None


def cancel(compute: Compute, runner: Runner, job: str) -> Updates:
    """Cancel was pressed."""
    if job:
        compute.cancel(job)
    return {runner.cancel: gr.update(interactive=False)}
