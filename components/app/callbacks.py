"""What the page does: every callback, on widgets that were drawn elsewhere. Tests call them without a browser."""

import dataclasses
from collections.abc import AsyncIterator, Callable
from typing import Any

import gradio as gr

from components.app.language_menu import Translator
from components.form import cost, run_panel
from components.form.form import Form, make_request, refuse, shared_server
from components.form.panel import FormPanel
from components.i18n import words
from components.jobs.compute import Compute
from components.report import story
from components.report.tables import Files
from components.sections.compare import tab as compare_tab
from components.sections.compare.desk import Desk
from components.sections.methods import tab as worth_tab
from components.sections.reasons import tab as reasons_tab
from components.sections.run import (
    activation as activation_tab,
    languages as languages_tab,
    overview as overview_tab,
    sparsity as sparsity_tab,
    tables as tables_tab,
)
from components.sections.sweeps import tab as searching_tab
from components.sections.sweeps.sweep_results import Sheets
from components.sections.take import tab as take_tab
from components.sections.weights import tab as weights_tab
from components.store import EXAMPLE, RunStore
from components.widgets import progress_bar as watching
from mwanda_core.errors import InputError
from mwanda_core.store.report import RunReport

Updates = dict[Any, Any]
"""Widget -> its new value or `gr.update`; widgets that are not named stay as they are."""


@dataclasses.dataclass(frozen=True)
class Panels:
    """Every panel of the page."""

    form: FormPanel
    run: run_panel.RunPanel
    banner: gr.Markdown
    earlier: gr.Dropdown
    overview: overview_tab.OverviewTab
    activation: activation_tab.ActivationTab
    sparsity: sparsity_tab.SparsityTab
    weights: weights_tab.WeightsTab
    per_language: languages_tab.LanguagesTab
    reasons: reasons_tab.ReasonsTab
    tables: tables_tab.TablesTab
    take: take_tab.TakeTab
    worth: worth_tab.WorthTab
    compare: compare_tab.CompareTab
    searching: searching_tab.SearchingTab


@dataclasses.dataclass(frozen=True)
class Page:
    """The page and what it works with. Its methods are the callbacks; tests call them without a browser.

    shown: the run whose figures are asked for. drawn: the same, once they are there: what takes longer begins with it.
    """

    demo: gr.Blocks
    panels: Panels
    compute: Compute
    store: RunStore
    files: Files
    job: gr.BrowserState
    shown: gr.State
    drawn: gr.State
    desk: Desk
    sheets: Sheets
    translator: Translator

    def form_of(self, values: Updates) -> Form:
        """The form from the values of its widgets."""
        return self.panels.form.read(values)

    @property
    def form_widgets(self) -> list[Any]:
        """The widgets that `form_of` reads."""
        return self.panels.form.inputs

    def begin(self, values: Updates) -> Updates:
        """Prune was pressed: hand the request on, or say in one sentence why not."""
        run = self.panels.run
        try:
            request = make_request(self.form_of(values))
            refuse(request)
            job = self.compute.submit(request)
        except InputError as error:
            gr.Warning(words.library(error))
            return {self.job: "", run.status: watching.sentence(words.library(error), "bad")}
        return {self.job: job, **self._busy(True), run.log: ""}

    def foresee(self, values: Updates) -> Updates:
        """Something was changed: what the run would cost, or why it cannot be started; nothing is started."""
        run, method = self.panels.run, self.panels.form.method
        line, details, problem = cost.foresee(self.form_of(values), self.store)
        return {
            run.cost: line,
            run.details: details,
            method.problem: gr.update(value=words.PROBLEM.format(problem=problem), visible=bool(problem)),
        }

    def cancel(self, job: str) -> Updates:
        """Cancel was pressed."""
        if job:
            self.compute.cancel(job)
        return {self.panels.run.cancel: gr.update(interactive=False)}

    def _busy(self, busy: bool) -> Updates:
        run = self.panels.run
        return {run.prune: gr.update(interactive=not busy), run.cancel: gr.update(interactive=busy)}

    async def watch(self, job: str) -> AsyncIterator[Updates]:
        """Follow a job until it ends. The job does not need this: it goes on when the page is closed."""
        run = self.panels.run
        if not job:
            yield {run.log: gr.skip()}
            return
        try:
            async for view in self.compute.views(job):
                updates = {run.status: watching.bar(view), run.log: watching.log_text(view), **self._busy(not view.finished)}
                if view.cancelling:
                    updates[run.cancel] = gr.update(interactive=False)
                # Jobs of the tabs end with JSON: there is no run to show.
                if view.state == "done" and not str(view.result).startswith("{"):
                    updates[self.shown] = view.result
                if view.state == "failed":
                    gr.Warning(view.error)
                yield updates
        except InputError as error:
            yield {run.status: watching.sentence(words.library(error), "info"), **self._busy(False)}

    def arrive(self, job: str | None, request: gr.Request) -> Updates:
        """The page was opened: find its job again, or the one that is running, and the run that the link names."""
        wanted = str(dict(request.query_params).get("run", ""))
        mine = job if job and self.compute.knows(job) else ""
        if not mine and self.compute.outlives_page and not shared_server():
            mine = self.compute.active()
        first = wanted or (EXAMPLE if self.store.has_example() else "")
        return {self.job: mine, self.shown: first}

    def show(self, run_id: str, percent: float) -> Updates:
        """Draw a run in every tab; when it cannot be read, say so and keep what is there."""
        if not run_id:
            return {self.panels.banner: words.NO_RUN}
        report = self.report(run_id)
        if report is None:
            return {self.panels.banner: gr.skip()}
        p = self.panels
        files, archive = self.files.of(report)
        return {
            p.banner: story.banner(report, run_id == EXAMPLE),
            **overview_tab.show(p.overview, report),
            **activation_tab.show(p.activation, report, files),
            **sparsity_tab.show(p.sparsity, report, files, percent),
            **languages_tab.show(p.per_language, report, files),
            **reasons_tab.show(p.reasons, report, files),
            **tables_tab.show(p.tables, report, files, archive),
        }

    def report(self, run_id: str) -> RunReport | None:
        """A run; None, and a warning to the visitor, when it cannot be read."""
        try:
            return self.store.load(run_id)
        except InputError as error:
            # The error names a folder of this machine, which is no stranger's business.
            gr.Warning(words.RUN_UNREADABLE.format(name=run_id[:80]) if shared_server() else words.library(error))
            return None

    def of_shown(self, draw: Callable[..., Updates], tab: Any) -> Callable[..., Updates]:
        """A callback on the run that is shown: `draw(tab, report, ...)`."""

        def callback(run_id: str, *values: Any) -> Updates:
            report = self.report(run_id) if run_id else None
            # An empty answer is none that Gradio takes: a run may not have what the control belongs to.
            nothing: Updates = {self.panels.banner: gr.skip()}
            return nothing if report is None else draw(tab, report, *values) or nothing

        return callback

    def table(self, run_id: str, name: str) -> Updates:
        """Another table in the Tables tab."""
        tab = self.panels.tables
        report = self.report(run_id) if run_id else None
        if report is None or name not in report.tables:
            return {tab.table: gr.skip()}
        return {tab.table: tables_tab.rounded(report, name), tab.csv: self.files.of(report)[0][name]}

    def earlier(self, run_id: str) -> Updates:
        """The runs kept on this machine. On a shared server a run opens only through its link."""
        if shared_server():
            return {self.panels.earlier: gr.update(visible=False)}
        choices = self.store.choices()
        known = run_id if run_id in {value for _, value in choices} else None
        return {self.panels.earlier: gr.update(choices=choices, value=known)}
