"""What the studies of a run found: possible reasons, one tab each, what needs most explaining last; and, apart, what the models wrote."""

from components.cards.section import CardSection
from components.cards.spec import Group, Heading, Tabs
from components.i18n import words
from components.sections.reasons import neurons, overlap, predictors, profile, writing

STUDIES: tuple[Group, ...] = (predictors.GROUP, overlap.GROUP, neurons.GROUP, profile.GROUP)


class Reasons(CardSection):
    """Why some languages lose more than others."""

    id, title = "reasons", "TAB_REASONS"
    items = (
        Heading(("REASONS_HELP",)),
        Tabs(tuple((lambda name=study.id: words.STUDY_TITLES[name], (study,)) for study in STUDIES)),
    )


class Written(CardSection):
    """Texts of the dense and the pruned model."""

    id, title = "written", "TAB_WRITTEN"
    items = (writing.GROUP,)
