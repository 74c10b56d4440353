"""The tab of possible reasons: one tab within it for each study, what anyone can read first, what needs most explaining last."""

from components.cards.section import CardSection
from components.cards.spec import Group, Heading, Tabs
from components.i18n import words
from components.sections.reasons import abilities, neurons, overlap, predictors, profile, writing

STUDIES: tuple[Group, ...] = (writing.GROUP, abilities.GROUP, predictors.GROUP, overlap.GROUP, neurons.GROUP, profile.GROUP)


class Reasons(CardSection):
    """What the studies of a run found."""

    id, title = "reasons", "TAB_REASONS"
    items = (
        Heading(("REASONS_HELP",)),
        Tabs(tuple((lambda name=study.id: words.STUDY_TITLES[name], (study,)) for study in STUDIES)),
    )
