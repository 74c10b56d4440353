"""Statements: balanced so that no word tells, the same in every language; files of others."""

import collections
from pathlib import Path

import pytest

from mwanda_core.corpora.builtin import builtin, builtin_languages
from mwanda_core.corpora.choosing import texts_named
from mwanda_core.corpora.statements import TOPICS, enriched, folder_statements, statement_languages, statements
from mwanda_core.corpora.words import words
from mwanda_core.errors import TextError


@pytest.mark.parametrize("code", statement_languages())
def test_no_word_tells_whether_a_statement_is_true(code: str) -> None:
    found = statements(code)
    assert len({one.text for one in found}) == len(found)
    for topic in TOPICS:
        mine = [one for one in found if one.topic == topic]
        for negated in (False, True):
            part = [one for one in mine if one.negated is negated]
            # Each subject, and each thing said, once truly and once falsely.
            by_subject = collections.Counter((one.subject, one.true) for one in part)
            assert set(by_subject.values()) == {1}
            assert len(by_subject) == len(part)
        answers = [one.correct for one in mine]
        assert len(set(answers)) == len(mine) / 4
        affirmative = {(one.subject, one.true) for one in mine if not one.negated}
        assert affirmative == {(one.subject, one.true) for one in mine if one.negated}


def test_lists_are_parallel_and_nothing_stands_twice() -> None:
    for name in ("countries", "capitals", "nouns", "elements"):
        lists = {code: found for code, found in words(name).items() if code != "symbols"}
        assert set(lists) == set(statement_languages())
        assert {len(found) for found in lists.values()} == {24}
        assert all(len(set(found)) == len(found) for found in lists.values())


def test_by_hand() -> None:
    texts = {one.text: one.true for one in statements("en")}
    assert texts["The capital of France is Paris."] is True
    assert texts["The capital of France is not Paris."] is False
    assert texts["The chemical symbol of gold is O."] is False
    assert texts["The Spanish word for “dog” is “perro”."] is True
    for one in statements("en", ["sums"]):
        first, second = (int(word) for word in one.text.split() if word.isdigit())
        assert one.correct == str(first + second)
    assert "Land: Frankreich. Die Hauptstadt ist nicht Paris." in {one.text for one in statements("de")}
    assert any("the correct answer is Paris" in text for text in enriched("en"))


def test_unknown_languages_and_topics() -> None:
    with pytest.raises(TextError, match="no built-in statements in 'xh'"):
        statements("xh")
    with pytest.raises(TextError, match="about 'gods'"):
        statements("en", ["gods"])


def test_files_of_others(tmp_path: Path) -> None:
    (tmp_path / "cities.csv").write_text("statement,label,city\nA is in B.,1,A\nA is in C.,0,A\n", encoding="utf-8")
    (tmp_path / "neg_cities_de.csv").write_text("statement,label\nA liegt nicht in B.,0\n", encoding="utf-8")
    found = folder_statements(tmp_path)
    assert [(one.topic, one.language, one.true, one.negated, one.subject) for one in found] == [
        ("cities", "en", True, False, 0), ("cities", "en", False, False, 0), ("cities", "de", False, True, 0),
    ]  # fmt: skip
    with pytest.raises(TextError, match="about 'facts'"):
        folder_statements(tmp_path, ["facts"])
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(TextError, match=r"bad\.csv"):
        folder_statements(tmp_path)
    with pytest.raises(TextError, match=r"no \.csv files"):
        folder_statements(tmp_path / "nowhere")


def test_half_of_what_calibrates_are_verdicts_and_nothing_else_changes() -> None:
    codes = ("en", "sw", next(code for code in builtin_languages() if code not in statement_languages()))
    mixed, plain = texts_named("statements", codes), builtin(codes)
    assert mixed.evaluation == plain.evaluation
    assert mixed.calibration.passages[codes[2]] == plain.calibration.passages[codes[2]]
    for code in codes[:2]:
        own, verdicts = plain.calibration.passages[code], enriched(code)
        found = mixed.calibration.passages[code]
        assert [passage for passage in found if passage in own] == list(own)
        added = [passage for passage in found if passage not in own]
        assert [said for passage in added for said in passage.sentences] == list(
            verdicts[: sum(len(p.sentences) for p in added)]
        )
        length, share = (sum(len(passage.text) for passage in part) for part in (own, added))
        assert 0.8 < share / length < 1.4, "about as much text of either kind"
