"""Who is let in: hosts, origins, tokens, proxies, limits. The doors alone, around an application that tells what it saw."""

import asyncio
import base64
import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn

from components.app import connections
from components.app.doors import MOST_BODY, MOST_OPEN, MOST_WRONG, WRONG_FOR, Doors
from components.app.rules import Rules, rules
from components.environment import NOTED, SHARED
from mwanda_core.errors import InputError

pytestmark = pytest.mark.attack

HOME, LAN, STRANGER = "http://127.0.0.1:7860", "http://10.0.0.5:7860", "203.0.113.9"
TOKEN = "a-token-of-the-owner-0123456789"
OPEN = Rules("0.0.0.0", token=TOKEN)
EVENT, CALL = "/gradio_api/queue/join", "/gradio_api/call/runs"


@pytest.fixture(autouse=True)
def _nowhere_special(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (SHARED, "SPACE_ID", "MWANDA_TOKEN", "MWANDA_AUTH", "MWANDA_ALLOW_HOST", "MWANDA_TRUST_PROXY"):
        monkeypatch.delenv(name, raising=False)


async def told(scope: Any, receive: Any, send: Any) -> None:
    """What came through, as JSON."""
    body = b""
    while (message := await receive()).get("more_body"):
        body += message["body"]
    who, headers = scope[NOTED], {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
    seen = {
        "owner": who.owner, "address": who.address, "query": scope["query_string"].decode(), "scheme": scope["scheme"],
        "headers": headers, "bytes": len(body + message["body"]),
    }  # fmt: skip
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(seen).encode()})


def ask(
    doors: Doors | Rules, path: str = "/", method: str = "GET", at: str = HOME, by: str = "127.0.0.1", **headers: str
) -> httpx.Response:
    """One request; headers by name, with _ for -."""
    given = doors if isinstance(doors, Doors) else Doors(told, doors)
    below = headers.pop("below", "")

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(given, client=(by, 1), root_path=below), base_url=at
        ) as client:
            return await client.request(
                method, path, headers={name.replace("_", "-"): value.encode("latin-1") for name, value in headers.items()}
            )

    return asyncio.run(send())


@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:7860",
        "127.0.0.1.evil.example",
        "",
        "localhost@evil.example",
        "[::1",
        "10.9.9.9",
        "0.0.0.0",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "localhost.evil.example",
        "evil.example#localhost",
        "localhost:7860@evil.example",
        "localhost\t.evil.example",
        "localhost%00.evil.example",
        "[::ffff:10.9.9.9]",
        "::1.evil.example",
        "127.0.0.1\\evil.example",
    ],
)
def test_a_name_of_somebody_else_is_not_answered(host: str, method: str) -> None:
    for path in ("/", "/config", EVENT, CALL, "/gradio_api/file=/etc/passwd"):
        found = ask(Rules(), path, method, host=host)
        assert found.status_code == 403, host
        assert "--allow-host" in found.text


def test_own_names_are_answered() -> None:
    for host in ("127.0.0.1:7860", "localhost:9000", "LOCALHOST", "[::1]:7860", "localhost."):
        assert ask(Rules(), host=host).status_code == 200, host
    assert ask(Rules(allowed=("lab.example",)), host="lab.example").status_code == 200
    assert ask(OPEN, at=LAN, by=STRANGER).status_code == 200
    assert ask(OPEN, at=LAN, by=STRANGER, host="localhost:7860").status_code == 403, "localhost is no name of another address"


def test_another_sites_page_asks_in_vain() -> None:
    for origin in (
        "http://evil.example",
        "null",
        "",
        "http://[",
        "127.0.0.1:7860",
        "http://me@127.0.0.1:7860",
        "http://127.0.0.1:7860.evil.example",
        "http://127.0.0.1:7860@evil.example",
        "http://127.0.0.1:9999",
        "http://127.0.0.1.evil.example:7860",
    ):
        for path, method in ((EVENT, "POST"), ("/gradio_api/upload", "POST"), ("/config", "GET"), (CALL, "OPTIONS")):
            assert ask(Rules(), path, method, origin=origin).status_code == 403
    assert ask(Rules(), "/gradio_api/file=x", sec_fetch_site="cross-site", sec_fetch_mode="no-cors").status_code == 403
    assert ask(Rules(), EVENT, "POST", sec_fetch_site="cross-site").status_code == 403
    assert ask(Rules(), "/?run=x", sec_fetch_site="cross-site", sec_fetch_mode="navigate").status_code == 200
    assert ask(Rules(), EVENT, "POST", origin=HOME, sec_fetch_site="same-origin").status_code == 200


def test_a_program_is_the_owner_here_and_needs_the_token_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(Rules(), CALL, "POST").json()["owner"]
    assert ask(OPEN, CALL, "POST", at=LAN, by=STRANGER).status_code == 403
    assert ask(OPEN, CALL, "POST", at=LAN, by=STRANGER, authorization=f"Bearer {TOKEN}").json()["owner"]
    assert ask(OPEN, CALL, "POST", at=LAN, by=STRANGER, authorization="Bearer wrong").status_code == 401
    assert not ask(OPEN, CALL, "POST", at=LAN, by=STRANGER, origin=LAN).json()["owner"]
    monkeypatch.setenv("SPACE_ID", "a/b")
    assert not ask(OPEN, CALL, "POST", at=LAN, by=STRANGER).json()["owner"], "on a Space a program is a stranger"


@pytest.mark.parametrize(
    "rule",
    [
        Rules("0.0.0.0"),
        Rules("192.168.1.7"),
        Rules("::"),
        Rules(share=True),
        Rules(allowed=("lab.example",)),
        Rules(proxies=("127.0.0.1",)),
        Rules("me.local"),
        Rules(token=TOKEN, given=True),
    ],
)
def test_whatever_is_not_loopback_is_shared(rule: Rules) -> None:
    assert rule.shared
    assert not ask(rule, host=rule.bound if rule.bound not in ("::",) else "127.0.0.1").json()["owner"]


def test_this_machine_alone_is_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not any(Rules(bound).shared for bound in ("127.0.0.1", "localhost", "::1", "127.0.0.2"))
    monkeypatch.setenv("SPACE_ID", "a/b")
    assert Rules().shared


def test_the_link_becomes_a_cookie_and_the_token_goes_no_further() -> None:
    doors = Doors(told, OPEN)
    opened = ask(doors, f"/?run=x&token={TOKEN}", at=LAN, by=STRANGER)
    assert (opened.status_code, opened.headers["location"]) == (303, "./?run=x")
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in str(opened.headers)
    held = cookie.partition(";")[0]
    seen = ask(doors, EVENT, "POST", at=LAN, by=STRANGER, cookie=held, origin=LAN)
    assert seen.json()["owner"]
    assert ask(doors, EVENT, "POST", at=LAN, by=STRANGER, cookie=held).status_code == 403, "a cookie alone changes nothing"
    assert not ask(doors, at=LAN, by=STRANGER, cookie=f"{held[:-1]}0x").json()["owner"]
    assert not ask(Doors(told, OPEN), at=LAN, by=STRANGER, cookie=held).json()["owner"], "worth nothing after a restart"
    assert "token" not in ask(Rules(), "/?token=abc&run=x").headers["location"]


def test_wrong_tokens_are_not_tried_for_long() -> None:
    now = [0.0]
    doors = Doors(told, OPEN, lambda: now[0])
    for _ in range(MOST_WRONG):
        assert ask(doors, "/?token=guess", at=LAN, by=STRANGER).status_code == 401
    assert ask(doors, f"/?token={TOKEN}", at=LAN, by=STRANGER).status_code == 429
    assert ask(doors, CALL, "POST", at=LAN, by=STRANGER, authorization=f"Bearer {TOKEN}").status_code == 429
    assert ask(doors, f"/?token={TOKEN}", at=LAN, by="198.51.100.1").status_code == 303
    now[0] = WRONG_FOR + 1
    assert ask(doors, f"/?token={TOKEN}", at=LAN, by=STRANGER).status_code == 303


def test_a_name_and_password_show_the_owner() -> None:
    doors = Doors(told, Rules("0.0.0.0", login="me:secret", given=True))
    assert ask(doors, "/owner", at=LAN).headers["www-authenticate"].startswith("Basic")
    right = base64.b64encode(b"me:secret").decode()
    assert "set-cookie" in ask(doors, "/owner", at=LAN, authorization=f"Basic {right}").headers
    assert ask(doors, CALL, "POST", at=LAN, authorization=f"Basic {right}").json()["owner"]
    for wrong in ("bWU6", "%%%", base64.b64encode(b":").decode(), ""):
        assert ask(doors, CALL, "POST", at=LAN, authorization=f"Basic {wrong}").status_code in (401, 403)


def test_secrets_leave_the_environment_and_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MWANDA_TOKEN", TOKEN)
    found = rules("127.0.0.1")
    assert found.shared
    assert TOKEN not in repr(found)
    import os

    assert "MWANDA_TOKEN" not in os.environ
    assert len(rules("0.0.0.0").token) >= 43, "256 bits"
    assert rules("127.0.0.1").token == ""
    with pytest.raises(InputError, match="user:password"):
        rules("127.0.0.1", login="me")
    monkeypatch.setenv("MWANDA_TOKEN", "short")
    with pytest.raises(InputError, match="could be guessed"):
        rules("127.0.0.1")


def test_forwarded_headers_count_only_from_a_trusted_proxy() -> None:
    said = {
        "x_forwarded_for": "9.9.9.9, 198.51.100.7",
        "x_forwarded_proto": "https",
        "x_forwarded_host": "lab.example",
        "x_gradio_server": "http://evil",
    }
    seen = ask(Rules(), **said).json()
    assert (seen["address"], seen["scheme"]) == ("127.0.0.1", "http")
    assert not any("forwarded" in name or "gradio" in name for name in seen["headers"])
    proxied = Rules(allowed=("lab.example",), proxies=("127.0.0.1",))
    seen = ask(proxied, **said).json()
    assert (seen["address"], seen["scheme"]) == ("198.51.100.7", "https")
    assert "x-gradio-server" not in seen["headers"]
    assert ask(proxied, EVENT, "POST", origin="https://lab.example", **said).status_code == 200
    assert ask(proxied, **{**said, "x_forwarded_host": "evil.example"}).status_code == 403
    assert ask(proxied, by="10.1.1.1", **said).json()["address"] == "10.1.1.1"
    secure = ask(Rules(allowed=("lab.example",), proxies=("127.0.0.1",), token=TOKEN), f"/?token={TOKEN}", **said)
    assert "Secure" in secure.headers["set-cookie"]


def test_strangers_upload_nothing_and_what_the_page_does_not_use_is_closed() -> None:
    assert ask(OPEN, "/gradio_api/upload", "POST", at=LAN, by=STRANGER, origin=LAN).status_code == 403
    assert ask(OPEN, "/gradio_api/upload", "POST", at=LAN, by=STRANGER, authorization=f"Bearer {TOKEN}").status_code == 200
    for path in (
        "/gradio_api/proxy=http://x",
        "/gradio_api/deep_link",
        "/monitoring/summary",
        "/gradio_api/vibe-code/",
        "/gradio_api/dev/reload",
    ):
        assert ask(Rules(), path).status_code == 404, path


def test_a_path_that_the_proxy_left_there_opens_nothing() -> None:
    for below in ("", "/mwanda"):
        at: dict[str, str] = {"below": below}
        assert ask(OPEN, f"{below}/gradio_api/upload", "POST", LAN, STRANGER, origin=LAN, **at).status_code == 403
        assert ask(Rules(), f"{below}/gradio_api/proxy=http://x", **at).status_code == 404
        assert ask(Rules(), f"{below}/gradio_api/file=x", **at).headers["content-security-policy"].startswith("sandbox")
        assert ask(Rules(), f"{below}{EVENT}", "POST", content_length="\u00b2", **at).status_code == 413


def test_bodies_and_requests_under_way_are_bounded() -> None:
    assert ask(Rules(), EVENT, "POST", content_length=str(MOST_BODY + 1)).status_code == 413
    doors = Doors(told, OPEN)
    doors._open[STRANGER] = MOST_OPEN
    assert ask(doors, at=LAN, by=STRANGER).status_code == 429
    assert ask(doors, at=LAN, by="198.51.100.1").status_code == 200
    assert ask(doors, at=LAN, by=STRANGER, authorization=f"Bearer {TOKEN}").status_code == 200
    assert doors._open == {STRANGER: MOST_OPEN}, "what has ended is not counted"


def test_every_answer_has_the_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    for found in (ask(Rules()), ask(Rules(), host="evil.example")):
        policy = found.headers["content-security-policy"]
        assert "frame-ancestors 'self'" in policy
        assert "object-src 'none'" in policy
        assert "http" not in policy
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["referrer-policy"] == "same-origin"
    assert ask(Rules(), "/gradio_api/file=x").headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    monkeypatch.setenv("SPACE_ID", "a/b")
    assert "https://huggingface.co" in ask(rules("127.0.0.1")).headers["content-security-policy"]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server whose patience is short."""
    monkeypatch.setattr(connections.Patient, "head", 0.4)
    monkeypatch.setattr(connections.Patient, "body", 0.4)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    config = uvicorn.Config(Doors(told, Rules()), port=port, log_level="critical", lifespan="off", timeout_keep_alive=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    connections.be_patient(config, counting=True)
    yield port
    server.should_exit = True
    thread.join(10)


HEAD = b"POST /gradio_api/queue/join HTTP/1.1\r\nHost: localhost\r\n"
WHOLE = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_a_connection_that_does_not_go_on_is_closed(served: int) -> None:
    for said in (b"", HEAD, HEAD + b"Content-Length: 9\r\n\r\nabc", WHOLE + HEAD):
        with socket.create_connection(("127.0.0.1", served), timeout=5) as line:
            line.sendall(said)
            found = b""
            try:
                while piece := line.recv(65_536):
                    found += piece
            except ConnectionResetError:
                pass
            assert found.startswith(b"HTTP/1.1 200") is said.startswith(WHOLE)


def test_who_goes_on_slowly_is_served(served: int) -> None:
    with socket.create_connection(("127.0.0.1", served), timeout=5) as line:
        line.sendall(HEAD + b"Content-Length: 6\r\n\r\n")
        for letter in b"abcdef":
            time.sleep(0.15)
            line.sendall(bytes([letter]))
        assert line.recv(65_536).startswith(b"HTTP/1.1 200")
