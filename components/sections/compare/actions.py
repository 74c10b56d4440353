"""The callbacks of the Compare tab, on widgets that were drawn elsewhere. Tests call them without a browser."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import gradio as gr

from components.app.callbacks import Page, Updates
from components.form import cloning, fill as form_fill
from components.i18n import words
from components.report import story
from components.sections.compare import masks as masks_part, tab as compare_tab
from components.sections.compare.choice import MOST, Chosen, ids_in, menu, read, same_model
from components.sections.compare.readable import unpaired
from components.sections.compare.tables import Compared, compared
from components.widgets import progress_bar as watching
from mwanda_core.errors import InputError


def arrive(page: Page, request: gr.Request) -> Updates:
    """The page was opened by a link to a comparison: its tab, and its baseline. The runs come after (`arrive_runs`): a change of
    them is answered at once, and must find the baseline there."""
    tab, ids = page.panels.compare, _linked(request)
    if not ids:
        return {tab.baseline: gr.skip()}
    baseline = str(dict(request.query_params).get("baseline", "")) or ids[0]
    return {
        tab.baseline: gr.update(choices=[(name, name) for name in ids[:MOST]], value=baseline),
        tab.tabs: gr.update(selected=compare_tab.ID),
    }


def arrive_runs(page: Page, request: gr.Request) -> Updates:
    """The runs that a link names, and the menu of runs."""
    tab, ids = page.panels.compare, _linked(request)
    if not ids:
        return compare_tab.refreshed(tab, page.store, [])
    if len(ids) > MOST:
        gr.Warning(words.COMPARE_FIRST_SIX.format(count=len(ids)))
    return {tab.chosen: gr.update(choices=menu(page.store, ids[:MOST]), value=ids[:MOST])}


def _linked(request: gr.Request) -> list[str]:
    return ids_in(str(dict(request.query_params).get("compare", "")))


def add(page: Page, ids: Sequence[str] | None, text: str) -> Updates:
    """A link or a name was given: the runs it names are added to those chosen, and what cannot be is said."""
    tab, had = page.panels.compare, list(ids or ())
    wanted = ids_in(text)
    if not wanted:
        gr.Warning(words.COMPARE_EMPTY_LINK)
        return {tab.chosen: gr.skip()}
    found = read(page.store, [*had, *wanted])
    problems = [words.COMPARE_AGAIN.format(name=name) for name in wanted if name in had]
    problems += [problem for problem in found.problems if any(repr(name[:80]) in problem for name in wanted)]
    new = [name for name in found.ids if name not in had]
    if len(had) + len(new) > MOST:
        problems.append(words.COMPARE_SIX)
        new = new[: max(0, MOST - len(had))]
    for problem in problems:
        gr.Warning(problem)
    if not new:
        return {tab.chosen: gr.skip()}
    return {tab.chosen: gr.update(choices=menu(page.store, [*had, *new]), value=[*had, *new]), tab.paste: ""}


def add_shown(page: Page, ids: Sequence[str] | None, shown: str) -> Updates:
    """The run that the other tabs show is added."""
    if not shown:
        gr.Warning(words.COMPARE_NO_SHOWN)
        return {page.panels.compare.chosen: gr.skip()}
    return add(page, ids, shown)


def compare(page: Page, ids: Sequence[str] | None, baseline: str | None, job: str, request: gr.Request) -> Updates:
    """Other runs were chosen, or another baseline. Fewer than two: what is missing, and no figures."""
    tab = page.panels.compare
    chosen = read(page.store, list(ids or ())[:MOST])
    if job and page.desk.asked(job) != chosen.ids:
        page.desk.compute.cancel(job)
    updates = _menus(tab, chosen, baseline)
    problems = chosen.problems
    if len(chosen.ids) >= 2:
        try:
            found = compared(chosen, baseline or "")
            return updates | _shown(page, found, link(request, chosen.ids, baseline or ""), job)
        except InputError as error:
            problems = (*problems, words.library(error))
    elif not problems or chosen.ids:
        problems = (*problems, words.COMPARE_ONE if chosen.ids else words.COMPARE_NONE)
    return {**updates, tab.told: "\n\n".join(problems), tab.body: gr.update(visible=False), **masks_part.idle(tab.masks)}


def _menus(tab: compare_tab.CompareTab, chosen: Chosen, baseline: str | None) -> Updates:
    choices = list(zip(chosen.labels, chosen.ids, strict=True))
    if not chosen.ids:  # A baseline that a link named waits here for its runs.
        return {tab.clone.source: gr.update(choices=[], value=None), tab.clone.told: ""}
    first = chosen.ids[0]
    return {
        tab.baseline: gr.update(choices=choices, value=baseline if baseline in chosen.ids else first),
        tab.clone.source: gr.update(choices=choices, value=first),
        tab.clone.told: "",
    }


def _shown(page: Page, found: Compared, address: str, job: str) -> Updates:
    tab, ids = page.panels.compare, found.chosen.ids
    masks = page.desk.masks(ids)
    files = page.desk.files(found, masks)
    models = () if same_model(found.chosen.reports) else (words.COMPARE_MODELS,)
    notes = "\n\n".join(text for text in (*models, unpaired(found)) if text)
    updates = {
        **compare_tab.show(tab, found, files, found.chosen.problems),
        tab.notes: gr.update(value=notes, visible=bool(notes)),
        tab.link: address,
    }
    if masks is not None:
        return updates | masks_part.show(tab.masks, masks, labels(found.chosen), files)
    return updates if job and page.desk.asked(job) == ids else updates | masks_part.idle(tab.masks)


def labels(chosen: Chosen) -> dict[str, str]:
    """Name -> label of the runs."""
    return dict(zip(chosen.ids, chosen.labels, strict=True))


def link(request: gr.Request, ids: Sequence[str], baseline: str) -> str:
    """The address that opens this comparison: the page's own, as the visitor's browser names it, with the runs."""
    here = urlsplit(str(dict(request.headers).get("referer", "")))
    query = {"compare": ",".join(ids)} | ({"baseline": baseline} if baseline in ids[1:] else {})
    return urlunsplit((here.scheme, here.netloc, here.path, urlencode(query, safe=","), ""))


def start_masks(page: Page, ids: Sequence[str] | None) -> Updates:
    """Compare the masks of the runs chosen."""
    part = page.panels.compare.masks
    try:
        job = page.desk.start(read(page.store, list(ids or ())[:MOST]).ids)
    except InputError as error:
        gr.Warning(words.library(error))
        return {part.job: "", part.status: watching.sentence(words.library(error), "bad")}
    return {part.job: job, part.start: gr.update(interactive=False), part.stop: gr.update(interactive=True)}


async def follow_masks(page: Page, job: str) -> AsyncIterator[Updates]:
    """Show how far a job has come, and keep what it found."""
    part = page.panels.compare.masks
    if not job:
        yield {part.start: gr.update(interactive=True)}
        return
    try:
        async for view in page.desk.compute.views(job):
            if view.state == "done":
                page.desk.keep(page.desk.asked(job), view.result)
            said = watching.sentence(words.COMPARE_MASKS_CANCELLED, "info") if view.state == "cancelled" else watching.bar(view)
            yield {
                part.status: said, part.start: gr.update(interactive=view.finished), part.stop: gr.update(interactive=not view.finished),
            }  # fmt: skip
    except InputError as error:
        yield {
            part.status: watching.sentence(words.library(error), "info"), part.start: gr.update(interactive=True), part.stop: gr.update(interactive=False),
        }  # fmt: skip


def stop_masks(page: Page, job: str) -> Updates:
    """Cancel was pressed."""
    page.desk.compute.cancel(job)
    return {page.panels.compare.masks.stop: gr.update(interactive=False)}


def masks_ready(page: Page, ids: Sequence[str] | None, baseline: str | None) -> Updates:
    """A job ended: what is known of the masks of the runs that are chosen now."""
    tab = page.panels.compare
    chosen = read(page.store, list(ids or ())[:MOST])
    masks = page.desk.masks(chosen.ids)
    if masks is None or len(chosen.ids) < 2:
        return {tab.masks.job: ""}
    files = page.desk.files(compared(chosen, baseline or ""), masks)
    return {
        tab.masks.job: "", **masks_part.show(tab.masks, masks, labels(chosen), files),
        tab.everything: gr.update(value=files["zip"], interactive=True),
    }  # fmt: skip


def pair(page: Page, ids: Sequence[str] | None, first: str | None, second: str | None, view: str) -> Updates:
    """Another two of the runs, or another measure."""
    tab = page.panels.compare
    chosen = read(page.store, list(ids or ())[:MOST])
    masks: Mapping[str, Any] | None = page.desk.masks(chosen.ids)
    if masks is None:
        return {tab.masks.map.plot: gr.skip()}
    return masks_part.show_pair(tab.masks, masks, (first, second), view)


def clone(page: Page, name: str | None) -> Updates:
    """The settings of a run into the form, all but the languages (see `clone_languages`)."""
    told = page.panels.compare.clone.told
    if not name:
        gr.Warning(words.CLONE_NONE)
        return {told: words.CLONE_NONE}
    found = read(page.store, [name])
    if not found.reports:
        gr.Warning(found.problems[0])
        return {told: found.problems[0]}
    (report,) = found.reports
    try:
        form, unsaid = cloning.form_of_run(report)
        updates, nearest = form_fill.fill(page.panels.form, form)
    except InputError:
        gr.Warning(words.CLONE_UNREADABLE)
        return {told: words.CLONE_UNREADABLE}
    title, notes = story.title(report), [*unsaid, *nearest]
    updates[told] = words.CLONE_BUT.format(title=title, what=" ".join(notes)) if notes else words.CLONE_DONE.format(title=title)
    gr.Info(words.CLONE_DONE.format(title=title))
    return updates


def clone_languages(page: Page, name: str | None) -> Updates:
    """The languages of a run into the form, once all else is there: other menus follow the languages, and take what they hold then."""
    try:
        return form_fill.fill_languages(page.panels.form, cloning.form_of_run(page.store.load(name or ""))[0])
    except InputError:  # Said by `clone` already.
        return {page.panels.form.group: gr.skip()}
