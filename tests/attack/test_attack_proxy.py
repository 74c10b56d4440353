"""Behind a proxy below a path, as the README says it: the page, its files, its events, the owner's link, and who asks."""

import http.client
import http.server
import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

pytestmark = pytest.mark.attack

ROOT = Path(__file__).resolve().parents[2]
BELOW, NAME = "/mwanda", "lab.example.org"
HOPS = ("connection", "transfer-encoding", "keep-alive")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Proxy(http.server.BaseHTTPRequestHandler):
    """What the README's lines for nginx do: `location /mwanda/`, `proxy_pass http://127.0.0.1:PORT/`, three headers set."""

    behind = 0
    protocol_version = "HTTP/1.1"

    def handle_all(self) -> None:
        if not self.path.startswith(f"{BELOW}/"):
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        sent = {name: value for name, value in self.headers.items() if name.lower() not in (*HOPS, "host")}
        sent |= {
            "Host": f"127.0.0.1:{self.behind}", "X-Forwarded-Host": self.headers["Host"], "X-Forwarded-Proto": "https",
            "X-Forwarded-For": self.client_address[0],
        }  # fmt: skip
        line = http.client.HTTPConnection("127.0.0.1", self.behind, timeout=60)
        line.request(self.command, self.path[len(BELOW) :], body or None, sent)
        answer = line.getresponse()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in (*HOPS, "content-length", "date", "server"):
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        while piece := answer.read1(65_536):
            self.wfile.write(piece)
            self.wfile.flush()
        line.close()
        self.close_connection = True

    def __getattr__(self, name: str) -> object:
        if name.startswith("do_"):
            return self.handle_all
        raise AttributeError(name)

    def log_message(self, *given: object) -> None:
        return None


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """How the proxy's visitors call the page, and the owner's token."""
    folder, port = tmp_path_factory.mktemp("proxy"), free_port()
    log = folder / "app.log"
    words = re.search(r"python app\.py (--allow-host lab\.example\.org .*)", (ROOT / "README.md").read_text())
    assert words is not None
    given = [*words[1].split(), "--port", str(port)]
    with log.open("w") as stream:
        app = subprocess.Popen(
            [sys.executable, str(ROOT / "app.py"), *given], cwd=ROOT, stdout=stream, stderr=subprocess.STDOUT
        )
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Proxy,), {"behind": port}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        deadline = time.monotonic() + 120
        while not (token := re.findall(r"\?token=(\S+)", log.read_text())):
            assert app.poll() is None, log.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.2)
        yield f"http://127.0.0.1:{server.server_address[1]}{BELOW}/", token[0]
    finally:
        app.terminate()
        app.wait(30)
        server.shutdown()
        server.server_close()


def ask(base: str, path: str, method: str = "GET", **more: object) -> httpx.Response:
    """One request to the proxy, under its public name."""
    headers = {"Host": NAME, **more.pop("headers", {})}  # type: ignore[dict-item]
    return httpx.request(method, urljoin(base, path), headers=headers, timeout=60, **more)  # type: ignore[arg-type]


def called(base: str, name: str, *given: object, **headers: str) -> str:
    begun = ask(base, f"gradio_api/call/{name}", "POST", json={"data": list(given)}, headers=headers)
    if begun.status_code != 200:
        return f"{begun.status_code} {begun.text}"
    return ask(base, f"gradio_api/call/{name}/{begun.json()['event_id']}", headers=headers).text


def test_the_page_and_its_files_are_found_below_the_path(behind: tuple[str, str]) -> None:
    base, _ = behind
    for path in ("", "learn", "explore", "config", "explore?run=example"):
        assert ask(base, path).status_code == 200, path
    page = ask(base, "explore").text
    root = json.loads(ask(base, "config").text)["root"]
    assert root == f"https://{NAME}{BELOW}"
    files = set(re.findall(r'(?:src|href)="([^"]+\.(?:js|css)(?:\?[^"]*)?)"', page))
    assert files
    for file in files:
        place = urljoin(f"https://{NAME}{BELOW}/explore", file)
        assert place.startswith(f"https://{NAME}{BELOW}/"), file
        assert ask(base, place.removeprefix(f"https://{NAME}{BELOW}/")).status_code == 200, file
    onward = ask(base, "?run=example")
    assert urljoin(f"https://{NAME}{BELOW}/", onward.headers["location"]).startswith(f"https://{NAME}{BELOW}/explore")


def test_events_and_files_of_runs_come_through(behind: tuple[str, str]) -> None:
    base, _ = behind
    mine = {"Origin": f"https://{NAME}"}
    assert "m-wanda" in called(base, "list_methods", **mine)
    told = called(base, "tables_zip", "example", **mine)
    place = json.loads(told.rpartition("data: ")[2])[0]["url"]
    assert place.startswith(f"https://{NAME}{BELOW}/gradio_api/file=")
    fetched = ask(base, place.removeprefix(f"https://{NAME}{BELOW}/"))
    assert fetched.content.startswith(b"PK")
    assert fetched.headers["content-security-policy"].startswith("sandbox")


def test_strangers_stay_strangers_and_the_link_makes_the_owner(behind: tuple[str, str]) -> None:
    base, token = behind
    mine = {"Origin": f"https://{NAME}"}
    assert "runs are not listed" in called(base, "runs", **mine)
    assert called(base, "runs").startswith("403")
    assert called(base, "runs", Origin="https://evil.example").startswith("403")
    assert called(base, "runs", Origin=f"http://{NAME}:1").startswith("403")
    assert ask(base, "", headers={"Host": "evil.example"}).status_code == 403
    assert ask(base, "gradio_api/proxy=http://x").status_code == 404
    entered = ask(base, f"?token={token}")
    assert entered.status_code == 303
    assert urljoin(f"https://{NAME}{BELOW}/", entered.headers["location"]) == f"https://{NAME}{BELOW}/"
    cookie = entered.headers["set-cookie"]
    assert "Secure" in cookie
    assert "example" in called(base, "runs", Cookie=cookie.partition(";")[0], **mine) or "data: [[]]" in called(
        base, "runs", Cookie=cookie.partition(";")[0], **mine
    )
    assert called(base, "runs", Authorization="Bearer wrong").startswith("401")
