"""Protecting a language: limits, knobs, what is measured once, and the words that say what it cost."""

import dataclasses
import math
from typing import Any

import kept
import pytest
import tiny

from mwanda_core.engine import measure as measuring
from mwanda_core.errors import Cancelled, InputError
from mwanda_core.methods.recipes import recipe
from mwanda_core.progress import Monitor, Progress
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.settings import GUARD
from mwanda_core.sweeps.probe import axes_of, families, starts, variant
from mwanda_core.sweeps.protect import Protection, SearchPlan, nats, protect

BASE = dataclasses.replace(kept.SMALL, method="wanda", eval_texts=2)
CODES = ("en", "el")


@pytest.fixture(scope="module")
def found() -> Protection:
    """One small search that several tests look at."""
    return protect(kept.bench_of(tiny.language_model()), BASE, {"el": nats(5)}, SearchPlan(tries=5, texts=2, across=False))


def test_percent_and_nats() -> None:
    assert nats(0) == 0.0
    assert math.exp(nats(10)) == pytest.approx(1.1)
    for wrong in (-1.0, math.nan, math.inf):
        with pytest.raises(InputError, match="0 % or more"):
            nats(wrong)


def test_knobs_by_hand() -> None:
    limits = {"el": 0.1}
    assert [axis.name for axis in axes_of(recipe("wanda"), CODES, limits)] == ["weight el"]
    names = [axis.name for axis in axes_of(recipe("m-wanda"), CODES, limits)]
    assert names == ["activation.lam", "activation.gamma", "allocation.strength"]
    assert {"score.power"} <= {axis.name for axis in axes_of(recipe("ria"), CODES, limits)}
    assert axes_of(recipe("wanda"), ("el",), limits) == ()
    for axis in axes_of(recipe("m-ria"), CODES, limits):
        assert axis.low <= axis.start <= axis.high
    assert [len(families(recipe(name), CODES)) for name in ("wanda", "training-share", "m-wanda", "maximum")] == [1, 1, 2, 2]


def test_a_point_is_a_recipe() -> None:
    assert variant(recipe("wanda"), {"weight el": 0.0}, CODES) == recipe("wanda")
    weighted = variant(recipe("wanda"), {"weight el": 2.0}, CODES).activation
    assert weighted.language_weights(CODES).tolist() == pytest.approx([0.2, 0.8])  # type: ignore[attr-defined]
    shares = recipe("training-share")
    before = shares.activation.language_weights(CODES)  # type: ignore[attr-defined]
    after = variant(shares, {"weight el": 1.0}, CODES).activation.language_weights(CODES)  # type: ignore[attr-defined]
    assert float(after[1] / after[0]) == pytest.approx(2 * float(before[1] / before[0]), rel=1e-6)
    moved = variant(recipe("m-wanda"), {"activation.lam": 2.0, "allocation.strength": 0.05}, CODES)
    assert (moved.activation.lam, moved.allocation.strength) == (2.0, 0.05)  # type: ignore[attr-defined]


def test_what_a_search_leaves(found: Protection) -> None:
    probes = found.probes
    assert len(probes) == 5
    assert set(probes) >= {"weight el", "increase en", "increase el", "over", "mean", "worst", "front", "activation"}
    assert probes["weight el"].iloc[0] == 0.0  # The starting recipe is the first try.
    for row in probes.to_dict(orient="records"):
        assert row["worst"] == max(row["increase en"], row["increase el"])
        assert row["over"] == pytest.approx(max(0.0, row["increase el"] - nats(5)))
    best = min(probes.to_dict(orient="records"), key=lambda row: (row["over"], row["worst"], row["mean"]))
    chosen = recipe(found.settings.method)
    assert chosen == dataclasses.replace(variant(recipe("wanda"), {"weight el": best["weight el"]}, CODES))
    assert found.after.report.facts["recipe"] == chosen.to_dict()
    assert found.before.report.facts["recipe"] == recipe("wanda").to_dict()
    assert bool(probes["front"].any())


def test_the_verdict_is_on_texts_the_search_never_saw(found: Protection) -> None:
    table = found.after.report.tables["languages"].set_index("language")
    assert found.kept == (table.loc["el", "increase"] <= nats(5))
    assert found.words[1].startswith("Greek: perplexity times ")
    assert any(word.startswith("English: ") for word in found.words)
    assert any(word.startswith("Swahili: ") for word in found.words)  # Held out, and still told.
    used = {name for names in found.after.report.facts["calibration"]["passages"].values() for name in names}
    assert not used & set(found.after.report.tables["texts"]["text"])


def test_it_repeats(found: Protection) -> None:
    again = protect(kept.bench_of(tiny.language_model()), BASE, {"el": nats(5)}, SearchPlan(tries=5, texts=2, across=False))
    assert again.probes.equals(found.probes)
    assert again.settings == found.settings


def test_statistics_are_measured_once_and_the_model_is_dense_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny.language_model()
    before = tiny.all_bytes(model)
    calls = []
    real = measuring.measure_model
    for room in ("run.experiment", "engine.pruning"):
        monkeypatch.setattr(f"mwanda_core.{room}.measure_model", lambda *args: (calls.append(1), real(*args))[1])
    seen: list[Progress] = []
    protect(
        kept.bench_of(model),
        dataclasses.replace(BASE, method="m-wanda"),
        {"el": 0.1},
        SearchPlan(tries=3, texts=1, across=False),
        Monitor(seen.append),
    )
    assert calls == [1]
    assert tiny.all_bytes(model) == before
    assert seen[-1].fraction == pytest.approx(1.0, abs=0.05)
    stages = {progress.stage.partition(": ")[0] for progress in seen if progress.stage.startswith("Try ")}
    assert stages == {"Try 1 of 3", "Try 2 of 3", "Try 3 of 3"}  # As many as were asked for, whatever the number of families.


def test_a_cancelled_search_leaves_every_bit() -> None:
    model = tiny.language_model()
    before = tiny.all_bytes(model)
    for stage in ("Measuring the dense model", "Try 1 of 2: Pruning", "Try 2 of 2: Scoring", "Recipe found"):
        stages: list[str] = []
        seen = Monitor(lambda p, s=stages: s.append(p.stage), lambda s=stages, stage=stage: any(x.startswith(stage) for x in s))
        with pytest.raises(Cancelled):
            protect(kept.bench_of(model), BASE, {"el": 0.1}, SearchPlan(tries=2, texts=1), seen)
        assert tiny.all_bytes(model) == before, stage


@pytest.mark.parametrize(
    ("changes", "how", "said"),
    [
        ({}, {"limits": {}}, "at least one language to protect"),
        ({}, {"limits": {"sw": 0.1}}, "sw cannot be protected without calibrating on it"),
        ({}, {"limits": {"el": -0.1}}, "el=-0.1"),
        ({}, {"limits": {"el": math.nan}}, "el=nan"),
        ({}, {"goal": "best"}, "one of worst, mean"),
        ({}, {"texts": 0}, "at least one text"),
        ({}, {"kind": "best"}, "one of coordinate"),
        ({}, {"tries": 0}, "at least one try"),
        ({"languages": ("el",)}, {}, "no knob that favours a language"),
        ({"method": "sparsegpt"}, {}, "every try would cost a whole run"),
        ({"sparsity": 1.5}, {}, "Sparsity must lie"),
    ],
)
def test_what_cannot_be_protected(changes: dict[str, object], how: dict[str, object], said: str) -> None:
    plan = dict(how)
    limits: Any = plan.pop("limits", {"el": 0.1})
    with pytest.raises(InputError, match=said):
        protect(Workbench() if not changes and "kind" not in how and "tries" not in how else kept.bench_of(tiny.language_model()),
                dataclasses.replace(BASE, **changes), limits, SearchPlan(**plan))  # type: ignore[arg-type]  # fmt: skip


def test_a_search_across_methods_starts_from_kept_runs_too_and_names_the_winner() -> None:
    bench = kept.bench_of(tiny.language_model())
    ria = bench.run(dataclasses.replace(BASE, method="ria")).report
    other = bench.run(dataclasses.replace(BASE, method="gradient")).report
    elsewhere = bench.run(dataclasses.replace(BASE, method="magnitude", sparsity=0.3)).report
    tried = list(starts(BASE, recipe("wanda"), [ria, other, elsewhere]))
    assert [(found.name, guard) for found, guard in tried] == [
        ("wanda", GUARD),
        ("ria", 0.0),
        ("m-wanda", 0.0),
        ("m-ria", 0.0),
        ("maximum", 0.0),
    ]
    uneven = [(found.allocation.title, guard) for found, guard in starts(BASE, recipe("m-wanda"), [])][:2]
    assert uneven == [("Uniform", 0.0), ("Cross-lingual correlation (M-Wanda)", GUARD)]
    found = protect(bench, BASE, {"el": 0.0}, SearchPlan(tries=8, texts=1), known=[ria])
    assert {"Wanda", "RIA", "M-Wanda"} <= set(found.probes["method"])
    assert set(found.probes["guard"]) == {0.0, GUARD}
    row = found.probes[found.probes["taken"]].iloc[0]
    assert found.settings.guard == row["guard"]
    assert found.after.report.facts["recipe"]["title"] == row["method"]
    assert row["method"] in found.words[0]
    best = min(found.probes.to_dict(orient="records"), key=lambda one: (one["over"], one["worst"], one["mean"]))
    assert (row["over"], row["worst"]) == (best["over"], best["worst"])
    assert found.words[0].startswith("None of 8 tries") == (row["over"] > 0)
    assert ("nearest miss" in found.words[0]) == (row["over"] > 0)
