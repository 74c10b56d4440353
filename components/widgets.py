"""Widgets that several tabs draw alike: a figure with its table beside it and a CSV button below."""

import dataclasses

import gradio as gr

from components import words


@dataclasses.dataclass(frozen=True)
class FigureAndTable:
    """A figure, the same numbers as a table, and the file."""

    plot: gr.Plot
    table: gr.Dataframe
    download: gr.DownloadButton


def figure_and_table(name: str, label: str) -> FigureAndTable:
    """Side by side where there is room, one below the other on a phone. `name` becomes the ids, `label` the accessible name."""
    with gr.Row():
        with gr.Column(scale=5, min_width=320):
            # A label shown as well as a title would push the figure down by 100 pixels; the label is for screen readers.
            plot = gr.Plot(label=words.plot_description(label), show_label=False, container=False, elem_id=f"plot-{name}")
        with gr.Column(scale=4, min_width=320):
            table = gr.Dataframe(
                interactive=False,
                max_height=320,
                show_label=False,
                label=label,
                elem_id=f"table-{name}",
                elem_classes=["mw-table"],
            )
            download = gr.DownloadButton(words.DOWNLOAD_CSV, size="sm", interactive=False, elem_id=f"csv-{name}")
    return FigureAndTable(plot, table, download)
