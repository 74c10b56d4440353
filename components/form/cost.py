"""What a run would cost, before it is started: a line, a table of the work, or the reason why it cannot be started."""

import dataclasses
import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.environment import shared_server
from components.form.form import Form, is_local, make_request, to_recipe, to_settings
from components.i18n import words
from components.store import EXAMPLE, RunStore
from mwanda_core.errors import InputError
from mwanda_core.store.report import RunReport

if TYPE_CHECKING:
    from mwanda_core.methods.recipes import Recipe
    from mwanda_core.run.estimate import Cost, Sizes
    from mwanda_core.run.settings import Settings

STARTED = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
APART = {"same": 1.3, "other": 1.5, "typical": 2.5}
"""How far a time may lie from the one foreseen: speed measured on this method here, on another here, or nowhere here."""
RECENT = 12
"""Earlier runs that the speed of this machine is taken from."""


def foresee(form: Form, store: RunStore) -> tuple[str, str, str]:
    """(the line under the button, the table, what does not go together or "").

    A form that is merely unfinished (no language yet) has no problem of its own parts: the line says what is missing.
    """
    try:
        request = make_request(form)
    except InputError as error:
        said = words.COST_REFUSED.format(problem=error)
        return said, said, ""
    with importing():
        from mwanda_core.models import choose_device, choose_dtype
        from mwanda_core.run import estimate
    try:
        found, settings = to_recipe(request), to_settings(request)
        estimate.refuse(found, settings)
    except InputError as error:
        said = words.COST_REFUSED.format(problem=error)
        return said, said, words.library(error)
    device = choose_device("auto")
    earlier = store.recent(RECENT)
    sizes = sizes_of(settings.model, store, earlier, choose_dtype("auto", device).itemsize)
    if sizes is None:
        return words.COST_UNKNOWN_MODEL, needs(found) or words.COST_UNKNOWN_MODEL, ""
    told = estimate.cost(found, settings, sizes, estimate.rate_of(earlier, found, device.type, sizes))
    told = dataclasses.replace(told, seconds=_without_done(told.seconds, settings, earlier))
    return line(told), details(told, found, device.type), ""


def _without_done(seconds: "Mapping[str, float]", settings: "Settings", earlier: Sequence[RunReport]) -> dict[str, float]:
    """What is left where a run since this program started measured the same: statistics and the dense model's scores are kept."""

    def alike(report: RunReport, *names: str) -> bool:
        ours, theirs = settings.to_dict(), report.facts["settings"]
        return all(list(map(str, _listed(ours[name]))) == list(map(str, _listed(theirs.get(name)))) for name in names)

    since = [report for report in earlier if report.id > STARTED and alike(report, "model", "texts", "seed", "sequence_length")]
    found = dict(seconds)
    if any(alike(report, "languages", "tokens_per_language") for report in since):
        found["statistics"] = 0.0
    if any(alike(report, "languages", "held_out", "eval_texts", "evaluation_texts", "choices") for report in since):
        found["measuring"] = found.get("measuring", 0.0) / 2
    return found


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def sizes_of(model: str, store: RunStore, earlier: Sequence[RunReport], bytes_per_weight: int) -> "Sizes | None":
    """The sizes of a model from a run that was made on it (the example is one), else from a folder's config; None: unknown.

    Nothing is downloaded or expanded for it.
    """
    with importing():
        from mwanda_core.run.estimate import sizes_of_folder, sizes_of_run

    example = [store.load(EXAMPLE)] if store.has_example() else []
    for report in (*earlier, *example):
        if report.facts["model"]["source"] == model:
            try:
                return sizes_of_run(report)
            except (KeyError, ValueError, IndexError):
                continue
    if is_local(model) and not shared_server():
        return sizes_of_folder(Path(model).expanduser(), bytes_per_weight)
    return None


def line(told: "Cost") -> str:
    """The figures that matter before the button is pressed."""
    with importing():
        from mwanda_core.models.memory import gib

    return words.cost_line(
        told.total, APART["same" if told.rate.same else "other" if told.rate.runs else "typical"], gib(told.peak)
    )


def details(told: "Cost", found: "Recipe", device: str) -> str:
    """Where the time goes, what it rests on, what the method needs, and the passes over the text."""
    name = words.DEVICE_NAMES.get(device, device)
    rows = [f"| {words.COST_STEPS.get(step.name, step.name)} | {words.number(step.passes, '.1f')} |" for step in told.steps]
    slow = told.seconds["pruning"] >= words.MINUTES
    said = [
        f"{words.cost_stages(dict(told.seconds))} {words.rate_source(told.rate.runs, told.rate.same, name)}",
        " ".join([needs(found), *([words.COST_MINUTES] if slow else [])]).strip(),
        "\n".join([words.COST_TABLE_HEAD, *rows]),
        words.COST_PASSES,
    ]
    return "\n\n".join(part for part in said if part)


def needs(found: "Recipe") -> str:
    """What a method needs beside activation statistics, in words."""
    known = [words.COST_NEEDS[need] for need in sorted(found.needs) if need in words.COST_NEEDS]
    return " ".join(words.COST_NEEDS_OF.format(method=words.library(found.title), needs=need) for need in known)
