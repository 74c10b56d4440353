"""The API for programs: the example of docs/api.md run as it stands against a real server, and every refusal in one sentence."""

import asyncio
import contextlib
import dataclasses
import io
import json
import math
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kept
import pandas as pd
import pytest
import tiny
from gradio_client import Client
from gradio_client.exceptions import AppError
from pages import Script, with_

from components.app import api
from components.app.page import Page
from components.i18n import words
from components.jobs import settings_run
from components.jobs.compute import Local
from components.jobs.export import ModelWritten
from components.jobs.kind import RunSaved
from components.jobs.table import work_in
from components.scratch import Scratch
from components.store import RunStore
from mwanda_core.errors import InputError
from mwanda_core.methods.recipes import RECIPES
from mwanda_core.run.jobs import JobView
from mwanda_core.store.report import load_report

ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
NAMES = {
    "list_methods",
    "list_languages",
    "list_settings",
    "estimate",
    "start",
    "status",
    "cancel",
    "results",
    "runs",
    "tables_zip",
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    kept.report("20260101-000000-kept").save(folder / "20260101-000000-kept")
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    tiny.language_model().save(folder / "tiny")
    return folder / "tiny"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, runs: Path, model: Path) -> Iterator[str]:
    """`python app.py` with a tiny random model as its default."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    environment = os.environ | {"MWANDA_DEFAULT_MODEL": str(model), "MWANDA_RUNS": str(runs), "OMP_NUM_THREADS": "1"}
    log = tmp_path_factory.mktemp("log") / "app.log"
    with log.open("w") as stream:
        app = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), "--port", port], cwd=ROOT, env=environment, stdout=stream, stderr=subprocess.STDOUT
        )  # fmt: skip
        try:
            wait_for(f"http://127.0.0.1:{port}/", app)
            yield f"http://127.0.0.1:{port}"
        finally:
            app.terminate()
            app.wait(30)
    # A mistake of a program is no error of the server.
    assert "Traceback" not in log.read_text()


def wait_for(url: str, app: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert app.poll() is None, "app.py ended"
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.3)
    raise AssertionError("app.py did not answer")


@pytest.fixture(scope="module")
def client(server: str) -> Iterator[Client]:
    with closing(Client(server, verbose=False)) as found:
        yield found


@contextlib.contextmanager
def closing(client: Client) -> Iterator[Client]:
    try:
        yield client
    finally:
        client.close()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    from components.app.page import build

    place = Local(work_in(RunStore(tmp_path), Scratch()))

    async def draw() -> Page:
        return build(place, RunStore(tmp_path))

    found = asyncio.run(draw())
    yield found
    found.close()
    place.close()


def ran(code: str, server: str, model: Path) -> tuple[dict[str, Any], str]:
    """What a program of the docs leaves behind and prints; only the address and the model are other ones."""
    assert code.count('Client("http://127.0.0.1:7860"') <= 1
    code = code.replace("http://127.0.0.1:7860", server)
    code = code.replace(
        "settings = {", f'settings = {{"model": {str(model)!r}, "tokens_per_language": 128, "sequence_length": 32, '
    )
    scope: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code, scope)
    return scope, printed.getvalue()


def test_the_examples_of_the_docs_run_as_they_stand(server: str, model: Path, runs: Path) -> None:
    first, second = EXAMPLES
    scope, printed = ran(first, server, model)
    with closing(scope["client"]):
        stored = load_report(runs / scope["status"]["run"])
        told = scope["result"]["tables"]["languages"]
        assert [row["name"] for row in told] == list(stored.tables["languages"]["name"])
        assert [row["perplexity_ratio"] for row in told] == list(stored.tables["languages"]["perplexity_ratio"])
        assert "'seconds': " in printed.splitlines()[0]
        assert all(row["name"] in printed for row in told)
        fetched = Path(printed.splitlines()[-1])
        with zipfile.ZipFile(fetched) as archive:
            assert len(pd.read_csv(io.BytesIO(archive.read("csv/layers.csv")))) == len(stored.tables["layers"])
        with contextlib.redirect_stdout(io.StringIO()) as said:
            exec(second, scope)
        assert said.getvalue().strip() == words.SPARSITY_RANGE.format(given="150%")


def test_lists_and_runs(client: Client, runs: Path) -> None:
    methods = client.predict(api_name="/list_methods")
    assert {entry["name"] for entry in methods} == set(RECIPES)
    assert all(entry["title"] and entry["summary"].endswith(".") and entry["purpose"] for entry in methods)
    languages = {entry["code"]: entry for entry in client.predict(api_name="/list_languages")}
    assert languages["sw"]["name"] == "Swahili"
    assert languages["sw"]["built_in"] is True
    listed = {entry["id"]: entry for entry in client.predict(api_name="/runs")}
    assert "20260101-000000-kept" in listed
    whole = client.predict("20260101-000000-kept", api_name="/results")
    assert whole["facts"] == json.loads(json.dumps(dict(load_report(runs / "20260101-000000-kept").facts)))
    assert set(whole["tables"]) >= {"languages", "layers", "texts"}


MISTAKES = [
    ("/start", ({"languages": ["en"], "warp": 9},), "no setting named warp"),
    ("/start", ({"languages": "en"},), "must be a list of texts"),
    ("/start", ({"languages": []},), words.EMPTY_LANGUAGES),
    ("/start", ({"method": "magic"},), "magic"),
    ("/estimate", ({"sparsity": 2.0},), words.SPARSITY_RANGE.format(given="200%")),
    ("/estimate", ([1],), "they were given as list"),
    ("/status", ("no-such-job",), "not known here any more"),
    ("/cancel", ("no-such-job",), "not known here any more"),
    ("/results", ("../../etc/passwd",), "is not the name of a run"),
    ("/results", ("nothing",), "missing or damaged"),
    ("/results", ("20260101-000000-kept", ["spells"]), "has no table spells"),
    ("/tables_zip", ("nothing",), "missing or damaged"),
]


@pytest.mark.parametrize(("name", "given", "sentence"), MISTAKES)
def test_a_mistake_is_one_sentence(client: Client, name: str, given: tuple[Any, ...], sentence: str) -> None:
    with pytest.raises(AppError) as caught:
        client.predict(*given, api_name=name)
    assert sentence in str(caught.value)
    assert "Traceback" not in str(caught.value)


def test_a_job_is_cancelled_through_the_client(client: Client, model: Path) -> None:
    wanted = {"model": str(model), "languages": ["en", "de", "hi", "sw"], "tokens_per_language": 16_000, "eval_texts": 20}
    job = client.predict(wanted, api_name="/start")
    client.predict(job, api_name="/cancel")
    for _ in range(600):
        status = client.predict(job, api_name="/status")
        if status["state"] not in ("queued", "running"):
            break
    assert status["state"] == "cancelled"
    assert status["run"] is None


# --- Without a server ------------------------------------------------------------------------------------------------------


def test_only_these_endpoints_are_public(page: Page) -> None:
    info = page.demo.get_api_info()
    assert {name.strip("/") for name in info["named_endpoints"]} == NAMES
    assert not info["unnamed_endpoints"]
    for entry in info["named_endpoints"].values():
        assert entry["description"]
        assert entry["returns"][0]["type"] != {}
    assert all(f"| `/{name}` |" in DOCS for name in NAMES)


def test_a_snapshot_is_plain_data() -> None:
    view = JobView("j", "t", "done", left=math.nan, result=RunSaved("run-7"))
    found = api.told(view)
    assert found["run"] == "run-7"
    assert found["left"] is None
    assert api.told(dataclasses.replace(view, result=ModelWritten("r", "/secret/path", 1)))["run"] is None
    assert "/secret" not in repr(api.told(dataclasses.replace(view, result=ModelWritten("r", "/secret/path", 1))))
    assert api.told(dataclasses.replace(view, state="running", result=None))["run"] is None
    assert api.plain({1: (math.inf, None, True, "x", Path("p"))}) == {"1": [None, None, True, "x", "p"]}


def test_a_shared_server_lists_nothing_and_reads_no_folders(page: Page, monkeypatch: pytest.MonkeyPatch, model: Path) -> None:
    monkeypatch.setenv("SPACE_ID", "someone/space")
    found = api.Endpoints(page.context)
    with pytest.raises(InputError, match="runs are not listed"):
        found.runs()
    for wrong in ({"model": str(model)}, {"texts": "/etc"}, {"evaluation_texts": "/etc"}, {"task_texts": "/etc"}):
        with pytest.raises(InputError, match="shared server"):
            found.start(wrong)
    for name, most in (("tokens_per_language", 16_384), ("sequence_length", 2048), ("eval_texts", 100)):
        with pytest.raises(InputError, match=f"{name} is at most {most}"):
            found.start({name: most + 1})
    assert settings_run.settings_of({"model": "a/b", "texts": "c4"}).model == "a/b"


def test_a_lent_gpu_starts_nothing_from_programs(page: Page) -> None:
    class Lent(Script):
        outlives_page = False

    found = api.Endpoints(with_(page, compute=Lent()).context)
    with pytest.raises(InputError, match="use the page"):
        found.start({})
    with pytest.raises(InputError, match="use the page"):
        asyncio.run(found.status("job-1"))


def test_an_unknown_model_has_no_estimate(page: Page) -> None:
    told = api.Endpoints(page.context).estimate({"model": "nobody/nothing"})
    assert told == {"seconds": None, "stages": {}, "peak_bytes": None, "measured_on_runs": 0}
