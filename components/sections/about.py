"""What this page is, and what it rests on."""

from components.cards.section import CardSection
from components.cards.spec import Heading


class About(CardSection):
    """Text alone."""

    id, title = "about", "TAB_ABOUT"
    items = (Heading(("ABOUT",)),)
