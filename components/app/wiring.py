"""Which event calls which callback with which widgets. Nothing is drawn or computed here."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from components.app import api
from components.app.callbacks import Page, Panels, Updates
from components.form import wiring as form_wiring
from components.report import benchmarks
from components.sections.compare import wiring as comparing
from components.sections.methods import tab as worth_tab
from components.sections.reasons import masks, predictors, profile, writing
from components.sections.run import activation as activation_tab, languages as languages_tab, sparsity as sparsity_tab
from components.sections.sweeps import wiring as searching
from components.sections.take import wiring as taking
from components.sections.weights import wiring as weighing
from components.widgets.inputs import widgets


def connect(page: Page) -> None:
    """Connect a page that was drawn, inside its Blocks."""
    api.connect(page)  # First: its endpoints have their names to themselves.
    run, form = page.panels.run, page.panels.form
    form_wiring.connect(form, page.demo, page.foresee, [run.cost, run.details, form.method.problem])
    _connect_right(page)
    _connect_run(page)
    taking.connect(page)
    comparing.connect(page)
    searching.connect(page)
    weighing.connect(page)


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
    p.form["sparsity"].change(None, p.form["sparsity"], sparsity.preview, **same)
    sparsity.preview.input(None, sparsity.preview, p.form["sparsity"], **same)
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
