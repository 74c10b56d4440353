"""The job that compares masks: it reads files only, so it needs neither the workbench nor its queue."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from components.engine import importing
from components.i18n import words
from components.store import RunStore
from mwanda_core.errors import RunError
from mwanda_core.progress import Monitor

if TYPE_CHECKING:
    from mwanda_core.run.experiment import Workbench

KIND = "masks"
SECONDS = 60
Request = Mapping[str, Any]


def title(request: Request) -> str:
    """One line for the status."""
    return words.compare_files(request["runs"])


def seconds(request: Request) -> int:
    """Masks are compared on the CPU; this is what is asked for where someone hands the job to a lent GPU all the same."""
    return SECONDS


def work(request: Request, monitor: Monitor, bench: "Workbench", store: RunStore) -> str:
    """Compare the masks of the runs named; all pairs, in the whole and by block and matrix, as JSON text.

    Raises RunError in one sentence that names no place on this machine.
    """
    with importing():
        from mwanda_core.after.mask_comparison import compare_masks
        from mwanda_core.store.format import MASKS

    folders = {str(name): store.path(str(name)) for name in request["runs"]}
    if sum((folder / MASKS).is_file() for folder in folders.values()) < 2:
        raise RunError(words.COMPARE_MASKS_FEW)
    found = compare_masks(folders, monitor)
    tables = {"whole": found.pairs(), "layers": found.pairs(("block", "module"))}
    return json.dumps(
        {
            "names": found.names, "without": found.without, "notes": found.notes,
            **{name: json.loads(table.to_json(orient="split")) for name, table in tables.items()},
        }
    )  # fmt: skip


def read(text: str) -> dict[str, Any]:
    """What `work` returned: names, without, notes, and the tables "whole" and "layers"."""
    data = json.loads(text)
    for name in ("whole", "layers"):
        table = pd.DataFrame(data[name]["data"], columns=data[name]["columns"])
        figures = ["iou", "expected", "corrected", "kept_share"]
        data[name] = table.assign(**{column: pd.to_numeric(table[column]) for column in figures})
    return data
