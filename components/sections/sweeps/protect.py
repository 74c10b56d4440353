"""The part that protects languages: it reads the form on the left, searches, and shows what was found and what that costs the others."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import gradio as gr

from components.context import UNCHECKED, Opening, Section, Updates
from components.engine import importing
from components.environment import opens_by_name, shared_server
from components.form.form import make_request, to_settings
from components.i18n import words
from components.jobs import protect
from components.sections.sweeps import limits, protect_widgets, timing
from components.widgets.inputs import widgets
from mwanda_core.errors import InputError, RunError

if TYPE_CHECKING:
    from mwanda_core.run.settings import Settings


class Protect(Section):
    """A search for settings under which some languages lose no more than allowed."""

    id, title = "protect", "PROTECT_TAB"
    widgets: protect_widgets.Widgets

    @classmethod
    def draw(cls) -> protect_widgets.Widgets:
        """Draw the part where the caller stands."""
        return protect_widgets.draw()

    def connect(self, opening: Opening) -> None:
        """Its own controls, and what opens it."""
        ours, asked, shown, context = self.widgets, self.widgets.asked, self.widgets.shown, self.context
        own: list[Any] = [asked.languages, asked.percent, asked.own, asked.tries, asked.goal, asked.how, asked.seed]
        form = {*context.form.inputs, *own}
        everything = [*ours.job.outputs, *widgets(shown), ours.kept, ours.name]
        long: dict[str, Any] = {**UNCHECKED, "concurrency_limit": None}
        again: dict[str, Any] = {**UNCHECKED, "trigger_mode": "always_last"}
        menu = [context.form["languages"], asked.languages]
        opening.select(protect_widgets.protect_menu, menu, [asked.languages], **UNCHECKED)
        context.redrawn.menus.append((menu, self.menus_again))
        opening.select(lambda name: self.list_kept(name or ""), ours.name, [ours.kept], **UNCHECKED).then(
            self.show, ours.name, everything, **UNCHECKED
        )
        gr.on([*opening.events, *(widget.change for widget in own)], self.foresee, form, [asked.forecast], **again)
        begun = ours.job.starts[0].click(self.start, form, everything, **UNCHECKED)
        reopened = opening.select(self.find, ours.job.job, ours.job.job, **UNCHECKED)
        for event in (begun, reopened):
            event.then(self.follow, ours.job.job, everything, **long)
        ours.job.cancel.click(self.stop, ours.job.job, ours.job.cancel, **UNCHECKED)
        ours.kept.input(lambda name: name or "", ours.kept, ours.name, **UNCHECKED).then(
            self.show, ours.name, everything, **UNCHECKED
        )
        for place, button in enumerate((shown.before, shown.after)):
            button.click(lambda ids, place=place: ids[place] or gr.skip(), shown.ids, context.shown, **UNCHECKED)

    def menus_again(self, values: Updates) -> Updates:
        """The menu of languages in the language that the page is in now."""
        menu, languages = self.widgets.asked.languages, self.context.form["languages"]
        return {menu: protect_widgets.protect_menu(values[languages] or [], values[menu])}

    def find(self, job: str) -> str:
        """The job that the browser remembers, if it is still known."""
        return job if job and self.context.compute.knows(job) else ""

    def stop(self, job: str) -> Updates:
        """Cancel was pressed."""
        return self.widgets.job.stop(self.context.compute, job)

    def limits_and_plan(self, values: Updates) -> tuple[Any, dict[str, float], dict[str, Any]]:
        """Settings, limits and the fields of the search.

        Raises InputError in one sentence.
        """
        asked = self.widgets.asked
        with importing():
            from mwanda_core.sweeps.protect import SearchPlan, check_protection
        settings = to_settings(make_request(self.context.form.read(values)))
        found = limits.limits_of(
            values[asked.languages] or (), values[asked.percent], values[asked.own] or "", settings.languages
        )
        how = limits.plan_of(values[asked.tries], values[asked.goal], values[asked.how], values[asked.seed])
        check_protection(settings, found, SearchPlan(**how))
        return settings, found, how

    def foresee(self, values: Updates) -> Updates:
        """How long a search takes, or why it cannot be started."""
        asked = self.widgets.asked
        try:
            settings, _, how = self.limits_and_plan(values)
            time = self._seconds(settings, how)
        except InputError as error:
            return {asked.forecast: words.COST_REFUSED.format(problem=error)}
        lines = [words.protect_forecast(how["tries"], time)]
        lines += [words.PROTECT_MODE] if settings.mode != "one-pass" else []
        return {asked.forecast: "\n\n".join(lines)}

    def _seconds(self, settings: "Settings", how: dict[str, Any]) -> float | None:
        with importing():
            from mwanda_core.sweeps.protect import SearchPlan
        return timing.seconds_of_search(settings, how["tries"], SearchPlan.texts, self.context.store)

    def start(self, values: Updates) -> Updates:
        """Hand the search on, or say why not."""

        def request() -> dict[str, Any]:
            settings, allowed, how = self.limits_and_plan(values)
            seconds = self._seconds(settings, how)
            return {
                "kind": protect.KIND.name,
                "settings": settings.to_dict(),
                "limits": allowed,
                "how": how,
                "seconds": seconds,
            }

        return self.widgets.job.begin(self.context.compute, request)

    async def follow(self, job: str) -> AsyncIterator[Updates]:
        """Until the job ends; then what it found."""

        def done(result: Any) -> Updates:
            return {self.widgets.name: result.id, **self.show(result.id), **self.list_kept(result.id)}

        async for updates in self.widgets.job.follow(self.context.compute, job, done):
            yield updates

    def list_kept(self, mine: str) -> Updates:
        """The menu of searches; on a shared server, only the visitor's own."""
        ours = self.widgets
        with importing():
            from mwanda_core.sweeps import protections
        found = [one for one in protections.protections(self.context.store.kept) if not shared_server() or one.id == mine]
        choices = [(f"{one.title} · {', '.join(one.limits)}", one.id) for one in found]
        known = mine if mine in {id for _, id in choices} else None
        label = words.PROTECT_KEPT if choices else words.PROTECT_KEPT_NONE
        return {ours.kept: gr.update(choices=choices, value=known, label=label)}

    def show(self, id: str | None) -> Updates:
        """A search that is kept."""
        ours = self.widgets
        if not id or not opens_by_name(id):
            return {ours.shown.text: gr.skip()}
        with importing():
            from mwanda_core.sweeps import protections
        try:
            found = protections.load_protection(self.context.store.kept, id)
            try:
                return protect_widgets.show(ours, self.context.store, found, self.context.scratch)
            except RunError:  # Its words name a place on this machine, which strangers need not know.
                raise RunError(words.COMPARE_UNREADABLE.format(name=found.title)) from None
        except InputError as error:
            gr.Warning(words.library(error))
            return {ours.shown.text: words.library(error), **ours.shown.section.show(True)}
