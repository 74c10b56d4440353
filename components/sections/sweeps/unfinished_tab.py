"""The part that lists runs whose program ended before they did."""

import dataclasses
from typing import TYPE_CHECKING, Any

import gradio as gr
import pandas as pd

from components.form.form import shared_server
from components.i18n import words
from components.store import RunStore

if TYPE_CHECKING:
    from mwanda_core.store.journal import Unfinished

Updates = dict[Any, Any]


@dataclasses.dataclass(frozen=True)
class UnfinishedTab:
    """Widgets of the part."""

    told: gr.Markdown
    table: gr.Dataframe
    which: gr.Dropdown
    again: gr.Button
    discard: gr.Button


def draw() -> UnfinishedTab:
    """Draw the part where the caller stands."""
    gr.Markdown(words.UNFINISHED_HELP)
    told = gr.Markdown(words.UNFINISHED_NONE, elem_id="unfinished-told")
    table = gr.Dataframe(
        visible=False, interactive=False, max_height=320, show_label=False, label=words.UNFINISHED_TAB, elem_id="table-unfinished",
        elem_classes=["mw-table"],
    )  # fmt: skip
    with gr.Row(equal_height=True):
        which = gr.Dropdown([], value=None, label=words.UNFINISHED_CHOOSE, elem_id="unfinished", scale=3, min_width=240)
        again = gr.Button(words.UNFINISHED_AGAIN, elem_id="unfinished-again", scale=1, min_width=110)
        discard = gr.Button(words.UNFINISHED_DISCARD, variant="stop", elem_id="unfinished-discard", scale=1, min_width=110)
    return UnfinishedTab(told, table, which, again, discard)


def listed(store: RunStore) -> "list[Unfinished]":
    """What was cut off here; nothing on a shared server, where runs belong to strangers."""
    return [] if shared_server() else store.kept.unfinished()


def show(tab: UnfinishedTab, store: RunStore, said: str = "") -> Updates:
    """The list as it is now. said: what just happened."""
    found = listed(store)
    empty = words.UNFINISHED_SHARED if shared_server() else words.UNFINISHED_NONE
    rows = [(entry.title, entry.started[:16].replace("T", " "), entry.error or words.UNFINISHED_KILLED) for entry in found]
    table = pd.DataFrame(rows, columns=list(words.UNFINISHED_COLUMNS))
    return {
        tab.told: said or ("" if found else empty),
        tab.table: gr.update(value=table, visible=bool(found)),
        tab.which: gr.update(
            choices=[(f"{entry.title} ({entry.started[:16].replace('T', ' ')})", entry.id) for entry in found],
            value=found[0].id if found else None,
        ),
    }
