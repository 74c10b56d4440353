"""Dense against pruned: what is scored, how it is kept, and whether damage is found where it was done and nowhere else."""

import dataclasses
import json
import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tiny
import torch

from mwanda_core.corpora import Corpus, Passage, builtin
from mwanda_core.evaluation import EvaluationSet, Measurement, compare, evaluation_set, measure, measure_dense, summary
from mwanda_core.evaluation.losses import sequence_losses
from mwanda_core.evaluation.measure import answered
from mwanda_core.evaluation.sets import sorted_batches
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor

HOME = sys.modules["mwanda_core.evaluation.measure"]


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return tiny.language_model("llama")


@pytest.fixture(scope="module")
def texts(model: LanguageModel) -> EvaluationSet:
    return evaluation_set(model, short_corpus(), max_texts=5, sequence_length=32, with_choices=True)


@pytest.fixture(scope="module")
def measured(model: LanguageModel, texts: EvaluationSet) -> Measurement:
    return measure(model, texts, Monitor())


def short_corpus(languages: tuple[str, ...] = ("en", "el"), passages: int = 6) -> Corpus:
    """The first words of two sentences of built-in passages: parallel, and short enough for many tests."""
    found = builtin(languages).evaluation

    def short(passage: Passage) -> Passage:
        return dataclasses.replace(passage, sentences=tuple(s[:25] for s in passage.sentences[:2]))

    return Corpus("short", {code: tuple(map(short, items[:passages])) for code, items in found.passages.items()}, True)


def lines_corpus() -> Corpus:
    """One long line: several sequences will come from one passage."""
    return Corpus("lines", {"en": tuple(Passage(f"en:{i}", "en", ("word " * n + "é",)) for i, n in enumerate((60, 3, 40)))})


# What is scored.


def test_texts_are_passages_one_by_one(model: LanguageModel, texts: EvaluationSet) -> None:
    corpus = short_corpus()
    assert texts.languages == ("en", "el")
    assert texts.num_start == 1
    for text in texts.texts:
        passage = next(p for p in corpus.passages[text.language] if p.id == text.id)
        assert text.ids == (tiny.BOS, *model.encode(passage.text))
        assert text.bytes == len(passage.text.encode()) == len(text.ids) - 1
    assert len(texts.texts) == len(texts.choices) == 10


def test_choices_are_the_same_in_every_language(model: LanguageModel, texts: EvaluationSet) -> None:
    corpus = short_corpus()
    endings = {code: {tuple(model.encode(p.ending)): p.id for p in items} for code, items in corpus.passages.items()}
    english, greek = (texts.only(code).choices for code in ("en", "el"))
    for one, other in zip(english, greek, strict=True):
        assert one.id == other.id
        assert one.answer == other.answer
        assert [endings["en"][e] for e in one.endings] == [endings["el"][e] for e in other.endings]
        assert len(set(one.endings)) == 4
        passage = next(p for p in corpus.passages["en"] if p.id == one.id)
        assert one.endings[one.answer] == tuple(model.encode(passage.ending))
        assert one.context == (tiny.BOS, *model.encode(passage.context))
        assert one.bytes == tuple(map(len, one.endings))
    assert len({item.answer for item in english}) > 1


def test_the_seed_and_the_switch_for_choices(model: LanguageModel, texts: EvaluationSet) -> None:
    def made(**changes: object) -> EvaluationSet:
        settings = {"max_texts": 5, "sequence_length": 32, "with_choices": True} | changes
        return evaluation_set(model, short_corpus(), **settings)  # type: ignore[arg-type]

    assert made() == texts
    assert made().digest() == texts.digest()
    assert made(seed=1).digest() != texts.digest()
    assert made(with_choices=False).choices == ()
    assert len(made(max_texts=2).texts) == 4
    assert len(made(max_texts=99).texts) == 12
    three = evaluation_set(model, short_corpus(passages=3), max_texts=5, sequence_length=32, with_choices=True)
    assert three.choices == ()


def test_bare_lines_are_packed_and_every_sequence_has_a_name(model: LanguageModel) -> None:
    found = evaluation_set(model, lines_corpus(), max_texts=4, sequence_length=50, with_choices=True)
    assert [len(text.ids) for text in found.texts] == [50] * 4
    assert len({text.id for text in found.texts}) == 4
    assert found.choices == ()
    assert all(text.bytes == 49 for text in found.texts)


def test_no_texts_asked_for_means_none(model: LanguageModel, cache: Path) -> None:
    for corpus in (short_corpus(), lines_corpus()):
        nothing = evaluation_set(model, corpus, max_texts=0, sequence_length=16, with_choices=True)
        assert nothing.texts == nothing.choices == ()
        found = measure(model, nothing, Monitor())
        dense = measure_dense(model, nothing, Monitor())
        table = compare(dense, found, ["en"])
        assert len(table) == 0
        assert set(compare(*by_hand(), []).columns) > set(table.columns)
        assert {"language", "name", "role", "increase", "perplexity_ratio"} <= set(table.columns)
        assert summary(table)["mean_increase"] is None


def test_batches_hold_similar_lengths(texts: EvaluationSet) -> None:
    found = sorted_batches(texts.texts, batch_tokens=200)
    assert sorted(t.id + t.language for batch in found for t in batch) == sorted(t.id + t.language for t in texts.texts)
    for batch in found:
        longest = max(len(t.ids) for t in batch)
        assert len(batch) == 1 or longest * len(batch) <= 200
    lengths = [len(t.ids) for batch in found for t in batch]
    assert lengths == sorted(lengths, reverse=True)


# How it is scored.


def test_a_measurement_is_one_row_a_text_and_item(model: LanguageModel, texts: EvaluationSet, measured: Measurement) -> None:
    assert list(measured.losses.columns) == ["language", "text", "tokens", "bytes", "nll"]
    for row in measured.losses.itertuples():
        text = next(t for t in texts.texts if (t.language, t.id) == (row.language, row.text))
        assert row.tokens == len(text.ids) - 1
        assert row.nll == pytest.approx(sequence_losses(model, [list(text.ids)], 1)[0], rel=1e-4)
    assert len(measured.losses) == len(texts.texts)
    assert list(measured.choices["item"]) == [item.id for item in texts.choices]


def test_choices_by_their_definition(model: LanguageModel, texts: EvaluationSet, measured: Measurement) -> None:
    for item, row in zip(texts.choices, measured.choices.itertuples(), strict=True):
        after = [sequence_losses(model, [[*item.context, *e]], len(item.context))[0] for e in item.endings]
        alone = [sequence_losses(model, [[*item.opening, *e]], len(item.opening))[0] for e in item.endings]
        gain = [(b - a) / size for a, b, size in zip(after, alone, item.bytes, strict=True)]
        plain = [-a / size for a, size in zip(after, item.bytes, strict=True)]
        assert row.picked == int(np.argmax(gain))
        assert row.correct == (row.picked == item.answer)
        assert row.correct_plain == (int(np.argmax(plain)) == item.answer)
        others = [g for i, g in enumerate(gain) if i != item.answer]
        assert row.margin == pytest.approx(gain[item.answer] - max(others), abs=1e-5)


def test_the_order_of_choices_changes_nothing(model: LanguageModel, texts: EvaluationSet) -> None:
    for number, item in enumerate(texts.choices):
        order = torch.randperm(4, generator=torch.Generator().manual_seed(number)).tolist()
        moved = dataclasses.replace(
            item,
            endings=tuple(item.endings[i] for i in order),
            bytes=tuple(item.bytes[i] for i in order),
            answer=order.index(item.answer),
        )
        (one,), (other,) = (answered(model, [each], Monitor()) for each in (item, moved))
        assert order[other.picked] == one.picked
        assert (other.correct, other.correct_plain) == (one.correct, one.correct_plain)
        assert other.margin == pytest.approx(one.margin, abs=1e-5)


def test_an_item_asked_twice_is_answered_alike(model: LanguageModel, texts: EvaluationSet) -> None:
    doubled = dataclasses.replace(texts, choices=texts.choices + texts.choices, texts=texts.texts + texts.texts)
    found = measure(model, doubled, Monitor())
    for _, group in found.choices.groupby(["language", "item"]):
        assert len(group) == 2
        assert len(group.drop_duplicates()) == 1
    for _, group in found.losses.groupby(["language", "text"]):
        assert group["nll"].max() == pytest.approx(group["nll"].min(), rel=1e-5)
    with pytest.raises(ValueError, match="not unique"):  # Two rows of one name cannot be paired.
        compare(found, found, ["en"])


def test_progress_counts_every_token(model: LanguageModel, texts: EvaluationSet) -> None:
    monitor = Monitor()
    measure(model, texts, monitor)
    assert monitor.done == texts.num_tokens


# How it is kept.


def test_dense_scores_are_cached_and_equal_fresh_ones(
    model: LanguageModel, texts: EvaluationSet, measured: Measurement, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = measure_dense(model, texts, Monitor())
    monkeypatch.setattr(HOME, "measure", lambda *args: pytest.fail("it was measured again"))
    monitor = Monitor()
    vars(model).pop("pads", None)
    cached = measure_dense(model, texts, monitor)
    assert "pads" in vars(model), "tried while the model is dense"
    pd.testing.assert_frame_equal(cached.losses, fresh.losses)
    pd.testing.assert_frame_equal(cached.choices, fresh.choices)
    pd.testing.assert_frame_equal(cached.losses, measured.losses)
    assert monitor.done == texts.num_tokens
    only_greek = measure_dense(model, texts.only("el"), Monitor())
    assert set(only_greek.losses["language"]) == {"el"}
    assert len(list((cache / "dense").iterdir())) == 2


def test_other_weights_texts_or_settings_are_not_mixed_up(texts: EvaluationSet, cache: Path) -> None:
    small = texts.only("en")
    small = dataclasses.replace(small, texts=small.texts[:2], choices=())
    found = {
        name: measure_dense(made, small, Monitor()).losses["nll"].tolist()
        for name, made in {
            "cohere": tiny.language_model("cohere"), "other weights": tiny.language_model("cohere", seed=1),
            "other scale": tiny.language_model("cohere", logit_scale=0.5),  # The same weights.
        }.items()
    }  # fmt: skip
    assert len({tuple(values) for values in found.values()}) == 3
    assert len(list((cache / "dense").iterdir())) == 3


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"losses": {}, "choices": {}}', '{"losses": 3, "choices": 4}'])
def test_a_damaged_cache_is_measured_again(model: LanguageModel, texts: EvaluationSet, cache: Path, damage: str) -> None:
    small = dataclasses.replace(texts.only("en"), choices=())
    fresh = measure_dense(model, small, Monitor())
    for file in (cache / "dense").iterdir():
        file.write_text(damage)
    pd.testing.assert_frame_equal(measure_dense(model, small, Monitor()).losses, fresh.losses)
    assert all(len(json.loads(file.read_text())["losses"]["data"]) == 5 for file in (cache / "dense").iterdir())


def test_a_cache_that_cannot_be_written_is_only_slower(
    model: LanguageModel, texts: EvaluationSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MWANDA_CACHE", str(tmp_path / "file"))
    small = dataclasses.replace(texts.only("en"), choices=())
    assert len(measure_dense(model, small, Monitor()).losses) == 5


# Dense against pruned.


def test_identical_models_differ_by_exactly_nothing(model: LanguageModel, texts: EvaluationSet, measured: Measurement) -> None:
    again = measure(model, texts, Monitor())
    table = compare(measured, again, ["en"])
    for name in ("increase", "increase_se", "increase_low", "increase_high", "accuracy_change"):
        assert (table[name] == 0.0).all(), name
    assert (table["perplexity_ratio"] == 1.0).all()
    assert (table["p_value"] == 1.0).all()
    assert (table["change_low"] < 0).all()
    assert list(table["role"]) == ["calibration", "held-out"]
    assert list(table["name"]) == ["English", "Greek"]
    assert (table["chance"] == 0.25).all()


def by_hand() -> tuple[Measurement, Measurement]:
    losses = pd.DataFrame(
        [("en", "a", 10, 20, 30.0), ("en", "b", 20, 40, 50.0), ("sw", "a", 10, 10, 40.0), ("sw", "b", 30, 30, 90.0)],
        columns=["language", "text", "tokens", "bytes", "nll"],
    )
    choices = pd.DataFrame(
        [("en", "a", 0, 0, True, 0.1, True), ("en", "b", 1, 0, False, -0.1, True)],
        columns=["language", "item", "answer", "picked", "correct", "margin", "correct_plain"],
    )
    after = losses.assign(nll=[36.0, 54.0, 60.0, 130.0]).iloc[::-1].reset_index(drop=True)
    return Measurement(losses, choices), Measurement(after, choices.assign(correct=[False, False], correct_plain=[True, False]))


def test_a_comparison_by_hand() -> None:
    table = compare(*by_hand(), ["sw"]).set_index("language")
    en, sw = table.loc["en"], table.loc["sw"]
    assert (en["dense_loss"], en["pruned_loss"]) == (pytest.approx(80 / 30), pytest.approx(90 / 30))
    assert en["increase"] == pytest.approx(10 / 30)
    # Changes 6 and 4 on 10 and 20 tokens; residuals 6 - 10/3 and 4 - 20/3.
    assert en["increase_se"] == pytest.approx(math.sqrt(2 * ((8 / 3) ** 2 * 2)) / 30)
    assert en["perplexity_ratio"] == pytest.approx(math.exp(1 / 3))
    assert (en["dense_perplexity"], en["ratio_low"]) == (
        pytest.approx(math.exp(8 / 3)),
        pytest.approx(math.exp(en["increase_low"])),
    )
    assert en["dense_bits_per_byte"] == pytest.approx(80 / 60 / math.log(2))
    assert en["dense_nats_per_text"] == 40.0
    assert (en["texts"], en["tokens"], en["bytes"]) == (2, 30, 60)
    assert (en["items"], en["dense_accuracy"], en["pruned_accuracy"], en["accuracy_change"]) == (2, 0.5, 0.0, -0.5)
    assert (en["dense_plain_accuracy"], en["pruned_plain_accuracy"]) == (1.0, 0.5)
    assert sw["increase"] == pytest.approx(60 / 40)
    assert math.isnan(sw["items"])
    assert (en["role"], sw["role"]) == ("held-out", "calibration")
    found = summary(compare(*by_hand(), ["sw"]))
    assert found["mean_increase_calibration"] == pytest.approx(1.5)
    assert found["mean_increase_held_out"] == pytest.approx(1 / 3)
    assert found["mean_increase"] == pytest.approx((1.5 + 1 / 3) / 2)
    assert (found["worst_language"], found["mean_accuracy_change"]) == ("sw", -0.5)
    assert summary(compare(*by_hand(), ["sw", "en"]))["mean_increase_held_out"] is None


def test_planted_damage_is_found_where_it_was_done_and_nowhere_else() -> None:
    """A model that has learnt a little English and Greek; then the Greek bytes' embeddings are overwritten."""
    model = tiny.language_model("llama", tie_word_embeddings=False)
    corpus = short_corpus()
    scored = evaluation_set(model, corpus, max_texts=6, sequence_length=32, with_choices=False)
    learn(model, scored)
    before = measure(model, scored, Monitor())
    assert before.losses["nll"].sum() / before.losses["tokens"].sum() < 4.0
    greek = torch.tensor(
        sorted({i for t in scored.only("el").texts for i in t.ids} - {i for t in scored.only("en").texts for i in t.ids})
    )
    with torch.no_grad():
        model.hf.get_input_embeddings().weight[greek] = 3.0 * torch.randn(len(greek), 32)
    table = compare(before, measure(model, scored, Monitor()), ["en"]).set_index("language")
    assert table.loc["el", "increase_low"] > 0.2
    assert table.loc["en", "increase"] == 0.0


def learn(model: LanguageModel, scored: EvaluationSet, steps: int = 40) -> None:
    ids = torch.full((len(scored.texts), max(len(t.ids) for t in scored.texts)), -100)
    for row, text in enumerate(scored.texts):
        ids[row, : len(text.ids)] = torch.tensor(text.ids)
    model.hf.requires_grad_(True)
    optimiser = torch.optim.Adam(model.hf.parameters(), lr=0.01)
    for _ in range(steps):
        optimiser.zero_grad()
        model.hf(input_ids=ids.clamp_min(0), labels=ids).loss.backward()
        optimiser.step()
    model.hf.requires_grad_(False)


def test_losses_that_are_not_numbers_still_make_a_summary() -> None:
    dense, pruned = by_hand()
    broken = Measurement(pruned.losses.assign(nll=math.nan), pruned.choices)
    found = summary(compare(dense, broken, ["en"]))
    assert found["mean_increase"] is None
    assert found["worst_language"] is None
    half = Measurement(pruned.losses.assign(nll=[math.nan, math.nan, 54.0, 36.0]), pruned.choices)
    assert summary(compare(dense, half, ["en"]))["worst_language"] == "en"
