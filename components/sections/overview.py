"""What happened, in plain words."""

from typing import Any

from components import figures
from components.cards import draw
from components.cards.section import CardSection
from components.cards.spec import Card, Fold, Heading, Note, once
from components.context import PageContext, Updates
from components.i18n import words
from components.report import story
from components.store import EXAMPLES
from mwanda_core.store.report import RunReport


class Overview(CardSection):
    """The first tab."""

    id, title = "overview", "TAB_OVERVIEW"
    items = (
        Note("headline", story.headline, empty=lambda: words.NO_RUN),
        # The Languages tab has the same figure, with a switch; its file is that one's.
        Card("overview", "LANGUAGES_HEADING", figures.perplexity_dots, exports=once()),
        Note("cards", story.cards, kind="html"),
        Note("sample", story.sample, kind="html"),
        Heading(("NOTES",), "### "),
        Note("notes", story.notes, empty=lambda: f"- {words.ZEROS}"),
        Fold("TIMINGS", (Note("timings", story.timings),)),
        Fold("AGAIN", (Note("again", story.again, kind="python", label="AGAIN"),)),
    )

    def __init__(self, context: PageContext, widgets: Any) -> None:
        super().__init__(context, widgets)
        context.previews[self.id] = self

    def preview(self, report: RunReport, run_id: str = "") -> Updates:
        """The same figures from the texts that were scored so far."""
        banner = story.banner(report, run_id in EXAMPLES) if run_id else story.so_far(report)
        return {self.context.banner: banner, **draw.show(self.items, self.widgets, report, {}, {})}
