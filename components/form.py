"""From what stands in the form to a request (plain data), and from a request to the settings of a run.

A request is made at once, in the page's process; settings are made inside the job, because reading the methods and the
model library takes seconds the first time.
"""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components import words
from components.choices import DEFAULT_HELD_OUT, DEFAULT_LANGUAGES, names
from components.engine import importing
from mwanda_core.errors import InputError
from mwanda_core.knobs import Knob, knobs_of
from mwanda_core.parts import Part

if TYPE_CHECKING:
    from mwanda_core.experiment import Settings
    from mwanda_core.recipes import Recipe

NUM_NUMBERS, NUM_WORDS = 16, 8
"""Sliders and menus kept ready for a method's knobs; a test checks that every method fits."""

FIXED_PATTERNS = ("2:4", "4:8")
HUB_TEXTS = ("c4", "wikipedia", "flores+")


@dataclasses.dataclass(frozen=True)
class Form:
    """What a visitor can set. Sparsity is a share; `folder` counts when `texts` is "folder".

    numbers, words: values of the ready-made sliders and menus, labelled for the method `knobs_for`; when that is another
    method than the one chosen, they are not used.
    """

    model: str = "gemma-3-270m"
    languages: Sequence[str] = DEFAULT_LANGUAGES
    held_out: Sequence[str] = DEFAULT_HELD_OUT
    method: str = "m-wanda"
    sparsity: float = 0.5
    pattern: str = "unstructured"
    tokens_per_language: int = 1280
    mode: str = "one-pass"
    allocation_share: float = 1.0
    sequence_length: int = 128
    texts: str = "built-in"
    folder: str = ""
    eval_texts: int = 12
    choices: bool = True
    seed: int = 0
    knobs_for: str = ""
    numbers: Sequence[float | None] = ()
    words: Sequence[str | None] = ()


def shared_server() -> bool:
    """Whether visitors are strangers to each other and to this machine's files (a Hugging Face Space)."""
    return bool(os.environ.get("SPACE_ID"))


def default_model() -> str:
    """The model preselected: `MWANDA_DEFAULT_MODEL`, else the built-in one."""
    return os.environ.get("MWANDA_DEFAULT_MODEL") or Form.model


def make_request(form: Form) -> dict[str, Any]:
    """The form as plain data, checked as far as that goes without loading anything.

    Raises InputError in one sentence.
    """
    if not form.model or not form.model.strip():
        raise InputError(words.EMPTY_MODEL)
    if not form.languages:
        raise InputError(words.EMPTY_LANGUAGES)
    if form.texts == "folder" and not form.folder.strip():
        raise InputError(words.EMPTY_FOLDER)
    if shared_server() and (form.texts == "folder" or is_local(form.model.strip())):
        raise InputError(words.SHARED_FOLDER)
    if not 0.0 <= form.sparsity <= 0.99:
        raise InputError(words.SPARSITY_RANGE.format(given=f"{form.sparsity:.0%}"))
    return dataclasses.asdict(form) | {"model": form.model.strip(), "folder": form.folder.strip()}


def is_local(model: str) -> bool:
    """Whether a model's name points into this machine's files rather than to the Hub or the built-in model."""
    if model == Form.model:
        return False
    return model.startswith((".", "/", "~", "\\")) or model.endswith(".gguf") or model.count("/") != 1 or Path(model).exists()


def title_of(request: Mapping[str, Any]) -> str:
    """One line for the job.

    Raises UnknownName for a method that does not exist.
    """
    with importing():
        from mwanda_core.recipes import recipe

    model = str(request["model"]).rstrip("/").rpartition("/")[2]
    return words.job_title(recipe(str(request["method"])).title, float(request["sparsity"]), model, names(request["languages"]))


def to_settings(request: Mapping[str, Any]) -> "Settings":
    """The settings of a run. Imports the whole engine the first time.

    Raises InputError for knobs or names the engine refuses.
    """
    with importing():
        from mwanda_core.experiment import settings_from

    found = to_recipe(request)
    keep = (
        "model", "tokens_per_language", "mode", "sequence_length", "eval_texts", "choices", "seed",
    )  # fmt: skip
    pattern = str(request["pattern"])
    return settings_from(
        {name: request[name] for name in keep}
        | {
            "languages": list(request["languages"]),
            "held_out": list(request["held_out"]),
            "method": found.to_dict(),
            "sparsity": 0.5 if pattern in FIXED_PATTERNS else float(request["sparsity"]),
            "texts": request["folder"] if request["texts"] == "folder" else request["texts"],
            "allocation_share": float(request["allocation_share"]) if request["mode"] == "sequential" else 1.0,
        }
    )


def to_recipe(request: Mapping[str, Any]) -> "Recipe":
    """The method with its knobs and pattern. A fixed N:M pattern treats all blocks alike, so the allocation becomes uniform."""
    with importing():
        from mwanda_core.allocation import Uniform
        from mwanda_core.patterns import parse_pattern
        from mwanda_core.recipes import recipe

    found = recipe(str(request["method"]))
    if request["knobs_for"] == request["method"]:
        found = found.replace(**knob_values(found, request["numbers"], request["words"]))
    pattern = str(request["pattern"])
    if pattern in FIXED_PATTERNS and found.allocation.reads_evidence:
        found = found.replace(allocation=Uniform())
    return found if pattern == Form.pattern else found.replace(pattern=parse_pattern(pattern))


@dataclasses.dataclass(frozen=True)
class Slots:
    """Which of a method's knobs is drawn by which ready-made slider or menu; `value` is what the method itself sets."""

    numbers: tuple[tuple[str, Knob, Any], ...]
    words: tuple[tuple[str, Knob, Any], ...]
    left_over: int


def slots_of(found: "Recipe") -> Slots:
    """The knobs of every part of a recipe but the pattern (which has a control of its own), in the order of the parts."""
    numbers: list[tuple[str, Knob, Any]] = []
    menus: list[tuple[str, Knob, Any]] = []
    for choice, part in parts_of(found):
        for knob in knobs_of(part):
            (menus if knob.choices else numbers).append((f"{choice}.{knob.name}", knob, getattr(part, knob.name)))
    left_over = max(0, len(numbers) - NUM_NUMBERS) + max(0, len(menus) - NUM_WORDS)
    return Slots(tuple(numbers[:NUM_NUMBERS]), tuple(menus[:NUM_WORDS]), left_over)


def parts_of(found: "Recipe") -> list[tuple[str, Any]]:
    """(choice, part) for every part of a recipe that is a formula, whatever choices recipes have."""
    pairs = [(field.name, getattr(found, field.name)) for field in dataclasses.fields(found)]
    return [(name, part) for name, part in pairs if isinstance(part, Part) and name != "pattern"]


def knob_values(found: "Recipe", numbers: Sequence[float | None], menus: Sequence[str | None]) -> dict[str, Any]:
    """ "activation.lam" -> value, for every slot that holds one; a slot without a value leaves the method's own."""
    slots = slots_of(found)
    values: dict[str, Any] = {}
    for (name, knob, _), value in [*zip(slots.numbers, numbers, strict=False), *zip(slots.words, menus, strict=False)]:
        if value is not None:
            # Sliders give 3.0 for 3; a whole knob takes whole numbers only.
            values[name] = int(value) if isinstance(knob.default, int) and not knob.choices else value
    return values
