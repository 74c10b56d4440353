"""A server that strangers reach, attacked over HTTP: files, tokens, other sites.

No request of the server leaves the machine: a guard in its process notes every address that it looks for.
"""

import contextlib
import dataclasses
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import kept
import pytest

pytestmark = pytest.mark.attack

ROOT = Path(__file__).resolve().parents[2]
OWNERS = "20260101-000000-owner-1a2b"
LOCKED = "20260101-000000-owner-0123456789abcdef"
GUARD = """
import os, socket

def noted(name, place):
    whole = getattr(socket.socket, name)
    def connect(self, address):
        if isinstance(address, tuple) and not str(address[0]).startswith("127.") and address[0] not in ("localhost", "::1", "0.0.0.0"):
            with open(os.environ["GUARD_LOG"], "a") as log:
                print(address, file=log)
            raise OSError("no contact off this machine")
        return whole(self, address)
    setattr(socket.socket, name, connect)

for name in ("connect", "connect_ex"):
    noted(name, socket)
"""


class Server:
    """`python app.py` where strangers come. base: how the browser calls it."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        self.base, self.runs = f"http://127.0.0.1:{port}", folder / "runs"
        self.log, self.guard = folder / "app.log", folder / "guard.log"
        for id in (OWNERS, LOCKED):
            report = kept.report(id)
            facts = {**report.facts, "notes": [f"seen by {secrets.token_hex(16)}"]}
            dataclasses.replace(report, facts=facts).save(self.runs / id)
        (folder / "guard").mkdir()
        (folder / "guard" / "sitecustomize.py").write_text(GUARD)
        (folder / "secret.txt").write_text(secrets.token_hex(16))
        self.secrets = {
            path: path.read_text().strip().splitlines()[0]
            for path in (folder / "secret.txt", ROOT / "app.py", Path("/etc/passwd"))
        }
        closed = self.runs / OWNERS / "report.json"
        self.secrets[closed] = re.findall(r"seen by (\w+)", closed.read_text())[0]
        """Of every file what is in no other place."""
        environment = os.environ | {
            "MWANDA_RUNS": str(self.runs), "OMP_NUM_THREADS": "1", "GUARD_LOG": str(self.guard),
            "PYTHONPATH": os.pathsep.join([str(folder / "guard"), str(ROOT)]),
        }  # fmt: skip
        with self.log.open("w") as stream:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "app.py"), "--host", "0.0.0.0", "--port", str(port)],
                cwd=ROOT, env=environment, stdout=stream, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def wait(self) -> None:
        deadline = time.monotonic() + 120
        while "token=" not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.2)

    @property
    def token(self) -> str:
        return re.findall(r"\?token=(\S+)", self.log.read_text())[0]

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(tmp_path_factory.mktemp("server"))
    try:
        found.wait()
        yield found
    finally:
        found.close()
    assert not found.guard.exists(), found.guard.read_text()


@pytest.fixture(scope="module")
def stranger(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.base, headers={"Origin": server.base}, timeout=30) as found:
        yield found


def called(client: httpx.Client, name: str, *given: Any, **headers: str) -> str:
    """What a public endpoint answers, as its stream of events says it."""
    begun = client.post(f"/gradio_api/call/{name}", json={"data": list(given)}, headers=headers)
    if begun.status_code != 200:
        return f"{begun.status_code} {begun.text}"
    return client.get(f"/gradio_api/call/{name}/{begun.json()['event_id']}", headers=headers).text


def test_a_page_of_another_name_gets_nothing(stranger: httpx.Client) -> None:
    for path in ("/", "/config", "/gradio_api/info", f"/?run={LOCKED}"):
        assert stranger.get(path, headers={"Host": "evil.example"}).status_code == 403
    for path in (
        "/gradio_api/call/runs",
        "/gradio_api/queue/join",
        "/gradio_api/upload",
        "/gradio_api/cancel",
        "/gradio_api/reset",
    ):
        assert stranger.post(path, json={"data": []}, headers={"Origin": "http://evil.example"}).status_code == 403
        assert stranger.post(path, json={"data": []}, headers={"Host": "evil.example"}).status_code == 403


def test_strangers_are_strangers_and_the_token_is_the_owners(server: Server, stranger: httpx.Client) -> None:
    assert "runs are not listed" in called(stranger, "runs")
    assert "is not the name of a run" in called(stranger, "results", OWNERS, None)
    assert LOCKED in called(stranger, "results", LOCKED, [])
    assert "shared server" in called(stranger, "start", {"model": str(ROOT)})
    with httpx.Client(base_url=server.base, timeout=30) as program:
        assert called(program, "runs").startswith("403")
        assert OWNERS in called(program, "runs", Authorization=f"Bearer {server.token}")
    with httpx.Client(base_url=server.base, timeout=30, headers={"Origin": server.base}) as owner:
        assert owner.get(f"/?token={server.token}").status_code == 303
        assert OWNERS in called(owner, "runs"), "the cookie of the link"


TRAVERSALS = (
    "/gradio_api/file={path}", "/file={path}", "/gradio_api/file=../../../../../..{path}", "/gradio_api/file=%2e%2e%2f%2e%2e{path}", "/static/..%2f..%2f..{path}",
    "/assets/%2e%2e/%2e%2e{path}", "/svelte/..%5c..{path}", "/gradio_api/file=file://{path}", "/gradio_api/proxy=file://{path}",
    "/?run=../../..{path}", "/custom_component/x/client/component/../../{path}", "/gradio_api/upload_progress?upload_id=..{path}", "/theme.css/..{path}",
)  # fmt: skip


def taken(client: httpx.Client, address: str) -> str:
    """What an address answers; of a stream of events what comes before it rests."""
    text = b""
    with contextlib.suppress(httpx.ReadTimeout), client.stream("GET", address) as answer:
        for piece in answer.iter_bytes():
            text += piece
    return text.decode("utf-8", "replace")


def leaked(client: httpx.Client, form: str, secrets: Mapping[Path, str]) -> list[Path]:
    """The files whose secret an address hands out, whichever of them it was asked for."""
    answers = [taken(client, form.format(path=path)) for path in secrets]
    return [path for path, secret in secrets.items() if any(secret in answer for answer in answers)]


@pytest.mark.parametrize("form", TRAVERSALS)
def test_no_file_of_the_server_is_served(form: str, server: Server, stranger: httpx.Client) -> None:
    assert leaked(stranger, form, server.secrets) == []


def test_a_leak_would_be_seen(server: Server) -> None:
    def served(request: httpx.Request) -> httpx.Response:
        asked = str(request.url).partition("file=")[2]
        return httpx.Response(200, text="data: " + Path(asked).read_text(), headers={"content-type": "text/event-stream"})

    with httpx.Client(base_url=server.base, transport=httpx.MockTransport(served)) as client:
        assert leaked(client, TRAVERSALS[0], server.secrets) == list(server.secrets)


def test_the_page_has_its_headers(stranger: httpx.Client) -> None:
    for path, policy in (("/explore", "default-src 'self'"), ("/", "default-src 'none'"), ("/learn", "default-src 'none'")):
        found = stranger.get(path).headers
        assert policy in found["content-security-policy"]
        assert "frame-ancestors 'self'" in found["content-security-policy"]
        assert found["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in stranger.get(path, headers={"Origin": "http://evil.example"}).headers


def test_the_token_is_found_nowhere(server: Server, stranger: httpx.Client) -> None:
    with httpx.Client(base_url=server.base, timeout=30) as visitor:
        answers = [
            visitor.get(f"/?token={server.token}"),
            visitor.get("/config"),
            visitor.get("/"),
            visitor.get("/explore"),
            visitor.get("/gradio_api/info"),
        ]
    for answer in answers:
        assert server.token not in answer.text + str(answer.headers)
    log = server.log.read_text()
    assert log.count(server.token) == 1, "the owner's link, once"
    for file in [path for path in server.runs.rglob("*") if path.is_file()]:
        assert server.token.encode() not in file.read_bytes()
    for name in ("cmdline", "environ"):
        about = Path(f"/proc/{server.process.pid}/{name}")
        assert not about.exists() or server.token.encode() not in about.read_bytes()
