"""lm-evaluation-harness: its own model wrapper and task code against ours, item by item, on the same model and rows."""

import importlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tiny

from mwanda_core.errors import InputError
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.tasks import compare_tasks, harness, load_task, score_task
from mwanda_core.tasks.harness import split_name

needs_harness = [
    pytest.mark.harness,
    pytest.mark.skipif(not harness.available(), reason="lm-evaluation-harness is not installed"),
    # The harness and what it loads warn about themselves.
    pytest.mark.filterwarnings("default"),
]

XCOPA_ROWS = [
    {"premise": "Mtu huyo aliwasha bomba.", "choice1": "Choo kilijaa maji.", "choice2": "Maji yalitiririka.", "question": "effect",
     "label": 1, "idx": 0},
    {"premise": "Msichana alipata mdudu kwenye nafaka.", "choice1": "Alimwaga maziwa.", "choice2": "Alikosa hamu.",
     "question": "effect", "label": 1, "idx": 1},
    {"premise": "Mwanamke alistaafu.", "choice1": "Alipokea pensheni yake.", "choice2": "Alilipa mkopo.", "question": "cause",
     "label": 0, "idx": 2},
]  # fmt: skip

WINOGRAD_ROWS = [
    {"sentence": "The cup does not fit in the bag because _ is too large.", "option1": "the cup", "option2": "the bag", "answer": "1"},
    {"sentence": "Ann thanked Joan for the help _ had given.", "option1": "Ann", "option2": "Joan", "answer": "2"},
]  # fmt: skip


def written(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
    return path


def harness_task(name: str, file: Path, cache: Path, **fields: Any) -> dict[str, Any]:
    """A task of the harness that reads a local file."""
    kwargs = {"data_files": {"test": str(file)}, "cache_dir": str(cache)}
    metrics = {"metric_list": [{"metric": "acc"}], "output_type": "multiple_choice", "test_split": "test"}
    return {"task": name, "dataset_path": "json", "dataset_kwargs": kwargs, **metrics, **fields}


def xcopa(file: Path, cache: Path) -> dict[str, Any]:
    theirs = importlib.import_module("lm_eval.tasks.xcopa.utils")
    fields = {"doc_to_text": theirs.doc_to_text_sw, "doc_to_target": "label", "doc_to_choice": theirs.doc_to_choice}
    return harness_task("xcopa_sw", file, cache, **fields)


def xwinograd(file: Path, cache: Path) -> dict[str, Any]:
    theirs = importlib.import_module("lm_eval.tasks.xwinograd.utils")
    fields = {name: getattr(theirs, name) for name in ("doc_to_text", "doc_to_target", "doc_to_choice")}
    return harness_task("xwinograd_en", file, cache, **fields)


def graded_by_length(doc: dict[str, Any], results: list[str]) -> dict[str, float]:
    return {"score": min(1.0, len(results[0]) / 20)}


def their_likelihoods(model: LanguageModel, task: dict[str, Any]) -> tuple[list[float], float]:
    """Log-likelihoods of every choice, item by item, and the accuracy: all by the harness's own model wrapper."""
    from lm_eval import simple_evaluate
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    wrapped = HFLM(pretrained=model.hf, tokenizer=model.tokenizer, batch_size=2)
    found = simple_evaluate(
        wrapped, tasks=[task], bootstrap_iters=0, log_samples=True, task_manager=TaskManager(include_defaults=False)
    )
    samples = sorted(found["samples"][task["task"]], key=lambda sample: sample["doc_id"])
    return [r[0][0] for s in samples for r in s["resps"]], float(found["results"][task["task"]]["acc,none"])


def agree(model: LanguageModel, name: str, task: dict[str, Any], folder: Path, code: str) -> None:
    """Ours, theirs, and theirs through our likelihoods."""
    ours = score_task(model, load_task(name, [code], folder), Monitor())
    likely, accuracy = their_likelihoods(model, task)
    assert list(ours.choices["loglikelihood"]) == pytest.approx(likely, rel=1e-4)
    raw = ours.items[ours.items["reading"] == "raw"]
    assert float(raw["correct"].mean()) == pytest.approx(accuracy)
    through = harness.harness_scores(model, [task], Monitor())
    assert [(found.task, list(found.items["language"].unique())) for found in through] == [(name, [code])]
    assert list(through[0].choices["loglikelihood"]) == pytest.approx(likely, rel=1e-4)
    columns = ["answer", "picked", "correct"]
    assert through[0].items[columns].reset_index(drop=True).equals(ours.items[columns].reset_index(drop=True))
    assert list(compare_tasks(through, through).table["change"]) == [0.0, 0.0]


class TestHarness:
    pytestmark = needs_harness

    @pytest.mark.parametrize("family", ["llama", "gemma3_text"])
    def test_xcopa_agrees_item_by_item(self, family: str, tmp_path: Path) -> None:
        file = written(tmp_path / "xcopa" / "sw" / "test.sw.jsonl", XCOPA_ROWS)
        agree(tiny.language_model(family), "xcopa", xcopa(file, tmp_path / "cache"), tmp_path, "sw")

    def test_xwinograd_agrees_item_by_item(self, llama: LanguageModel, tmp_path: Path) -> None:
        file = written(tmp_path / "en.jsonl", WINOGRAD_ROWS)
        agree(llama, "xwinograd", xwinograd(file, tmp_path / "cache"), tmp_path, "en")

    def test_dense_likelihoods_are_kept(
        self, llama: LanguageModel, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        task = xcopa(written(tmp_path / "test.sw.jsonl", XCOPA_ROWS), tmp_path / "sets")
        first = harness.harness_scores(llama, [task], Monitor(), dense=True)[0]
        monkeypatch.setattr(harness, "score_groups", None)
        pd.testing.assert_frame_equal(harness.harness_scores(llama, [task], Monitor(), dense=True)[0].items, first.items)

    def test_rolling_likelihoods_are_of_whole_texts(self, llama: LanguageModel) -> None:
        from lm_eval.api.instance import Instance
        from lm_eval.models.huggingface import HFLM

        asked = [
            Instance("loglikelihood_rolling", {}, (text,), 0, ("t", i, 1))
            for i, text in enumerate(("Habari.", "Ndiyo, asante"))
        ]
        found = harness.bridge(llama, Monitor()).loglikelihood_rolling(asked)
        theirs = HFLM(pretrained=llama.hf, tokenizer=llama.tokenizer, batch_size=1, add_bos_token=False)
        assert found == pytest.approx(theirs.loglikelihood_rolling(asked), rel=1e-4)

    def test_greedy_as_theirs(self, llama: LanguageModel) -> None:
        from lm_eval.api.instance import Instance
        from lm_eval.models.huggingface import HFLM

        pairs = [("ab", chr(97 + i)) for i in range(26)] + [("", "x"), ("a ", "b")]
        asked = [Instance("loglikelihood", {}, pair, 0, ("t", i, 1)) for i, pair in enumerate(pairs)]
        found = harness.bridge(llama, Monitor()).loglikelihood(asked)
        theirs = HFLM(pretrained=llama.hf, tokenizer=llama.tokenizer, batch_size=4).loglikelihood(asked)
        assert [value for value, _ in found] == pytest.approx([value for value, _ in theirs], rel=1e-4)
        assert [greedy for _, greedy in found] == [greedy for _, greedy in theirs]

    def test_unknown_and_sampling_tasks_are_refused(self, llama: LanguageModel) -> None:
        with pytest.raises(InputError, match="no-such-task"):
            harness.harness_scores(llama, ["no-such-task"], Monitor())
        from lm_eval.api.instance import Instance

        asked = [Instance("generate_until", {}, ("So", {"do_sample": True, "temperature": 0.7}), 0, ("t", 0, 1))]
        with pytest.raises(InputError, match="sampled text"):
            harness.bridge(llama, Monitor()).generate_until(asked)

    @pytest.mark.parametrize("family", ["llama", "gpt2"])
    def test_answers_are_written_as_theirs(self, family: str) -> None:
        from lm_eval.api.instance import Instance
        from lm_eval.models.huggingface import HFLM

        model = tiny.language_model(family)
        asked = [
            Instance("generate_until", {}, (text, {"until": until, "max_gen_toks": 12, "do_sample": False}), 0, ("t", i, 1))
            for i, (text, until) in enumerate([("Habari ya", []), ("So it is", ["e"]), ("x", ["\n", "a", "k"])])
        ]
        found = harness.bridge(model, Monitor()).generate_until(asked)
        assert found == HFLM(pretrained=model.hf, tokenizer=model.tokenizer, batch_size=1).generate_until(asked)
        assert any(found)

    def test_graded_tasks_give_values_and_others_answers(self, llama: LanguageModel, tmp_path: Path) -> None:
        """As LongBench is made: text asked for, a score of its own."""
        rows = [{"q": f"What is {i}?", "a": "7"} for i in range(3)]
        written_ = {
            "output_type": "generate_until", "doc_to_text": "{{q}}", "doc_to_target": "{{a}}",
            "generation_kwargs": {"max_gen_toks": 6, "until": ["."], "do_sample": False},
        }  # fmt: skip
        file, cache = written(tmp_path / "q.jsonl", rows), tmp_path / "cache"
        graded = harness_task("graded_sw", file, cache, process_results=graded_by_length, **written_)
        graded["metric_list"] = [{"metric": "score", "aggregation": "mean", "higher_is_better": True}]
        values = harness.harness_values(llama, [graded], Monitor())
        assert values[["task", "language", "metric"]].drop_duplicates().values.tolist() == [["graded", "sw", "score"]]
        assert values["value"].between(0, 1).all()
        table = harness.compare_values(values, values.assign(value=values["value"] + 0.5))
        assert table["change"].tolist() == pytest.approx([0.5])
        assert table["items"].tolist() == [3]
        with pytest.raises(InputError, match="harness_values"):
            harness.harness_scores(llama, [graded], Monitor())
        exact = harness_task("exact_sw", file, cache, **written_)
        exact["metric_list"] = [{"metric": "exact_match"}]
        (scores,) = harness.harness_scores(llama, [exact], Monitor())
        assert len(scores.items) == 3
        assert not scores.items["correct"].any()


@pytest.mark.skipif(harness.available(), reason="lm-evaluation-harness is installed")
def test_without_the_extra_one_sentence_says_what_to_install(llama: LanguageModel) -> None:
    with pytest.raises(InputError, match=r"mwanda-explorer\[harness\]"):
        harness.harness_scores(llama, ["xcopa_sw"], Monitor())


def test_values_of_other_items_are_not_compared() -> None:
    one = pd.DataFrame([("t", "en", "1", "score", 0.5)], columns=list(harness.VALUE_COLUMNS))
    with pytest.raises(InputError, match="same items"):
        harness.compare_values(one, one.assign(item="2"))


def test_names_are_split_into_task_and_language() -> None:
    assert split_name("xcopa_sw") == ("xcopa", "sw")
    assert split_name("belebele_zho_Hans") == ("belebele", "zh")
    assert split_name("multiblimp_tur") == ("multiblimp", "tr")
    assert split_name("xwinograd_jp") == ("xwinograd", "ja")
    assert split_name("hellaswag") == ("hellaswag", "und")
    assert split_name("arc_easy") == ("arc_easy", "und")


def test_the_answer_is_found_in_each_form() -> None:
    arguments = [("So", " yes"), ("So", " no")]
    assert harness._answer({"target": 1, "arguments": arguments}, [-1.0, -2.0]) == 1
    assert harness._answer({"target": "no", "arguments": arguments}, [-1.0, -2.0]) == 1
    same = [("A", " x"), ("B", " x")]
    assert harness._answer({"target": "x", "arguments": same, "acc": 0.0}, [-1.0, -2.0]) == 1
    assert harness._answer({"target": "x", "arguments": same, "acc": 1.0}, [-1.0, -2.0]) == 0
    assert harness._answer({"target": "?", "arguments": arguments}, [-1.0, -2.0]) is None
    stored = {"gen_args_0": {"arg_0": "So", "arg_1": " yes"}, "gen_args_1": {"arg_0": "So", "arg_1": " no"}}
    assert harness._answer({"target": "no", "arguments": stored}, [-1.0, -2.0]) == 1
