"""A model made really smaller: fewer tokens, blocks and neurons, as an ordinary folder that plain transformers loads.

A plan as data first (`plan_job`), then the deed (`make_job`); names load on first use.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mwanda_core.shrink.evidence import steps_table
    from mwanda_core.shrink.job import Made, make_job, plan_job, source_folder
    from mwanda_core.shrink.plan import Plan, Step, Wishes, plan_from, read_plan

_HOMES = {
    "evidence": "steps_table",
    "job": "Made make_job plan_job source_folder",
    "plan": "Plan Step Wishes plan_from read_plan",
}
_HOME = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = ["Made", "Plan", "Step", "Wishes", "make_job", "plan_from", "plan_job", "read_plan", "source_folder", "steps_table"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"mwanda_core.shrink.{_HOME[name]}"), name)
    globals()[name] = value
    return value
