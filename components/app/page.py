"""The page: panels on the left, tabs on the right."""

import gc
from typing import Any

import gradio as gr

from components.app import language_menu as speaking
from components.app.callbacks import Page, Panels
from components.app.redraw import menus, menus_anew, shown_anew
from components.app.theme import CSS, KEYS, theme
from components.app.wiring import connect
from components.form import panel as form_panel, run_panel
from components.i18n import words
from components.jobs.compute import Compute, make_compute
from components.report.tables import Files
from components.sections.compare import tab as compare_tab
from components.sections.compare.desk import Desk
from components.sections.learn import tab as lesson_tab
from components.sections.methods import tab as worth_tab
from components.sections.reasons import tab as reasons_tab
from components.sections.run import (
    activation as activation_tab,
    languages as languages_tab,
    overview as overview_tab,
    sparsity as sparsity_tab,
    tables as tables_tab,
)
from components.sections.sweeps import tab as searching_tab
from components.sections.sweeps.sweep_results import Sheets
from components.sections.take import tab as take_tab
from components.sections.weights import tab as weights_tab
from components.store import RunStore
from components.widgets.debounce import without_progress


def build(compute: Compute | None = None, store: RunStore | None = None) -> Page:
    """Draw the page and connect it. Imports neither torch nor transformers.

    compute, store: where jobs run and runs are kept; the real ones when not given.
    """
    store = store or RunStore()
    compute = compute or make_compute(store)
    with gr.Blocks(title=words.TITLE, analytics_enabled=False, fill_width=True, delete_cache=(3600, 86400)) as demo:
        job = gr.BrowserState("", storage_key="mwanda-explorer-job", secret="mwanda-explorer")
        shown, drawn = gr.State(""), gr.State("")
        before = len(demo.blocks)
        panels, menu = _draw()
        # Before anything is connected: a connection may add widgets of its own.
        translator = speaking.Translator(demo, before, _draw)
        page = Page(demo, panels, compute, store, Files(), job, shown, drawn, Desk(store), Sheets(), translator)
        connect(page)
        speaking.connect(menu, translator, shown_anew(page), (lambda values: menus_anew(page, values), menus(page)))
        without_progress(demo)
    demo.queue(default_concurrency_limit=16)
    return page


def _draw() -> tuple[Panels, speaking.Speaking]:
    """Everything that a visitor sees, in the language that `speech.current` says."""
    with gr.Row():
        with gr.Column(scale=5, min_width=320):
            gr.Markdown(words.INTRO)
        menu = speaking.draw()
    with gr.Row():
        with gr.Column(scale=2, min_width=320, elem_classes=["mw-left"]):
            left = (form_panel.draw(), run_panel.draw())
        with gr.Column(scale=5, min_width=320):
            right = _tabs()
    return Panels(*left, *right), menu


def _tabs() -> tuple[Any, ...]:
    banner = gr.Markdown(words.NO_RUN, elem_id="banner")
    earlier = gr.Dropdown([], label=words.EARLIER, elem_id="earlier")
    found: list[Any] = [banner, earlier]
    with gr.Tabs() as tabs:
        for name, draw in (
            (words.TAB_OVERVIEW, overview_tab.draw),
            (words.TAB_ACTIVATION, activation_tab.draw),
            (words.TAB_SPARSITY, sparsity_tab.draw),
        ):
            with gr.Tab(name):
                found.append(draw())
        with gr.Tab(words.TAB_WEIGHTS) as weights:
            found.append(weights_tab.draw(weights))
        for name, draw_next in (
            (words.TAB_LANGUAGES, languages_tab.draw),
            (words.TAB_REASONS, reasons_tab.draw),
            (words.TAB_TABLES, tables_tab.draw),
            (words.TAB_TAKE, take_tab.draw),
            (words.TAB_WORTH, worth_tab.draw),
        ):
            with gr.Tab(name):
                found.append(draw_next())
        with gr.Tab(words.TAB_COMPARE, id=compare_tab.ID) as compare:
            found.append(compare_tab.draw(tabs, compare))
        with gr.Tab(words.TAB_SWEEP) as many:
            found.append(searching_tab.draw(many))
        with gr.Tab(lesson_tab.title()):
            lesson_tab.draw()
        with gr.Tab(words.TAB_ABOUT):
            gr.Markdown(words.ABOUT)
    return tuple(found)


def launch(host: str = "127.0.0.1", port: int | None = None, share: bool = False) -> None:
    """Serve the page until the program is stopped."""
    page = build()
    gc.freeze()
    gc.enable()
    try:
        page.demo.launch(
            server_name=host, server_port=port, share=share, ssr_mode=False, run_history=False, footer_links=["gradio", "settings"],
            theme=theme(), head=speaking.HEAD, css=CSS + lesson_tab.CSS + speaking.CSS, js=KEYS, show_error=True,
        )  # fmt: skip
    finally:
        page.compute.close()
        page.desk.close()
        page.sheets.close()
        page.files.close()
