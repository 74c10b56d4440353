"""What a visitor takes away from a run: files, a link, the command, the pruned model, what it costs, and the run itself."""

import dataclasses
from collections.abc import AsyncIterator, Callable
from typing import Any

import gradio as gr

from components.context import PRIVATE, Opening, Section, Updates
from components.i18n import words
from components.jobs.panel import JobPanel
from components.jobs.pruned import why_not
from components.jobs.tokens import VAULT
from components.sections.take import costs, files, keep, model, packing, repeat
from components.store import EXAMPLE
from components.widgets import progress_bar
from components.widgets.inputs import widgets
from mwanda_core.errors import InputError


@dataclasses.dataclass(frozen=True)
class Widgets:
    """The parts of the tab."""

    nothing: gr.Markdown
    files: files.FilesPart
    again: repeat.AgainPart
    model: model.ModelPart
    cost: costs.CostPart
    keep: keep.KeepPart


class Take(Section):
    """The run that is shown, for elsewhere."""

    id, title = "take", "TAB_TAKE"
    widgets: Widgets

    @classmethod
    def draw(cls) -> Widgets:
        """Draw the tab where the caller stands."""
        nothing = gr.Markdown(words.TAKE_NOTHING, elem_id="take-nothing")
        return Widgets(nothing, files.draw(), repeat.draw(), model.draw(), costs.draw(), keep.draw())

    def connect(self, opening: Opening) -> None:
        """Everything is shown once the figures are there: it needs the engine."""
        context, shown, part = self.context, self.context.shown, self.widgets.files
        everything = [context.banner, *widgets(self.widgets)]
        context.redraw(shown.change, self.show_link, shown, [part.link, self.widgets.nothing], **PRIVATE)
        context.redraw(context.drawn.change, self.show, shown, everything, **PRIVATE)
        part.link.change(None, part.link, part.link, js=files.EXPAND, **PRIVATE)
        of_file = [part.make, part.download, part.status, part.help]
        part.kind.change(lambda kind: files.choose(part, kind), part.kind, of_file, **PRIVATE)
        slow: dict[str, Any] = {**PRIVATE, "show_progress": "minimal", "concurrency_limit": 2}
        part.make.click(self.make, [shown, part.kind], of_file, **slow)
        self._connect_jobs()
        self._connect_keep()

    def _connect_jobs(self) -> None:
        part, cost, shown = self.widgets.model, self.widgets.cost, self.context.shown

        def push(run: str, name: str, token: str, private: bool, signed: gr.OAuthToken | None) -> Updates:
            return self.push(run, name, token or (signed.token if signed else ""), private)

        begun = part.export.click(self.export, [shown, part.folder], part.job.outputs, **PRIVATE)
        self._follow(begun, part.job, lambda run, result: model.done(part, run, result), [part.download])
        typed = [shown, part.name, part.token, part.private]
        begun = part.push.click(push, typed, [part.token, *part.job.outputs], **PRIVATE)
        self._follow(begun, part.job, lambda run, result: model.done(part, run, result), [part.download])
        begun = cost.measure.click(self.measure, [shown, cost.tokens, cost.repeats], cost.job.outputs, **PRIVATE)
        self._follow(begun, cost.job, lambda run, result: costs.done(cost, run, result), [cost.table, cost.text])
        for job in (part.job, cost.job):
            job.cancel.click(lambda id, job=job: job.stop(self.context.compute, id), job.job, job.cancel, **PRIVATE)

    def _follow(self, begun: Any, job: JobPanel, done: Callable[[str, Any], Updates], more: list[Any]) -> None:
        async def follow(id: str, run: str) -> AsyncIterator[Updates]:
            async for updates in job.follow(self.context.compute, id, lambda result: done(run, result)):
                yield updates

        begun.then(follow, [job.job, self.context.shown], [*job.outputs, *more], concurrency_limit=None, **PRIVATE)

    def _connect_keep(self) -> None:
        part, context = self.widgets.keep, self.context
        part.save.click(self.name, [context.shown, part.note], part.status, **PRIVATE).then(
            context.list_earlier, context.shown, context.earlier, **PRIVATE
        )
        part.delete.click(self.delete, [context.shown, part.sure], [part.status, part.sure, context.shown], **PRIVATE)
        part.archive.upload(self.take_in, part.archive, [part.status, part.archive, context.shown], **PRIVATE)

    def show_link(self, run: str) -> Updates:
        """The link to the run, before the engine is imported. It is completed in the browser."""
        return {self.widgets.files.link: f"?run={run}" if run else "", self.widgets.nothing: gr.update(visible=not run)}

    def show(self, run: str) -> Updates:
        """The tab for the run that is shown; it stays as it is where the run cannot be read. Imports the engine."""
        ours, store = self.widgets, self.context.store
        report = self.context.quiet_report(run)
        if report is None:
            return self.context.nothing
        return {
            **files.show(ours.files, run),
            **repeat.show(ours.again, report, store.path(run)),
            **model.show(ours.model, report, run, store, self.context.scratch),
            **costs.show(ours.cost, not why_not(report, run, store)),
            **keep.show(ours.keep, run, store),
        }

    def make(self, run: str, kind: str) -> Updates:
        """The file that was asked for."""
        part = self.widgets.files
        try:
            path = packing.make(self.context, kind, _shown(run))
        except InputError as error:
            gr.Warning(words.library(error))
            return {**files.changed(part), part.status: progress_bar.sentence(words.library(error), "bad")}
        return files.made(part, str(path), path.stat().st_size)

    def export(self, run: str, folder: str) -> Updates:
        """Export was pressed."""
        store = self.context.store

        def request() -> dict[str, Any]:
            return model.export_request(_shown(run), store.load(run), store, folder or "")

        return self.widgets.model.job.begin(self.context.compute, request)

    def push(self, run: str, name: str, token: str, private: bool) -> Updates:
        """Upload was pressed. The field is emptied, whatever becomes of it."""
        part, store = self.widgets.model, self.context.store
        made: list[dict[str, Any]] = []

        def request() -> dict[str, Any]:
            made.append(model.push_request(_shown(run), store.load(run), store, name or "", token or "", private))
            return made[0]

        updates = part.job.begin(self.context.compute, request)
        if made and not updates[part.job.job]:  # The queue was full.
            VAULT.forget(made[0]["ticket"])
        return {part.token: "", **updates}

    def measure(self, run: str, tokens: float, repeats: float) -> Updates:
        """Measure was pressed."""
        return self.widgets.cost.job.begin(self.context.compute, lambda: costs.request(run, tokens, repeats))

    def name(self, run: str, given: str) -> Updates:
        """A name was given to the run."""
        return keep.name(self.widgets.keep, self.context.store, run, given)

    def delete(self, run: str, sure: bool) -> Updates:
        """Delete was pressed: afterwards the example is shown."""
        store = self.context.store
        updates, gone = keep.delete(self.widgets.keep, store, run, sure)
        return {**updates, self.context.shown: EXAMPLE if store.has_example() else ""} if gone else updates

    def take_in(self, file: str | None) -> Updates:
        """A run was uploaded: it is shown."""
        updates, run = keep.take_in(self.widgets.keep, self.context.store, file)
        return {**updates, self.context.shown: run} if run else updates


def _shown(run: str) -> str:
    """Raises InputError when no run is shown."""
    if not run:
        raise InputError(words.TAKE_NOTHING)
    return run
