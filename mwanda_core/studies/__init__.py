"""Questions asked of a model: each study describes itself (`base`), and everything that lists, asks or draws studies reads this table.

A run asks for studies by name, with knobs where they are to differ: "profile", or "profile:texts=8". Nothing here waits for torch.
"""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from mwanda_core.errors import InputError, UnknownName
from mwanda_core.parts.knobs import knobs_of
from mwanda_core.plugins import Table
from mwanda_core.studies.abilities import Abilities
from mwanda_core.studies.base import Alone, Beside, Study, TableSpec
from mwanda_core.studies.circuits import Circuits
from mwanda_core.studies.correction import Correction
from mwanda_core.studies.generation import GenerationStudy
from mwanda_core.studies.memory import Memory
from mwanda_core.studies.metric_search.study import MetricSearchStudy
from mwanda_core.studies.neurons import NeuronsStudy
from mwanda_core.studies.one_calibration.study import OneCalibrationStudy
from mwanda_core.studies.overlap import OverlapStudy
from mwanda_core.studies.predictors import PredictorsStudy
from mwanda_core.studies.profile import ProfileStudy
from mwanda_core.studies.prompts.one import OnePrompt
from mwanda_core.studies.prompts.study import PromptsStudy
from mwanda_core.studies.truth import Truth
from mwanda_core.studies.truth.statement import OneStatement

_OWN: dict[str, type[Study]] = {
    # A run carries them out in this order; the predictors take in what those before them found.
    study.name: study
    for study in (
        *(OverlapStudy, NeuronsStudy, PredictorsStudy, GenerationStudy, ProfileStudy, Circuits, Truth, Correction),
        *(PromptsStudy, MetricSearchStudy, OneCalibrationStudy, Memory, OnePrompt, OneStatement, Abilities),
    )
}

STUDIES = Table("study", Study, _OWN)


def study(text: str) -> Study:
    """A study by its name, then knobs: "generation:prompts=5:tokens=16".

    Raises UnknownName for a name, InputError for a knob that the study does not have or a value outside its range.
    """
    name, *settings = text.split(":")
    return study_with(name.strip(), [part.replace("%3A", ":").replace("%25", "%") for part in settings])


def study_with(name: str, settings: Sequence[str]) -> Study:
    """A study by its name, with knobs as texts, "prompts=5".

    Raises as `study`.
    """
    if name not in STUDIES:
        raise UnknownName("study", name, STUDIES)
    cls = STUDIES[name]
    known = {field.name: field.default for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    values = {}
    for setting in settings:
        knob, equals, value = (part.strip() for part in setting.partition("="))
        if not equals or knob not in known:
            allowed = ", ".join(known) or "none"
            raise InputError(f"The study {name!r} has no setting {setting.strip()!r}. Its settings are: {allowed}.")
        values[knob] = value if isinstance(known[knob], str) else _read(value)
    return cls(**values)


def _read(value: str) -> Any:
    """A number, true or false as JSON writes them; else the text itself, which the knob refuses in a sentence."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def paths_of(study: Study) -> tuple[str, ...]:
    """The files and folders that its knobs name."""
    of_paths = [knob.name for knob in knobs_of(study) if knob.of == "path"]
    return tuple(str(getattr(study, name)) for name in of_paths if str(getattr(study, name)).strip())


def text_of(study: Study) -> str:
    """The inverse of `study`: its name, and the knobs that are not as they come; a colon in a text is written %3A."""
    fields = dataclasses.fields(study)  # type: ignore[arg-type]
    changed = [(field.name, getattr(study, field.name)) for field in fields if getattr(study, field.name) != field.default]
    plain = (f"{name}={value}".replace("%", "%25").replace(":", "%3A") for name, value in changed)
    return ":".join([study.name, *plain])


def studies_of(texts: Sequence[str]) -> tuple[Study, ...]:
    """The studies asked for, in the order of the table.

    Raises as `study`, and InputError for one that is asked for twice.
    """
    chosen = [study(text) for text in texts]
    twice = next((one.name for i, one in enumerate(chosen) if one.name in [other.name for other in chosen[:i]]), None)
    if twice is not None:
        raise InputError(f"The study {twice!r} is asked for twice: name it once.")
    return tuple(sorted(chosen, key=lambda one: list(STUDIES).index(one.name)))


def tables_of() -> dict[str, TableSpec]:
    """Every table that a study may put into a run's report, by name."""
    return {spec.name: spec for cls in STUDIES.values() if issubclass(cls, Beside) for spec in cls.tables}


__all__ = [
    "STUDIES",
    "Alone",
    "Beside",
    "Study",
    "TableSpec",
    "paths_of",
    "studies_of",
    "study",
    "study_with",
    "tables_of",
    "text_of",
]
