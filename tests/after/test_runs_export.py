"""What leaves the program: the command that repeats a run, the model with its card, the tables, and the Hub."""

import dataclasses
import io
import json
import logging
import zipfile
from pathlib import Path
from typing import Any

import kept
import pandas as pd
import pytest
import tiny
import torch
from hub import FakeHub, typed
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM
from typer.testing import CliRunner

import mwanda_core as mw
from mwanda_core.after.export import LIMITS, export_model, model_card, tables_zip
from mwanda_core.after.hub import licence_of, push_model
from mwanda_core.after.reapply import apply_masks
from mwanda_core.after.repeat import again, command, python
from mwanda_core.cli.app import app
from mwanda_core.errors import InputError, RunError
from mwanda_core.methods.recipes import RECIPES, Recipe, recipe
from mwanda_core.parts.patterns import NtoM, Unstructured
from mwanda_core.run.experiment import Workbench
from mwanda_core.run.settings import Settings
from mwanda_core.store.report import load_report

# --- The same again ----------------------------------------------------------------------------------------------------


def understood(line: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings that the command line makes of a command."""
    seen: list[Settings] = []
    monkeypatch.setattr("mwanda_core.cli.app._run", lambda settings, *others: seen.append(settings))
    done = CliRunner().invoke(app, typed(line))
    assert done.exit_code == 0, done.output
    return seen[0]


def parts(found: Recipe) -> dict[str, Any]:
    return {key: value for key, value in found.to_dict().items() if key not in ("name", "title", "summary")}


CHANGED = [
    recipe("m-wanda", lam=2.5).replace(**{"allocation.strength": 0.03, "allocation.protect": "shared"}),
    recipe("training-share", mix="custom", weights_by_language="en=2, sw=0.5"), recipe("wanda").replace(pattern=NtoM(2, 4)),
    recipe("ria", power=0.25).replace(pattern=Unstructured(scope="layer")), recipe("sparsegpt", blocksize=64),
    dataclasses.replace(recipe("m-wanda", lam=3.0), name="mine", title="Mine"),
    recipe("wanda").replace(pattern=NtoM(4, 8, mixed=True)), recipe("sparsegpt").replace(allocation=recipe("owl").allocation),
]  # fmt: skip


@pytest.mark.parametrize("wanted", [*RECIPES.values(), *CHANGED], ids=lambda found: found.name)
def test_the_command_means_the_recipe(wanted: Recipe, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(method=wanted.to_dict())
    found = understood(command(settings), monkeypatch)
    assert parts(recipe(found.method)) == parts(wanted)
    scope: dict[str, Any] = {"mw": mw}
    exec(python(settings).rpartition("\n")[0], scope)
    assert parts(recipe(scope["settings"].method)) == parts(wanted)


def test_every_setting_reaches_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(
        model="a model's path",
        languages=("en", "sw"),
        held_out=("hi",),
        method="wanda",
        sparsity=0.37,
        mode="sequential",
        tokens_per_language=640,
        sequence_length=64,
        texts="c4",
        evaluation_texts="my texts",
        eval_texts=3,
        choices=False,
        seed=7,
        device="cpu",
        dtype="bfloat16",
    )
    found = understood(command(settings), monkeypatch)
    assert parts(recipe(found.method)) == parts(recipe("wanda"))
    assert dataclasses.replace(found, method="wanda") == settings
    assert understood(command(Settings(held_out=())), monkeypatch).held_out == ()


def test_a_setting_that_most_runs_leave_alone_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(model="tiny", method=recipe("wanda").to_dict(), mode="sequential", allocation_share=0.5)
    assert understood(command(settings), monkeypatch) == settings
    assert "--allocation-share" not in command(dataclasses.replace(settings, allocation_share=1.0))
    scope: dict[str, Any] = {"mw": mw}
    exec(python(settings).rpartition("\n")[0], scope)
    assert parts(recipe(scope["settings"].method)) == parts(recipe("wanda"))


def test_command_and_lines_really_give_the_same_masks(tmp_path: Path) -> None:
    source = tmp_path / "a model"
    tiny.language_model().save(source)
    settings = dataclasses.replace(
        kept.SMALL, model=str(source), method=CHANGED[0].to_dict(), sparsity=0.37, seed=3, eval_texts=1, dtype="float32"
    )
    first = Workbench().run(settings).save(tmp_path / "first")
    found = again(load_report(first))
    done = CliRunner().invoke(app, [*typed(found.command), "--out", str(tmp_path / "second")])
    assert done.exit_code == 0, done.output
    scope: dict[str, Any] = {}
    exec(found.python, scope)
    scope["run"].save(tmp_path / "third")
    masks = load_file(first / "masks.safetensors")
    for other in ("second", "third"):
        assert tiny.same(load_file(tmp_path / other / "masks.safetensors"), masks)
        facts = load_report(tmp_path / other).facts
        assert facts["settings"]["sparsity"] == 0.37
        assert parts(recipe(facts["recipe"])) == parts(CHANGED[0])
    assert "--out" in command(settings, out="run")


# --- The model and its card --------------------------------------------------------------------------------------------


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A pruned tiny model as a folder."""
    run, _ = kept.run_of("sparsegpt")
    model = tiny.language_model()
    with apply_masks(model, run.save(tmp_path / "run")) as applied:
        return export_model(model, applied, applied.report, tmp_path / "out" / "model", licence="apache-2.0")


def test_plain_transformers_loads_the_same_weights(exported: Path) -> None:
    run, pruned = kept.run_of("sparsegpt")
    found = AutoModelForCausalLM.from_pretrained(exported, dtype=torch.float32)
    for name, tensor in found.state_dict().items():
        assert tensor.contiguous().view(torch.uint8).numpy().tobytes() == pruned[name], name
    assert run.result.updates
    assert [f.name for f in exported.parent.iterdir()] == ["model"]


def test_the_card_says_what_the_model_is(exported: Path) -> None:
    card = (exported / "README.md").read_text(encoding="utf-8")
    run = kept.run_of("sparsegpt")[0].report
    _, head, body = card.split("---\n", 2)
    fields = {line.partition(": ")[0]: json.loads(line.partition(": ")[2]) for line in head.splitlines()}
    assert fields["license"] == "apache-2.0"
    assert fields["language"] == ["en", "el", "sw"]
    assert "base_model" not in fields  # A model in memory has no name on the Hub.
    for row in run.tables["languages"].to_dict(orient="records"):
        assert f"| {row['name']} | {row['role']} | {row['dense_loss']:.3f} | {row['pruned_loss']:.3f} |" in body
        assert f"({row['ratio_low']:.3f} to {row['ratio_high']:.3f})" in body
    assert "| 0 | 50.0% |" in body
    assert run.facts["model"]["fingerprint"] in body
    assert all(limit in body for limit in LIMITS)
    assert again(run).command in body
    assert again(run).python in body


def test_a_card_of_a_model_on_the_hub_and_of_odd_words() -> None:
    found = kept.report(model="Qwen/Qwen2.5-0.5B")
    found.facts["notes"].append("a | b\n## <script> `x` [link](y)")
    card = model_card(found)
    assert 'base_model: "Qwen/Qwen2.5-0.5B"' in card
    assert "license" not in card.split("---")[1]
    assert "not known here" in card
    assert "\n## <script>" not in card
    assert "<script>" not in card
    empty = dataclasses.replace(found, tables={**found.tables, "languages": pd.DataFrame()})
    assert "No language was scored." in model_card(empty)


def test_only_the_pruned_model_is_exported(tmp_path: Path) -> None:
    run, _ = kept.run_of("wanda")
    model = tiny.language_model()
    with pytest.raises(RunError, match="not pruned by this run at the moment"):
        export_model(model, run.result, run.report, tmp_path / "model")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").write_text("years of work")
    with apply_masks(model, run.save(tmp_path / "run")) as applied:
        for place in (tmp_path / "full", tmp_path / "full" / "thesis.txt"):
            with pytest.raises(RunError, match="is not empty"):
                export_model(model, applied, run.report, place)
        (tmp_path / "empty").mkdir()
        assert (export_model(model, applied, run.report, tmp_path / "empty") / "config.json").is_file()
    assert sorted(f.name for f in tmp_path.iterdir()) == ["empty", "full", "run"]


def test_all_tables_in_one_file(tmp_path: Path) -> None:
    reports = [kept.report("a"), kept.run_of("wanda")[0].report]
    target = tables_zip(reports, tmp_path / "deep" / "tables.zip")
    assert [f.name for f in target.parent.iterdir()] == ["tables.zip"]
    with zipfile.ZipFile(target) as archive:
        for report in reports:
            for name, table in report.tables.items():
                found = pd.read_parquet(io.BytesIO(archive.read(f"{report.id}/parquet/{name}.parquet")))
                pd.testing.assert_frame_equal(found, table, check_dtype=len(table) > 0)
                read = pd.read_csv(io.BytesIO(archive.read(f"{report.id}/csv/{name}.csv")))
                assert list(read) == list(table)
                assert len(read) == len(table)
            assert json.loads(archive.read(f"{report.id}/report.json"))["id"] == report.id
    for wrong in ([], [reports[0], reports[0]]):
        with pytest.raises(RunError, match="one or more different runs"):
            tables_zip(wrong, tmp_path / "none.zip")


# --- The Hub -----------------------------------------------------------------------------------------------------------

TOKEN = "hf_a-secret-that-nobody-may-see"


def test_a_model_goes_to_the_hub_and_the_token_stays_nowhere(
    exported: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    hub = FakeHub()
    assert push_model(exported, "me/pruned", TOKEN, api=hub) == "https://huggingface.co/me/pruned"
    assert [name for name, _ in hub.asked] == ["create_repo", "upload_folder"]
    for _, how in hub.asked:
        assert (how["repo_id"], how["token"], how["repo_type"]) == ("me/pruned", TOKEN, "model")
    assert hub.asked[0][1]["private"] is True
    assert hub.asked[1][1]["folder_path"] == str(exported)
    with pytest.raises(
        InputError, match=r"did not take the model 'me/pruned' \(OSError\): 403 Forbidden Authorization"
    ) as caught:
        push_model(exported, "me/pruned", TOKEN, api=FakeHub(refuse=True))
    error: BaseException | None = caught.value
    assert TOKEN not in str(error)
    assert caught.value.__suppress_context__
    assert caught.value.__cause__ is None
    printed = capfd.readouterr()
    assert TOKEN not in caplog.text + printed.out + printed.err
    assert all(TOKEN.encode() not in data for data in kept.content(exported.parent.parent).values())


@pytest.mark.parametrize("name", ["model", "a/b/c", "../x", "a/..", "me/", "/me", "me/a b", "-me/a", "me/a--b", ""])
def test_names_that_the_hub_has_not(exported: Path, name: str) -> None:
    hub = FakeHub()
    with pytest.raises(InputError, match="named owner/name"):
        push_model(exported, name, TOKEN, api=hub)
    assert hub.asked == []


def test_only_exported_models_go_to_the_hub(exported: Path, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="holds no exported model"):
        push_model(tmp_path, "me/pruned", TOKEN, api=FakeHub())
    with pytest.raises(InputError, match="A token with the right to write"):
        push_model(exported, "me/pruned", " ", api=FakeHub())


def test_licences_where_they_are_known(exported: Path, tmp_path: Path) -> None:
    assert licence_of("gemma-3-270m") == "gemma"
    assert licence_of(str(exported)) == "apache-2.0"
    for card in ("", "no front matter\nlicense: mit", "---\nlicense: [a, b]\n---\n", "---\nlicence: mit\n---\n"):
        (tmp_path / "README.md").write_text(card)
        assert licence_of(str(tmp_path)) == ""
    for nothing in ("", "nobody/nothing", "in memory", str(tmp_path / "x"), "\0"):
        assert licence_of(nothing) == ""
