"""What the light pages have in common: one file of HTML each, style and scripts in it, in one language, made once.

Nothing is fetched for the first paint. The content security policy names the two inline blocks by their hashes, so that nothing else runs.
"""

import base64
import dataclasses
import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from components.i18n import locale, words

STATIC = Path(__file__).parent / "static"
THEMES = ("dark", "light")
_POLICY = "default-src 'none'; script-src {script}; style-src {style}; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'"


@dataclasses.dataclass(frozen=True)
class Page:
    """A page as it is sent. policy: its content security policy, but for who may frame it, which the doors know."""

    html: bytes
    packed: bytes
    policy: str


def made(html: str, style: str = "", script: str = "") -> Page:
    """A page of finished HTML with these inline blocks."""
    data = html.encode()
    policy = _POLICY.format(style=_source(style), script=_source(script))
    return Page(data, gzip.compress(data, 6, mtime=0), policy)


def page(title: str, body: str, scripts: Sequence[str], data: Mapping[str, Any], kind: str) -> Page:
    """A page in the language that counts here. body: what stands below the head line. data: what the scripts read. kind: its class."""
    code = locale.current()
    direction = "rtl" if code in locale.RIGHT_TO_LEFT else "ltr"
    style = (STATIC / "style.css").read_text(encoding="utf-8")
    # Blocks of their own, so that names of one script are none of another's page.
    script = "\n".join((STATIC / name).read_text(encoding="utf-8") for name in ("theme.js", *scripts, "page.js"))
    stored = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    languages = "".join(
        f'<option value="{entry}"{" selected" if entry == code else ""} lang="{entry}">{escape(name)}</option>'
        for entry, name in locale.NAMES.items()
    )
    html = (
        f'<!doctype html>\n<html lang="{code}" dir="{direction}">\n<head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">\n'
        f'<link rel="icon" href="data:,"><style>{style}</style></head>\n<body class="{kind}">\n'
        f'<header><a class="home" href="./?lang={code}">M-Wanda Explorer</a>'
        f'<select id="interface" aria-label="{escape(words.INTERFACE)}">{languages}</select></header>\n{body}\n'
        f'<script type="application/json" id="data">{stored}</script>\n<script>{script}</script>\n</body></html>\n'
    )
    return made(html, style, script)


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" if text else "'none'"
