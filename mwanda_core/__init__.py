"""See, measure and control what pruning does to a multilingual language model.

    import mwanda_core as mw
    bench = mw.Workbench()
    run = bench.run(mw.Settings(languages=("en", "de", "sw", "hi"), method="m-wanda", sparsity=0.5))
    print(run.report.tables["languages"][["name", "perplexity_ratio"]])

The public names are re-exported here and load on first use, so that `import mwanda_core` and `mwanda --help` stay quick
although torch and transformers are slow to import.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mwanda_core.after.comparison import compare_runs
    from mwanda_core.after.export import export_model
    from mwanda_core.after.reapply import apply_masks
    from mwanda_core.corpora import Corpus, Packed, Passage, Texts, builtin, builtin_languages, folder, hub, pack
    from mwanda_core.engine.outcome import PruneResult
    from mwanda_core.engine.pruning import prune
    from mwanda_core.errors import Cancelled, InputError, ModelError, MwandaError
    from mwanda_core.evaluation import compare, evaluation_set, measure, measure_dense
    from mwanda_core.languages import LANGUAGES, language
    from mwanda_core.methods.recipes import RECIPES, Recipe, recipe
    from mwanda_core.models import LanguageModel, estimate_memory, load
    from mwanda_core.parts.patterns import NtoM, Unstructured
    from mwanda_core.progress import Monitor, Progress
    from mwanda_core.run.experiment import Run, Settings, Workbench
    from mwanda_core.store.report import RunReport, load_report
    from mwanda_core.store.run_store import RunStore
    from mwanda_core.sweeps.protect import protect
    from mwanda_core.sweeps.sweep import plan_sweep, run_sweep
    from mwanda_core.tasks import compare_tasks, load_task, score_dense_task, score_task

_HOMES = {
    "corpora": ("Corpus", "Packed", "Passage", "Texts", "builtin", "builtin_languages", "folder", "hub", "pack"),
    "errors": ("Cancelled", "InputError", "ModelError", "MwandaError"),
    "evaluation": ("compare", "evaluation_set", "measure", "measure_dense"),
    "run.experiment": ("Run", "Settings", "Workbench"),
    "languages": ("LANGUAGES", "language"),
    "models": ("LanguageModel", "estimate_memory", "load"),
    "parts.patterns": ("NtoM", "Unstructured"),
    "progress": ("Monitor", "Progress"),
    "engine.outcome": ("PruneResult",),
    "engine.pruning": ("prune",),
    "methods.recipes": ("RECIPES", "Recipe", "recipe"),
    "store.report": ("RunReport", "load_report"),
    "store.run_store": ("RunStore",),
    "after.reapply": ("apply_masks",),
    "after.comparison": ("compare_runs",),
    "after.export": ("export_model",),
    "sweeps.sweep": ("plan_sweep", "run_sweep"),
    "sweeps.protect": ("protect",),
    "tasks": ("compare_tasks", "load_task", "score_dense_task", "score_task"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "LANGUAGES",
    "RECIPES",
    "Cancelled",
    "Corpus",
    "InputError",
    "LanguageModel",
    "ModelError",
    "Monitor",
    "MwandaError",
    "NtoM",
    "Packed",
    "Passage",
    "Progress",
    "PruneResult",
    "Recipe",
    "Run",
    "RunReport",
    "RunStore",
    "Settings",
    "Texts",
    "Unstructured",
    "Workbench",
    "apply_masks",
    "builtin",
    "builtin_languages",
    "compare",
    "compare_runs",
    "compare_tasks",
    "estimate_memory",
    "evaluation_set",
    "export_model",
    "folder",
    "hub",
    "language",
    "load",
    "load_report",
    "load_task",
    "measure",
    "measure_dense",
    "pack",
    "plan_sweep",
    "protect",
    "prune",
    "recipe",
    "run_sweep",
    "score_dense_task",
    "score_task",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"mwanda_core.{_HOME[name]}"), name)
    globals()[name] = value
    return value
