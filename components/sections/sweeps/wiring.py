"""Which event of the tab of many runs calls which callback."""

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from components.app.callbacks import Page, Updates
from components.form import method_panel
from components.i18n import words
from components.sections.sweeps import (
    follower as following,
    protect_actions as protect_acts,
    protect_tab,
    sweep_actions as sweep_acts,
    unfinished_actions as unfinished_acts,
    unfinished_tab,
)
from components.sections.sweeps.plans import LEFT
from components.widgets.inputs import widgets

PRIVATE: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "preprocess": False}


def connect(page: Page) -> None:
    """Connect the tab of a page that was drawn, inside its Blocks."""
    _sweep(page)
    _protect(page)
    _unfinished(page)


def _sweep(page: Page) -> None:
    tab, files = page.panels.searching.sweep, page.sheets
    asked, shown, form = tab.asked, tab.shown, set(page.form_widgets)
    own: list[Any] = [asked.sparsities, asked.methods, asked.mixes, asked.seeds]
    everything = [*widgets(tab.runner), *widgets(shown), tab.kept, tab.name, tab.job]

    async def follow(job: str, name: str, view: str) -> AsyncIterator[Updates]:
        async for updates in sweep_acts.follow_sweep(page, job, name, view, files):
            yield updates

    page.panels.searching.opened.select(
        lambda name: {
            **sweep_acts.kept_sweeps(page, name or ""),
            asked.methods: gr.update(choices=[(words.SWEEP_LEFT, LEFT), *method_panel.menu()]),
        },
        tab.name, [tab.kept, asked.methods], **PRIVATE,
    ).then(lambda name, view: sweep_acts.show_sweep(page, name, view, files), [tab.name, shown.view], everything, **PRIVATE)  # fmt: skip
    gr.on(
        [page.panels.searching.opened.select, *(widget.change for widget in own)],
        lambda values: sweep_acts.foresee_sweep(page, values), {*form, *own}, [asked.forecast], trigger_mode="always_last", **PRIVATE,
    )  # fmt: skip
    long = {**PRIVATE, "concurrency_limit": None}
    seen = [tab.job, tab.name, shown.view]
    counted = (lambda values: sweep_acts.foresee_sweep(page, values), {*form, *own}, [asked.forecast])
    tab.runner.start[0].click(
        lambda values: sweep_acts.start_sweep(page, values), {*form, *own, asked.name}, everything, **PRIVATE
    ).then(follow, seen, everything, **long).then(*counted, **PRIVATE)
    tab.resume.click(lambda name: sweep_acts.resume_sweep(page, name), tab.kept, everything, **PRIVATE).then(
        follow, seen, everything, **long
    ).then(*counted, **PRIVATE)
    # A page that is opened again finds its job when the tab is: every event of a page's first moment makes all others wait.
    page.panels.searching.opened.select(
        lambda job: job if job and page.compute.knows(job) else "", tab.job, tab.job, **PRIVATE
    ).then(follow, seen, everything, **long)
    tab.runner.cancel.click(lambda job: following.cancel(page.compute, tab.runner, job), tab.job, tab.runner.cancel, **PRIVATE)
    tab.forget.click(lambda name: sweep_acts.forget_sweep(page, name), tab.kept, everything, **PRIVATE)
    tab.kept.input(lambda name: name or "", tab.kept, tab.name, **PRIVATE).then(
        lambda name, view: sweep_acts.show_sweep(page, name, view, files), [tab.name, shown.view], everything, **PRIVATE
    )
    shown.view.input(
        lambda name, view: sweep_acts.show_view(page, name, view, files), [tab.name, shown.view], [*widgets(shown.curves), shown.told],
        trigger_mode="always_last", **PRIVATE,
    )  # fmt: skip
    shown.open.click(lambda run: run or gr.skip(), shown.run, page.shown, **PRIVATE)

    def row(table: Any, event: gr.SelectData) -> Any:
        return event.row_value[-1] if event.row_value else gr.skip()

    shown.table.select(row, shown.table, page.shown, **{**PRIVATE, "preprocess": True})


def _protect(page: Page) -> None:
    tab, files = page.panels.searching.protect, page.sheets
    asked, shown, form = tab.asked, tab.shown, set(page.form_widgets)
    own: list[Any] = [asked.languages, asked.percent, asked.own, asked.tries, asked.goal, asked.how, asked.seed]
    everything = [*widgets(tab.runner), *widgets(shown), tab.kept, tab.name, tab.job]

    async def follow(job: str) -> AsyncIterator[Updates]:
        async for updates in protect_acts.follow_protect(page, job, files):
            yield updates

    long = {**PRIVATE, "concurrency_limit": None}
    languages = page.panels.form["languages"]
    page.panels.searching.of_protect.select(
        protect_tab.protect_menu, [languages, asked.languages], [asked.languages], **PRIVATE
    )
    page.panels.searching.of_protect.select(
        lambda name: protect_acts.kept_searches(page, name or ""), tab.name, [tab.kept], **PRIVATE
    ).then(lambda name: protect_acts.show_protect(page, name, files), tab.name, everything, **PRIVATE)
    gr.on(
        [page.panels.searching.of_protect.select, *(widget.change for widget in own)],
        lambda values: protect_acts.foresee_protect(page, values), {*form, *own}, [asked.forecast], trigger_mode="always_last", **PRIVATE,
    )  # fmt: skip
    tab.runner.start[0].click(
        lambda values: protect_acts.start_protect(page, values), {*form, *own}, everything, **PRIVATE
    ).then(follow, tab.job, everything, **long)
    page.panels.searching.of_protect.select(
        lambda job: job if job and page.compute.knows(job) else "", tab.job, tab.job, **PRIVATE
    ).then(follow, tab.job, everything, **long)
    tab.runner.cancel.click(lambda job: following.cancel(page.compute, tab.runner, job), tab.job, tab.runner.cancel, **PRIVATE)
    tab.kept.input(lambda name: name or "", tab.kept, tab.name, **PRIVATE).then(
        lambda name: protect_acts.show_protect(page, name, files), tab.name, everything, **PRIVATE
    )
    shown.before.click(lambda ids: ids[0] or gr.skip(), shown.ids, page.shown, **PRIVATE)
    shown.after.click(lambda ids: ids[1] or gr.skip(), shown.ids, page.shown, **PRIVATE)


def _unfinished(page: Page) -> None:
    tab, run = page.panels.searching.unfinished, page.panels.run
    everything = widgets(tab)
    page.panels.searching.of_unfinished.select(lambda: unfinished_tab.show(tab, page.store), None, everything, **PRIVATE)
    tab.again.click(lambda id: unfinished_acts.start_again(page, id), tab.which, [*everything, page.job], **PRIVATE).then(
        page.watch, page.job, [run.status, run.log, run.prune, run.cancel, page.shown], **{**PRIVATE, "concurrency_limit": None}
    )
    tab.discard.click(lambda id: unfinished_acts.discard(page, id), tab.which, everything, **PRIVATE)
