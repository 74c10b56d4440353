"""Everything that decides a run's figures, as plain data; no torch, so that a page or `--help` can name it at once.

A setting is one field of `Settings`: a knob (range, step, unit, help), and beside it what surfaces need to know (`Setting`). The form, the
command line, the API's list, "use these settings", the command that repeats a run, the checks and docs/settings.md are drawn from
the fields; none of them names a setting itself.
"""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any, Literal

from mwanda_core.errors import InputError
from mwanda_core.parts.knobs import (
    Knob,
    choice,
    knobs_of,
    more_of,
    number,
    refuse_kind,
    refuse_range,
    several,
    switch,
    text,
    whole,
)

DEFAULT_LANGUAGES = ("en", "de", "hi", "sw")
DEFAULT_HELD_OUT = ("fr", "bn")

GUARD = 0.1
"""Weight of the guard languages where nobody says another: forms and commands start with it, plain settings (a stored run's, which may be
older) without."""

MOST_TOKENS = 10**8
"""More than any published calibration; what fits into memory is judged by the estimate."""

GROUPS = {"model": "", "languages": "", "method": "", "texts": "", "advanced": "ADVANCED", "measure": "MEASURE_MORE"}
"""Panels of the form, in order; name of the text over one that is folded away, for most visitors leave it alone."""

Widget = Literal["", "model", "method", "source", "radio", "checks"]
"""How a setting is drawn where its knob's kind does not say: "source" is a menu of `sources` and a folder."""


@dataclasses.dataclass(frozen=True)
class Setting:
    """A field of `Settings`, as every surface reads it.

    label, options, folder, empty, refused, unsaid: names of texts of the page: its label (by default the field's name in capitals;
    NAME_INFO beside it is the explanation, where there is one), what words its choices, the label of a source's folder, and the
    sentences for nothing given, for a value out of range, and for a value of a run that the form cannot show. group: its panel,
    of `GROUPS` (none: not on the form). slider: lowest, highest and step on the form where that is less than the knob's range; the
    highest is also the most that strangers may ask of a shared server. scale: the form shows the value times this. sources: what
    a "source" offers beside a folder. start: what the form, and the command line where it takes no word for it, starts with where that is not the default. flag: its option where
    that is not its own name. unset: what the command line takes for "as usual".
    """

    knob: Knob
    label: str = ""
    group: str = ""
    widget: Widget = ""
    options: str = ""
    folder: str = ""
    empty: str = ""
    refused: str = ""
    unsaid: str = ""
    slider: tuple[float, float, float] | None = None
    scale: int = 1
    sources: tuple[str, ...] = ()
    flag: str = ""
    unset: str | None = None
    start: Any = None

    @property
    def name(self) -> str:
        """The field."""
        return self.knob.name

    @property
    def text(self) -> str:
        """Name of its label among the page's texts."""
        return self.label or self.name.upper()

    @property
    def option(self) -> str:
        """Its option on the command line, without dashes."""
        return self.flag or self.name.replace("_", "-")

    @property
    def if_changed(self) -> bool:
        """Whether the command that repeats a run leaves it out while it stands at its default: what is asked for beside the
        losses, and what only counts with something else."""
        return self.group == "measure" or self.knob.only_with is not None


@dataclasses.dataclass(frozen=True)
class Settings:
    """Everything that decides a run's figures, as plain data; docs/settings.md describes every field.

    languages: calibration. held_out: also scored, never calibrated on. texts: "built-in", a source on the Hub ("c4",
    "wikipedia", "flores+"), or a folder; evaluation_texts likewise (empty: the other half of `texts`). eval_texts: texts
    scored per language (0: no scoring), fewer where `precision` is reached before (`evaluation.looks`). sequence_length: tokens. tasks: benchmarks (`tasks.TASKS`), from `task_texts` ("hub" or a
    folder), at most task_items per language. studies: names of `studies.STUDIES`, with knobs as in
    "profile:texts=8". spare_neurons: calibration languages whose language neurons are kept.
    """

    model: str = text(
        "gemma-3-270m",
        "gemma-3-270m (built in), a Hub id, a folder, or a .gguf file.",
        group="model",
        widget="model",
        empty="EMPTY_MODEL",
        unsaid="CLONE_LOCAL_MODEL",
    )
    languages: tuple[str, ...] = several(
        DEFAULT_LANGUAGES,
        "Calibration languages: codes or English names.",
        of="text languages",
        group="languages",
        empty="EMPTY_LANGUAGES",
    )
    held_out: tuple[str, ...] = several(
        (),
        "Languages that are scored only; on the command line 'auto' takes two, 'none' none.",
        of="text languages",
        group="languages",
        unset="auto",
        start=DEFAULT_HELD_OUT,
    )
    guard: float = number(
        0.0,
        0.0,
        0.9,
        0.01,
        "Share of the weight that other built-in languages have together, so that they are not forgotten; 0: none.",
        group="languages",
        slider=(0, 50, 1),
        scale=100,
        start=GUARD,
    )
    guard_languages: tuple[str, ...] = several(
        (),
        "Guard languages: codes or names; empty: all built-in ones that are neither calibrated on nor scored as unseen.",
        of="built-in languages",
        only_with=("guard", None),
        group="advanced",
    )
    method: str | Mapping[str, Any] = text(
        "m-wanda",
        "A named method (see `mwanda methods`), or a recipe; on the command line also fast, balanced or best, by languages and tokens.",
        group="method",
        widget="method",
        unsaid="CLONE_METHOD",
        unset="fast",
    )
    sparsity: float = number(
        0.5,
        0.0,
        0.99,
        0.01,
        "Share of the weights to remove, 0 to 0.99.",
        group="method",
        slider=(0, 99, 1),
        scale=100,
        refused="SPARSITY_RANGE",
    )
    mode: str = choice(
        "one-pass",
        ("one-pass", "sequential", "per-linear"),
        "How statistics are taken: one-pass on the dense model, sequential block by block (Wanda's walk), or per-linear.",
        group="advanced",
        options="MODES",
        widget="radio",
        unsaid="CLONE_MODE",
    )
    tokens_per_language: int = whole(
        1280,
        1,
        MOST_TOKENS,
        "Calibration tokens per language.",
        label="TOKENS",
        group="texts",
        slider=(128, 16384, 128),
        flag="tokens",
    )
    sequence_length: int = whole(
        128, 1, 2**20, "Tokens in a sequence.", label="SEQUENCE", group="advanced", slider=(32, 2048, 32)
    )
    texts: str = text(
        "built-in",
        "built-in, statements (the built-in passages and as much of statements with their verdicts, TPLO's calibration), c4, wikipedia, flores+, or a folder with one <code>.txt per language.",
        group="advanced",
        widget="source",
        options="TEXT_SOURCES",
        sources=("built-in", "statements", "c4", "wikipedia", "flores+"),
        folder="FOLDER",
        empty="EMPTY_FOLDER",
        unsaid="CLONE_LOCAL_TEXTS",
    )
    evaluation_texts: str = text(
        "",
        "Other texts to score on; empty: the other half of the calibration texts.",
        widget="source",
        sources=("", "built-in", "c4", "wikipedia", "flores+"),
        unsaid="CLONE_EVALUATION_TEXTS",
    )
    eval_texts: int = whole(12, 0, 10**6, "Texts scored per language; 0: no scoring.", group="advanced", slider=(2, 100, 1))
    precision: float = number(
        0.0,
        0.0,
        10.0,
        0.05,
        "Half the interval, in nats a token, at which no more texts of a language are scored (0.1: ten per cent of perplexity); "
        "0: all texts are scored at once.",
        group="advanced",
        slider=(0, 1, 0.05),
        start=0.2,
    )
    stop_after: int = whole(
        0,
        0,
        10**6,
        "Pieces of scoring after which it ends, which is how a run that a visitor ended is repeated; 0: none.",
        only_with=("precision", None),
        unsaid="CLONE_STOPPED",
    )
    choices: bool = switch(True, "Also score four-way choices.", group="advanced")
    seed: int = whole(0, 0, 2**32 - 1, "Order of the calibration passages and of the choices.", group="advanced")
    allocation_share: float = number(
        1.0,
        0.0,
        1.0,
        0.1,
        "Share of the calibration tokens that decides the sparsity of the blocks; sequential only.",
        only_with=("mode", "sequential"),
        group="advanced",
        slider=(0.1, 1.0, 0.1),
    )
    tasks: tuple[str, ...] = several(
        (),
        "Benchmarks to answer before and after: multiblimp, bmlama, xcopa, ... (docs/tasks.md).",
        of="tasks",
        label="TASKS_LABEL",
        group="measure",
    )
    task_texts: str = text(
        "hub",
        "Where benchmarks come from: hub, or a folder.",
        only_with=("tasks", None),
        group="measure",
        widget="source",
        options="TASK_SOURCES",
        sources=("hub",),
        folder="TASK_FOLDER",
        empty="EMPTY_TASK_FOLDER",
        unsaid="CLONE_LOCAL_TEXTS",
    )
    task_items: int = whole(
        100,
        1,
        10**6,
        "Questions per language and benchmark.",
        only_with=("tasks", None),
        group="measure",
        slider=(10, 1000, 10),
        refused="TASK_ITEMS_RANGE",
    )
    studies: tuple[str, ...] = several(
        (),
        "Studies beside the losses: see `mwanda studies`; 'all' for all of them.",
        of="studies",
        label="STUDIES_LABEL",
        group="measure",
        widget="checks",
    )
    spare_neurons: tuple[str, ...] = several(
        (),
        "Calibration languages whose language neurons are kept: codes or names.",
        of="languages",
        label="SPARE",
        group="measure",
    )
    device: str = text("auto", "auto, cpu, cuda or cuda:N.", unsaid="CLONE_DEVICE")
    dtype: str = choice(
        "auto", ("auto", "float32", "bfloat16", "float16"), "auto, float32, bfloat16 or float16.", unsaid="CLONE_DEVICE"
    )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return dataclasses.asdict(self)


@functools.cache
def all_settings() -> dict[str, Setting]:
    """Every setting by its name, in the order of the fields."""
    more = more_of(Settings)
    return {knob.name: Setting(knob, **more[knob.name]) for knob in knobs_of(Settings)}


def settings_from(data: Mapping[str, Any]) -> Settings:
    """Settings from plain data (a stored run, a request). Ranges are not looked at: a plan that is kept may hold what was refused.

    Raises InputError for an unknown field or a value of another kind.
    """
    known = all_settings()
    extra = sorted(set(data) - set(known))
    if extra:
        raise InputError(f"A run has no setting named {', '.join(extra)}; its settings are {', '.join(sorted(known))}.")
    for name, value in data.items():
        if not (name == "method" and isinstance(value, Mapping)):
            refuse_kind(f"The setting {name!r}", known[name].knob, value)
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
    return Settings(**values)


def refuse_settings(settings: Settings) -> None:
    """Refuse a value of another kind, a number outside its range, and a word that is none of the choices.

    Raises InputError in one sentence.
    """
    for name, setting in all_settings().items():
        value = getattr(settings, name)
        if not (name == "method" and isinstance(value, Mapping)):
            refuse_kind(f"The setting {name!r}", setting.knob, value)
        refuse_range(f"The setting {name!r}", setting.knob, value)
