"""Which page an address is answered by: the light ones here, Gradio's at /explore and for everything of its own.

Gradio serves its page at / and names its files from there; so /explore is handed to it as /, and everything else as it is. Links from before
there was a first screen (/?run=, /?compare=) name more than a language or a theme, and lead on to /explore.
"""

from collections.abc import MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from components.i18n import locale
from components.pages.landing.page import landing_page
from components.pages.learn.page import handout_page, learn_page, shown
from components.pages.shell import Page
from mwanda_core.errors import InputError

BENCH = "/explore"
PAGES = {"/": landing_page, "/learn": learn_page, "/learn/handout": handout_page}
STEP = "/learn/step"

Scope = MutableMapping[str, Any]


class Front:
    """An ASGI application around Gradio's, inside the doors."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        route = scope["path"].removeprefix(scope.get("root_path", "")) or "/" if scope["type"] == "http" else ""
        response = (
            await run_in_threadpool(answer, scope, route) if route in ANSWERED and scope["method"] in ("GET", "HEAD") else None
        )
        if response is not None:
            await response(scope, receive, send)
            return
        if route == BENCH:
            scope["path"] = scope["path"][: -len(BENCH)] + "/"
            scope["raw_path"] = scope["path"].encode()
        await self.app(scope, receive, send)


ANSWERED = frozenset({*PAGES, STEP, "/learn/", f"{BENCH}/"})


def answer(scope: Scope, route: str) -> Response:
    """What these pages say to a request."""
    asked = scope["query_string"].decode("latin-1")
    query, headers = dict(parse_qsl(asked)), Headers(scope=scope)
    if route in ("/learn/", f"{BENCH}/"):  # Files are named relative to the page.
        return _onward(f"..{route.rstrip('/')}", asked)
    if route == "/" and any(name != "lang" and not name.startswith("__") for name in query):
        return _onward(f".{BENCH}", asked)
    code = query.get("lang", "")
    code = code if code in locale.NAMES else locale.preferred(headers.get("accept-language", ""))
    try:
        if route == STEP:
            at = query.get("at", "")
            return Response(
                shown(code, query.get("step", ""), int(at) if at.isdecimal() and len(at) < 6 else -1),
                media_type="application/json",
            )
        found = PAGES[route](code)
    except InputError as error:
        return PlainTextResponse(str(error), 404)
    return _sent(found, headers)


def _sent(page: Page, headers: Headers) -> Response:
    packs = "gzip" in headers.get("accept-encoding", "")
    more = {
        "Content-Security-Policy": page.policy, "Cache-Control": "no-cache", "Vary": "Accept-Language, Accept-Encoding",
        **({"Content-Encoding": "gzip"} if packs else {}),
    }  # fmt: skip
    return Response(page.packed if packs else page.html, headers=more, media_type="text/html")


def _onward(place: str, query: str) -> Response:
    # Relative: the server may stand below a path that only its proxy knows.
    return RedirectResponse(place + (f"?{query}" if query else ""), 307)
