"""Scoring look by look: the schedule, what intervals cover, when a language is left alone, and that what was scored is what all at once would give."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
import tiny

from mwanda_core.corpora import Corpus, Passage, builtin
from mwanda_core.errors import Cancelled
from mwanda_core.evaluation import EvaluationSet, Measurement, compare, evaluation_set, measure, ratio
from mwanda_core.evaluation.looks import FEWEST, Stand, by_looks, levels
from mwanda_core.evaluation.sets import looks
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return tiny.language_model("llama")


@pytest.fixture(scope="module")
def texts(model: LanguageModel) -> EvaluationSet:
    """Thirteen short texts in two languages, and choices."""

    def short(passage: Passage) -> Passage:
        return dataclasses.replace(passage, sentences=tuple(s[:20] for s in passage.sentences[:2]))

    found = builtin(("en", "el")).evaluation
    corpus = Corpus("short", {code: tuple(map(short, items[:13])) for code, items in found.passages.items()}, True)
    return evaluation_set(model, corpus, max_texts=13, sequence_length=32, with_choices=True)


@pytest.fixture(scope="module")
def whole(model: LanguageModel, texts: EvaluationSet) -> Measurement:
    return measure(model, texts, Monitor())


def dense(whole: Measurement, noise: dict[str, float], right: Sequence[str] = ("en", "el")) -> Measurement:
    """A dense model from which the one scored differs by one nat a token, more or less by `noise` in a language; right in all choices, or in none."""
    drawn = np.random.default_rng(0).normal(size=len(whole.losses))
    spread = whole.losses["language"].map(noise).to_numpy() * drawn
    losses = whole.losses.assign(nll=whole.losses["nll"] - whole.losses["tokens"] * (1 + spread))
    return Measurement(losses, whole.choices.assign(correct=whole.choices["language"].isin(right)))


def test_the_schedule_by_hand() -> None:
    assert [looks(n) for n in (0, 1, 3, 4, 12, 13)] == [(), (1,), (3,), (3, 4), (3, 6, 12), (3, 6, 12, 13)]
    assert levels(12) == pytest.approx((1 - 0.0125, 1 - 0.0125, 1 - 0.025))
    for most in (1, 2, 7, 20, 1000):
        assert sum(1 - level for level in levels(most)) == pytest.approx(0.05)


@pytest.mark.parametrize("skewed", [False, True])
def test_whoever_stops_whenever_is_told_an_interval_that_covers(skewed: bool) -> None:
    """Of 2,000 languages each is left alone by the rule, or by somebody who waits for an effect: nothing at the truth is missed too often."""
    ends, draw = looks(12), np.random.default_rng(1)
    missed_by_rule = missed_by_hope = plain = 0
    for _ in range(2000):
        change = draw.gamma(4, 0.15, 12) - 0.6 if skewed else draw.normal(0, 0.3, 12)
        found = [ratio(change[:n], np.ones(n), level) for n, level in zip(ends, levels(12), strict=True)]
        rule = next((i for i, one in enumerate(found) if ends[i] >= FEWEST and one.high - one.low <= 0.5), len(ends) - 1)
        missed_by_rule += not found[rule].low <= 0 <= found[rule].high
        missed_by_hope += any(not one.low <= 0 <= one.high for one in found)
        plain += any(not one.low <= 0 <= one.high for one in (ratio(change[:n], np.ones(n)) for n in ends))
    # Three standard errors of a share of 0.05 in 2,000 are 0.015; a skewed change costs t-intervals some of their level.
    most = 2000 * (0.08 if skewed else 0.065)
    assert missed_by_rule <= missed_by_hope <= most < plain


def test_all_at_once_is_what_measuring_gives(model: LanguageModel, texts: EvaluationSet, whole: Measurement) -> None:
    *_, last = by_looks(model, texts, whole, 0.0, monitor := Monitor())
    pd.testing.assert_frame_equal(last.measured.losses, whole.losses)
    pd.testing.assert_frame_equal(last.measured.choices, whole.choices)
    assert (last.texts, last.left, last.ended, last.notes(0.0)) == ({"en": 13, "el": 13}, 0, False, [])
    assert monitor.done == texts.num_tokens
    assert list(compare(whole, last.measured, ["en"], last.levels)["level"]) == [0.95, 0.95]


def test_a_language_is_left_alone_when_its_interval_is_narrow(
    model: LanguageModel, texts: EvaluationSet, whole: Measurement
) -> None:
    given = dense(whole, {"en": 0.01, "el": 1.0}, right=("el",))
    stands = list(by_looks(model, texts, given, 0.1, monitor := Monitor()))
    last = stands[-1]
    assert [one.texts for one in stands[:5]] == [{"en": n, "el": m} for n, m in ((3, 3), (6, 3), (6, 6), (6, 12), (6, 13))]
    assert (last.last, last.ended, last.unasked) == (True, False, ("en",))
    assert set(last.measured.choices["language"]) == {"el"}
    assert last.levels == {"en": levels(13)[1], "el": levels(13)[3]}
    assert last.halves["en"] <= 0.1 < last.halves["el"]
    assert monitor.done == texts.num_tokens
    # Bit for bit what all at once would have given of them.
    for code, count in last.texts.items():
        ours, all_ = (one.losses[one.losses["language"] == code].set_index("text")["nll"] for one in (last.measured, whole))
        assert len(ours) == count
        assert (ours == all_[ours.index]).all()
    table = compare(given, last.measured, ["en"], last.levels).set_index("language")
    assert (table.loc["en", "increase_high"] - table.loc["en", "increase_low"]) / 2 == pytest.approx(last.halves["en"])
    assert table.loc["en", "texts"] == 6
    said = " ".join(last.notes(0.1))
    assert "6 to 13 of them" in said
    assert "wider than that for Greek" in said
    assert "no better than by guessing: English" in said


def test_enough_ends_it_and_the_count_repeats_it(model: LanguageModel, texts: EvaluationSet, whole: Measurement) -> None:
    given = dense(whole, {"en": 1.0, "el": 1.0})
    asked: list[bool] = []

    def enough() -> bool:
        asked.append(True)
        return len(asked) == 3

    *_, ended = by_looks(model, texts, given, 0.1, monitor := Monitor(is_enough=enough))
    *_, again = by_looks(model, texts, given, 0.1, Monitor(), ended.steps)
    assert (ended.steps, ended.ended, ended.texts) == (3, True, {"en": 6, "el": 6})
    assert "ended early" in " ".join(ended.notes(0.1))
    assert monitor.done == texts.num_tokens
    assert facts(ended) == facts(again)
    pd.testing.assert_frame_equal(ended.measured.losses, again.measured.losses)
    # At once, it ends after the first look at every language, and not where all texts were asked for at once.
    *_, first = by_looks(model, texts, given, 0.1, Monitor(is_enough=lambda: True))
    assert first.texts == {"en": 3, "el": 3}
    *_, all_ = by_looks(model, texts, given, 0.0, Monitor(is_enough=lambda: True), 1)
    assert (all_.texts, all_.ended) == ({"en": 13, "el": 13}, False)


def facts(stand: Stand) -> dict[str, object]:
    return {**stand.facts(), "halves": stand.halves}


def test_nothing_to_score_is_one_empty_stand(model: LanguageModel, texts: EvaluationSet, whole: Measurement) -> None:
    nothing = dataclasses.replace(texts, texts=(), choices=())
    for precision in (0.0, 0.2):
        *_, last = by_looks(model, nothing, whole, precision, Monitor())
        assert (last.last, last.texts, len(last.measured.losses), last.notes(precision)) == (True, {}, 0, [])


def test_a_cancel_takes_effect_between_any_two_pieces(model: LanguageModel, texts: EvaluationSet, whole: Measurement) -> None:
    calls = iter(range(1000))
    with pytest.raises(Cancelled):
        list(by_looks(model, texts, dense(whole, {"en": 1.0, "el": 1.0}), 0.1, Monitor(is_cancelled=lambda: next(calls) > 8)))
