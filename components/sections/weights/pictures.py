"""Where the zeros of one matrix lie: from afar, weight by weight, and by row and column."""

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
import pandas as pd

from components.engine import importing
from components.figures import weights as figures
from components.i18n import words
from components.scratch import Scratch
from components.widgets.clickable import clickable, value_of

if TYPE_CHECKING:
    from mwanda_core.after.explain import Matrix

WINDOW = 64
"""As `patterns_seen.WINDOW`, which is not read before a matrix is."""


@dataclasses.dataclass(frozen=True)
class PicturesPart:
    """Widgets of the part; top and left say where the window begins."""

    title: gr.Markdown
    density: gr.HTML
    density_csv: gr.DownloadButton
    window: gr.HTML
    top: gr.Slider
    left: gr.Slider
    window_csv: gr.DownloadButton


@dataclasses.dataclass(frozen=True)
class SharesPart:
    """Shares removed by row and by column."""

    order: gr.Radio
    rows: gr.Plot
    columns: gr.Plot
    table: gr.Dataframe
    csv: gr.DownloadButton


def draw() -> PicturesPart:
    """Draw the pictures where the caller stands."""
    title = gr.Markdown(elem_id="matrix-title")
    with gr.Row():
        with gr.Column(min_width=320):
            gr.Markdown(f"{words.DENSITY_HEADING}\n{words.DENSITY_HELP}")
            density = clickable("density", words.DENSITY_LABEL)
            density_csv = gr.DownloadButton(words.DOWNLOAD_CSV, size="sm", interactive=False, elem_id="csv-density")
        with gr.Column(min_width=320):
            gr.Markdown(f"{words.WINDOW_HEADING}\n{words.WINDOW_HELP}")
            window = clickable("window", words.WINDOW_LABEL)
            with gr.Row():
                top = gr.Slider(0, 1, value=0, step=1, label=words.WINDOW_ROW, elem_id="window-top", min_width=140)
                left = gr.Slider(0, 1, value=0, step=1, label=words.WINDOW_COLUMN, elem_id="window-left", min_width=140)
            window_csv = gr.DownloadButton(words.DOWNLOAD_CSV, size="sm", interactive=False, elem_id="csv-window")
    return PicturesPart(title, density, density_csv, window, top, left, window_csv)


def draw_shares() -> SharesPart:
    """Draw the shares where the caller stands."""
    gr.Markdown(f"{words.SHARES_HEADING}\n{words.SHARES_HELP}")
    order = gr.Radio(
        [(text, name) for name, text in words.SHARES_ORDERS.items()],
        value="sorted",
        label=words.SHARES_ORDER,
        elem_id="shares-order",
    )
    with gr.Row():
        with gr.Column(min_width=320):
            rows = gr.Plot(
                label=words.plot_description(words.SHARES_ROWS), show_label=False, container=False, elem_id="plot-rows-removed"
            )
        with gr.Column(min_width=320):
            columns = gr.Plot(
                label=words.plot_description(words.SHARES_COLUMNS),
                show_label=False,
                container=False,
                elem_id="plot-columns-removed",
            )
    table = gr.Dataframe(
        interactive=False, show_label=False, label=words.SHARE_TABLE, elem_id="table-shares", elem_classes=["mw-table"]
    )
    csv = gr.DownloadButton(words.DOWNLOAD_CSV, size="sm", interactive=False, elem_id="csv-shares")
    return SharesPart(order, rows, columns, table, csv)


def show(part: PicturesPart, scratch: Scratch, matrix: "Matrix") -> dict[Any, Any]:
    """Another matrix: all of it from afar, the window at its first corner."""
    with importing():
        from mwanda_core.insight.patterns_seen import density, regular

    keep = matrix.keep
    outputs, inputs = keep.shape
    removed = words.percent(1.0 - float(keep.sum()) / keep.numel(), 2)
    title = words.PICTURE_TITLE.format(
        module=matrix.module,
        block=matrix.block,
        outputs=words.number(outputs, ","),
        inputs=words.number(inputs, ","),
        share=removed,
    )
    pattern = regular(keep)
    if pattern is not None:
        title += "\n" + words.PICTURE_REGULAR.format(n=pattern[0], m=pattern[1])
    seen = density(keep)
    cells = [
        (a, b, c, d, share)
        for (a, b), line in zip(_pairs(seen.rows), seen.share.tolist(), strict=True)
        for (c, d), share in zip(_pairs(seen.columns), line, strict=True)
    ]
    table = pd.DataFrame(cells, columns=["first_row", "end_row", "first_column", "end_column", "pruned"])
    return {
        part.title: title,
        part.density: value_of(figures.density_map(seen.share.numpy(), seen.rows, seen.columns), words.DENSITY_LABEL),
        part.density_csv: gr.update(value=scratch.csv(f"density-{matrix.block}-{matrix.module}", table), interactive=True),
        part.top: gr.update(maximum=max(1, outputs - WINDOW), value=0, interactive=outputs > WINDOW),
        part.left: gr.update(maximum=max(1, inputs - WINDOW), value=0, interactive=inputs > WINDOW),
        **show_window(part, scratch, matrix, 0, 0, None),
    }


def _pairs(edges: tuple[int, ...]) -> list[tuple[int, int]]:
    return list(itertools.pairwise(edges))


def show_window(
    part: PicturesPart, scratch: Scratch, matrix: "Matrix", top: int, left: int, chosen: tuple[int, int] | None
) -> dict[Any, Any]:
    """The window elsewhere; the chosen weight is framed when it lies inside."""
    top, left = (min(max(0, size - WINDOW), max(0, at)) for size, at in zip(matrix.keep.shape, (top, left), strict=True))
    piece = matrix.keep[top : top + WINDOW, left : left + WINDOW].numpy()
    table = pd.DataFrame(
        piece.astype(int), index=range(top, top + piece.shape[0]), columns=range(left, left + piece.shape[1])
    ).reset_index(names="row")  # fmt: skip
    return {
        part.window: value_of(figures.window_map(piece, top, left, chosen), words.WINDOW_LABEL),
        part.window_csv: gr.update(
            value=scratch.csv(f"window-{matrix.block}-{matrix.module}-{top}-{left}", table), interactive=True
        ),
    }


def around(
    part: PicturesPart, scratch: Scratch, matrix: "Matrix", place: tuple[int, int], top: int, left: int
) -> dict[Any, Any]:
    """The window so that it holds a weight: where it is, if it does already."""
    with importing():
        from mwanda_core.insight.patterns_seen import corner

    (row, column), (outputs, inputs) = place, matrix.keep.shape
    if not top <= row < top + WINDOW:
        top = corner(outputs, row)
    if not left <= column < left + WINDOW:
        left = corner(inputs, column)
    return {part.top: top, part.left: left, **show_window(part, scratch, matrix, top, left, place)}


def show_shares(part: SharesPart, scratch: Scratch, matrix: "Matrix", order: str) -> dict[Any, Any]:
    """Shares by row and column, in the order asked for; the table holds their distribution, the file every one."""
    with importing():
        from mwanda_core.insight.patterns_seen import pruned_by_column, pruned_by_row

    rows, columns = pruned_by_row(matrix.keep).numpy(), pruned_by_column(matrix.keep).numpy()
    titles = words.SHARE_COLUMNS
    table = pd.DataFrame(
        {
            titles["part"]: list(words.SHARE_PARTS.values()),
            titles["row"]: [_per_cent(rows, part) for part in words.SHARE_PARTS],
            titles["column"]: [_per_cent(columns, part) for part in words.SHARE_PARTS],
        }
    )
    every = pd.DataFrame(
        [
            (kind, number, share)
            for kind, shares in (("row", rows), ("column", columns))
            for number, share in enumerate(shares.tolist())
        ],
        columns=["of", "number", "pruned"],
    )
    return {
        part.rows: figures.share_line(rows, True, order == "sorted"),
        part.columns: figures.share_line(columns, False, order == "sorted"),
        part.table: table,
        part.csv: gr.update(value=scratch.csv(f"shares-{matrix.block}-{matrix.module}", every), interactive=True),
    }


def _per_cent(shares: "np.ndarray[Any, Any]", part: float) -> float:
    return round(100 * float(np.quantile(shares, part, method="inverted_cdf")), 2)
