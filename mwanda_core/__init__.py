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
    from mwanda_core.corpora import Corpus, Packed, Passage, Texts, builtin, builtin_languages, folder, hub, pack
    from mwanda_core.errors import Cancelled, InputError, ModelError, MwandaError
    from mwanda_core.evaluation import compare, evaluation_set, measure, measure_dense
    from mwanda_core.experiment import Run, Settings, Workbench
    from mwanda_core.languages import LANGUAGES, language
    from mwanda_core.models import LanguageModel, estimate_memory, load
    from mwanda_core.outcome import PruneResult
    from mwanda_core.patterns import NtoM, Unstructured
    from mwanda_core.progress import Monitor, Progress
    from mwanda_core.pruning import prune
    from mwanda_core.recipes import RECIPES, Recipe, recipe
    from mwanda_core.report import RunReport, load_report
    from mwanda_core.runs import RunStore, apply_masks, compare_runs, export_model, plan_sweep, protect, run_sweep
    from mwanda_core.tasks import compare_tasks, load_task, score_dense_task, score_task

_HOMES = {
    "corpora": ("Corpus", "Packed", "Passage", "Texts", "builtin", "builtin_languages", "folder", "hub", "pack"),
    "errors": ("Cancelled", "InputError", "ModelError", "MwandaError"),
    "evaluation": ("compare", "evaluation_set", "measure", "measure_dense"),
    "experiment": ("Run", "Settings", "Workbench"),
    "languages": ("LANGUAGES", "language"),
    "models": ("LanguageModel", "estimate_memory", "load"),
    "patterns": ("NtoM", "Unstructured"),
    "progress": ("Monitor", "Progress"),
    "outcome": ("PruneResult",),
    "pruning": ("prune",),
    "recipes": ("RECIPES", "Recipe", "recipe"),
    "report": ("RunReport", "load_report"),
    "runs": ("RunStore", "apply_masks", "compare_runs", "export_model", "plan_sweep", "protect", "run_sweep"),
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
