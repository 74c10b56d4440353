"""True and false statements from BMLAMA-53 (Qi et al. 2023), a folder of <code>.tsv with Prompt, Ans and Subject, parallel rows.

A relation is the English prompt without its subject. Subjects with several right answers are left out, for a false answer might be true
of them; relations where they are more than a tenth, with fewer than `LEAST` subjects, or with one answer for more than half of them, too. Rows in the
order of their English answers, the false answer of a row is the true one of the row `shift` places on, shift being the most frequent answer's
count: it always differs, and every answer is said as often truly as falsely. There are no negations.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from mwanda_core.corpora.statements import Statement
from mwanda_core.errors import TextError
from mwanda_core.files import read_regular

LEAST = 20
GAP, SUBJECT = "<mask>", "[X]"
_LIMIT = 64 * 2**20

Rows = list[dict[str, str]]


def is_facts(folder: Path) -> bool:
    """Whether a folder holds facts in this form."""
    return (Path(folder).expanduser() / "en.tsv").is_file()


def fact_statements(folder: Path, codes: Sequence[str], topics: Sequence[str] = ()) -> tuple[Statement, ...]:
    """Statements of the relations (topics: English prompts such as "[X] died in <mask>."; empty: all) in these languages.

    Raises TextError for a language or relation that there is not, or a file in another form.
    """
    return statements_of(lambda code: _rows(folder, code), str(folder), codes, topics)


def statements_of(
    read: Callable[[str], Rows], source: str, codes: Sequence[str], topics: Sequence[str]
) -> tuple[Statement, ...]:
    """As `fact_statements`, from wherever the rows of a language are read; `source` is where, for a person.

    Raises TextError as `fact_statements`, and what `read` raises.
    """
    english, found = read("en"), list[Statement]()
    relations = _relations(english)
    missing = [topic for topic in topics if topic not in relations]
    if missing or not relations:
        known = ", ".join(relations) or "none"
        raise TextError(f"The folder {source!r} has no usable relation {', '.join(missing)!r}; it has {known}.")
    for code in codes:
        rows = english if code == "en" else read(code)
        if len(rows) != len(english):
            raise TextError(f"The file '{code}.tsv' has {len(rows)} rows and 'en.tsv' {len(english)}: they must be parallel.")
        for relation, places in relations.items():
            if topics and relation not in topics:
                continue
            shift = max(Counter(english[place]["Ans"] for place in places).values())
            for turn, place in enumerate(places):
                for true, other in ((True, place), (False, places[(turn + shift) % len(places)])):
                    text = rows[place]["Prompt"].replace(GAP, rows[other]["Ans"])
                    found.append(Statement(relation, code, text, true, False, place, rows[place]["Ans"]))
    return tuple(found)


def _relations(english: Rows) -> dict[str, list[int]]:
    """Relation -> places of its rows, by answer."""
    places: dict[str, list[int]] = {}
    for place, row in enumerate(english):
        if row["Subject"] and row["Prompt"].count(GAP) == 1 and row["Subject"] in row["Prompt"]:
            places.setdefault(row["Prompt"].replace(row["Subject"], SUBJECT), []).append(place)
    found = {}
    for relation, rows in places.items():
        answers = Counter(english[place]["Subject"] for place in rows)
        sure = [place for place in rows if answers[english[place]["Subject"]] == 1]
        most = max(Counter(english[place]["Ans"] for place in sure).values(), default=0)
        if len(sure) >= max(LEAST, 0.9 * len(answers)) and 2 * most <= len(sure):
            found[relation] = sorted(sure, key=lambda place: english[place]["Ans"])
    return found


def _rows(folder: Path, code: str) -> Rows:
    path = Path(folder).expanduser() / f"{code}.tsv"
    if not path.is_file():
        raise TextError(f"The folder {str(folder)!r} has no facts in {code!r}: there is no file '{code}.tsv'.")
    try:
        text = read_regular(path, _LIMIT, TextError).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))
        return [{name: row[name].strip() for name in ("Prompt", "Ans", "Subject")} for row in rows]
    except (UnicodeDecodeError, KeyError, AttributeError, csv.Error) as error:
        raise TextError(f"The file '{code}.tsv' is not a table of Prompt, Ans and Subject, separated by tabs.") from error
