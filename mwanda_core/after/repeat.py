"""A run as the command and as the Python lines that repeat it, and a card with all that a repetition needs. Every setting has an option,
so that both say the same."""

import dataclasses
import hashlib
import json
import re
import shlex
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mwanda_core.after.python_lines import python_lines
from mwanda_core.methods.composition import Recipe
from mwanda_core.methods.recipes import RECIPES, recipe
from mwanda_core.parts.patterns import NtoM, Pattern, Unstructured
from mwanda_core.run.settings import Setting, Settings, all_settings, settings_from
from mwanda_core.store.format import MASKS
from mwanda_core.store.integrity import manifest
from mwanda_core.store.report import RunReport

_PARTS = ("activation", "score", "allocation", "rows", "repair", "solver")


@dataclasses.dataclass(frozen=True)
class Again:
    """command: one shell line. python: lines of a program."""

    command: str
    python: str


def again(report: RunReport) -> Again:
    """How to repeat a run.

    Raises InputError for a stored run whose settings or method this version does not know.
    """
    settings = settings_from(report.facts["settings"])
    return Again(command(settings), python(settings))


def python(settings: Settings) -> str:
    """Python lines that repeat a run."""
    return python_lines(settings.to_dict())


def command(settings: Settings, out: str = "") -> str:
    """The `mwanda prune` line with these settings, quoted for a shell.

    Raises InputError for a method that does not exist.
    """
    words = ["mwanda", "prune"]
    for name, setting in all_settings().items():
        value = getattr(settings, name)
        if not (setting.if_changed and value == setting.knob.default):
            words += _method(recipe(settings.method)) if setting.widget == "method" else _option(setting, value)
    return shlex.join([*words, "--out", out] if out else words)


def _option(setting: Setting, value: Any) -> list[str]:
    """A setting as it is typed."""
    if setting.widget == "model":  # The command's argument.
        return [value]
    if setting.knob.kind == "switch":
        return [f"--{'' if value else 'no-'}{setting.option}"]
    return [f"--{setting.option}", _shown(value) or ("none" if setting.unset else "")]


def _shown(value: Any) -> str:
    return ",".join(value) if isinstance(value, list | tuple) else str(value)


def _method(wanted: Recipe) -> list[str]:
    """--method, parts in place of its own, --pattern and --set: from the named method that needs the fewest words."""
    found = [_from(entry, wanted) for entry in sorted(RECIPES.values(), key=lambda entry: entry.name != wanted.name)]
    return min(found, key=len)


def _from(named: Recipe, wanted: Recipe) -> list[str]:
    data = wanted.to_dict()
    others, knobs = [], []
    for part in (*_PARTS, "pattern"):
        ours, theirs = getattr(named, part), getattr(wanted, part)
        if type(ours) is not type(theirs):
            ours = type(theirs)()
            others += [] if part == "pattern" else [f"--{part}", data[part]["name"]]
        shown = ("n", "m", "scope") if part == "pattern" else ()
        for field in dataclasses.fields(theirs):
            value = getattr(theirs, field.name)
            if value != getattr(ours, field.name) and field.name not in shown:
                knobs += ["--set", f"{part}.{field.name}={_word(value)}"]
    return ["--method", named.name, *others, *_pattern(named.pattern, wanted.pattern), *knobs]


def _pattern(ours: Pattern, wanted: Pattern) -> list[str]:
    if isinstance(wanted, Unstructured):
        return [] if ours == wanted else ["--pattern", "unstructured" if wanted.scope == "row" else wanted.scope]
    return ["--pattern", f"{wanted.n}:{wanted.m}"] if isinstance(wanted, NtoM) else []


def _word(value: Any) -> str:
    """A knob's value as `--set` reads it: JSON, or a word that is no JSON."""
    if not isinstance(value, str):
        return json.dumps(value)
    try:
        json.loads(value)
    except ValueError:
        return value
    return json.dumps(value)


SAME = (
    "The same versions on the same device, with the same number of threads, are expected to give the same masks and figures bit for bit. "
    "Elsewhere sums are taken in another order: last digits differ, and a weight at the border may be kept instead of its neighbour."
)


def card(report: RunReport, folder: Path | None = None) -> str:
    """Markdown with all that repeats a run and all that a repetition is compared with. folder: where the run is kept, for the
    hash of its masks.

    Raises InputError as `again` does.
    """
    facts, found = report.facts, again(report)
    base, calibration, settings = facts["model"], facts.get("calibration", {}), facts["settings"]
    masks = (manifest(folder) or {}).get(MASKS) if folder else None
    command = _fenced("sh", f"{found.command} --out run")
    lines = [
        f"# How to repeat the run {report.id}", "", _line(report.title), "", "## Command", "", *command, "", "## Python", "",
        *_fenced("python", found.python), "", "## Model", "", f"- source: {_line(base['source'])}",
        f"- revision: {_line(base.get('revision') or 'not known')}", f"- SHA-256 of its weights: {_line(base.get('fingerprint', ''))}",
        f"- number type: {_line(base.get('dtype', ''))}", "", "## Texts and seed", "", f"- seed: {settings.get('seed', 0)}",
        f"- calibration: {_line(calibration.get('corpus', ''))}, {calibration.get('tokens_per_language', '')} tokens per language in "
        f"sequences of {calibration.get('sequence_length', '')}",
        f"- SHA-256 of the list of calibration passages: {passages_hash(report)}", *_passages(calibration), "", "## Machine and versions", "",
        f"- device: {_line(base.get('device', ''))}", *(f"- {_line(k)}: {_line(v)}" for k, v in facts.get("versions", {}).items()), "",
        "## What a repetition should give", "", f"- SHA-256 of masks.safetensors: {masks[1] if masks else 'not kept'}",
        f"- share of weights removed: {facts.get('summary', {}).get('achieved_sparsity')!r}", "", *_figures(report), "", *textwrap.wrap(SAME, 120), "",
    ]  # fmt: skip
    return "\n".join(lines)


def passages_hash(report: RunReport) -> str:
    """SHA-256 of the names of the calibration passages, by language, as JSON with sorted keys."""
    passages = report.facts.get("calibration", {}).get("passages", {})
    return hashlib.sha256(json.dumps(passages, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _passages(calibration: Mapping[str, Any]) -> list[str]:
    return [f"- {_line(code)}: {_line(', '.join(map(str, names)))}" for code, names in calibration.get("passages", {}).items()]


def _figures(report: RunReport) -> list[str]:
    table = report.tables["languages"]
    if table.empty or "pruned_loss" not in table:
        return ["No language was scored."]
    rows = [
        f"| {_line(row['language'])} | {row['dense_loss']!r} | {row['pruned_loss']!r} |"
        for row in table.to_dict(orient="records")
    ]
    return ["| Language | Dense loss (nats per token) | Pruned loss |", "|---|---:|---:|", *rows]


def _line(text: object) -> str:
    """A text that stays on its line and begins no markup."""
    return " ".join(re.sub("[`|<>]", " ", str(text)).split())


def _fenced(language: str, text: str) -> list[str]:
    """A block of code, fenced by more backticks than any text in it has in a row."""
    fence = "```"
    while fence in text:
        fence += "`"
    return [f"{fence}{language}", text, fence]
