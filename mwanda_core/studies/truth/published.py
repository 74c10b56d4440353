"""Published sets of true and false statements, from where they are published, at fixed commits: those of Bürger et al. 2024 and Marks and Tegmark
2023 (English, and fifty rows each in German), which TPLO uses, and BMLAMA-53's facts."""

from collections.abc import Sequence

from mwanda_core.corpora.facts import statements_of
from mwanda_core.corpora.statements import Statement, statements_in
from mwanda_core.errors import TextError
from mwanda_core.tasks import TASKS
from mwanda_core.tasks.hub import HubRows

HUB, BMLAMA = "hub", "bmlama"
"""In place of a folder."""
TOPICS = ("cities", "sp_en_trans", "element_symb", "animal_class", "inventors", "facts")
CODES = ("en", "de")
_FILES = "https://raw.githubusercontent.com/sciai-lab/Truth_is_Universal/ce8d57babc51e6dd1db711de8686b355fcb4cb33/datasets/{other}.csv"


def published(codes: Sequence[str], topics: Sequence[str] = ()) -> tuple[Statement, ...]:
    """Statements about these topics (none: all), affirmative and negated.

    Raises TextError for a language or topic that there is not, or rows that cannot be had.
    """
    for what, given, known in (("in", codes, CODES), ("about", topics, TOPICS)):
        if missing := [one for one in given if one not in known]:
            raise TextError(f"There are no published statements {what} {missing[0]!r}; there are {what} {', '.join(known)}.")
    found: list[Statement] = []
    for code in codes:
        for topic in topics or TOPICS:
            for negated in (False, True):
                name = f"{'neg_' if negated else ''}{topic}{'' if code == 'en' else f'_{code}'}"
                rows = HubRows("csv", "train", files=(_FILES,), renamed={code: name}).rows(code)
                found += statements_in(list(rows), topic, code, negated)
    return tuple(found)


def facts(codes: Sequence[str], topics: Sequence[str] = ()) -> tuple[Statement, ...]:
    """BMLAMA-53's relations (none: all that are usable), as `corpora.facts`.

    Raises TextError for a language or relation that there is not, or rows that cannot be had.
    """

    def read(code: str) -> list[dict[str, str]]:
        rows = TASKS[BMLAMA].hub.rows(code)
        return [{name: str(row[name]).strip() for name in ("Prompt", "Ans", "Subject")} for row in rows]

    return statements_of(read, BMLAMA, codes, topics)
