"""The masks of two to six runs of one model: how much of what they prune is the same, in the whole and matrix by matrix.

    iou, expected, corrected     of the PRUNED weights, as `insight.overlap` defines them (corrected: 0 is chance, 1 the same mask)
    kept_share                   weights that both keep / weights that at least one keeps

Masks are read one matrix at a time, so that no more than one matrix of every run is in memory.
"""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd
from torch import Tensor

from mwanda_core.after.comparison import FEWEST, MOST
from mwanda_core.errors import InputError, RunError
from mwanda_core.insight.overlap import Overlap, overlap_of_masks, stored_masks
from mwanda_core.progress import Monitor
from mwanda_core.store.format import MASKS
from mwanda_core.store.integrity import check_files
from mwanda_core.store.report import RunReport, load_report
from mwanda_core.store.tensors import keeps_some

_PLACE = ["block", "module", "outputs", "inputs"]


@dataclasses.dataclass(frozen=True)
class MaskComparison:
    """names: the runs compared. without: runs that were kept without masks and left out. notes: one sentence each."""

    names: tuple[str, ...]
    without: tuple[str, ...]
    overlap: Overlap
    notes: tuple[str, ...]

    def matrix(self) -> pd.DataFrame:
        """Run x run: corrected overlap of the whole masks."""
        return pd.DataFrame(self.overlap.matrix().numpy(), index=list(self.names), columns=list(self.names))

    def pairs(self, by: Sequence[str] = ()) -> pd.DataFrame:
        """Every pair of different runs once: name, other and the other columns of `Overlap.table`, and kept_share; for the whole
        masks, or for each value of `by` ("block", "module")."""
        table = self.overlap.table(by)
        order = {name: place for place, name in enumerate(self.names)}
        once = table[table["name"].map(order) < table["other"].map(order)].reset_index(drop=True)
        kept_both = once["weights"] - once["pruned"] - once["other_pruned"] + once["both"]
        return once.assign(kept_share=kept_both / (once["weights"] - once["both"]))


def compare_masks(runs: Mapping[str, Path], monitor: Monitor | None = None) -> MaskComparison:
    """Compare the masks of runs, given as name -> folder. The progress counts weights.

    Raises InputError for fewer than two or more than six runs, RunError in one sentence for fewer than two runs with masks, for
    runs of different models or shapes, and for a run that cannot be read; Cancelled when stopped.
    """
    monitor = monitor or Monitor()
    if not FEWEST <= len(runs) <= MOST:
        raise InputError(f"The masks of two to six runs can be compared; {len(runs)} were given.")
    folders = {name: Path(folder) for name, folder in runs.items() if (Path(folder) / MASKS).is_file()}
    without = tuple(name for name in runs if name not in folders)
    if len(folders) < FEWEST:
        raise RunError(
            f"Two runs with masks are needed, and {len(folders)} of these {len(runs)} runs has them: masks are kept with every run "
            "that is made here, but not where they were removed."
        )
    reports = {name: _read(name, folder) for name, folder in folders.items()}
    notes = _refuse_others(reports)
    layers = next(iter(reports.values())).tables["layers"]
    monitor.plan(float(layers["weights"].sum()) * len(folders))
    monitor.begin("Comparing masks")
    with contextlib.ExitStack() as stack:
        try:
            stored = {name: stack.enter_context(stored_masks(folder / MASKS)) for name, folder in folders.items()}
            some = any(keeps_some(folder / MASKS) for folder in folders.values())
            shared = sorted(set.intersection(*map(set, stored.values()))) if some else []
            masks = {name: _Watched(found, shared or list(found), monitor) for name, found in stored.items()}
            found = overlap_of_masks(masks, layers)
        except InputError as error:
            names = ", ".join(folders)
            raise RunError(f"The masks of these runs ({names}) do not fit their tables of layers: one is damaged.") from error
    if shared:
        notes = (
            *notes,
            f"Compared in {len(shared)} of {len(layers)} matrices: of the others not all of these runs kept the masks.",
        )
    return MaskComparison(tuple(folders), without, found, notes)


def _read(name: str, folder: Path) -> RunReport:
    """Raises RunError without a path: a page may show it to a stranger."""
    try:
        report = load_report(folder)
        check_files(folder, [MASKS])
    except RunError as error:
        raise RunError(f"The run {name!r} is damaged or missing, so its masks cannot be compared.") from error
    lacking = [column for column in (*_PLACE, "weights") if column not in report.tables["layers"]]
    if lacking:
        raise RunError(f"The run {name!r} does not say how large its matrices are ({lacking[0]!r} is missing).")
    return report


def _refuse_others(reports: Mapping[str, RunReport]) -> tuple[str, ...]:
    """Raises RunError for runs of different models or shapes; a note for runs of one model in two revisions or number types."""
    first, *others = reports
    notes = []
    for other in others:
        left, right = (reports[name].facts["model"] for name in (first, other))
        if left.get("fingerprint") != right.get("fingerprint"):
            if left["source"] != right["source"]:
                raise RunError(
                    f"The masks of {first!r} ({left['source']}) and {other!r} ({right['source']}) belong to different models: compare "
                    "the masks of runs of one model."
                )
            notes.append(f"{first!r} and {other!r} pruned one model in two revisions or number types, so its weights differ.")
        ours, theirs = (
            reports[name].tables["layers"][_PLACE].sort_values(_PLACE, ignore_index=True) for name in (first, other)
        )
        if not ours.equals(theirs):
            raise RunError(
                f"The masks of {first!r} and {other!r} have different shapes: compare the masks of runs of one model."
            )
    return tuple(notes)


class _Watched(Mapping[str, Tensor]):
    """Masks that report how far their reader has come, and stop it when it was asked to."""

    def __init__(self, masks: Mapping[str, Tensor], names: Sequence[str], monitor: Monitor) -> None:
        self._masks, self._names, self._monitor = masks, names, monitor

    def __getitem__(self, name: str) -> Tensor:
        found = self._masks[name]
        self._monitor.advance(8.0 * found.numel(), name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)
