"""From what stands in the form to a request (plain data), and from a request to the settings of a run.

A request is made at once, in the page's process; settings are made inside the job, because reading the methods and the
model library takes seconds the first time.
"""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.form.choices import DEFAULT_HELD_OUT, DEFAULT_LANGUAGES
from components.form.combining import FIXED_PATTERNS, Values, key_of, read_key, recipe_of
from components.i18n import words
from components.i18n.names import language_names
from mwanda_core.errors import InputError

if TYPE_CHECKING:
    from mwanda_core.methods.recipes import Recipe
    from mwanda_core.run.settings import Settings

HUB_TEXTS = ("c4", "wikipedia", "flores+")


@dataclasses.dataclass(frozen=True)
class Form:
    """What a visitor can set. Sparsity is a share; `folder` counts when `texts` is "folder", `task_folder` when `task_texts` is.

    parts: choice -> name of the part its menu stands at; none for a choice means the method's own. numbers, words, texts_set,
    language: values of the ready-made widgets, labelled for the method and parts that `knobs_for` names (`combining.key_of`);
    when those are others than the ones chosen, they are not used. n, m: count for the patterns "n:m" and "mixed".
    """

    model: str = "gemma-3-270m"
    languages: Sequence[str] = DEFAULT_LANGUAGES
    held_out: Sequence[str] = DEFAULT_HELD_OUT
    method: str = "m-wanda"
    sparsity: float = 0.5
    pattern: str = "unstructured"
    n: float | None = 2
    m: float | None = 4
    tokens_per_language: int = 1280
    mode: str = "one-pass"
    allocation_share: float = 1.0
    sequence_length: int = 128
    texts: str = "built-in"
    folder: str = ""
    eval_texts: int = 12
    choices: bool = True
    seed: int = 0
    tasks: Sequence[str] = ()
    task_texts: str = "hub"
    task_folder: str = ""
    task_items: int = 100
    studies: Sequence[str] = ()
    spare_neurons: Sequence[str] = ()
    parts: Mapping[str, str] = dataclasses.field(default_factory=dict)
    knobs_for: str = ""
    numbers: Sequence[float | None] = ()
    words: Sequence[str | None] = ()
    texts_set: Sequence[str | None] = ()
    language: str | None = None


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
    own_tasks = bool(form.tasks) and form.task_texts == "folder"
    if own_tasks and not form.task_folder.strip():
        raise InputError(words.EMPTY_TASK_FOLDER)
    if form.tasks and form.task_items < 1:
        raise InputError(words.TASK_ITEMS_RANGE.format(given=form.task_items))
    if shared_server() and (form.texts == "folder" or own_tasks or is_local(form.model.strip())):
        raise InputError(words.SHARED_FOLDER)
    if not 0.0 <= form.sparsity <= 0.99:
        raise InputError(words.SPARSITY_RANGE.format(given=f"{form.sparsity:.0%}"))
    stripped = {name: getattr(form, name).strip() for name in ("model", "folder", "task_folder")}
    return dataclasses.asdict(form) | stripped


def is_local(model: str) -> bool:
    """Whether a model's name points into this machine's files rather than to the Hub or the built-in model."""
    if model == Form.model:
        return False
    return model.startswith((".", "/", "~", "\\")) or model.endswith(".gguf") or model.count("/") != 1 or Path(model).exists()


def title_of(request: Mapping[str, Any]) -> str:
    """One line for the job.

    Raises InputError for a method that does not exist, or cannot be put together.
    """
    model = str(request["model"]).rstrip("/").rpartition("/")[2]
    return words.job_title(
        words.library(to_recipe(request).title), float(request["sparsity"]), model, language_names(request["languages"])
    )


def to_settings(request: Mapping[str, Any]) -> "Settings":
    """The settings of a run. Imports the methods the first time, not the models.

    Raises InputError for knobs or names the engine refuses.
    """
    with importing():
        from mwanda_core.run.settings import settings_from

    found = to_recipe(request)
    keep = (
        "model", "tokens_per_language", "mode", "sequence_length", "eval_texts", "choices", "seed", "task_items",
    )  # fmt: skip
    fixed = str(request["pattern"]) in FIXED_PATTERNS
    return settings_from(
        {name: request[name] for name in keep}
        | {
            "languages": list(request["languages"]),
            "held_out": list(request["held_out"]),
            "method": found.to_dict(),
            "sparsity": found.pattern.achievable(0.5) if fixed else float(request["sparsity"]),
            "texts": request["folder"] if request["texts"] == "folder" else request["texts"],
            "allocation_share": float(request["allocation_share"]) if request["mode"] == "sequential" else 1.0,
            "task_texts": request["task_folder"] if request["task_texts"] == "folder" and request["tasks"] else "hub",
            **{name: list(request[name]) for name in ("tasks", "studies", "spare_neurons")},
        }
    )


def to_recipe(request: Mapping[str, Any]) -> "Recipe":
    """The method with its parts, knobs and pattern.

    Raises InputError as `combining.recipe_of`.
    """
    method, drawn = str(request["method"]), str(request["knobs_for"])
    # Menus that were drawn for another method say nothing about this one.
    parts = request["parts"] if not drawn or read_key(drawn)[0] == method else {}
    values = None
    if drawn and drawn == key_of(method, parts):
        values = Values(request["numbers"], request["words"], request["texts_set"], request["language"])
    return recipe_of(method, parts, values, str(request["pattern"]), request["n"], request["m"])


def refuse(request: Mapping[str, Any]) -> None:
    """Everything that can be refused before a run is started. Imports the engine.

    Raises InputError in one sentence.
    """
    settings = to_settings(request)
    with importing():
        from mwanda_core.run import estimate

    estimate.refuse(to_recipe(request), settings)
