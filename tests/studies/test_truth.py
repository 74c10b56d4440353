"""Truth: probes on planted directions and none, TTPD against its equations, protocols on states that are made, the whole study."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
import torch

from mwanda_core.corpora.statements import Statement, statements
from mwanda_core.errors import InputError, UnknownName
from mwanda_core.models import LanguageModel
from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.settings import Settings
from mwanda_core.studies.truth import Truth
from mwanda_core.studies.truth.accuracy import Sayings, between_languages, left_out_rows, sayings, topic_rows
from mwanda_core.studies.truth.measure import answers, asked_of, fit_blocks
from mwanda_core.studies.truth.probes import PROBES, by_subject, directions, probe
from mwanda_core.studies.truth.statement import OneStatement
from mwanda_core.tasks import hub

pytest.importorskip("sklearn")


def planted(n: int, hidden: int, truth: float, polarity: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noise with tau along one axis and tau times pi along another."""
    draw = np.random.default_rng(seed)
    true, negated = draw.integers(0, 2, n).astype(bool), draw.integers(0, 2, n).astype(bool)
    tau, pi = np.where(true, 1.0, -1.0), np.where(negated, -1.0, 1.0)
    x = draw.normal(size=(n, hidden))
    x[:, 0] += truth * tau
    x[:, 1] += polarity * tau * pi
    x[:, 2] += 3 * pi
    return x, true, negated


@pytest.mark.parametrize("name", PROBES)
def test_a_planted_direction_is_found_and_chance_is_chance(name: str) -> None:
    x, true, negated = planted(400, 20, truth=4.0, polarity=0.0)
    made = probe(name).fit(x[:200], true[:200], negated[:200])
    assert ((made.score(x[200:]) > 0) == true[200:]).mean() > 0.95
    dealt = np.random.default_rng(1).permutation(true)
    made = probe(name).fit(x[:200], dealt[:200], negated[:200])
    assert 0.35 < ((made.score(x[200:]) > 0) == dealt[200:]).mean() < 0.65


def test_only_ttpd_tells_truth_from_polarity() -> None:
    """Fitted on affirmative statements a probe follows tau pi too, and reads negations backwards; TTPD sees both and does not."""
    x, true, negated = planted(800, 20, truth=1.0, polarity=4.0)
    affirmative = ~negated
    plain = probe("logistic").fit(x[affirmative], true[affirmative], negated[affirmative])
    assert ((plain.score(x[negated]) > 0) == true[negated]).mean() < 0.2
    both = probe("ttpd").fit(x[:400], true[:400], negated[:400])
    assert ((both.score(x[400:]) > 0) == true[400:]).mean() > 0.75


def test_directions_solve_their_equations() -> None:
    x, true, negated = planted(300, 8, truth=2.0, polarity=1.0)
    general, polar = directions(x, true, negated)
    tau, pi = np.where(true, 1.0, -1.0), np.where(negated, -1.0, 1.0)
    design = np.stack([tau, tau * pi], axis=1)
    wanted = np.linalg.inv(design.T @ design) @ design.T @ (x - x.mean(axis=0))
    np.testing.assert_allclose(np.stack([general, polar]), wanted)
    assert np.argmax(np.abs(general)) == 0
    assert np.argmax(np.abs(polar)) == 1


def test_subjects_stay_together() -> None:
    subjects = np.repeat(np.arange(10), 4)
    split = by_subject(subjects, 0.7, 3)
    assert set(subjects[split.train]).isdisjoint(subjects[split.test])
    assert (len(split.train), len(split.test)) == (28, 12)


def made_sayings(languages: tuple[str, ...] = ("en", "de")) -> Sayings:
    """Block 0 knows nothing, block 1 what is true, block 2 the same but in each language along another axis."""
    asked = tuple(one for code in languages for one in statements(code, ["capitals", "elements"]))
    states = torch.randn(3, len(asked), 12, generator=torch.Generator().manual_seed(0))
    for place, one in enumerate(asked):
        states[1, place, 0] += 6.0 if one.true else -6.0
        states[2, place, languages.index(one.language)] += 6.0 if one.true else -6.0
    return Sayings(asked, states)


def test_protocols_on_states_that_are_made() -> None:
    found = made_sayings()
    rows = list(topic_rows(found, found, ["logistic"], 3, torch.ones(len(found.asked), 4)))
    right: dict[Any, float] = {(r["language"], r["topic"], r["block"], r["protocol"]): r["accuracy"] for r in rows}  # type: ignore[misc]
    assert right["en", "capitals", 1, "topic"] > 0.9
    assert right["de", "elements", 1, "negation"] > 0.9
    assert right["en", "capitals", 0, "topic"] < 0.75
    assert right["en", "capitals", 1, "shuffled"] < 0.75
    assert right["en", "capitals", -1, "words"] == 0.5  # The same counts for all: every answer is the same.
    assert all(r["accuracy"] > 0.9 for r in left_out_rows(found, found, ["ttpd"]) if r["block"] == 1)
    shared, own = (
        {(r["trained_on"], r["tested_on"]): r["accuracy"] for r in between_languages(found, found, "logistic", block, 3)}
        for block in (1, 2)
    )
    assert min(shared.values()) > 0.9
    assert own["en", "en"] > 0.9
    assert own["en", "de"] < own["en", "en"] - 0.1  # type: ignore[operator]


def test_a_sentence_of_ones_own() -> None:
    model = tiny.language_model()
    asked = (Statement("t", "en", "yes.", True, False, 0), Statement("t", "en", "no.", False, False, 1)) * 3
    found = sayings(model, asked)
    said = answers(model, fit_blocks(found, "mass-mean"), "yes.")
    assert said["block"].tolist() == [0, 1, 2]
    assert said["true"].all()
    assert not answers(model, fit_blocks(found, "mass-mean"), "no.")["true"].any()
    with pytest.raises(InputError, match="nothing to judge"):
        answers(model, fit_blocks(found, "mass-mean"), "  ")


@contextlib.contextmanager
def bench_of(model: LanguageModel) -> Iterator[Workbench]:
    bench = Workbench()
    bench.adopt(model, "tiny")
    yield bench


def test_the_whole_study(tmp_path: Any) -> None:
    for code in ("en", "de"):
        (tmp_path / f"{code}.txt").write_text(
            "\n".join(f"{code} text number {i} says this and that." for i in range(60)), encoding="utf-8"
        )
    model = tiny.language_model()
    before, monitor = tiny.all_bytes(model), Monitor()
    study = Truth(
        languages="en,de",
        topics="capitals,words",
        methods="wanda,tplo",
        probes="logistic,ttpd",
        resamples=2,
        calibration="half",
    )
    settings = Settings(
        model="tiny", languages=("en", "de"), sparsity=0.5, tokens_per_language=256, sequence_length=64, texts=str(tmp_path)
    )
    with bench_of(model) as bench:
        found = study.run(bench, settings, monitor)
    assert tiny.all_bytes(model) == before
    assert monitor.done > 0
    declared = {spec.name: spec for spec in study.tables}
    assert set(found.tables) == set(declared)
    for name, table in found.tables.items():
        assert set(declared[name].columns) == set(table.columns), name
        assert len(table) > 0
    summary = found.tables["truth_summary"]
    assert set(summary["model"]) == {"dense", "wanda", "tplo"}
    assert set(summary["fitted_on"]) == {"itself", "dense"}
    assert found.tables["truth_probes"]["accuracy"].between(0, 1).all()
    allocation = found.tables["truth_allocation"].groupby("model")["sparsity"].mean()
    assert allocation.to_numpy() == pytest.approx(0.5, abs=1e-6)
    assert "verdicts" in found.facts["calibration"]


def test_settings_that_cannot_be() -> None:
    for wrong, message in (
        ({"probes": "oracle"}, "probe"),
        ({"languages": "xh"}, "no built-in statements"),
        ({"methods": "hope"}, "method"),
    ):
        with pytest.raises(InputError, match=message):
            Truth(**wrong).check(Settings())
    with pytest.raises(UnknownName, match="logistic, mass-mean, ttpd"):
        probe("oracle")


def test_one_sentence_is_asked_of_the_dense_and_the_pruned_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    model, bench = tiny.language_model("llama"), Workbench()
    bench.adopt(model, "tiny")
    before = tiny.all_bytes(model)
    settings = Settings(
        model="tiny", languages=("en",), held_out=(), tokens_per_language=128, sequence_length=32, eval_texts=2, choices=False, method="magnitude"
    )  # fmt: skip
    study = OneStatement(languages="en", topics="capitals", probe="mass-mean", statement="Paris: a city.")
    table = study.run(bench, settings, Monitor()).tables["statement_blocks"]
    assert tiny.all_bytes(model) == before
    kinds = dict(iter(table.groupby("model", sort=False)))
    assert [len(rows) for rows in kinds.values()] == [len(model.blocks)] * 3
    dense, pruned, old = (rows["leaning"].to_numpy() for rows in kinds.values())
    assert (dense != pruned).any()
    assert (pruned != old).any()
    assert table["accuracy"].between(0, 1).all()
    with pytest.raises(InputError, match="nothing to judge"):
        OneStatement(statement=" ").check(settings)


def test_published_sets_from_where_they_are_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of the Hub are read as those of files; what is not published is said."""
    asked: list[str] = []

    def fake(repository: str, config: str | None, split: str, file: str = "", options: Any = None) -> Iterator[dict[str, Any]]:
        asked.append(file)
        if "BMLAMA" in file:
            return iter(
                [
                    {"Prompt": f"P{n} lives in <mask>.", "Ans": ("Rom", "Wien", "Bern")[n % 3], "Subject": f"P{n}"}
                    for n in range(30)
                ]
            )
        return iter(
            [
                {"statement": "Rome is in Italy.", "label": 1, "city": "Rome"},
                {"statement": "Rome is in Peru.", "label": 0, "city": "Rome"},
            ]
        )

    monkeypatch.setattr(hub, "_load", fake)
    found = asked_of(Truth(folder="hub", topics="cities", languages="de"), ["de"])
    assert [name.rpartition("/")[2] for name in asked] == ["cities_de.csv", "neg_cities_de.csv"]
    assert all(name.startswith("https://raw.githubusercontent.com/sciai-lab/") for name in asked)
    assert [(one.true, one.negated, one.subject) for one in found] == [
        (True, False, 0),
        (False, False, 0),
        (True, True, 0),
        (False, True, 0),
    ]
    assert len(asked_of(Truth(folder="hub"), ["en"])) == 6 * 4
    facts = asked_of(Truth(folder="bmlama"), ["en", "sv"])
    assert {one.topic for one in facts} == {"[X] lives in <mask>."}
    assert len(facts) == 2 * 2 * 30
    with pytest.raises(InputError, match="no published statements in 'sw'; there are in en, de"):
        asked_of(Truth(folder="hub"), ["sw"])
    with pytest.raises(InputError, match="no published statements about 'cats'"):
        asked_of(Truth(folder="hub", topics="cats"), ["en"])
