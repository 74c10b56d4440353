"""The settings of a run back into a form: the inverse of `form.to_settings`, and what the form has no place for.

A request that the form made comes back as the same settings; a run from elsewhere may hold what no control of the page can
say (a walk of its own, texts of another source for scoring), and each such thing is one sentence.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.environment import shared_server
from components.form.combining import FIXED_PATTERNS, knobs_in, pattern_name, recipe_of
from components.form.form import Form, is_local, new_form
from components.i18n import words
from mwanda_core.errors import InputError
from mwanda_core.run.settings import Setting, Settings, all_settings, settings_from
from mwanda_core.store.report import RunReport

if TYPE_CHECKING:
    from mwanda_core.methods.recipes import Recipe


@dataclasses.dataclass(frozen=True)
class MethodFields:
    """A recipe as the form holds it; `whole` is whether the form makes the very same recipe of it."""

    fields: Mapping[str, Any]
    whole: bool


def form_of_run(report: RunReport) -> tuple[Form, tuple[str, ...]]:
    """The form that a run's settings would have come from, and what it cannot say, one sentence each.

    Raises InputError for settings that this version cannot read.
    """
    known = {name: value for name, value in report.facts["settings"].items() if name in all_settings()}
    return form_from_settings(settings_from(known | {"method": report.facts["recipe"]}))


def form_from_settings(settings: Settings) -> tuple[Form, tuple[str, ...]]:
    """The form that these settings would have come from, and what it cannot say, one sentence each.

    A method that this version does not know leaves the form's own, and says so.
    """
    form, notes, values = new_form(), [], settings.to_dict()
    for name, setting in all_settings().items():
        value = getattr(settings, name)
        if setting.widget == "method":
            method = _method(settings)
            form |= method.fields if method else {}
            notes += [] if method else [getattr(words, setting.unsaid)]
            notes += (
                [words.CLONE_KNOBS.format(method=words.library(_recipe(settings).title))] if method and not method.whole else []
            )
        elif not is_shown(setting, value):
            notes.append(getattr(words, setting.unsaid).format(**values))
        elif setting.group and setting.knob.counts(values):
            form[name] = value
    return form, tuple(dict.fromkeys(notes))


def is_shown(setting: Setting, value: Any) -> bool:
    """Whether the form can show a value: a setting off the form stands at its default, a menu has it, and a shared server does not
    read a file of its own for it."""
    if not setting.group:
        return bool(value == setting.knob.default)
    if setting.widget == "model":
        return not (shared_server() and is_local(value))
    if setting.widget == "source":
        return value in setting.sources or not shared_server()
    return setting.knob.kind != "choice" or value in (
        getattr(words, setting.options) if setting.options else setting.knob.choices
    )


def _recipe(settings: Settings) -> "Recipe":
    with importing():
        from mwanda_core.methods.recipes import recipe

    return recipe(settings.method)


def _method(settings: Settings) -> MethodFields | None:
    try:
        return method_of(_recipe(settings))
    except InputError:
        return None


def method_of(wanted: "Recipe") -> MethodFields:
    """The named method, the parts in place of its own, the knobs and the pattern that come nearest to a recipe.

    Nearest is the very same recipe (its name and title too); else one of the same parts, knobs and pattern under another name;
    else one of the same parts.
    """
    best: tuple[int, MethodFields] | None = None
    for fields in _candidates(wanted):
        try:
            made = recipe_of(**fields)
        except InputError:
            continue
        rank = 2 if made == wanted else 1 if _formula(made) == _formula(wanted) else 0
        if best is None or rank > best[0]:
            best = rank, MethodFields(fields, rank > 0)
        if rank == 2:
            break
    assert best is not None, "any recipe is made of parts that the form can put together"
    return best[1]


def _formula(recipe: "Recipe") -> dict[str, Any]:
    """What a recipe computes: everything but its words; mixed N:M takes N from each block's sparsity, so N says nothing there."""
    data = {name: value for name, value in recipe.to_dict().items() if name not in ("name", "title", "summary")}
    if data["pattern"].get("mixed"):
        data["pattern"] = {**data["pattern"], "n": 0}
    return data


def _candidates(wanted: "Recipe") -> Iterator[dict[str, Any]]:
    """What the form could hold: the method of the recipe's own name first, then those with the fewest other parts."""
    with importing():
        from mwanda_core.methods.catalogue import name_of, parts_of
        from mwanda_core.methods.recipes import RECIPES

    parts = parts_of(wanted)
    pattern, n, m = pattern_name(wanted.pattern)

    def others(name: str) -> dict[str, str]:
        own = parts_of(RECIPES[name])
        return {choice: name_of(choice, part) for choice, part in parts.items() if type(part) is not type(own[choice])}

    for name in sorted(RECIPES, key=lambda name: (name != wanted.name, len(others(name)))):
        chosen = others(name)
        # A pattern that is the same everywhere makes a named method's allocation uniform by itself.
        given_way = pattern in FIXED_PATTERNS and chosen.get("allocation") == "uniform"
        for choice in ([{key: value for key, value in chosen.items() if key != "allocation"}] if given_way else []) + [chosen]:
            yield {"method": name, "parts": choice, "knobs": knobs_in(parts), "pattern": pattern, "n": n, "m": m}
