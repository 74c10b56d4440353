"""Every tab of the page in its order. To add one, add a line."""

from components.cards.section import CardSection
from components.cards.spec import Item
from components.context import Section
from components.sections.about import About
from components.sections.activation import Activation
from components.sections.compare.section import Compare
from components.sections.labs.section import Labs
from components.sections.languages import Languages
from components.sections.methods.section import Methods
from components.sections.overview import Overview
from components.sections.reasons.section import Reasons
from components.sections.small.section import Small
from components.sections.sparsity import Sparsity
from components.sections.sweeps.section import Sweeps
from components.sections.tables import Tables
from components.sections.take.section import Take
from components.sections.weights.section import Weights

SECTIONS: tuple[type[Section], ...] = (
    Overview,
    Activation,
    Sparsity,
    Weights,
    Languages,
    Reasons,
    Tables,
    Take,
    Methods,
    Compare,
    Sweeps,
    Labs,
    Small,
    About,
)


def cards() -> tuple[Item, ...]:
    """Everything that sections of cards are made of, in the order of the tabs."""
    return tuple(item for section in SECTIONS if issubclass(section, CardSection) for item in section.items)
