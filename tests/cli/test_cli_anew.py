"""`mwanda runs anew`: a run of UniPruning's states at another sparsity, measured and kept, without its walk; and sweeps that walk once."""

import dataclasses
import json
from pathlib import Path

import kept
import pytest
import tiny
from typer.testing import CliRunner

from mwanda_core.cli.app import app
from mwanda_core.cli.terminal import EXIT_INPUT
from mwanda_core.engine import dense
from mwanda_core.methods.recipes import recipe
from mwanda_core.run.experiment import Workbench
from mwanda_core.store.report import load_report


def test_a_run_is_made_of_the_states_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.language_model("llama").save(tmp_path / "model")
    method = recipe("unipruning").replace(states="each", learning_rate=0.0)
    settings = dataclasses.replace(
        kept.SMALL, model=str(tmp_path / "model"), method=method.to_dict(), dtype="float32", held_out=()
    )
    bench = Workbench()
    bench.run(settings).save(tmp_path / "first")
    # The same workbench at another sparsity, and a new one with the states of the first run: no walk.
    monkeypatch.setattr(dense.mirror, "descend", lambda *_, **__: pytest.fail("it walked again"))
    plain = bench.run(dataclasses.replace(settings, sparsity=0.7))
    store = tmp_path / "runs"
    asked = ["runs", "anew", str(tmp_path / "first"), "--sparsity", "0.7", "--store", str(store), "--json"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    report = load_report(Path(told["folder"]))
    assert Path(told["folder"]).parent == store
    assert report.tables["languages"].equals(plain.report.tables["languages"])
    assert (report.facts["settings"]["sparsity"], told["run"]) == (0.7, report.id)
    done = CliRunner().invoke(app, [*asked[:3], "--pattern", "2:4", "--mix", "el=1", "--out", str(tmp_path / "second")])
    assert done.exit_code == 0, done.output
    assert "50.00% of the prunable weights are zero" in done.stdout
    assert load_report(tmp_path / "second").facts["recipe"]["activation"]["mix"] == "custom"
    done = CliRunner().invoke(app, [*asked[:3], "--mix", "xx=1", "--out", str(tmp_path / "third")])
    assert (done.exit_code, "There is no state of xx" in done.stderr) == (EXIT_INPUT, True)
    assert not (tmp_path / "third").exists()
