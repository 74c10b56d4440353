"""XStoryCloze and XWinograd: which ending belongs to a story, and whom does a pronoun mean?

XStoryCloze: four sentences, then one of two endings; raw. Lin et al. 2021, arXiv:2112.10668.
XWinograd: the gap of a sentence is filled by either name, and only what follows the gap is scored, which both readings
share ("partial" scoring, Trinh & Le 2018, arXiv:1806.02847). Tikhonov & Ryabinin 2021, arXiv:2106.12066; Muennighoff et al.
2022, arXiv:2211.01786. Both prompts are those of lm-evaluation-harness.
"""

from collections.abc import Iterator

from mwanda_core.tasks.adapter import Adapter
from mwanda_core.tasks.base import Item
from mwanda_core.tasks.files import Row
from mwanda_core.tasks.hub import HubRows

_ORIGINAL = {f"InputSentence{i}": f"input_sentence_{i}" for i in range(1, 5)} | {
    "InputStoryid": "story_id", "RandomFifthSentenceQuiz1": "sentence_quiz1", "RandomFifthSentenceQuiz2": "sentence_quiz2",
    "AnswerRightEnding": "answer_right_ending",
}  # fmt: skip
"""The tables of the authors name their columns otherwise than the Hub does."""


def story(row: Row, code: str) -> Iterator[Item]:
    """The item of a row (story_id, input_sentence_1 ... 4, sentence_quiz1, sentence_quiz2, answer_right_ending from 1)."""
    row = {_ORIGINAL.get(name, name): value for name, value in row.items()}
    context = " ".join(row[f"input_sentence_{i}"] for i in range(1, 5))
    choices = (f" {row['sentence_quiz1']}", f" {row['sentence_quiz2']}")
    yield Item(str(row["story_id"]), code, context, choices, int(row["answer_right_ending"]) - 1)


def winograd(row: Row, code: str) -> Iterator[Item]:
    """The item of a row (sentence with a gap "_", option1, option2, answer from 1)."""
    before, after = row["sentence"].split("_", 1)
    rest = f" {after.strip()}"
    yield Item(str(row["row"]), code, before, (rest, rest), int(row["answer"]) - 1, (row["option1"], row["option2"]))


XSTORYCLOZE = Adapter(
    "xstorycloze", "XStoryCloze", ("en", "ru", "zh", "es", "ar", "hi", "id", "te", "sw", "eu", "my"), 0.5, "CC-BY-SA-4.0",
    "The ending of a short story, two choices; 1,511 stories in 11 languages.",
    HubRows("juletxara/xstory_cloze", "eval", "{code}"), story, ("{code}/*eval*.jsonl", "*eval.{code}.jsonl", "{code}.tsv"),
    parallel=True,
    kind="endings of stories", tokens=130,
)  # fmt: skip

XWINOGRAD = Adapter(
    "xwinograd", "XWinograd", ("en", "fr", "ja", "pt", "ru", "zh"), 0.5, "CC-BY-4.0",
    "Pronouns that only sense resolves, two choices; 83 to 2,325 sentences in 6 languages, not parallel.",
    HubRows("Muennighoff/xwinograd", "test", "{other}", renamed={"ja": "jp"}), winograd, ("{other}.jsonl", "test/{other}.jsonl"),
    kind="pronouns",
)  # fmt: skip
