"""Which weights stayed, and why: a matrix is chosen on the map, looked at as pictures, and asked about weight by weight."""

import dataclasses
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from components.context import LATEST, UNCHECKED, Opening, Section, Updates
from components.engine import importing
from components.environment import shared_server
from components.figures.sparsity import matrix_labels
from components.figures.weights import matrices_map
from components.i18n import words
from components.jobs import weights
from components.report import tables
from components.report.tables import run_files
from components.sections.weights import anew, pictures, story
from components.widgets import progress_bar
from components.widgets.clickable import clickable, value_of
from components.widgets.inputs import Absent, absent, csv_button, file_of, table, widgets
from mwanda_core.errors import InputError
from mwanda_core.store.format import MASKS
from mwanda_core.store.report import RunReport
from mwanda_core.store.tensors import kept_masks

if TYPE_CHECKING:
    from mwanda_core.after.explain import Matrix

NOW: dict[str, Any] = {**UNCHECKED, **LATEST}


@dataclasses.dataclass(frozen=True)
class Widgets:
    """What the tab is made of."""

    map: gr.HTML
    table: gr.Dataframe
    csv: gr.DownloadButton
    masks: Absent
    block: gr.Dropdown
    module: gr.Dropdown
    pictures: pictures.PicturesPart
    story: story.StoryPart
    shares: pictures.SharesPart
    anew: anew.AnewPart


def menu_of(report: RunReport) -> list[tuple[str, str]]:
    """(label, module) of every matrix that a block can have, in the model's order."""
    layers = report.tables["layers"]
    return list(dict.fromkeys(zip(matrix_labels(layers), map(str, layers["module"]), strict=True)))


def read(report: RunReport, folder: Path, block: Any, module: Any) -> "Matrix":
    """The mask of a matrix.

    Raises InputError where there is none.
    """
    with importing():
        from mwanda_core.after.explain import read_matrix

    return read_matrix(report, folder, int(block), str(module))


class Weights(Section):
    """One matrix at a time, down to the single weight."""

    id, title = "weights", "TAB_WEIGHTS"
    widgets: Widgets

    @classmethod
    def draw(cls) -> Widgets:
        """Draw the tab where the caller stands."""
        gr.Markdown(f"{words.WEIGHTS_HEADING}\n{words.WEIGHTS_HELP}")
        with gr.Row():
            with gr.Column(scale=5, min_width=320):
                plan = clickable("matrices", words.WEIGHTS_MAP)
            with gr.Column(scale=4, min_width=320):
                numbers = table("matrices", words.TABLE_TITLES["layers"])
                csv = csv_button("matrices")
        with absent("masks-of-run", words.WEIGHTS_NO_MASKS) as masks:
            with gr.Row():
                block = gr.Dropdown([], label=words.WEIGHTS_BLOCK, elem_id="weights-block", min_width=140)
                module = gr.Dropdown([], label=words.WEIGHTS_MATRIX, elem_id="weights-module", min_width=180)
            seen = pictures.draw()
            asked = story.draw()
            shares = pictures.draw_shares()
        return Widgets(plan, numbers, csv, masks, block, module, seen, asked, shares, anew.draw())

    def connect(self, opening: Opening) -> None:
        """The map, the menus and the pictures answer."""
        ours, context = self.widgets, self.context
        everything = [context.banner, *widgets(ours, ("job",))]
        named = [context.shown, ours.block, ours.module, ours.shares.order]

        def map_clicked(run: str, order: str, event: gr.EventData) -> Updates:
            return self.click_map(run, order, event.x, event.custom)

        shown = context.redraw(context.drawn.change, self.show, context.shown, everything, **UNCHECKED)
        context.redraw(shown.then, self.open_soon, named, everything, **UNCHECKED)
        gr.on([*opening.events, ours.block.input, ours.module.input], self.open_matrix, named, everything, **NOW)
        ours.map.select(map_clicked, [context.shown, ours.shares.order], everything, **NOW)
        ours.shares.order.input(self.order, named, [context.banner, *widgets(ours.shares)], **NOW)
        self._connect_window()
        self._connect_anew()

    def _connect_anew(self) -> None:
        part, context = self.widgets.anew, self.context
        chosen, outputs = (
            [context.shown, part.sparsity, part.pattern, part.mix],
            [context.banner, *widgets(part, ("job", "fold"))],
        )
        gr.on([part.fold.expand, part.sparsity.input, part.pattern.input, part.mix.input], self.anew, chosen, outputs, **NOW)

        async def follow(job: str) -> AsyncIterator[Updates]:
            async for updates in part.job.follow(context.compute, job, lambda result: {context.shown: result.run}):
                yield updates

        begin = part.job.starts[0].click(self.make_anew, chosen, part.job.outputs, **UNCHECKED)
        begin.then(follow, part.job.job, [*part.job.shown, context.shown], concurrency_limit=None, **UNCHECKED)
        part.job.cancel.click(lambda job: part.job.stop(context.compute, job), part.job.job, part.job.cancel, **UNCHECKED)

    def _connect_window(self) -> None:
        context, ours, seen, asked = self.context, self.widgets, self.widgets.pictures, self.widgets.story
        matrix, place, at = [context.shown, ours.block, ours.module], [asked.row, asked.column], [seen.top, seen.left]
        window = [context.banner, seen.window, seen.window_csv]
        answered = [*window, *widgets(asked, ("job",)), *asked.job.shown, *at]

        def patch_clicked(run: str, block: Any, module: Any, event: gr.EventData) -> Updates:
            return self.click_patch(run, block, module, int(event.custom[0]), int(event.custom[1]))

        def weight_clicked(run: str, block: Any, module: Any, top: Any, left: Any, event: gr.EventData) -> Updates:
            return self.why(run, block, module, event.y, event.x, top, left)

        async def follow(job: str) -> AsyncIterator[Updates]:
            async for updates in asked.job.follow(context.compute, job):
                yield updates

        gr.on([seen.top.input, seen.left.input], self.move, [*matrix, *at, *place], window, **NOW)
        seen.density.select(patch_clicked, matrix, [*window, *at], **NOW)
        seen.window.select(weight_clicked, [*matrix, *at], answered, **NOW)
        gr.on([asked.ask.click, asked.row.submit, asked.column.submit], self.why, [*matrix, *place, *at], answered, **NOW)
        asked.job.starts[0].click(self.fetch, matrix, asked.job.outputs, **UNCHECKED).then(
            follow, asked.job.job, asked.job.shown, concurrency_limit=None, **UNCHECKED
        ).then(self.why, [*matrix, *place, *at], answered, **UNCHECKED)
        asked.job.cancel.click(lambda job: asked.job.stop(context.compute, job), asked.job.job, asked.job.cancel, **UNCHECKED)

    def _load(self, run: str, masks: bool = False) -> tuple[RunReport, Path] | None:
        """A run and its folder; None where it cannot be read, or has no masks while they are wanted."""
        report = self.context.quiet_report(run)
        if report is None:
            return None
        folder = self.context.store.path(run)
        return None if masks and not (folder / MASKS).is_file() else (report, folder)

    def show(self, run: str) -> Updates:
        """Another run is shown: its map and its menus. No matrix is opened yet: that needs the engine."""
        ours, opened = self.widgets, self._load(run)
        if opened is None:
            return self.context.nothing
        report, folder = opened
        there = (folder / MASKS).is_file()
        layers, modules = report.tables["layers"], menu_of(report)
        numbers = dict.fromkeys(map(int, layers["block"]))
        if there:  # Of an example, a few.
            try:
                kept = kept_masks(folder / MASKS, zip(map(int, layers["block"]), map(str, layers["module"]), strict=True))
            except InputError:  # Said when a matrix is opened.
                kept = {}
            numbers = dict.fromkeys(block for block, _ in kept) or numbers
            modules = [entry for entry in modules if entry[1] in {module for _, module in kept}] or modules
        blocks = [(str(number), number) for number in numbers]
        return {
            ours.map: value_of(matrices_map(report), words.WEIGHTS_MAP),
            ours.table: tables.layers(report),
            **file_of(ours.csv, run_files(self.context.scratch, report)["layers"]),
            **ours.masks.show(there),
            ours.block: gr.update(choices=blocks, value=blocks[0][1]),
            ours.module: gr.update(choices=modules, value=modules[0][1]),
            ours.pictures.title: words.WEIGHTS_OPENING if there else "",
            **story.empty(ours.story),
            **anew.show(ours.anew, report, folder),
        }

    def anew(self, run: str, sparsity: float, pattern: str, mix: str) -> Updates:
        """The slider of other sparsities was moved, or its part opened."""
        if self._load(run) is None:
            return self.context.nothing
        return {**self.context.nothing, **anew.look(self.widgets.anew, self.context.store, run, sparsity, pattern, mix)}

    def make_anew(self, run: str, sparsity: float, pattern: str, mix: str) -> Updates:
        """The masks are to be a run."""
        return self.widgets.anew.job.begin(self.context.compute, lambda: anew.request(run, sparsity, pattern, mix))

    def open_soon(self, run: str, block: Any, module: Any, order: str) -> Updates:
        """Open the first matrix of a run that was just shown; the engine is not imported for it, opening the tab does that."""
        return self.open_matrix(run, block, module, order) if "torch" in sys.modules else self.context.nothing

    def open_matrix(self, run: str, block: Any, module: Any, order: str) -> Updates:
        """The pictures of the matrix that the menus name."""
        ours, opened = self.widgets, self._load(run, masks=True)
        if opened is None or block is None or module is None:
            return self.context.nothing
        try:
            matrix = read(*opened, block, module)
        except InputError as error:
            gr.Warning(words.library(error))
            return {ours.pictures.title: progress_bar.sentence(words.library(error), "bad")}
        label = next((label for label, name in menu_of(opened[0]) if name == matrix.module), None)
        return {
            ours.map: value_of(matrices_map(opened[0], matrix.block, label), words.WEIGHTS_MAP),
            **pictures.show(ours.pictures, self.context.scratch, matrix),
            **pictures.show_shares(ours.shares, self.context.scratch, matrix, order or "sorted"),
            **story.empty(ours.story),
        }

    def click_map(self, run: str, order: str, x: Any, label: Any) -> Updates:
        """A cell of the map was clicked."""
        opened = self._load(run, masks=True)
        module = opened and next((name for text, name in menu_of(opened[0]) if text == label), None)
        if not module:
            return self.context.nothing
        return {self.widgets.block: int(x), self.widgets.module: module, **self.open_matrix(run, x, module, order)}

    def move(self, run: str, block: Any, module: Any, top: Any, left: Any, row: Any, column: Any) -> Updates:
        """The window is to be elsewhere."""
        opened = self._load(run)
        chosen = None if row is None or column is None else (int(row), int(column))
        try:
            matrix = read(*opened, block, module) if opened else None
        except InputError:
            matrix = None
        if matrix is None:
            return self.context.nothing
        part, scratch = self.widgets.pictures, self.context.scratch
        return pictures.show_window(part, scratch, matrix, int(top or 0), int(left or 0), chosen)

    def click_patch(self, run: str, block: Any, module: Any, row: int, column: int) -> Updates:
        """A patch of the picture from afar was clicked: the window goes there."""
        part, scratch, opened = self.widgets.pictures, self.context.scratch, self._load(run)
        if opened is None:
            return self.context.nothing
        matrix = read(*opened, block, module)
        # Far outside, so that the window is put with the patch in its middle wherever it was.
        shown = pictures.around(part, scratch, matrix, (row, column), -pictures.WINDOW, -pictures.WINDOW)
        return {**shown, **pictures.show_window(part, scratch, matrix, shown[part.top], shown[part.left], None)}

    def order(self, run: str, block: Any, module: Any, order: str) -> Updates:
        """Shares sorted, or as they lie."""
        opened = self._load(run)
        if opened is None:
            return self.context.nothing
        return pictures.show_shares(self.widgets.shares, self.context.scratch, read(*opened, block, module), order)

    def why(self, run: str, block: Any, module: Any, row: Any, column: Any, top: Any, left: Any) -> Updates:
        """A weight was clicked, or its place typed: its story."""
        part, scratch, opened = self.widgets.story, self.context.scratch, self._load(run)
        if opened is None or block is None:
            return self.context.nothing
        if row is None or column is None:
            return {part.text: words.WHY_EMPTY}
        with importing():
            from mwanda_core.after.explain import weigh
            from mwanda_core.insight.weight_story import check_place

        try:
            matrix, place = read(*opened, block, module), (int(row), int(column))
            check_place(matrix.keep.shape, *place)
        except InputError as error:
            gr.Warning(words.library(error))
            return {part.text: progress_bar.sentence(words.library(error), "bad")}
        updates = {part.row: place[0], part.column: place[1]}
        updates |= pictures.around(self.widgets.pictures, scratch, matrix, place, int(top or 0), int(left or 0))
        kept = bool(matrix.keep[place])
        try:
            weight = weights.dense_of(opened[0], matrix)
            if weight is None:
                return updates | story.need(part, words.DENSE_NEEDED, kept, True)
            return updates | story.show(part, scratch, weigh(*opened, matrix, weight, *place))
        except InputError as error:
            return updates | story.need(part, words.library(error), kept, not shared_server())

    def fetch(self, run: str, block: Any, module: Any) -> Updates:
        """The button that fetches the dense weights was pressed."""
        request = {"kind": weights.KIND.name, "run": run, "block": int(block), "module": str(module)}
        return self.widgets.story.job.begin(self.context.compute, lambda: request)
