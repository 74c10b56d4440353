"""What the part of the tab that sweeps does: its callbacks. They read the form on the left through the page's own `form_of`."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from components.app.callbacks import Page, Updates
from components.engine import importing
from components.form.form import make_request, shared_server
from components.i18n import words
from components.jobs import sweep as work
from components.sections.sweeps import follower as following, sweep_results, sweep_tab, timing
from components.sections.sweeps.plans import Plan, Wanted, name_of, plan_of
from components.sections.sweeps.sweep_results import Sheets
from mwanda_core.errors import InputError, RunError

LONG = 3600.0
"""Seconds from which a plan is called long."""


def wanted(page: Page, values: Updates) -> Wanted:
    """What is typed in the part that sweeps."""
    asked = page.panels.searching.sweep.asked
    return Wanted(
        values[asked.sparsities] or "", tuple(values[asked.methods] or ()), values[asked.mixes] or "", values[asked.seeds] or ""
    )


def plan(page: Page, values: Updates) -> Plan:
    """The sweep that is asked for.

    Raises InputError in one sentence.
    """
    return plan_of(make_request(page.form_of(values)), wanted(page, values))


def todo(page: Page, found: Plan) -> list[Any]:
    """The settings of the plan that no run is kept of."""
    with importing():
        from mwanda_core.store.keys import wanted_key
        from mwanda_core.sweeps.sweep import done_of
    done = done_of(page.store.kept, [wanted_key(one) for one in found.settings])
    return [one for one in found.settings if wanted_key(one) not in done]


def foresee_sweep(page: Page, values: Updates) -> Updates:
    """How many runs, how many are kept, how long."""
    asked = page.panels.searching.sweep.asked
    try:
        found = plan(page, values)
        left = todo(page, found)
        time = timing.seconds_of(left, page.store)
    except InputError as error:
        return {asked.forecast: words.COST_REFUSED.format(problem=error)}
    said = [words.sweep_forecast(len(found.settings), len(found.settings) - len(left), time)]
    said += [found.note] if found.note else []
    said += [words.SWEEP_LONG] if time is not None and time > LONG else []
    reasons = list(found.left_out.items())
    said += [words.SWEEP_LEFT_OUT.format(title=title, why=why) for title, why in reasons[:3]]
    said += [words.SWEEP_LEFT_OUT_MORE.format(count=len(reasons) - 3)] if len(reasons) > 3 else []
    return {asked.forecast: "\n\n".join(said)}


def start_sweep(page: Page, values: Updates) -> Updates:
    """Write the plan down and hand it on."""
    tab = page.panels.searching.sweep
    try:
        found = plan(page, values)
        name = name_of(values[tab.asked.name] or "")
        with importing():
            from mwanda_core.store.keys import wanted_key
            from mwanda_core.sweeps.stored import kept_sweep
            from mwanda_core.sweeps.sweep import save_sweep
        try:
            there = kept_sweep(page.store.kept, name)
        except RunError:
            there = None
        if there is not None and set(there.keys) != {wanted_key(one) for one in found.settings}:
            raise InputError(words.SWEEP_TAKEN.format(name=name))
        save_sweep(page.store.kept, name, found.settings, found.left_out)
        return _begin_sweep(page, name, len(found.settings), timing.seconds_of(todo(page, found), page.store))
    except InputError as error:
        gr.Warning(words.library(error))
        return {tab.job: "", **following.said(tab.runner, words.library(error))}


def resume_sweep(page: Page, name: str | None) -> Updates:
    """Go on with a plan that is kept."""
    tab = page.panels.searching.sweep
    try:
        if not name:
            raise InputError(words.SWEEP_EMPTY)
        with importing():
            from mwanda_core.sweeps.stored import kept_sweep
            from mwanda_core.sweeps.sweep import load_sweep
        kept, settings = kept_sweep(page.store.kept, name), load_sweep(page.store.kept, name)
        left = [one for key, one in zip(kept.keys, settings, strict=True) if key not in kept.done]
        return _begin_sweep(page, name, len(settings), timing.seconds_of(left, page.store))
    except InputError as error:
        gr.Warning(words.library(error))
        return {tab.job: "", **following.said(tab.runner, words.library(error))}


def _begin_sweep(page: Page, name: str, runs: int, seconds: float | None) -> Updates:
    tab = page.panels.searching.sweep
    job = page.compute.submit(work.sweep_request(name, runs, seconds))
    return {tab.job: job, tab.name: name, **following.busy(tab.runner, True), tab.runner.log: ""}


def forget_sweep(page: Page, name: str | None) -> Updates:
    """Drop a plan; its runs stay."""
    tab = page.panels.searching.sweep
    try:
        if not name:
            raise InputError(words.SWEEP_EMPTY)
        with importing():
            from mwanda_core.sweeps import stored as swept
        swept.forget_sweep(page.store.kept, name)
        return {
            **following.said(tab.runner, words.SWEEP_FORGOTTEN.format(name=name), "info"),
            tab.name: "",
            **kept_sweeps(page, ""),
        }
    except InputError as error:
        gr.Warning(words.library(error))
        return following.said(tab.runner, words.library(error))


def kept_sweeps(page: Page, mine: str) -> Updates:
    """The menu of sweeps; on a shared server, only the visitor's own."""
    tab = page.panels.searching.sweep
    with importing():
        from mwanda_core.sweeps import stored as swept
    found = swept.sweeps(page.store.kept)
    if shared_server():
        found = [one for one in found if one.name == mine]
    choices = [(words.sweep_choice(one.name, len(one.done), len(one.keys), one.changed), one.name) for one in found]
    known = mine if mine in {name for _, name in choices} else None
    label = words.SWEEP_KEPT if choices else words.SWEEP_KEPT_NONE
    return {tab.kept: gr.update(choices=choices, value=known, label=label)}


def show_sweep(page: Page, name: str | None, view: str, files: Sheets) -> Updates:
    """The results of a sweep as far as it is."""
    tab = page.panels.searching.sweep
    if not name:
        return {tab.shown.told: gr.skip()}
    try:
        return sweep_tab.show(tab, sweep_results.read(page.store, name), files, view)
    except InputError as error:
        return {tab.shown.told: words.library(error), **tab.shown.section.show(False)}


def show_view(page: Page, name: str | None, view: str, files: Sheets) -> Updates:
    """Other curves of the same sweep."""
    tab = page.panels.searching.sweep
    try:
        return sweep_tab.show_view(tab, sweep_results.read(page.store, name or ""), files, view)
    except InputError as error:
        return {tab.shown.told: words.library(error)}


async def follow_sweep(page: Page, job: str, name: str, view: str, files: Sheets) -> AsyncIterator[Updates]:
    """Until the job ends: its status, and the results whenever another run is finished."""
    tab, done = page.panels.searching.sweep, -1
    if not job:  # A generator that says nothing would leave every widget empty.
        yield {tab.runner.log: gr.skip()}
    async for updates, view_of_job in following.follow(page.compute, tab.runner, job, words.SWEEP_CANCELLED):
        # Files are read beside the loop that serves every visitor.
        now = await asyncio.to_thread(_finished, page, name)
        if now != done or (view_of_job is not None and view_of_job.finished):
            done = now
            shown = await asyncio.to_thread(show_sweep, page, name, view, files)
            yield updates | shown | await asyncio.to_thread(kept_sweeps, page, name)
        else:
            yield updates


def _finished(page: Page, name: str) -> int:
    with importing():
        from mwanda_core.sweeps.stored import kept_sweep
    try:
        return len(kept_sweep(page.store.kept, name).done)
    except RunError:
        return -1
