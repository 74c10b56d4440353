"""Which event of the Compare tab calls which callback."""

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from components.app.callbacks import Page, Updates
from components.form import fill as form_fill
from components.sections.compare import actions as acting, tab as compare_tab
from components.widgets.inputs import widgets

APART = ("tabs", "tab", "chosen", "paste", "add", "add_shown")
"""Fields that a comparison does not change: the layout it stands in, and what the visitor chose."""


def connect(page: Page) -> None:
    """Connect the tab of a page that was drawn, inside its Blocks."""
    tab, part = page.panels.compare, page.panels.compare.masks
    # Menus grow while events are on their way: values are taken as they are, and what cannot be read is said.
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "preprocess": False}
    everything = widgets(tab, APART)

    def arrive(request: gr.Request) -> Updates:
        return acting.arrive(page, request)

    def arrive_runs(request: gr.Request) -> Updates:
        return acting.arrive_runs(page, request)

    def compare(ids: list[str], baseline: str, job: str, request: gr.Request) -> Updates:
        return acting.compare(page, ids, baseline, job, request)

    async def follow(job: str) -> AsyncIterator[Updates]:
        async for updates in acting.follow_masks(page, job):
            yield updates

    page.demo.load(arrive, None, [tab.baseline, tab.tabs], **quiet).then(arrive_runs, None, [tab.chosen], **quiet)
    gr.on(
        [page.shown.change, tab.tab.select],
        lambda ids: compare_tab.refreshed(tab, page.store, ids or []),
        tab.chosen,
        [tab.chosen],
        **quiet,
    )
    gr.on(
        [tab.chosen.change, tab.baseline.input], compare, [tab.chosen, tab.baseline, part.job], everything, trigger_mode="always_last", **quiet
    )  # fmt: skip
    gr.on(
        [tab.add.click, tab.paste.submit],
        lambda *v: acting.add(page, *v),
        [tab.chosen, tab.paste],
        [tab.chosen, tab.paste],
        **quiet,
    )
    tab.add_shown.click(lambda *v: acting.add_shown(page, *v), [tab.chosen, page.shown], [tab.chosen, tab.paste], **quiet)
    progress = [part.status, part.start, part.stop]
    part.start.click(lambda ids: acting.start_masks(page, ids), tab.chosen, [part.job, *progress], **quiet).then(
        follow, part.job, progress, concurrency_limit=None, **quiet
    ).then(lambda *v: acting.masks_ready(page, *v), [tab.chosen, tab.baseline], everything, **quiet)
    part.stop.click(lambda job: acting.stop_masks(page, job), part.job, part.stop, **quiet)
    gr.on(
        [part.first.input, part.second.input, part.view.input], lambda *v: acting.pair(page, *v),
        [tab.chosen, part.first, part.second, part.view], [part.map.plot, part.map.table], trigger_mode="always_last", **quiet,
    )  # fmt: skip
    tab.clone.use.click(
        lambda name: acting.clone(page, name), tab.clone.source, [tab.clone.told, *form_fill.outputs(page.panels.form)], **quiet
    ).then(lambda name: acting.clone_languages(page, name), tab.clone.source, [*form_fill.outputs(page.panels.form)], **quiet)
