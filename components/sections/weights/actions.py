"""What the tab of single weights does: every callback, apart from the widgets' events."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from components.app.callbacks import Page, Updates
from components.engine import importing
from components.figures.weights import matrices_map
from components.form.form import shared_server
from components.i18n import words
from components.sections.weights import dense, pictures, story as telling, tab as weights_tab
from components.widgets import progress_bar as watching
from components.widgets.clickable import value_of
from mwanda_core.errors import InputError
from mwanda_core.store.format import MASKS
from mwanda_core.store.report import RunReport

if TYPE_CHECKING:
    from mwanda_core.after.explain import Matrix


def _load(page: Page, run: str) -> tuple[RunReport, Path] | None:
    """A run; None where it cannot be read, which another event says aloud."""
    try:
        return (page.store.load(run), page.store.path(run)) if run else None
    except InputError:
        return None


def _nothing(page: Page) -> Updates:
    return {page.panels.banner: gr.skip()}


def show(page: Page, run: str) -> Updates:
    """Another run is shown: its map and menus."""
    found = _load(page, run)
    if found is None:
        return _nothing(page)
    report, folder = found
    return weights_tab.show(page.panels.weights, report, page.files.of(report)[0], (folder / MASKS).is_file())


def open_soon(page: Page, run: str, block: Any, module: Any, order: str) -> Updates:
    """Open the first matrix of a run that was just shown; the engine is not imported for it, opening the tab does that."""
    return open_matrix(page, run, block, module, order) if "torch" in sys.modules else _nothing(page)


def open_matrix(page: Page, run: str, block: Any, module: Any, order: str) -> Updates:
    """The pictures of the matrix that the menus name."""
    tab, found = page.panels.weights, _load(page, run)
    if found is None or not (found[1] / MASKS).is_file() or block is None or module is None:
        return _nothing(page)
    report, folder = found
    try:
        matrix = _matrix(report, folder, block, module)
    except InputError as error:
        gr.Warning(words.library(error))
        return {tab.pictures.title: watching.sentence(words.library(error), "bad")}
    label = weights_tab.label_of(report, matrix.module)
    return {
        tab.map: value_of(matrices_map(report, matrix.block, label), words.WEIGHTS_MAP),
        **pictures.show(tab.pictures, matrix),
        **pictures.show_shares(tab.shares, matrix, order or "sorted"),
        **telling.empty(tab.story),
    }


def _matrix(report: RunReport, folder: Path, block: Any, module: Any) -> "Matrix":
    with importing():
        from mwanda_core.after.explain import read_matrix

    return read_matrix(report, folder, int(block), str(module))


def clicked_map(page: Page, run: str, order: str, x: Any, label: Any) -> Updates:
    """A cell of the map was clicked."""
    tab, found = page.panels.weights, _load(page, run)
    if found is None:
        return _nothing(page)
    module = next((name for text, name in weights_tab.menu_of(found[0]) if text == label), None)
    if module is None or not (found[1] / MASKS).is_file():
        return _nothing(page)
    return {tab.block: int(x), tab.module: module, **open_matrix(page, run, x, module, order)}


def moved(page: Page, run: str, block: Any, module: Any, top: Any, left: Any, row: Any, column: Any) -> Updates:
    """The window is to be elsewhere."""
    found = _load(page, run)
    if found is None:
        return _nothing(page)
    chosen = None if row is None or column is None else (int(row), int(column))
    try:
        matrix = _matrix(*found, block, module)
    except InputError:
        return _nothing(page)
    return pictures.show_window(page.panels.weights.pictures, matrix, int(top or 0), int(left or 0), chosen)


def clicked_patch(page: Page, run: str, block: Any, module: Any, row: int, column: int) -> Updates:
    """A patch of the picture from afar was clicked: the window goes there."""
    part, found = page.panels.weights.pictures, _load(page, run)
    if found is None:
        return _nothing(page)
    matrix = _matrix(*found, block, module)
    # Far outside, so that the window is put with the patch in its middle wherever it was.
    shown = pictures.around(part, matrix, row, column, -pictures.WINDOW, -pictures.WINDOW)
    return {**shown, **pictures.show_window(part, matrix, shown[part.top], shown[part.left], None)}


def ordered(page: Page, run: str, block: Any, module: Any, order: str) -> Updates:
    """Shares sorted, or as they lie."""
    found = _load(page, run)
    if found is None:
        return _nothing(page)
    return pictures.show_shares(page.panels.weights.shares, _matrix(*found, block, module), order)


def why(page: Page, run: str, block: Any, module: Any, row: Any, column: Any, top: Any, left: Any) -> Updates:
    """A weight was clicked, or its place typed: its story."""
    tab, found = page.panels.weights, _load(page, run)
    if found is None or block is None:
        return _nothing(page)
    if row is None or column is None:
        return {tab.story.told: words.WHY_EMPTY}
    with importing():
        from mwanda_core.after.explain import weigh
        from mwanda_core.insight.weight_story import check_place

    report, folder = found
    try:
        matrix = _matrix(report, folder, block, module)
        place = int(row), int(column)
        check_place(matrix.keep.shape, *place)
    except InputError as error:
        gr.Warning(words.library(error))
        return {tab.story.told: watching.sentence(words.library(error), "bad")}
    updates = {tab.story.row: place[0], tab.story.column: place[1]}
    updates |= pictures.around(tab.pictures, matrix, *place, int(top or 0), int(left or 0))
    kept = bool(matrix.keep[place])
    try:
        weight = dense.dense_of(report, matrix)
        if weight is None:
            return updates | telling.need(tab.story, words.DENSE_NEEDED, kept, True)
        return updates | telling.show(tab.story, weigh(report, folder, matrix, weight, *place))
    except InputError as error:
        return updates | telling.need(tab.story, words.library(error), kept, not shared_server())


def read(page: Page, run: str, block: Any, module: Any) -> Updates:
    """The button that fetches the dense weights was pressed."""
    part = page.panels.weights.story
    try:
        job = page.compute.submit({"kind": dense.KIND, "run": run, "block": int(block), "module": str(module)})
    except InputError as error:
        gr.Warning(words.library(error))
        return {part.job: "", part.status: watching.sentence(words.library(error), "bad")}
    return {part.job: job, part.read: gr.update(interactive=False), part.cancel: gr.update(interactive=True)}


async def follow(page: Page, job: str) -> AsyncIterator[Updates]:
    """The job that fetches dense weights, until it ends."""
    part = page.panels.weights.story
    if not job:
        yield {part.status: gr.skip()}
        return
    try:
        async for view in page.compute.views(job):
            busy = not view.finished
            yield {
                part.status: watching.sentence(words.CANCELLED, "info") if view.state == "cancelled" else watching.bar(view),
                part.read: gr.update(interactive=not busy),
                part.cancel: gr.update(interactive=busy and not view.cancelling),
            }
    except InputError as error:
        yield {part.status: watching.sentence(words.library(error), "info"), part.read: gr.update(interactive=True)}


def stop(page: Page, job: str) -> Updates:
    """Cancel was pressed."""
    if job:
        page.compute.cancel(job)
    return {page.panels.weights.story.cancel: gr.update(interactive=False)}
