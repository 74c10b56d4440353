"""The settings of a run back into the form: the inverse of `form.to_settings`, and what the form has no place for.

A request that the form made comes back as the same settings; a run from elsewhere may hold what no control of the page can
say (a walk of its own, texts of another source for scoring), and each such thing is one sentence.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.form.combining import FIXED_PATTERNS, Values, key_of, parts_with, pattern_name, recipe_of, slots_of
from components.form.form import HUB_TEXTS, Form, is_local, shared_server
from components.i18n import words
from mwanda_core.errors import InputError
from mwanda_core.parts.part import Part
from mwanda_core.store.report import RunReport

if TYPE_CHECKING:
    from mwanda_core.methods.recipes import Recipe
    from mwanda_core.run.settings import Settings


@dataclasses.dataclass(frozen=True)
class Method:
    """A recipe as the method panel holds it; `whole` is whether the panel makes the very same recipe of it."""

    name: str
    parts: Mapping[str, str]
    values: Values
    pattern: str
    n: int
    m: int
    whole: bool


def form_of_run(report: RunReport) -> tuple[Form, tuple[str, ...]]:
    """The form that a run's settings would have come from, and what it cannot say, one sentence each."""
    with importing():
        from mwanda_core.run.settings import settings_from

    known = {field.name for field in dataclasses.fields(Form)} | set(settings_from({}).to_dict())
    settings = {name: value for name, value in report.facts["settings"].items() if name in known}
    return form_from_settings(settings_from(settings | {"method": report.facts["recipe"]}))


def form_from_settings(settings: "Settings") -> tuple[Form, tuple[str, ...]]:
    """The form that these settings would have come from, and what it cannot say, one sentence each.

    A method that this version does not know leaves the form's own, and says so.
    """
    notes: list[str] = []
    fields: dict[str, Any] = {
        name: getattr(settings, name)
        for name in ("tokens_per_language", "sequence_length", "eval_texts", "choices", "seed", "task_items", "sparsity")
    }
    fields |= {name: tuple(getattr(settings, name)) for name in ("languages", "held_out", "tasks", "studies", "spare_neurons")}
    fields |= _method_fields(settings, notes) | _places(settings, notes)
    if settings.mode in words.MODES:
        fields |= {"mode": settings.mode, "allocation_share": settings.allocation_share}
        if settings.mode == Form.mode:
            fields["allocation_share"] = Form.allocation_share
    else:
        notes.append(words.CLONE_MODE.format(mode=settings.mode))
    if settings.evaluation_texts:
        notes.append(words.CLONE_EVALUATION_TEXTS)
    if (settings.device, settings.dtype) != ("auto", "auto"):
        notes.append(words.CLONE_DEVICE.format(device=settings.device, dtype=settings.dtype))
    return Form(**fields), tuple(notes)


def _method_fields(settings: "Settings", notes: list[str]) -> dict[str, Any]:
    with importing():
        from mwanda_core.methods.recipes import recipe

    try:
        wanted = recipe(settings.method)
    except InputError:
        notes.append(words.CLONE_METHOD)
        return {}
    found = method_of(wanted)
    if not found.whole:
        notes.append(words.CLONE_KNOBS.format(method=words.library(wanted.title)))
    values = found.values
    return {
        "method": found.name, "parts": dict(found.parts), "pattern": found.pattern, "n": found.n, "m": found.m,
        "knobs_for": key_of(found.name, found.parts), "numbers": tuple(values.numbers), "words": tuple(values.words),
        "texts_set": tuple(values.texts), "language": values.language,
    }  # fmt: skip


def _places(settings: "Settings", notes: list[str]) -> dict[str, Any]:
    """Model, texts and benchmarks: names, or places in the files of this machine, which a shared server does not read."""
    found: dict[str, Any] = {}
    if shared_server() and is_local(settings.model):
        notes.append(words.CLONE_LOCAL_MODEL)
    else:
        found["model"] = settings.model
    for name, folder, sources in (("texts", "folder", ("built-in", *HUB_TEXTS)), ("task_texts", "task_folder", ("hub",))):
        value = getattr(settings, name)
        if value in sources:
            found[name] = value
        elif shared_server():
            notes.append(words.CLONE_LOCAL_TEXTS)
        else:
            found |= {name: "folder", folder: value}
    return found


def method_of(wanted: "Recipe") -> Method:
    """The named method, the parts in place of its own, the knobs and the pattern that come nearest to a recipe.

    Nearest is the very same recipe (its name and title too); else one of the same parts, knobs and pattern under another name;
    else one of the same parts.
    """
    best: tuple[int, Method] | None = None
    for candidate, found in _candidates(wanted):
        rank = 2 if found == wanted else 1 if _formula(found) == _formula(wanted) else 0
        if best is None or rank > best[0]:
            best = rank, dataclasses.replace(candidate, whole=rank > 0)
        if rank == 2:
            break
    assert best is not None, "any recipe is made of parts that the panel can put together"
    return best[1]


def _formula(found: "Recipe") -> dict[str, Any]:
    """What a recipe computes: everything but its words; mixed N:M takes N from each block's sparsity, so N says nothing there."""
    data = {name: value for name, value in found.to_dict().items() if name not in ("name", "title", "summary")}
    if data["pattern"].get("mixed"):
        data["pattern"] = {**data["pattern"], "n": 0}
    return data


def _candidates(wanted: "Recipe") -> Iterator[tuple[Method, "Recipe"]]:
    """What the panel could stand at, and the recipe that it would make of it: the method of the recipe's own name first, then those
    with the fewest other parts."""
    with importing():
        from mwanda_core.methods.catalogue import name_of, parts_of
        from mwanda_core.methods.recipes import RECIPES

    parts = parts_of(wanted)
    zeros, n, m = pattern_name(wanted.pattern)

    def others(name: str) -> dict[str, str]:
        own = parts_of(RECIPES[name])
        return {choice: name_of(choice, part) for choice, part in parts.items() if type(part) is not type(own[choice])}

    for name in sorted(RECIPES, key=lambda name: (name != wanted.name, len(others(name)))):
        chosen = others(name)
        # A pattern that is the same everywhere makes a named method's allocation uniform by itself.
        given_way = zeros in FIXED_PATTERNS and chosen.get("allocation") == "uniform"
        for choice in ([{key: value for key, value in chosen.items() if key != "allocation"}] if given_way else []) + [chosen]:
            values = _values(name, choice, parts)
            try:
                made = recipe_of(name, choice, values, zeros, n, m)
            except InputError:
                continue
            yield Method(name, choice, values, zeros, n, m, False), made


def _values(name: str, chosen: Mapping[str, str], wanted: Mapping[str, Part]) -> Values:
    """What the ready-made widgets hold: the settings of the parts wanted, where the panel shows such a part."""
    shown = {
        choice: wanted[choice] if type(wanted[choice]) is type(part) else part
        for choice, part in parts_with(name, chosen).items()
    }
    slots = slots_of(shown)
    language = getattr(shown["activation"], "language", "") if slots.language else ""
    return Values(
        tuple(value for _, _, value in slots.numbers), tuple(value for _, _, value in slots.words),
        tuple(text for _, text in slots.texts), language or None,
    )  # fmt: skip
