"""What each language lost."""

import dataclasses
from typing import Any

import gradio as gr
import pandas as pd

from components import figures
from components.i18n import words
from components.report import benchmarks, tables
from components.widgets.inputs import FigureAndTable, figure_and_table
from mwanda_core.store.report import RunReport

NO_TEXTS = pd.DataFrame(columns=["language"])


@dataclasses.dataclass(frozen=True)
class LanguagesTab:
    """Widgets of the tab."""

    view: gr.Radio
    perplexity: FigureAndTable
    accuracy_help: gr.Markdown
    accuracy: FigureAndTable
    multiples: gr.Plot
    benchmarks: benchmarks.BenchmarksPart
    summary: gr.Plot


def draw() -> LanguagesTab:
    """Draw the tab where the caller stands."""
    view = gr.Radio([(text, name) for name, text in words.VIEWS.items()], value="difference", label=words.VIEW, elem_id="view")
    gr.Markdown(f"{words.LANGUAGES_HEADING}\n{words.LANGUAGES_HELP}")
    perplexity = figure_and_table("perplexity", words.LANGUAGES_HEADING.strip("# "))
    gr.Markdown(f"{words.MULTIPLES_HEADING}\n{words.MULTIPLES_HELP}")
    multiples = gr.Plot(label=words.MULTIPLES_HEADING.strip("# "), show_label=False, container=False, elem_id="plot-multiples")
    gr.Markdown(words.ACCURACY_HEADING)
    accuracy_help = gr.Markdown()
    accuracy = figure_and_table("accuracy", words.ACCURACY_HEADING.strip("# "))
    asked = benchmarks.draw()
    gr.Markdown(f"{words.SUMMARY_HEADING}\n{words.SUMMARY_HELP}")
    summary = gr.Plot(label=words.SUMMARY_HEADING.strip("# "), show_label=False, container=False, elem_id="plot-summary")
    return LanguagesTab(view, perplexity, accuracy_help, accuracy, multiples, asked, summary)


def show(tab: LanguagesTab, report: RunReport, files: dict[str, str]) -> dict[Any, Any]:
    """The tab's contents for a report."""
    return {
        tab.view: "difference",
        **change(tab, report, "difference"),
        tab.perplexity.table: tables.loss(report),
        tab.perplexity.download: gr.update(value=files["languages"], interactive=True),
        tab.accuracy_help: accuracy_help(report),
        tab.accuracy.table: tables.accuracy(report),
        tab.accuracy.download: gr.update(
            value=files["choices" if figures.has_accuracy(report) else "languages"], interactive=True
        ),
        tab.multiples: figures.text_panels(figures.ordered(report), report.tables.get("texts", NO_TEXTS)),
        **benchmarks.show(tab.benchmarks, report, files),
        tab.summary: figures.summary_heatmap(report),
    }


def change(tab: LanguagesTab, report: RunReport, view: str) -> dict[Any, Any]:
    """Differences, or before and after."""
    return {
        tab.perplexity.plot: figures.perplexity_dots(report, view),
        tab.accuracy.plot: figures.accuracy_dots(report, view),
    }


def accuracy_help(report: RunReport) -> str:
    """How accuracy was measured, with this run's numbers."""
    if not figures.has_accuracy(report):
        return words.ACCURACY_NONE
    table = report.tables["languages"].dropna(subset=["items"])
    items = words.items_per_language(int(table["items"].min()), int(table["items"].max()))
    return words.ACCURACY_HELP.format(items=items, chance=words.percent(float(table["chance"].iloc[0])))
