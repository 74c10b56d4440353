"""The page: panels on the left, tabs on the right."""

from typing import Any

import gradio as gr

from components import (
    activation_tab,
    advanced_panel,
    language_panel,
    languages_tab,
    lesson_tab,
    measure_panel,
    method_panel,
    model_panel,
    overview_tab,
    reasons_tab,
    run_panel,
    sparsity_tab,
    tables_tab,
    words,
    worth_tab,
)  # fmt: skip
from components.callbacks import Page, Panels
from components.compute import Compute, make_compute
from components.store import RunStore
from components.tables import Files
from components.theme import CSS, theme
from components.wiring import connect


def build(compute: Compute | None = None, store: RunStore | None = None) -> Page:
    """Draw the page and connect it. Imports neither torch nor transformers.

    compute, store: where jobs run and runs are kept; the real ones when not given.
    """
    store = store or RunStore()
    compute = compute or make_compute(store)
    with gr.Blocks(title=words.TITLE, analytics_enabled=False, fill_width=True, delete_cache=(3600, 86400)) as demo:
        job = gr.BrowserState("", storage_key="mwanda-explorer-job", secret="mwanda-explorer")
        shown = gr.State("")
        gr.Markdown(words.INTRO)
        with gr.Row():
            with gr.Column(scale=2, min_width=320, elem_classes=["mw-left"]):
                left = (
                    model_panel.draw(), language_panel.draw(), method_panel.draw(), advanced_panel.draw(), measure_panel.draw(), run_panel.draw(),
                )  # fmt: skip
            with gr.Column(scale=5, min_width=320):
                right = _tabs()
        page = Page(demo, Panels(*left, *right), compute, store, Files(), job, shown)
        connect(page)
    demo.queue(default_concurrency_limit=16)
    return page


def _tabs() -> tuple[Any, ...]:
    banner = gr.Markdown(words.NO_RUN, elem_id="banner")
    earlier = gr.Dropdown([], label=words.EARLIER, elem_id="earlier")
    found: list[Any] = [banner, earlier]
    with gr.Tabs():
        for name, draw in (
            (words.TAB_OVERVIEW, overview_tab.draw),
            (words.TAB_ACTIVATION, activation_tab.draw),
            (words.TAB_SPARSITY, sparsity_tab.draw),
            (words.TAB_LANGUAGES, languages_tab.draw),
            (words.TAB_REASONS, reasons_tab.draw),
            (words.TAB_TABLES, tables_tab.draw),
            (words.TAB_WORTH, worth_tab.draw),
        ):
            with gr.Tab(name):
                found.append(draw())
        with gr.Tab(lesson_tab.title()):
            lesson_tab.draw()
        with gr.Tab(words.TAB_ABOUT):
            gr.Markdown(words.ABOUT)
    return tuple(found)


def launch(host: str = "127.0.0.1", port: int | None = None, share: bool = False) -> None:
    """Serve the page until the program is stopped."""
    page = build()
    try:
        page.demo.launch(
            server_name=host, server_port=port, share=share, ssr_mode=False, run_history=False, footer_links=["gradio", "settings"],
            theme=theme(), css=CSS + lesson_tab.CSS, show_error=True,
        )  # fmt: skip
    finally:
        page.compute.close()
        page.files.close()
