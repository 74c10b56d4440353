"""What the menus offer: languages by name, groups of them by region and script. Nothing here waits for torch."""

from collections.abc import Iterable, Sequence
from importlib.resources import files

from components.engine import importing
from components.i18n import locale as speech, words
from components.i18n.names import alphabetical, language_name
from mwanda_core.languages import LANGUAGES, language
from mwanda_core.run.settings import DEFAULT_HELD_OUT, DEFAULT_LANGUAGES, all_settings

__all__ = [
    "BUILT_IN",
    "DEFAULT_HELD_OUT",
    "DEFAULT_LANGUAGES",
    "HUB_TEXTS",
    "builtin_codes",
    "codes_of",
    "groups",
    "held_out_for",
    "language_choices",
]

BUILT_IN = ("built-in", "statements")
"""Sources of texts that come with the package."""

HUB_TEXTS = tuple(source for source in all_settings()["texts"].sources if source not in BUILT_IN)
"""Sources of texts beside the built-in passages and a folder."""

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
    """A language by the visitor's name for it and its own: "Swahili (Kiswahili)"."""
    name, own = language_name(code), language(code).endonym
    return name if own.casefold() in (name.casefold(), code) else f"{name} ({own})"


def language_choices(codes: Iterable[str]) -> list[Choice]:
    """A menu of languages by region, then by name."""
    entries = sorted(codes, key=lambda code: (language(code).region, alphabetical(language_name(code))))
    return [(label(code), code) for code in entries]


def groups(codes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Name -> codes: a mix, all, then regions and scripts with at least two languages, largest first.

    A group is known by its English menu line, in whatever language the page is.
    """
    with speech.drawing(speech.ENGLISH):
        return dict(_groups(codes))


def group_choices(codes: Sequence[str]) -> list[Choice]:
    """The menu of groups."""
    return [(line, name) for (line, _), name in zip(_groups(codes), groups(codes), strict=True)]


def _groups(codes: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    found = [(words.WORLD_MIX, tuple(c for c in WORLD_MIX if c in codes)), (words.ENGLISH_ONLY, ("en",))]
    for template, field, known in (
        (words.GROUP_REGION, "region", words.REGIONS),
        (words.GROUP_SCRIPT, "script", words.SCRIPTS),
    ):
        by_value: dict[str, list[str]] = {}
        for code in codes:
            by_value.setdefault(getattr(language(code), field), []).append(code)
        for value, members in sorted(by_value.items(), key=lambda item: (-len(item[1]), item[0])):
            if len(members) > 1:
                found.append((template.format(name=known.get(value, value), count=len(members)), tuple(members)))
    found.append((f"{words.ALL} ({len(codes)})", tuple(codes)))
    return [(line, members) for line, members in found if members]


def held_out_for(languages: Sequence[str], codes: Sequence[str]) -> list[str]:
    """Two languages that are not calibrated on, so that a run always shows whether it generalises."""
    order = (*(code for code in DEFAULT_HELD_OUT if code in codes), *(code for code in codes if code not in DEFAULT_HELD_OUT))
    return [code for code in order if code not in languages][:2]


def codes_of(texts: str) -> tuple[str, ...]:
    """The languages that texts can be asked for; of a folder, those it has files for.

    Raises InputError for a folder that cannot be read.
    """
    if texts in BUILT_IN:
        return builtin_codes()
    if texts in HUB_TEXTS:
        return tuple(LANGUAGES)
    with importing():
        from mwanda_core.corpora import folder as read

    return read(texts).languages
