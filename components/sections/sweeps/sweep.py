"""The part that sweeps: it reads the form on the left, plans runs, and shows what is done of them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from components.context import UNCHECKED, Opening, Section, Updates
from components.engine import importing
from components.environment import opens_by_name, shared_server
from components.form import method_panel
from components.form.form import make_request
from components.i18n import words
from components.jobs import sweep
from components.sections.sweeps import sweep_results, sweep_widgets, timing
from components.sections.sweeps.plans import LEFT, Plan, Wanted, name_of, plan_of
from components.widgets import progress_bar
from components.widgets.inputs import widgets
from mwanda_core.errors import InputError, RunError

LONG = 3600.0
"""Seconds from which a plan is called long."""


class Sweep(Section):
    """Many runs from one form."""

    id, title = "sweep", "SWEEP_TAB"
    widgets: sweep_widgets.Widgets

    @classmethod
    def draw(cls) -> sweep_widgets.Widgets:
        """Draw the part where the caller stands."""
        return sweep_widgets.draw()

    def connect(self, opening: Opening) -> None:
        """Its own controls, and what opens it."""
        ours, asked, shown, context = self.widgets, self.widgets.asked, self.widgets.shown, self.context
        own: list[Any] = [asked.sparsities, asked.methods, asked.mixes, asked.seeds]
        form = {*context.form.inputs, *own}
        everything = [*ours.job.outputs, *widgets(shown), ours.kept, ours.name]
        of_name, seen = [ours.name, shown.view], [ours.job.job, ours.name, shown.view]
        long: dict[str, Any] = {**UNCHECKED, "concurrency_limit": None}
        opening.select(self.open, ours.name, [ours.kept, asked.methods], **UNCHECKED).then(
            self.show, of_name, everything, **UNCHECKED
        )
        again: dict[str, Any] = {**UNCHECKED, "trigger_mode": "always_last"}
        gr.on([*opening.events, *(widget.change for widget in own)], self.foresee, form, [asked.forecast], **again)
        begun = ours.job.starts[0].click(self.start, {*form, asked.name}, everything, **UNCHECKED)
        resumed = ours.resume.click(self.resume, ours.kept, everything, **UNCHECKED)
        for event in (begun, resumed):
            event.then(self.follow, seen, everything, **long).then(self.foresee, form, [asked.forecast], **UNCHECKED)
        # A page that is opened again finds its job when the tab is: every event of a page's first moment makes all others wait.
        opening.select(self.find, ours.job.job, ours.job.job, **UNCHECKED).then(self.follow, seen, everything, **long)
        ours.job.cancel.click(self.stop, ours.job.job, ours.job.cancel, **UNCHECKED)
        ours.forget.click(self.forget, ours.kept, everything, **UNCHECKED)
        ours.kept.input(lambda name: name or "", ours.kept, ours.name, **UNCHECKED).then(
            self.show, of_name, everything, **UNCHECKED
        )
        shown.view.input(self.show_view, of_name, [*widgets(shown.curves), shown.text], **again)
        shown.open.click(lambda run: run or gr.skip(), shown.run, context.shown, **UNCHECKED)

        def row(table: Any, event: gr.SelectData) -> Any:
            return event.row_value[-1] if event.row_value else gr.skip()

        shown.table.select(row, shown.table, context.shown, **{**UNCHECKED, "preprocess": True})

    def open(self, name: str | None) -> Updates:
        """The tab was opened: the sweeps there are, and the methods to choose from."""
        methods = gr.update(choices=[(words.SWEEP_LEFT, LEFT), *method_panel.menu()])
        return {**self.list_kept(name or ""), self.widgets.asked.methods: methods}

    def find(self, job: str) -> str:
        """The job that the browser remembers, if it is still known."""
        return job if job and self.context.compute.knows(job) else ""

    def stop(self, job: str) -> Updates:
        """Cancel was pressed."""
        return self.widgets.job.stop(self.context.compute, job)

    def wanted(self, values: Updates) -> Wanted:
        """What is typed in the part that sweeps."""
        asked = self.widgets.asked
        return Wanted(
            values[asked.sparsities] or "",
            tuple(values[asked.methods] or ()),
            values[asked.mixes] or "",
            values[asked.seeds] or "",
        )

    def plan(self, values: Updates) -> Plan:
        """The sweep that is asked for.

        Raises InputError in one sentence.
        """
        return plan_of(make_request(self.context.form.read(values)), self.wanted(values))

    def todo(self, found: Plan) -> list[Any]:
        """The settings of the plan that no run is kept of."""
        with importing():
            from mwanda_core.store.keys import wanted_key
        done = self.context.store.kept.newest(wanted_key(one) for one in found.settings)
        return [one for one in found.settings if wanted_key(one) not in done]

    def foresee(self, values: Updates) -> Updates:
        """How many runs, how many are kept, how long."""
        asked = self.widgets.asked
        try:
            found = self.plan(values)
            left = self.todo(found)
            time = timing.seconds_of(left, self.context.store)
        except InputError as error:
            return {asked.forecast: words.COST_REFUSED.format(problem=error)}
        lines = [words.sweep_forecast(len(found.settings), len(found.settings) - len(left), time)]
        lines += [found.note] if found.note else []
        lines += [words.SWEEP_LONG] if time is not None and time > LONG else []
        reasons = list(found.left_out.items())
        lines += [words.SWEEP_LEFT_OUT.format(title=title, why=why) for title, why in reasons[:3]]
        lines += [words.SWEEP_LEFT_OUT_MORE.format(count=len(reasons) - 3)] if len(reasons) > 3 else []
        return {asked.forecast: "\n\n".join(lines)}

    def start(self, values: Updates) -> Updates:
        """Write the plan down and hand it on."""
        ours = self.widgets
        try:
            found = self.plan(values)
            name = name_of(values[ours.asked.name] or "")
            with importing():
                from mwanda_core.store.keys import wanted_key
                from mwanda_core.sweeps.stored import kept_sweep
                from mwanda_core.sweeps.sweep import save_sweep
            try:
                there = kept_sweep(self.context.store.kept, name)
            except RunError:
                there = None
            if there is not None and set(there.keys) != {wanted_key(one) for one in found.settings}:
                raise InputError(words.SWEEP_TAKEN.format(name=name))
            save_sweep(self.context.store.kept, name, found.settings, found.left_out)
            return self._begin(name, len(found.settings), timing.seconds_of(self.todo(found), self.context.store))
        except InputError as error:
            return ours.job.refused(error)

    def resume(self, name: str | None) -> Updates:
        """Go on with a plan that is kept."""
        ours = self.widgets
        try:
            if not name or not opens_by_name(name):
                raise InputError(words.SWEEP_EMPTY)
            with importing():
                from mwanda_core.sweeps.stored import kept_sweep
                from mwanda_core.sweeps.sweep import load_sweep
            kept, settings = kept_sweep(self.context.store.kept, name), load_sweep(self.context.store.kept, name)
            left = [one for key, one in zip(kept.keys, settings, strict=True) if key not in kept.done]
            return self._begin(name, len(settings), timing.seconds_of(left, self.context.store))
        except InputError as error:
            return ours.job.refused(error)

    def _begin(self, name: str, runs: int, seconds: float | None) -> Updates:
        job = self.context.compute.submit(sweep.request_for(name, runs, seconds))
        return {self.widgets.name: name, **self.widgets.job.begun(job)}

    def forget(self, name: str | None) -> Updates:
        """Drop a plan; its runs stay."""
        ours = self.widgets
        try:
            if not name or not opens_by_name(name):
                raise InputError(words.SWEEP_EMPTY)
            with importing():
                from mwanda_core.sweeps import stored
            stored.forget_sweep(self.context.store.kept, name)
            return {
                **ours.job.busy(False),
                ours.job.status: progress_bar.sentence(words.SWEEP_FORGOTTEN.format(name=name), "info"),
                ours.name: "",
                **self.list_kept(""),
            }
        except InputError as error:
            return {**ours.job.busy(False), **ours.job.refused(error)}

    def list_kept(self, mine: str) -> Updates:
        """The menu of sweeps; on a shared server, only the visitor's own."""
        ours = self.widgets
        with importing():
            from mwanda_core.sweeps import stored
        found = stored.sweeps(self.context.store.kept)
        if shared_server():
            found = [one for one in found if one.name == mine]
        choices = [(words.sweep_choice(one.name, len(one.done), len(one.keys), one.changed), one.name) for one in found]
        known = mine if mine in {name for _, name in choices} else None
        label = words.SWEEP_KEPT if choices else words.SWEEP_KEPT_NONE
        return {ours.kept: gr.update(choices=choices, value=known, label=label)}

    def show(self, name: str | None, view: str) -> Updates:
        """The results of a sweep as far as it is."""
        ours = self.widgets
        if not name or not opens_by_name(name):
            return {ours.shown.text: gr.skip()}
        try:
            return sweep_widgets.show(ours, sweep_results.read(self.context.store, name), self.context.scratch, view)
        except InputError as error:
            return {ours.shown.text: words.library(error), **ours.shown.section.show(False)}

    def show_view(self, name: str | None, view: str) -> Updates:
        """Other curves of the same sweep."""
        ours = self.widgets
        try:
            return sweep_widgets.show_view(
                ours,
                sweep_results.read(self.context.store, name if name and opens_by_name(name) else ""),
                self.context.scratch,
                view,
            )
        except InputError as error:
            return {ours.shown.text: words.library(error)}

    async def follow(self, job: str, name: str, view: str) -> AsyncIterator[Updates]:
        """Until the job ends: its status, and the results whenever another run is finished."""
        done = -1
        async for updates, look in self.widgets.job.looks(self.context.compute, job):
            # Files are read beside the loop that serves every visitor.
            now = await asyncio.to_thread(self._finished, name)
            if job and (now != done or (look is not None and look.finished)):
                done = now
                results = await asyncio.to_thread(self.show, name, view)
                yield updates | results | await asyncio.to_thread(self.list_kept, name)
            else:
                yield updates

    def _finished(self, name: str) -> int:
        with importing():
            from mwanda_core.sweeps.stored import kept_sweep
        try:
            return len(kept_sweep(self.context.store.kept, name).done)
        except RunError:
            return -1
