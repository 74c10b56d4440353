"""The run that the form asks for, and the run that is shown: from the button to the figures of every section."""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import gradio as gr

from components.context import PRIVATE, Opening, PageContext, Section, Updates
from components.environment import shared_server
from components.form import cost, memory
from components.form.form import make_request, refuse
from components.i18n import words
from components.report import story
from components.store import EXAMPLE, EXAMPLES


@dataclasses.dataclass(frozen=True)
class Runs:
    """What the page does as a whole. sections: by their names; openings: what opens each.

    A section is drawn when it is looked at: at once for another run where it is open, else when it is opened.
    """

    context: PageContext
    sections: Mapping[str, Section]
    openings: Mapping[str, Opening] = dataclasses.field(default_factory=dict)

    def connect(self) -> None:
        """The buttons of the form, the menu of earlier runs, and a page that opens."""
        context, job, shown = self.context, self.context.run.job, self.context.shown
        long: dict[str, Any] = {**PRIVATE, "concurrency_limit": None}
        context.run.starts[0].click(self.begin, set(context.form.inputs), context.run.outputs, **PRIVATE).then(
            context.watch, [job, shown], context.watched, **long
        )
        context.run.cancel.click(self.cancel, job, context.run.cancel, **PRIVATE)
        if context.run.enough:
            context.run.enough.click(lambda name: context.run.end(context.compute, name), job, context.run.enough, **PRIVATE)
        current, wanted = gr.State(next(iter(self.sections), "")), {name: gr.State("") for name in self.sections}
        drawn = context.redraw(
            shown.change,
            lambda run, name: self.show(run, wanted.get(name)),
            [shown, current],
            [context.banner, *wanted.values()],
            **PRIVATE,
        )
        for name, opening in self.openings.items():
            opening.select(lambda run, name=name: (name, run), shown, [current, wanted[name]], **PRIVATE)
            section = self.sections[name]
            if section.filled():
                fill, inputs = functools.partial(self.fill, section), [wanted[name], *section.kept()]
                context.redraw(wanted[name].change, fill, inputs, [context.banner, *section.filled()], **PRIVATE)
        listed = context.redraw(drawn.then, context.list_earlier, shown, context.earlier, **PRIVATE)
        context.redraw(listed.then, lambda run: run, shown, context.drawn, **PRIVATE)
        context.earlier.input(lambda run_id: run_id, context.earlier, shown, **PRIVATE)
        context.demo.load(self.arrive, job, [job, shown], **PRIVATE).then(context.watch, [job, shown], context.watched, **long)

    def begin(self, values: Updates) -> Updates:
        """Prune was pressed: hand the request on, or say in one sentence why not."""

        def request() -> dict[str, Any]:
            found = make_request(self.context.form.read(values))
            refuse(found)
            return found

        return self.context.run.begin(self.context.compute, request)

    @property
    def foreseen(self) -> list[Any]:
        """The widgets that `foresee` changes."""
        button = self.context.button
        return [button.cost, button.details, self.context.form.method.problem, button.memory]

    def foresee(self, values: Updates) -> Updates:
        """Something was changed: what the run would cost, or why it cannot be started; nothing is started."""
        form = self.context.form.read(values)
        line, details, problem = cost.foresee(form, self.context.store)
        refused = gr.update(value=words.PROBLEM.format(problem=problem), visible=bool(problem))
        return dict(zip(self.foreseen, (line, details, refused, memory.told(form)), strict=True))

    def cancel(self, job: str) -> Updates:
        """Cancel was pressed."""
        return self.context.run.stop(self.context.compute, job)

    def arrive(self, job: str | None, request: gr.Request) -> Updates:
        """The page was opened: find its job again, or the one that is running, and the run that the link names."""
        compute, store = self.context.compute, self.context.store
        wanted = str(dict(request.query_params).get("run", ""))
        mine = job if job and compute.knows(job) else ""
        if not mine and compute.outlives_page and not shared_server():
            mine = compute.active()
        first = wanted or (EXAMPLE if store.has_example() else "")
        return {self.context.run.job: mine, self.context.shown: first}

    def show(self, run_id: str, wanted: gr.State | None = None) -> Updates:
        """Say which run is shown, and have it drawn where the visitor looks (`wanted`); when it cannot be read, keep what is there."""
        banner = self.context.banner
        if not run_id:
            return {banner: words.NO_RUN}
        report = self.context.report(run_id)
        if report is None:
            return self.context.nothing
        return {banner: story.banner(report, run_id in EXAMPLES), **({} if wanted is None else {wanted: run_id})}

    def fill(self, section: Section, run_id: str, *kept: Any) -> Updates:
        """Draw a run in one section."""
        report = self.context.quiet_report(run_id)
        return section.fill(report, *kept) if report is not None else self.context.nothing
