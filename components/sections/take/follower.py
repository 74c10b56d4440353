"""A job as this tab follows it: a status line, a button to stop it, and what to do with its result."""

import dataclasses
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import gradio as gr

from components.i18n import words
from components.jobs.compute import Compute
from components.widgets import progress_bar as watching
from mwanda_core.errors import InputError
from mwanda_core.run.jobs import JobView

Updates = dict[Any, Any]


@dataclasses.dataclass(frozen=True)
class JobPanel:
    """The widgets that belong to a job. `starts`: buttons that wait while it runs."""

    job: gr.State
    starts: tuple[gr.Button, ...]
    cancel: gr.Button
    status: gr.HTML

    @property
    def outputs(self) -> list[Any]:
        """What `begin` and `follow` update."""
        return [self.job, *self.starts, self.cancel, self.status]

    def busy(self, busy: bool) -> Updates:
        """Nothing else is started meanwhile."""
        return {self.cancel: gr.update(interactive=busy), **{start: gr.update(interactive=not busy) for start in self.starts}}

    def begin(self, compute: Compute, request: Callable[[], Mapping[str, Any]]) -> Updates:
        """Hand a request on, or say in one sentence why not."""
        try:
            job = compute.submit(request())
        except InputError as error:
            gr.Warning(words.library(error))
            return {self.job: "", self.status: watching.sentence(words.library(error), "bad")}
        return {self.job: job, **self.busy(True), self.status: watching.sentence(words.STARTING)}

    async def follow(self, compute: Compute, job: str, done: Callable[[dict[str, Any]], Updates]) -> AsyncIterator[Updates]:
        """Updates until the job is over; `done` gets its result."""
        if not job:
            yield {self.status: gr.skip()}
            return
        try:
            async for view in compute.views(job):
                updates = {**self.busy(not view.finished), self.status: told(view)}
                if view.cancelling:
                    updates[self.cancel] = gr.update(interactive=False)
                if view.state == "failed":
                    gr.Warning(view.error)
                yield {**updates, **(done(json.loads(view.result)) if view.state == "done" else {})}
        except InputError as error:
            yield {**self.busy(False), self.status: watching.sentence(words.library(error), "info")}

    def stop(self, compute: Compute, job: str) -> Updates:
        """Cancel was pressed."""
        if job:
            compute.cancel(job)
        return {self.cancel: gr.update(interactive=False)}


def told(view: JobView) -> str:
    """The status line."""
    if view.state == "cancelled":
        return watching.sentence(words.TAKE_CANCELLED, "info")
    if view.state == "done":
        return watching.sentence(words.take_done(json.loads(view.result), view.elapsed), "good")
    return watching.bar(view)
