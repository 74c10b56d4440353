"""Which event of the tab of single weights calls which callback."""

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from components.app.callbacks import Page, Updates
from components.sections.weights import actions as acting
from components.widgets.inputs import widgets

# Menus and sliders are filled by the run that is shown: values are taken as they are, and what cannot be read is said.
PRIVATE: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "preprocess": False}
APART = ("tab", "job")
"""Fields that no callback may change: the tab itself, and the job."""
LATEST: dict[str, Any] = PRIVATE | {"trigger_mode": "always_last"}


def connect(page: Page) -> None:
    """Connect the tab of a page that was drawn, inside its Blocks."""
    tab, shown = page.panels.weights, page.shown
    everything = [page.panels.banner, *widgets(tab, APART)]
    named = [shown, tab.block, tab.module, tab.shares.order]

    def open_matrix(*given: Any) -> Updates:
        return acting.open_matrix(page, *given)

    def map_clicked(run: str, order: str, event: gr.EventData) -> Updates:
        return acting.clicked_map(page, run, order, event.x, event.custom)

    page.drawn.change(lambda run: acting.show(page, run), shown, everything, **PRIVATE).then(
        lambda *given: acting.open_soon(page, *given), named, everything, **PRIVATE
    )
    gr.on([tab.tab.select, tab.block.input, tab.module.input], open_matrix, named, everything, **LATEST)
    tab.map.select(map_clicked, [shown, tab.shares.order], everything, **LATEST)
    tab.shares.order.input(
        lambda *given: acting.ordered(page, *given), named, [page.panels.banner, *widgets(tab.shares, APART)], **LATEST
    )
    _connect_window(page)
    _connect_job(page)


def _connect_window(page: Page) -> None:
    tab, seen, story = page.panels.weights, page.panels.weights.pictures, page.panels.weights.story
    matrix, place, at = [page.shown, tab.block, tab.module], [story.row, story.column], [seen.top, seen.left]
    told = [page.panels.banner, *widgets(story, APART), *at, seen.window, seen.window_csv]

    def why(*given: Any) -> Updates:
        return acting.why(page, *given)

    def patch_clicked(run: str, block: Any, module: Any, event: gr.EventData) -> Updates:
        return acting.clicked_patch(page, run, block, module, int(event.custom[0]), int(event.custom[1]))

    def weight_clicked(run: str, block: Any, module: Any, top: Any, left: Any, event: gr.EventData) -> Updates:
        return acting.why(page, run, block, module, event.y, event.x, top, left)

    gr.on(
        [seen.top.input, seen.left.input], lambda *given: acting.moved(page, *given), [*matrix, *at, *place],
        [page.panels.banner, seen.window, seen.window_csv], **LATEST,
    )  # fmt: skip
    seen.density.select(patch_clicked, matrix, [page.panels.banner, *at, seen.window, seen.window_csv], **LATEST)
    seen.window.select(weight_clicked, [*matrix, *at], told, **LATEST)
    gr.on([story.ask.click, story.row.submit, story.column.submit], why, [*matrix, *place, *at], told, **LATEST)


def _connect_job(page: Page) -> None:
    tab, story = page.panels.weights, page.panels.weights.story
    seen, progress = tab.pictures, [story.status, story.read, story.cancel]
    matrix, place, at = [page.shown, tab.block, tab.module], [story.row, story.column], [seen.top, seen.left]
    told = [page.panels.banner, *widgets(story, APART), *at, seen.window, seen.window_csv]

    async def follow(job: str) -> AsyncIterator[Updates]:
        async for updates in acting.follow(page, job):
            yield updates

    story.read.click(lambda *given: acting.read(page, *given), matrix, [story.job, *progress], **PRIVATE).then(
        follow, story.job, progress, concurrency_limit=None, **PRIVATE
    ).then(lambda *given: acting.why(page, *given), [*matrix, *place, *at], told, **PRIVATE)
    story.cancel.click(lambda job: acting.stop(page, job), story.job, story.cancel, **PRIVATE)
