"""Language neurons: where, how much of them was removed, and what is left."""

import dataclasses
from typing import Any

import gradio as gr

from components import figures
from components.i18n import words
from components.report import study_tables
from components.widgets.inputs import FigureAndTable, Section, figure_and_table, filled, section
from mwanda_core.store.report import RunReport


@dataclasses.dataclass(frozen=True)
class NeuronsPart:
    """Widgets of the part."""

    section: Section
    blocks: FigureAndTable
    pruned: FigureAndTable
    drift: FigureAndTable


def draw() -> NeuronsPart:
    """Draw the part where the caller stands."""
    with section("neurons", words.ABSENT.format(study=words.STUDY_TITLES["neurons"])) as shown:
        gr.Markdown(f"{words.NEURONS_HEADING}\n{words.NEURONS_HELP}")
        blocks = figure_and_table("neuron-blocks", words.NEURONS_HEADING.strip("# "))
        gr.Markdown(f"{words.NEURONS_PRUNED_HEADING}\n{words.NEURONS_PRUNED_HELP}")
        pruned = figure_and_table("neurons", words.NEURONS_PRUNED_HEADING.strip("# "))
        gr.Markdown(f"{words.NEURONS_DRIFT_HEADING}\n{words.NEURONS_DRIFT_HELP}")
        drift = figure_and_table("neuron-drift", words.NEURONS_DRIFT_HEADING.strip("# "))
    return NeuronsPart(shown, blocks, pruned, drift)


def show(part: NeuronsPart, report: RunReport, files: dict[str, str]) -> dict[Any, Any]:
    """The part's contents for a report."""
    found = report.tables
    there = all(name in found for name in ("neurons", "neuron_blocks", "neuron_drift"))
    if not there:
        return part.section.show(False)
    blocks, pruned, drift = found["neuron_blocks"], found["neurons"], found["neuron_drift"]
    return {
        **part.section.show(True),
        **filled(part.blocks, figures.neurons_by_block(blocks), study_tables.neuron_blocks(blocks), files["neuron_blocks"]),
        **filled(part.pruned, figures.neurons_pruned(pruned), study_tables.neurons(pruned), files["neurons"]),
        **filled(part.drift, figures.neurons_drift(drift), study_tables.neuron_drift(drift), files["neuron_drift"]),
    }
