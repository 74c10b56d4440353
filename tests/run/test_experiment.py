"""The whole job on a tiny model and the built-in texts: load, calibrate, prune, score, report; and what is kept for the next."""

import dataclasses
import itertools
import json
import math
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import tiny
from safetensors.torch import load_file

from mwanda_core.errors import Cancelled, DoesNotFit, InputError, ModelError, TextError, UnknownName
from mwanda_core.models import LanguageModel, memory
from mwanda_core.parts.masks import unpack
from mwanda_core.progress import Monitor, Progress
from mwanda_core.run import experiment
from mwanda_core.run.experiment import Run, Settings, Workbench, default_held_out, settings_from, title_of
from mwanda_core.store.report import TABLES, RunReport, load_report

SMALL = Settings(
    model="tiny", languages=("en", "el"), held_out=("sw",), tokens_per_language=256, sequence_length=64, eval_texts=2
)
PLAIN = dataclasses.replace(SMALL, choices=False)
COLUMNS = {
    "languages": "language name role texts tokens bytes dense_loss pruned_loss increase increase_low increase_high perplexity_ratio "
    "ratio_low ratio_high dense_bits_per_byte items chance dense_accuracy pruned_accuracy accuracy_change p_value",
    "layers": "block module kind outputs inputs weights allocated achieved kept pruned zeros_before note",
    "allocation": "block importance weights sparsity uniform",
    "activations": "language name block input modules rms deviation variance",
    "similarity": "language name other other_name correlation",
    "texts": "language text tokens bytes nll_dense nll_pruned",
    "choices": "language item answer picked_dense picked_pruned correct_dense correct_pruned margin_dense margin_pruned",
}


@pytest.fixture
def model() -> LanguageModel:
    return tiny.language_model("llama")


@pytest.fixture
def bench(model: LanguageModel) -> Workbench:
    found = Workbench()
    found.adopt(model, "tiny")
    return found


@pytest.fixture(scope="module")
def run() -> Run:
    """One run that several tests look at."""
    found = Workbench()
    found.adopt(tiny.language_model("llama"), "tiny")
    return found.run(SMALL)


def test_every_table_is_there(run: Run) -> None:
    assert set(run.report.tables) == set(COLUMNS) < set(TABLES)
    for name, columns in COLUMNS.items():
        assert set(columns.split()) <= set(run.report.tables[name].columns), name
        assert len(run.report.tables[name]) > 0, name


def test_the_tables_agree_with_each_other(run: Run) -> None:
    tables = run.report.tables
    languages = tables["languages"].set_index("language")
    assert list(languages.index) == ["en", "el", "sw"]
    assert list(languages["role"]) == ["calibration", "calibration", "held-out"]
    for code, group in tables["texts"].groupby("language"):
        assert languages.loc[code, "tokens"] == group["tokens"].sum()
        change = (group["nll_pruned"] - group["nll_dense"]).sum() / group["tokens"].sum()
        assert languages.loc[code, "increase"] == pytest.approx(change)
        assert languages.loc[code, "perplexity_ratio"] == pytest.approx(math.exp(change))
    layers = tables["layers"]
    assert len(layers) == 21
    assert (layers["weights"] == layers["outputs"] * layers["inputs"]).all()
    assert (layers["kept"] + layers["pruned"] == layers["weights"]).all()
    assert run.result.achieved == pytest.approx(layers["pruned"].sum() / layers["weights"].sum())
    allocation = tables["allocation"]
    assert (allocation["sparsity"] * allocation["weights"]).sum() / allocation["weights"].sum() == pytest.approx(0.5, abs=1e-6)
    assert (allocation["uniform"] == 0.5).all()
    assert allocation["weights"].tolist() == layers.groupby("block")["weights"].sum().tolist()


def test_activation_tables_by_their_definition(run: Run) -> None:
    activations, similarity = run.report.tables["activations"], run.report.tables["similarity"]
    assert len(activations) == 2 * 3 * 4  # Languages, blocks, distinct inputs.
    stats = run.stats[1]["self_attn.q_proj"]
    rows = activations[(activations["block"] == 1) & (activations["input"] == "q_proj, k_proj, v_proj")].set_index("language")
    rms = stats.rms()
    for i, code in enumerate(("en", "el")):
        assert rows.loc[code, "rms"] == pytest.approx(float(rms[i].square().mean().sqrt()))
        wanted = float((rms[i] - rms.mean(dim=0)).square().sum() / rms.mean(dim=0).square().sum())
        assert rows.loc[code, "deviation"] == pytest.approx(wanted)
    assert rows["variance"].tolist() == pytest.approx([rows["deviation"].mean()] * 2)
    square = similarity.pivot(index="language", columns="other", values="correlation")
    assert square.loc["en", "en"] == pytest.approx(1.0)
    assert square.loc["en", "el"] == pytest.approx(square.loc["el", "en"])
    assert -1.0 <= square.loc["en", "el"] < 1.0


def test_the_facts_say_what_was_done(run: Run) -> None:
    facts = json.loads(json.dumps(run.report.facts))
    assert settings_from(facts["settings"]) == SMALL
    assert facts["recipe"]["name"] == "m-wanda"
    assert facts["model"]["fingerprint"] == tiny.language_model("llama").fingerprint
    assert facts["model"]["blocks"] == 3
    assert facts["calibration"]["tokens_per_language"] == 256
    assert set(facts["calibration"]["passages"]) == {"en", "el"}
    assert all(facts["calibration"]["passages"].values())
    assert facts["summary"]["achieved_sparsity"] == run.result.achieved
    assert {"load", "statistics", "pruning", "total"} <= set(facts["timings"])
    assert facts["timings"]["total"] > 0
    assert any("stay dense" in note for note in facts["notes"])


def test_the_model_is_dense_afterwards(bench: Workbench, model: LanguageModel) -> None:
    before = tiny.all_bytes(model)
    bench.run(SMALL)
    assert tiny.all_bytes(model) == before


def test_the_model_stays_pruned_inside_the_with(bench: Workbench, model: LanguageModel) -> None:
    before = tiny.all_bytes(model)
    with bench.pruned(dataclasses.replace(PLAIN, method="wanda")) as found:
        for outcome in found.result.linears:
            linear = next(one for one in model.blocks[outcome.block].linears if one.name == outcome.module)
            assert int((linear.weight == 0).sum()) == outcome.size - outcome.kept
    assert tiny.all_bytes(model) == before
    with pytest.raises(ZeroDivisionError), bench.pruned(PLAIN):
        _ = 1 / 0
    assert tiny.all_bytes(model) == before


def test_runs_repeat(run: Run, bench: Workbench) -> None:
    again = bench.run(SMALL)
    for name in COLUMNS:
        pd.testing.assert_frame_equal(again.report.tables[name], run.report.tables[name])
    assert tiny.same(again.result.masks, run.result.masks)
    assert again.report.id != run.report.id


def test_statistics_and_dense_scores_are_used_again(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.run(PLAIN)
    monkeypatch.setattr(experiment, "measure_model", lambda *args: pytest.fail("statistics were measured again"))
    monkeypatch.setattr("mwanda_core.engine.pruning.measure_model", lambda *args: pytest.fail("statistics were measured again"))
    for changes in ({"sparsity": 0.3}, {"method": "wanda"}, {"mode": "sequential"}, {"held_out": ()}):
        bench.run(dataclasses.replace(PLAIN, **changes))  # type: ignore[arg-type]


def test_other_texts_are_measured_anew(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.run(dataclasses.replace(SMALL, eval_texts=0))
    calls = counted_calls(monkeypatch, "measure_model")
    for changes in ({"seed": 1}, {"tokens_per_language": 128}, {"languages": ("el", "sw")}):
        bench.run(dataclasses.replace(SMALL, eval_texts=0, **changes))  # type: ignore[arg-type]
    assert len(calls) == 3
    bench.adopt(tiny.language_model("llama", seed=1), "tiny")
    bench.run(dataclasses.replace(SMALL, eval_texts=0))
    assert len(calls) == 4


def counted_calls(monkeypatch: pytest.MonkeyPatch, name: str) -> list[int]:
    calls: list[int] = []
    real: Callable[..., object] = getattr(experiment, name)
    monkeypatch.setattr(experiment, name, lambda *args: (calls.append(1), real(*args))[1])
    return calls


def test_a_cancelled_run_leaves_every_bit(bench: Workbench, model: LanguageModel, cache: Path) -> None:
    before = tiny.all_bytes(model)
    stages: list[str] = []
    bench.run(PLAIN, Monitor(lambda progress: stages.append(progress.stage)))
    assert {s.split()[0] for s in stages} == {"Loading", "Scoring", "Measuring", "Pruning"}
    for stage in dict.fromkeys(stages):
        for file in (cache / "dense").iterdir():
            file.unlink()
        bench.adopt(model, "tiny")  # Nothing is kept from the run before, so that every stage is gone through again.
        reached: list[str] = []
        with pytest.raises(Cancelled):
            bench.run(PLAIN, Monitor(lambda p, seen=reached: seen.append(p.stage), lambda s=stage, seen=reached: s in seen))
        assert reached[-1] == stage
        assert tiny.all_bytes(model) == before, stage


def test_a_run_that_was_enough_is_repeated_by_its_settings(bench: Workbench, model: LanguageModel) -> None:
    before, shown = tiny.all_bytes(model), list[RunReport]()
    wanted = dataclasses.replace(SMALL, languages=("en",), held_out=("sw",), eval_texts=7, precision=1e-6)

    def look(progress: Progress) -> None:
        if progress.found is not None:
            shown.append(progress.found)

    with bench.pruned(wanted, Monitor(look, is_enough=lambda: len(shown) == 2)) as run:
        assert tiny.all_bytes(model) != before
    assert tiny.all_bytes(model) == before
    assert [list(report.tables["languages"]["texts"]) for report in (*shown, run.report)] == [[3, 3], [6, 3], [6, 6]]
    for report in (*shown, run.report):
        assert set(report.tables) == set(COLUMNS)
        assert report.facts.get("interim", False) == (report is not run.report)
    facts = run.report.facts
    assert facts["scoring"]["ended"] is True
    assert facts["scoring"]["texts"] == {"en": 6, "sw": 6}
    settings = settings_from(json.loads(json.dumps(facts["settings"])))
    assert settings == dataclasses.replace(wanted, stop_after=3)
    again = bench.run(settings)
    for name in COLUMNS:
        pd.testing.assert_frame_equal(again.report.tables[name], run.report.tables[name])
    assert again.report.facts["notes"] == facts["notes"]


@pytest.mark.parametrize("mode", ["one-pass", "sequential"])
def test_progress_goes_forward_and_ends_at_one(bench: Workbench, mode: str, cache: Path) -> None:
    seen: list[Progress] = []
    bench.run(dataclasses.replace(PLAIN, mode=mode), Monitor(seen.append))  # type: ignore[arg-type]
    assert all(later.done >= earlier.done for earlier, later in itertools.pairwise(seen))
    assert seen[-1].fraction > 0.95
    assert all(progress.stage for progress in seen)
    # No stage may look finished long before it is: fractions fall only where more work was planned.
    falls = [a.fraction - b.fraction for a, b in itertools.pairwise(seen) if b.fraction < a.fraction - 1e-9]
    assert sum(falls) < 0.5


def test_a_run_without_scoring(bench: Workbench) -> None:
    found = bench.run(dataclasses.replace(SMALL, eval_texts=0))
    assert len(found.report.tables["languages"]) == 0
    assert len(found.report.tables["texts"]) == 0
    assert found.report.facts["summary"]["mean_increase"] is None
    assert found.report.facts["summary"]["achieved_sparsity"] == pytest.approx(0.5, abs=1 / 32)


def test_texts_of_ones_own(bench: Workbench, tmp_path: Path) -> None:
    for code, word in (("en", "a line"), ("el", "μια γραμμή"), ("sw", "mstari mmoja")):
        (tmp_path / f"{code}.txt").write_text("\n".join(f"{word} {i} " * 9 for i in range(40)), encoding="utf-8")
    found = bench.run(dataclasses.replace(SMALL, texts=str(tmp_path)))
    assert found.report.facts["calibration"]["corpus"] == tmp_path.name
    assert len(found.report.tables["texts"]) == 6
    mixed = bench.run(dataclasses.replace(SMALL, evaluation_texts=str(tmp_path)))
    assert mixed.report.facts["calibration"]["corpus"] == "built-in passages"
    assert len(mixed.report.tables["texts"]) == 6
    other = bench.run(dataclasses.replace(SMALL, texts=str(tmp_path), evaluation_texts="built-in"))
    assert "texts" in other.report.tables


def test_held_out_languages_are_never_calibrated_on(bench: Workbench) -> None:
    found = bench.run(dataclasses.replace(SMALL, languages=("en", "el", "en"), held_out=("el", "sw", "sw"), eval_texts=0))
    assert found.result.stats[0]["self_attn.q_proj"].languages == ("en", "el")
    assert found.report.facts["settings"]["held_out"] == ("sw",)


def test_a_run_is_saved_with_its_masks(run: Run, tmp_path: Path) -> None:
    folder = run.save(tmp_path / "one")
    found = load_report(folder)
    assert found.id == run.report.id
    for name in COLUMNS:
        pd.testing.assert_frame_equal(found.tables[name], run.report.tables[name])
    masks = load_file(folder / "masks.safetensors")
    assert tiny.same(masks, run.result.masks)
    first = run.result.linears[0]
    keep = unpack(masks[f"model.layers.0.{first.module}"], (first.outputs, first.inputs))
    assert int(keep.sum()) == first.kept


REFUSED: list[tuple[dict[str, object], type[Exception], str]] = [
    ({"method": "best"}, UnknownName, "There is no method named 'best'"),
    ({"languages": ()}, InputError, "At least one language is needed"),
    ({"languages": ("en", "../x")}, InputError, "has only letters, digits"),
    ({"languages": ("en", "zu")}, TextError, r"has no text in Zulu \(zu\)"),
    ({"held_out": ("zu",)}, TextError, r"has no text in Zulu \(zu\)"),
    ({"texts": "/no/such/folder"}, TextError, "There is no folder"),
    ({"sparsity": 1.2}, InputError, "Sparsity must lie between"),
    ({"sequence_length": 1}, InputError, "'sequence_length' must lie between 2 and 1048576; it was given 1"),
    ({"tokens_per_language": -5}, InputError, "-5"),
    ({"tokens_per_language": 0}, InputError, "0"),
    ({"eval_texts": -1}, InputError, "-1"),
    ({"sequence_length": 10**6}, TextError, "fewer than one sequence"),
    ({"model": "elsewhere"}, ModelError, "neither the built-in"),
    ({"device": "tpu"}, InputError, "it was given 'tpu'"),
    ({"method": {"score": "wanda", "colour": "red"}}, InputError, "no field named colour"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "kind", "said"), REFUSED)
def test_runs_that_cannot_be_carried_out(
    changes: dict[str, object], kind: type[Exception], said: str, bench: Workbench, model: LanguageModel
) -> None:
    with pytest.raises(kind, match=said) as caught:
        bench.run(dataclasses.replace(SMALL, **changes))  # type: ignore[arg-type]
    assert isinstance(caught.value, InputError)
    assert "\n" not in str(caught.value)
    assert bench.model("tiny") is model


def test_a_job_that_does_not_fit_is_refused(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda device: 10_000)
    with pytest.raises(DoesNotFit, match=r"tiny needs about .* Choose a smaller model, fewer calibration tokens"):
        bench.run(SMALL)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"method": "wanda++"}, "per-linear walk prunes a linear while its block is still running"),
        ({"method": "swaps", "spare_neurons": ("en",)}, "protected by their rank"),
    ],
)
def test_what_the_per_linear_walk_cannot_do_is_refused_before_anything_is_measured(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], said: str
) -> None:
    def measured(*args: object, **named: object) -> None:
        pytest.fail("the dense model was scored before the settings were refused")

    monkeypatch.setattr("mwanda_core.run.experiment.measure_dense", measured)
    with pytest.raises(InputError, match=said):
        bench.run(dataclasses.replace(SMALL, mode="per-linear", **changes))  # type: ignore[arg-type]


def test_a_run_inside_a_pruned_model_is_refused_and_possible_again_afterwards(bench: Workbench) -> None:
    with bench.pruned(SMALL), pytest.raises(InputError, match="still open"):
        bench.run(SMALL)
    assert bench.run(SMALL).report.tables["languages"].shape[0] > 0


def test_settings_there_and_back() -> None:
    assert settings_from(json.loads(json.dumps(SMALL.to_dict()))) == SMALL
    assert settings_from({}) == Settings()
    with pytest.raises(InputError, match="A run has no setting named colour; its settings are allocation_share, choices"):
        settings_from({"colour": 1})


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("languages", "en,de", "must be a list of texts; it was given 'en,de'"),
        ("languages", ["en", 3], "must be a list of texts; it was given 3"),
        ("sparsity", "half", "must be a finite number; it was given 'half'"),
        ("seed", 0.5, "must be a whole number; it was given 0.5"),
        ("seed", True, "must be a whole number; it was given True"),
        ("choices", 1, "must be true or false; it was given 1"),
        ("model", None, "must be a text; it was given None"),
        ("method", 7, "must be a text; it was given 7"),
    ],
)
def test_settings_of_another_kind_are_refused(name: str, value: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        settings_from({name: value})


def test_words_for_lists() -> None:
    assert title_of(SMALL) == "M-Wanda 50% on tiny (English, Greek)"
    assert default_held_out(("en", "de")) == ("fr", "bn")
    assert len(default_held_out(("fr", "bn", "ar"))) == 2
    assert not set(default_held_out(("fr", "bn", "ar"))) & {"fr", "bn", "ar"}


def test_the_bench_forgets_when_told(bench: Workbench) -> None:
    bench.unload()
    with pytest.raises(ModelError):
        bench.model("tiny")


def test_a_run_is_saved_whole_or_not_at_all(bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = bench.run(SMALL)
    run.save(tmp_path / "run")
    kept = {file.name: file.read_bytes() for file in (tmp_path / "run").iterdir()}
    assert {"report.json", "masks.safetensors", "statistics.safetensors"} <= set(kept)

    def full_disk(*given: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("mwanda_core.run.experiment.save_stats", full_disk)
    for name in ("run", "other"):
        with pytest.raises(OSError, match="no space left"):
            run.save(tmp_path / name)
    assert {file.name: file.read_bytes() for file in (tmp_path / "run").iterdir()} == kept
    assert [file.name for file in tmp_path.iterdir()] == ["run"]
