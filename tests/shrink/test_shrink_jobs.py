"""Plan, replay, budget and the whole command, on a small model; nothing is ever left half-written."""

import dataclasses
import json
from pathlib import Path

import pytest
import torch
import trimming
from transformers import AutoModelForCausalLM, AutoTokenizer
from typer.testing import CliRunner, Result

from mwanda_core.cli.app import app
from mwanda_core.cli.shrinking import bytes_in, tokens_in
from mwanda_core.corpora import builtin
from mwanda_core.errors import Cancelled, InputError, ModelError
from mwanda_core.progress import Monitor
from mwanda_core.shrink import Plan, Wishes, plan_from, plan_job, read_plan
from mwanda_core.shrink.deed import carry_out, size_on_disk
from mwanda_core.shrink.evidence import LANGUAGES, verdict
from mwanda_core.shrink.folders import model_folder, whole_folder
from mwanda_core.shrink.sizes import sizes

LAYOUT = ["sliding_attention", "sliding_attention", "full_attention"] * 2
LANGS = ("en", "sw")
TEXTS = builtin(LANGS)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small Gemma-like model with wide blocks."""
    folder = tmp_path_factory.mktemp("source") / "tiny-gemma"
    return trimming.saved(
        trimming.CHARACTERS,
        folder,
        "gemma3_text",
        num_hidden_layers=6,
        layer_types=LAYOUT,
        intermediate_size=192,
        query_pre_attn_scalar=8,
    )


@pytest.fixture(scope="module")
def plan(source: Path) -> Plan:
    wishes = Wishes(LANGS, vocabulary=448, neurons=1 / 3, layers=4, tokens=256)
    return plan_job(str(source), wishes, TEXTS, "built-in", Monitor())


def test_a_plan_says_what_each_step_saves(plan: Plan, source: Path) -> None:
    assert [step.step for step in plan.steps] == ["vocabulary", "layers", "neurons"]
    assert all(step.saved > 0 for step in plan.steps)
    assert plan.steps[0].megabytes_before == pytest.approx(size_on_disk(source) / 10**6, rel=0.1)
    assert 0.5 < (plan.steps[0].coverage or 0) <= 1
    assert len(plan.vocabulary) == 448
    assert len(plan.gone) == 2
    assert plan.width == 128


def test_a_plan_survives_its_json_and_its_deed_is_the_same(plan: Plan, source: Path, tmp_path: Path) -> None:
    plan.save(tmp_path / "plan.json")
    again = read_plan(tmp_path / "plan.json")
    assert again == plan
    assert sum(plan.weights) == pytest.approx(1)
    old = {k: v for k, v in plan.to_dict().items() if k not in ("heads", "groups", "experts", "masses", "weights")}
    assert plan_from(old) == dataclasses.replace(plan, weights=())
    for name in ("a", "b"):
        carry_out(again, model_folder(source), TEXTS.calibration, tmp_path / name, Monitor())
    files = {file.name for file in (tmp_path / "a").iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "shrink.json"} <= files
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    model, info = AutoModelForCausalLM.from_pretrained(tmp_path / "a", output_loading_info=True)
    assert not any(info[kind] for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    shape = model.config
    assert (shape.vocab_size, shape.num_hidden_layers, shape.intermediate_size) == (448, 4, 128)
    assert shape.layer_types == ["sliding_attention", "full_attention"] * 2
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "a")
    done = model.generate(**tokenizer("Habari", return_tensors="pt"), max_new_tokens=5, do_sample=False)
    assert int(done.max()) < 448
    assert size_on_disk(tmp_path / "a") < size_on_disk(source)


def test_a_cancel_leaves_nothing(plan: Plan, source: Path, tmp_path: Path) -> None:
    calls = 0

    def later() -> bool:
        nonlocal calls
        calls += 1
        return calls > 10

    with pytest.raises(Cancelled):
        carry_out(plan, model_folder(source), TEXTS.calibration, tmp_path / "out", Monitor(is_cancelled=later))
    assert calls > 10
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty"), whole_folder(tmp_path):
        pass
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_a_plan_for_another_model_is_refused(plan: Plan, tmp_path: Path) -> None:
    other = model_folder(trimming.saved(trimming.CHARACTERS, tmp_path / "other", "gemma3_text", seed=1))
    with pytest.raises(ModelError, match="another model"):
        carry_out(plan, other, TEXTS.calibration, tmp_path / "out", Monitor())
    with pytest.raises(InputError, match="no plan"):
        plan_from({"format": 1, "source": "x"})
    (tmp_path / "bad.json").write_text("[1")
    with pytest.raises(InputError, match="no plan"):
        read_plan(tmp_path / "bad.json")


def test_sizes_are_those_of_the_files(source: Path) -> None:
    folder = model_folder(source)
    found = sizes(folder)
    whole = found.total(found.tokens, found.layers, found.width)
    assert whole == pytest.approx(folder.num_bytes + (source / "tokenizer.json").stat().st_size, rel=1e-6)
    width = found.widest(found.tokens, found.layers, whole * 0.9, 8)
    assert found.total(found.tokens, found.layers, width) <= whole * 0.9 < found.total(found.tokens, found.layers, width + 8)


def test_a_size_budget_is_kept(source: Path, tmp_path: Path) -> None:
    size = round(size_on_disk(source) * 0.75)
    wishes = Wishes(LANGS, vocabulary=448, at_most=size, tokens=256, expected_by_model=False)
    found = plan_job(str(source), wishes, TEXTS, "built-in", Monitor())
    assert len(found.steps) > 1
    carry_out(found, model_folder(source), TEXTS.calibration, tmp_path / "out", Monitor())
    assert size_on_disk(tmp_path / "out") - (tmp_path / "out" / "shrink.json").stat().st_size <= size * 1.02
    with pytest.raises(InputError, match="the smallest here has"):
        plan_job(str(source), Wishes(LANGS, vocabulary=448, at_most=10**5, tokens=256), TEXTS, "built-in", Monitor())


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (Wishes(LANGS), "Nothing to make smaller"),
        (Wishes((), vocabulary=400), "Name the languages"),
        (Wishes(LANGS, vocabulary=400, coverage=0.9), "one of the two"),
        (Wishes(LANGS, neurons=1.5), "share"),
    ],
)
def test_wishes_that_cannot_be_are_refused(wishes: Wishes, said: str, source: Path) -> None:
    with pytest.raises(InputError, match=said):
        plan_job(str(source), wishes, TEXTS, "built-in", Monitor())


def mwanda(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_the_command_plans_then_makes_and_measures(source: Path, tmp_path: Path) -> None:
    quick = ("--languages", "en,sw", "--vocabulary", "448", "--no-ask-model")
    shown = mwanda("shrink", str(source), *quick, "--save-plan", str(tmp_path / "plan.json"))
    assert shown.exit_code == 0, shown.output
    assert "448 of" in shown.output
    assert not (tmp_path / "out").exists()
    done = mwanda("shrink", "--replay", str(tmp_path / "plan.json"), "--out", str(tmp_path / "out"), "--json")
    assert done.exit_code == 0, done.output
    tables = json.loads(done.output)["tables"]
    languages = {row["language"]: row for row in tables["languages"]}
    assert set(languages["en"]) == set(LANGUAGES)
    assert languages["en"]["role"] == languages["sw"]["role"] == "kept"
    assert languages["th"]["role"] == "dropped"
    # The small tokenizer never had Thai letters: all of it was bytes, and bytes stay.
    assert languages["th"]["coverage"] == 1.0 > languages["sw"]["coverage"]
    assert {row["what"] for row in tables["sizes"]} == {"original", "small"}
    card = (tmp_path / "out" / "README.md").read_text()
    assert "448 of" in card
    assert "Swahili" in card
    assert "Thai was not kept" in card or "no longer write Thai" in card


def test_mistakes_of_the_command_are_one_sentence(source: Path, tmp_path: Path) -> None:
    for arguments, said in (
        (("--vocabulary", "many"), "--vocabulary takes"),
        (("--at-most", "small"), "--at-most takes"),
        (("--replay", str(tmp_path / "none.json")), "add --out"),
        (("--vocabulary", "10"), "too small"),
    ):
        done = mwanda("shrink", str(source), *arguments)
        assert done.exit_code == 2
        assert said in done.output
        assert "Traceback" not in done.output


def test_sizes_and_numbers_as_people_write_them() -> None:
    assert bytes_in("150MB") == 150 * 10**6
    assert bytes_in("1.5 GiB") == 3 * 2**29
    assert bytes_in("") is None
    assert tokens_in("32k") == 32768
    assert tokens_in("1000") == 1000


def test_a_lost_language_is_called_lost() -> None:
    assert verdict("Thai", "dropped", 0.1, 3.0) == "This model can no longer write Thai: 10% of its tokens are left."
    assert "was kept" in verdict("Thai", "kept", 0.99, 0.01)


def test_what_was_made_goes_through_the_other_commands(source: Path, tmp_path: Path) -> None:
    """A smaller model is an ordinary one: it can be pruned."""
    assert (
        mwanda(
            "shrink",
            str(source),
            "--languages",
            "en,sw",
            "--vocabulary",
            "448",
            "--no-ask-model",
            "--out",
            str(tmp_path / "out"),
        ).exit_code
        == 0
    )
    done = mwanda(
        "prune", str(tmp_path / "out"), "--languages", "en,sw", "--held-out", "none", "--tokens", "64", "--sequence-length", "32",
        "--eval-texts", "2", "--no-choices",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert torch.is_grad_enabled()
