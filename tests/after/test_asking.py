"""A study asked of a kept run is asked of that run's own masks, whatever settings would give, and leaves the model as it was."""

from pathlib import Path

import pytest
import tiny
from typer.testing import CliRunner

from mwanda_core.after.asking import ask_run
from mwanda_core.cli.app import EXIT_INPUT, app
from mwanda_core.errors import InputError, RunError
from mwanda_core.models import load
from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.settings import Settings
from mwanda_core.studies.circuits import Circuits
from mwanda_core.studies.result import load_study
from mwanda_core.studies.truth import Truth
from mwanda_core.studies.truth.statement import OneStatement

CIRCUITS = Circuits(languages="en,de", methods="attnlrp", shares="0.5", prompts=4)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A model, and a run of it."""
    model, run = tmp_path_factory.mktemp("model"), tmp_path_factory.mktemp("runs") / "one"
    tiny.language_model("llama").save(model)
    settings = Settings(
        model=str(model), languages=("en", "de"), held_out=(), sparsity=0.6, tokens_per_language=64, sequence_length=32, eval_texts=2,
        choices=False, method="magnitude",
    )  # fmt: skip
    Workbench().run(settings).save(run)
    return model, run


def test_circuits_of_a_kept_run_are_those_of_the_same_run_made_anew(kept: tuple[Path, Path]) -> None:
    folder, run = kept
    model, bench = load(str(folder)), Workbench()
    before = tiny.all_bytes(model)
    found = ask_run(CIRCUITS, run, model, bench, Monitor())
    assert tiny.all_bytes(model) == before
    again = CIRCUITS.run(
        Workbench(), Settings(**{**found.facts["settings"], "languages": ("en", "de"), "held_out": ()}), Monitor()
    )
    assert found.tables["circuits_pruned"].equals(again.tables["circuits_pruned"])
    assert set(found.tables["circuits_pruned"]["run"]) == {"Magnitude 60%"}
    assert found.facts["run"]


@pytest.mark.parametrize("study", [OneStatement(languages="en", topics="capitals", probe="mass-mean"), Truth(languages="en", topics="capitals,words", methods="run", probes="mass-mean", resamples=1)])  # fmt: skip
def test_truth_of_a_kept_run(kept: tuple[Path, Path], study: OneStatement | Truth) -> None:
    folder, run = kept
    pytest.importorskip("sklearn")
    found = ask_run(study, run, load(str(folder)), Workbench(), Monitor())
    assert set(found.tables) == {spec.name for spec in study.tables}
    name = "statement_blocks" if study.name == "statement" else "truth_separability"
    models = list(dict.fromkeys(found.tables[name]["model"]))
    assert models[:2] == ["dense", "Magnitude 60%"]
    if study.name == "truth":
        assert found.tables["truth_allocation"]["sparsity"].tolist() == pytest.approx([0.6] * 3, abs=0.02)


def test_what_cannot_be_asked(kept: tuple[Path, Path], tmp_path: Path) -> None:
    from mwanda_core.studies.correction import Correction

    folder, run = kept
    model = load(str(folder))
    with pytest.raises(InputError, match="'correction' cannot be asked of a kept run; circuits, truth, statement can"):
        ask_run(Correction(), run, model, Workbench(), Monitor())
    with pytest.raises(RunError):
        ask_run(CIRCUITS, tmp_path, model, Workbench(), Monitor())
    with pytest.raises(RunError, match="load the model with dtype bfloat16"):
        ask_run(CIRCUITS, run, tiny.language_model("llama", seed=9), Workbench(), Monitor())


def test_the_command_line_asks_a_kept_run(kept: tuple[Path, Path], tmp_path: Path) -> None:
    _, run = kept
    knobs = [part for knob in ("languages=en", "methods=attnlrp", "shares=0.5", "prompts=4") for part in ("--set", knob)]
    done = CliRunner().invoke(app, ["study", "circuits", "--run", str(run), "--out", str(tmp_path / "found"), *knobs])
    assert done.exit_code == 0, done.output
    assert load_study(tmp_path / "found").facts["settings"]["method"] == "magnitude"
    refused = CliRunner().invoke(app, ["study", "correction", "--run", str(run)])
    assert refused.exit_code == EXIT_INPUT
    assert "cannot be asked of a kept run" in refused.output
