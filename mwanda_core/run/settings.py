"""Everything that decides a run's figures, as plain data; no torch, so that a page or `--help` can name it at once."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from mwanda_core.errors import InputError

DEFAULT_LANGUAGES = ("en", "de", "hi", "sw")
DEFAULT_HELD_OUT = ("fr", "bn")


@dataclasses.dataclass(frozen=True)
class Settings:
    """Everything that decides a run's figures, as plain data.

    languages: calibration. held_out: also scored, never calibrated on. texts: "built-in", a source on the Hub ("c4",
    "wikipedia", "flores+"), or a folder; evaluation_texts likewise (empty: the other half of `texts`). eval_texts: texts
    scored per language (0: no scoring). sequence_length: tokens. tasks: benchmarks (`tasks.TASKS`), from `task_texts` ("hub" or a
    folder), at most task_items per language. studies: names of `studies.STUDIES`, with knobs as in
    "profile:texts=8". spare_neurons: calibration languages whose language
    neurons are kept.
    """

    model: str = "gemma-3-270m"
    languages: tuple[str, ...] = DEFAULT_LANGUAGES
    held_out: tuple[str, ...] = ()
    method: str | Mapping[str, Any] = "m-wanda"
    sparsity: float = 0.5
    mode: str = "one-pass"
    tokens_per_language: int = 1280
    sequence_length: int = 128
    texts: str = "built-in"
    evaluation_texts: str = ""
    eval_texts: int = 12
    choices: bool = True
    seed: int = 0
    allocation_share: float = 1.0
    tasks: tuple[str, ...] = ()
    task_texts: str = "hub"
    task_items: int = 100
    studies: tuple[str, ...] = ()
    spare_neurons: tuple[str, ...] = ()
    device: str = "auto"
    dtype: str = "auto"

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return dataclasses.asdict(self)


_KINDS: dict[type, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a text"),
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    tuple: ((tuple, list), "a list of texts"),
}
"""Type of a field's default -> what is accepted, and its name in a sentence."""


def settings_from(data: Mapping[str, Any]) -> Settings:
    """Settings from plain data (a stored run, a request).

    Raises InputError for an unknown field or a value of another kind.
    """
    known = {field.name: field for field in dataclasses.fields(Settings)}
    extra = sorted(set(data) - set(known))
    if extra:
        raise InputError(f"A run has no setting named {', '.join(extra)}; its settings are {', '.join(sorted(known))}.")
    return Settings(**{name: _checked(name, known[name].default, value) for name, value in data.items()})


def _checked(name: str, default: Any, value: Any) -> Any:
    if name == "method" and isinstance(value, Mapping):
        return value
    accepted, words = _KINDS[type(default)]
    is_bool_as_number = isinstance(value, bool) and bool not in accepted
    wrong: Any = value if not isinstance(value, accepted) or is_bool_as_number else None
    if wrong is None and isinstance(value, tuple | list):
        wrong = next((item for item in value if not isinstance(item, str)), None)
    if wrong is not None or value is None:
        raise InputError(f"The setting {name!r} must be {words}; it was given {wrong!r}.")
    return tuple(value) if isinstance(value, list) else value
