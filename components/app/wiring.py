"""Which event calls which callback with which widgets. Nothing is drawn or computed here."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from components.app import api
from components.app.callbacks import Page, Panels, Updates
from components.form import language_panel, measure_panel, method_panel, model_panel
from components.i18n import words
from components.report import benchmarks
from components.sections.compare import wiring as comparing
from components.sections.methods import tab as worth_tab
from components.sections.reasons import masks, predictors, profile, writing
from components.sections.run import activation as activation_tab
from components.sections.run import languages as languages_tab
from components.sections.run import sparsity as sparsity_tab
from components.sections.sweeps import wiring as searching
from components.sections.take import wiring as taking
from components.sections.weights import wiring as weighing
from components.widgets.debounce import AFTER_FIGURES, settled
from components.widgets.inputs import widgets


def connect(page: Page) -> None:
    """Connect a page that was drawn, inside its Blocks."""
    api.connect(page)  # First: its endpoints have their names to themselves.
    _connect_left(page)
    _connect_right(page)
    _connect_run(page)
    taking.connect(page)
    comparing.connect(page)
    searching.connect(page)
    weighing.connect(page)


def _connect_left(page: Page) -> None:
    p = page.panels
    languages, method, advanced = p.languages, p.method, p.advanced
    source = [advanced.texts, advanced.folder]
    private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    languages.group.input(
        lambda *v: language_panel.choose_group(languages, *v),
        [languages.group, *source],
        [languages.languages, languages.held_out],
        **private,
    )
    for event in (advanced.texts.input, advanced.folder.change):
        event(
            lambda *v: language_panel.change_texts(languages, *v), [*source, languages.languages, languages.held_out],
            [languages.languages, languages.held_out, languages.group], **private,
        )  # fmt: skip
    advanced.texts.change(lambda name: gr.update(visible=name == "folder"), advanced.texts, advanced.folder, **private)
    advanced.mode.change(lambda name: gr.update(visible=name == "sequential"), advanced.mode, advanced.share, **private)
    form = set(page.form_widgets)
    # Widgets are relabelled while events are on their way: a value that was right when it was sent may lie outside a menu or a
    # slider's range when it arrives. These events take values as they are; the form checks them, and only Prune starts anything.
    unchecked: dict[str, Any] = {**private, "preprocess": False}
    # Whatever is changed, by hand or by another control.
    changes = [widget.change for widget in page.form_widgets if widget is not method.knobs_for]
    wait = settled(changes, page.foresee, form, [p.run.cost, p.run.details, method.problem], **unchecked)
    named = [method.method, languages.languages]
    for event in (method.method.input, method.back.click):
        event(lambda *v: method_panel.show(method, *v), named, method.drawn, **private)
    for menu in method.parts:
        menu.input(page.combine, form, method.drawn, **unchecked)
    for menu in method.words:
        menu.input(
            lambda key, *v: method_panel.change_menu(method, key, v), [method.knobs_for, *method.words], list(method.texts), **unchecked
        )  # fmt: skip
    for control in (method.pattern, method.n, method.m):
        control.input(
            lambda *v: method_panel.change_pattern(method, *v),
            [method.pattern, method.n, method.m],
            [method.sparsity, method.pattern_note, method.n, method.m],
            **private,
        )
    more = p.measure
    more.task_texts.change(lambda name: gr.update(visible=name == "folder"), more.task_texts, more.task_folder, **private)
    languages.languages.change(measure_panel.spare_menu, [languages.languages, more.spare], more.spare, **unchecked)
    languages.languages.change(method_panel.target_menu, [languages.languages, method.language], method.language, **unchecked)
    # The menu's texts need the engine, which takes seconds to import: after the figures, not beside them.
    page.demo.load(None, None, None, js=AFTER_FIGURES, **private).then(
        lambda name, codes: {
            method.method: gr.update(choices=method_panel.menu(), value=name), **method_panel.show(method, name, codes)
        },
        named, [method.method, *method.drawn], **private,
    ).then(lambda: gr.update(choices=model_panel.suggestions()), None, p.model.model, **private).then(**wait)  # fmt: skip
    p.model.ask.click(lambda: gr.update(value=words.ESTIMATING, visible=True), None, p.model.estimate, **private).then(
        model_panel.estimate, [p.model.model, advanced.tokens, languages.languages], p.model.estimate, **private
    )


def _connect_right(page: Page) -> None:
    p, shown = page.panels, page.shown
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private", "trigger_mode": "always_last"}
    activation, sparsity, per_language, tables = p.activation, p.sparsity, p.per_language, p.tables

    def on(events: Sequence[Any], draw: Callable[..., Updates], tab: Any, inputs: list[Any], outputs: list[Any]) -> None:
        gr.on(events, page.of_shown(draw, tab), [shown, *inputs], [p.banner, *outputs], **quiet)

    on(
        [activation.kind.input, activation.measure.input], activation_tab.change, activation, [activation.kind, activation.measure],
        [activation.help, activation.variance.plot, activation.variance.table],
    )  # fmt: skip
    on(
        [per_language.view.input], languages_tab.change, per_language, [per_language.view],
        [per_language.perplexity.plot, per_language.accuracy.plot],
    )  # fmt: skip
    _connect_studies(p, on)
    on([sparsity.view.input], sparsity_tab.change, sparsity, [sparsity.view], [sparsity.layers.plot])
    # Two sliders, one value: each moves the other by its own input event only, so they cannot chase each other.
    on(
        [sparsity.preview.change],
        sparsity_tab.preview,
        sparsity,
        [sparsity.preview],
        [sparsity.allocation.plot, sparsity.allocation.table],
    )
    same: dict[str, Any] = {**quiet, "js": "(percent) => percent"}  # In the browser: the server has nothing to add.
    p.method.sparsity.change(None, p.method.sparsity, sparsity.preview, **same)
    sparsity.preview.input(None, sparsity.preview, p.method.sparsity, **same)
    for control in (p.worth.setting, p.worth.measure):
        control.input(
            lambda *v: worth_tab.change(p.worth, *v), [p.worth.setting, p.worth.measure], [p.worth.plot, p.worth.table], **quiet
        )  # fmt: skip
    tables.which.input(page.table, [shown, tables.which], [tables.table, tables.csv], **quiet)


def _connect_studies(p: Panels, on: Callable[..., None]) -> None:
    """The controls of benchmarks and studies; each redraws its own part only."""
    tasks, reasons = p.per_language.benchmarks, p.reasons
    on(
        [tasks.which.input, tasks.reading.input], benchmarks.change, tasks, [tasks.which, tasks.reading],
        [tasks.help, tasks.dots.plot, tasks.dots.table],
    )  # fmt: skip
    mask = reasons.masks
    on([mask.where.input, mask.view.input], masks.change, mask, [mask.where, mask.view], [mask.pairs.plot, mask.pairs.table])
    known = reasons.predictors
    on([known.which.input], predictors.change, known, [known.which], [known.scatter.plot, known.told])
    on([reasons.writing.which.input], writing.change, reasons.writing, [reasons.writing.which], [reasons.writing.cards])
    on([reasons.profile.which.input], profile.change, reasons.profile, [reasons.profile.which], [reasons.profile.rank.plot])


def _connect_run(page: Page) -> None:
    p, job, shown = page.panels, page.job, page.shown
    private: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    watched = [p.run.status, p.run.log, p.run.prune, p.run.cancel, shown]
    follow: dict[str, Any] = {**private, "concurrency_limit": None}
    p.run.prune.click(
        page.begin, set(page.form_widgets), [job, p.run.status, p.run.log, p.run.prune, p.run.cancel], **private
    ).then(page.watch, job, watched, **follow)
    p.run.cancel.click(page.cancel, job, p.run.cancel, **private)
    tabs = [p.overview, p.activation, p.sparsity, p.per_language, p.reasons, p.tables]
    shown.change(
        page.show, [shown, p.sparsity.preview], [p.banner, *(w for tab in tabs for w in widgets(tab))], **private
    ).then(page.earlier, shown, p.earlier, **private).then(lambda run: run, shown, page.drawn, **private)
    p.earlier.input(lambda run_id: run_id, p.earlier, shown, **private)
    page.demo.load(page.arrive, job, [job, shown], **private).then(page.watch, job, watched, **follow)
