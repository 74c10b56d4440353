"""From what stands in the form to a request (plain data), and from a request to the settings of a run.

A form is plain data: every setting that the form shows, under its name in `Settings` and in the same terms, but for the method. That is
named by "method", the parts in place of its own ("parts": choice -> part), their knobs ("knobs": "activation.lam" -> value), and the
"pattern" with its "n" and "m". The recipe is made of them inside the job, because reading the methods takes seconds the first time.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.environment import shared_server
from components.form import uploads
from components.form.combining import FIXED_PATTERNS, recipe_of
from components.i18n import words
from components.i18n.names import language_names
from mwanda_core.errors import InputError
from mwanda_core.run.settings import Setting, Settings, all_settings
from mwanda_core.studies import paths_of, study

if TYPE_CHECKING:
    from mwanda_core.methods.recipes import Recipe

Form = dict[str, Any]

METHOD: Mapping[str, Any] = {"parts": {}, "knobs": {}, "pattern": "unstructured", "n": 2, "m": 4}
"""What a form holds of a method beside its name, as it opens. n, m count for the patterns "n:m" and "mixed"."""


def shown_settings() -> Iterator[Setting]:
    """The settings that the form has a place for."""
    return (setting for setting in all_settings().values() if setting.group)


def start_of(setting: Setting) -> Any:
    """What the form starts with."""
    return setting.knob.default if setting.start is None else setting.start


def new_form(**changes: Any) -> Form:
    """The form as it opens, with changes."""
    return {**{setting.name: start_of(setting) for setting in shown_settings()}, **METHOD, **changes}


def default_model() -> str:
    """The model preselected: `MWANDA_DEFAULT_MODEL`, else the built-in one."""
    return os.environ.get("MWANDA_DEFAULT_MODEL") or Settings.model


def make_request(form: Form) -> Form:
    """The form, checked as far as that goes without loading anything.

    Raises InputError in one sentence.
    """
    request = {name: value.strip() if isinstance(value, str) else value for name, value in form.items()}
    check(request)
    return request


def check(values: Mapping[str, Any]) -> None:
    """What every request must have, in settings' own terms: something wherever something must be, numbers in range, and on a shared
    server nothing of its files and no more than its sliders show.

    Raises InputError in one sentence.
    """
    for name, setting in all_settings().items():
        if name not in values or not setting.knob.counts(values):
            continue
        value, knob = values[name], setting.knob
        if setting.empty and not value:
            raise InputError(getattr(words, setting.empty))
        out = (knob.low is not None and value < knob.low) or (knob.high is not None and value > knob.high)
        if setting.refused and out:
            raise InputError(getattr(words, setting.refused).format(given=f"{value:.0%}" if setting.scale != 1 else value))
    if shared_server():
        _refuse_strangers(values)


def _refuse_strangers(values: Mapping[str, Any]) -> None:
    # Whether a setting counts beside the others is not looked at: a program may ask for what the form would leave out.
    for name, value in values.items():
        setting = all_settings().get(name)
        if setting is None:
            continue
        own_files = setting.widget == "source" and value not in setting.sources and not uploads.was_given(value)
        own_files |= setting.knob.of == "studies" and any(paths_of(study(text)) for text in value)
        if own_files or (setting.widget == "model" and is_local(value)):
            raise InputError(words.SHARED_FOLDER)
        if setting.slider and setting.scale == 1 and value > setting.slider[1]:
            raise InputError(words.API_LIMIT.format(name=name, most=setting.slider[1], given=value))


def is_local(model: str) -> bool:
    """Whether a model's name points into this machine's files rather than to the Hub or the built-in model."""
    if model == Settings.model:
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


def to_settings(request: Mapping[str, Any]) -> Settings:
    """The settings of a run. Imports the methods the first time, not the models.

    Raises InputError for knobs or names the engine refuses.
    """
    with importing():
        from mwanda_core.run.settings import settings_from

    recipe = to_recipe(request)
    # What does not count beside the rest says nothing, whatever its control was left at.
    values = {setting.name: request[setting.name] for setting in shown_settings() if setting.knob.counts(request)}
    lists = {name: list(value) for name, value in values.items() if isinstance(value, tuple)}
    fixed = {"sparsity": recipe.pattern.achievable(0.5)} if request["pattern"] in FIXED_PATTERNS else {}
    return settings_from(values | lists | fixed | {"method": recipe.to_dict()})


def to_recipe(request: Mapping[str, Any]) -> "Recipe":
    """The method with its parts, knobs and pattern.

    Raises InputError as `combining.recipe_of`.
    """
    return recipe_of(request["method"], request["parts"], request["knobs"], request["pattern"], request["n"], request["m"])


def refuse(request: Mapping[str, Any]) -> None:
    """Everything that can be refused before a run is started. Imports the engine.

    Raises InputError in one sentence.
    """
    settings = to_settings(request)
    with importing():
        from mwanda_core.run import estimate

    estimate.refuse(to_recipe(request), settings)
