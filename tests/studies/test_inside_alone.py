"""Circuits and correction by themselves, on a workbench: dense again afterwards, every declared table there."""

from pathlib import Path

import pytest
import tiny

from mwanda_core.progress import Monitor
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.settings import Settings
from mwanda_core.studies.base import Alone, Study
from mwanda_core.studies.circuits import Circuits
from mwanda_core.studies.correction import Correction
from mwanda_core.studies.prompts.one import OnePrompt


@pytest.mark.parametrize(
    "study",
    [
        Circuits(languages="en,de", methods="attnlrp", shares="0.5", prompts=4, part="weights", ranking="absolute"),
        OnePrompt(prompt="One sentence: and another one.", new_tokens=2, passage=1),
        Correction(languages="en,de", samples=4, neurons=3, words="lists", behaviour="words"),
    ],
)
def test_on_a_workbench(study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lists").mkdir()
    for code in ("en", "de"):
        lines = "\n".join(f"{code} text number {i} says this and that." for i in range(40))
        (tmp_path / f"{code}.txt").write_text(lines, encoding="utf-8")
        (tmp_path / "lists" / f"{code}.txt").write_text("darn\n", encoding="utf-8")
    model, bench = tiny.language_model("gemma3_text"), Workbench()
    bench.adopt(model, "tiny")
    before = tiny.all_bytes(model)
    settings = Settings(
        model="tiny", languages=("en", "de"), held_out=(), sparsity=0.5, tokens_per_language=128, sequence_length=32, texts=str(tmp_path),
        eval_texts=2, choices=False, method="wanda",
    )  # fmt: skip
    study.check(settings)
    assert isinstance(study, Alone)
    found = study.run(bench, settings, Monitor())
    assert tiny.all_bytes(model) == before
    assert set(found.tables) == {spec.name for spec in study.tables}
    if "circuits_pruned" in found.tables:
        assert found.tables["circuits_pruned"]["circuit_pruned"].between(0, 1).all()
