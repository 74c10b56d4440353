"""What each language lost: perplexity, accuracy, text by text, and all of it at a glance."""

from typing import Any

import pandas as pd

from components import figures
from components.cards.section import CardSection
from components.cards.spec import Card, Control, Heading, Note, filled, once
from components.i18n import words
from components.report import tables
from mwanda_core.store.report import RunReport

NO_TEXTS = pd.DataFrame(columns=["language"])


def accuracy_help(report: RunReport) -> str:
    """How accuracy was measured, with this run's numbers."""
    if not figures.has_accuracy(report):
        return words.ACCURACY_NONE
    table = report.tables["languages"].dropna(subset=["items"])
    items = words.items_per_language(int(table["items"].min()), int(table["items"].max()))
    return words.ACCURACY_HELP.format(items=items, chance=words.percent(float(table["chance"].iloc[0])))


def texts(report: RunReport) -> Any:
    """Every language text by text."""
    return figures.text_panels(figures.ordered(report), report.tables.get("texts", NO_TEXTS))


class Languages(CardSection):
    """One row a language in every figure."""

    id, title = "languages", "TAB_LANGUAGES"
    items = (
        Control("view", "VIEW", "VIEWS", "difference", menu=False),
        Heading(("LANGUAGES_HEADING", "LANGUAGES_HELP")),
        Card(
            "perplexity",
            "LANGUAGES_HEADING",
            figures.perplexity_dots,
            tables.loss,
            csv="languages",
            reads=("view",),
            exports=once("perplexity", perplexity_before_after=("both",)),
        ),
        Heading(("MULTIPLES_HEADING", "MULTIPLES_HELP")),
        Card("multiples", "MULTIPLES_HEADING", texts, exports=once("texts"), exported=filled("texts")),
        Heading(("ACCURACY_HEADING",)),
        Note("accuracy-help", accuracy_help),
        Card(
            "accuracy",
            "ACCURACY_HEADING",
            figures.accuracy_dots,
            tables.accuracy,
            csv=lambda report: "choices" if figures.has_accuracy(report) else "languages",
            reads=("view",),
            exports=once("accuracy", accuracy_before_after=("both",)),
            exported=figures.has_accuracy,
        ),
        Heading(("SUMMARY_HEADING", "SUMMARY_HELP")),
        Card("summary", "SUMMARY_HEADING", figures.summary_heatmap),
    )
