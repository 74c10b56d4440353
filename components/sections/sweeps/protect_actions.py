"""What the part of the tab that protects languages does: its callbacks. They read the form on the left too."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import gradio as gr

from components.app.callbacks import Page, Updates
from components.engine import importing
from components.form.form import make_request, shared_server, to_settings
from components.i18n import words
from components.jobs import sweep as work
from components.sections.sweeps import follower as following, limits, protect_tab, timing
from components.sections.sweeps.sweep_results import Sheets
from mwanda_core.errors import InputError, RunError

if TYPE_CHECKING:
    from mwanda_core.run.settings import Settings


def limits_and_plan(page: Page, values: Updates) -> tuple[Any, dict[str, float], dict[str, Any]]:
    """Settings, limits and the fields of the search.

    Raises InputError in one sentence.
    """
    asked = page.panels.searching.protect.asked
    with importing():
        from mwanda_core.sweeps.protect import SearchPlan, check_protection
    settings = to_settings(make_request(page.form_of(values)))
    found = limits.limits_of(values[asked.languages] or (), values[asked.percent], values[asked.own] or "", settings.languages)
    how = limits.plan_of(values[asked.tries], values[asked.goal], values[asked.how], values[asked.seed])
    check_protection(settings, found, SearchPlan(**how))
    return settings, found, how


def foresee_protect(page: Page, values: Updates) -> Updates:
    """How long a search takes, or why it cannot be started."""
    asked = page.panels.searching.protect.asked
    try:
        settings, _, how = limits_and_plan(page, values)
        time = _seconds(page, settings, how)
    except InputError as error:
        return {asked.forecast: words.COST_REFUSED.format(problem=error)}
    said = [words.protect_forecast(how["tries"], time)]
    said += [words.PROTECT_MODE] if settings.mode != "one-pass" else []
    return {asked.forecast: "\n\n".join(said)}


def _seconds(page: Page, settings: "Settings", how: dict[str, Any]) -> float | None:
    with importing():
        from mwanda_core.sweeps.protect import SearchPlan
    return timing.seconds_of_search(settings, how["tries"], SearchPlan.texts, page.store)


def start_protect(page: Page, values: Updates) -> Updates:
    """Hand the search on, or say why not."""
    tab = page.panels.searching.protect
    try:
        settings, found, how = limits_and_plan(page, values)
        seconds = _seconds(page, settings, how)
        request = {"kind": work.PROTECT, "settings": settings.to_dict(), "limits": found, "how": how, "seconds": seconds}
        job = page.compute.submit(request)
    except InputError as error:
        gr.Warning(words.library(error))
        return {tab.job: "", **following.said(tab.runner, words.library(error))}
    return {tab.job: job, **following.busy(tab.runner, True), tab.runner.log: ""}


async def follow_protect(page: Page, job: str, files: Sheets) -> AsyncIterator[Updates]:
    """Until the job ends; then what it found."""
    tab = page.panels.searching.protect
    if not job:
        yield {tab.runner.log: gr.skip()}
    async for updates, view in following.follow(page.compute, tab.runner, job, words.PROTECT_CANCELLED):
        if view is not None and view.state == "done":
            id = work.result_of(view.result, work.PROTECT)
            updates |= {tab.name: id, **show_protect(page, id, files), **kept_searches(page, id)}
        yield updates


def kept_searches(page: Page, mine: str) -> Updates:
    """The menu of searches; on a shared server, only the visitor's own."""
    tab = page.panels.searching.protect
    with importing():
        from mwanda_core.sweeps import protections
    found = [one for one in protections.protections(page.store.kept) if not shared_server() or one.id == mine]
    choices = [(f"{one.title} · {', '.join(one.limits)}", one.id) for one in found]
    known = mine if mine in {id for _, id in choices} else None
    label = words.PROTECT_KEPT if choices else words.PROTECT_KEPT_NONE
    return {tab.kept: gr.update(choices=choices, value=known, label=label)}


def show_protect(page: Page, id: str | None, files: Sheets) -> Updates:
    """A search that is kept."""
    tab = page.panels.searching.protect
    if not id:
        return {tab.shown.told: gr.skip()}
    with importing():
        from mwanda_core.sweeps import protections
    try:
        found = protections.load_protection(page.store.kept, id)
        try:
            return protect_tab.show(tab, page.store, found, files)
        except RunError:  # Its words name a place on this machine, which strangers need not know.
            raise RunError(words.COMPARE_UNREADABLE.format(name=found.title)) from None
    except InputError as error:
        gr.Warning(words.library(error))
        return {tab.shown.told: words.library(error), **tab.shown.section.show(True)}
