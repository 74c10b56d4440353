"""The command line: the same calls as the page, mistakes as one sentence."""

import json
from pathlib import Path

import pandas as pd
import pytest
import tiny
import torch
from transformers import AutoModelForCausalLM
from typer.testing import CliRunner, Result

from mwanda_core import builtin_languages, load_report
from mwanda_core.cli.app import EXIT_INPUT, app
from mwanda_core.methods.catalogue import CHOICES
from mwanda_core.methods.recipes import RECIPES


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tiny model on disk, as a user would have one."""
    folder = tmp_path_factory.mktemp("model")
    tiny.language_model("llama").save(folder)
    return str(folder)


def mwanda(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


QUICK = ("--tokens", "64", "--sequence-length", "32", "--eval-texts", "4", "--dtype", "float32")


def test_prune_writes_report_tables_masks_and_a_model_that_transformers_loads(model_folder: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = mwanda(
        "prune", model_folder, "--languages", "en,de", "--held-out", "French", "--sparsity", "0.5", "--method", "wanda",
        "--out", str(out), "--save-model", "--json", *QUICK,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    report = load_report(out)
    assert printed["id"] == report.id
    assert list(pd.read_parquet(out / "languages.parquet")["language"]) == ["en", "de", "fr"]
    assert (out / "masks.safetensors").is_file()
    pruned = AutoModelForCausalLM.from_pretrained(out / "model", dtype=torch.float32)
    for block in pruned.model.layers:
        for linear in tiny.linear_modules(block).values():
            rows = (linear.weight == 0).sum(dim=1)
            assert bool((rows == linear.weight.shape[1] // 2).all())


def test_prune_without_out_prints_a_line_for_every_language(model_folder: str) -> None:
    done = mwanda("prune", model_folder, "--languages", "English,sw", "--held-out", "none", *QUICK)
    assert done.exit_code == 0, done.output
    assert "English" in done.stdout
    assert "Swahili" in done.stdout


def test_knobs_reach_the_method(model_folder: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = mwanda(
        "prune", model_folder, "--languages", "en,de", "--method", "m-wanda", "--set", "lam=2.5", "--set",
        "allocation.strength=0.03", "--out", str(out), *QUICK,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    recipe = load_report(out).facts["recipe"]
    assert recipe["activation"]["lam"] == 2.5
    assert recipe["allocation"]["strength"] == 0.03


def test_parts_are_put_together_freely(model_folder: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    done = mwanda(
        "prune", model_folder, "--languages", "en,de", "--held-out", "none", "--activation", "variance", "--score", "ria",
        "--allocation", "owl", "--solver", "sparsegpt", "--pattern", "4:8", "--set", "mixed=true", "--set", "strength=0.2",
        "--set", "activation.lam=0.7", "--out", str(out), *QUICK,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    recipe = load_report(out).facts["recipe"]
    assert (recipe["activation"]["name"], recipe["activation"]["lam"]) == ("variance", 0.7)
    assert recipe["score"]["name"] == "ria"
    assert (recipe["allocation"]["name"], recipe["allocation"]["strength"]) == ("owl", 0.2)
    assert recipe["solver"]["name"] == "sparsegpt"
    assert (recipe["pattern"]["n"], recipe["pattern"]["m"], recipe["pattern"]["mixed"]) == (4, 8, True)
    assert recipe["title"].startswith("M-Wanda with")


def test_benchmarks_studies_and_spared_neurons_reach_the_run(model_folder: str, tmp_path: Path) -> None:
    folder, out = tmp_path / "sets" / "xnli", tmp_path / "run"
    folder.mkdir(parents=True)
    item = {"id": "1", "context": "The sky is", "choices": [" blue", " a spoon"], "answer": 0}
    (folder / "de.jsonl").write_text("\n".join(json.dumps(item | {"id": str(i)}) for i in range(6)), encoding="utf-8")
    done = mwanda(
        "prune", model_folder, "--languages", "en,de", "--held-out", "fr", "--method", "wanda", "--out", str(out), "--tasks", "xnli",
        "--task-texts", str(tmp_path / "sets"), "--task-items", "5", "--studies", "overlap,overlap,predictors", "--spare-neurons", "German",
        *QUICK,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    report = load_report(out)
    asked = report.facts["settings"]
    assert (asked["tasks"], asked["task_items"], asked["studies"]) == (["xnli"], 5, ["overlap", "predictors"])
    assert asked["spare_neurons"] == ["de"]
    assert set(report.tables["tasks"]["items"]) == {5}
    assert {"overlap", "predictors", "correlations"} <= set(report.tables)
    assert "neurons" not in report.tables
    assert "XNLI, German: " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--method", "nothing"), "no method named 'nothing'"),
        (("--set", "power=3"), "not a setting of M-Wanda"),
        (("--set", "lam"), "name=value"),
        (("--set", "lam=99"), "between 0.0 and 10.0"),
        (("--languages", "en,xx"), "has no text in xx"),
        (("--sparsity", "1.5"), "Sparsity must lie between"),
        (("--pattern", "5:4"), "N smaller than M"),
        (("--method", "m-wanda", "--pattern", "2:4"), "mixed N:M"),
        (("--score", "best"), "no score named 'best'"),
        (("--method", "trim", "--solver", "sparsegpt"), "keep-top"),
        (("--save-model",), "--out DIR"),
        (("--texts", "/nowhere"), "no folder"),
        (("--device", "tpu"), "auto, cpu, cuda"),
        (("--studies", "everything"), "no study named 'everything'"),
        (("--tasks", "riddles"), "no task named 'riddles'"),
        (("--tasks", "xcopa", "--task-items", "0"), "At least one item"),
        (("--spare-neurons", "de", "--method", "sparsegpt"), "protected by their rank"),
        (("--tasks", "xcopa", "--task-texts", "/nowhere"), "no folder"),
    ],
)
def test_mistakes_are_one_sentence_and_a_code(model_folder: str, arguments: tuple[str, ...], words: str) -> None:
    done = mwanda("prune", model_folder, *QUICK, *arguments)
    assert done.exit_code == EXIT_INPUT
    assert words in done.stderr
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr


def test_unknown_model_is_one_sentence() -> None:
    done = mwanda("prune", "no such model")
    assert done.exit_code == EXIT_INPUT
    assert done.stderr.count("\n") == 1


def test_methods_and_languages_list_all() -> None:
    assert [*json.loads(mwanda("methods", "--json").stdout)] == [*RECIPES]
    listed = mwanda("methods").stdout
    assert listed.startswith("[fast]")
    parts = mwanda("parts").stdout
    assert all(cls.title in parts and cls.source in parts for table in CHOICES.values() for cls in table.values())
    entries = {(entry["choice"], entry["name"]): entry for entry in json.loads(mwanda("parts", "--json").stdout)}
    assert entries["score", "ria"]["knobs"][0]["name"] == "power"
    assert entries["activation", "target"]["texts"] == ["language"]
    assert all(found.title in listed for found in RECIPES.values())
    assert [entry["code"] for entry in json.loads(mwanda("languages", "--json").stdout)] == [*builtin_languages()]
    assert "Kiswahili" in mwanda("languages").stdout


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--sparsity", "1.5"), "must lie between 0 and"),
        (("--method", "wandaa"), "wandaa"),
        (("--languages", "en,qq"), "qq"),
        (("--texts", "no/such/folder"), "no/such/folder"),
        (("--evaluation-texts", "no/such/folder"), "no/such/folder"),
        (("--mode", "sideways"), "sideways"),
        (("--method", "sparsegpt", "--pattern", "2:4", "--sparsity", "0.7"), "2:4 prunes exactly"),
        (("--method", "target", "--set", "language=fr", "--languages", "en,de"), "fr"),
    ],
)
def test_what_is_wrong_without_a_model_is_refused_before_it_is_loaded(
    options: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loaded(*_: object) -> None:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr("mwanda_core.run.experiment.load", loaded)
    done = mwanda("prune", "no-model-here", *options)
    assert done.exit_code == EXIT_INPUT, done.output
    assert said in done.output
