"""The page in other languages: every text is there, says the same numbers, and the page turns and turns back."""

import asyncio
import importlib.util
import inspect
import math
import string
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from components.app.page import Page, build
from components.i18n import catalogue, library, locale as speech, numbers, words
from components.i18n.recognition import Templates
from components.pages.learn import glossary, texts as lesson
from mwanda_core.errors import InputError
from mwanda_core.parts.knobs import knobs_of

ROOT = Path(__file__).resolve().parents[2]
CODES = [code for code in speech.NAMES if code != speech.ENGLISH]
SCRIPTS = {"ar": ("\u0600", "\u06ff"), "zh": ("\u4e00", "\u9fff")}
NOT_LANGUAGE = 3
"""Texts of so few letters are symbols and units."""


@pytest.fixture(scope="module")
def command() -> ModuleType:
    """`scripts/texts.py` as a module."""
    spec = importlib.util.spec_from_file_location("texts_command", ROOT / "scripts" / "texts.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(found)
    sys.path[:] = before
    return found


# --- Catalogues ---------------------------------------------------------------------------------------------------------


def test_every_text_is_translated_and_none_is_fuzzy(command: ModuleType) -> None:
    wrong = command.check()
    assert not wrong, "\n".join(wrong)


def test_the_check_fails_on_what_is_missing_fuzzy_and_filled_otherwise(command: ModuleType) -> None:
    wanted = command._catalog(None, "page")
    for text in ("Here", "There {name}", "Gone"):
        wanted.add(text)
    wanted.add(("{n} run", "{n} runs"))
    found = command._catalog("de", "page")
    found.add("Here", "Hier", flags={"fuzzy"})
    found.add("There {name}", "Dort {nam}")
    found.add(("{n} run", "{n} runs"), ("ein Lauf", "{n} Läufe"))
    found.add("Never said", "Nie gesagt")
    assert sorted(sentence.split(":")[0] for sentence in command._faults(wanted, found)) == [
        "fuzzy", "in the program no more", "not translated", "places ['nam'], not ['name']",
    ]  # fmt: skip


@pytest.mark.parametrize("code", CODES)
def test_a_translation_is_in_its_language(command: ModuleType, code: str) -> None:
    for domain in catalogue.DOMAINS:
        found = [
            (e.id, e.string) for e in command.read(domain, code) if isinstance(e.id, str) and e.id.count(" ") > NOT_LANGUAGE
        ]
        same = [text for text, told in found if text == told]
        assert len(same) < 0.03 * len(found), same
        if code in SCRIPTS:
            low, high = SCRIPTS[code]
            strange = [text for text, told in found if not any(low <= letter <= high for letter in told)]
            assert len(strange) < 0.03 * len(found), strange


# --- Reading ------------------------------------------------------------------------------------------------------------


def test_a_text_is_read_in_the_language_that_counts_here() -> None:
    assert words.PRUNE == "Prune"
    with speech.drawing("de"):
        german = words.PRUNE
        with speech.drawing("en"):
            assert words.PRUNE == "Prune"
        assert words.PRUNE == german != "Prune"
    assert words.PRUNE == "Prune"


def test_texts_in_tables_are_read_in_the_language_and_their_keys_stay() -> None:
    english = words.COLUMNS
    with speech.drawing("sw"):
        assert words.COLUMNS.keys() == english.keys()
        assert words.COLUMNS["name"] == "Lugha"


def test_one_english_text_may_be_two_in_another_language() -> None:
    assert words.COLUMNS["input"] == words.KIND
    with speech.drawing("zh"):
        assert words.COLUMNS["input"] != words.KIND


def test_a_language_without_catalogues_is_read_in_english() -> None:
    with speech.drawing("yy"):
        assert words.PRUNE == "Prune"
    with pytest.raises(AttributeError, match="NO_SUCH_TEXT"):
        words.NO_SUCH_TEXT  # noqa: B018


def test_every_file_of_texts_is_known_to_type_checkers() -> None:
    folder = Path(str(inspect.getfile(words))).parent
    named = (folder / "__init__.py").read_text("utf-8")
    for file in folder.glob("[a-z]*.py"):
        assert f"from components.i18n.words.{file.stem} import *" in named


# --- Numbers, plurals, lists ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "share", "thousands", "names"),
    [
        ("en", "12.5%", "2,048", "a, b and c"),
        ("de", "12,5\u00a0%", "2.048", "a, b und c"),
        ("fr", "12,5\u202f%", "2\u202f048", "a, b et c"),
        ("sw", "12.5%", "2,048", "a, b na c"),
        ("zh", "12.5%", "2,048", "a、b和c"),
    ],
)
def test_numbers_stand_as_the_language_writes_them(code: str, share: str, thousands: str, names: str) -> None:
    with speech.drawing(code):
        assert words.percent(0.125, 1).replace("\u00a0%", "\u202f%" if code == "fr" else "\u00a0%") == share
        assert words.number(2048, ",") == thousands
        assert words.listed(["a", "b", "c"]) == names


def test_places_that_format_a_number_are_filled_in_the_language() -> None:
    with speech.drawing("de"):
        assert "0,500" in words.HOVER_TRY.format(activation="", knobs="", protected=0.5, others=1.0)
        assert words.of_model({"prunable": 203e6, "parameters": 2.68e9}).endswith("2.680 Millionen")
    with speech.drawing("zh"):
        assert words.of_model({"prunable": 203e6, "parameters": 2.68e9}) == "可剪权重共 2.03 亿；整个模型有 26.80 亿"


@pytest.mark.parametrize(
    ("count", "told"), [(1, "تجربة واحدة"), (2, "تجربتان"), (7, "7 تجارب"), (12, "12 تجربة"), (100, "100 تجربة")]
)
def test_arabic_counts_in_six_forms(count: int, told: str) -> None:
    with speech.drawing("ar"):
        assert words.sweep_title("x", count).endswith(told)


def test_figures_write_numbers_as_the_language_does() -> None:
    assert numbers.separators() == ".,"
    with speech.drawing("de"):
        assert numbers.separators() == ",."


# --- What the library says ---------------------------------------------------------------------------------------------


def example(template: str) -> str:
    """A sentence of a template, its places filled with something."""
    filled = {}
    for _, name, form, conversion in string.Formatter().parse(template):
        if name is not None:
            filled[name] = 200 if form and form.endswith("X") else 1234.5 if form else ("x y" if conversion else f"a {name}")
    return template.format_map(filled)


def test_every_sentence_of_the_library_is_recognised() -> None:
    found = [text for text, _ in library.sentences(ROOT)]
    known = Templates(found)
    for template in found:
        if "{" in template:
            sentence = example(template)
            recognised = known.recognise(sentence)
            assert recognised is not None, template
            assert recognised[0].format_map(recognised[1]) == sentence


def test_a_text_that_stands_once_quoted_and_once_plain_is_one_text() -> None:
    known = Templates(["There is no study {study!r} here: ask for {study} alone.", "The number was given as {given!r}."])
    for sentence in ("There is no study 'a b' here: ask for a b alone.", "The number was given as [1, 2]."):
        recognised = known.recognise(sentence)
        assert recognised is not None
        assert recognised[0].format_map(recognised[1]) == sentence


def test_an_error_is_said_in_the_visitors_language() -> None:
    error = InputError("Sparsity must lie between 0 and 0.99; it was given 1.5.")
    assert words.library(error) == str(error)
    with speech.drawing("de"):
        assert "0.99" in words.library(error)
        assert words.library(error).startswith("Die Sparsität")
        assert words.library("Nothing that any catalogue holds.") == "Nothing that any catalogue holds."


def test_a_stage_names_languages_as_the_visitor_does() -> None:
    with speech.drawing("de"):
        assert "Suaheli" in words.library("Scoring the dense model: Swahili")


def test_a_sentence_that_was_stored_is_said_with_the_numbers_of_the_language() -> None:
    with speech.drawing("de"):
        assert "1.234,5 Millionen" in words.library("Embeddings and output head stay dense (1,234.5 million weights).")


def test_every_knob_of_every_part_has_a_help_line_in_every_language() -> None:
    from mwanda_core.methods.catalogue import CHOICES

    helps = {knob.help for table in CHOICES.values() for part in table.values() for knob in knobs_of(part)}
    for code in CODES:
        with speech.drawing(code):
            assert not [text for text in helps if words.library(text) == text]


# --- The page -----------------------------------------------------------------------------------------------------------


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


@pytest.fixture(scope="module")
def page() -> Any:
    async def draw() -> Page:
        return build()

    drawn = asyncio.run(draw())
    yield drawn
    drawn.close()


def test_a_page_turns_into_another_language_and_back(page: Page) -> None:
    there, back = page.translator.updates("en", "fr"), page.translator.updates("fr", "en")
    assert there.keys() == back.keys()
    assert there[page.context.run.starts[0]]["value"] == "Élaguer"
    assert back[page.context.run.starts[0]]["value"] == "Prune"
    assert page.translator.updates("fr", "fr") == {}
    # What a visitor has put in stays: no update of a field holds a value.
    fields = tuple(page.context.form[name] for name in ("model", "sparsity", "languages"))
    assert all("value" not in update for widget in fields for update in (there.get(widget, {}),))


SAME_EVERYWHERE = frozenset(
    {"English", *speech.NAMES.values(), "gemma-3-270m", "M-Wanda", "owner/name", words.SWEEP_MIXES_EXAMPLE, "α (alpha)", "γ (gamma)",
     "ε (epsilon)", "λ (lambda)", "exp", "log", "sigmoid", "softmax", "frobenius", "kl", "js", "ria", "stochria", "wanda", "nsga-ii",
     "nsga-iii", "tpe", "nemo", "contrast", "relevance", "balanced", "LaTeX", "Markdown"}
)  # fmt: skip
"""What a page in another language shows of English: names, formulas, and an example of what to type."""
GERMAN_TOO = frozenset(
    {"Benchmark", "Benchmarks", "Block", "Exponent a", "Hindi", "Hindi (हिन्दी)", "Matrix", "Name", "Tamil", "Tamil (தமிழ்)"}
)


def shown(value: Any, name: str = "") -> list[str]:
    """Every text in a property of a widget; of a menu's choices, what is read and not what is meant."""
    if isinstance(value, str):
        return [value]
    if name == "choices":
        value = [choice[0] if isinstance(choice, list | tuple) else choice for choice in value]
    return [text for item in value for text in shown(item)] if isinstance(value, list | tuple) else []


@pytest.mark.parametrize("code", ["ar", "de", "sw"])
def test_the_page_shows_no_english_but_names(page: Page, code: str) -> None:
    english, other = page.translator._drawn("en"), page.translator._drawn(code)
    same = {
        text
        for before, after in zip(english, other, strict=True)
        for name in before
        for text in shown(after.get(name), name)
        if text in shown(before[name], name) and any(letter.isalpha() for letter in text)
    }
    assert same <= SAME_EVERYWHERE | (GERMAN_TOO if code == "de" else set())


def test_the_glossary_marks_words_of_the_language() -> None:
    with speech.drawing("de"):
        terms = lesson.glossary()
        assert terms != lesson.GLOSSARY
        assert "<dfn" in glossary.gloss(f"... {terms[0].word} ...")


def test_the_glossary_finds_words_in_a_script_without_spaces() -> None:
    with speech.drawing("zh"):
        term = next(term for term in lesson.glossary() if all("\u4e00" <= letter <= "\u9fff" for letter in term.word))
        assert "<dfn" in glossary.gloss(f"这个{term.word}很重要")


def test_durations_are_whole_seconds_minutes_and_hours() -> None:
    assert [words.seconds(value) for value in (4.6, 185, 3600, math.nextafter(60, 0))] == [
        "5 s",
        "3 min 05 s",
        "1 h 00 min",
        "1 min 00 s",
    ]
    with speech.drawing("sw"):
        assert words.seconds(180) == "dakika 3"
