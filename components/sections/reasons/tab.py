"""The tab of possible reasons: one tab within it for each study."""

import dataclasses
from typing import Any

import gradio as gr

from components.i18n import words
from components.sections.reasons import masks, neurons, predictors, profile, writing
from mwanda_core.store.report import RunReport


@dataclasses.dataclass(frozen=True)
class ReasonsTab:
    """The parts of the tab."""

    writing: writing.WritingPart
    predictors: predictors.PredictorsPart
    masks: masks.MasksPart
    neurons: neurons.NeuronsPart
    profile: profile.ProfilePart


def draw() -> ReasonsTab:
    """Draw the tab where the caller stands: what anyone can read first, what needs most explaining last."""
    gr.Markdown(words.REASONS_HELP)
    with gr.Tabs():
        with gr.Tab(words.STUDY_TITLES["generation"]):
            written = writing.draw()
        with gr.Tab(words.STUDY_TITLES["predictors"]):
            known = predictors.draw()
        with gr.Tab(words.STUDY_TITLES["overlap"]):
            overlap = masks.draw()
        with gr.Tab(words.STUDY_TITLES["neurons"]):
            firing = neurons.draw()
        with gr.Tab(words.STUDY_TITLES["profile"]):
            profiled = profile.draw()
    return ReasonsTab(written, known, overlap, firing, profiled)


def show(tab: ReasonsTab, report: RunReport, files: dict[str, str]) -> dict[Any, Any]:
    """The tab's contents for a report; a study that the run has not says how to get it."""
    return {
        **writing.show(tab.writing, report, files),
        **predictors.show(tab.predictors, report, files),
        **masks.show(tab.masks, report, files),
        **neurons.show(tab.neurons, report, files),
        **profile.show(tab.profile, report, files),
    }
