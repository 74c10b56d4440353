"""Statements from facts: equal answers in both classes, never a false one that is true, ambiguous relations left out."""

from collections import Counter
from pathlib import Path

import pytest

from mwanda_core.corpora.facts import LEAST, fact_statements, is_facts
from mwanda_core.errors import TextError

HEAD = "Prompt\tAns\tCandidate Ans\tSubject"
CITIES = ("Rom", "Paris", "Wien")


def write(folder: Path, code: str, verb: str, count: int = LEAST) -> None:
    """One relation with three answers, and one in which a subject has two."""
    lines = [f"P{n} {verb} <mask>.\t{CITIES[n % 3]}\t\tP{n}" for n in range(count)]
    lines += [f"<mask> is spoken in Q{n // 2}.\tL{n}\t\tQ{n // 2}" for n in range(2 * LEAST)]
    (folder / f"{code}.tsv").write_text("\n".join([HEAD, *lines]), encoding="utf-8")


def test_answers_are_true_as_often_as_false(tmp_path: Path) -> None:
    assert not is_facts(tmp_path)
    write(tmp_path, "en", "died in")
    write(tmp_path, "de", "starb in")
    assert is_facts(tmp_path)
    found = fact_statements(tmp_path, ["en", "de"])
    assert {one.topic for one in found} == {"[X] died in <mask>."}
    assert len(found) == 2 * 2 * LEAST
    assert found[2 * LEAST].text.startswith("P")
    assert "starb in" in found[2 * LEAST].text
    for code in ("en", "de"):
        said = {
            truth: Counter(one.text.rpartition(" ")[2] for one in found if one.language == code and one.true == truth)
            for truth in (True, False)
        }
        assert said[True] == said[False]
    assert all((one.correct in one.text) == one.true for one in found)


def test_what_cannot_be_used_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "en", "died in")
    with pytest.raises(TextError, match="no facts in 'sw'"):
        fact_statements(tmp_path, ["sw"])
    with pytest.raises(TextError, match="no usable relation 'sung in'"):
        fact_statements(tmp_path, ["en"], ["sung in"])
    write(tmp_path, "de", "starb in", LEAST + 1)
    with pytest.raises(TextError, match="must be parallel"):
        fact_statements(tmp_path, ["de"])
    (tmp_path / "en.tsv").write_text("a\tb\n1\t2\n", encoding="utf-8")
    with pytest.raises(TextError, match="not a table of Prompt"):
        fact_statements(tmp_path, ["en"])
