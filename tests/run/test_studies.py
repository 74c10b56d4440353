"""Studies within a run: each puts its tables into the report, nothing is left behind, and what cannot be had is refused early."""

import dataclasses
import json
from pathlib import Path

import pytest
import tiny
import torch

from mwanda_core.errors import Cancelled, InputError, TextError
from mwanda_core.models import LanguageModel
from mwanda_core.parts.masks import unpack
from mwanda_core.progress import Monitor, Progress
from mwanda_core.run.experiment import Run, Settings, Workbench
from mwanda_core.store.report import TABLES, load_report
from mwanda_core.studies import STUDIES, Beside, tables_of

PLAIN = Settings(
    model="tiny", languages=("en", "el"), held_out=("sw", "fr"), tokens_per_language=256, sequence_length=64, eval_texts=2,
    choices=False, method="wanda",
)  # fmt: skip
BESIDE = tuple(name for name, study in STUDIES.items() if issubclass(study, Beside))
EVERYTHING = dataclasses.replace(PLAIN, studies=BESIDE, tasks=("colours",))


@pytest.fixture(scope="module")
def items(tmp_path_factory: pytest.TempPathFactory) -> str:
    rows = [
        {"id": f"{code}-{i}", "language": code, "context": "one two", "choices": [" three", f" four {i}"], "answer": i % 2}
        for code in ("en", "sw", "de")
        for i in range(6)
    ]
    folder = tmp_path_factory.mktemp("items")
    (folder / "colours.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(folder)


@pytest.fixture
def model() -> LanguageModel:
    return tiny.language_model("llama")


@pytest.fixture
def bench(model: LanguageModel) -> Workbench:
    found = Workbench()
    found.adopt(model, "tiny")
    return found


def weights(model: LanguageModel) -> list[torch.Tensor]:
    return [linear.weight.clone() for block in model.blocks for linear in block.linears]


@pytest.fixture(scope="module")
def run(items: str) -> Run:
    found = Workbench()
    found.adopt(tiny.language_model("llama"), "tiny")
    return found.run(dataclasses.replace(EVERYTHING, task_texts=items))


def test_every_study_has_its_tables_and_they_are_kept(run: Run, tmp_path: Path) -> None:
    declared = {spec.name: spec for name in BESIDE for spec in STUDIES[name].tables}
    assert declared.keys() <= tables_of().keys()
    assert set(run.report.tables) == set(TABLES) | set(declared)
    for name, spec in declared.items():
        table = run.report.tables[name]
        read = {*spec.columns, spec.x, spec.y, spec.value, spec.group, spec.low, spec.high} - {""}
        assert len(table), name
        assert read <= set(table.columns), (name, read - set(table.columns))
    kept = load_report(run.save(tmp_path / "run"))
    assert set(kept.tables) == set(run.report.tables)
    assert list(kept.tables["overlap"].columns) == list(run.report.tables["overlap"].columns)


def test_a_benchmark_is_asked_in_the_languages_of_the_run(run: Run) -> None:
    table = run.report.tables["tasks"]
    assert set(table["language"]) == {"en", "sw"}  # it has German too, and no Greek
    assert set(table["items"]) == {6}
    assert set(run.report.tables["task_items"]["item"]) == {f"{code}-{i}" for code in ("en", "sw") for i in range(6)}


def test_held_out_languages_are_among_the_predictors(run: Run) -> None:
    table = run.report.tables["predictors"].set_index("language")
    assert dict(table["role"]) == {"en": "calibration", "el": "calibration", "sw": "held-out", "fr": "held-out"}
    assert table["similarity"].notna().all()
    # Masks and neurons are of calibration text, so held-out languages have none.
    assert list(table["mask_overlap"].notna()) == [True, True, False, False]
    assert list(table["neurons_pruned"].notna())[2:] == [False, False]
    assert table["neurons_pruned"].notna().any()


def test_nothing_pruned_is_nothing_found(bench: Workbench, items: str) -> None:
    """At sparsity 0 both models are one: every difference is exactly 0."""
    found = bench.run(dataclasses.replace(EVERYTHING, sparsity=0.0, task_texts=items)).report.tables
    assert (found["tasks"]["change"] == 0).all()
    assert (found["tasks"]["p"] == 1).all()
    assert (found["profile_layers"]["difference"] == 0).all()
    assert (found["neuron_drift"]["jaccard"].dropna() == 1).all()  # NaN: a language without neurons
    assert (found["neurons"]["whole"].dropna() == 0).all()
    assert found["generated_texts"]["same"].all()


@pytest.mark.parametrize("study", BESIDE)
def test_a_cancelled_study_leaves_the_dense_model(bench: Workbench, model: LanguageModel, study: str) -> None:
    before = weights(model)
    stages: list[str] = []

    def watch(progress: Progress) -> None:
        if not stages or stages[-1] != progress.stage:
            stages.append(progress.stage)

    chosen = dataclasses.replace(PLAIN, studies=(study,))
    bench.run(chosen)  # What is kept for the next run is not done again: only then are two runs alike.
    bench.run(chosen, Monitor(on_progress=watch))
    last = len(stages)
    stages.clear()
    with pytest.raises(Cancelled):
        bench.run(chosen, Monitor(on_progress=watch, is_cancelled=lambda: len(stages) == last))
    assert all(torch.equal(a, b) for a, b in zip(before, weights(model), strict=True))


def test_masks_of_a_method_beyond_statistics_are_wandas_and_the_run_says_so(bench: Workbench) -> None:
    found = bench.run(dataclasses.replace(PLAIN, method="sparsegpt", studies=("overlap",)))
    plain = bench.run(dataclasses.replace(PLAIN, studies=("overlap",)))
    assert any("Masks of single languages are Wanda's" in note for note in found.report.facts["notes"])
    assert not any("Masks of single languages" in note for note in plain.report.facts["notes"])
    assert found.report.tables["overlap"].equals(plain.report.tables["overlap"])


def test_spared_neurons_keep_their_down_columns(bench: Workbench) -> None:
    plain = bench.run(dataclasses.replace(PLAIN, studies=("neurons",)))
    spared = bench.run(dataclasses.replace(PLAIN, studies=("neurons",), spare_neurons=("en", "el")))
    shares = [found.report.tables["neurons"].set_index("language")["column"] for found in (plain, spared)]
    assert shares[0].loc["en"] > 0.1
    assert shares[1].loc["en"] == 0.0
    kept = [
        {
            n: int(unpack(m, (r.outputs, r.inputs)).sum())
            for r, (n, m) in zip(f.result.linears, f.result.masks.items(), strict=True)
        }
        for f in (plain, spared)
    ]
    assert kept[0] == kept[1]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"studies": ("astrology",)}, "There is no study named 'astrology'. Choose one of: overlap, neurons"),
        ({"studies": ("neurons",), "languages": ("en",)}, "calibrate on at least two"),
        ({"studies": ("overlap",), "tokens_per_language": 64}, "one sequence of 64: give more calibration tokens"),
        ({"studies": ("profile:texts=0",)}, "ProfileStudy.texts must lie between 1 and 64"),
        ({"studies": ("overlap", "overlap")}, "asked for twice"),
        ({"studies": ("profile",), "eval_texts": 0}, "The study 'profile' needs texts that are scored"),
        ({"task_items": 0}, "At least one item a language is needed"),
        ({"spare_neurons": ("en",), "method": "sparsegpt"}, "choose the solver 'keep-top'"),
        ({"spare_neurons": ("en",), "method": "trim"}, "uniform rows"),
        ({"spare_neurons": ("fr",)}, "calibrate on these languages, too"),
    ],
)
def test_what_cannot_be_had_is_refused(bench: Workbench, model: LanguageModel, changes: dict[str, object], said: str) -> None:
    before = weights(model)
    with pytest.raises(InputError, match=said):
        bench.run(dataclasses.replace(PLAIN, **changes))  # type: ignore[arg-type]
    assert all(torch.equal(a, b) for a, b in zip(before, weights(model), strict=True))


def test_a_benchmark_without_the_languages_is_refused(bench: Workbench, items: str) -> None:
    chosen = dataclasses.replace(PLAIN, languages=("el",), held_out=("fr",), tasks=("colours",), task_texts=items)
    with pytest.raises(InputError, match="colours has none of the languages of this run; it has en, sw, de"):
        bench.run(chosen)
    with pytest.raises(TextError, match="XCOPA"):
        bench.run(dataclasses.replace(chosen, tasks=("xcopa",)))
