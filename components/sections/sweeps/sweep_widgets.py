"""The part that sweeps: what is wanted, the job, and its results."""

import dataclasses
from typing import Any

import gradio as gr

from components.i18n import locale as speech, words
from components.jobs.panel import JobPanel, buttons, remembered
from components.scratch import Scratch
from components.sections.sweeps import sweep_results
from components.sections.sweeps.plans import LEFT, Wanted
from components.sections.sweeps.sweep_results import Results
from components.widgets.inputs import Absent, FigureAndTable, absent, csv_button, figure_and_table, file_of, filled, plot, table

Updates = dict[Any, Any]


@dataclasses.dataclass(frozen=True)
class Asked:
    """What is wanted."""

    sparsities: gr.Textbox
    methods: gr.Dropdown
    mixes: gr.Textbox
    seeds: gr.Textbox
    name: gr.Textbox
    forecast: gr.Markdown


@dataclasses.dataclass(frozen=True)
class Shown:
    """The results."""

    section: Absent
    text: gr.Markdown
    view: gr.Dropdown
    curves: FigureAndTable
    multiples: gr.Plot
    cap: gr.Markdown
    front: gr.Plot
    table: gr.Dataframe
    download: gr.DownloadButton
    long: gr.DownloadButton
    run: gr.Dropdown
    open: gr.Button


@dataclasses.dataclass(frozen=True)
class Widgets:
    """Widgets of the part. name: of the sweep that this browser looks at."""

    asked: Asked
    job: JobPanel
    kept: gr.Dropdown
    resume: gr.Button
    forget: gr.Button
    shown: Shown
    name: gr.BrowserState


def draw() -> Widgets:
    """Draw the part where the caller stands."""
    gr.Markdown(words.SWEEP_HELP)
    asked = _asked()
    job = buttons("sweep", words.SWEEP_START, cancelled="SWEEP_CANCELLED", log=words.SWEEP_LOG, kept=True)
    with gr.Row(equal_height=True):
        kept = gr.Dropdown([], value=None, label=words.SWEEP_KEPT_NONE, elem_id="sweep-kept", scale=3, min_width=240)
        resume = gr.Button(words.SWEEP_RESUME, elem_id="sweep-resume", scale=1, min_width=110)
        forget = gr.Button(words.SWEEP_FORGET, elem_id="sweep-forget", scale=1, min_width=110)
    job = dataclasses.replace(job, starts=(*job.starts, resume))
    return Widgets(asked, job, kept, resume, forget, _shown(), remembered("sweep"))


def _asked() -> Asked:
    usual = Wanted()
    with gr.Row():
        sparsities = gr.Textbox(
            usual.sparsities, label=words.SWEEP_SPARSITIES, info=words.SWEEP_SPARSITIES_INFO, elem_id="sweep-sparsities", min_width=220
        )  # fmt: skip
        methods = gr.Dropdown(
            [(words.SWEEP_LEFT, LEFT)], value=list(usual.methods), multiselect=True, label=words.SWEEP_METHODS,
            info=words.SWEEP_METHODS_INFO, elem_id="sweep-methods", min_width=220,
        )  # fmt: skip
    mixes = gr.Textbox(
        usual.mixes, lines=3, max_lines=12, label=words.SWEEP_MIXES, info=words.SWEEP_MIXES_INFO,
        placeholder=words.SWEEP_MIXES_EXAMPLE, elem_id="sweep-mixes",
    )  # fmt: skip
    with gr.Row():
        seeds = gr.Textbox(
            usual.seeds, label=words.SWEEP_SEEDS, info=words.SWEEP_SEEDS_INFO, elem_id="sweep-seeds", min_width=160
        )
        name = gr.Textbox(
            "", label=words.SWEEP_NAME, info=words.SWEEP_NAME_INFO, max_length=60, elem_id="sweep-name", min_width=160
        )
    return Asked(sparsities, methods, mixes, seeds, name, gr.Markdown(words.SWEEP_WAITING, elem_id="sweep-forecast"))


def _shown() -> Shown:
    with absent("sweep", words.SWEEP_EMPTY) as place:
        text = gr.Markdown(elem_id="sweep-told")
        gr.Markdown(words.SWEEP_CURVES)
        gr.Markdown(words.SWEEP_CURVES_HELP)
        view = gr.Dropdown(
            [(words.SWEEP_MEAN, sweep_results.VIEWS[0]), (words.SWEEP_WORST, sweep_results.VIEWS[1])],
            value=sweep_results.VIEWS[0], label=words.SWEEP_VIEW, elem_id="sweep-view",
        )  # fmt: skip
        curves = figure_and_table("sweep-curves", words.SWEEP_CURVES.strip("# "))
        gr.Markdown(words.SWEEP_FRONT)
        gr.Markdown(words.SWEEP_FRONT_HELP)
        front = plot("sweep-front", words.SWEEP_FRONT.strip("# "))
        gr.Markdown(words.SWEEP_TABLE)
        gr.Markdown(words.SWEEP_TABLE_HELP)
        runs = table("sweep", words.SWEEP_TABLE.strip("# "), 420)
        download = csv_button("sweep")
        with gr.Row(equal_height=True):
            run = gr.Dropdown([], value=None, label=words.SWEEP_OPEN, elem_id="sweep-run", scale=4, min_width=240)
            button = gr.Button(words.SWEEP_OPEN_BUTTON, elem_id="sweep-open", scale=1, min_width=100)
        gr.Markdown(words.SWEEP_MULTIPLES)
        gr.Markdown(words.SWEEP_MULTIPLES_HELP)
        cap = gr.Markdown(visible=False)
        multiples = plot("sweep-multiples", words.SWEEP_MULTIPLES.strip("# "))
        long = csv_button("sweep-languages")
    return Shown(place, text, view, curves, multiples, cap, front, runs, download, long, run, button)


def show(tab: Widgets, results: Results, scratch: Scratch, view: str) -> Updates:
    """Every figure and table of a sweep."""
    shown, name = tab.shown, results.kept.name
    there = len(results.runs) > 0
    updates: Updates = {**shown.section.show(there), shown.text: sweep_results.progress(results)}
    if not there:
        return updates
    choices = sweep_results.views(results)
    which = view if view in {value for _, value in choices} else sweep_results.VIEWS[0]
    panels, note = sweep_results.multiples(results)
    return updates | {
        shown.view: gr.update(choices=choices, value=which),
        **show_view(tab, results, scratch, which),
        shown.multiples: panels,
        shown.cap: gr.update(value=note, visible=bool(note)),
        shown.front: sweep_results.front(results),
        shown.table: sweep_results.table(results),
        shown.run: gr.update(choices=sweep_results.menu(results)),
        **file_of(shown.download, scratch.csv(f"{name}-runs", results.runs)),
        **file_of(shown.long, scratch.csv(f"{name}-languages", results.languages)),
    }


def show_view(tab: Widgets, results: Results, scratch: Scratch, view: str) -> Updates:
    """The curves of the mean, the worst, or a language."""
    figure, numbers = sweep_results.curve(results, view)
    with speech.drawing(speech.ENGLISH):  # A file is the same for whoever asks for it.
        _, english = sweep_results.curve(results, view)
    return filled(tab.shown.curves, figure, numbers, scratch.csv(f"{results.kept.name}-curves-{view}", english))
