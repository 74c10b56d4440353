"""Nothing stuck: pipes in the place of files, jobs that hear no cancel, sizes that nothing has."""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mwanda_core.corpora.folder import folder
from mwanda_core.corpora.statements import _read as read_statements
from mwanda_core.errors import InputError, ModelError
from mwanda_core.models.inspect import check_folder, check_gguf, check_sizes
from mwanda_core.progress import Monitor
from mwanda_core.run.jobs import JobManager
from mwanda_core.run.settings import Settings, all_settings, refuse_settings, settings_from
from mwanda_core.shrink.plan import read_plan
from mwanda_core.studies.correction.behaviours import word_list
from mwanda_core.tasks.files import read_items

pytestmark = pytest.mark.attack
LONG = 20.0

pipes = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


def within(seconds: float, work: Callable[[], Any]) -> BaseException | None:
    """What a work raised; it fails when it goes on for longer."""
    found: list[BaseException | None] = []

    def inner() -> None:
        try:
            work()
            found.append(None)
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=inner, daemon=True)
    thread.start()
    thread.join(seconds)
    assert found, "it waits for a pipe"
    return found[0]


@pipes
@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("sw.txt", lambda file: folder(file.parent, ["sw"])),
        ("items.jsonl", read_items),
        ("items.zip", read_items),
        ("plan.json", read_plan),
        ("words.txt", word_list),
        ("cities.csv", lambda file: read_statements(file, "cities", "en", False)),
        ("model.gguf", check_gguf),
        ("tokenizer.json", lambda file: check_folder(file.parent)),
        ("config.json", lambda file: check_folder(file.parent)),
    ],
)
def test_a_pipe_in_the_place_of_a_file_is_refused_at_once(name: str, read: Callable[[Path], Any], tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    (tmp_path / "model.safetensors").write_bytes(b"\2" + b"\0" * 7 + b"{}")
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    error = within(LONG, lambda: read(tmp_path / name))
    assert isinstance(error, InputError)
    assert name in str(error)


def test_a_job_that_hears_no_cancel_is_left_behind_and_the_next_one_runs() -> None:
    jobs, door, seen = JobManager(patience=0.05), threading.Event(), []

    def deaf(monitor: Monitor) -> str:
        door.wait(LONG)
        seen.append("late")
        return "late"

    first = jobs.submit(deaf, "deaf")
    while jobs.get(first).state != "running":
        time.sleep(0.001)
    second = jobs.submit(lambda monitor: threading.current_thread(), "next")
    jobs.cancel(first)
    jobs.cancel(first)  # Pressed twice: still one worker.
    view = jobs.wait(first, LONG)
    assert (view.state, jobs.wait(second, LONG).state) == ("failed", "done")
    assert "left behind" in view.error
    door.set()
    third = jobs.submit(lambda monitor: threading.current_thread(), "third")
    assert jobs.wait(third, LONG).result is jobs.get(second).result
    while not seen:
        time.sleep(0.001)
    assert jobs.get(first).state == "failed"  # What comes late is dropped.
    jobs.close(LONG)


def test_a_panic_of_a_rust_library_ends_its_job_with_a_code(caplog: pytest.LogCaptureFixture) -> None:
    class PanicException(BaseException):
        pass

    def panics(monitor: Monitor) -> None:
        raise PanicException("called `Option::unwrap()` on a `None` value")

    jobs = JobManager()
    view = jobs.wait(jobs.submit(panics, "panics"), LONG)
    code = view.error.rstrip(".").rpartition(" ")[2]
    assert view.state == "failed"
    assert "PanicException" in view.error
    assert len(code) == 8
    assert code in caplog.text
    assert jobs.wait(jobs.submit(lambda monitor: 1, "next"), LONG).state == "done"
    jobs.close(LONG)


def test_every_whole_number_of_a_run_has_bounds() -> None:
    for name, setting in all_settings().items():
        if setting.knob.kind == "whole":
            assert setting.knob.high is not None, name
            with pytest.raises(InputError):
                refuse_settings(Settings(**{name: int(setting.knob.high) + 1}))
            with pytest.raises(InputError, match="digits"):
                settings_from({name: 10**40})


@pytest.mark.parametrize(
    "config",
    [
        {"num_hidden_layers": 1_000_000},
        {"n_layer": 10**12},
        {"text_config": {"hidden_size": 2**40}},
        {"num_local_experts": 10**9},
        {"max_position_embeddings": 10**30},
        {"layers": [{"vocab_size": -(2**40)}]},
    ],
)
def test_sizes_that_no_model_has_are_refused_before_anything_is_built(config: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="at most"):
        check_sizes("mine", config)
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "model.safetensors").write_bytes(b"\2" + b"\0" * 7 + b"{}")
    with pytest.raises(ModelError, match="at most"):
        check_folder(tmp_path)


def test_sizes_of_large_models_pass() -> None:
    check_sizes(
        "large", {"num_hidden_layers": 126, "hidden_size": 16_384, "vocab_size": 262_144, "rope_theta": 5e6, "tie": True}
    )
    assert sys.maxsize > 2**40
