"""What the part of the tab with runs that were cut off does: its callbacks."""

import gradio as gr

from components.app.callbacks import Page, Updates
from components.i18n import words
from components.sections.sweeps import unfinished_tab
from mwanda_core.errors import InputError


def start_again(page: Page, id: str | None) -> Updates:
    """Start a run that was cut off with its own settings."""
    tab = page.panels.searching.unfinished
    for entry in unfinished_tab.listed(page.store):
        if entry.id == id:
            try:
                job = page.compute.submit({"kind": "settings", "settings": entry.again().to_dict()})
                page.store.kept.forget(entry.id)
            except InputError as error:
                gr.Warning(words.library(error))
                return unfinished_tab.show(tab, page.store, words.library(error))
            return {page.job: job, **unfinished_tab.show(tab, page.store, words.UNFINISHED_STARTED)}
    return {page.job: gr.skip(), **unfinished_tab.show(tab, page.store, words.UNFINISHED_CHOICE)}


def discard(page: Page, id: str | None) -> Updates:
    """Drop a run that was cut off from the list."""
    tab = page.panels.searching.unfinished
    if id not in {entry.id for entry in unfinished_tab.listed(page.store)}:
        return unfinished_tab.show(tab, page.store, words.UNFINISHED_CHOICE)
    page.store.kept.forget(str(id))
    return unfinished_tab.show(tab, page.store, words.UNFINISHED_DISCARDED)
