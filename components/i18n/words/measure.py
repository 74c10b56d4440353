"""The left column: benchmarks, studies and neurons that are asked for beside the losses."""

from collections.abc import Sequence

from mwanda_core.studies import STUDIES as _STUDIES, Beside
from mwanda_core.tasks.load import TASKS as _TASKS

MEASURE_MORE = "Measure more"
MEASURE_MORE_HELP = "Nothing here is needed for a run, and each adds to its time. The line under **Prune** says how much."

TASKS_LABEL = "Benchmarks"
TASKS_INFO = "Known question sets, answered before and after pruning, in those of your languages that they have."
TASK_NAMES = {name: adapter.title for name, adapter in _TASKS.items()}
TASK_KINDS = {name: adapter.kind for name, adapter in _TASKS.items() if adapter.kind}
TASK_TEXTS = "Where the benchmarks come from"
TASK_SOURCES = {"hub": "Fetched from the Hub", "folder": "A folder on this machine"}
TASK_FOLDER = "Folder of the benchmarks"
TASK_FOLDER_INFO = "The sets as published, each in a folder of its own name; docs/tasks.md lists the files."
TASK_ITEMS = "Questions per language"
TASK_ITEMS_INFO = "100 questions give intervals of about ±10 points, 400 about ±5."

STUDIES_LABEL = "Studies"
_OF_RUNS = {name: study for name, study in _STUDIES.items() if issubclass(study, Beside)}
STUDY_TITLES = {name: study.title for name, study in _OF_RUNS.items()}
STUDY_KINDS = {name: f"{study.question[0].lower()}{study.question[1:]} ({study.cost})" for name, study in _OF_RUNS.items()}

SPARE = "Spare the language neurons of"
SPARE_INFO = (
    "What leads on from these neurons is kept, and other weights go instead: the share removed stays the same. Only for "
    "methods that keep the highest scores in each row or layer."
)

EMPTY_TASK_FOLDER = (
    "The benchmarks are to come from a folder, but no folder is named: type its path, or have them fetched from the Hub."
)
TASK_ITEMS_RANGE = "The number of questions per language must be 1 or more; it was given {given}."


def task_label(name: str) -> str:
    """A benchmark in the menu: its name, and what it asks."""
    return f"{TASK_NAMES[name]} · {TASK_KINDS[name]}" if name in TASK_KINDS else task_name(name)


def study_label(name: str) -> str:
    """A study with what it asks, and what it costs."""
    return f"{STUDY_TITLES[name]}: {STUDY_KINDS[name]}"


def task_name(name: str) -> str:
    """A benchmark's name; one of the visitor's own is called what its file is called."""
    return TASK_NAMES.get(name, name)


def asked(tasks: Sequence[str], studies: Sequence[str], spared: Sequence[str]) -> str:
    """What "Measure more" adds to a run, in a few words; empty for nothing."""
    parts = [
        *([", ".join(task_name(name) for name in tasks)] if tasks else []),
        *([f"{len(studies)} " + ("study" if len(studies) == 1 else "studies")] if studies else []),
        *([f"neurons of {', '.join(spared)} spared"] if spared else []),
    ]
    return "; ".join(parts)
