"""Which event of the tab calls what. Nothing is drawn or computed here."""

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr

from components.app.callbacks import Page, Updates
from components.i18n import words
from components.sections.take import (
    costs as cost_part,
    files as files_part,
    keep as keep_part,
    model as model_part,
    packing,
    tab as take_tab,
)
from components.sections.take.follower import JobPanel
from components.sections.take.tokens import VAULT
from components.store import EXAMPLE
from components.widgets import progress_bar as watching
from components.widgets.inputs import widgets
from mwanda_core.errors import InputError

PRIVATE: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def connect(page: Page) -> None:
    """Connect the tab of a page that was drawn, inside its Blocks."""
    tab, shown = page.panels.take, page.shown
    everything = [page.panels.banner, *widgets(tab)]
    shown.change(lambda run: show_link(page, run), shown, [tab.files.link, tab.nothing], **PRIVATE)
    page.drawn.change(lambda run: show(page, run), shown, everything, **PRIVATE)
    tab.files.link.change(None, tab.files.link, tab.files.link, js=files_part.EXPAND, **PRIVATE)
    files = tab.files
    of_file = [files.download, files.status, files.help]
    files.kind.change(lambda kind: files_part.choose(files, kind), files.kind, of_file, **PRIVATE)
    files.make.click(
        lambda run, kind: make(page, run, kind), [shown, files.kind], of_file, concurrency_limit=2, **PRIVATE | {"show_progress": "minimal"}
    )  # fmt: skip
    _connect_model(page)
    _connect_cost(page)
    _connect_keep(page)


def show_link(page: Page, run: str) -> Updates:
    """The link to the run, before the engine is imported. It is completed in the browser."""
    tab = page.panels.take
    return {tab.files.link: f"?run={run}" if run else "", tab.nothing: gr.update(visible=not run)}


def show(page: Page, run: str) -> Updates:
    """The tab for the run that is shown; it stays as it is where the run cannot be read."""
    nothing: Updates = {page.panels.banner: gr.skip()}
    if not run:
        return nothing
    try:  # Another event of the same change says aloud when a run cannot be read.
        return take_tab.show(page.panels.take, page.store.load(run), run, page.store)
    except InputError:
        return nothing


def make(page: Page, run: str, kind: str) -> Updates:
    """The file that was asked for."""
    part = page.panels.take.files
    try:
        if not run:
            raise InputError(words.TAKE_NOTHING)
        path = packing.make(kind, page.store.load(run), run, page.store, page.files)
    except InputError as error:
        gr.Warning(words.library(error))
        return {**files_part.changed(part), part.status: watching.sentence(words.library(error), "bad")}
    return files_part.made(part, str(path), path.stat().st_size)


def _connect_model(page: Page) -> None:
    part, shown = page.panels.take.model, page.shown
    part.export.click(
        lambda run, folder: begin_export(page, run, folder), [shown, part.folder], part.panel.outputs, **PRIVATE
    ).then(*_followed(page, part.panel, model_part.done, part, [part.download]), **PRIVATE, concurrency_limit=None)

    def begin(run: str, name: str, token: str, private: bool, signed: gr.OAuthToken | None) -> Updates:
        return begin_push(page, run, name, token or (signed.token if signed else ""), private)

    part.push.click(
        begin, [shown, part.name, part.token, part.private], [part.token, *part.panel.outputs], **PRIVATE
    ).then(*_followed(page, part.panel, model_part.done, part, [part.download]), **PRIVATE, concurrency_limit=None)  # fmt: skip
    part.panel.cancel.click(lambda job: part.panel.stop(page.compute, job), part.panel.job, part.panel.cancel, **PRIVATE)


def begin_export(page: Page, run: str, folder: str) -> Updates:
    """Export was pressed."""
    part = page.panels.take.model

    def request() -> dict[str, Any]:
        if not run:
            raise InputError(words.TAKE_NOTHING)
        return model_part.export_request(run, page.store.load(run), page.store, folder or "")

    return part.panel.begin(page.compute, request)


def begin_push(page: Page, run: str, name: str, token: str, private: bool) -> Updates:
    """Upload was pressed. The field is emptied, whatever becomes of it."""
    part = page.panels.take.model
    made: list[dict[str, Any]] = []

    def request() -> dict[str, Any]:
        if not run:
            raise InputError(words.TAKE_NOTHING)
        made.append(model_part.push_request(run, page.store.load(run), page.store, name or "", token or "", private))
        return made[0]

    updates = part.panel.begin(page.compute, request)
    if made and not updates[part.panel.job]:  # The queue was full.
        VAULT.forget(made[0]["ticket"])
    return {part.token: "", **updates}


def _connect_cost(page: Page) -> None:
    part, shown = page.panels.take.cost, page.shown
    part.measure.click(
        lambda run, *given: part.panel.begin(page.compute, lambda: cost_part.request(run, *given)),
        [shown, part.tokens, part.repeats], part.panel.outputs, **PRIVATE,
    ).then(*_followed(page, part.panel, cost_part.done, part, [part.table, part.said]), **PRIVATE, concurrency_limit=None)  # fmt: skip
    part.panel.cancel.click(lambda job: part.panel.stop(page.compute, job), part.panel.job, part.panel.cancel, **PRIVATE)


def _followed(page: Page, panel: JobPanel, done: Any, part: Any, more: list[Any]) -> tuple[Any, list[Any], list[Any]]:
    """(callback, inputs, outputs) that follow a job to its end."""

    async def follow(job: str, run: str) -> AsyncIterator[Updates]:
        async for updates in panel.follow(page.compute, job, lambda result: done(part, run, result)):
            yield updates

    return follow, [panel.job, page.shown], [*panel.outputs, *more]


def _connect_keep(page: Page) -> None:
    part, shown, earlier = page.panels.take.keep, page.shown, page.panels.earlier
    part.save.click(
        lambda run, text: keep_part.name(part, page.store, run, text), [shown, part.note], part.status, **PRIVATE
    ).then(page.earlier, shown, earlier, **PRIVATE)
    part.delete.click(lambda run, sure: delete(page, run, sure), [shown, part.sure], [part.status, part.sure, shown], **PRIVATE)
    part.archive.upload(lambda file: take_in(page, file), part.archive, [part.status, part.archive, shown], **PRIVATE)


def delete(page: Page, run: str, sure: bool) -> Updates:
    """Delete was pressed: afterwards the example is shown."""
    updates, gone = keep_part.delete(page.panels.take.keep, page.store, run, sure)
    return {**updates, page.shown: EXAMPLE if page.store.has_example() else ""} if gone else updates


def take_in(page: Page, file: str | None) -> Updates:
    """A run was uploaded: it is shown."""
    updates, run = keep_part.take_in(page.panels.take.keep, page.store, file)
    return {**updates, page.shown: run} if run else updates
