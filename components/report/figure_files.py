"""All figures of a run as files: one web page that needs no network, or pictures in a ZIP.

The list holds every figure of the page, in its order, with both readings where the page has a switch. Files have white paper:
they are read where no page's theme applies.
"""

import asyncio
import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go

from components import figures
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


def of_run(report: RunReport) -> Iterator[Named]:
    """Every figure that a run has."""
    yield from _always(report)
    yield from _benchmarks(report)
    yield from _studies(report)


def _always(report: RunReport) -> Iterator[Named]:
    title = words.FIGURE_TITLES
    there = report.tables
    yield "perplexity", title["perplexity"], figures.perplexity_dots(report)
    yield "perplexity-before-after", title["perplexity-before-after"], figures.perplexity_dots(report, "both")
    if figures.has_accuracy(report):
        yield "accuracy", title["accuracy"], figures.accuracy_dots(report)
        yield "accuracy-before-after", title["accuracy-before-after"], figures.accuracy_dots(report, "both")
    if _filled(there, "texts"):
        yield "texts", title["texts"], figures.text_panels(figures.ordered(report), there["texts"])
    yield "summary", title["summary"], figures.summary_heatmap(report)
    if _filled(there, "activations"):
        yield "variance", title["variance"], figures.variance_heatmap(report)
        yield "strength", title["strength"], figures.variance_heatmap(report, figures.ALL_INPUTS, "rms")
    if _filled(there, "similarity"):
        yield "similarity", title["similarity"], figures.similarity_matrix(report)
    if _filled(there, "allocation"):
        yield "allocation", title["allocation"], figures.allocation_lines(report)
    yield "layers", title["layers"], figures.layers_heatmap(report)
    yield "layers-difference", title["layers-difference"], figures.layers_heatmap(report, "difference")


def _benchmarks(report: RunReport) -> Iterator[Named]:
    table = report.tables.get("tasks")
    if table is None or table.empty:
        return
    for task, name in dict(zip(table["task"], table["title"], strict=True)).items():
        rows = figures.ranked(table, str(task), figures.CUSTOMARY, report.facts["settings"]["languages"])
        yield f"task-{_plain(str(task))}", words.FIGURE_TITLES["task"].format(name=name), figures.task_dots(rows)
    yield "task-map", words.FIGURE_TITLES["task-map"], figures.task_map(table, list(figures.ordered(report)["language"]))


def _studies(report: RunReport) -> Iterator[Named]:
    drawn: dict[str, tuple[str, Callable[[pd.DataFrame], go.Figure]]] = {
        "overlap": ("overlap", figures.overlap_heatmap), "overlap-blocks": ("overlap_blocks", figures.overlap_by_block),
        "neuron-blocks": ("neuron_blocks", figures.neurons_by_block), "neurons": ("neurons", figures.neurons_pruned),
        "neuron-drift": ("neuron_drift", figures.neurons_drift), "on-language": ("generated_languages", figures.on_language),
        "repetition": ("generated_languages", figures.repetition), "erank": ("profile_layers", figures.effective_rank),
        "tau": ("profile_ranking", figures.order_kept), "energy": ("profile_energy", figures.energy_shift),
    }  # fmt: skip
    for name, (table, draw) in drawn.items():
        if _filled(report.tables, table):
            yield name, words.FIGURE_TITLES[name], draw(report.tables[table])
    if _filled(report.tables, "predictors"):
        found = report.tables["predictors"]
        for known in figures.known_predictors(found):
            told = words.FIGURE_TITLES["predictors"].format(name=words.PREDICTORS[known])
            yield f"predictor-{_plain(known)}", told, figures.predictor_scatter(found, known)


def _filled(tables: Mapping[str, pd.DataFrame], name: str) -> bool:
    return name in tables and not tables[name].empty


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)


def web_page(report: RunReport) -> str:
    """One page with every figure and, once, the program that draws them."""
    from plotly.offline import get_plotlyjs

    drawn = []
    for name, title, fig in of_run(report):
        # Escaped by plotly: no text of a run can end the script that holds it.
        body = fig.to_html(full_html=False, include_plotlyjs=False, div_id=f"figure-{name}", config={"responsive": True})
        drawn.append(f"<section><h2>{html.escape(title)}</h2>{body}</section>")
    made = words.FIGURE_PAGE_MADE.format(run=report.id, title=report.title)
    # Not `format`: the program is full of braces, and four megabytes long.
    head, tail = _PAGE.format(title=html.escape(report.title), plotly="\0", made=html.escape(made), figures="\1").split("\0")
    before, after = tail.split("\1")
    return "".join([head, get_plotlyjs(), before, "\n".join(drawn), after])


def pictures(report: RunReport, form: str, target: Path) -> Path:
    """Every figure as "png" or "svg" in a ZIP.

    Raises InputError in one sentence where the package or the browser that draws them is missing.
    """
    try:
        import kaleido
    except ImportError as error:
        raise InputError(words.TAKE_NO_KALEIDO) from error
    named = [(name, fig) for name, _, fig in of_run(report)]

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
