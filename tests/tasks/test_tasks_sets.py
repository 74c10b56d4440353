"""Tasks from files and from the Hub: every set's original form, the project's own, and what is said when something is missing."""

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mwanda_core.errors import InputError, TextError, UnknownName
from mwanda_core.tasks import TASKS, Item, Task, hub as hub_home, load_task, read_items, write_items
from mwanda_core.tasks.base import chosen

XCOPA = {
    "premise": "The tap opened.",
    "choice1": "Water flowed.",
    "choice2": "It rained.",
    "question": "effect",
    "label": 0,
    "idx": 7,
}
STORY = {f"input_sentence_{i}": f"S{i}." for i in range(1, 5)} | {
    "story_id": "a", "sentence_quiz1": "Bad end.", "sentence_quiz2": "Good end.", "answer_right_ending": 2,
}  # fmt: skip
BELEBELE = {f"mc_answer{i}": f"a{i}" for i in range(1, 5)} | {
    "link": "http://x", "question_number": 2, "flores_passage": "A passage.", "question": "Which? ", "correct_answer_num": "3",
}  # fmt: skip
MMLU = {f"option_{letter}": f"o{letter}" for letter in "abcd"} | {
    "sample_id": "law/test/0", "subject": "law", "question": "Q?", "answer": "D",
}  # fmt: skip
WINOGRAD = {"sentence": "Ann met Jo and _ waved.", "option1": "Ann", "option2": "Jo", "answer": "2"}

ROWS: dict[str, tuple[str, dict[str, Any], Item]] = {
    "xcopa": ("sw", XCOPA, Item("7", "sw", "The tap opened kwa hiyo", (" water flowed.", " it rained."), 0, group="effect")),
    "xstorycloze": ("en", STORY, Item("a", "en", "S1. S2. S3. S4.", (" Bad end.", " Good end."), 1)),
    "xwinograd": ("ja", WINOGRAD, Item("0", "ja", "Ann met Jo and ", (" waved.", " waved."), 1, ("Ann", "Jo"))),
    "belebele": (
        "zh", BELEBELE,
        Item("http://x#2", "zh", "P: A passage.\nQ: Which?\nA: a1\nB: a2\nC: a3\nD: a4\nAnswer:", (" A", " B", " C", " D"), 2),
    ),
    "belebele-cloze": ("de", BELEBELE, Item("http://x#2", "de", "P: A passage.\nQ: Which?\nA:", (" a1", " a2", " a3", " a4"), 2)),
    "xnli": (
        "en", {"premise": "It rains.", "hypothesis": "It is wet.", "label": 1},
        Item("0", "en", "It rains., right?", (" Yes, It is wet.", " Also, It is wet.", " No, It is wet."), 1),
    ),
    "paws-x": (
        "de", {"id": 3, "sentence1": "Er kam , sah .", "sentence2": "Er sah .", "label": 1},
        Item("3", "de", "Er kam, sah, richtig?", (" Nein, er sah.", " Ja, er sah."), 1),
    ),
    "global-mmlu": (
        "tl", MMLU, Item("law/test/0", "tl", "Q?\nA. oa\nB. ob\nC. oc\nD. od\nAnswer:", (" A", " B", " C", " D"), 3, group="law"),
    ),
    "multiblimp": (
        "nl", {"sen": "Ik loop.", "wrong_sen": "Ik loopt.", "phenomenon": "SV-P"},
        Item("0", "nl", "", ("Ik loop.", "Ik loopt."), 0, group="SV-P"),
    ),
    "blimp": (
        "en", {"sentence_good": "Ann runs.", "sentence_bad": "Ann run.", "UID": "agreement"},
        Item("agreement:0", "en", "", ("Ann runs.", "Ann run."), 0, group="agreement"),
    ),
    "lindsea": (
        "id", {"id": 0, "linguistic_phenomenon": "morphology", "correct": "Tono tidur", "wrong": "Tidur Tono"},
        Item("morphology:0", "id", "", ("Tono tidur", "Tidur Tono"), 0, group="morphology"),
    ),
    "truthfulqa": (
        "es", {"id": 4, "question": "Q? ", "category": "Myths", "mc1_targets": {"choices": ["no", "yes ", "maybe"], "labels": [0, 1, 0]}},
        Item("4", "es", "Q: Q?\nA:", (" no", " yes", " maybe"), 1, group="Myths"),
    ),
    "bmlama": (
        "en", {"Prompt": "Rome is in <mask>, yes.", "Ans": "Italy", "Candidate Ans": "Spain, Italy, Spain"},
        Item("0", "en", "Rome is in", (" Spain, yes.", " Italy, yes."), 1),
    ),
}  # fmt: skip


STORY_VALUES = ("a", "S1.", "S2.", "S3.", "S4.", "Bad end.", "Good end.", "2")


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".tsv":
        lines = ["\t".join(rows[0]), *("\t".join(map(str, row.values())) for row in rows)]
    else:
        lines = [json.dumps(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_every_set_has_its_row_here() -> None:
    assert set(ROWS) == set(TASKS)


@pytest.mark.parametrize("name", TASKS)
def test_a_set_tells_about_itself(name: str) -> None:
    adapter = TASKS[name]
    assert adapter.name == name
    assert adapter.title
    assert adapter.licence
    assert adapter.source
    assert adapter.help.endswith(".")
    assert 0 < adapter.chance <= 0.5
    assert len(set(adapter.languages)) == len(adapter.languages) > 0


@pytest.mark.parametrize("name", TASKS)
def test_rows_as_published_become_items(name: str, tmp_path: Path) -> None:
    """In a folder of the set, and in one above it."""
    code, row, expected = ROWS[name]
    layout = next(p for p in TASKS[name].layout if p.endswith((".tsv", ".jsonl")))
    place = layout.format(code=code, other=TASKS[name].hub.renamed.get(code, code)).replace("*", "x_y")
    root = tmp_path / "sets" / f"{name.removesuffix('-cloze')}_copy"
    write_rows(root / place, [row])
    found = load_task(name, source=root)
    assert found.items == (expected,)
    assert load_task(name, [code], tmp_path).items == (expected,)
    assert found.languages == (code,)
    assert found.reading == TASKS[name].reading


@pytest.mark.parametrize("name", TASKS)
def test_the_hub_gives_the_same_items(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, row, expected = ROWS[name]
    asked: list[tuple[str, str | None, str, str]] = []

    def fake(repository: str, config: str | None, split: str, file: str = "", options: Any = None) -> Iterator[dict[str, Any]]:
        asked.append((repository, config, split, file))
        return iter([row])

    monkeypatch.setattr(hub_home, "_load", fake)
    found = load_task(name, [code])
    assert found.items[0] == expected
    for repository, _, _, file in asked:
        assert "/" in repository or file.startswith("https://")
        assert "{" not in f"{asked}"
    assert len(asked) == {"blimp": 67, "lindsea": 4}.get(name, 1)


def test_configurations_on_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []
    monkeypatch.setattr(hub_home, "_load", lambda repository, config, *rest: asked.append(config) or [])
    for name, code in (("xwinograd", "ja"), ("belebele", "zh"), ("global-mmlu", "tl"), ("multiblimp", "tr"), ("xcopa", "ta")):
        list(TASKS[name].from_hub(code))
    assert asked == ["jp", "zho_Hans", "fil", "tur", "ta"]


def test_a_language_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TextError, match="XCOPA has no en at cambridgeltl/xcopa; it has et, ht"):
        load_task("xcopa", ["en"])
    write_rows(tmp_path / "sw" / "test.sw.jsonl", [XCOPA])
    with pytest.raises(TextError, match=r"has no XCOPA in ta: looked for ta/test\.ta\.jsonl"):
        load_task("xcopa", ["ta"], tmp_path)
    with pytest.raises(TextError, match="has no files of BMLAMA-53"):
        load_task("bmlama", source=tmp_path)
    with pytest.raises(TextError, match="no folder"):
        load_task("bmlama", source=tmp_path / "none")
    with pytest.raises(UnknownName, match=r"Choose one of: multiblimp, blimp"):
        load_task("nothing")
    with pytest.raises(InputError, match="limit given was 0"):
        load_task("xcopa", source=tmp_path, limit=0)


@pytest.mark.filterwarnings("default")
def test_datasets_itself_reads_rows_as_they_are(tmp_path: Path) -> None:
    """The builders that the addresses at fixed commits go through, on local files: quotation marks and "NA" stay words."""
    rows = [{"Prompt": 'The "NA is in <mask>.', "Ans": "NA", "Candidate Ans": "null, NA"}, ROWS["bmlama"][1]]
    write_rows(tmp_path / "sw.tsv", rows)
    options = {**TASKS["bmlama"].hub.options, "cache_dir": str(tmp_path / "sets")}
    source = hub_home.HubRows("csv", "train", files=(f"{tmp_path}/{{code}}.tsv",), options=options)
    assert list(source.rows("sw")) == [{"row": i, "file": "sw"} | row for i, row in enumerate(rows)]
    write_rows(tmp_path / "id.jsonl", [ROWS["lindsea"][1]])
    source = hub_home.HubRows(
        "json", "train", files=(f"{tmp_path}/{{code}}.jsonl",), options={"cache_dir": options["cache_dir"]}
    )
    assert list(source.rows("id")) == [{"row": 0, "file": "id"} | ROWS["lindsea"][1]]


def test_what_the_hub_refuses_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    def fail(text: str) -> None:
        def load(*args: object, **kwargs: object) -> None:
            raise RuntimeError(text)

        monkeypatch.setattr(datasets, "load_dataset", load)

    for said, told in (
        ("is a gated dataset", "set HF_TOKEN"),
        ("BuilderConfig not found", "no such language"),
        ("offline", "local folder"),
    ):
        fail(said)
        with pytest.raises(TextError, match=told):
            load_task("xcopa", ["sw"])


def test_a_file_of_something_else_is_said_so(tmp_path: Path) -> None:
    write_rows(tmp_path / "test.sw.jsonl", [{"premise": "Only this."}])
    with pytest.raises(TextError, match="Row 1 of XCOPA in sw is not as expected"):
        load_task("xcopa", ["sw"], tmp_path)
    (tmp_path / "test.ta.jsonl").write_text("{not json")
    with pytest.raises(TextError, match=r"test\.ta\.jsonl cannot be read as \.jsonl"):
        load_task("xcopa", ["ta"], tmp_path)
    (tmp_path / "test.th.jsonl").write_text("[1]")
    with pytest.raises(TextError, match="line 1 is not an object"):
        load_task("xcopa", ["th"], tmp_path)


def test_rows_that_ask_nothing_are_left_out(tmp_path: Path) -> None:
    alike = XCOPA | {"choice2": "Water flowed.", "idx": 8}
    write_rows(tmp_path / "test.sw.jsonl", [alike, XCOPA])
    assert [item.id for item in load_task("xcopa", source=tmp_path).items] == ["7"]
    one = {"Prompt": "<mask> is one.", "Ans": "This", "Candidate Ans": "This"}
    write_rows(tmp_path / "bmlama" / "de.tsv", [one, one | {"Candidate Ans": "That, This"}])
    assert load_task("bmlama", source=tmp_path).items == (Item("1", "de", "", ("That is one.", "This is one."), 1),)


def test_stories_as_their_authors_wrote_them(tmp_path: Path) -> None:
    names = ["InputStoryid", *(f"InputSentence{i}" for i in range(1, 5))]
    names += ["RandomFifthSentenceQuiz1", "RandomFifthSentenceQuiz2", "AnswerRightEnding"]
    write_rows(tmp_path / "en.tsv", [dict(zip(names, STORY_VALUES, strict=True))])
    assert load_task("xstorycloze", source=tmp_path).items == (ROWS["xstorycloze"][2],)


def test_balanced_copa_and_archives(tmp_path: Path) -> None:
    text = '<?xml version="1.0"?>\n<!DOCTYPE copa-corpus SYSTEM "copa.dtd">\n<copa-corpus>'
    text += '<item id="1" asks-for="cause" most-plausible-alternative="2"><p>It fell.</p><a1>A was.</a1><a2>B was.</a2></item>'
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "dev.xml").write_text(text + "</copa-corpus>")
    assert load_task("xcopa", source=tmp_path).items == (
        Item("1", "en", "It fell because", (" a was.", " b was."), 1, group="cause"),
    )
    (tmp_path / "en" / "dev.xml").write_text(text + "<!ENTITY x 'y'></copa-corpus>")
    with pytest.raises(TextError, match="entities"):
        load_task("xcopa", source=tmp_path)
    with zipfile.ZipFile(tmp_path / "BLiMP.zip", "w") as archive:
        archive.writestr("data/agreement.jsonl", json.dumps(ROWS["blimp"][1]))
        archive.writestr("__MACOSX/data/._agreement.jsonl", "nothing")
    assert load_task("blimp", source=tmp_path).items == (ROWS["blimp"][2],)


def test_truthfulqa_in_every_form_in_which_it_is_published(tmp_path: Path) -> None:
    """A list in JSON, with targets as a mapping, and its authors' table, in which the English file has the set's own name."""
    expected = Item("0", "en", "Q: What, then?\nA:", (" Nothing", " All", " None; or"), 0)
    mapping = [{"question": "What, then?", "mc1_targets": {"Nothing": 1, "All": 0, "None; or": 0}}]
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "en.json").write_text(json.dumps(mapping))
    assert load_task("truthfulqa", source=tmp_path / "one").items == (expected,)
    table = 'Type,Category,Question,Best Answer,Correct Answers,Incorrect Answers\nA,C,"What, then?",Nothing,Nothing; Air,All; None; All\n'
    (tmp_path / "TruthfulQA.csv").write_text(table)
    found = load_task("truthfulqa", source=tmp_path)
    assert found.languages == ("en",)
    assert (found.items[0].choices, found.items[0].answer, found.items[0].group) == ((" Nothing", " All", " None"), 0, "C")
    (tmp_path / "one" / "en.json").write_text('{"question": 1}')
    with pytest.raises(TextError, match=r"en\.json cannot be read as \.json: it is not a list"):
        load_task("truthfulqa", source=tmp_path / "one")


def items(code: str, names: str) -> list[Item]:
    return [Item(name, code, "", (f"{name} a", f"{name} b"), 0) for name in names]


def test_items_are_chosen_by_seed_and_alike_in_every_language() -> None:
    both = items("en", "abcdefgh") + items("sw", "hgfedcb")
    few = chosen(both, 3, 0, True, ["en", "sw"])
    english, swahili = ([item.id for item in few if item.language == code] for code in ("en", "sw"))
    assert len(english) == 3
    assert set(english) == set(swahili)
    assert english == sorted(english)
    assert swahili == sorted(swahili, reverse=True)
    assert few == chosen(both, 3, 0, True, ["en", "sw"])
    assert {tuple(i.id for i in chosen(items("en", "abcdefgh"), 3, seed, True, ["en"])) for seed in range(20)} != {
        tuple(english)
    }
    # A question that one language lacks is asked in none; alone, English has it.
    assert len(chosen(both, None, 0, True, ["en", "sw"])) == 14
    assert len(chosen(items("en", "abcdefgh"), None, 0, True, ["en"])) == 8
    assert len(chosen(both, None, 0, False, ["en", "sw"])) == 15


def test_languages_that_are_not_translations_keep_their_own_questions(tmp_path: Path) -> None:
    for code in ("sw", "ta"):
        write_rows(tmp_path / f"test.{code}.jsonl", [XCOPA | {"idx": i} for i in range(4)])
    write_rows(tmp_path / "test.en.jsonl", [XCOPA | {"idx": 100 + i} for i in range(4)])
    found = load_task("xcopa", ["en", "sw", "ta"], tmp_path, limit=2)
    assert [item.language for item in found.items] == ["en", "en", "sw", "sw", "ta", "ta"]
    assert [item.id for item in found.only("sw").items] == [item.id for item in found.only("ta").items]


def test_the_own_form_goes_there_and_back(tmp_path: Path) -> None:
    given = (
        Item("1", "sw", "Mvua", (" a", " b\u2028"), 1, group="g"),
        Item("1", "en", "", ("x", "y", "z"), 0, ("l", "m", "n")),
    )
    task = Task("mine", "mine", given)
    write_items(tmp_path / "mine.jsonl", task)
    assert read_items(tmp_path / "mine.jsonl") == task
    assert load_task("mine", source=tmp_path).items == given
    assert load_task("mine", ["en"], tmp_path).items == given[1:]
    with pytest.raises(TextError, match="no items in de"):
        load_task("mine", ["de"], tmp_path)


def test_a_known_set_in_the_own_form(tmp_path: Path) -> None:
    (tmp_path / "xnli").mkdir()
    write_items(tmp_path / "xnli" / "en.jsonl", Task("x", "x", tuple(items("en", "ab"))))
    assert load_task("xnli", source=tmp_path).items == tuple(items("en", "ab"))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"choices": ["x"]}, "at least two"),
        ({"choices": ["x", "x"]}, "same one twice"),
        ({"choices": ["x", " "]}, "empty choice"),
        ({"answer": 2}, "between 0 and 1"),
        ({"answer": "0"}, "number of the answer"),
        ({"leads": ["x"]}, "1 leads for 2 choices"),
        ({"language": ""}, "needs a language"),
    ],
)
def test_items_that_cannot_be_asked(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    row = {"id": "1", "language": "en", "context": "So", "choices": [" a", " b"], "answer": 0} | change
    with pytest.raises(TextError, match=told):
        read_items(write_rows(tmp_path / "own.jsonl", [row]))


def test_files_without_items_or_with_one_id_twice(tmp_path: Path) -> None:
    row = {"id": "1", "language": "en", "context": "So", "choices": [" a", " b"], "answer": 0}
    with pytest.raises(TextError, match="one id to two items"):
        read_items(write_rows(tmp_path / "own.jsonl", [row, row]))
    (tmp_path / "none.jsonl").write_text("\n")
    with pytest.raises(TextError, match="no items"):
        read_items(tmp_path / "none.jsonl")
    with pytest.raises(TextError, match="cannot be read"):
        read_items(tmp_path / "missing.jsonl")


DATA = os.environ.get("MWANDA_DATA")

COUNTS = {
    # task: (language, items, languages)
    "multiblimp": ("tr", 1742, 4), "lindsea": ("id", 380, 2), "bmlama": ("ta", 3036, 22), "xcopa": ("sw", 500, 12),
    "belebele": ("de", 900, 2),
}  # fmt: skip


@pytest.mark.skipif(DATA is None, reason="MWANDA_DATA names no folder of published sets")
@pytest.mark.parametrize("name", COUNTS)
def test_the_published_files_are_read_whole(name: str) -> None:
    code, count, languages = COUNTS[name]
    found = load_task(name, [code], str(DATA))
    assert len(found.items) == count
    assert len(TASKS[name].local_languages(Path(str(DATA)))) == languages
    means = sum(item.chance for item in found.items) / count
    assert means == pytest.approx(TASKS[name].chance, abs=0.01)
