"""What runs say never becomes a picture or a link on the page.

A run may come from anywhere: an archive, a link, another visitor. Its names and notes are put into sentences that Gradio reads as Markdown,
and into titles that Plotly reads as HTML. So every Markdown widget and every plot is looked at on its way out, and not each sentence where
it is put together: one that was forgotten would be a door.
"""

import functools
import re
from collections.abc import Callable
from typing import Any

import gradio as gr

from components.i18n import words

_ADDRESS = re.compile(r"\b(https?|ftp)://([^\s)\]>\"'`]*)|\b(www)\.", re.IGNORECASE)
_TAG = re.compile(r"<(?=[/!?]?[a-z])(?!/?(?:br|b|i|em|strong|sub|sup|code|details|summary|kbd)\b[^>=]*>)", re.IGNORECASE)
_PLOT_LINK = re.compile(r"(?:<|\\u003[cC])(?=\s*/?\s*(?:a|img|image|svg|script)\b)", re.IGNORECASE)
_RUN = re.compile(r"\?run=[A-Za-z0-9._-]+")
"""A link to a run of this page."""
_GAP = "\u200b"
"""Seen by nobody: what it stands in is no address."""


def harmless(text: str) -> str:
    """Markdown without pictures, links and foreign HTML, but for addresses that the page's own texts name."""
    text = text.replace("![", "!\\[").replace("][", "]\\[")
    text = re.sub(
        r"\](?=\(\s*<?([^\s)>]*))", lambda link: "]" if link[1] in own_addresses() or _RUN.fullmatch(link[1]) else "]\\", text
    )
    text = re.sub(r"^([ >]*\[[^\]\n]*\]):", r"\1\\:", text, flags=re.MULTILINE)
    text = _TAG.sub("&lt;", text)
    return _ADDRESS.sub(lambda found: found[0] if found[0] in own_addresses() else _split(found), text)


def _split(found: re.Match[str]) -> str:
    return f"{found[3]}{_GAP}." if found[3] else f"{found[1]}:{_GAP}//{found[2]}"


@functools.cache
def own_addresses() -> frozenset[str]:
    """The addresses in the page's own English texts."""
    return frozenset(found[0].rstrip(".,;:") for _, text, _ in words.BOOK.messages() for found in _ADDRESS.finditer(text))


def harmless_plot(figure: str) -> str:
    """A figure's JSON whose texts are no links."""
    return _PLOT_LINK.sub("&lt;", figure)


def say_no_more(demo: gr.Blocks) -> None:
    """Look at everything that the page's Markdown and plots will show. Called when all is drawn."""
    for block in demo.blocks.values():
        if isinstance(block, gr.Markdown) and block.sanitize_html:
            _watch(block, harmless)
        elif isinstance(block, gr.Plot):
            _watch(block, harmless_plot)


def _watch(block: Any, look: Callable[[str], str]) -> None:
    shown = block.postprocess

    def postprocess(value: Any) -> Any:
        found = shown(value)
        if isinstance(found, str):
            return look(found)
        if isinstance(getattr(found, "plot", None), str):
            found.plot = look(found.plot)
        return found

    block.postprocess = postprocess
