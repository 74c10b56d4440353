"""Runs on the command line: list, show, compare, delete, export, import, apply, push, cost, sweep, protect; and docs/runs.md."""

import dataclasses
import json
import math
import re
import shlex
import zipfile
from pathlib import Path
from typing import Any

import huggingface_hub
import kept
import numpy as np
import pytest
import tiny
from transformers import AutoModelForCausalLM
from typer.testing import CliRunner, Result

from mwanda_core.after.reapply import apply_masks
from mwanda_core.after.repeat import command
from mwanda_core.cli.app import app
from mwanda_core.cli.combining import one_method
from mwanda_core.cli.options import mixes_in, numbers
from mwanda_core.cli.protecting import _limits
from mwanda_core.cli.terminal import EXIT_CANCELLED, EXIT_INPUT, plain, plain_errors
from mwanda_core.errors import Cancelled, InputError
from mwanda_core.methods.recipes import recipe
from mwanda_core.models import load
from mwanda_core.run.settings import Settings
from mwanda_core.store.report import load_report
from mwanda_core.store.run_store import RunStore
from mwanda_core.sweeps.protections import protections

ROOT = Path(__file__).resolve().parents[2]
SIZE = ("--tokens", "64", "--sequence-length", "32", "--eval-texts", "2", "--no-choices", "--dtype", "float32")
QUICK = (*SIZE, "--held-out", "none")
A, B = "20260101-000000-wanda-50-0000", "20260102-000000-ria-50-0000"


def mwanda(*arguments: str, answer: str = "") -> Result:
    return CliRunner().invoke(app, list(arguments), input=answer)


def told(*arguments: str) -> Any:
    """What a command prints as JSON; a number that is none must be null, so nothing but JSON is understood."""
    done = mwanda(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout, parse_constant=pytest.fail)


@pytest.fixture(scope="module")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model on disk."""
    folder = tmp_path_factory.mktemp("model")
    tiny.language_model("llama").save(folder)
    return folder


@pytest.fixture(scope="module")
def real_run(model_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of that model as `mwanda prune --out --save-model` leaves it."""
    out = tmp_path_factory.mktemp("runs") / "my-run"
    words = ("prune", str(model_folder), "--languages", "en,sw", "--method", "wanda", "--out", str(out), "--save-model")
    done = mwanda(*words, *QUICK)
    assert done.exit_code == 0, done.output
    return out


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """The store that commands find through the environment, with two runs typed in."""
    monkeypatch.setenv("MWANDA_RUNS", str(tmp_path / "kept"))
    found = RunStore(tmp_path / "kept")
    kept.report(A).save(found.path(A))
    kept.report(B, method="ria", languages=("en",)).save(found.path(B))
    return found


# --- Words -------------------------------------------------------------------------------------------------------------


def test_numbers_mixes_and_limits_by_hand() -> None:
    assert numbers("--sparsity", " 0.3, .5,") == [0.3, 0.5]
    with pytest.raises(InputError, match=r"--sparsity takes numbers .* 'half'"):
        numbers("--sparsity", "0.3,half")
    assert mixes_in("en,German; en,sw;") == [("en", "de"), ("en", "sw")]
    with pytest.raises(InputError, match="At least one language"):
        mixes_in(" ; ")
    assert _limits(["sw=5%", "Greek = 0.1"]) == {"sw": pytest.approx(math.log(1.05)), "el": 0.1}
    for wrong in ("sw", "=5%", "sw=", "sw=much", "sw=5%%"):
        with pytest.raises(InputError, match="such as sw=5%"):
            _limits([wrong])


def test_json_has_no_numbers_that_are_none() -> None:
    given = {"a": [math.nan, np.float32(0.5), np.int64(3)], 1: (math.inf, True, None), "b": np.array([1.0, np.nan])}
    assert plain(given) == {"a": [None, 0.5, 3], "1": [None, True, None], "b": [1.0, None]}


def test_a_cancel_says_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    for error in (Cancelled("stop"), KeyboardInterrupt()):
        with pytest.raises(Exception, match=str(EXIT_CANCELLED)), plain_errors("two runs are kept."):
            raise error
        assert capsys.readouterr().err == "Cancelled; two runs are kept.\n"


def test_benchmarks_and_studies_reach_the_command_that_repeats_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Settings] = []
    monkeypatch.setattr("mwanda_core.cli.app._run", lambda settings, *others: seen.append(settings))
    asked = Settings(
        method="wanda", tasks=("xcopa", "multiblimp"), task_texts="my questions", task_items=7, studies=("overlap", "profile"),
        spare_neurons=("sw", "hi"),
    )  # fmt: skip
    for settings in (asked, Settings(method="wanda")):
        line = command(settings)
        assert ("--tasks" in line) == (settings is asked)
        done = mwanda(*shlex.split(line)[1:])
        assert done.exit_code == 0, done.output
        method = {"method": "wanda", "held_out": settings.held_out}
        assert dataclasses.replace(seen.pop(), **method) == settings


# --- Kept runs ---------------------------------------------------------------------------------------------------------


def test_list_finds_and_orders(store: RunStore) -> None:
    assert [line.split()[0] for line in mwanda("runs", "list").stdout.splitlines()] == [B, A]
    assert [entry["id"] for entry in told("runs", "list", "--order", "id", "--ascending")["runs"]] == [A, B]
    assert [entry["id"] for entry in told("runs", "list", "ria")["runs"]] == [B]
    assert [entry["id"] for entry in told("runs", "list", "--language", "sw")["runs"]] == [A]
    assert "No run like this" in mwanda("runs", "list", "nothing").stdout
    assert told("runs", "list", "--store", str(store.folder / "none"))["runs"] == []
    done = mwanda("runs", "list", "--order", "size")
    assert (done.exit_code, "ordered by one of" in done.stderr) == (EXIT_INPUT, True)


def test_unfinished_and_damaged_runs_are_listed_and_dropped(store: RunStore) -> None:
    with pytest.raises(ZeroDivisionError), store.started(kept.SMALL, "Mine"):
        raise ZeroDivisionError
    (store.folder / "broken").mkdir()
    (store.folder / "broken" / "report.json").write_text("{", encoding="utf-8")
    found = told("runs", "list")
    assert [(left["title"], left["error"], left["running"]) for left in found["unfinished"]] == [
        ("Mine", "ZeroDivisionError", False)
    ]
    assert [*found["damaged"]] == ["broken"]
    lines = mwanda("runs", "list").stdout
    assert "Unfinished: " in lines
    assert "Damaged: broken" in lines
    assert mwanda("runs", "delete", found["unfinished"][0]["id"], "--yes").exit_code == 0
    assert told("runs", "list")["unfinished"] == []


def test_show_prints_the_languages_and_the_command(real_run: Path, store: RunStore) -> None:
    shown = mwanda("runs", "show", str(real_run)).stdout
    assert "Swahili" in shown
    found = told("runs", "show", str(real_run))
    assert found["id"] == load_report(real_run).id
    assert [row["language"] for row in found["tables"]["languages"]] == ["en", "sw"]
    assert found["command"].startswith("mwanda prune ")
    assert found["command"] in shown
    done = mwanda("runs", "show", "no-such-run")
    assert done.exit_code == EXIT_INPUT
    assert done.stderr.startswith("Error: There is no run 'no-such-run': not in ")


def test_compare_is_signed_from_the_baseline(store: RunStore) -> None:
    other = kept.report("20260103-000000-m-wanda-50-0000", method="m-wanda")
    type(other)(other.facts, kept.tables(0.2)).save(store.path(other.id))
    rows = told("runs", "compare", A, other.id)["languages"]
    assert {round(row["loss_difference"], 6) for row in rows if row["run"] == other.id} == {0.2}
    turned = told("runs", "compare", A, other.id, "--baseline", other.id)
    assert turned["baseline"] == other.id
    assert {round(row["loss_difference"], 6) for row in turned["languages"] if row["run"] == A} == {-0.2}
    lines = mwanda("runs", "compare", A, other.id).stdout
    assert f"perplexity times {math.exp(0.2):.3f}" in lines
    assert "  method: Wanda | M-Wanda" in lines
    for wrong, said in (((A,), "Two to six"), ((A, A), "given twice"), ((A, B, "--baseline", "C"), "one of the runs compared")):
        done = mwanda("runs", "compare", *wrong)
        assert (done.exit_code, said in done.stderr) == (EXIT_INPUT, True)


def test_delete_asks_first(store: RunStore) -> None:
    assert mwanda("runs", "delete", A, answer="n\n").exit_code == 1
    assert store.path(A).is_dir()
    assert mwanda("runs", "delete", A, answer="y\n").exit_code == 0
    assert [entry.id for entry in store.entries()] == [B]
    done = mwanda("runs", "delete", A, "--yes")
    assert (done.exit_code, "There is no run" in done.stderr) == (EXIT_INPUT, True)


def test_a_run_moves_as_a_zip_file_or_a_folder(real_run: Path, store: RunStore, tmp_path: Path) -> None:
    id = told("runs", "import", str(real_run))["run"]
    assert id == load_report(real_run).id
    names = {file.name for file in store.path(id).iterdir()}
    assert names == {file.name for file in real_run.iterdir() if file.is_file()}  # Not the model that --save-model wrote.
    zipped = tmp_path / "out" / "run.zip"
    assert mwanda("runs", "export", id, "--out", str(zipped)).exit_code == 0
    elsewhere = tmp_path / "elsewhere"
    assert told("runs", "import", str(zipped), "--store", str(elsewhere))["run"] == id
    assert kept.content(elsewhere / id) == kept.content(store.path(id))
    assert mwanda("runs", "export", id, "--out", str(zipped), "--no-statistics").exit_code == 0
    assert f"{id}/statistics.safetensors" not in zipfile.ZipFile(zipped).namelist()
    assert mwanda("runs", "export", A, B, "--tables", "--out", str(zipped)).exit_code == 0
    assert {f"{A}/csv/languages.csv", f"{B}/parquet/texts.parquet"} <= set(zipfile.ZipFile(zipped).namelist())
    done = mwanda("runs", "export", A, B, "--out", str(zipped))
    assert (done.exit_code, "add --tables" in done.stderr) == (EXIT_INPUT, True)
    zipped.write_text("no zip")
    done = mwanda("runs", "import", str(zipped))
    assert (done.exit_code, "not a zip file of a run" in done.stderr) == (EXIT_INPUT, True)


# --- The model again ---------------------------------------------------------------------------------------------------


def test_prune_and_apply_write_the_same_model_with_its_card(
    real_run: Path, model_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = told("apply", str(real_run), "--out", str(tmp_path / "model"))
    assert found["run"] == load_report(real_run).id
    assert found["achieved"] == pytest.approx(0.5)
    assert kept.content(tmp_path / "model") == kept.content(real_run / "model")
    card = (real_run / "model" / "README.md").read_text(encoding="utf-8")
    assert "Swahili" in card
    assert "--save-model" in card
    dense = load(str(model_folder), dtype="float32")
    read = AutoModelForCausalLM.from_pretrained(tmp_path / "model").state_dict()
    with apply_masks(dense, real_run):
        assert all(bool((read[name] == value).all()) for name, value in dense.hf.state_dict().items())
    done = mwanda("apply", str(real_run), "--out", str(tmp_path / "model"))
    assert (done.exit_code, "is not empty" in done.stderr) == (EXIT_INPUT, True)
    monkeypatch.chdir(tmp_path)
    assert told("apply", str(real_run))["folder"] == f"{real_run.name}-model"
    assert kept.content(tmp_path / f"{real_run.name}-model") == kept.content(real_run / "model")


def test_apply_refuses_another_model(real_run: Path, tmp_path: Path) -> None:
    tiny.language_model("llama", seed=1).save(tmp_path / "other")
    done = mwanda("apply", str(real_run), "--model", str(tmp_path / "other"), "--out", str(tmp_path / "model"))
    assert (done.exit_code, "has other weights" in done.stderr) == (EXIT_INPUT, True)
    assert not (tmp_path / "model").exists()


class Hub:
    """Takes what `HfApi` takes and remembers it."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.calls: list[dict[str, Any]] = []

    def create_repo(self, **given: Any) -> None:
        self.calls.append(given)

    def upload_folder(self, folder_path: str, **given: Any) -> None:
        self.calls.append(given)
        self.files = {file.name for file in Path(folder_path).iterdir()}


def test_push_uploads_with_the_token_of_the_environment_and_never_prints_it(
    real_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Hub()
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: hub)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    done = mwanda("push", str(real_run), "me/mine")
    assert (done.exit_code, "A token" in done.stderr, hub.calls) == (EXIT_INPUT, True, [])
    monkeypatch.setenv("HF_TOKEN", "a-secret")
    for source in (real_run, real_run / "model"):
        done = mwanda("push", str(source), "me/mine")
        assert (done.exit_code, done.stdout) == (0, "https://huggingface.co/me/mine\n")
        assert "a-secret" not in done.output
        assert {"README.md", "config.json", "model.safetensors"} <= hub.files
    assert all((call["token"], call["repo_id"]) == ("a-secret", "me/mine") for call in hub.calls)
    assert hub.calls[0]["private"] is True
    done = mwanda("push", str(real_run), "no owner")
    assert (done.exit_code, "owner/name" in done.stderr) == (EXIT_INPUT, True)


def test_cost_measures_and_says_what_zeros_do_not_save(real_run: Path) -> None:
    found = told("cost", str(real_run), "--tokens", "8", "--repeats", "1")
    assert found["pruned_bytes"] == found["dense_bytes"]
    assert found["pruned_zip"] < found["dense_zip"]
    assert len(found["pruned_times"]) == 1
    said = mwanda("cost", str(real_run), "--tokens", "8", "--repeats", "1").stdout
    assert "a zero takes as many bytes" in said
    assert "[this project's code" in said


# --- Many prunes -------------------------------------------------------------------------------------------------------


def test_a_sweep_goes_on_where_it_was(model_folder: Path, store: RunStore) -> None:
    words = ("sweep", "--model", str(model_folder), "--method", "wanda", "--languages", "en;sw", "--name", "mine", *SIZE)
    first = told(*words, "--sparsity", "0.5", "--held-out", "none")
    assert (len(first["runs"]), first["skipped"], first["refused"]) == (2, 0, {})
    found = told(*words, "--sparsity", "0.5,1.5", "--held-out", "none")
    assert (found["runs"], found["skipped"]) == (first["runs"], 2)
    assert next(iter(found["refused"].values())).startswith("Sparsity must lie")
    assert [(row["languages"], row["sparsity"]) for row in found["table"]] == [("en", 0.5), ("sw", 0.5)]
    assert found["front"] == [row["id"] for row in found["table"] if row["front"]]
    assert {entry.id for entry in store.entries()} >= set(first["runs"])
    done = mwanda("sweep", "--name", "mine", "--resume")
    assert done.exit_code == 0
    assert "2 runs, 2 of them kept from before" in done.stdout
    assert "Refused: " in done.stderr
    every = told(*words, "--sparsity", "0.5")["table"]
    assert all({"increase en", "increase sw"} <= {key for key, value in row.items() if value is not None} for row in every)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sparsity", "half"), "--sparsity takes numbers"),
        (("--seeds", "0.5"), "whole numbers"),
        (("--method", "best"), "no method named 'best'"),
        (("--name", "../mine"), "cannot be the name of a sweep"),
        (("--name", "unknown", "--resume"), "There is no sweep 'unknown'"),
    ],
)
def test_a_sweep_that_cannot_be(store: RunStore, words: tuple[str, ...], said: str) -> None:
    done = mwanda("sweep", *words)
    assert (done.exit_code, said in done.stderr) == (EXIT_INPUT, True)


def test_protect_keeps_two_runs_and_says_what_it_cost(model_folder: Path, store: RunStore) -> None:
    words = ("protect", "sw=5%", "--tries", "2", "--try-texts", "1", "--model", str(model_folder), "--languages", "en,sw")
    found = told(*words, "--method", "wanda", *QUICK)
    assert found["limits"] == {"sw": pytest.approx(math.log(1.05))}
    assert len(found["probes"]) == 2
    assert found["words"][0] == "Wanda with guards of 10% of the weight won, of 2 tries of 1 method."
    assert found["words"][1].startswith("Swahili: perplexity times ")
    assert any(sentence.startswith("English: ") for sentence in found["words"])
    assert {found["before"], found["after"]} <= {entry.id for entry in store.entries()}
    assert store.load(found["after"]).facts["recipe"] == found["recipe"]
    assert shlex.split(found["command"])[:2] == ["mwanda", "prune"]
    done = mwanda("protect", "hi=5%", "--languages", "en,sw")
    assert (done.exit_code, "hi cannot be protected" in done.stderr) == (EXIT_INPUT, True)


def test_a_sweep_takes_combinations_and_recipe_files(model_folder: Path, store: RunStore, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(recipe("ria").to_dict()), encoding="utf-8")
    words = ("sweep", "--model", str(model_folder), "--languages", "en,sw", "--sparsity", "0.5", *QUICK)
    found = told(*words, "--method", f"wanda,{file}", "--combine", "wanda", "--score", "ria", "--set", "score.power=0.25")
    recipes = [store.load(id).facts["recipe"] for id in found["runs"]]
    assert [entry["name"] for entry in recipes[:2]] == ["wanda", "ria"]
    assert recipes[1] == recipe("ria").to_dict()
    assert (recipes[2]["score"]["name"], recipes[2]["score"]["power"]) == ("ria", 0.25)
    assert recipes[2]["activation"] == recipe("wanda").to_dict()["activation"]
    report = store.path(found["runs"][2]) / "report.json"  # The report of a run is a recipe file, too.
    again = told(*words, "--method", str(report))
    assert (again["runs"], again["skipped"]) == ([found["runs"][2]], 1)


def test_protect_starts_from_a_combination(model_folder: Path, store: RunStore) -> None:
    words = ("protect", "sw=900%", "--tries", "1", "--try-texts", "1", "--model", str(model_folder), "--languages", "en,sw")
    found = told(*words, "--method", "wanda", "--score", "ria", "--set", "score.power=0.25", "--search-seed", "3", *QUICK)
    assert store.load(found["before"]).facts["recipe"]["score"] == {"name": "ria", "power": 0.25}
    (listed,) = protections(store)  # The page finds it.
    assert (listed.before, listed.after) == (found["before"], found["after"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--method", "combined"), "none of them was given"),
        (("--method", "gone.json"), "'gone.json' is missing or holds no JSON object"),
        (("--score", "best"), "named 'best'"),
        (("--set", "score.power"), "--set takes name=value"),
        (("--set", "colour=3"), "'colour' is not a setting of"),
    ],
)
@pytest.mark.parametrize("command", [("sweep",), ("protect", "sw=5%")])
def test_a_combination_that_cannot_be(store: RunStore, command: tuple[str, ...], words: tuple[str, ...], said: str) -> None:
    done = mwanda(*command, *words)
    if command[0] == "protect" and words[1] == "combined":
        said = "no method named 'combined'"
    assert (done.exit_code, said in done.stderr) == (EXIT_INPUT, True), done.stderr


def test_a_file_that_is_no_recipe(tmp_path: Path) -> None:
    for text, wrong in (
        ("[]", "no JSON object"),
        ('{"recipe": 3}', "no JSON object"),
        ('{"colour": 1}', "no field named colour"),
    ):
        (tmp_path / "bad.json").write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=wrong):
            one_method(str(tmp_path / "bad.json"))


# --- Runs cut off ------------------------------------------------------------------------------------------------------


def cut_off(store: RunStore, settings: Settings) -> str:
    """An entry as a crash leaves it."""
    with pytest.raises(MemoryError), store.started(settings, "Wanda 50% on tiny") as id:
        raise MemoryError
    return id


def test_a_run_that_was_cut_off_is_listed_and_started_again(model_folder: Path, store: RunStore) -> None:
    assert "No run was cut off." in mwanda("runs", "unfinished").stdout
    wanted = dataclasses.replace(
        kept.SMALL, model=str(model_folder), method="wanda", held_out=(), eval_texts=1, tokens_per_language=64
    )
    id = cut_off(store, wanted)
    said = mwanda("runs", "unfinished").stdout
    assert (id in said, "MemoryError" in said, "mwanda runs resume" in said) == (True, True, True)
    assert [entry["id"] for entry in told("runs", "unfinished")["unfinished"]] == [id]
    done = told("runs", "resume", id)
    assert store.load(done["run"]).facts["settings"]["languages"] == list(wanted.languages)
    assert store.unfinished() == []
    again = mwanda("runs", "resume", id)
    assert (again.exit_code, "There is no unfinished run named" in again.stderr) == (EXIT_INPUT, True)


def test_a_run_that_cannot_be_started_again_stays_in_the_list(store: RunStore) -> None:
    id = cut_off(store, dataclasses.replace(kept.SMALL, model="/no/such/model", method="wanda"))
    done = mwanda("runs", "resume", id)
    assert (done.exit_code, done.stderr.startswith("Error: ")) == (EXIT_INPUT, True)
    assert [entry.id for entry in store.unfinished()] == [id]


# --- The page of words -------------------------------------------------------------------------------------------------

COMMANDS = re.findall(r"^mwanda .*$", (ROOT / "docs" / "runs.md").read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_every_command_of_the_documentation_does_what_it_says(
    model_folder: Path, store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_TOKEN", "a-secret")
    monkeypatch.setattr(huggingface_hub, "HfApi", Hub)
    small = ("--tokens", "64", "--sequence-length", "32", "--eval-texts", "1", "--no-choices", "--held-out", "none")
    more = {
        "prune": (str(model_folder), *small),
        "sweep": ("--model", str(model_folder), *small),
        "protect": ("--model", str(model_folder), "--languages", "en,sw", *small),
    }
    run = ""
    for line in COMMANDS:
        words = [{"RUN": run, "OTHER": A, "24": "2", "0.3,0.5": "0.5"}.get(word, word) for word in shlex.split(line)[1:]]
        if words[:2] == ["runs", "delete"]:
            words[2] = B
        done = mwanda(*words, *more.get(words[0], ()))
        assert done.exit_code == 0, f"{line}: {done.output}"
        run = run or next((entry.id for entry in store.entries() if entry.id not in (A, B)), "")
    assert {words.split()[1] for words in COMMANDS} == {"prune", "runs", "apply", "sweep", "protect", "push", "cost"}
    assert (tmp_path / "pruned-model" / "README.md").is_file()
