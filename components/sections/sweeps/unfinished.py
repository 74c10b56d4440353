"""The part that lists runs whose program ended before they did."""

import dataclasses
from typing import TYPE_CHECKING, Any

import gradio as gr
import pandas as pd

from components.context import UNCHECKED, Opening, Section, Updates
from components.environment import shared_server
from components.i18n import words
from components.widgets.inputs import table, widgets
from mwanda_core.errors import InputError

if TYPE_CHECKING:
    from mwanda_core.store.journal import Unfinished as Entry


@dataclasses.dataclass(frozen=True)
class Widgets:
    """What the part is made of."""

    text: gr.Markdown
    table: gr.Dataframe
    which: gr.Dropdown
    again: gr.Button
    discard: gr.Button


class Unfinished(Section):
    """Runs that were cut off can be started again, or dropped from the list."""

    id, title = "unfinished", "UNFINISHED_TAB"
    widgets: Widgets

    @classmethod
    def draw(cls) -> Widgets:
        """Draw the part where the caller stands."""
        gr.Markdown(words.UNFINISHED_HELP)
        text = gr.Markdown(words.UNFINISHED_NONE, elem_id="unfinished-told")
        cut_off = table("unfinished", words.UNFINISHED_TAB, visible=False)
        with gr.Row(equal_height=True):
            which = gr.Dropdown([], value=None, label=words.UNFINISHED_CHOOSE, elem_id="unfinished", scale=3, min_width=240)
            again = gr.Button(words.UNFINISHED_AGAIN, elem_id="unfinished-again", scale=1, min_width=110)
            discard = gr.Button(words.UNFINISHED_DISCARD, variant="stop", elem_id="unfinished-discard", scale=1, min_width=110)
        return Widgets(text, cut_off, which, again, discard)

    def connect(self, opening: Opening) -> None:
        """Its own controls, and what opens it."""
        ours, context = self.widgets, self.context
        everything, job = widgets(ours), context.run.job
        long: dict[str, Any] = {**UNCHECKED, "concurrency_limit": None}
        opening.select(self.show, None, everything, **UNCHECKED)
        ours.again.click(self.start_again, ours.which, [*everything, job], **UNCHECKED).then(
            context.watch, [job, context.shown], context.watched, **long
        )
        ours.discard.click(self.discard, ours.which, everything, **UNCHECKED)

    def listed(self) -> "list[Entry]":
        """What was cut off here; nothing on a shared server, where runs belong to strangers."""
        return [] if shared_server() else self.context.store.kept.unfinished()

    def show(self, note: str = "") -> Updates:
        """The list as it is now. note: what just happened."""
        ours = self.widgets
        found = self.listed()
        empty = words.UNFINISHED_SHARED if shared_server() else words.UNFINISHED_NONE
        rows = [(entry.title, entry.started[:16].replace("T", " "), entry.error or words.UNFINISHED_KILLED) for entry in found]
        entries = pd.DataFrame(rows, columns=list(words.UNFINISHED_COLUMNS))
        return {
            ours.text: note or ("" if found else empty),
            ours.table: gr.update(value=entries, visible=bool(found)),
            ours.which: gr.update(
                choices=[(f"{entry.title} ({entry.started[:16].replace('T', ' ')})", entry.id) for entry in found],
                value=found[0].id if found else None,
            ),
        }

    def start_again(self, id: str | None) -> Updates:
        """Start a run that was cut off with its own settings."""
        context = self.context
        for entry in self.listed():
            if entry.id == id:
                try:
                    job = context.compute.submit({"kind": "settings", "settings": entry.again().to_dict()})
                    context.store.kept.forget(entry.id)
                except InputError as error:
                    gr.Warning(words.library(error))
                    return self.show(words.library(error))
                return {context.run.job: job, **self.show(words.UNFINISHED_STARTED)}
        return {context.run.job: gr.skip(), **self.show(words.UNFINISHED_CHOICE)}

    def discard(self, id: str | None) -> Updates:
        """Drop a run that was cut off from the list."""
        if id not in {entry.id for entry in self.listed()}:
            return self.show(words.UNFINISHED_CHOICE)
        self.context.store.kept.forget(str(id))
        return self.show(words.UNFINISHED_DISCARDED)
