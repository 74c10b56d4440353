"""All figures of a run as files: one web page that needs no network, or pictures in a ZIP.

The figures are those of the page's cards, in both readings where a card has a switch. Files have white paper:
they are read where no page's theme applies.
"""

import asyncio
import html
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import plotly.graph_objects as go

from components.cards.draw import controls
from components.cards.spec import Card, Item, Slide, inside
from components.i18n import words
from mwanda_core.errors import InputError
from mwanda_core.store.report import RunReport

WIDTH = 900
"""Pixels of a picture's width; heights are the figures' own. Pictures are drawn at twice the pixels."""
PAPER = "#ffffff"

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>body {{ max-width: 1000px; margin: 0 auto; padding: 16px; background: #fff; color: #1f2937;
font-family: system-ui, sans-serif; }} h2 {{ font-size: 1.1em; margin: 28px 0 4px; }}</style>
<script>{plotly}</script></head><body>
<h1>{title}</h1><p>{made}</p>
{figures}
</body></html>
"""

Named = tuple[str, str, go.Figure]
"""A file's name without its ending, a title, the figure."""


def of_run(report: RunReport, items: Sequence[Item]) -> Iterator[Named]:
    """Every figure that a run has, in the order of the page's cards."""
    for item in inside(items, report):
        if isinstance(item, Card) and item.has_file(report):
            stand = {
                control.id: control.start if isinstance(control, Slide) else control.first(report)
                for control in controls(items, report)
            }
            for name, title, values in (item.exports or item.one_file)(report):
                yield name, title, item.figure(report, *(values or (stand[read] for read in item.reads)))


def plain_name(name: str) -> str:
    """A name that a file can have."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)


def web_page(report: RunReport, items: Sequence[Item]) -> str:
    """One page with every figure and, once, the program that draws them."""
    from plotly.offline import get_plotlyjs

    drawn = []
    for name, title, fig in of_run(report, items):
        # Escaped by plotly: no text of a run can end the script that holds it.
        body = fig.to_html(full_html=False, include_plotlyjs=False, div_id=f"figure-{name}", config={"responsive": True})
        drawn.append(f"<section><h2>{html.escape(title)}</h2>{body}</section>")
    made = words.FIGURE_PAGE_MADE.format(run=report.id, title=report.title)
    # Not `format`: the program is full of braces, and four megabytes long.
    head, tail = _PAGE.format(title=html.escape(report.title), plotly="\0", made=html.escape(made), figures="\1").split("\0")
    before, after = tail.split("\1")
    return "".join([head, get_plotlyjs(), before, "\n".join(drawn), after])


def pictures(report: RunReport, items: Sequence[Item], form: str, target: Path) -> Path:
    """Every figure as "png" or "svg" in a ZIP.

    Raises InputError in one sentence where the package or the browser that draws them is missing.
    """
    try:
        import kaleido
    except ImportError as error:
        raise InputError(words.TAKE_NO_KALEIDO) from error
    named = [(name, fig) for name, _, fig in of_run(report, items)]

    async def draw() -> list[bytes]:
        async with kaleido.Kaleido(n=1, timeout=60, mathjax=False) as place:
            return [await place.calc_fig(_on_paper(fig), opts=_size(fig, form)) for _, fig in named]

    try:
        drawn = asyncio.run(draw())
    except Exception as error:  # A browser can be missing, too old, or fail to start in as many ways as there are browsers.
        raise InputError(words.TAKE_NO_CHROME) from error
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for (name, _), data in zip(named, drawn, strict=True):
            archive.writestr(f"{name}.{form}", data)
    target.write_bytes(packed.getvalue())
    return target


def _on_paper(fig: go.Figure) -> go.Figure:
    return go.Figure(fig).update_layout(paper_bgcolor=PAPER, plot_bgcolor=PAPER)


def _size(fig: go.Figure, form: str) -> dict[str, object]:
    return {"format": form, "width": WIDTH, "height": fig.layout.height or 450, "scale": 2 if form == "png" else 1}
