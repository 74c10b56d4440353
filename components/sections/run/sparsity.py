"""Where the zeros are. The allocation follows the slider at once: no forward pass, only arithmetic on stored importances."""

import dataclasses
from typing import Any

import gradio as gr

from components import figures
from components.engine import importing
from components.i18n import words
from components.report import tables
from components.widgets.inputs import FigureAndTable, figure_and_table
from mwanda_core.errors import InputError
from mwanda_core.store.report import RunReport


@dataclasses.dataclass(frozen=True)
class SparsityTab:
    """Widgets of the tab."""

    help: gr.Markdown
    preview: gr.Slider
    allocation: FigureAndTable
    view: gr.Radio
    layers: FigureAndTable


def draw() -> SparsityTab:
    """Draw the tab where the caller stands."""
    gr.Markdown(words.SPARSITY_HEADING)
    help = gr.Markdown()
    preview = gr.Slider(0, 95, value=50, step=1, label=words.PREVIEW, info=words.PREVIEW_INFO, elem_id="preview")
    allocation = figure_and_table("allocation", words.TABLE_TITLES["allocation"])
    gr.Markdown(f"{words.LAYERS_HEADING}\n{words.LAYERS_HELP}")
    view = gr.Radio(
        [(text, name) for name, text in words.LAYERS_VIEWS.items()],
        value="achieved",
        label=words.LAYERS_VIEW,
        elem_id="layers-view",
    )
    layers = figure_and_table("layers", words.TABLE_TITLES["layers"])
    return SparsityTab(help, preview, allocation, view, layers)


def show(tab: SparsityTab, report: RunReport, files: dict[str, str], percent: float) -> dict[Any, Any]:
    """The tab's contents for a report, with the allocation previewed at `percent`."""
    return {
        tab.help: words.SPARSITY_HELP.format(method=report.facts["recipe"]["title"]),
        **preview(tab, report, percent),
        tab.allocation.download: gr.update(value=files["allocation"], interactive=True),
        tab.view: "achieved",
        tab.layers.plot: figures.layers_heatmap(report),
        tab.layers.table: tables.layers(report),
        tab.layers.download: gr.update(value=files["layers"], interactive=True),
    }


def preview(tab: SparsityTab, report: RunReport, percent: float) -> dict[Any, Any]:
    """The allocation at another sparsity."""
    target = percent / 100
    spread = spread_at(report, target)
    return {
        tab.allocation.plot: figures.allocation_lines(report, spread, target),
        tab.allocation.table: tables.allocation(report, spread),
    }


def change(tab: SparsityTab, report: RunReport, view: str) -> dict[Any, Any]:
    """Achieved, allocated, or the difference from uniform."""
    return {tab.layers.plot: figures.layers_heatmap(report, view)}


def spread_at(report: RunReport, target: float) -> list[float]:
    """Sparsity per block at a target, from the importances that the run stored.

    The run's own target needs no arithmetic, so the page can be drawn before torch is loaded. A recipe that this version
    does not know keeps the run's allocation.
    """
    table = report.tables["allocation"]
    if abs(target - float(report.facts["settings"]["sparsity"])) < 1e-9:
        return [float(v) for v in table["sparsity"]]
    with importing():
        import torch

        from mwanda_core.engine.plan import spread_over_blocks
        from mwanda_core.methods.recipes import from_dict

    try:
        found = from_dict(report.facts["recipe"])
        importance = torch.tensor(table["importance"].to_numpy(), dtype=torch.float64)
        spread = spread_over_blocks(found, importance, [int(size) for size in table["weights"]], target)
        return [found.pattern.achievable(v) for v in spread.tolist()]
    except InputError:
        return [float(v) for v in table["sparsity"]]
