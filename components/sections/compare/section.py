"""The tab that puts two to six kept runs side by side, and puts the settings of one into the form."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit, urlunsplit

import gradio as gr

from components import run_names
from components.context import UNCHECKED, Opening, PageContext, Section, Updates
from components.environment import shared_server
from components.form import cloning, fill
from components.i18n import words
from components.jobs import masks as masks_job
from components.jobs.masks import MasksCompared
from components.report import story
from components.scratch import Files, Recent
from components.sections.compare import listing, masks as masks_part, widgets as drawing
from components.sections.compare.choice import MOST, Chosen, ids_in, menu, read, same_model
from components.sections.compare.files import write
from components.sections.compare.readable import unpaired
from components.sections.compare.tables import Compared, compared
from components.widgets.inputs import file_of, widgets
from mwanda_core.errors import InputError

REMEMBERED = 16
"""Comparisons of masks that are kept in memory."""
APART = ("runs", "chosen", "paste", "add", "add_shown")
"""Fields that a comparison does not change: what the visitor chose."""


class Compare(Section):
    """asked: the runs of a job that compares masks. found: runs -> what such a job found of them."""

    id, title = "compare", "TAB_COMPARE"
    widgets: drawing.Widgets

    def __init__(self, context: PageContext, widgets: drawing.Widgets) -> None:
        super().__init__(context, widgets)
        self.asked: Recent[tuple[str, ...]] = Recent(REMEMBERED)
        self.found: Recent[MasksCompared] = Recent(REMEMBERED)

    @classmethod
    def draw(cls) -> drawing.Widgets:
        """Draw the tab where the caller stands."""
        return drawing.draw()

    def connect(self, opening: Opening) -> None:
        """The choice of runs, the masks, and the settings put into the form."""
        ours, part, context = self.widgets, self.widgets.masks, self.context
        everything, job = widgets(ours, APART), self.widgets.masks.job
        latest: dict[str, Any] = {**UNCHECKED, "trigger_mode": "always_last"}

        def arrive(request: gr.Request) -> Updates:
            return self.arrive(request)

        def arrive_runs(request: gr.Request) -> Updates:
            return self.arrive_runs(request)

        def compare(ids: list[str], baseline: str, job: str, request: gr.Request) -> Updates:
            return self.compare(ids, baseline, job, request)

        context.demo.load(arrive, None, [ours.baseline], **UNCHECKED).then(
            arrive_runs, None, [ours.chosen, ours.runs], **UNCHECKED
        )
        listed = [ours.chosen, ours.runs]
        context.redraw(context.shown.change, self.refresh, [ours.chosen, context.shown], listed, **UNCHECKED)
        opening.select(self.begin, [ours.chosen, context.shown], listed, **UNCHECKED)
        # Ticked in the table, or taken out of the menu: the other follows.
        ours.chosen.change(self.list_runs, [ours.chosen, context.shown], [ours.runs], **latest)

        def ticked(event: gr.EventData) -> Updates:
            return self.tick(event.chosen)

        def opened(event: gr.EventData) -> str:
            return str(event.run)

        def written(ids: list[str], shown: str, event: gr.EventData) -> Updates:
            return self.write(ids, shown, str(event.run), str(event.field), str(event.text))

        ours.runs.select(ticked, None, [ours.chosen], **UNCHECKED)
        ours.runs.click(opened, None, context.shown, **UNCHECKED)
        ours.runs.submit(written, [ours.chosen, context.shown], listed, **UNCHECKED).then(
            context.list_earlier, context.shown, context.earlier, **UNCHECKED
        )
        chosen = [ours.chosen, ours.baseline, job.job]
        context.redraw(ours.chosen.change, compare, chosen, everything, **latest)
        ours.baseline.input(compare, chosen, everything, **latest)
        added = [ours.chosen, ours.paste]
        gr.on([ours.add.click, ours.paste.submit], self.add, added, added, **UNCHECKED)
        ours.add_shown.click(self.add_shown, [ours.chosen, context.shown], added, **UNCHECKED)
        part.job.starts[0].click(self.start_masks, ours.chosen, job.outputs, **UNCHECKED).then(
            self.follow_masks, job.job, job.shown, concurrency_limit=None, **UNCHECKED
        ).then(self.masks_ready, [ours.chosen, ours.baseline], everything, **UNCHECKED)
        job.cancel.click(self.stop_masks, job.job, job.cancel, **UNCHECKED)
        of_pair = [ours.chosen, part.first, part.second, part.view]
        events = [part.first.input, part.second.input, part.view.input]
        gr.on(events, self.pair, of_pair, [part.map.plot, part.map.table], **latest)
        form, source = fill.outputs(context.form), ours.clone.source
        ours.clone.use.click(self.clone, source, [ours.clone.text, *form], **UNCHECKED).then(
            self.clone_languages, source, form, **UNCHECKED
        )

    def refresh(self, ids: Sequence[str] | None, shown: str = "") -> Updates:
        """The menu and the table of runs, as they are kept now."""
        return drawing.refreshed(self.widgets, self.context.store, list(ids or ()), shown)

    def list_runs(self, ids: Sequence[str] | None, shown: str) -> Updates:
        """The table alone."""
        return {self.widgets.runs: listing.value(self.context.store, list(ids or ()), shown)}

    def tick(self, ids: Sequence[str]) -> Updates:
        """Other runs were ticked in the table; what comes from a browser is looked at."""
        known = [str(id) for id in ids][:MOST]
        return {self.widgets.chosen: gr.update(choices=menu(self.context.store, known), value=known)}

    def write(self, ids: Sequence[str] | None, shown: str, run: str, field: str, text: str) -> Updates:
        """A name, tags or a note were written in the table."""
        store = self.context.store
        try:
            if shared_server() or field not in run_names.FIELDS or run not in {entry.id for entry in store.kept.entries()}:
                raise InputError(words.TAKE_LOCAL_ONLY)
            run_names.save(store.folder, run, text, field)
        except InputError as error:
            gr.Warning(words.library(error))
        return self.refresh(ids, shown)

    def begin(self, ids: Sequence[str] | None, shown: str, request: gr.Request) -> Updates:
        """The section is opened: where nothing is chosen yet and no other run is shown, the examples are compared; not where a link
        names runs, which are on their way with their baseline (`arrive`)."""
        examples, asked = self.context.store.examples(), parse_qs(_address(request).query)
        seen = shown or asked.get("run", [""])[0]
        if ids or len(examples) < 2 or "compare" in asked or (seen and seen not in examples):
            return self.refresh(ids, shown)
        return {self.widgets.chosen: gr.update(choices=menu(self.context.store, []), value=examples)}

    def files(self, found: Compared, masks: MasksCompared | None) -> Files:
        """Table name -> path of its CSV, and "zip" -> path of everything."""
        key = ("compare", found.chosen.ids, found.baseline, masks is not None)
        return self.context.scratch.files(key, lambda folder: write(found, masks, folder))

    def arrive(self, request: gr.Request) -> Updates:
        """The page was opened by a link to a comparison: its baseline. The runs come after (`arrive_runs`): a change of
        them is answered at once, and must find the baseline there."""
        ours, ids = self.widgets, _linked(request)
        if not ids:
            return {ours.baseline: gr.skip()}
        baseline = str(dict(request.query_params).get("baseline", "")) or ids[0]
        return {
            ours.baseline: gr.update(choices=[(name, name) for name in ids[:MOST]], value=baseline),
        }

    def arrive_runs(self, request: gr.Request) -> Updates:
        """The runs that a link names, and the menu of runs."""
        ours, ids = self.widgets, _linked(request)
        if not ids:
            return drawing.refreshed(ours, self.context.store, [])
        if len(ids) > MOST:
            gr.Warning(words.COMPARE_FIRST_SIX.format(count=len(ids)))
        chosen = gr.update(choices=menu(self.context.store, ids[:MOST]), value=ids[:MOST])
        return {ours.chosen: chosen, ours.runs: listing.value(self.context.store, ids[:MOST])}

    def add(self, ids: Sequence[str] | None, text: str) -> Updates:
        """A link or a name was given: the runs it names are added to those chosen, and what cannot be is said."""
        ours, had = self.widgets, list(ids or ())
        wanted = ids_in(text)
        if not wanted:
            gr.Warning(words.COMPARE_EMPTY_LINK)
            return {ours.chosen: gr.skip()}
        found = read(self.context.store, [*had, *wanted])
        problems = [words.COMPARE_AGAIN.format(name=name) for name in wanted if name in had]
        problems += [problem for problem in found.problems if any(repr(name[:80]) in problem for name in wanted)]
        new = [name for name in found.ids if name not in had]
        if len(had) + len(new) > MOST:
            problems.append(words.COMPARE_SIX)
            new = new[: max(0, MOST - len(had))]
        for problem in problems:
            gr.Warning(problem)
        if not new:
            return {ours.chosen: gr.skip()}
        return {ours.chosen: gr.update(choices=menu(self.context.store, [*had, *new]), value=[*had, *new]), ours.paste: ""}

    def add_shown(self, ids: Sequence[str] | None, shown: str) -> Updates:
        """The run that the other tabs show is added."""
        if not shown:
            gr.Warning(words.COMPARE_NO_SHOWN)
            return {self.widgets.chosen: gr.skip()}
        return self.add(ids, shown)

    def compare(self, ids: Sequence[str] | None, baseline: str | None, job: str, request: gr.Request) -> Updates:
        """Other runs were chosen, or another baseline. Fewer than two: what is missing, and no figures."""
        ours = self.widgets
        chosen = read(self.context.store, list(ids or ())[:MOST])
        if job and self.asked.get(job) != chosen.ids:
            self.context.quick.cancel(job)
        updates = self._menus(chosen, baseline)
        problems = chosen.problems
        if len(chosen.ids) >= 2:
            try:
                found = compared(chosen, baseline or "")
                return updates | self._shown(found, link(request, chosen.ids, baseline or ""), job)
            except InputError as error:
                problems = (*problems, words.library(error))
        elif not problems or chosen.ids:
            problems = (*problems, words.COMPARE_ONE if chosen.ids else words.COMPARE_NONE)
        return {**updates, ours.text: "\n\n".join(problems), ours.body: gr.update(visible=False), **masks_part.idle(ours.masks)}

    def _menus(self, chosen: Chosen, baseline: str | None) -> Updates:
        ours = self.widgets
        choices = list(zip(chosen.labels, chosen.ids, strict=True))
        if not chosen.ids:  # A baseline that a link named waits here for its runs.
            return {ours.clone.source: gr.update(choices=[], value=None), ours.clone.text: ""}
        first = chosen.ids[0]
        return {
            ours.baseline: gr.update(choices=choices, value=baseline if baseline in chosen.ids else first),
            ours.clone.source: gr.update(choices=choices, value=first),
            ours.clone.text: "",
        }

    def _shown(self, found: Compared, address: str, job: str) -> Updates:
        ours, ids = self.widgets, found.chosen.ids
        masks = self.found.get(ids)
        files = self.files(found, masks)
        models = () if same_model(found.chosen.reports) else (words.COMPARE_MODELS,)
        notes = "\n\n".join(text for text in (*models, unpaired(found)) if text)
        updates = {
            **drawing.show(ours, found, files, found.chosen.problems),
            ours.notes: gr.update(value=notes, visible=bool(notes)),
            ours.link: address,
        }
        if masks is not None:
            return updates | masks_part.show(ours.masks, masks, labels(found.chosen), files)
        return updates if job and self.asked.get(job) == ids else updates | masks_part.idle(ours.masks)

    def masks_ready(self, ids: Sequence[str] | None, baseline: str | None) -> Updates:
        """A job ended: what is known of the masks of the runs that are chosen now."""
        ours = self.widgets
        chosen = read(self.context.store, list(ids or ())[:MOST])
        masks = self.found.get(chosen.ids)
        if masks is None or len(chosen.ids) < 2:
            return {ours.masks.job.job: ""}
        files = self.files(compared(chosen, baseline or ""), masks)
        return {
            ours.masks.job.job: "",
            **masks_part.show(ours.masks, masks, labels(chosen), files),
            **file_of(ours.everything, files["zip"]),
        }

    def pair(self, ids: Sequence[str] | None, first: str | None, second: str | None, view: str) -> Updates:
        """Another two of the runs, or another measure."""
        ours = self.widgets
        chosen = read(self.context.store, list(ids or ())[:MOST])
        masks = self.found.get(chosen.ids)
        if masks is None:
            return {ours.masks.map.plot: gr.skip()}
        return masks_part.show_pair(ours.masks, masks, (first, second), view)

    def clone(self, name: str | None) -> Updates:
        """The settings of a run into the form, all but the languages (see `clone_languages`)."""
        text = self.widgets.clone.text
        if not name:
            gr.Warning(words.CLONE_NONE)
            return {text: words.CLONE_NONE}
        found = read(self.context.store, [name])
        if not found.reports:
            gr.Warning(found.problems[0])
            return {text: found.problems[0]}
        (report,) = found.reports
        try:
            form, unsaid = cloning.form_of_run(report)
            updates, nearest = fill.fill(self.context.form, form)
        except InputError:
            gr.Warning(words.CLONE_UNREADABLE)
            return {text: words.CLONE_UNREADABLE}
        title, notes = story.title(report), [*unsaid, *nearest]
        updates[text] = (
            words.CLONE_BUT.format(title=title, what=" ".join(notes)) if notes else words.CLONE_DONE.format(title=title)
        )
        gr.Info(words.CLONE_DONE.format(title=title))
        return updates

    def clone_languages(self, name: str | None) -> Updates:
        """The languages of a run into the form, once all else is there: other menus follow the languages, and take what they hold then."""
        try:
            return fill.fill_languages(self.context.form, cloning.form_of_run(self.context.store.load(name or ""))[0])
        except InputError:  # Said by `clone` already.
            return {self.context.form.group: gr.skip()}

    def start_masks(self, ids: Sequence[str] | None) -> Updates:
        """Compare the masks of the runs chosen."""
        job = self.widgets.masks.job
        runs = read(self.context.store, list(ids or ())[:MOST]).ids
        updates = job.begin(self.context.quick, lambda: {"kind": masks_job.KIND.name, "runs": list(runs)})
        if updates[job.job]:
            self.asked.put(updates[job.job], runs)
        return updates

    async def follow_masks(self, job: str) -> AsyncIterator[Updates]:
        """Show how far a job has come, and keep what it found."""

        def done(result: Any) -> Updates:
            self.found.put(self.asked.get(job) or (), result)
            return {}

        async for updates in self.widgets.masks.job.follow(self.context.quick, job, done):
            yield updates

    def stop_masks(self, job: str) -> Updates:
        """Cancel was pressed."""
        return self.widgets.masks.job.stop(self.context.quick, job)


def _linked(request: gr.Request) -> list[str]:
    return ids_in(str(dict(request.query_params).get("compare", "")))


def labels(chosen: Chosen) -> dict[str, str]:
    """Name -> label of the runs."""
    return dict(zip(chosen.ids, chosen.labels, strict=True))


def _address(request: gr.Request) -> SplitResult:
    """The page's own, as the visitor's browser names it."""
    return urlsplit(str(dict(request.headers).get("referer", "")))


def link(request: gr.Request, ids: Sequence[str], baseline: str) -> str:
    """The address that opens this comparison: the page's own with the runs."""
    here = _address(request)
    query = {"compare": ",".join(ids)} | ({"baseline": baseline} if baseline in ids[1:] else {})
    return urlunsplit((here.scheme, here.netloc, here.path, urlencode(query, safe=","), ""))
