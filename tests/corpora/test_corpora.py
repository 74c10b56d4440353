"""The built-in texts, and passages packed to equal numbers of tokens."""

import json
import unicodedata
from collections import Counter
from importlib.resources import files

import pytest
import tiny
import torch
from hypothesis import given, strategies as st

from mwanda_core.corpora import Corpus, Packed, Passage, builtin, builtin_languages, pack, passage_ids, split_even_odd
from mwanda_core.errors import TextError
from mwanda_core.languages import LANGUAGES, language

TEXTS = files("mwanda_core.corpora") / "texts"
SCRIPTS = {
    "Latin": "LATIN", "Arabic": "ARABIC", "Bengali": "BENGALI", "Greek": "GREEK", "Devanagari": "DEVANAGARI",
    "Cyrillic": "CYRILLIC", "Tamil": "TAMIL", "Thai": "THAI", "Hangul": "HANGUL", "Han": "CJK", "Japanese": "HIRAGANA",
}  # fmt: skip


def sentences_of(code: str) -> dict[str, list[str]]:
    return json.loads((TEXTS / f"{code}.json").read_text("utf-8"))


def test_there_are_enough_languages_of_enough_scripts() -> None:
    assert len(builtin_languages()) >= 20
    assert len({language(code).script for code in builtin_languages()}) >= 8
    assert set(builtin_languages()) <= set(LANGUAGES)
    assert list(builtin_languages()) == sorted(builtin_languages())


@pytest.mark.parametrize("code", builtin_languages())
def test_every_language_says_the_same_forty_things(code: str) -> None:
    texts = sentences_of(code)
    assert tuple(texts) == passage_ids()
    assert len(texts) == len(set(texts)) == 40
    assert all(3 <= len(sentences) <= 6 for sentences in texts.values())


@pytest.mark.parametrize("code", builtin_languages())
def test_sentences_are_clean_text(code: str) -> None:
    for name, sentences in sentences_of(code).items():
        for sentence in sentences:
            assert sentence == sentence.strip(), (code, name)
            assert sentence == unicodedata.normalize("NFC", sentence), (code, name)
            assert "  " not in sentence
            assert not any(unicodedata.category(ch) in ("Cc", "Co", "Cn", "Cs") for ch in sentence), (code, name)
            assert "\ufffd" not in sentence


@pytest.mark.parametrize("code", builtin_languages())
def test_texts_are_in_their_own_script(code: str) -> None:
    letters = [ch for sentences in sentences_of(code).values() for ch in "".join(sentences) if ch.isalpha()]
    own = SCRIPTS[language(code).script]
    names = Counter(unicodedata.name(ch).split()[0] for ch in letters)
    shares = {"HIRAGANA": names["HIRAGANA"] + names["KATAKANA"] + names["CJK"] + names["KATAKANA-HIRAGANA"]}
    assert shares.get(own, names[own]) / len(letters) > 0.97


def test_no_two_passages_are_alike_in_any_languages() -> None:
    passages = [" ".join(sentences) for code in builtin_languages() for sentences in sentences_of(code).values()]
    assert len(set(passages)) == len(passages)
    sentences = Counter(s for code in builtin_languages() for texts in sentences_of(code).values() for s in texts)
    assert [s for s, count in sentences.items() if count > 1] == []


def test_a_passage_costs_comparable_content_in_each_language() -> None:
    """No language may be a summary of the others: lengths keep to within a factor of each language's own typical length."""
    english = {name: len(" ".join(s)) for name, s in sentences_of("en").items()}
    for code in builtin_languages():
        ratios = sorted(len(" ".join(s)) / english[name] for name, s in sentences_of(code).items())
        assert ratios[-1] / ratios[0] < 2.5, code


def test_calibration_and_evaluation_never_overlap() -> None:
    halves = builtin()
    assert halves.calibration.languages == halves.evaluation.languages == builtin_languages()
    for code in builtin_languages():
        left, right = (tuple(p.id for p in half.passages[code]) for half in (halves.calibration, halves.evaluation))
        assert left == passage_ids()[0::2]
        assert right == passage_ids()[1::2]
        assert len(left) == len(right) == 20
    assert halves.calibration.parallel


def test_some_languages_in_the_order_asked_for() -> None:
    halves = builtin(["sw", "en"])
    assert halves.evaluation.languages == ("sw", "en")
    with pytest.raises(TextError, match=r"built-in passages has no text in Zulu \(zu\), xx \(xx\); it has ar, bn"):
        builtin(["en", "zu", "xx"])


def test_a_passage_by_hand() -> None:
    passage = Passage("a", "en", ("One.", "Two.", "Three.", "Four.", "Five."))
    assert passage.text == "One. Two. Three. Four. Five."
    assert passage.context == "One. Two."
    assert passage.ending == " Three. Four. Five."
    assert passage.context + passage.ending == passage.text
    japanese = Passage("a", "ja", ("一。", "二。", "三。"))
    assert (japanese.context, japanese.ending) == ("一。", "二。三。")


@pytest.mark.parametrize("code", builtin_languages())
def test_context_and_ending_make_the_passage(code: str) -> None:
    for passage in builtin([code]).evaluation.passages[code]:
        assert passage.context + passage.ending == passage.text
        assert passage.ending.strip()


def corpus_of(lengths: dict[str, list[int]], parallel: bool = False) -> Corpus:
    return Corpus(
        "made up",
        {
            code: tuple(Passage(f"{code}{i}", code, ("x" * (n - 1),)) for i, n in enumerate(sizes))
            for code, sizes in lengths.items()
        },
        parallel,
    )


def encode(text: str) -> list[int]:
    """A token a character; a different one for the end of a passage."""
    return [9 if ch == "\n" else 7 for ch in text]


def test_packing_by_hand() -> None:
    corpus = corpus_of({"en": [6, 6], "de": [12]})  # With its newline, a passage of n costs n tokens.
    found = pack(corpus, encode, (1,), sequence_length=4, tokens_per_language=16)
    assert found.ids.tolist() == [[1, 7, 7, 7], [1, 7, 7, 9], [1, 7, 7, 7], [1, 7, 7, 9]] + [[1, 7, 7, 7]] * 3 + [[1, 7, 7, 9]]
    assert found.rows.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]
    assert found.languages == ("en", "de")
    assert set(found.sources[:4]) == {("en0",), ("en1",)}
    assert found.sources[4:] == (("de0",),) * 4
    assert found.notes == ()
    assert (found.num_tokens, found.tokens_per_language) == (32, 16)


def test_documents_cross_sequences_and_are_named_once() -> None:
    found = pack(corpus_of({"en": [3, 3, 3, 3]}), encode, (), sequence_length=6, tokens_per_language=12)
    assert all(len(names) == len(set(names)) == 2 for names in found.sources)
    assert {name for names in found.sources for name in names} == {"en0", "en1", "en2", "en3"}


@given(
    st.lists(st.lists(st.integers(1, 30), min_size=1, max_size=6), min_size=1, max_size=4),
    st.integers(2, 12), st.integers(1, 200), st.integers(0, 5), st.booleans(),
)  # fmt: skip
def test_every_language_gets_the_same_number_of_tokens(
    sizes: list[list[int]], length: int, wanted: int, seed: int, opened: bool
) -> None:
    codes = ("en", "de", "sw", "hi")[: len(sizes)]
    start = (1,) if opened else ()
    corpus = corpus_of(dict(zip(codes, sizes, strict=True)))
    poorest = min(sum(s) for s in sizes) // (length - len(start))
    if poorest == 0:
        with pytest.raises(TextError, match="fewer than one sequence"):
            pack(corpus, encode, start, length, wanted, seed)
        return
    found = pack(corpus, encode, start, length, wanted, seed)
    count = min(poorest, max(1, round(wanted / length)))
    assert found.rows.bincount().tolist() == [count] * len(codes)
    assert found.ids.shape == (count * len(codes), length)
    assert bool((found.ids[:, 0] == 1).all()) == opened
    assert bool(found.notes) == (count < max(1, round(wanted / length)))


def test_the_seed_decides_the_order_and_it_is_the_same_in_every_language() -> None:
    corpus = builtin(["en", "sw"]).calibration
    model = tiny.language_model()
    one, again, other = (pack(corpus, model.encode, model.start, 32, 2048, seed) for seed in (0, 0, 1))
    assert torch.equal(one.ids, again.ids)
    assert not torch.equal(one.ids, other.ids)
    order = [
        [name for row, names in zip(one.rows, one.sources, strict=True) if row == lang for name in names] for lang in (0, 1)
    ]
    first, second = (list(dict.fromkeys(names)) for names in order)
    shorter = min(len(first), len(second))
    assert shorter > 3
    assert first[:shorter] == second[:shorter]


def test_less_text_than_asked_for_is_said() -> None:
    found = pack(corpus_of({"en": [100], "sw": [25]}), encode, (1,), sequence_length=6, tokens_per_language=60)
    assert found.tokens_per_language == 30
    assert found.notes == ("60 tokens per language were asked for; Swahili has enough text for 30, so every language uses 30.",)


def test_a_sequence_must_hold_more_than_its_opening() -> None:
    with pytest.raises(TextError, match="more than the 1 opening tokens; its length was given as 1"):
        pack(corpus_of({"en": [10]}), encode, (1,), 1, 10)
    with pytest.raises(TextError, match="its length was given as 0"):
        pack(corpus_of({"en": [10]}), encode, (), 0, 10)


def test_parts_of_what_was_packed(calibration: Packed) -> None:
    third = calibration.part(1 / 3)
    assert third.rows.tolist() == [0, 1, 2]
    assert torch.equal(third.ids, calibration.ids[::3])
    assert third.sources == calibration.sources[::3]
    assert calibration.part(1.0) is calibration
    assert calibration.part(0.001).rows.tolist() == [0, 1, 2]
    two = calibration.only(["sw", "en"])
    assert two.languages == ("sw", "en")
    assert two.rows.tolist() == [1, 1, 1, 0, 0, 0]
    assert torch.equal(two.ids, torch.cat([calibration.ids[:3], calibration.ids[6:]]))
    assert two.tokens_per_language == calibration.tokens_per_language


def test_splitting_needs_two_passages() -> None:
    halves = split_even_odd(corpus_of({"en": [2, 3, 4, 5, 6]}))
    assert [p.id for p in halves.calibration.passages["en"]] == ["en0", "en2", "en4"]
    assert [p.id for p in halves.evaluation.passages["en"]] == ["en1", "en3"]
    with pytest.raises(TextError, match="made up: sw needs at least two passages"):
        split_even_odd(corpus_of({"en": [2, 3], "sw": [2]}))
