"""Correction: what is undesired as text, relevance against finite differences, the top that is spared, the tables."""

from pathlib import Path

import pytest
import tiny
import torch

from mwanda_core.corpora import Corpus, Passage, Texts
from mwanda_core.errors import InputError, TextError
from mwanda_core.insight.mlps import find_mlps
from mwanda_core.progress import Monitor
from mwanda_core.run.settings import Settings
from mwanda_core.studies.circuits.components import downs
from mwanda_core.studies.correction import Correction
from mwanda_core.studies.correction.behaviours import (
    Sample,
    halves,
    listed_words,
    occurrences,
    uniqueness,
    word_list,
    wrong_language,
)
from mwanda_core.studies.correction.measure import corrected
from mwanda_core.studies.correction.remove import (
    at_random,
    candidates,
    chosen,
    listed_mass,
    log_probabilities,
    relevance,
    without,
)

MODEL = tiny.language_model("gemma3_text")
MLPS = find_mlps(MODEL)
SAMPLES = (Sample("en", (1, 10, 20, 30, 40), 3), Sample("en", (1, 11, 21, 31), 2), Sample("de", (1, 50, 60, 70, 71), 2))


def corpus(count: int = 6) -> Corpus:
    """Two languages with parallel passages of two sentences."""
    made = {
        code: tuple(Passage(f"p{i}", code, (f"{word} number {i} is here.", f"And {word} {i} goes on.")) for i in range(count))
        for code, word in (("en", "text"), ("de", "Satz"))
    }
    return Corpus("made", made, parallel=True)


def test_log_probabilities_are_the_models_own() -> None:
    found = log_probabilities(MODEL, SAMPLES, Monitor())
    ids = torch.tensor([SAMPLES[2].ids])
    logs = MODEL.hf(input_ids=ids).logits[0].log_softmax(dim=-1)
    wanted = torch.stack([logs[place - 1, ids[0, place]] for place in range(2, 5)]).mean()
    assert found["de"] == pytest.approx(float(wanted), rel=1e-4)


def test_relevance_tells_which_neuron_helps() -> None:
    """The sum over languages' samples, and a neuron without outgoing weights has none."""
    model = tiny.language_model("llama", seed=2)
    mlps = find_mlps(model)
    downs(model, mlps)[0].weight[:, 7] = 0
    found = relevance(model, mlps, SAMPLES, Monitor())
    assert set(found) == {"en", "de"}
    assert float(found["en"][7]) == 0.0
    assert float(found["en"].abs().max()) > 0.0
    one = relevance(model, mlps, SAMPLES[:1], Monitor())["en"] + relevance(model, mlps, SAMPLES[1:2], Monitor())["en"]
    torch.testing.assert_close(found["en"], one / 2)


def test_the_general_top_is_never_removed_and_ties_go_by_index() -> None:
    general = {"en": torch.tensor([5.0, -9.0, 1.0, 0.0]), "de": torch.tensor([0.0, 0.0, 7.0, 1.0])}
    allowed = candidates(general, 0.25)
    assert allowed.tolist() == [True, False, False, True]
    undesired = torch.tensor([6.0, 99.0, 99.0, 2.0])
    assert chosen(undesired, general["en"], allowed, 1).tolist() == [False, False, False, True]
    assert chosen(undesired, general["en"], allowed, 9).tolist() == allowed.tolist()
    assert int((at_random(allowed, 1, 0) & ~allowed).sum()) == 0


def test_removing_nothing_is_the_model_and_removing_is_undone() -> None:
    before = log_probabilities(MODEL, SAMPLES, Monitor())
    count = sum(mlp.neurons for mlp in MLPS)
    with without(MODEL, MLPS, torch.zeros(count, dtype=torch.bool)):
        assert log_probabilities(MODEL, SAMPLES, Monitor()) == before
    with without(MODEL, MLPS, torch.ones(count, dtype=torch.bool)):
        assert log_probabilities(MODEL, SAMPLES, Monitor()) != before
    assert log_probabilities(MODEL, SAMPLES, Monitor()) == before


def test_samples() -> None:
    assert uniqueness([1, 2, 1, 2]) == 0.5
    first, second = halves(SAMPLES)
    assert [s.language for s in first] == ["en", "de"]
    assert [s.language for s in second] == ["en"]
    found = wrong_language(MODEL, corpus(), 2)
    assert MODEL.tokenizer.decode(found[0].ids[found[0].first :]).startswith(" And Satz 0"[:10])
    assert MODEL.tokenizer.decode(found[2].ids[found[2].first :]).startswith(" And text 0"[:10])
    with pytest.raises(InputError, match="at least two languages"):
        wrong_language(MODEL, corpus().select(("en",)), 2)


def test_lists_of_words(tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text("darn\n\ndarn\nheck\n", encoding="utf-8")
    (tmp_path / "de.json").write_text('[\n "Mist",\n "Kram"\n]\n', encoding="utf-8")
    assert word_list(tmp_path / "en.txt") == ("darn", "heck")
    assert word_list(tmp_path / "de.json") == ("Mist", "Kram")
    found = listed_words(MODEL, corpus(), tmp_path, 3)
    assert [MODEL.tokenizer.decode(one.ids[one.first :]) for one in found[:3]] == [" darn", " heck", " darn"]
    (tmp_path / "de.json").unlink()
    with pytest.raises(TextError, match="no list of words for 'de'"):
        listed_words(MODEL, corpus(), tmp_path, 3)
    with pytest.raises(InputError, match="needs a list"):
        Correction(behaviour="words").check(Settings())


def test_listed_words_are_counted_whole_and_in_any_case() -> None:
    assert occurrences("Darn it, DARN! But not darning.", "en", ("darn", "heck")) == 2
    assert occurrences("这真糟糕糟糕", "zh", ("糟糕",)) == 2
    assert occurrences("a.b axb", "en", ("a.b",)) == 1


def test_the_mass_on_listed_words_is_the_models_own() -> None:
    found = listed_mass(MODEL, corpus(), 2, {"en": ("darn", "day"), "de": ("Mist",)})
    wanted = []
    for passage in corpus().passages["en"][:2]:
        ids = torch.tensor([[*MODEL.start, *MODEL.encode(passage.text)[:24]]])
        wanted.append(MODEL.hf(input_ids=ids).logits[0, -1].softmax(dim=-1)[MODEL.encode(" ")[0]])
    assert found["en"] == pytest.approx(float(torch.stack(wanted).mean()), rel=1e-3)
    assert set(found) == {"en", "de"}


def test_every_other_behaviour_stands_beside_the_one_removed(tmp_path: Path) -> None:
    for code in ("en", "de"):
        (tmp_path / f"{code}.txt").write_text("darn\n", encoding="utf-8")
    study = Correction(languages="en,de", neurons=5, samples=4, words=str(tmp_path), draws=2)
    tables = corrected(MODEL, study, Texts(corpus(), corpus(8)), Monitor())
    assert set(tables["correction_behaviour"]["found_in"]) == {"en", "de", "all", "random", "random 2"}
    # A random model of a byte each repeats itself, and lists are there to be counted.
    assert set(tables["correction_others"]["behaviour"]) == {"repetition", "words"}
    writing = tables["correction_writing"]
    assert writing["listed_mass"].between(0, 1).all()
    assert (writing["listed"] >= 0).all()
    dense = writing[writing["found_in"] == "dense"].set_index("language")
    assert (dense["repeating"] == (dense["uniqueness"] < 0.5)).all()


def test_the_whole_study() -> None:
    before = tiny.all_bytes(MODEL)
    study = Correction(languages="en,de", neurons=5, samples=4)
    tables = corrected(MODEL, study, Texts(corpus(), corpus(8)), Monitor())
    assert tiny.all_bytes(MODEL) == before
    declared = {spec.name: spec for spec in study.tables}
    assert set(tables) == set(declared)
    for name, table in tables.items():
        assert set(declared[name].columns) == set(table.columns), name
    assert set(tables["correction_behaviour"]["found_in"]) == {"en", "de", "all", "random"}
    assert (tables["correction_behaviour"]["neurons"] == 5).all()
    places = tables["correction_places"].groupby("found_in")["neurons"].sum()
    assert (places == 5).all()
