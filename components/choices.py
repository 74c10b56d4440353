"""What the menus offer: languages by name, groups of them by region and script. Nothing here waits for torch."""

from collections.abc import Iterable, Sequence
from importlib.resources import files

from components import words
from components.engine import importing
from mwanda_core.languages import LANGUAGES, language

DEFAULT_LANGUAGES = ("en", "de", "hi", "sw")
DEFAULT_HELD_OUT = ("fr", "bn")
WORLD_MIX = ("en", "es", "ru", "ar", "hi", "sw", "zh", "id")
"""One large language of each region, six scripts."""

Choice = tuple[str, str]
"""What a menu shows, and the value behind it."""


def builtin_codes() -> tuple[str, ...]:
    """Languages with built-in passages. Read from the folder: importing the corpora would load torch before the page is up."""
    folder = files("mwanda_core") / "corpora" / "texts"
    names = (entry.name for entry in folder.iterdir())
    return tuple(sorted(n.removesuffix(".json") for n in names if n.endswith(".json") and n != "passages.json"))


def label(code: str) -> str:
    """A language by its English name and its own: "Swahili (Kiswahili)"."""
    found = language(code)
    return found.name if found.endonym in (found.name, code) else f"{found.name} ({found.endonym})"


def names(codes: Iterable[str]) -> list[str]:
    """English names."""
    return [language(code).name for code in codes]


def language_choices(codes: Iterable[str]) -> list[Choice]:
    """A menu of languages by region, then by name."""
    entries = sorted((language(code) for code in codes), key=lambda entry: (entry.region, entry.name))
    return [(label(entry.code), entry.code) for entry in entries]


def groups(codes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Menu line -> codes: a mix, all, then regions and scripts with at least two languages, largest first."""
    found = {words.WORLD_MIX: tuple(c for c in WORLD_MIX if c in codes), words.ENGLISH_ONLY: ("en",)}
    for template, field in ((words.GROUP_REGION, "region"), (words.GROUP_SCRIPT, "script")):
        by_value: dict[str, list[str]] = {}
        for code in codes:
            by_value.setdefault(getattr(language(code), field), []).append(code)
        for value, members in sorted(by_value.items(), key=lambda item: (-len(item[1]), item[0])):
            if len(members) > 1:
                found[template.format(name=value, count=len(members))] = tuple(members)
    found[f"{words.ALL} ({len(codes)})"] = tuple(codes)
    return {name: members for name, members in found.items() if members}


def held_out_for(languages: Sequence[str], codes: Sequence[str]) -> list[str]:
    """Two languages that are not calibrated on, so that a run always shows whether it generalises."""
    order = (*(code for code in DEFAULT_HELD_OUT if code in codes), *(code for code in codes if code not in DEFAULT_HELD_OUT))
    return [code for code in order if code not in languages][:2]


def codes_of(source: str, folder: str = "") -> tuple[str, ...]:
    """The languages a text source can be asked for; for a folder, those it has files for."""
    if source == "built-in":
        return builtin_codes()
    if source == "folder":
        with importing():
            from mwanda_core.corpora import folder as read

        return read(folder).languages
    return tuple(LANGUAGES)
