"""Which runs are compared: names and links that a visitor gives, the runs behind them, and short labels that tell them apart."""

import dataclasses
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from components.engine import importing
from components.environment import shared_server
from components.i18n import words
from components.report import story
from components.store import RunStore
from mwanda_core.errors import RunError
from mwanda_core.store.report import RunReport

LETTERS = "ABCDEF"
MOST = len(LETTERS)
LONGEST = 30
"""Characters of a label: a legend must fit a phone."""


@dataclasses.dataclass(frozen=True)
class Chosen:
    """ids: of the runs that can be read, in the visitor's order; what the store and links call them. problems: a sentence for each
    that cannot."""

    ids: tuple[str, ...]
    reports: tuple[RunReport, ...]
    problems: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """ "A: M-Wanda 50%", one for each run."""
        return labels_of(self.reports)


def ids_in(text: str) -> list[str]:
    """Names of runs in what was pasted: a link (`?run=`, `?compare=`), a name, or several of them."""
    found: list[str] = []
    for word in text.split():
        query = parse_qs(urlsplit(word).query) if "?" in word and "=" in word else {}
        named = [part for key in ("run", "compare") for value in query.get(key, []) for part in value.split(",")]
        found += [part.strip() for part in named or re.split(r"[,;]+", word) if part.strip()]
    return list(dict.fromkeys(found))


def read(store: RunStore, ids: Sequence[str]) -> Chosen:
    """The runs of these names. What cannot be read is left out; its error may name a place on this machine and is not passed on."""
    good: list[str] = []
    reports: list[RunReport] = []
    problems: list[str] = []
    for name in dict.fromkeys(ids):
        try:
            report = store.load(name)
        except RunError:
            problems.append(words.COMPARE_UNREADABLE.format(name=name[:80]))
            continue
        if report.id in {known.id for known in reports}:
            problems.append(words.COMPARE_AGAIN.format(name=name[:80]))
            continue
        good.append(name)
        reports.append(report)
    return Chosen(tuple(good), tuple(reports), tuple(problems))


def menu(store: RunStore, chosen: Sequence[str]) -> list[tuple[str, str]]:
    """(title, name) of the runs to choose from. On a shared server: the example and those that the visitor named."""
    known = store.example_choices() if shared_server() else store.choices()
    there = {name for _, name in known}
    more = []
    for name in chosen:
        if name not in there:
            try:
                more.append((story.title(store.load(name)), name))
            except (RunError, KeyError):
                more.append((name, name))
    return [*more, *known]


def labels_of(reports: Sequence[RunReport]) -> tuple[str, ...]:
    """A letter, method and sparsity; of runs that would read alike, also what tells them apart."""
    plain = [f"{_method(report)} {float(report.facts['settings']['sparsity']):.0%}" for report in reports]
    for tell in _TELLING:
        for label in {label for label in plain if plain.count(label) > 1}:
            alike = [place for place, found in enumerate(plain) if found == label]
            told = [tell(reports[place]) for place in alike]
            if len(set(told)) > 1:
                for place, text in zip(alike, told, strict=True):
                    plain[place] = f"{label} {text}".strip()
    return tuple(f"{letter}: {_cut(label)}" for letter, label in zip(LETTERS, plain, strict=False))


def _method(report: RunReport) -> str:
    return str(report.facts["recipe"]["title"])


def _setting(name: str) -> Callable[[RunReport], str]:
    def told(report: RunReport) -> str:
        value = report.facts["settings"].get(name, "")
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)

    return told


def _pattern(report: RunReport) -> str:
    found: dict[str, Any] = report.facts["recipe"].get("pattern") or {}
    if "m" in found:
        return f"mixed {found['m']}" if found.get("mixed") else f"{found.get('n')}:{found['m']}"
    return str(found.get("scope", ""))


def _model(report: RunReport) -> str:
    return str(report.facts["model"]["source"]).rstrip("/").rpartition("/")[2]


_TELLING: tuple[Callable[[RunReport], str], ...] = (
    _model, _pattern, _setting("languages"), _setting("mode"), _setting("tokens_per_language"), _setting("texts"), _setting("seed"),
)  # fmt: skip
"""What may tell two runs of one method and sparsity apart, what says most first."""


def _cut(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1].rstrip()}…"


def compare(chosen: Chosen, baseline: str) -> Any:
    """`RunComparison` of at least two runs against one of them.

    Raises InputError in one sentence.
    """
    with importing():
        from mwanda_core.after.comparison import compare_runs

    return compare_runs(chosen.reports, chosen.ids.index(baseline) if baseline in chosen.ids else 0)


def same_model(reports: Sequence[RunReport]) -> bool:
    """Whether the runs started from one model: the same weights, or at least the same name."""
    models = [report.facts["model"] for report in reports]
    return len({model.get("fingerprint") for model in models}) == 1 or len({model["source"] for model in models}) == 1
