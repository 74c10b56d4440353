"""Texts, prompts and routing under masks of prompts: laws of the protocols, the controls, and the model given back."""

from collections.abc import Callable

import numpy as np
import pytest
import tiny
import torch

from mwanda_core.corpora import Packed, builtin
from mwanda_core.engine.measure import BlockStats, measure_model
from mwanda_core.errors import Cancelled, InputError
from mwanda_core.evaluation.losses import sequence_losses
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.studies.prompts import protocols
from mwanda_core.studies.prompts.answers import Question, ask, ask_work, language_statistics
from mwanda_core.studies.prompts.protocols import CONDITIONS, Comparison, compare_protocols, increases
from mwanda_core.studies.prompts.routing import RELATIONS, by_relation, routing, routing_work
from mwanda_core.studies.prompts.rules import FREE, PromptRule
from mwanda_core.studies.texts import Window, loss_from, windows


@pytest.fixture
def stats(llama: LanguageModel, calibration: Packed) -> tuple[BlockStats, ...]:
    return measure_model(llama, calibration, FREE, Monitor())


def texts(calibration: Packed, per_language: int = 2) -> list[Window]:
    found = []
    for row, code in enumerate(calibration.languages):
        mine = calibration.ids[calibration.rows == row][:per_language].tolist()
        found += [Window(code, f"{code}#{place}", tuple(ids)) for place, ids in enumerate(mine)]
    return found


def follow() -> tuple[Monitor, Callable[[], float]]:
    monitor = Monitor()
    return monitor, lambda: monitor.done / monitor.total


def test_a_loss_from_a_place_is_the_sum_of_the_token_losses(llama: LanguageModel) -> None:
    ids = tiny.random_ids(1, 12)[0].tolist()
    assert loss_from(llama, ids, 5) == pytest.approx(sequence_losses(llama, [ids], 5)[0], rel=1e-5)


def test_every_condition_answers_for_the_same_tokens(
    llama: LanguageModel, calibration: Packed, stats: tuple[BlockStats, ...]
) -> None:
    before, (monitor, share) = tiny.all_bytes(llama), follow()
    given = texts(calibration)
    table = compare_protocols(llama, given, stats, Comparison((0.5, 1.0), prefix=6), monitor)
    assert tiny.all_bytes(llama) == before
    assert share() == pytest.approx(1.0, abs=0.25)
    assert set(table["condition"]) == set(CONDITIONS)
    assert set(table["tokens"]) == {6}
    per = table[table["condition"] != "dense"].groupby(["active", "condition"])["window"].nunique()
    assert (per == len(given)).all()
    dense = table[table["condition"] == "dense"].set_index("window")["nll"]
    all_active = table[table["active"] == 1.0]
    assert np.allclose(all_active["nll"], dense[all_active["window"]], rtol=1e-5)


def test_masks_of_the_same_text_and_the_whole_window_agree_when_the_prefix_is_everything_seen(
    llama: LanguageModel, calibration: Packed, stats: tuple[BlockStats, ...]
) -> None:
    """A control that takes its own mask is mu-MoE; with one text a language there is no other of the language."""
    single = texts(calibration, per_language=1)
    table = compare_protocols(llama, single, stats, Comparison(prefix=6), Monitor())
    assert "control, same language" not in set(table["condition"])
    assert (table["condition"] == "control, other language").sum() == len(single)


def test_increases_are_paired_over_texts() -> None:
    import pandas as pd

    rows = [("en", w, a, c, 4, 10, n) for w, base in (("x", 10.0), ("y", 40.0)) for a, c, n in ((1.0, "dense", base), (0.5, "wina", base + 5.0), (0.5, "magnitude", base + 7.0))]  # fmt: skip
    table = pd.DataFrame(rows, columns=list(protocols.COLUMNS))
    found = increases(table).set_index("condition")
    assert found.loc["wina", "increase"] == pytest.approx(0.5)
    assert found.loc["wina", "se"] == pytest.approx(0.0)
    assert protocols.against(table, "wina", "magnitude").loc[0, "difference"] == pytest.approx(-0.2)


def test_the_farthest_language_is_the_least_alike(stats: tuple[BlockStats, ...]) -> None:
    far = protocols.farthest(stats)
    assert set(far) == set(tiny.LANGUAGES)
    assert all(code != other for code, other in far.items())


def test_a_prefix_sweep_scores_the_same_tokens_and_a_language_alone_ignores_the_prefix(
    llama: LanguageModel, calibration: Packed, stats: tuple[BlockStats, ...]
) -> None:
    rules = {"mu-moe": PromptRule(0.5), "language": PromptRule(0.5, prior_tokens=float("inf"))}
    table = protocols.prefix_sweep(llama, texts(calibration, 1), stats, (2, 4, 8), rules, Monitor())
    assert set(table["tokens"]) == {4}
    alone = table[table["condition"] == "language"].groupby("window")["nll"].nunique()
    assert (alone == 1).all()
    assert table[table["condition"] == "mu-moe"].groupby("window")["nll"].nunique().gt(1).all()


def test_windows_are_of_one_length_and_both_halves_of_the_corpus_stay_apart(llama: LanguageModel) -> None:
    found = windows(llama, builtin(["en", "sw"]).evaluation, 2, 40)
    assert [w.language for w in found] == ["en", "en", "sw", "sw"]
    assert {len(w.ids) for w in found} == {40}


def test_what_cannot_be_compared_is_refused(llama: LanguageModel, calibration: Packed, stats: tuple[BlockStats, ...]) -> None:
    with pytest.raises(InputError, match="no longer than the prefix of 12"):
        compare_protocols(llama, texts(calibration), stats, Comparison(prefix=12))
    with pytest.raises(InputError, match="There is no condition 'nothing'"):
        Comparison(conditions=("nothing",))


def test_a_routing_map_reads_one_prompt_twice_as_the_same_mask(llama: LanguageModel) -> None:
    same = tuple(tiny.random_ids(1, 12)[0].tolist())
    other = tuple(tiny.random_ids(1, 12, seed=5)[0].tolist())
    prompts = [Window("en", "a", same), Window("de", "a", same), Window("en", "b", other)]
    monitor, share = follow()
    pairs, found = routing(llama, prompts, PromptRule(0.5), monitor)
    assert share() == 1.0
    assert monitor.total == routing_work(prompts)
    by_pair = pairs.set_index(["language", "passage", "other_language", "other_passage"])
    assert by_pair.loc[("en", "a", "de", "a"), "corrected"] == pytest.approx(1.0)
    assert by_pair.loc[("en", "a", "de", "a"), "relation"] == "same content"
    assert by_pair.loc[("en", "a", "en", "b"), "corrected"] < 1.0
    assert set(by_relation(pairs)["relation"]) == set(RELATIONS)
    assert list(found.columns) == ["language", "en", "de", "ceiling"]


def test_a_prompt_is_asked_under_every_condition(llama: LanguageModel) -> None:
    before = tiny.all_bytes(llama)
    stats = language_statistics(llama, ("en", "sw"), 128)
    question = Question("The cat sat on the mat.", "sw", 0.5, new_tokens=3)
    monitor, share = follow()
    table = ask(llama, question, stats, monitor).set_index("condition")
    assert tiny.all_bytes(llama) == before
    assert monitor.total == ask_work(llama, question)
    assert share() == pytest.approx(1.0, abs=0.2)
    assert list(table.index) == ["dense", "static, English", "static, own", "mu-moe", "prior"]
    for condition in ("dense", "static, English", "static, own"):
        assert table.loc[condition, "loss"] == table.loc[condition, "loss_seen"]
    assert table.loc["mu-moe", "loss"] != table.loc["mu-moe", "loss_seen"]


@pytest.mark.parametrize("stop", [3, 5, 9])
def test_a_cancelled_question_leaves_the_model_dense(llama: LanguageModel, stop: int) -> None:
    before, calls = tiny.all_bytes(llama), []
    stats = language_statistics(llama, ("en", "sw"), 128)
    ids = tiny.random_ids(1, 8)
    dense = llama.hidden(ids)
    monitor = Monitor(is_cancelled=lambda: len(calls) > stop, on_progress=calls.append)
    with pytest.raises(Cancelled):
        ask(llama, Question("The cat sat on the mat.", "sw", new_tokens=2), stats, monitor)
    assert tiny.all_bytes(llama) == before
    assert torch.equal(llama.hidden(ids), dense)


def test_a_prompt_too_short_is_refused(llama: LanguageModel) -> None:
    with pytest.raises(InputError, match="at least four tokens"):
        ask(llama, Question("a", "en"), language_statistics(llama, ("en",), 128))


def test_a_language_is_told_from_the_text() -> None:
    pytest.importorskip("py3langid")
    assert Question("Die Katze sitzt auf dem Dach und schaut den Vögeln zu.").told() == "de"
    with pytest.raises(InputError, match="cannot be told"):
        Question("12345").told()
