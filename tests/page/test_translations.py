"""The page in other languages: every text is there, says the same numbers, and the page turns and turns back."""

import asyncio
import importlib
import inspect
import string
import types
from pathlib import Path
from typing import Any

import pytest

from components.app.page import Page, build
from components.i18n import locale as speech, words
from components.sections.learn import glossary, texts as lesson

CODES = [code for code in speech.NAMES if code != speech.ENGLISH]
SCRIPTS = {"ar": ("\u0600", "\u06ff"), "zh": ("\u4e00", "\u9fff")}
NOT_LANGUAGE = 3
"""Texts of so few letters are symbols and units."""


def fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Every text in a constant by where it stands; keys of tables count as places."""
    if isinstance(value, dict):
        return {k: v for key, item in value.items() for k, v in leaves(item, f"{path}[{key!r}]").items()}
    if isinstance(value, tuple | list):
        return {k: v for place, item in enumerate(value) for k, v in leaves(item, f"{path}[{place}]").items()}
    return {path: value}


def compare(name: str, english: Any, other: Any) -> list[str]:
    """What is wrong with a translated constant."""
    ours, theirs = leaves(english), leaves(other)
    if ours.keys() != theirs.keys():
        return [f"{name}: other places: {sorted(ours.keys() ^ theirs.keys())}"]
    wrong = []
    for place, text in ours.items():
        given = theirs[place]
        if not isinstance(text, str):
            wrong += [f"{name}{place}: {given!r} is not {text!r}"] if given != text else []
        elif not isinstance(given, str) or bool(text.strip()) != bool(given.strip()):
            wrong.append(f"{name}{place}: {given!r}")
        elif "{" in text and fields(text) != fields(given):
            wrong.append(f"{name}{place}: fields {fields(given)}, not {fields(text)}")
        elif text.count("`") != given.count("`"):
            wrong.append(f"{name}{place}: another number of code marks")
    return wrong


@pytest.mark.parametrize("code", CODES)
def test_every_text_of_the_page_is_translated(code: str) -> None:
    english, other = words.BOOK.english, words.BOOK.translated(code)
    assert sorted(english.keys() - other.keys()) == []
    assert sorted(other.keys() - english.keys()) == [], "names that English has no more"
    wrong = []
    for name, value in english.items():
        if inspect.isfunction(value):
            if list(inspect.signature(value).parameters) != list(inspect.signature(other[name]).parameters):
                wrong.append(f"{name}: other parameters")
        else:
            wrong += compare(name, value, other[name])
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("code", CODES)
def test_the_lesson_is_translated(code: str) -> None:
    other = lesson.BOOK.translated(code)
    wrong = compare("TEXTS", dict(lesson.TEXTS), dict(other["TEXTS"]))
    assert not wrong, "\n".join(wrong)
    assert other["TEXTS"]["language"] == code
    assert len(other["GLOSSARY"]) == len(lesson.GLOSSARY)
    assert all(term.word and term.meaning for term in other["GLOSSARY"])


@pytest.mark.parametrize("code", CODES)
def test_a_translation_is_in_its_language(code: str) -> None:
    english, other = words.BOOK.english, words.BOOK.translated(code)
    ours = {f"{name}{k}": v for name, value in english.items() if not callable(value) for k, v in leaves(value).items()}
    theirs = {f"{name}{k}": v for name, value in other.items() if not callable(value) for k, v in leaves(value).items()}
    sentences = [place for place, text in ours.items() if isinstance(text, str) and text.count(" ") > NOT_LANGUAGE]
    same = [place for place in sentences if ours[place] == theirs.get(place)]
    assert len(same) < 0.03 * len(sentences), same
    if code in SCRIPTS:
        low, high = SCRIPTS[code]
        strange = [place for place in sentences if not any(low <= letter <= high for letter in theirs[place])]
        assert len(strange) < 0.03 * len(sentences), strange


def test_a_text_is_read_in_the_language_that_counts_here() -> None:
    assert words.PRUNE == words.BOOK.english["PRUNE"] == "Prune"
    with speech.drawing("de"):
        german = words.PRUNE
        with speech.drawing("en"):
            assert words.PRUNE == "Prune"
        assert words.PRUNE == german != "Prune"
    assert words.PRUNE == "Prune"


def test_what_a_translation_lacks_is_read_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    partial = types.ModuleType("components.i18n.words.translated.xx")
    vars(partial)["PRUNE"] = "Xx"
    monkeypatch.setitem(importlib.import_module("sys").modules, partial.__name__, partial)
    with speech.drawing("xx"):
        assert (words.PRUNE, words.CANCEL) == ("Xx", "Cancel")
    with speech.drawing("yy"):
        assert words.PRUNE == "Prune"
    with pytest.raises(AttributeError, match="NO_SUCH_TEXT"):
        words.NO_SUCH_TEXT  # noqa: B018


def test_every_file_of_texts_is_known_to_type_checkers() -> None:
    folder = Path(str(inspect.getfile(words))).parent
    named = (folder / "__init__.py").read_text("utf-8")
    for file in folder.glob("[a-z]*.py"):
        assert f"from components.i18n.words.{file.stem} import *" in named


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("de-CH,de;q=0.9,en;q=0.8", "de"),
        ("xx, fr;q=0.5", "fr"),
        ("en;q=0.4, sw;q=0.9", "sw"),
        ("", "en"),
        ("*;q=x,zh;q=0", "en"),
    ],
)
def test_the_browser_says_what_its_owner_reads(header: str, code: str) -> None:
    assert speech.preferred(header) == code


def test_visitors_do_not_hear_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "MOST_VISITORS", 2)
    visitors = speech.Visitors()
    for session, code in (("a", "de"), ("b", "sw"), ("c", "ar")):
        visitors.choose(session, code)
    assert [visitors.of(session) for session in ("a", "b", "c", None)] == ["en", "sw", "ar", "en"]


def test_a_page_turns_into_another_language_and_back() -> None:
    async def draw() -> Page:
        return build()

    page = asyncio.run(draw())
    try:
        there, back = page.translator.updates("en", "fr"), page.translator.updates("fr", "en")
        assert there.keys() == back.keys()
        assert there[page.context.run.starts[0]]["value"] == words.BOOK.translated("fr")["PRUNE"]
        assert back[page.context.run.starts[0]]["value"] == "Prune"
        assert page.translator.updates("fr", "fr") == {}
        # What a visitor has put in stays: no update of a field holds a value.
        fields = tuple(page.context.form[name] for name in ("model", "sparsity", "languages"))
        assert all("value" not in update for widget in fields for update in (there.get(widget, {}),))
    finally:
        page.close()


def test_the_glossary_marks_words_of_the_language() -> None:
    with speech.drawing("de"):
        terms = lesson.glossary()
        assert terms != lesson.GLOSSARY
        assert "<dfn" in glossary.gloss(f"... {terms[0].word} ...")


def test_the_glossary_finds_words_in_a_script_without_spaces() -> None:
    with speech.drawing("zh"):
        term = next(term for term in lesson.glossary() if all("\u4e00" <= letter <= "\u9fff" for letter in term.word))
        assert "<dfn" in glossary.gloss(f"这个{term.word}很重要")
