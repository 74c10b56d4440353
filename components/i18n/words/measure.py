"""The left column: benchmarks, studies and neurons that are asked for beside the losses."""

from collections.abc import Sequence

from components.i18n import words
from components.i18n.catalogue import gettext, ngettext, pgettext
from components.i18n.words.common import enumerated
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
STUDY_QUESTIONS = {name: study.question for name, study in _OF_RUNS.items()}
STUDY_COSTS = {name: study.cost for name, study in _OF_RUNS.items()}

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
    return f"{words.TASK_NAMES[name]} · {words.TASK_KINDS[name]}" if name in TASK_KINDS else task_name(name)


def study_label(name: str) -> str:
    """A study with what it asks, and what it costs."""
    return pgettext("study", "{title}: {question} ({cost})").format(
        title=words.STUDY_TITLES[name], question=words.STUDY_QUESTIONS[name], cost=words.STUDY_COSTS[name]
    )


def task_name(name: str) -> str:
    """A benchmark's name; one of the visitor's own is called what its file is called."""
    return words.TASK_NAMES.get(name, name)


def asked(tasks: Sequence[str], studies: Sequence[str], spared: Sequence[str]) -> str:
    """What "Measure more" adds to a run, in a few words; empty for nothing."""
    parts = []
    if tasks:
        parts.append(enumerated([task_name(name) for name in tasks]))
    if studies:
        parts.append(ngettext("{count} study", "{count} studies", len(studies)).format(count=len(studies)))
    if spared:
        parts.append(gettext("neurons of {languages} spared").format(languages=enumerated(spared)))
    return pgettext("between parts", "; ").join(parts)
