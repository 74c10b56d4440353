"""The widgets of a job, and how they follow it: its buttons, its status line, its log."""

import dataclasses
from collections.abc import AsyncIterator, Callable
from typing import Any

import gradio as gr

from components.i18n import words
from components.jobs.compute import Compute
from components.jobs.kind import Request, Result
from components.widgets import progress_bar
from mwanda_core.errors import InputError
from mwanda_core.run.jobs import JobView

Updates = dict[Any, Any]


def _nothing(result: Any) -> Updates:
    return {}


@dataclasses.dataclass(frozen=True)
class JobPanel:
    """What belongs to one job at a time. starts: buttons that wait while it runs. cancelled: the key of what is said when it was. enough: the
    button that ends it well with what it knows."""

    job: gr.State | gr.BrowserState
    starts: tuple[gr.Button, ...]
    cancel: gr.Button
    status: gr.HTML
    log: gr.Textbox | None = None
    cancelled: str = "CANCELLED"
    enough: gr.Button | None = None

    @property
    def outputs(self) -> list[Any]:
        """What the methods update."""
        return [self.job, *self.shown]

    @property
    def shown(self) -> list[Any]:
        """The same without the job's name, which following it does not change."""
        return [*self.starts, self.cancel, self.status, *filter(None, (self.log, self.enough))]

    def busy(self, yes: bool) -> Updates:
        """Nothing else is started while a job is under way."""
        ended = {self.enough: gr.update(interactive=False)} if self.enough else {}
        return {
            self.cancel: gr.update(interactive=yes),
            **{start: gr.update(interactive=not yes) for start in self.starts},
            **ended,
        }

    def begin(self, compute: Compute, request: Callable[[], Request]) -> Updates:
        """Hand a request on, or say in one sentence why not."""
        try:
            return self.begun(compute.submit(request()))
        except InputError as error:
            return self.refused(error)

    def begun(self, job: str) -> Updates:
        """A job was handed on."""
        said = {self.log: ""} if self.log else {}
        return {self.job: job, **self.busy(True), self.status: progress_bar.sentence(words.STARTING), **said}

    def refused(self, error: InputError) -> Updates:
        """No job was begun."""
        gr.Warning(words.library(error))
        return {self.job: "", self.status: progress_bar.sentence(words.library(error), "bad")}

    async def looks(self, compute: Compute, job: str) -> AsyncIterator[tuple[Updates, JobView | None]]:
        """Updates for every look at a job until it is over, with the look; None for a job that is not known (any more)."""
        if not job:  # A generator that says nothing would leave every widget empty.
            yield {self.status: gr.skip()}, None
            return
        try:
            async for view in compute.views(job):
                if view.state == "failed":
                    gr.Warning(view.error)
                yield self.seen(view), view
        except InputError as error:
            yield {**self.busy(False), self.status: progress_bar.sentence(words.library(error), "info")}, None

    async def follow(
        self, compute: Compute, job: str, done: Callable[[Any], Updates] = _nothing, so_far: Callable[[Any], Updates] = _nothing
    ) -> AsyncIterator[Updates]:
        """Updates until the job is over; `done` gets its result, `so_far` whatever it shows on the way, each once."""
        seen: Any = None
        async for updates, view in self.looks(compute, job):
            more: Updates = {}
            if view is not None and view.found is not seen:
                seen = view.found
                more = so_far(seen)
            yield {**updates, **more, **(done(view.result) if view is not None and view.state == "done" else {})}

    def seen(self, view: JobView) -> Updates:
        """One look at the job."""
        if view.state == "cancelled":
            status = progress_bar.sentence(getattr(words, self.cancelled), "info")
        elif view.state == "done":
            ended = view.result.sentence(view) if isinstance(view.result, Result) else words.finished(view.title, view.elapsed)
            status = progress_bar.sentence(ended, "good")
        else:
            status = progress_bar.bar(view)
        updates = {**self.busy(not view.finished), self.status: status}
        if self.log:
            updates[self.log] = progress_bar.log_text(view)
        if self.enough:
            updates[self.enough] = gr.update(interactive=view.can_end)
        if view.cancelling:
            updates[self.cancel] = gr.update(interactive=False)
        return updates

    def stop(self, compute: Compute, job: str) -> Updates:
        """Cancel was pressed."""
        if job:
            compute.cancel(job)
        return {self.cancel: gr.update(interactive=False)}

    def end(self, compute: Compute, job: str) -> Updates:
        """Enough was pressed."""
        if job:
            compute.enough(job)
        return {self.enough: gr.update(interactive=False)}


def buttons(
    name: str, start: str, *more: gr.Button, cancelled: str = "CANCELLED", log: str = "", kept: bool = False
) -> JobPanel:
    """A job's panel, drawn where the caller stands: a button to start it, one to cancel it, its status, its log.

    name: of the widgets' ids. start: what the button says. more: other buttons that start it. log: the log's heading, where there
    is one. kept: whether the visitor's browser remembers the job.
    """
    with gr.Row():
        first = gr.Button(start, variant="primary", elem_id=f"{name}-start", scale=2, min_width=140)
        cancel = gr.Button(words.CANCEL, variant="stop", interactive=False, elem_id=f"{name}-cancel", scale=1, min_width=100)
    status = gr.HTML(progress_bar.bar(None), elem_id=f"{name}-status")
    box = log_box(f"{name}-log", log) if log else None
    return JobPanel(remembered(f"{name}-job") if kept else gr.State(""), (first, *more), cancel, status, box, cancelled)


def two_acts(name: str, first: str, second: str) -> JobPanel:
    """A job's panel with two buttons that start it, drawn where the caller stands."""
    with gr.Row():
        starts = (
            gr.Button(first, variant="primary", elem_id=f"{name}-prune", min_width=140),
            gr.Button(second, elem_id=f"{name}-back", min_width=140),
        )
        cancel = gr.Button(words.CANCEL, variant="stop", interactive=False, elem_id=f"{name}-cancel", min_width=100)
    status = gr.HTML(progress_bar.bar(None), elem_id=f"{name}-status")
    return JobPanel(gr.State(""), starts, cancel, status, cancelled="TAKE_CANCELLED")


def remembered(name: str) -> gr.BrowserState:
    """A text that the visitor's browser keeps."""
    return gr.BrowserState("", storage_key=f"mwanda-explorer-{name}", secret="mwanda-explorer")


def log_box(name: str, label: str) -> gr.Textbox:
    """A log, folded, drawn where the caller stands."""
    with gr.Accordion(label, open=False):
        box = gr.Textbox(
            lines=8, max_lines=8, autoscroll=True, show_label=False, label=label, interactive=False, elem_id=name, elem_classes=["mw-log"]
        )  # fmt: skip
    return box
