"""A kind of job describes itself: its name in a request, one line for a status, the GPU time it asks for, and its work.

A request is plain data; what the work returns is a frozen dataclass of plain data, for on a lent GPU both cross to another process.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from components.i18n import words
from components.scratch import Scratch
from components.store import RunStore
from mwanda_core.progress import Monitor
from mwanda_core.run.jobs import JobView

if TYPE_CHECKING:
    from mwanda_core.run.experiment import Workbench

Request = Mapping[str, Any]
LENT = 110
"""The most seconds that are asked for where a GPU is lent."""


@dataclasses.dataclass(frozen=True)
class Result:
    """What a job ended with."""

    def sentence(self, view: JobView) -> str:
        """How it ended well, for the status line."""
        return words.finished(view.title, view.elapsed)


@dataclasses.dataclass(frozen=True)
class RunSaved(Result):
    """A run was made, and kept under this id."""

    run: str


@dataclasses.dataclass(frozen=True)
class Workplace:
    """What every work is given: the workbench, which keeps the model for the next job, the runs, and room for files."""

    bench: "Workbench"
    store: RunStore
    scratch: Scratch


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind of job. seconds: GPU time to ask for, where a quota is checked against what is asked."""

    name: str
    title: Callable[[Request], str]
    work: Callable[[Request, Monitor, Workplace], Result]
    seconds: Callable[[Request], int] = lambda request: 60
