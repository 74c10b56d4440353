"""The page's texts and their translations: extract, update, compile, check.

    python scripts/texts.py extract     collect every English text into components/i18n/catalogues/{page,lesson}.pot
    python scripts/texts.py update      extract, then bring every language's catalogue up to date; what changed becomes fuzzy
    python scripts/texts.py compile     write .mo files beside the catalogues, for other tools; the page reads the .po files itself
    python scripts/texts.py check       fail on a text that is missing, fuzzy, out of date or filled otherwise than in English

A new language: `python scripts/texts.py update --language it`, its name in `components.i18n.locale.NAMES`, and its two catalogues
translated. Nothing is written in Python.
"""

import argparse
import datetime
import re
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract as extract_calls
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from components.i18n import library, locale, words  # noqa: E402
from components.i18n.catalogue import DOMAINS, FOLDER, LESSON, file_of  # noqa: E402
from components.pages.learn import texts as lesson  # noqa: E402

CALLS = {"gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
CODES = tuple(code for code in locale.NAMES if code != locale.ENGLISH)
WIDTH = 128
EPOCH = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
"""In place of the time of extraction, which would change the file whenever nothing else did."""


def template(domain: str) -> Catalog:
    """Every English text of a domain, in the order of files and names."""
    found = _catalog(None, domain)
    entries = _lesson() if domain == LESSON else _page()
    for identity, context, comment, place in entries:
        found.add(
            identity,
            locations=[(place, 0)] if place else (),
            auto_comments=[comment] if comment else (),
            context=context or None,
        )
    return found


def _page() -> Iterator[tuple[str | tuple[str, ...], str, str, str]]:
    """(text or its two forms, context, comment, file) of the page's own texts, then of the library's."""
    for context, text, name in words.BOOK.messages():
        yield text, context, f"words.{name}", ""
    for file in sorted((ROOT / "components").rglob("*.py")):
        if file.is_relative_to(ROOT / "components" / "pages" / "learn"):
            continue
        place = file.relative_to(ROOT).as_posix()
        with file.open("rb") as source:
            for _, text, _, context in extract_calls("python", source, CALLS):
                yield text, context or "", "", place
    yield from ((text, "", "", place) for text, place in library.sentences(ROOT))
    yield from ((text, "", what, "") for text, what in library.descriptions())
    yield from ((text, context, what, "") for context, text, what in library.labels())


def _lesson() -> Iterator[tuple[str, str, str, str]]:
    yield from ((text, context, name, "") for context, text, name in lesson.messages())


def _catalog(code: str | None, domain: str) -> Catalog:
    return Catalog(
        code, domain=domain, project="M-Wanda Explorer", version="1", copyright_holder="the authors of M-Wanda Explorer", charset="utf-8",
        header_comment="# Texts of M-Wanda Explorer (PROJECT, VERSION).\n# Written by scripts/texts.py.", msgid_bugs_address="",
        creation_date=EPOCH, revision_date=EPOCH, last_translator="", language_team="",
    )  # fmt: skip


def read(domain: str, code: str) -> Catalog:
    """A language's catalogue as it stands; an empty one where there is none."""
    file = file_of(domain, code)
    if not file.is_file():
        return _catalog(code, domain)
    with file.open("rb") as source:
        return read_po(source, locale=code, domain=domain)


def write(catalog: Catalog, file: Path) -> None:
    """A catalogue as a file that changes only where a text did."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as target:
        write_po(target, catalog, width=WIDTH, include_lineno=False, ignore_obsolete=True, sort_output=False)


def extract() -> list[str]:
    """Write the templates."""
    for domain in DOMAINS:
        write(template(domain), FOLDER / f"{domain}.pot")
    return []


def update(codes: tuple[str, ...]) -> list[str]:
    """Write the templates, and every catalogue with their entries; an entry whose English changed is kept and marked fuzzy."""
    extract()
    for domain in DOMAINS:
        wanted = template(domain)
        for code in codes:
            found = read(domain, code)
            found.update(wanted, no_fuzzy_matching=not len(found))
            found.creation_date = EPOCH
            write(found, file_of(domain, code))
    return []


def compile_all(codes: tuple[str, ...]) -> list[str]:
    """Write a .mo file beside every catalogue."""
    for domain in DOMAINS:
        for code in codes:
            with file_of(domain, code).with_suffix(".mo").open("wb") as target:
                write_mo(target, read(domain, code))
    return []


def check(codes: tuple[str, ...] = CODES) -> list[str]:
    """One sentence for everything that is wrong with the catalogues."""
    wrong = []
    for domain in DOMAINS:
        wanted = template(domain)
        with (FOLDER / f"{domain}.pot").open("rb") as source:
            stored = read_po(source)
        if [_key(entry) for entry in stored if entry.id] != [_key(entry) for entry in wanted if entry.id]:
            wrong.append(f"{domain}.pot is out of date: run `python scripts/texts.py update`.")
        for code in codes:
            wrong += [f"{code}/{domain}: {sentence}" for sentence in _faults(wanted, read(domain, code))]
    return wrong


def _faults(wanted: Catalog, found: Catalog) -> Iterator[str]:
    for entry in wanted:
        if not entry.id:
            continue
        given = found.get(entry.id if isinstance(entry.id, str) else entry.id[0], entry.context)
        if given is None or not all(_strings(given)):
            yield f"not translated: {_first(entry)!r}"
        elif given.fuzzy:
            yield f"fuzzy: {_first(entry)!r}"
        else:
            yield from _differences(entry, given, found.num_plurals)
    known = {_key(entry) for entry in wanted}
    yield from (f"in the program no more: {_first(entry)!r}" for entry in found if entry.id and _key(entry) not in known)


def _differences(entry: Message, given: Message, plurals: int) -> Iterator[str]:
    """Places to fill and code marks are those of the English text; a form of a plural may leave its number out."""
    english = entry.id if isinstance(entry.id, tuple) else (entry.id,)
    strings = _strings(given)
    if len(strings) != (plurals if isinstance(entry.id, tuple) else 1):
        yield f"{len(strings)} forms, not {plurals}: {_first(entry)!r}"
    allowed = set().union(*map(places, english))
    needed = allowed if isinstance(entry.id, str) else set()
    for text in strings:
        if not needed <= places(text) <= allowed:
            yield f"places {sorted(places(text))}, not {sorted(allowed)}: {_first(entry)!r}"
        if text.count("`") != english[0].count("`"):
            yield f"another number of code marks: {_first(entry)!r}"


def places(text: str) -> set[str]:
    """The names of the places to fill in a text; the texts of figures have Plotly's own, too."""
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return set(re.findall(r"{\w*}", text))


def _strings(entry: Message) -> tuple[str, ...]:
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string)


def _first(entry: Message) -> str:
    text = entry.id if isinstance(entry.id, str) else entry.id[0]
    return text if len(text) < 80 else text[:77] + "..."


def _key(entry: Message) -> tuple[str | None, str | tuple[str, ...]]:
    return entry.context, tuple(entry.id) if isinstance(entry.id, list | tuple) else entry.id


def main() -> int:
    """Do what was asked; 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=("extract", "update", "compile", "check"))
    parser.add_argument("--language", action="append", help="only these languages (a code, repeatable); all when left out")
    given = parser.parse_args()
    codes = tuple(given.language or CODES)
    wrong = (
        extract()
        if given.action == "extract"
        else {"update": update, "compile": compile_all, "check": check}[given.action](codes)
    )
    print("\n".join(wrong))
    for code in codes:
        sizes = ", ".join(f"{domain} {sum(1 for e in read(domain, code) if e.id and all(_strings(e)))}" for domain in DOMAINS)
        print(f"{code}: {sizes} texts translated")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
