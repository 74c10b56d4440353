"""A run's model made again: the masks put on the dense model that the workbench has, for whatever is done with it then."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from components.engine import importing
from components.environment import shared_server
from components.form.form import is_local
from components.i18n import words
from components.jobs.kind import Workplace
from components.store import EXAMPLES, RunStore
from mwanda_core.errors import InputError
from mwanda_core.progress import Monitor
from mwanda_core.store.format import MASKS
from mwanda_core.store.report import RunReport

if TYPE_CHECKING:
    from mwanda_core.after.reapply import Applied
    from mwanda_core.models import LanguageModel
    from mwanda_core.run.experiment import Workbench

LARGEST_SHARED = 3 * 2**30
"""Bytes of a model that a shared server packs for a visitor."""
BYTES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}


def size_of(report: RunReport) -> int:
    """Bytes of the weights of a run's model."""
    facts = report.facts["model"]
    return int(facts.get("parameters", 0)) * BYTES.get(str(facts.get("dtype")), 4)


def why_not(report: RunReport, run: str, store: RunStore) -> str:
    """Why the model of a run cannot be made from it, in one sentence; "" when it can."""
    if run in EXAMPLES:
        return words.TAKE_NO_MASKS_EXAMPLE
    if not (store.path(run) / MASKS).is_file():
        return words.TAKE_NO_MASKS
    if shared_server() and is_local(str(report.facts["model"]["source"])):
        return words.SHARED_FOLDER
    if shared_server() and size_of(report) > LARGEST_SHARED:
        return words.TAKE_TOO_LARGE.format(size=words.take_size(size_of(report)), most=words.take_size(LARGEST_SHARED))
    return ""


def dense(bench: "Workbench", folder: Path) -> "LanguageModel":
    """The dense model of a run in the run's number type, the one in hand where it fits.

    Raises ModelError when the model cannot be had.
    """
    with importing():
        from mwanda_core.models import choose_device, choose_dtype
        from mwanda_core.store.report import read_facts
    facts = read_facts(folder)
    source, dtype = str(facts["model"]["source"]), str(facts["model"].get("dtype", "auto"))
    if shared_server() and is_local(source):
        raise InputError(words.SHARED_FOLDER)
    asked = facts["settings"].get("device", "auto"), facts["settings"].get("dtype", "auto")
    try:
        fits = str(choose_dtype(asked[1], choose_device(asked[0]))).removeprefix("torch.") == dtype
    except InputError:  # The run was made on a device that this machine does not have.
        fits = False
    return bench.model(source, *(asked if fits else ("auto", dtype)))


@contextlib.contextmanager
def pruned(run: str, place: Workplace, monitor: Monitor) -> "Iterator[tuple[LanguageModel, Applied]]":
    """The model, pruned as the run was inside the `with` and dense again afterwards."""
    monitor.begin(words.TAKE_STAGE_LOAD)
    with importing():
        from mwanda_core.after.reapply import apply_masks
    folder = place.store.path(run)
    model = dense(place.bench, folder)
    monitor.advance(1.0)
    monitor.begin(words.TAKE_STAGE_APPLY)
    with apply_masks(model, folder) as applied:
        monitor.advance(1.0)
        yield model, applied


def write_model(run: str, folder: Path, monitor: Monitor, place: Workplace) -> Path:
    """The pruned model as a folder, with its card.

    Raises InputError where it cannot be made.
    """
    if problem := why_not(place.store.load(run), run, place.store):
        raise InputError(problem)
    with pruned(run, place, monitor) as (model, applied):
        with importing():
            from mwanda_core.after.export import export_model
            from mwanda_core.after.hub import licence_of
        monitor.begin(words.TAKE_STAGE_WRITE)
        export_model(model, applied, applied.report, folder, licence_of(model.source))
        monitor.advance(1.0)
    return folder
