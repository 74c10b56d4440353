"""What a visitor takes away from a run: files, a link, the command, the pruned model, what it costs, and the run itself."""

import dataclasses
from typing import Any

import gradio as gr

from components.i18n import words
from components.jobs import export as work
from components.sections.take import (
    costs as cost_part,
    files as files_part,
    keep as keep_part,
    model as model_part,
    repeat as again_part,
)
from components.store import RunStore
from mwanda_core.store.report import RunReport


@dataclasses.dataclass(frozen=True)
class TakeTab:
    """The parts of the tab."""

    nothing: gr.Markdown
    files: files_part.FilesPart
    again: again_part.AgainPart
    model: model_part.ModelPart
    cost: cost_part.CostPart
    keep: keep_part.KeepPart


def draw() -> TakeTab:
    """Draw the tab where the caller stands."""
    nothing = gr.Markdown(words.TAKE_NOTHING, elem_id="take-nothing")
    return TakeTab(nothing, files_part.draw(), again_part.draw(), model_part.draw(), cost_part.draw(), keep_part.draw())


def show(tab: TakeTab, report: RunReport, run: str, store: RunStore) -> dict[Any, Any]:
    """The tab's contents for a report. Imports the engine."""
    return {
        **files_part.show(tab.files, run),
        **again_part.show(tab.again, report, store.path(run)),
        **model_part.show(tab.model, report, run, store),
        **cost_part.show(tab.cost, not work.why_not(report, run, store)),
        **keep_part.show(tab.keep, run, store),
    }
