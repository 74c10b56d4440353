"""Runs after they are finished: kept, found, compared, applied again, repeated in sweeps, exported.

Names load on first use: the store itself needs no torch, and the page lists runs before torch is there.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mwanda_core.runs.archive import export_zip, import_zip
    from mwanda_core.runs.comparison import RunComparison, compare_runs
    from mwanda_core.runs.costs import Cost, cost
    from mwanda_core.runs.export import export_model, tables_zip
    from mwanda_core.runs.hub import push_model
    from mwanda_core.runs.mask_comparison import MaskComparison, compare_masks
    from mwanda_core.runs.protecting import Protection, SearchPlan, protect
    from mwanda_core.runs.reapply import Applied, apply_masks
    from mwanda_core.runs.repeating import Again, again
    from mwanda_core.runs.store import RunEntry, RunStore, Unfinished
    from mwanda_core.runs.sweep import SweepResult, front, plan_sweep, run_sweep

_HOMES = {
    "repeating": ("Again", "again"),
    "archive": ("export_zip", "import_zip"),
    "comparison": ("RunComparison", "compare_runs"),
    "costs": ("Cost", "cost"),
    "export": ("export_model", "tables_zip"),
    "hub": ("push_model",),
    "mask_comparison": ("MaskComparison", "compare_masks"),
    "protecting": ("Protection", "SearchPlan", "protect"),
    "reapply": ("Applied", "apply_masks"),
    "store": ("RunEntry", "RunStore", "Unfinished"),
    "sweep": ("SweepResult", "front", "plan_sweep", "run_sweep"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Again",
    "Applied",
    "Cost",
    "MaskComparison",
    "Protection",
    "RunComparison",
    "RunEntry",
    "RunStore",
    "SearchPlan",
    "SweepResult",
    "Unfinished",
    "again",
    "apply_masks",
    "compare_masks",
    "compare_runs",
    "cost",
    "export_model",
    "export_zip",
    "front",
    "import_zip",
    "plan_sweep",
    "protect",
    "push_model",
    "run_sweep",
    "tables_zip",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"mwanda_core.runs.{_HOME[name]}"), name)
