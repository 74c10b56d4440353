"""A study describes itself, as a part of a method does: its fields are its knobs, its class attributes say what it asks, what it
costs and which tables it makes. Menus, command line, estimates and documents are drawn from that, without torch.

    class Colours(Study, Beside):           beside a run: looks at the dense model, then at the pruned one
    class Circuits(Study, Alone):           on its own: `mwanda study circuits`
    class Abilities(Study, Beside, Alone):  both

Whatever a study needs that is slow to import, it imports inside `start` and `run`.
"""

import abc
import dataclasses
import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, runtime_checkable

from mwanda_core.errors import InputError
from mwanda_core.parts.knobs import Knob, check_knobs, knobs_of
from mwanda_core.parts.part import Origin
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings

if TYPE_CHECKING:  # For type checkers: at run time these would load torch and pandas.
    import pandas as pd

    from mwanda_core.corpora import Corpus, Packed
    from mwanda_core.engine.measure import BlockStats
    from mwanda_core.engine.outcome import PruneResult
    from mwanda_core.evaluation import EvaluationSet
    from mwanda_core.methods.recipes import Recipe
    from mwanda_core.models import LanguageModel
    from mwanda_core.studies.result import StudyResult

Tables = dict[str, "pd.DataFrame"]
Finish = Callable[["PruneResult", "pd.DataFrame"], Tables]
"""(what was pruned, the run's table of languages) -> the study's tables, while the model is pruned."""

Drawing = Literal["table", "bars", "lines", "points", "heat-map"]


@dataclasses.dataclass(frozen=True)
class TableSpec:
    """One table of a study. columns: name -> what it holds, with its unit; a table may have others beside these.

    drawn: how; x, y, value, group: the columns that the drawing reads (a heat-map reads x, y and value; bars, lines and
    points read x and value, one series for each `group`). low and high: the columns of the value's interval.
    """

    name: str
    title: str
    columns: Mapping[str, str]
    drawn: Drawing = "table"
    x: str = ""
    y: str = ""
    value: str = ""
    group: str = ""
    low: str = ""
    high: str = ""


@dataclasses.dataclass(frozen=True)
class Scale:
    """What the cost of a study depends on; units are tokens through one decoder block.

    whole: one pass of all calibration text. token: one token through the whole model, its output head too. cut: work of cutting one
    set of masks, in passes of all calibration text. languages, held_out: how many.
    """

    whole: float
    token: float
    cut: float
    languages: int
    held_out: int


@dataclasses.dataclass(frozen=True)
class Subject:
    """What is studied beside a run: the model, how it is to be pruned, on which texts.

    stats: dense statistics of the calibration text. unseen: calibration text of the held-out languages (None unless a study says
    `reads_unseen`). passages: the texts that are scored, before any tokenizer. figures: name -> language -> figure, what a study
    leaves for those after it in the table; "mask_overlap" and "neurons_pruned" are read by the predictors. notes: sentences for the report.
    """

    model: "LanguageModel"
    settings: Settings
    recipe: "Recipe"
    packed: "Packed"
    unseen: "Packed | None"
    scored: "EvaluationSet"
    passages: "Corpus"
    stats: "tuple[BlockStats, ...]" = ()
    figures: dict[str, Mapping[str, float]] = dataclasses.field(default_factory=dict)
    notes: list[str] = dataclasses.field(default_factory=list)


@runtime_checkable
class Bench(Protocol):
    """What a study on its own may ask of `run.experiment.Workbench`."""

    def model(self, source: str, device: str = "auto", dtype: str = "auto") -> "LanguageModel": ...

    def dense_stats(self, model: "LanguageModel", packed: "Packed", monitor: Monitor) -> "tuple[BlockStats, ...]": ...

    def pruned(self, settings: Settings, monitor: Monitor | None = None) -> AbstractContextManager[Any]: ...


class Study(abc.ABC):
    """Base of all studies. Subclasses are frozen dataclasses, whose docstring's first paragraph is the help text; they are
    `Beside`, `Alone` or both."""

    name: ClassVar[str]
    title: ClassVar[str]
    question: ClassVar[str]
    """One sentence, with its question mark."""
    source: ClassVar[str]
    """Paper and equation, or "this project"."""
    origin: ClassVar[Origin]
    cost: ClassVar[str]
    """In words, for example "one more pass of the calibration text"."""
    tables: ClassVar[tuple[TableSpec, ...]]
    of_run: ClassVar[bool] = False
    """Whether, by itself, it looks at the model pruned as the settings say: then it can be asked of a kept run (`after.asking`)."""
    reads_unseen: ClassVar[bool] = False
    """Whether it reads calibration text of the held-out languages, too."""

    def __post_init__(self) -> None:
        check_knobs(self)

    @abc.abstractmethod
    def check(self, settings: Settings) -> None:
        """Refuse settings that this study cannot be asked with, before anything is loaded.

        Raises InputError in one sentence.
        """

    @abc.abstractmethod
    def estimate(self, settings: Settings, scale: Scale) -> float:
        """Work in tokens through one decoder block, roughly: texts differ in length."""


class Beside(abc.ABC):
    """A study of a run: dense first, then pruned. The weights are never touched."""

    @abc.abstractmethod
    def start(self, subject: Subject, monitor: Monitor) -> Finish:
        """Everything that needs the dense model; what is returned is called on the pruned one.

        One unit of progress is one token through one block. Work of both halves is announced here (`monitor.plan`). Raises
        InputError or ModelError for what this model or text does not allow, Cancelled when stopped.
        """


class Alone(abc.ABC):
    """A study that loads, prunes and measures as it needs; the model is dense when it returns, whatever happened."""

    @abc.abstractmethod
    def run(self, bench: Bench, settings: Settings, monitor: Monitor) -> "StudyResult":
        """The whole study. Raises InputError or ModelError for what cannot be carried out, Cancelled when stopped."""


@dataclasses.dataclass(frozen=True)
class Description:
    """A study as the page and the command line show it."""

    name: str
    title: str
    question: str
    summary: str
    source: str
    origin: Origin
    cost: str
    beside: bool
    alone: bool
    tables: tuple[TableSpec, ...]
    knobs: tuple[Knob, ...]


def describe(study: type[Study]) -> Description:
    """The description of one entry of the table."""
    summary = " ".join((inspect.getdoc(study) or "").split("\n\n")[0].split())
    return Description(
        study.name,
        study.title,
        study.question,
        summary,
        study.source,
        study.origin,
        study.cost,
        issubclass(study, Beside),
        issubclass(study, Alone),
        study.tables,
        knobs_of(study),
    )


def sequences(settings: Settings) -> int:
    """Calibration sequences of one language, as `corpora.pack` counts them (where there is text enough)."""
    return max(1, round(settings.tokens_per_language / settings.sequence_length))


def needs_scored_texts(name: str, settings: Settings) -> None:
    """Raises InputError when nothing is scored."""
    if not settings.eval_texts:
        raise InputError(f"The study {name!r} needs texts that are scored; eval_texts was given as 0.")
