"""What happened, in plain words."""

from components import figures
from components.cards.section import CardSection
from components.cards.spec import Card, Fold, Heading, Note, once
from components.i18n import words
from components.report import story


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
