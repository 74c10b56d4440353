"""Whatever can be seen to be wrong without a model is refused before one is loaded, by every command that would load one."""

from pathlib import Path

import pytest
import tiny
from typer.testing import CliRunner

import mwanda_core.models
from mwanda_core.cli.app import EXIT_INPUT, app
from mwanda_core.errors import InputError
from mwanda_core.shrink import Wishes
from mwanda_core.shrink.folders import model_folder
from mwanda_core.shrink.planning import check

MISTAKES = [
    ("prune --guard 0.95", "'guard' must lie between"),
    ("prune --guard 0.1 --guard-languages qq", "has no text in qq"),
    ("prune --guard nan", "'guard' must be a finite number"),
    ("prune --tokens 0", "'tokens_per_language' must lie between"),
    ("prune --sequence-length 0", "'sequence_length' must lie between"),
    ("prune --sequence-length 1", "'sequence_length' must lie between"),
    ("prune --eval-texts -1", "'eval_texts' must lie between"),
    ("prune --precision 11", "'precision' must lie between"),
    ("prune --stop-after -1", "'stop_after' must lie between"),
    ("prune --seed -1", "'seed' must lie between"),
    ("prune --dtype int4", "'dtype' must be one of"),
    ("prune --device gpu", "The device must be auto, cpu, cuda"),
    ("prune --tasks riddles", "no task named 'riddles'"),
    ("prune --tasks xcopa --task-texts no/folder", "no folder 'no/folder'"),
    ("prune --spare-neurons fr", "Neurons of fr cannot be spared"),
    ("prune --out FULL", "is not empty and holds no run"),
    ("prune --out FULL/file/below", "is no folder that can be written to"),
    ("prune --out /proc/there", "is no folder that can be written to"),
    ("prune --out /sys/kernel/there", "is no folder that can be written to"),
    ("prune --languages zh-Hant", "also zh, in its usual script"),
    ("study profile --sparsity 2", "Sparsity must lie between"),
    ("study profile --languages qq", "has no text in qq"),
    ("study prompts --languages qq", "has no text in qq"),
    ("study truth --method wandaa", "no method named 'wandaa'"),
    ("study metric-search --tokens 0", "'tokens_per_language' must lie between"),
    ("study profile --out FULL", "is not empty and holds no study"),
    ("prompt a_few_words --language en --active 2", "must lie between 0.01 and 1"),
    ("prompt a_few_words --language qq", "has no text in qq"),
    ("prompt a_few_words --language en --prior -1", "0 or more pseudo-tokens"),
    ("prompt a_few_words --language en --refresh -1", "Masks are refreshed"),
    ("prompt a_few_words --language en --new-tokens 0", "at least one token"),
    ("prompt a_few_words --language en --tokens 0", "at least one token per language"),
    ("protect sw=5% --sparsity 2", "Sparsity must lie between"),
    ("protect sw=5% --tries 0", "at least one try"),
    ("protect sw=5% --search luck", "The search must be one of"),
    ("protect sw=5% --texts no/folder", "no folder 'no/folder'"),
    ("protect sw=5% --device gpu", "The device must be auto, cpu, cuda"),
    ("sweep --seeds -1 --store FULL/new", "'seed' must lie between"),
    ("sweep --tokens 0 --store FULL/new", "'tokens_per_language' must lie between"),
    ("sweep --sparsity= --store FULL/new", "--sparsity takes numbers separated by commas; it was given none"),
    ("sweep --seeds= --store FULL/new", "--seeds takes numbers separated by commas; it was given none"),
    ("sweep --method= --store FULL/new", "--method takes names of methods separated by commas; it was given none"),
    ("shrink --neurons 0.5 --out FULL", "is not empty"),
]


@pytest.mark.parametrize(("command", "said"), MISTAKES)
def test_refused_before_the_model_is_loaded(command: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def loaded(*_: object, **__: object) -> None:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr("mwanda_core.run.experiment.load", loaded)
    monkeypatch.setattr(mwanda_core.models, "load", loaded)
    full = tmp_path / "full"
    full.mkdir()
    (full / "file").write_text("of somebody else")
    done = CliRunner().invoke(app, command.replace("FULL", str(full)).split())
    assert said in done.output, done.output
    assert (done.exit_code, "Traceback" in done.output) == (EXIT_INPUT, False)


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        ({"coverage": 3.0}, "The coverage is a share"),
        ({"neurons": -0.5}, "remove is a share"),
        ({"layers": -2}, "At least one decoder block"),
    ],
)
def test_wishes_that_cannot_be_are_refused_before_anything_is_loaded(
    wishes: dict[str, float], said: str, tmp_path: Path
) -> None:
    tiny.language_model("llama").save(tmp_path / "model")
    with pytest.raises(InputError, match=said):
        check(model_folder(tmp_path / "model"), Wishes(("en",), **wishes))  # type: ignore[arg-type]
