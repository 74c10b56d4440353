"""Belebele and Global-MMLU: four-choice questions about a passage, and about school and trade.

The options are listed as A to D and the letter is scored, as lm-evaluation-harness does; models below a few billion
parameters answer letters at chance. `belebele-cloze` scores the answers' own words after the question instead, which small
models manage better. Bandarkar et al. 2023, arXiv:2308.16884; Singh et al. 2024, arXiv:2412.03304.
"""

from collections.abc import Iterator

from mwanda_core.corpora import SOURCES
from mwanda_core.tasks.adapter import Adapter, lettered
from mwanda_core.tasks.base import PER_BYTE, Item
from mwanda_core.tasks.files import Row
from mwanda_core.tasks.hub import HubRows

_CODES = (
    "am", "ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "eu", "fa", "fi", "fr", "gu", "ha", "he", "hi", "hr",
    "ht", "hu", "id", "ig", "it", "ja", "kn", "ko", "lt", "lv", "ml", "mr", "ms", "my", "ne", "nl", "no", "pa", "pl", "pt", "ro",
    "ru", "sk", "so", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "xh", "yo", "zh", "zu",
)  # fmt: skip
_FLORES = {code: SOURCES["flores+"].configuration(code) for code in _CODES}
BELEBELE_CODES = _FLORES | {"et": "est_Latn", "tl": "tgl_Latn", "zh": "zho_Hans"}

MMLU_CODES = {
    code: code
    for code in (
        "am", "ar", "bn", "cs", "de", "el", "en", "es", "fa", "fr", "ha", "he", "hi", "id", "ig", "it", "ja", "ko", "lt", "ms",
        "ne", "nl", "pl", "pt", "ro", "ru", "so", "sr", "sv", "sw", "te", "tr", "uk", "vi", "yo", "zh",
    )
} | {"tl": "fil"}  # fmt: skip


def _questions(row: Row) -> Iterator[tuple[str, str, str, list[str], int]]:
    """Id, passage, question, answers, number of the right one; of a published row, or of a passage with its questions."""
    if "flores_passage" in row:
        answers = [row[f"mc_answer{i}"] for i in range(1, 5)]
        name = f"{row['link']}#{row['question_number']}"
        yield name, row["flores_passage"], row["question"].strip(), answers, int(row["correct_answer_num"]) - 1
        return
    for number, question in enumerate(row["items"]):
        answers = [answer["text"] for answer in question["answers"]]
        right = [answer["correct"] for answer in question["answers"]].index(True)
        yield f"{row['row']}#{number}", row["text"], question["question"].strip(), answers, right


def belebele(row: Row, code: str) -> Iterator[Item]:
    """Letters after passage, question and options."""
    for name, passage, question, answers, right in _questions(row):
        yield lettered(name, code, f"P: {passage}\nQ: {question}", [f": {answer}" for answer in answers], right)


def belebele_cloze(row: Row, code: str) -> Iterator[Item]:
    """The answers' words after passage and question."""
    for name, passage, question, answers, right in _questions(row):
        yield Item(name, code, f"P: {passage}\nQ: {question}\nA:", tuple(f" {answer}" for answer in answers), right)


def global_mmlu(row: Row, code: str) -> Iterator[Item]:
    """The item of a row (sample_id, subject, question, option_a ... option_d, answer as a letter)."""
    options = [f". {row[f'option_{letter}']}" for letter in "abcd"]
    answer = "ABCD".index(row["answer"])
    yield lettered(str(row["sample_id"]), code, str(row["question"]).strip(), options, answer, str(row.get("subject", "")))


_BELEBELE = HubRows("facebook/belebele", "test", "{other}", renamed=BELEBELE_CODES)

BELEBELE = Adapter(
    "belebele", "Belebele", tuple(BELEBELE_CODES), 0.25, "CC-BY-SA-4.0",
    "Reading comprehension, four choices by letter; 900 questions on the same passages in 122 languages.",
    _BELEBELE, belebele, ("{other}.jsonl", "data/{other}.jsonl"), parallel=True,
    kind="reading, answered by letter", tokens=1200,
)  # fmt: skip

BELEBELE_CLOZE = Adapter(
    "belebele-cloze", "Belebele (answers in words)", tuple(BELEBELE_CODES), 0.25, "CC-BY-SA-4.0",
    "The same questions; the answers' own words are scored, per byte. For models that cannot answer by letter.",
    _BELEBELE, belebele_cloze, ("{other}.jsonl", "data/{other}.jsonl"), parallel=True, reading=PER_BYTE,
    kind="reading", tokens=800,
)  # fmt: skip

GLOBAL_MMLU = Adapter(
    "global-mmlu", "Global-MMLU", tuple(MMLU_CODES), 0.25, "Apache-2.0",
    "Knowledge of 57 subjects, four choices by letter; 14,042 questions in 42 languages.",
    HubRows("CohereLabs/Global-MMLU", "test", "{other}", renamed=MMLU_CODES), global_mmlu, ("{other}.jsonl", "{other}/test.jsonl"),
    parallel=True,
    kind="school knowledge, answered by letter", tokens=600,
)  # fmt: skip
