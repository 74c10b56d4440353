"""`mwanda studies` and `mwanda study`: every study of the table, its result kept, mistakes as one sentence."""

import importlib.util
import json
import math
from pathlib import Path

import pytest
import tiny
from typer.testing import CliRunner, Result

from mwanda_core.cli.app import EXIT_INPUT, app
from mwanda_core.studies import STUDIES, Alone, study
from mwanda_core.studies.result import load_study
from mwanda_core.tasks import TASKS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("model")
    tiny.language_model("llama").save(folder)
    return str(folder)


def mwanda(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


QUICK = (
    "--languages",
    "en,el",
    "--held-out",
    "sw",
    "--tokens",
    "64",
    "--sequence-length",
    "32",
    "--eval-texts",
    "2",
    "--method",
    "wanda",
)


def test_studies_lists_the_table() -> None:
    told = {entry["name"]: entry for entry in json.loads(mwanda("studies", "--json").stdout)}
    assert list(told) == list(STUDIES)
    assert told["profile"]["knobs"][0]["name"] == "texts"
    lines = mwanda("studies").stdout
    assert all(f"{cls.title}: {cls.question}" in lines for cls in STUDIES.values())
    assert "texts=4 (1 to 64)" in lines


def test_tasks_lists_the_table() -> None:
    told = {entry["name"]: entry for entry in json.loads(mwanda("tasks", "--json").stdout)}
    assert list(told) == list(TASKS)
    assert told["xcopa"]["kind"] == "causes and effects"
    assert all(adapter.title in mwanda("tasks").stdout for adapter in TASKS.values())


def test_docs_say_what_the_tables_say() -> None:
    """`python scripts/write_tables.py` writes them."""
    spec = importlib.util.spec_from_file_location("write_tables", ROOT / "scripts" / "write_tables.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for name, text in script.texts().items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, f"docs/{name} is out of date"


@pytest.mark.parametrize("name", [name for name, cls in STUDIES.items() if not issubclass(cls, Alone)])
def test_a_study_of_runs_is_asked_by_itself(model_folder: str, tmp_path: Path, name: str) -> None:
    done = mwanda("study", name, "--model", model_folder, "--out", str(tmp_path / "found"), *QUICK)
    assert done.exit_code == 0, done.output
    kept = load_study(tmp_path / "found")
    assert set(kept.tables) == {"languages", *(spec.name for spec in STUDIES[name].tables)}
    assert kept.facts["study"] == name
    assert kept.facts["settings"]["sparsity"] == 0.5
    assert 0 < kept.facts["seconds"] < math.inf
    assert all(spec.title in done.stdout for spec in STUDIES[name].tables)
    assert "about" in done.stderr


def test_settings_of_a_study_reach_it(model_folder: str) -> None:
    done = mwanda("study", "generation", "--model", model_folder, "--set", "prompts=1", "--set", "tokens=2", "--json", *QUICK)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["knobs"] == {"prompts": 1, "tokens": 2, "temperature": 0.0}
    rows = told["tables"]["generated_texts"]
    assert len(rows) == 3
    assert all(row["tokens_dense"] <= 2 for row in rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("astrology",), "There is no study named 'astrology'"),
        (("profile", "--set", "words=2"), "has no setting 'words=2'"),
        (("profile", "--set", "texts=1000"), "must lie between 1 and 64"),
        (("profile", "--eval-texts", "0"), "needs texts that are scored"),
    ],
)
def test_mistakes_are_one_sentence(model_folder: str, arguments: tuple[str, ...], said: str) -> None:
    done = mwanda("study", *arguments, "--model", model_folder)
    assert done.exit_code == EXIT_INPUT
    assert said in done.output
    assert len(done.stderr.strip().splitlines()) == 1


def test_studies_of_a_run_take_their_settings_along(model_folder: str) -> None:
    done = mwanda("prune", model_folder, "--studies", "generation:prompts=1:tokens=2,overlap", "--json", *QUICK)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["settings"]["studies"] == ["generation:prompts=1:tokens=2", "overlap"]
    assert study(told["settings"]["studies"][0]) == STUDIES["generation"](prompts=1, tokens=2)
    assert len(told["tables"]["generated_texts"]) == 3
