"""Runs side by side: signed differences on the same texts, by hand, by law and by a slow definition; and what is not compared."""

import dataclasses
import math

import kept
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mwanda_core.after.comparison import compare_runs
from mwanda_core.errors import InputError, RunError
from mwanda_core.store.report import RunReport


def shifted(id: str, shift: float, **settings: object) -> RunReport:
    return dataclasses.replace(kept.report(id, **settings), tables=kept.tables(shift))


def test_by_hand() -> None:
    found = compare_runs([shifted("a", 0.0), shifted("b", 0.25, sparsity=0.6)])
    assert (found.baseline, found.runs, found.notes) == ("a", ("a", "b"), ())
    table = found.languages.set_index(["run", "language"])
    for code in ("en", "sw"):
        row = table.loc[("b", code)]
        assert row["texts"] == 3
        for name in ("loss_difference", "loss_low", "loss_high"):  # Every token lost the same: no spread.
            assert row[name] == pytest.approx(0.25)
        assert row["perplexity_quotient"] == pytest.approx(math.exp(0.25))
        assert row["ratio_difference"] == pytest.approx(row["ratio"] - table.loc[("a", code), "ratio"])
        assert (row["items"], row["accuracy_difference"], row["p_value"]) == (4, 0.0, 1.0)
        assert table.loc[("a", code), "loss_difference"] == 0.0
    assert found.settings["setting"].tolist() == ["sparsity"]
    assert found.settings[["a", "b"]].to_numpy().tolist() == [["0.5", "0.6"]]
    assert found.layers["b difference"].tolist() == [0.0, 0.0, 0.0]


def test_differences_of_accuracy_by_hand() -> None:
    other = shifted("b", 0.0)
    other.tables["choices"]["correct_pruned"] = True
    row = compare_runs([shifted("a", 0.0), other]).languages.set_index(["run", "language"]).loc[("b", "en")]
    assert (row["accuracy_difference"], row["p_value"]) == (0.5, 0.5)
    assert row["accuracy_low"] < 0.5 < row["accuracy_high"]


def noisy(id: str, seed: int) -> RunReport:
    found, draw = kept.report(id), np.random.default_rng(seed)
    texts = found.tables["texts"]
    return dataclasses.replace(
        found,
        tables={**found.tables, "texts": texts.assign(nll_pruned=texts["nll_pruned"] * draw.uniform(0.9, 1.3, len(texts)))},
    )


def test_the_interval_by_its_definition() -> None:
    one, two = noisy("a", 1), noisy("b", 2)
    row = compare_runs([one, two]).languages.set_index(["run", "language"]).loc[("b", "sw")]
    pairs = []
    for left in one.tables["texts"].to_dict(orient="records"):
        for right in two.tables["texts"].to_dict(orient="records"):
            if left["language"] == right["language"] == "sw" and left["text"] == right["text"]:
                pairs.append((right["nll_pruned"] - left["nll_pruned"], left["tokens"]))
    tokens = sum(n for _, n in pairs)
    mean = sum(d for d, _ in pairs) / tokens
    se = math.sqrt(len(pairs) / (len(pairs) - 1) * sum((d - mean * n) ** 2 for d, n in pairs)) / tokens
    reach = stats.t.ppf(0.975, len(pairs) - 1) * se
    assert row["loss_difference"] == pytest.approx(mean)
    assert row["loss_low"] == pytest.approx(mean - reach)
    assert row["quotient_high"] == pytest.approx(math.exp(mean + reach))


def test_the_other_way_round_is_the_same_with_the_other_sign() -> None:
    runs = [noisy("a", 1), noisy("b", 2), noisy("c", 3)]
    there = compare_runs(runs, 0).languages.set_index(["run", "language"])
    back = compare_runs(runs, 1).languages.set_index(["run", "language"])
    for code in ("en", "sw"):
        assert there.loc[("b", code), "loss_difference"] == pytest.approx(-back.loc[("a", code), "loss_difference"])
        assert there.loc[("b", code), "loss_low"] == pytest.approx(-back.loc[("a", code), "loss_high"])
        assert there.loc[("b", code), "perplexity_quotient"] * back.loc[("a", code), "perplexity_quotient"] == pytest.approx(
            1.0
        )
        # Differences add up along a path.
        step = back.loc[("c", code), "loss_difference"] + there.loc[("b", code), "loss_difference"]
        assert there.loc[("c", code), "loss_difference"] == pytest.approx(step)


def test_order_of_rows_does_not_matter() -> None:
    other = noisy("b", 2)
    mixed = dataclasses.replace(other, tables={**other.tables, "texts": other.tables["texts"].sample(frac=1.0, random_state=1)})
    pd.testing.assert_frame_equal(
        compare_runs([noisy("a", 1), other]).languages, compare_runs([noisy("a", 1), mixed]).languages
    )


@pytest.mark.parametrize("column", ["text", "tokens", "bytes"])
def test_other_texts_are_flagged_and_not_compared(column: str) -> None:
    other = shifted("b", 0.25)
    texts = other.tables["texts"].copy()
    texts.loc[0, column] = "other" if column == "text" else 11
    found = compare_runs([shifted("a", 0.0), dataclasses.replace(other, tables={**other.tables, "texts": texts})])
    table = found.languages.set_index(["run", "language"])
    assert table.loc[("b", "en"), "texts"] == 0
    assert table.loc[("b", "en"), ["loss_difference", "perplexity_quotient", "ratio_difference"]].isna().all()
    assert table.loc[("b", "sw"), "loss_difference"] == pytest.approx(0.25)
    assert len(found.notes) == 1
    assert "did not score the same texts in en" in found.notes[0]


def test_texts_of_one_name_that_the_dense_model_scored_differently() -> None:
    other = shifted("b", 0.25)
    texts = other.tables["texts"].assign(nll_dense=other.tables["texts"]["nll_dense"] * 1.5)
    other = dataclasses.replace(other, tables={**other.tables, "texts": texts})
    found = compare_runs([shifted("a", 0.0), other])
    assert found.languages.set_index("run").loc["b", "loss_difference"].isna().all()
    assert all("the same dense model scored them differently" in note for note in found.notes)
    facts = {**other.facts, "model": {**other.facts["model"], "fingerprint": "another"}}
    assert compare_runs([shifted("a", 0.0), dataclasses.replace(other, facts=facts)]).notes == ()


def test_languages_and_tables_that_one_run_has_not() -> None:
    other = shifted("b", 0.25)
    tables = {name: table[table["language"] == "en"] if "language" in table else table for name, table in other.tables.items()}
    found = compare_runs([shifted("a", 0.0), dataclasses.replace(other, tables=tables)], baseline=1)
    table = found.languages.set_index(["run", "language"])
    assert math.isnan(table.loc[("a", "sw"), "loss_difference"])
    assert table.loc[("a", "en"), "loss_difference"] == pytest.approx(-0.25)
    bare = {"languages": other.tables["languages"], "layers": other.tables["layers"]}
    assert (
        compare_runs([shifted("a", 0.0), dataclasses.replace(other, tables=bare)]).languages["loss_difference"].isna().sum()
        == 2
    )
    for broken in ({"languages": other.tables["languages"].drop(columns="role")}, {"layers": pd.DataFrame({"block": [0]})}):
        with pytest.raises(RunError, match="lacks a table or a column"):
            compare_runs([shifted("a", 0.0), dataclasses.replace(other, tables={**other.tables, **broken})])


def test_layers_that_only_one_run_has() -> None:
    other = shifted("b", 0.0)
    layers = pd.DataFrame({"block": [0, 2], "module": ["a.q", "a.q"], "achieved": [0.7, 0.3]})
    found = compare_runs([shifted("a", 0.0), dataclasses.replace(other, tables={**other.tables, "layers": layers})]).layers
    assert found["block"].tolist() == [0, 0, 1, 2]
    assert found.set_index(["block", "module"]).loc[(0, "a.q"), "b difference"] == pytest.approx(0.2)
    assert found["b difference"].isna().sum() == 3


def test_how_many_can_be_compared() -> None:
    runs = [shifted(name, 0.0) for name in "abcdefg"]
    assert len(compare_runs(runs[:6], 5).languages) == 12
    for few in (runs, runs[:1], []):
        with pytest.raises(InputError, match="Two to six runs"):
            compare_runs(few)
    for place in (-1, 2):
        with pytest.raises(InputError, match="The baseline must be one of the 2 runs"):
            compare_runs(runs[:2], place)
    with pytest.raises(InputError, match="given twice"):
        compare_runs([runs[0], runs[0]])


def test_real_runs() -> None:
    runs = [kept.run_of("wanda")[0].report, kept.run_of("sparsegpt")[0].report]
    found = compare_runs(runs)
    assert found.notes == ()
    own = found.languages[found.languages["run"] == runs[1].id].set_index("language")
    theirs = [run.tables["languages"].set_index("language") for run in runs]
    for code in ("en", "el", "sw"):
        wanted = theirs[1].loc[code, "pruned_loss"] - theirs[0].loc[code, "pruned_loss"]
        assert own.loc[code, "loss_difference"] == pytest.approx(wanted)
    assert {"method", "solver"} <= set(found.settings["setting"])
    assert len(found.layers) == 21
