"""The job that compares masks: it reads files only, so it needs neither the model nor the queue of runs."""

import dataclasses

import pandas as pd

from components.engine import importing
from components.i18n import words
from components.jobs.kind import Kind, Request, Result, Workplace
from mwanda_core.errors import RunError
from mwanda_core.progress import Monitor


@dataclasses.dataclass(frozen=True)
class MasksCompared(Result):
    """All pairs of the runs with masks (`names`), as a whole and by block and matrix; `without`: those that have none."""

    names: tuple[str, ...]
    without: tuple[str, ...]
    notes: tuple[str, ...]
    whole: pd.DataFrame
    layers: pd.DataFrame


def work(request: Request, monitor: Monitor, place: Workplace) -> MasksCompared:
    """Compare the masks of the runs named.

    Raises RunError in one sentence that names no place on this machine.
    """
    with importing():
        from mwanda_core.after.mask_comparison import compare_masks
        from mwanda_core.store.format import MASKS

    folders = {str(name): place.store.path(str(name)) for name in request["runs"]}
    if sum((folder / MASKS).is_file() for folder in folders.values()) < 2:
        raise RunError(words.COMPARE_MASKS_FEW)
    found = compare_masks(folders, monitor)
    return MasksCompared(
        tuple(found.names), tuple(found.without), tuple(found.notes), found.pairs(), found.pairs(("block", "module"))
    )


KIND = Kind("masks", lambda request: words.compare_files(request["runs"]), work)
