"""Beyond perplexity: effective rank, order of the likeliest words, energy (ACBench-style)."""

from components import figures
from components.cards.spec import Card, Control, Group, Heading, Menu, of_table
from components.i18n import words
from components.i18n.names import language_name
from components.report import study_tables
from mwanda_core.store.report import RunReport


def measured(report: RunReport | None) -> Menu:
    """All languages together, then each."""
    codes = [] if report is None else [str(code) for code in dict.fromkeys(report.tables["profile_layers"]["language"])]
    return [(words.PROFILE_ALL, figures.EVERYONE), *((language_name(code), code) for code in codes)]


GROUP = Group(
    "profile",
    ("profile_layers", "profile_ranking", "profile_energy"),
    lambda: words.ABSENT.format(study=words.STUDY_TITLES["profile"]),
    (
        Heading(("PROFILE_HEADING", "PROFILE_HELP")),
        Heading(("ERANK_HEADING", "ERANK_HELP")),
        Control("profile-language", "PROFILE_LANGUAGE", measured),
        Card(
            "erank",
            "ERANK_HEADING",
            of_table("profile_layers", figures.effective_rank),
            of_table("profile_layers", study_tables.ranks),
            csv="profile_layers",
            reads=("profile-language",),
            needs=("profile_layers",),
        ),
        Heading(("TAU_HEADING", "TAU_HELP")),
        Card(
            "tau",
            "TAU_HEADING",
            of_table("profile_ranking", figures.order_kept),
            of_table("profile_ranking", study_tables.order),
            csv="profile_ranking",
            needs=("profile_ranking",),
        ),
        Heading(("ENERGY_HEADING", "ENERGY_HELP")),
        Card(
            "energy",
            "ENERGY_HEADING",
            of_table("profile_energy", figures.energy_shift),
            of_table("profile_energy", study_tables.energy),
            csv="profile_energy",
            needs=("profile_energy",),
        ),
    ),
)
