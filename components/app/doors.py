"""Who may talk to the page: what stands before everything that Gradio answers.

A request is answered when it was sent to a name of this server (a page elsewhere can bind a name of its own to this machine's address:
DNS rebinding), and not by another site's page. What changes something needs the page's own origin; a program, which has none, needs the
owner's token, or to run on the machine itself where only its owner is served. Who shows the token, or a user's name and password, once
gets a cookie for as long as the server runs, as Jupyter does it. Limits of strangers are counted by network address.
"""

import base64
import binascii
import collections
import hashlib
import hmac
import ipaddress
import os
import secrets
import time
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from components.app.rules import ANY, LOCAL_NAMES, Rules, is_loopback
from components.environment import NOTED, Visitor

Scope = MutableMapping[str, Any]

FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto")
READS = frozenset({"GET", "HEAD", "OPTIONS"})
OWNER = "/owner"
"""Where a browser asks for a user's name and password."""
API = "/gradio_api"
UNUSED = ("/deep_link", "/dev", "/monitoring", "/process_recording", "/proxy=", "/run-history", "/stream", "/vibe-")
"""Gradio's own routes (below `API`, or not) that this page has no use for: they write files, fetch addresses, or tell of other visitors."""
MOST_BODY = 8 * 2**20
"""Bytes of an event: forms are a few thousand."""
TOO_LARGE = f"A request holds at most {MOST_BODY // 2**20} MiB."
MOST_OPEN = 64
"""Requests of one stranger that are under way at a time; an open page holds two, and a few more while it draws."""
MOST_WRONG, WRONG_FOR = 10, 60.0
"""Wrong tokens and passwords from one address within so many seconds; further ones are not looked at."""

_COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_POLICY = (
    # Gradio writes scripts into its page and makes functions of the texts of `js=`; Plotly draws on data and blob addresses.
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; connect-src 'self' data: blob:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'"
)
_FILE_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Of a file that a visitor fetches: opened in a tab it is looked at, and does nothing."""
SPACES = "https://huggingface.co https://*.hf.space"


class Doors:
    """An ASGI application around another one."""

    def __init__(self, app: Any, given: Rules, clock: Callable[[], float] = time.monotonic) -> None:
        self.app, self.rules, self.names, self._clock = app, given, set(given.allowed), clock
        self._key = secrets.token_bytes(32)
        self._open: collections.Counter[str] = collections.Counter()
        self._wrong: dict[str, collections.deque[float]] = {}

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # The page has no web sockets.
            await send({"type": "websocket.close", "code": 1008})
            return
        self._believe(scope)
        who, refused = self._look(scope)
        scope[NOTED] = who
        frames = f"'self' {SPACES}" if os.environ.get("SPACE_ID") else "'self'"
        policy = _FILE_POLICY if _route(scope).startswith("/file") else _POLICY

        async def answer(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                own = headers.get("content-security-policy", policy)  # Pages of ours say more exactly what they need.
                headers.update({**_COMMON, "Content-Security-Policy": f"{own}; frame-ancestors {frames}"})
            await send(message)

        if refused is not None:
            await refused(scope, receive, answer)
            return
        counted = who.address if self.rules.shared and not who.owner else ""
        self._open[counted] += bool(counted)
        try:
            await self.app(scope, _bounded(scope, receive), answer)
        finally:
            self._open[counted] -= bool(counted)
            if not self._open[counted]:
                del self._open[counted]

    def _believe(self, scope: Scope) -> None:
        """Take over what a trusted proxy says of the visitor; what anybody else says is dropped, and Gradio does not see it."""
        headers = Headers(scope=scope)
        peer = (scope.get("client") or ("", 0))[0]
        kept = [
            (name, value)
            for name, value in scope["headers"]
            if name.decode("latin-1") not in (*FORWARDED, "forwarded", "x-gradio-server")
        ]
        if peer in self.rules.proxies or ANY in self.rules.proxies:
            # The last entry is the proxy's own; those before it are whatever its visitor wrote.
            last = {name: headers[name].split(",")[-1].strip() for name in FORWARDED if name in headers}
            if "x-forwarded-for" in last:
                scope["client"] = (last.pop("x-forwarded-for"), 0)
            if last.get("x-forwarded-proto") in ("http", "https"):
                scope["scheme"] = last["x-forwarded-proto"]
            kept += [(name.encode(), value.encode("latin-1")) for name, value in last.items()]
        scope["headers"] = kept

    def _look(self, scope: Scope) -> tuple[Visitor, Response | None]:
        """Who asks, and what is said to them instead of an answer."""
        headers = Headers(scope=scope)
        address = _address((scope.get("client") or ("", 0))[0])
        stranger = Visitor(not self.rules.shared, address)
        host = headers.get("x-forwarded-host") or headers.get("host", "")
        if not self._mine(scope, host):
            return stranger, _said(
                403,
                f"This server does not answer to the name {host[:100]!r}: start it with --allow-host, or use its own address.",
            )
        if _of_another_site(headers, host, scope["method"]):
            return stranger, _said(403, "Another site's page asked this: only the page of this server may.")
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        shown = [value for name, value in query if name == "token"]
        if shown:  # It is seen by nobody behind this door, whatever is done with it.
            rest = [(name, value) for name, value in query if name != "token"]
            scope["query_string"] = urlencode(rest).encode()
            return stranger, self._enter(scope, address, shown[0], rest)
        proof, wrong = self._proof(headers, address)
        who = Visitor(stranger.owner or proof != "", address)
        route = _route(scope)
        if wrong is not None:
            return who, wrong
        if scope["path"].endswith(OWNER) and self.rules.login:
            return who, self._welcome(scope) if proof else _ask()
        # On a Space programs of strangers are at home, with the rights of strangers: they hold no cookie that could be misused.
        nameless = scope["method"] not in READS and "origin" not in headers and proof != "header"
        if nameless and self.rules.shared and (proof == "cookie" or not os.environ.get("SPACE_ID")):
            return who, _said(403, "A program needs the owner's token here: send the header Authorization: Bearer TOKEN.")
        if route.startswith(UNUSED):
            return who, _said(404, "There is nothing here.")
        if route.startswith("/upload") and scope["method"] not in READS and not who.owner:
            return who, _said(403, "Only the owner of this server may upload files.")
        length = headers.get("content-length", "0")
        if not route.startswith("/upload") and (not length.isdecimal() or int(length[:20]) > MOST_BODY):
            return who, _said(413, TOO_LARGE)
        if not who.owner and self._open[address] >= MOST_OPEN:
            return who, _said(429, "Too many requests of yours are under way: close a page, or wait a moment.")
        return who, None

    def _mine(self, scope: Scope, host: str) -> bool:
        """Whether a name that was asked for is one of this server: names are given, addresses are what the connection came to."""
        name = _name_of(host)
        arrived = (scope.get("server") or ("", 0))[0]
        return (
            name in self.names
            or name == self.rules.bound
            or (name in LOCAL_NAMES and is_loopback(arrived))
            or bool(name and name == arrived)
        )

    def _proof(self, headers: Headers, address: str) -> tuple[str, Response | None]:
        """What shows the owner ("cookie", "header", "" for nothing), and what is said to a wrong one."""
        cookies = dict(part.strip().partition("=")[::2] for part in headers.get("cookie", "").split(";"))
        held = cookies.get(self.cookie(headers), "")
        if held and self.rules.shared and hmac.compare_digest(held.encode(), self._pass().encode()):
            return "cookie", None
        kind, _, value = headers.get("authorization", "").partition(" ")
        if not value or not (self.rules.token or self.rules.login):
            return "", None
        if self._tired(address):
            return "", _said(429, "Too many wrong tokens or passwords came from this address: wait a minute.")
        if self._right(kind.lower(), value.strip()):
            return "header", None
        if os.environ.get("SPACE_ID"):  # The Hub's own tokens come in the same header.
            return "", None
        self._note_wrong(address)
        return "", _ask() if kind.lower() == "basic" else _said(401, "This is not the owner's token.")

    def _right(self, kind: str, value: str) -> bool:
        if kind == "basic":
            try:
                value = base64.b64decode(value, validate=True).decode("utf-8", "replace")
            except (binascii.Error, ValueError):
                return False
            return _same(value, self.rules.login)
        return kind == "bearer" and _same(value, self.rules.token)

    def _enter(self, scope: Scope, address: str, token: str, rest: list[tuple[str, str]]) -> Response:
        """A link with a token was opened: a right one goes into a cookie, and out of the address."""
        if self._tired(address):
            return _said(429, "Too many wrong tokens or passwords came from this address: wait a minute.")
        if not self.rules.shared:
            return self._elsewhere(scope, rest)
        if not _same(token, self.rules.token):
            self._note_wrong(address)
            return _said(401, "This is not the owner's token: look for the link where the server was started.")
        return self._welcome(scope, rest)

    def _welcome(self, scope: Scope, rest: Iterable[tuple[str, str]] = ()) -> Response:
        response = self._elsewhere(scope, rest)
        secure = scope.get("scheme") == "https"
        response.set_cookie(
            self.cookie(Headers(scope=scope)), self._pass(), httponly=True, samesite="strict", secure=secure, path="/"
        )
        return response

    def _elsewhere(self, scope: Scope, rest: Iterable[tuple[str, str]]) -> Response:
        # Relative: the server may stand below a path that only its proxy knows.
        place = "./" + (f"?{urlencode(list(rest))}" if rest else "")
        return RedirectResponse(place, 303, headers={"Cache-Control": "no-store"})

    def cookie(self, headers: Headers) -> str:
        """The cookie's name: cookies are one for all ports of a machine."""
        port = "".join(letter for letter in headers.get("host", "").rpartition(":")[2] if letter.isdigit())
        return f"mwanda-owner-{port or 'web'}"

    def _pass(self) -> str:
        """What stands in the cookie: neither the token nor anything that it could be guessed from, and worth nothing after a restart."""
        return hmac.new(self._key, b"owner", hashlib.sha256).hexdigest()

    def _tired(self, address: str) -> bool:
        times = self._wrong.get(address, collections.deque())
        while times and self._clock() - times[0] > WRONG_FOR:
            times.popleft()
        return len(times) >= MOST_WRONG

    def _note_wrong(self, address: str) -> None:
        if len(self._wrong) > 10_000:
            self._wrong.clear()
        self._wrong.setdefault(address, collections.deque(maxlen=MOST_WRONG)).append(self._clock())


def _route(scope: Scope) -> str:
    """Which of Gradio's own routes is asked for, whether or not a proxy left the path below which it shows the page."""
    return str(scope["path"]).removeprefix(scope.get("root_path", "")).removeprefix(API)


def _bounded(scope: Scope, receive: Any) -> Any:
    """`receive`, which stops a body that is too long; uploads have a limit of their own."""
    if _route(scope).startswith("/upload") or scope["method"] in READS:
        return receive
    seen = 0

    async def bounded() -> Any:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_BODY:
            raise HTTPException(413, TOO_LARGE)
        return message

    return bounded


def _of_another_site(headers: Headers, host: str, method: str) -> bool:
    """Whether a browser asked for another site's page. Opening this one from a link there is no such thing."""
    origin = headers.get("origin")
    if origin is not None:
        try:
            return urlsplit(origin).netloc.lower() != host.lower()
        except ValueError:  # "http://[".
            return True
    opens = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
    return headers.get("sec-fetch-site", "none") in ("cross-site", "same-site") and not opens


def _name_of(host: str) -> str:
    """The name in a Host header, without its port; "" for what is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".") if not set(host) & set("/?#@ \\") else ""
    except ValueError:
        return ""


def _address(client: str) -> str:
    """One visitor's address; of IPv6, the network that one line has to itself."""
    try:
        found = ipaddress.ip_address(client)
    except ValueError:
        return client[:64]
    if found.version == 6:
        return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False).network_address)
    return str(found)


def _same(given: str, wanted: str) -> bool:
    """Compared in a time that tells nothing; nothing is never right."""
    return bool(wanted) and hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode("utf-8", "replace"))


def _said(status: int, sentence: str) -> Response:
    return PlainTextResponse(sentence, status, headers={"Cache-Control": "no-store"})


def _ask() -> Response:
    return PlainTextResponse(
        "The owner's name and password, please.", 401, headers={"WWW-Authenticate": 'Basic realm="M-Wanda Explorer"'}
    )
