"""What a sweep is to do: the words a visitor typed as numbers and languages, and the plan that follows from them and the form."""

import dataclasses
import datetime
import math
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from components.engine import importing
from components.environment import shared_server
from components.form.choices import HUB_TEXTS, codes_of
from components.form.combining import FIXED_PATTERNS
from components.form.form import to_recipe, to_settings
from components.i18n import words
from components.i18n.names import language_name, typed_codes
from mwanda_core.errors import InputError

if TYPE_CHECKING:
    from mwanda_core.run.settings import Settings

LEFT = "*left*"
"""Stands for the method on the left in the menu of methods."""
MOST, MOST_SHARED = 1000, 12
"""Runs of a plan on a machine of one's own, and on one that is shared with strangers."""
LARGEST_SEED = 2**31 - 1


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What stands in the tab, as it was typed. methods: names, and `LEFT`."""

    sparsities: str = "30, 40, 50, 60, 70"
    methods: Sequence[str] = (LEFT,)
    mixes: str = ""
    seeds: str = "0"


@dataclasses.dataclass(frozen=True)
class Plan:
    """settings: one a run. left_out: title -> why it cannot be run. note: what else is to be said."""

    settings: "tuple[Settings, ...]"
    left_out: Mapping[str, str]
    note: str = ""


def parted(text: str) -> list[str]:
    """Words separated by commas, semicolons, blanks or lines, each once."""
    return list(dict.fromkeys(word for word in re.split(r"[\s,;]+", text.strip()) if word))


def sparsities_of(text: str) -> tuple[float, ...]:
    """Shares from per cent.

    Raises InputError for a word that is none from 1 to 99, or for none at all.
    """
    found = []
    for word in parted(text.replace("%", " ")):
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not 1.0 <= value <= 99.0:
            raise InputError(words.SWEEP_BAD_SPARSITY.format(given=word))
        found.append(round(value / 100, 6))
    if not found:
        raise InputError(words.SWEEP_NO_SPARSITY)
    return tuple(found)


def seeds_of(text: str) -> tuple[int, ...]:
    """Whole numbers.

    Raises InputError for a word that is none, or for none at all.
    """
    found = []
    for word in parted(text):
        if not (word.isascii() and word.isdigit()) or int(word) > LARGEST_SEED:
            raise InputError(words.SWEEP_BAD_SEED.format(given=word))
        found.append(int(word))
    if not found:
        raise InputError(words.SWEEP_NO_SEED)
    return tuple(found)


def mixes_of(text: str, request: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """One mix a line, by codes or names; the form's languages where nothing is typed.

    Raises InputError for a language that the texts do not have.
    """
    mixes = [typed_codes(line) for line in text.splitlines() if line.replace(",", "").strip()] or [tuple(request["languages"])]
    known = set() if request["texts"] in HUB_TEXTS else set(codes_of(request["texts"]))
    for code in (code for mix in mixes for code in mix):
        if known and code not in known:
            raise InputError(words.SWEEP_BAD_LANGUAGE.format(given=language_name(code)))
    return list(dict.fromkeys(mixes))


def plan_of(request: Mapping[str, Any], wanted: Wanted) -> Plan:
    """Every combination that can be run, and those that cannot.

    All runs score every language of any mix, so that their means are over the same languages. Raises InputError for words that
    are no plan, more runs than allowed, or a plan of which nothing can be run.
    """
    with importing():
        from mwanda_core.methods.recipes import recipe
        from mwanda_core.run import estimate
        from mwanda_core.run.experiment import title_of
        from mwanda_core.sweeps.sweep import plan_sweep
    if not wanted.methods:
        raise InputError(words.SWEEP_NO_METHOD)
    mixes, seeds = mixes_of(wanted.mixes, request), seeds_of(wanted.seeds)
    sparsities, note = sparsities_of(wanted.sparsities), ""
    if request["pattern"] in FIXED_PATTERNS:
        share = to_recipe(request).pattern.achievable(0.5)
        note = words.SWEEP_FIXED.format(pattern=request["pattern"]) if set(sparsities) != {share} else ""
        sparsities = (share,)
    runs = len(sparsities) * len(set(wanted.methods)) * len(mixes) * len(seeds)
    _refuse_many(runs)
    everyone = tuple(dict.fromkeys([*(code for mix in mixes for code in mix), *request["held_out"]]))
    methods = [to_settings(_with_method(request, name)).method for name in dict.fromkeys(wanted.methods)]
    base = dataclasses.replace(to_settings(request), held_out=everyone)
    settings, left_out = [], {}
    for one in plan_sweep(base, sparsities=sparsities, methods=methods, mixes=mixes, seeds=seeds):
        try:
            estimate.refuse(recipe(one.method), one)
            settings.append(one)
        except InputError as error:
            left_out[title_of(one)] = words.library(error)
    if not settings:
        raise InputError(next(iter(left_out.values())))
    return Plan(tuple(settings), left_out, note)


def _refuse_many(runs: int) -> None:
    if shared_server() and runs > MOST_SHARED:
        raise InputError(words.SWEEP_TOO_MANY_SHARED.format(runs=runs, most=MOST_SHARED))
    if runs > MOST:
        raise InputError(words.SWEEP_TOO_MANY.format(runs=runs, most=MOST))


def _with_method(request: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The same request with a named method at its own parts and settings; the pattern stays the form's."""
    return request if name == LEFT else {**request, "method": name, "parts": {}, "knobs": {}}


def name_of(typed: str) -> str:
    """A name that a file can have: of what was typed, else of the time. On a shared server nobody can guess it."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", typed.strip()).strip("-._")[:60]
    name = name or datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
    return f"{name}-{secrets.token_hex(8)}" if shared_server() else name
