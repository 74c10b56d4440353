"""Every section of the page in its order, in groups. To add one, add its name to a group."""

import dataclasses

from components.cards.section import CardSection
from components.cards.spec import Item
from components.context import Section
from components.i18n import words
from components.sections.about import About
from components.sections.activation import Activation
from components.sections.benchmarks.section import Benchmarks
from components.sections.compare.section import Compare
from components.sections.inside.circuits import Circuits
from components.sections.inside.truth import Truth
from components.sections.labs.section import Labs
from components.sections.languages import Languages
from components.sections.methods.section import Methods
from components.sections.overview import Overview
from components.sections.reasons.section import Reasons, Written
from components.sections.small.section import Small
from components.sections.sparsity import Sparsity
from components.sections.sweeps.protect import Protect
from components.sections.sweeps.sweep import Sweep
from components.sections.sweeps.unfinished import Unfinished
from components.sections.tables import Tables
from components.sections.take.section import Take
from components.sections.weights.section import Weights


@dataclasses.dataclass(frozen=True)
class Group:
    """Sections behind one heading, that of a group of one being the section's own. title: the key of the heading."""

    id: str
    sections: tuple[type[Section], ...]
    title: str = ""

    def heading(self) -> str:
        """What stands on the group's tab."""
        return str(getattr(words, self.title)) if self.title else self.sections[0].heading()


GROUPS: tuple[Group, ...] = (
    Group("damage", (Overview, Languages, Benchmarks, Written), "GROUP_DAMAGE"),
    Group("inside", (Activation, Sparsity, Weights, Reasons, Circuits, Truth), "GROUP_INSIDE"),
    Group("runs", (Compare, Sweep, Protect, Unfinished, Tables, Take), "GROUP_RUNS"),
    Group("labs", (Labs,)),
    Group("methods", (Methods, About), "TAB_WORTH"),
    Group("small", (Small,)),
)
SECTIONS: tuple[type[Section], ...] = tuple(section for group in GROUPS for section in group.sections)


def group_of(section: str) -> str:
    """The group that a section stands in."""
    return next(group.id for group in GROUPS for one in group.sections if one.id == section)


def cards() -> tuple[Item, ...]:
    """Everything that sections of cards are made of, in the order of the page."""
    return tuple(item for section in SECTIONS if issubclass(section, CardSection) for item in section.items)
