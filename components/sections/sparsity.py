"""Where the zeros are. The allocation follows the slider at once: no forward pass, only arithmetic on stored importances."""

from typing import Any

import pandas as pd

from components import figures
from components.cards.section import CardSection
from components.cards.spec import Card, Control, Heading, Note, Slide, once
from components.engine import importing
from components.i18n import words
from components.report import tables
from mwanda_core.errors import InputError
from mwanda_core.store.report import RunReport


def allocation_at(report: RunReport, percent: float) -> Any:
    """The figure of the allocation at another sparsity."""
    return figures.allocation_lines(report, spread_at(report, percent / 100), percent / 100)


def table_at(report: RunReport, percent: float) -> pd.DataFrame:
    """The same as a table."""
    return tables.allocation(report, spread_at(report, percent / 100))


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


def _files(report: RunReport) -> Any:
    yield "allocation", words.FIGURE_TITLES["allocation"], (100 * float(report.facts["settings"]["sparsity"]),)


class Sparsity(CardSection):
    """How many weights each block and each matrix lost."""

    id, title = "sparsity", "TAB_SPARSITY"
    items = (
        Heading(("SPARSITY_HEADING",)),
        Note("sparsity-help", lambda report: words.SPARSITY_HELP.format(method=report.facts["recipe"]["title"])),
        Slide("preview", "PREVIEW", "PREVIEW_INFO", 0, 99, 50),
        Card(
            "allocation",
            "allocation",
            allocation_at,
            table_at,
            csv="allocation",
            reads=("preview",),
            table_reads=True,
            needs=("allocation",),
            exports=_files,
        ),
        Heading(("LAYERS_HEADING", "LAYERS_HELP")),
        Control("layers-view", "LAYERS_VIEW", "LAYERS_VIEWS", "achieved", menu=False),
        Card(
            "layers",
            "layers",
            figures.layers_heatmap,
            tables.layers,
            csv="layers",
            reads=("layers-view",),
            exports=once("layers", layers_difference=("difference",)),
        ),
    )
