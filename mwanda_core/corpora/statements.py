"""True and false statements, affirmative and negated, in many languages.

    capitals    "The capital of France is Paris."        elements   "The chemical symbol of gold is Au."
    words       "The Spanish word for “dog” is “perro”."  sums       "The sum of 7 and 5 is 12."

Every subject is stated once truly and once falsely, and everything that is said of a subject is said exactly once truly and once
falsely (false answers are the true ones of the list shifted by a few places), so the answer's words tell nothing. The negation of a
statement has the other truth. The English word is asked for in every language, and the Spanish one in English.

Other sets are read from a folder of CSV files (`statement,label`, negations as `neg_<topic>.csv`, languages as `<topic>_<code>.csv`):
the form of Marks and Tegmark 2023, Bürger et al. 2024 and of TPLO's repository.
"""

import csv
import dataclasses
import io
import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mwanda_core.corpora.base import Corpus, Passage, Texts
from mwanda_core.corpora.builtin import builtin
from mwanda_core.corpora.words import words
from mwanda_core.errors import TextError
from mwanda_core.files import read_whole

TOPICS = ("capitals", "elements", "words", "sums")
SHIFT = 7
"""Places by which false answers are shifted: odd, so that neighbours of a list (Spain and Italy) do not swap."""
NUMBER_OF_SUMS = 24


@dataclasses.dataclass(frozen=True)
class Statement:
    """One sentence. `subject`: what it is about, the same number in every language; `correct`: what would be true instead."""

    topic: str
    language: str
    text: str
    true: bool
    negated: bool
    subject: int
    correct: str = ""


def statement_languages() -> tuple[str, ...]:
    """Languages with built-in statements."""
    return tuple(words("statements"))


def statements(code: str, topics: Sequence[str] = TOPICS) -> tuple[Statement, ...]:
    """The built-in statements of a language.

    Raises TextError for a language or a topic that there is not.
    """
    if code not in statement_languages():
        raise TextError(f"There are no built-in statements in {code!r}; there are in {', '.join(statement_languages())}.")
    unknown = [topic for topic in topics if topic not in TOPICS]
    if unknown:
        raise TextError(f"There are no built-in statements about {unknown[0]!r}; there are about {', '.join(TOPICS)}.")
    found: list[Statement] = []
    for topic in topics:
        subjects, answers = _pairs(topic, code)
        frames = words("statements")[code][topic]
        for index, subject in enumerate(subjects):
            for shift in (0, SHIFT):
                answer = answers[(index + shift) % len(answers)]
                for negated in (False, True):
                    text = frames[negated].format(a=subject, b=answer)
                    found.append(Statement(topic, code, text, (shift == 0) is not negated, negated, index, answers[index]))
    return tuple(found)


def _pairs(topic: str, code: str) -> tuple[Sequence[str], Sequence[str]]:
    """What is spoken of, and what is truly said of each."""
    if topic == "capitals":
        return words("countries")[code], words("capitals")[code]
    if topic == "elements":
        return words("elements")[code], words("elements")["symbols"]
    if topic == "words":
        return words("nouns")[code], words("nouns")["es" if code == "en" else "en"]
    return _sums(words("statements")[code]["and"], code)


def _sums(joined: str, code: str) -> tuple[list[str], list[str]]:
    """Different sums of two small numbers, from 4 to 27, the same ones in every language."""
    draw, blank = random.Random(0), "" if code in ("zh", "ja") else " "
    subjects, answers = [], []
    for total in range(4, 4 + NUMBER_OF_SUMS):
        first = draw.randrange(1, total - 1)
        subjects.append(f"{first}{blank}{joined}{blank}{total - first}")
        answers.append(str(total))
    return subjects, answers


def folder_statements(folder: Path, topics: Sequence[str] = ()) -> tuple[Statement, ...]:
    """Statements from CSV files of a folder; English where the name has no code. A subject is a city where the
    table names one, else a line.

    Raises TextError for a folder without such files, a topic that it has not, or a file that cannot be read so.
    """
    files = sorted(Path(folder).expanduser().glob("*.csv"))
    if not files:
        raise TextError(f"The folder {str(folder)!r} has no .csv files with the columns statement and label.")
    found: list[Statement] = []
    for file in files:
        stem, negated = file.stem.removeprefix("neg_"), file.stem.startswith("neg_")
        named = re.fullmatch(r"(.+)_([a-z]{2})", stem)
        topic, code = (named[1], named[2]) if named else (stem, "en")
        if not topics or topic in topics:
            found += _read(file, topic, code, negated)
    missing = [topic for topic in topics if topic not in {one.topic for one in found}]
    if missing:
        raise TextError(f"The folder {str(folder)!r} has no statements about {missing[0]!r}.")
    return tuple(found)


MOST_BYTES = 64 * 2**20
"""Of a table of statements."""


def statements_in(rows: Sequence[Mapping[str, Any]], topic: str, code: str, negated: bool) -> list[Statement]:
    """The rows of a table with the columns statement and label. A table of cities names the city, of which two rows speak; elsewhere a row is a
    subject of its own."""
    subjects = [row.get("city") or str(index) for index, row in enumerate(rows)]
    numbers = {subject: number for number, subject in enumerate(dict.fromkeys(subjects))}
    return [
        Statement(topic, code, row["statement"].strip(), bool(int(row["label"])), negated, numbers[subject])
        for row, subject in zip(rows, subjects, strict=True)
    ]


def _read(file: Path, topic: str, code: str, negated: bool) -> list[Statement]:
    try:
        rows = list(csv.DictReader(io.StringIO(read_whole(file, MOST_BYTES, TextError), newline="")))
        return statements_in(rows, topic, code, negated)
    except (OSError, UnicodeDecodeError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise TextError(f"The file {file.name!r} is not a table with the columns statement and label (0 or 1).") from error


def enriched(code: str, topics: Sequence[str] = TOPICS, seed: int = 0) -> tuple[str, ...]:
    """Calibration passages that say of each affirmative statement whether it is true, and of false ones what would be.

    The rule of TPLO (Fu et al. 2025) is published only in part; this is our reconstruction of it, with its two clauses translated.
    Raises TextError as `statements`.
    """
    clauses = words("verdicts")[code]
    found = []
    for one in statements(code, topics):
        if not one.negated:
            found.append(clauses[not one.true].format(s=one.text.rstrip(".。।"), c=one.correct))
    random.Random(seed).shuffle(found)
    return tuple(found)


def with_statements(languages: Sequence[str]) -> Texts:
    """The built-in texts, whose half to calibrate on is half statements with their verdicts: a passage of a few of them follows each of its
    own. A language without statements keeps its passages alone; the half to evaluate on is the built-in one.

    Raises TextError for a language that is not built in.
    """
    plain = builtin(languages)
    mixed = {
        code: _in_turn(passages, enriched(code)) if code in statement_languages() else passages
        for code, passages in plain.calibration.passages.items()
    }
    return Texts(Corpus("built-in passages and statements with verdicts", mixed, parallel=False), plain.evaluation)


def _in_turn(passages: Sequence[Passage], verdicts: Sequence[str]) -> tuple[Passage, ...]:
    """After each passage as many verdicts as are about as long."""
    found, rest = [], list(verdicts)
    for number, passage in enumerate(passages):
        said: list[str] = []
        while rest and sum(map(len, said)) < len(passage.text):
            said.append(rest.pop(0))
        found.append(passage)
        if said:
            found.append(Passage(f"verdicts {number}", passage.language, tuple(said)))
    return tuple(found)
